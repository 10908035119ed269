import { describe, expect, test } from '@jest/globals';
import { exampleManifests } from '../../test/fakes/example-manifests.ts';
import type { Questions } from '../../story/models/questions.ts';
import { patternClip } from '../../test/fakes/pattern-clip.ts';
import { float32Output, type Graph } from '../../engine/graph.ts';
import { answerQuestions } from '../answer-questions.ts';
import { ClipView } from './clip-view.ts';
import { openFinder } from './finder.ts';

type Place = readonly [x: number, y: number, width: number, height: number];
type Thing = readonly [place: Place, logits: Readonly<Record<string, number>>];

/** Frames are 80x40 pixels, so squares have sides of 80. Places are shares of it: centre, width, height. */
const size = { width: 80, height: 40 };
const left: Place = [0.25, 0.25, 0.25, 0.25];
const leftAgain: Place = [0.26, 0.25, 0.25, 0.25];
const right: Place = [0.75, 0.25, 0.25, 0.25];

/** A finder that sees the same things in every frame, by the sentences that it reads; a sentence that it does not know has −9. */
function finderOf(things: readonly Thing[], calls: number[][] = [], sentences: string[] = []) {
  const graph: Graph = {
    run(inputs) {
      const words = float32Output(inputs, 'words');
      calls.push([...float32Output(inputs, 'frames').shape]);
      const asked = Array.from(words.data, (index) => sentences[index]!);
      const rows = things.flatMap(([place, logits]) => [...place, ...asked.map((sentence) => logits[sentence] ?? -9)]);
      const shape = [1, things.length, 4 + asked.length];
      return Promise.resolve({ found: { type: 'float32', shape, data: Float32Array.from(rows) } });
    },
  };
  const read = (text: string) => Promise.resolve(Float32Array.of(sentences.push(text) - 1));
  return openFinder({ manifest: { ...exampleManifests.finder, view: { square: size.width } }, graph, read });
}

const pause = () => Promise.resolve();
const clip = new ClipView(patternClip(3, size.width, size.height));
const scoresOf = async (things: readonly Thing[], asked: Questions) => {
  const made = await answerQuestions(finderOf(things), clip, { which: [0, 1, 2], asked, pause });
  return Object.fromEntries(made.map(({ dimension, score }) => [dimension, score]));
};

const redBall = { 'a photo of a ball': 1, 'a photo of a red ball': 2, 'a photo of a blue ball': 0 };

describe('a finder', () => {
  test('gives boxes in pixels of the frame, from the certainty of its manifest on', async () => {
    const finder = finderOf([
      [left, { 'a photo of a ball': 0 }],
      [right, { 'a photo of a ball': Math.log(0.099 / 0.901) }],
    ]);
    const [[found = []] = []] = await finder.find(clip, [0], [{ names: ['ball'] }], pause);
    expect(found).toEqual([{ name: 'ball', certainty: 0.5, box: [10, 10, 30, 30] }]);
  });

  test('looks at each frame once, however much is asked, at squares of its size', async () => {
    const [calls, sentences]: [number[][], string[]] = [[], []];
    const finder = finderOf([[left, redBall]], calls, sentences);
    const found = await finder.find(clip, [2, 0, 0], [{ names: ['ball', 'cat'] }, { names: ['ball'] }], pause);
    expect(found.map((frames) => frames.length)).toEqual([3, 3]);
    expect(calls).toEqual([
      [1, 3, 80, 80],
      [1, 3, 80, 80],
    ]);
    expect(sentences).toEqual(['a photo of a ball', 'a photo of a cat']);
  });

  test('sees one thing where boxes of one name overlap, and two where the names differ', async () => {
    const boxes: Thing[] = [
      [left, { 'a photo of a ball': 1, 'a photo of a cat': 0 }],
      [leftAgain, { 'a photo of a ball': 2, 'a photo of a cat': 0 }],
      [leftAgain, { 'a photo of a ball': 0, 'a photo of a cat': 1 }],
    ];
    const names = ['ball', 'cat'];
    const [[apart = []] = [], [alike = []] = []] = await finderOf(boxes).find(
      clip,
      [0],
      [{ names }, { names, exclusive: true }],
      pause,
    );
    expect(apart.map(({ name }) => name)).toEqual(['ball', 'cat']);
    expect(apart[0]!.certainty).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    expect(alike.map(({ name }) => name)).toEqual(['ball']);
  });

  test('takes boxes for one thing from the overlap of its manifest on', async () => {
    const { overlap } = exampleManifests.finder.find;
    const ballAt = (x: number, logit: number): Thing => [[x, 0.25, 0.25, 0.25], { 'a photo of a ball': logit }];
    const numFound = async (x: number): Promise<number> => {
      const finder = finderOf([ballAt(0.25, 1), ballAt(x, 0)]);
      const [[found = []] = []] = await finder.find(clip, [0], [{ names: ['ball'] }], pause);
      return found.length;
    };
    // Boxes of width w that lie d apart share (w - d) / (w + d) of their union.
    const apartAt = (share: number): number => 0.25 + (0.25 * (1 - share)) / (1 + share);
    expect(await numFound(apartAt(overlap + 0.02))).toBe(1);
    expect(await numFound(apartAt(overlap - 0.02))).toBe(2);
  });
});

