import type { ModelManifest } from '../../story/models/model-manifest.ts';

type Port = ModelManifest['graphs'][string]['inputs'][number];

const sha256 = 'a'.repeat(64);
const port = (name: string, type: Port['type'] = 'float32'): Port => ({ name, type, shape: ['B', 3] });
const common = (name: string, files: readonly string[]) => ({
  format: 1 as const,
  name: `example-${name}`,
  version: '1',
  licence: 'Apache-2.0',
  source: 'made for tests',
  files: files.map((path) => ({ path, bytes: 10, sha256 })),
});

const latent = { channels: 16, downscale: 16, scale: 0.5 };
const context = { width: 64, tokens: 32 };

const denoiser = (name: string, frames: number) => ({
  ...common(name, ['denoiser.onnx']),
  graphs: {
    denoiser: {
      file: 'denoiser.onnx',
      inputs: [
        port('sample'),
        port('timestep', 'int64'),
        port('context'),
        port('freeu'),
        port('windows', 'int64'),
        port('window_weights'),
      ],
      outputs: [port('prediction')],
    },
  },
  prediction: 'v' as const,
  schedule: { kind: 'cosine' as const, shift: 2, trainSteps: 1000 },
  latent,
  native: { width: 256, height: 144, frames },
  context,
  sampler: { kind: 'ddim' as const, steps: 25, guidance: 3, spacing: 'trailing' as const },
});

function subject() {
  const { graphs, ...rest } = denoiser('subject', 16);
  const { inputs } = graphs.denoiser;
  return {
    ...rest,
    role: 'subject' as const,
    files: [...rest.files, { path: 'vision.onnx', bytes: 10, sha256 }],
    graphs: {
      vision: { file: 'vision.onnx', inputs: [port('picture'), port('word')], outputs: [port('tokens')] },
      denoiser: { ...graphs.denoiser, inputs: [...inputs, port('exemplar'), port('has_exemplar')] },
    },
    subject: { picture: 96, tokens: 4 },
  };
}

const square = { shorter: 224, filter: 'bicubic' as const, square: true };

/** A model that looks at frames of any film. */
const perceptionModel = (name: string, graph: string, inputs: readonly string[], output: string) => ({
  ...common(name, [`${graph}.onnx`]),
  graphs: {
    [graph]: { file: `${graph}.onnx`, inputs: inputs.map((input) => port(input)), outputs: [port(output)] },
  },
});

/** The same with a text tower beside it. */
const readsWords = <Looks extends ReturnType<typeof perceptionModel>>(looks: Looks) => ({
  ...looks,
  files: [...looks.files, ...common('words', ['words.onnx', 'tokenizer.json']).files],
  graphs: {
    ...looks.graphs,
    words: { file: 'words.onnx', inputs: [port('input_ids', 'int64')], outputs: [port('features')] },
  },
  context: { width: 512, tokens: 77 },
});

const enhancer = {
  ...denoiser('enhance', 9),
  files: [{ path: 'enhancer.onnx', bytes: 10, sha256 }],
  graphs: {
    enhancer: {
      file: 'enhancer.onnx',
      inputs: [
        port('sample'),
        port('timestep', 'int64'),
        port('context'),
        port('hint'),
        port('keys', 'int64'),
        port('hint_timestep', 'int64'),
        port('scale'),
        port('picture', 'int64'),
      ],
      outputs: [port('prediction')],
    },
  },
};

/** A manifest of each role that fit together as a model set, for tests. Their files do not exist. */
export const exampleManifests = {
  text: {
    ...common('text', ['encoder.onnx', 'tokenizer.json', 'vocabulary.json']),
    role: 'text',
    graphs: {
      encoder: { file: 'encoder.onnx', inputs: [port('input_ids', 'int64')], outputs: [port('context')] },
    },
    context,
  },
  vae: {
    ...common('vae', ['encoder.onnx', 'decoder.onnx']),
    role: 'vae',
    graphs: {
      encoder: { file: 'encoder.onnx', inputs: [port('frames')], outputs: [port('latents')] },
      decoder: { file: 'decoder.onnx', inputs: [port('latents')], outputs: [port('frames')] },
    },
    latent,
  },
  base: { ...denoiser('base', 16), role: 'base', freeu: { b1: 1.1, b2: 1.2, s1: 0.9, s2: 0.8 } },
  subject: subject(),
  interp: { ...denoiser('interp', 61), role: 'interp' },
  transition: { ...denoiser('transition', 16), role: 'transition' },
  enhance: {
    ...enhancer,
    role: 'enhance',
    enhance: { start: 899, hintNoise: 200, list: 'fast', maxScale: 8, maxTime: 8 },
  },
  upscale: {
    ...common('upscale', ['upscaler.onnx']),
    role: 'upscale',
    graphs: {
      upscaler: {
        file: 'upscaler.onnx',
        inputs: [port('frames'), port('size', 'int64')],
        outputs: [port('y', 'uint8'), port('u', 'uint8'), port('v', 'uint8')],
      },
    },
  },
  probe: {
    ...common('probe', ['probe.onnx']),
    role: 'probe',
    graphs: { probe: { file: 'probe.onnx', inputs: [port('frames')], outputs: [port('object')] } },
    attributes: { object: ['ball', 'boat'] },
  },
  detector: {
    ...common('detector', ['detector.onnx']),
    role: 'detector',
    graphs: {
      detector: {
        file: 'detector.onnx',
        inputs: [port('frames')],
        outputs: ['presence', 'object', 'colour', 'box', 'place', 'sky', 'subject', 'background'].map((name) =>
          port(name),
        ),
      },
    },
    attributes: { object: ['ball', 'boat'], colour: ['red', 'blue'], place: ['sea'], sky: ['day', 'night'] },
    accuracy: { object: 0.95 },
  },
  voice: {
    ...common('voice', ['NOTICE.md']),
    graphs: {},
    role: 'voice',
    voice: { program: 'espeak-ng', voice: 'en-gb' },
  },
  features: {
    ...perceptionModel('features', 'features', ['frames'], 'features'),
    role: 'features',
    leaderboard: 'DINO ViT-B/16',
    view: { shorter: 224, filter: 'bilinear' },
  },
  'image-text': readsWords({
    ...perceptionModel('image-text', 'image', ['frames'], 'features'),
    role: 'image-text',
    view: square,
  }),
  aesthetic: { ...perceptionModel('aesthetic', 'aesthetic', ['frames'], 'scores'), role: 'aesthetic', view: square },
  imaging: {
    ...perceptionModel('imaging', 'imaging', ['frames', 'small', 'large'], 'scores'),
    role: 'imaging',
    view: { small: 224, large: 384, patch: 32 },
  },
  finder: {
    ...readsWords(perceptionModel('finder', 'finder', ['frames', 'words'], 'found')),
    role: 'finder',
    context: { width: 512, tokens: 16 },
    view: { square: 960 },
    find: { prompt: 'a photo of a {}', certainty: 0.1, overlap: 0.3 },
  },
  flow: { ...perceptionModel('flow', 'flow', ['before', 'after'], 'flow'), role: 'flow', view: { multiple: 8 } },
} as const satisfies Record<ModelManifest['role'], unknown>;
