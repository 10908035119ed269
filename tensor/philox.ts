/**
 * Counter-based random numbers: every number is a pure function of (seed, stream, step, position), so a run that resumes
 * in the middle draws the same noise as one that never stopped, on any machine and in any order.
 *
 * Generator: Philox4x32-10. J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011,
 * doi:10.1145/2063384.2063405. Known answers: DEShawResearch/random123 @9545ff6, tests/kat_vectors.
 * Normals: G. Box, M. Muller, "A Note on the Generation of Random Normal Deviates", 1958.
 *
 * Layout of the 192 bits (ours):
 *
 *   key      = [seed low, seed high]
 *   counter  = [block, step, stream low, stream high]     block b gives the normals 4b … 4b+3
 *
 * Where we differ: torch draws its CPU noise from a Mersenne Twister, so a torch seed does not give the same clip here.
 * All arithmetic is float64 and is rounded once, to float32, at the end.
 */
import { PipelineError } from '../errors/pipeline-error.ts';

/** Which sequence of random numbers to draw. */
export interface PhiloxStream {
  /** Non-negative safe integer. */
  readonly seed: number;
  /** Name of the use, such as the stage; it is hashed. Two names give independent sequences. */
  readonly stream: string;
  /** Non-negative 32-bit integer: the draw within the stream, such as the denoising step. */
  readonly step: number;
}

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const numRounds = 10;
const two32 = 2 ** 32;
// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { cos, floor, imul, log, PI, sin, sqrt } = Math;

/** High 32 bits of the product of two unsigned 32-bit numbers, from 16-bit halves: JavaScript has no 64-bit product. */
function multiplyHigh(left: number, right: number): number {
  const leftLow = left & 0xffff;
  const leftHigh = left >>> 16;
  const rightLow = right & 0xffff;
  const rightHigh = right >>> 16;
  // Each sum stays under 2^33, far inside the exact range of a double.
  const middle = leftHigh * rightLow + floor((leftLow * rightLow) / 0x10000);
  const carry = leftLow * rightHigh + (middle % 0x10000);
  return (leftHigh * rightHigh + floor(middle / 0x10000) + floor(carry / 0x10000)) >>> 0;
}

/**
 * One Philox4x32-10 block: encrypts `counter` (4 words) under `key` (2 words) into `output` (4 words). Words are unsigned
 * 32 bits. `output` may be `counter` itself.
 */
export function philox4x32(counter: Uint32Array, key: Uint32Array, output: Uint32Array): void {
  let x0 = counter[0]!;
  let x1 = counter[1]!;
  let x2 = counter[2]!;
  let x3 = counter[3]!;
  let key0 = key[0]!;
  let key1 = key[1]!;
  for (let round = 0; round < numRounds; round++) {
    const high0 = multiplyHigh(multiplier0, x0);
    const low0 = imul(multiplier0, x0) >>> 0;
    const high1 = multiplyHigh(multiplier1, x2);
    const low1 = imul(multiplier1, x2) >>> 0;
    x0 = (high1 ^ x1 ^ key0) >>> 0;
    x1 = low1;
    x2 = (high0 ^ x3 ^ key1) >>> 0;
    x3 = low0;
    key0 = (key0 + weyl0) >>> 0;
    key1 = (key1 + weyl1) >>> 0;
  }
  output[0] = x0;
  output[1] = x1;
  output[2] = x2;
  output[3] = x3;
}

/** FNV-1a, 64 bits, of the UTF-8 bytes of a stream name; returned as [low, high] words. */
export function streamWords(stream: string): readonly [low: number, high: number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(stream)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return [Number(hash & 0xffffffffn), Number(hash >> 32n)];
}

/**
 * Draws `count` standard normals of a stream. The first numbers do not depend on `count`. The largest magnitude possible
 * is 6.77, for a uniform has 32 bits.
 *
 * @throws PipelineError `INTERNAL` when seed or step is out of range.
 *
 * @example
 * ```ts
 * import { philoxNormal } from './philox.ts';
 *
 * const noise = philoxNormal({ seed: 7, stream: 'base', step: 0 }, 16 * 9);
 * // The same three say the same numbers, in any process and at any time.
 * ```
 */
export function philoxNormal({ seed, stream, step }: PhiloxStream, count: number): Float32Array {
  requireInteger('seed', seed, Number.MAX_SAFE_INTEGER);
  requireInteger('step', step, two32 - 1);
  requireInteger('count', count, two32);
  const [streamLow, streamHigh] = streamWords(stream);
  const key = Uint32Array.of(seed % two32, floor(seed / two32));
  const counter = Uint32Array.of(0, step, streamLow, streamHigh);
  const words = new Uint32Array(4);
  const normals = new Float32Array(count);
  for (let position = 0; position < count; position += 4) {
    counter[0] = position / 4;
    philox4x32(counter, key, words);
    // Writes past the end of a typed array are dropped, so the last block needs no case of its own.
    for (let pair = 0; pair < 4; pair += 2) {
      // Half a unit is added so that the logarithm never sees 0.
      const radius = sqrt(-2 * log((words[pair]! + 0.5) / two32));
      const angle = 2 * PI * ((words[pair + 1]! + 0.5) / two32);
      normals[position + pair] = radius * cos(angle);
      normals[position + pair + 1] = radius * sin(angle);
    }
  }
  return normals;
}

function requireInteger(name: string, value: number, largest: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > largest) {
    throw new PipelineError('INTERNAL', `random ${name} is ${value}; it must be a whole number from 0 to ${largest}`);
  }
}
