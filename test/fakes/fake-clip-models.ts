import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleManifests } from './example-manifests.ts';
import { parseManifest } from '../../story/models/model-manifest.ts';
import type { ClipTask } from '../../workers/sampling/clip-noise.ts';
import type { Graph, GraphTensor, GraphTensors } from '../../engine/graph.ts';

/** Channels and size of the latents of these models; small, so that a whole clip takes milliseconds. */
export const fakeLatent = { channels: 2, downscale: 2, scale: 0.5 } as const;

const denoiser = { latent: fakeLatent, context: { width: 4, tokens: 6 } };

/** Manifests of models that make clips of tiny latents. */
export const fakeManifests = {
  text: parseManifest({ ...exampleManifests.text, context: denoiser.context }),
  vae: parseManifest({ ...exampleManifests.vae, latent: fakeLatent }),
  base: parseManifest({ ...exampleManifests.base, ...denoiser }),
  transition: parseManifest({ ...exampleManifests.transition, ...denoiser }),
  subject: parseManifest({ ...exampleManifests.subject, ...denoiser, subject: { picture: 4, tokens: 2 } }),
  interp: parseManifest({ ...exampleManifests.interp, ...denoiser }),
};

/** A text package on disk with a real tokenizer: words by number, as a WordLevel model. */
export async function writeTextPackage(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'shotline-text-'));
  const vocab = Object.fromEntries(['[PAD]', '[UNK]', 'a', 'red', 'boat', 'sails'].map((word, id) => [word, id]));
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: { strategy: { Fixed: 6 }, direction: 'Right', pad_id: 0, pad_type_id: 0, pad_token: '[PAD]' },
    added_tokens: [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
  };
  await writeFile(join(dir, 'tokenizer.json'), JSON.stringify(tokenizer));
  await writeFile(join(dir, 'tokenizer_config.json'), JSON.stringify({ pad_token: '[PAD]' }));
  await writeFile(join(dir, 'model.json'), JSON.stringify(fakeManifests.text));
  return dir;
}

/** A text encoder whose context is the token id, once per column. */
export const fakeTextEncoder: Graph = {
  run: (inputs) => {
    const ids = inputs['input_ids'] as Extract<GraphTensor, { type: 'int64' }>;
    const [batch, tokens] = ids.shape as [number, number];
    const data = Float32Array.from({ length: batch * tokens * 4 }, (_, index) =>
      Number(ids.data[Math.floor(index / 4)]),
    );
    return Promise.resolve({ context: { type: 'float32', shape: [batch, tokens, 4], data } });
  },
};

/**
 * A denoiser of plain arithmetic: the prediction of a cell depends on all input channels of the cell, the timestep and the
 * context of its batch entry. It keeps its inputs.
 */
export class FakeDenoiser implements Graph {
  readonly calls: GraphTensors[] = [];

  run(inputs: GraphTensors): Promise<GraphTensors> {
    this.calls.push(structuredClone(inputs));
    const sample = inputs['sample'] as Extract<GraphTensor, { type: 'float32' }>;
    const context = inputs['context'] as Extract<GraphTensor, { type: 'float32' }>;
    const timestep = inputs['timestep'] as Extract<GraphTensor, { type: 'int64' }>;
    const [batch, channels, ...rest] = sample.shape as [number, number, ...number[]];
    const cells = rest.reduce((product, length) => product * length, 1);
    const data = new Float32Array(batch * fakeLatent.channels * cells);
    for (let entry = 0; entry < batch; entry++) {
      const width = context.data.length / batch;
      const text =
        context.data.slice(entry * width, (entry + 1) * width).reduce((sum, value) => sum + value, 0) / width;
      for (let channel = 0; channel < fakeLatent.channels; channel++) {
        for (let cell = 0; cell < cells; cell++) {
          let sum = 0;
          for (let each = 0; each < channels; each++)
            sum += sample.data[(entry * channels + each) * cells + cell]! / (1 + each);
          const target = (entry * fakeLatent.channels + channel) * cells + cell;
          data[target] = Math.sin(sum + text + channel + Number(timestep.data[entry]) / 500);
        }
      }
    }
    return Promise.resolve({ prediction: { type: 'float32', shape: [batch, fakeLatent.channels, ...rest], data } });
  }
}

/** A decoder that shows channel 0 in red, channel 1 in green, and their mean in blue, each cell as 2 x 2 pixels. */
export class FakeDecoder implements Graph {
  readonly framesPerCall: number[] = [];

  run(inputs: GraphTensors): Promise<GraphTensors> {
    const latents = inputs['latents'] as Extract<GraphTensor, { type: 'float32' }>;
    const [frames, channels, height, width] = latents.shape as [number, number, number, number];
    this.framesPerCall.push(frames);
    const data = new Float32Array(frames * 3 * height * width * 4);
    const at = (frame: number, channel: number, row: number, column: number): number =>
      latents.data[((frame * channels + channel) * height + row) * width + column]!;
    let target = 0;
    for (let frame = 0; frame < frames; frame++)
      for (let colour = 0; colour < 3; colour++)
        for (let row = 0; row < 2 * height; row++)
          for (let column = 0; column < 2 * width; column++) {
            const [y, x] = [row >> 1, column >> 1];
            const [red, green] = [at(frame, 0, y, x), at(frame, 1, y, x)];
            data[target++] = colour === 0 ? red : colour === 1 ? green : (red + green) / 2;
          }
    return Promise.resolve({ frames: { type: 'float32', shape: [frames, 3, 2 * height, 2 * width], data } });
  }
}

/** Parameters of a clip of tiny latents. */
export function clipParams(changes: Partial<ClipTask['params']> = {}): ClipTask['params'] {
  return {
    prompt: 'a red boat sails',
    negative: '',
    seed: 7,
    sampler: 'ddim',
    steps: 6,
    guidance: 3,
    rescale: 0,
    freeu: { b1: 1, b2: 1, s1: 1, s2: 1 },
    frames: 16,
    latentWidth: 3,
    latentHeight: 2,
    ...changes,
  };
}
