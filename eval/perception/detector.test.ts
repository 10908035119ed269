import { describe, expect, test } from '@jest/globals';
import type { RgbFrames } from '../../media/frame-file.ts';
import { exampleManifests } from '../../test/fakes/example-manifests.ts';
import { parseManifest } from '../../story/models/model-manifest.ts';
import type { Graph, GraphTensor, GraphTensors } from '../../engine/graph.ts';
import { cosineSimilarity } from '../formulas/cosine.ts';
import { sideOf } from '../formulas/side-of.ts';
import { conceptFeatures } from './concepts.ts';
import { ClipView } from './clip-view.ts';
import { type DetectorManifest, openDetector } from './detector.ts';

const manifest = {
  ...(parseManifest(exampleManifests.detector) as DetectorManifest),
  native: { width: 64, height: 48, frames: 1 },
};
const frames: RgbFrames = { count: 2, width: 128, height: 96, data: new Uint8Array(2 * 3 * 128 * 96).fill(255) };

interface Spot {
  readonly row: number;
  readonly column: number;
  readonly presence: number;
  readonly object: 0 | 1;
  readonly colour: 0 | 1;
  readonly box: readonly [number, number, number, number];
}

/** A graph that finds the same things in every frame, on maps of 3 × 4 cells. */
function graphOf(spots: readonly Spot[], seen: GraphTensors[] = []): Graph {
  const cells = 12;
  return {
    run: (inputs) => {
      seen.push(inputs);
      const count = inputs['frames']!.shape[0]!;
      const map = (channels: number, valueAt: (spot: Spot, channel: number) => number, rest: number): GraphTensor => {
        const data = new Float32Array(count * channels * cells).fill(rest);
        for (let frame = 0; frame < count; frame++)
          for (const spot of spots)
            for (let channel = 0; channel < channels; channel++)
              data[(frame * channels + channel) * cells + spot.row * 4 + spot.column] = valueAt(spot, channel);
        const shape = channels === 1 ? [count, 3, 4] : [count, channels, 3, 4];
        return { type: 'float32', shape, data };
      };
      const flat = (values: readonly number[]): GraphTensor => ({
        type: 'float32',
        shape: [count, values.length],
        data: Float32Array.from({ length: count * values.length }, (_, at) => values[at % values.length]!),
      });
      return Promise.resolve({
        presence: map(1, (spot) => spot.presence, -9),
        object: map(2, (spot, channel) => (spot.object === channel ? 5 : 0), 0),
        colour: map(2, (spot, channel) => (spot.colour === channel ? 5 : 0), 0),
        box: map(4, (spot, channel) => spot.box[channel]!, 0),
        place: flat([3]),
        sky: flat([0, Math.log(3)]),
        subject: flat([1, 2]),
        background: flat([3, 4]),
      });
    },
  };
}

const ball: Spot = { row: 1, column: 0, presence: 4, object: 0, colour: 0, box: [0, 16, 20, 36] };
const boat: Spot = { row: 1, column: 3, presence: 2, object: 1, colour: 1, box: [44, 16, 64, 36] };
const look = (spots: readonly Spot[], seen?: GraphTensors[]) =>
  openDetector(graphOf(spots, seen), manifest).detect(new ClipView(frames), [0, 1], () => Promise.resolve());

describe('a detector', () => {
  test('says what stands where, in pixels of the clip and not of the model', async () => {
    const seen: GraphTensors[] = [];
    const found = await look([ball, boat], seen);
    const [frame] = found;
    expect(frame!.objects.map(({ label, colour, box }) => ({ label, colour, box }))).toEqual([
      { label: 'ball', colour: 'red', box: [0, 32, 40, 72] },
      { label: 'boat', colour: 'blue', box: [88, 32, 128, 72] },
    ]);
    expect(frame!.sky['night']).toBeCloseTo(0.75, 6);
    expect(found).toHaveLength(2);
    expect(seen[0]!['frames']!.shape).toEqual([2, 3, 48, 64]);
    expect(seen[0]!['frames']!.data[0]).toBeCloseTo(1, 6);
  });

  test('leaves out what is unlikely, the weaker of two neighbours, and doubles', async () => {
    const unlikely = { ...boat, presence: -0.1 };
    const neighbour = { ...ball, column: 1, presence: 3 };
    const double = { ...boat, row: 1, column: 2, presence: 1, box: ball.box };
    expect((await look([ball, unlikely]))[0]!.objects).toHaveLength(1);
    expect((await look([ball, neighbour]))[0]!.objects.map(({ certainty }) => certainty)).toEqual([
      1 / (1 + Math.exp(-4)),
    ]);
    expect((await look([ball, double]))[0]!.objects.map(({ label }) => label)).toEqual(['ball']);
  });
});

describe('the side that an object is on', () => {
  const at = (left: number, right: number) => ({
    width: 100,
    height: 60,
    objects: [
      { label: 'ball', box: [left, 20, left + 20, 40] as const },
      { label: 'boat', box: [right, 20, right + 20, 40] as const },
    ],
  });
  const wanted = (relationship: string, objectB = 'boat') => ({ objectA: 'ball', objectB, relationship });

  test.each([
    ['on the left of', at(5, 70), 1],
    ['on the right of', at(5, 70), 0],
    ['on the left of', at(70, 5), 0],
    ['on the top of', at(5, 70), 0],
  ])('%s', (relationship, frame, score) => {
    expect(sideOf([frame], wanted(relationship))).toEqual({ score, weight: 1 });
  });

  test('of the picture is told by its middle, and frames pool', () => {
    const frames = [at(5, 70), at(70, 5)];
    expect(sideOf(frames, wanted('on the left of', 'picture'))).toEqual({ score: 0.5, weight: 2 });
    expect(sideOf([], wanted('on the left of'))).toBeNull();
  });
});

test('a text and a picture are compared only in what the text speaks of', () => {
  const seen = { object: { ball: 0.8, boat: 0.2 }, sky: { day: 0, night: 1 } };
  const { picture, text } = conceptFeatures(seen, { object: ['ball'] });
  expect([picture, text]).toEqual([
    [0.8, 0.2],
    [1, 0],
  ]);
  expect(cosineSimilarity(picture, text)).toBeCloseTo(0.8 / Math.hypot(0.8, 0.2), 9);
  expect(conceptFeatures(seen, {})).toEqual({ picture: [], text: [] });
});