describe('what a finder is asked', () => {
  test('is whether objects are there', async () => {
    const asked = { object_class: 'ball', multiple_objects: 'ball and cat' };
    expect(await scoresOf([[left, redBall]], asked)).toEqual({
      object_class: { score: 1, weight: 3 },
      multiple_objects: { score: 0, weight: 3 },
    });
    const both: Thing[] = [
      [left, redBall],
      [right, { 'a photo of a cat': 1 }],
    ];
    expect(await scoresOf(both, asked)).toMatchObject({ multiple_objects: { score: 1 } });
    expect(await scoresOf([], asked)).toMatchObject({ object_class: { score: 0 } });
  });

  test('is the colour that fits a thing best, of all that count', async () => {
    const ask = (color: string) => scoresOf([[left, redBall]], { color: { object: 'ball', color } });
    expect(await ask('red')).toEqual({ color: { score: 1, weight: 1 } });
    expect(await ask('blue')).toEqual({ color: { score: 0, weight: 1 } });
    const greyBall: Thing = [left, { 'a photo of a gray ball': 3, 'a photo of a grey ball': 2 }];
    for (const grey of ['gray', 'grey']) {
      const asked = { color: { object: 'ball', color: grey } };
      expect(await scoresOf([greyBall], asked)).toEqual({ color: { score: 1, weight: 1 } });
    }
    expect(await scoresOf([], { color: { object: 'ball', color: 'red' } })).toEqual({ color: null });
  });

  test('is one colour of each thing, though its boxes fit several', async () => {
    const things: Thing[] = [
      [left, { 'a photo of a red ball': 2 }],
      [leftAgain, { 'a photo of a blue ball': 1 }],
    ];
    const ask = (color: string) => scoresOf(things, { color: { object: 'ball', color } });
    expect(await ask('red')).toEqual({ color: { score: 1, weight: 1 } });
    expect(await ask('blue')).toEqual({ color: { score: 0, weight: 1 } });
  });

  test('is where things lie', async () => {
    const two: Thing[] = [
      [left, redBall],
      [right, { 'a photo of a cat': 1 }],
    ];
    const relation = { objectA: 'ball', objectB: 'cat', relationship: 'on the right of' };
    const ask = (spatial_relationship: NonNullable<Questions['spatial_relationship']>) =>
      scoresOf(two, { spatial_relationship });
    expect(await ask(relation)).toEqual({ spatial_relationship: { score: 1, weight: 3 } });
    expect(await ask({ ...relation, relationship: 'on the top of' })).toMatchObject({
      spatial_relationship: { score: 0 },
    });
    expect(await ask({ ...relation, sides: true })).toMatchObject({ spatial_relationship: { score: 0 } });
    const ofPicture = { ...relation, objectB: 'picture', relationship: 'on the left of', sides: true };
    expect(await ask(ofPicture)).toMatchObject({ spatial_relationship: { score: 1 } });
  });

  test('is not where the picture is: no thing has that name', async () => {
    const framed: Thing = [left, { 'a photo of a ball': 1, 'a photo of a picture': 3 }];
    const relation = { objectA: 'ball', objectB: 'picture', relationship: 'on the left of', sides: true };
    expect(await scoresOf([framed], { spatial_relationship: relation })).toEqual({
      spatial_relationship: { score: 1, weight: 3 },
    });
  });

  test('nothing, it does not look', async () => {
    const calls: number[][] = [];
    const finder = finderOf([[left, redBall]], calls);
    expect(await answerQuestions(finder, clip, { which: [0], asked: { appearance_style: 'sketch' }, pause })).toEqual(
      [],
    );
    expect(calls).toEqual([]);
  });
});
