import { expect, test } from '@jest/globals';
import type { ListedObject } from '../object-store.ts';
import { namedKeys } from './named-keys.ts';
import { thingOf } from './stored-thing.ts';
import { type Marks, type SweepPolicy, judgeThings, sweepRows, usualPolicy } from './sweep-plan.ts';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-06-01');
const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
const none: Marks = { needed: new Set(), ofFilms: new Set() };
const object = (key: string, days: number, bytes = 10): ListedObject => ({
  key,
  bytes,
  etag: '"1"',
  modifiedMs: nowMs - days * dayMs,
});
const fate = (key: string, days: number, marks = none, policy: SweepPolicy = usualPolicy) =>
  judgeThings([object(key, days)], marks, policy, nowMs)[0]?.fate;

test.each([
  ['cheap', `artifacts/sound/${a}.mp4`, 1],
  ['dear', `artifacts/base/${a}.safetensors`, 7],
  ['irreplaceable', `artifacts/upload/${a}.safetensors`, 30],
  ['half-made', `scratch/checkpoints/${a}/000004.safetensors`, 1],
])('what is %s and nobody names goes when its time is over', (_, key, days) => {
  expect(fate(key, days - 0.1)).toBe('young');
  expect(fate(key, days + 0.1)).toBe('unnamed');
});

test('what a running story, a pin or a campaign names stays, whatever its age and whatever films say', () => {
  const marks = { needed: new Set([a]), ofFilms: new Set([a]) };
  const all = { ...usualPolicy, framesMs: 0 };
  expect(fate(`artifacts/interp/${a}.safetensors`, 900, marks, all)).toBe('needed');
  expect(fate(`scratch/checkpoints/${a}/000004.safetensors`, 900, marks, all)).toBe('needed');
});

test('of what only films name, raw frames go when that is asked for, and nothing else does', () => {
  const marks = { needed: new Set<string>(), ofFilms: new Set([a]) };
  const after30 = { ...usualPolicy, framesMs: 30 * dayMs };
  expect(fate(`artifacts/interp/${a}.safetensors`, 900, marks)).toBe('needed');
  expect(fate(`artifacts/interp/${a}.safetensors`, 31, marks, after30)).toBe('frames');
  expect(fate(`artifacts/interp/${a}.safetensors`, 29, marks, after30)).toBe('needed');
  for (const kept of ['base', 'segment', 'film', 'upload'])
    expect(fate(`artifacts/${kept}/${a}.mp4`, 900, marks, after30)).toBe('needed');
  // What a kill left of a task that was done by another worker since.
  expect(fate(`scratch/checkpoints/${a}/000004.safetensors`, 2, marks)).toBe('unnamed');
});

test('nothing since a moment goes, when something was begun then whose needs are not known', () => {
  const policy = { ...usualPolicy, notSinceMs: nowMs - 20 * dayMs };
  expect(fate(`artifacts/base/${a}.safetensors`, 19, none, policy)).toBe('young');
  expect(fate(`artifacts/base/${a}.safetensors`, 21, none, policy)).toBe('unnamed');
});

test('the posters that a server drew stay as long as what they show', () => {
  const poster = `previews/v1/${a}.jpg`;
  expect(thingOf(poster)).toEqual({ kind: 'poster', key: a });
  expect(fate(poster, 2, { needed: new Set([a]), ofFilms: new Set() })).toBe('needed');
  expect(fate(poster, 2, none)).toBe('unnamed');
});

test('films, packages, campaigns, pins and strange names are nobody’s garbage', () => {
  for (const key of [
    'films/a-123/a.mp4',
    `packages/${a}/base.onnx`,
    'campaigns/c/campaign.json',
    'pins/story-a.json',
    'scratch/probe-1',
    `artifacts/base/${a}.safetensors/b`,
    `artifacts/other/${a}.bin`,
    'artifacts/base/short.safetensors',
  ])
    expect(thingOf(key)).toBeNull();
});

test('the numbers by kind add up', () => {
  const things = judgeThings(
    [
      object(`artifacts/base/${a}.safetensors`, 8, 100),
      object(`artifacts/base/${b}.safetensors`, 8, 50),
      object(`artifacts/film/${b}.mp4`, 0, 7),
    ],
    { ...none, ofFilms: new Set([b]) },
    usualPolicy,
    nowMs,
  );
  expect(sweepRows(things)).toEqual([
    { kind: 'base', objects: 2, bytes: 150, needed: 50, young: 0, goingObjects: 1, going: 100 },
    { kind: 'film', objects: 1, bytes: 7, needed: 7, young: 0, goingObjects: 0, going: 0 },
  ]);
});

test('keys are found wherever they stand, and longer or shorter runs of hex are none', () => {
  const text = JSON.stringify({ tasks: [{ key: a, inputs: [b], note: `${a}0`, short: 'c'.repeat(63) }] });
  expect([...namedKeys(text)].sort()).toEqual([a, b]);
});
