import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeOnnx, type OnnxGraph, type OnnxValue } from '../../cli/models/onnx-model.ts';

/** Samples that the test voice makes of one phoneme, at `length` 1. */
export const samplesPerId = 128;

/** Samples per second of the test voice. */
export const voiceRate = 16_000;

const letters = Array.from("_^$ !'(),-.:;?abcdefghijklmnopqrstuvwxyzæçðøħŋœɐɑɒɔəɚɛɜɡɪɫɹɾʃʊʌʒˈˌːθ");

/** What lies beside a voice, as Piper's exporter writes it. */
export const voiceJson = {
  audio: { sample_rate: voiceRate, quality: 'x_low' },
  espeak: { voice: 'en-gb' },
  inference: { noise_scale: 0.667, length_scale: 1, noise_w: 0.8 },
  phoneme_type: 'espeak',
  phoneme_id_map: Object.fromEntries(letters.map((letter, index) => [letter, [index]])),
  num_symbols: letters.length,
  num_speakers: 1,
  speaker_id_map: {},
  piper_version: '1.0.0',
};

/** What differs from a voice of Piper. */
export interface VoiceChanges {
  readonly inputs?: readonly OnnxValue[];
  readonly speakers?: number;
}

/**
 * A voice with the signature of Piper's and weights at random: each phoneme is a tone with noise, as long as `scales` says, and each speaker has
 * another one. It says nothing, and is as deterministic as a voice of Piper: its noise has no seed.
 */
export function randomVoice({ inputs, speakers = 1 }: VoiceChanges = {}): Uint8Array {
  const tones = Float32Array.from({ length: letters.length * samplesPerId }, (_, at) => {
    const [letter, sample] = [Math.floor(at / samplesPerId), at % samplesPerId];
    return letter === 0 ? 0 : 0.5 * Math.sin((2 * Math.PI * sample * (3 + letter)) / samplesPerId);
  });
  const whole = (name: string, ...numbers: number[]) => ({
    name,
    dims: [numbers.length],
    data: BigInt64Array.from(numbers, BigInt),
  });
  const graph: OnnxGraph = {
    name: 'voice',
    inputs: inputs ?? [
      { name: 'input', type: 'int64', shape: ['batch_size', 'phonemes'] },
      { name: 'input_lengths', type: 'int64', shape: ['batch_size'] },
      { name: 'scales', type: 'float32', shape: [3] },
      ...(speakers > 1 ? [{ name: 'sid', type: 'int64', shape: [1] } as const] : []),
    ],
    outputs: [{ name: 'output', type: 'float32', shape: ['batch_size', 1, 1, 'time'] }],
    tensors: [
      { name: 'tones', dims: [letters.length, samplesPerId], data: tones },
      whole('flat', 1, 1, 1, -1),
      whole('first', 0),
      whole('second', 1),
      whole('axis', 0),
      { name: 'four', dims: [1], data: Float32Array.of(4) },
      { name: 'hundredth', dims: [1], data: Float32Array.of(0.01) },
      ...(speakers > 1 ? [{ name: 'gain', dims: [1], data: Float32Array.of(0.4) }] : []),
    ],
    nodes: [
      { op: 'Gather', inputs: ['tones', 'input'], outputs: ['gathered'] },
      // Four times as often at length 1, so that half and twice the length are whole numbers.
      { op: 'Gather', inputs: ['scales', 'second'], outputs: ['length'] },
      { op: 'Mul', inputs: ['length', 'four'], outputs: ['times'] },
      { op: 'Cast', inputs: ['times'], outputs: ['repeats'], attributes: { to: 7n } },
      { op: 'Concat', inputs: ['one', 'one', 'repeats'], outputs: ['tiles'], attributes: { axis: 0n } },
      { op: 'Tile', inputs: ['gathered', 'tiles'], outputs: ['tiled'] },
      { op: 'RandomNormalLike', inputs: ['tiled'], outputs: ['drawn'] },
      { op: 'Mul', inputs: ['drawn', 'hundredth'], outputs: ['noise'] },
      { op: 'Add', inputs: ['tiled', 'noise'], outputs: ['noisy'] },
      ...(speakers > 1
        ? [
            { op: 'Cast', inputs: ['sid'], outputs: ['who'], attributes: { to: 1n } },
            { op: 'Mul', inputs: ['who', 'gain'], outputs: ['bent'] },
            { op: 'Sin', inputs: ['noisy'], outputs: ['wave'] },
            { op: 'Mul', inputs: ['wave', 'bent'], outputs: ['other'] },
            { op: 'Add', inputs: ['noisy', 'other'], outputs: ['spoken'] },
          ]
        : [{ op: 'Identity', inputs: ['noisy'], outputs: ['spoken'] }]),
      { op: 'Reshape', inputs: ['spoken', 'flat'], outputs: ['output'] },
    ],
  };
  return encodeOnnx({ ...graph, tensors: [...graph.tensors, whole('one', 1)] });
}

/** Writes a voice and its JSON to a folder and returns the `.onnx` file. */
export async function writePiperVoice(
  folder: string,
  { json = voiceJson, ...changes }: VoiceChanges & { readonly json?: unknown } = {},
): Promise<string> {
  const file = join(folder, 'en_GB-random-low.onnx');
  await writeFile(file, randomVoice(changes));
  if (json !== null) await writeFile(`${file}.json`, typeof json === 'string' ? json : JSON.stringify(json));
  return file;
}
