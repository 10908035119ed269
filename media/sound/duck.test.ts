import { expect, test } from '@jest/globals';
import { duckBlock, duckCurve, isHeard } from './duck.ts';

const heardIn = (blocks: number, ...runs: readonly (readonly [from: number, to: number])[]): Uint8Array => {
  const heard = new Uint8Array(blocks);
  for (const [from, to] of runs) heard.fill(1, from, to);
  return heard;
};
const decibels = (curve: Float32Array, block: number): number => 20 * Math.log10(curve[block]!);

test('nothing goes down where nobody speaks', () => {
  expect([...duckCurve(heardIn(200), 12)].every((gain) => gain === 1)).toBe(true);
});

test('other sounds are down by 12 dB from the first word to the last, on a way of 0.3 s there and 0.7 s back', () => {
  const curve = duckCurve(heardIn(500, [200, 300]), 12);
  for (const block of [200, 250, 299]) expect(decibels(curve, block)).toBeCloseTo(-12, 4);
  for (const block of [169, 370]) expect(decibels(curve, block)).toBeCloseTo(0, 4);
  expect(decibels(curve, 185)).toBeCloseTo(-6, 4);
  expect(decibels(curve, 334)).toBeCloseTo(-6, 4);
  for (let block = 171; block <= 200; block++) expect(curve[block]!).toBeLessThanOrEqual(curve[block - 1]!);
  for (let block = 300; block <= 370; block++) expect(curve[block]!).toBeGreaterThanOrEqual(curve[block - 1]!);
});

test('they stay down while a speaker takes breath, and come back when the pause is long', () => {
  const breath = duckCurve(heardIn(600, [100, 200], [290, 400]), 12);
  expect(decibels(breath, 245)).toBeCloseTo(-12, 4);
  const long = duckCurve(heardIn(800, [100, 200], [400, 500]), 12);
  expect(decibels(long, 300)).toBeCloseTo(0, 4);
});

test('a block is heard from -50 dBFS on', () => {
  const tone = (level: number): Float32Array =>
    Float32Array.from({ length: 2 * duckBlock }, (_, at) => level * Math.sqrt(2) * Math.sin((at >> 1) * 0.1));
  expect([isHeard(tone(10 ** (-49 / 20))), isHeard(tone(10 ** (-51 / 20))), isHeard(new Float32Array(0))]).toEqual([
    true,
    false,
    false,
  ]);
});
