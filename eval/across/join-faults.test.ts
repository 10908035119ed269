import { describe, expect, test } from '@jest/globals';
import { joinFaults, type JoinFaults, type LumaFrame } from './join-faults.ts';

const [width, height] = [96, 54];

/** A blob over a ground with texture, both of which move on with time; time may be a fraction. */
function scene(time: number): LumaFrame {
  const data = new Uint8Array(width * height);
  for (let at = 0; at < data.length; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const ground = 110 + 40 * Math.sin((x + time) / 3) * Math.cos(y / 4);
    const blob = 90 * Math.exp(-((x - 10 - 1.5 * time) ** 2 + (y - 27) ** 2) / 60);
    data[at] = Math.min(255, ground + blob);
  }
  return { width, height, data };
}

const times = (from: number, count: number, pace = 1): LumaFrame[] =>
  Array.from({ length: count }, (_, index) => scene(from + index * pace));
const before = times(0, 12);
const after = times(36, 12);
const good = times(12, 24);

function measured(join: readonly LumaFrame[]): JoinFaults {
  return joinFaults({ before, join, after })!;
}

const changed = (frame: LumaFrame, change: (value: number, at: number) => number): LumaFrame => ({
  ...frame,
  data: frame.data.map((value, at) => Math.min(255, Math.max(0, change(value, at)))),
});

const faulty: Readonly<Record<string, readonly LumaFrame[]>> = {
  flash: good.map((frame, index) => (index === 9 ? changed(frame, (value) => value + 120) : frame)),
  duplicates: good.map((frame, index) => (index % 2 === 1 ? good[index - 1]! : frame)),
  jump: good.map((frame, index) => (index < 12 ? frame : scene(12 + index + 14))),
  pace: times(12, 24, 0.2),
  dissolve: good.map((_, index) => {
    const share = (index + 1) / 25;
    return changed(before.at(-1)!, (value, at) => Math.round((1 - share) * value + share * after[0]!.data[at]!));
  }),
  sharpness: good.map((frame) =>
    changed(frame, (_, at) => {
      const around = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((offset) => frame.data[at + offset] ?? frame.data[at]!);
      return around.reduce((sum, value) => sum + value, 0) / around.length;
    }),
  ),
};

describe('a join', () => {
  const right = measured(good);

  test('that goes on as its shots do has no faults', () => {
    expect(right.flash).toBeLessThan(0.01);
    expect(right.duplicates).toBe(0);
    expect(right.jump).toBeLessThan(1.3);
    expect(Math.abs(right.pace - 1)).toBeLessThan(0.2);
    expect(right.dissolve).toBeLessThan(0.3);
    expect(Math.abs(right.sharpness - 1)).toBeLessThan(0.1);
  });

  test('with one frame that is much lighter has a flash', () => {
    expect(measured(faulty['flash']!).flash).toBeGreaterThan(0.3);
  });

  test('that shows frames twice has duplicates', () => {
    expect(measured(faulty['duplicates']!).duplicates).toBeGreaterThan(0.4);
  });

  test('in which things leap has a jump', () => {
    expect(measured(faulty['jump']!).jump).toBeGreaterThan(3);
  });

  test('that is stretched is slow', () => {
    expect(measured(faulty['pace']!).pace).toBeLessThan(0.5);
  });

  test('that mixes its ends is a dissolve', () => {
    expect(measured(faulty['dissolve']!).dissolve).toBeGreaterThan(0.95);
  });

  test('that is soft has less sharpness', () => {
    expect(measured(faulty['sharpness']!).sharpness).toBeLessThan(0.85);
  });

  test('each fault moves its own number furthest', () => {
    const far: Readonly<Record<keyof JoinFaults, (made: JoinFaults) => number>> = {
      flash: (made) => made.flash / 0.1,
      duplicates: (made) => made.duplicates / 0.2,
      jump: (made) => (made.jump - right.jump) / 2,
      pace: (made) => (right.pace - made.pace) / 0.3,
      dissolve: (made) => (made.dissolve - right.dissolve) / 0.4,
      sharpness: (made) => (right.sharpness - made.sharpness) / 0.1,
    };
    const isMoved = Object.fromEntries(
      Object.entries(faulty).map(([fault, join]) => [fault, far[fault as keyof JoinFaults](measured(join)) > 1]),
    );
    expect(isMoved).toEqual(Object.fromEntries(Object.keys(faulty).map((fault) => [fault, true])));
    for (const name of Object.keys(far) as (keyof JoinFaults)[]) expect(far[name](right)).toBeLessThan(1);
  });

  test('is not measured without frames of its own or beside it', () => {
    expect(joinFaults({ before, join: [], after })).toBeNull();
    expect(joinFaults({ before: [], join: good, after })).toBeNull();
    expect(joinFaults({ before: before.slice(0, 1), join: good, after: after.slice(0, 1) })).toBeNull();
  });
});
