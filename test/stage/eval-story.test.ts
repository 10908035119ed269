import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scoreVideo } from '../../eval/score-video.ts';
import type { PerceptionSet } from '../../eval/perception/roles.ts';
import { scoreStory, type StoryRun } from '../../eval/across/score-story.ts';
import { parseStoryRuns } from '../../eval/across/story-runs.ts';
import { frameConsistency } from '../../eval/formulas/frame-consistency.ts';
import { mappingTables } from '../../eval/long/mapping-tables.ts';
import { slowFastConsistency } from '../../eval/long/slow-fast.ts';
import { ClipView } from '../../eval/perception/clip-view.ts';
import { classicalSet } from '../../eval/perception/classical-set.ts';
import { planarFrames } from '../../eval/perception/planar-frames.ts';
import { frameToYuv } from '../../media/frames-to-yuv.ts';
import type { RgbPicture } from '../../media/picture.ts';
import { openFrameReader } from '../../media/read-frames.ts';
import { openSegmentEncoder } from '../../media/segment-encoder.ts';

/** Films of what the pocket models made: a boat that sails, and a house that stands. */
let folder: string;
let boat: RgbPicture[];
let house: RgbPicture[];

async function readAll(name: string): Promise<RgbPicture[]> {
  const reader = await openFrameReader(join(import.meta.dirname, '../../eval/fixtures', `${name}.mp4`), {
    maxWidth: 256,
  });
  try {
    const pictures: RgbPicture[] = [];
    for await (const picture of reader.frames()) pictures.push({ ...picture, data: picture.data.slice() });
    return pictures;
  } finally {
    await reader.close();
  }
}

async function filmOf(name: string, pictures: readonly RgbPicture[]): Promise<string> {
  const file = join(folder, `${name}.mp4`);
  const { width, height } = pictures[0]!;
  const encoder = await openSegmentEncoder({ file, width, height, fps: 24 });
  for (const picture of pictures) await encoder.write(frameToYuv(planarFrames([picture]).data, width, height));
  await encoder.close();
  return file;
}

const run = (
  item: string,
  kind: StoryRun['kind'],
  firstFrame: number,
  numFrames: number,
  subject?: string,
): StoryRun => ({
  item,
  kind,
  firstFrame,
  numFrames,
  ...(subject === undefined ? {} : { subject }),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotline-story-'));
  [boat, house] = [await readAll('boat'), await readAll('house')];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('scoreStory', () => {
  test('sees a dissolve, and no cut', async () => {
    const [from, to] = [boat.at(-1)!, house[0]!];
    const mixed = Array.from({ length: 14 }, (_, index) => {
      const share = (index + 1) / 15;
      return { ...from, data: from.data.map((byte, at) => Math.round((1 - share) * byte + share * to.data[at]!)) };
    });
    const file = await filmOf('dissolve', [...boat, ...mixed, ...house]);
    const runs = [run('boat', 'shot', 0, 16), run('boat+house', 'join', 16, 14), run('house', 'shot', 30, 16)];
    const { joins, pacing, subjects, frames } = await scoreStory(file, runs, classicalSet);
    expect(frames).toBe(46);
    expect(joins).toHaveLength(1);
    expect(joins[0]!.faults!.dissolve).toBeGreaterThan(0.8);
    expect(joins[0]!.faults!.flash).toBeLessThan(0.03);
    expect(pacing).toMatchObject({ shots: 2, cuts: [], unsaid: [] });
    expect(subjects).toEqual([]);
  }, 60_000);

  test('sees a cut where the script has one, a flash in a join, and a subject that is another thing', async () => {
    const white = { ...boat[0]!, data: boat[0]!.data.map((byte) => Math.min(255, byte + 130)) };
    const flashing = [...boat.slice(4, 10), white, ...boat.slice(11)];
    const film = [...boat, ...house, ...boat, ...flashing.slice(0, 12), ...boat.slice(4)];
    const file = await filmOf('cut', film);
    const runs = [
      run('one', 'shot', 0, 16, 'hero'),
      run('two', 'shot', 16, 16, 'other'),
      run('three', 'shot', 32, 16, 'hero'),
      run('three+four', 'join', 48, 12),
      run('four', 'shot', 60, 12, 'other'),
    ];
    const scores = await scoreStory(file, runs, classicalSet);
    expect(scores.pacing.cuts).toEqual([16, 32]);
    expect(scores.pacing.unseen).toEqual([]);
    expect(scores.joins[0]!.faults!.flash).toBeGreaterThan(0.2);
    const score = (name: string): number => scores.subjects.find(({ subject }) => subject === name)!.score;
    expect(score('hero')).toBeGreaterThan(0.99); // the same boat twice
    expect(score('other')).toBeLessThan(score('hero') - 0.02); // a house, then a boat
    expect(scores.style!.score).toBeLessThan(0.999);
    expect(scores.style!.model).toBe(classicalSet.background!.model);
  }, 60_000);

  test('as VBench-Long, a film is cut at its scenes and scored between its clips too', async () => {
    const file = await filmOf('long', [...boat, ...house, ...boat, ...house, ...boat, ...house]);
    const models: PerceptionSet = { name: 'edges', maxWidth: 256, subject: classicalSet.subject! };
    const [plain, long] = [await scoreVideo(file, { models }), await scoreVideo(file, { models, long: true })];
    expect(long.clips).toBe(6); // each scene is shorter than a clip
    const subject = ({ dimensions }: typeof long) =>
      dimensions.find((each) => each.dimension === 'subject_consistency')!;
    expect(subject(long).model).toBe(`${classicalSet.subject!.model}, slow-fast`);
    const scene = async (name: string, pictures: readonly RgbPicture[]) =>
      subject(await scoreVideo(await filmOf(name, pictures), { models })).score!;
    const within = ((await scene('boat', boat)) + (await scene('house', house))) / 2;
    const firsts = new ClipView(planarFrames([0, 1, 2, 3, 4, 5].map((at) => (at % 2 === 0 ? boat : house)[0]!)));
    const between = frameConsistency(await classicalSet.subject!.describe(firsts, () => Promise.resolve()))!.score;
    const mixed = slowFastConsistency(within, between, mappingTables.subject_consistency);
    expect(subject(long).score).toBeCloseTo(mixed, 2);
    expect(Math.abs(mixed - within)).toBeGreaterThan(0.005);
    expect(subject(long).score).not.toBeCloseTo(subject(plain).score!, 3);
  }, 60_000);

  test('reads the runs of a film off its manifest', async () => {
    const manifest = {
      timeline: [
        { item: 'shot a', kind: 'shot', firstFrame: 0, numFrames: 40 },
        { item: 'shot b', kind: 'shot', firstFrame: 40, numFrames: 40 },
      ],
      script: {
        subjects: [{ name: 'hero' }],
        shots: [
          { id: 'a', prompt: 'a {hero} sails', join: null },
          { id: 'b', prompt: 'on it goes', join: { kind: 'continue', known: 4 } },
        ],
      },
    };
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    const runs = parseStoryRuns(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
    expect(runs).toEqual([
      { item: 'shot a', kind: 'shot', firstFrame: 0, numFrames: 40, subject: 'hero' },
      { item: 'shot b', kind: 'shot', firstFrame: 40, numFrames: 40, continues: true },
    ]);
    expect(parseStoryRuns({ timeline: [] })).toBeNull();
    expect(parseStoryRuns([])).toBeNull();
  });
});
