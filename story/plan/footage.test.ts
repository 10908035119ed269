import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { parseScript } from '../script/parse-script.ts';
import type { FoundClip, StoryScript } from '../script/script.ts';
import { fillsFilm, segmentLength } from './footage.ts';
import { frameAt } from './frame-runs.ts';
import { isMade } from './plan.ts';
import type { FootageShot, StoryPlan } from './plan.ts';
import { planStory } from './plan-story.ts';
import { tasksOf } from './task-list.ts';

const found = (change: Partial<FoundClip> = {}): FoundClip => {
  const frames = change.frames ?? 250;
  return {
    width: 640,
    height: 360,
    frames,
    rate: { num: 25, den: 1 },
    partFrames: 48,
    parts: Array.from({ length: Math.ceil(frames / 48) }, (_, part) => String(part).padStart(64, '0')),
    was: '1280x720, 25 fps, h264',
    ...change,
  };
};
const read = (shots: string, clip: Partial<FoundClip> = {}, output = '{ width: 640, height: 360 }'): StoryScript => {
  const script = parseScript(`output: ${output}\nshots:\n${shots}`, { fileName: 'own.yaml' });
  return {
    ...script,
    shots: script.shots.map((shot) =>
      shot.clip === undefined ? shot : { ...shot, clip: { ...shot.clip, found: found(clip) } },
    ),
  };
};
const plan = (...args: Parameters<typeof read>): StoryPlan => planStory(read(...args), exampleModels);
const own = (planned: StoryPlan, index = 0): FootageShot => {
  const shot = planned.shots[index]!;
  if (isMade(shot)) throw new Error('its clip is made');
  return shot;
};
const problemsOf = (
  ...args: Parameters<typeof read>
): readonly { path: string; line: number | null; message: string }[] => {
  try {
    plan(...args);
  } catch (error) {
    return (error as { details: { problems: [] } }).details.problems;
  }
  return [];
};

describe('a clip of one’s own', () => {
  test('is shown in time: 10 seconds of 25 frames are 10 seconds of 24, and every frame is the nearest', () => {
    const planned = plan('  - { id: beach, clip: beach.mp4 }');
    expect([planned.numFrames, planned.shots.length]).toEqual([240, 1]);
    const { segments } = own(planned);
    expect(segments.every(({ params }) => params.pace?.num === 25 && params.pace.den === 24)).toBe(true);
    const shown = segments.flatMap(({ params: { from, count, pace } }) =>
      Array.from({ length: count }, (_, index) => frameAt(pace!, from + index)),
    );
    shown.forEach((frame, index) => {
      expect(frame).toBe(Math.round((index * 25) / 24));
    });
  });

  test('at the rate of the film is shown frame by frame, as it is', () => {
    const planned = plan('  - { id: beach, clip: beach.mp4 }', { rate: { num: 24_000, den: 1000 } });
    const [first] = own(planned).segments;
    expect(planned.numFrames).toBe(250);
    expect(first).toMatchObject({ params: { from: 0, upscaler: 'none' }, packages: {} });
    expect(first!.params).not.toHaveProperty('pace');
  });

  test('of 23.976 frames keeps its time in a film of 23.976', () => {
    const output = '{ width: 640, height: 360, fps: 23.976 }';
    const planned = plan('  - { id: beach, clip: beach.mp4 }', { rate: { num: 24_000, den: 1001 } }, output);
    expect(own(planned).segments[0]!.params).not.toHaveProperty('pace');
  });

  test('is read in the parts that a segment needs, and no more', () => {
    const { segments } = own(plan('  - { id: beach, clip: beach.mp4 }'));
    for (const { params, inputs } of segments) {
      const { first, length, keys } = params.footage!;
      const [from, to] = [frameAt(params.pace!, params.from), frameAt(params.pace!, params.from + params.count - 1)];
      expect(first).toBeLessThanOrEqual(from);
      expect(first + length * keys.length).toBeGreaterThan(to);
      expect(keys.length).toBeLessThanOrEqual(2);
      expect(inputs).toEqual(keys.map((key) => ({ stage: 'footage', key })));
    }
  });

  test('shows what from, to and speed say', () => {
    const planned = plan('  - { id: beach, clip: beach.mp4, from: 2, to: 4, speed: 0.5 }', {
      rate: { num: 24, den: 1 },
    });
    const { segments } = own(planned);
    expect(planned.numFrames).toBe(48);
    expect(frameAt(segments[0]!.params.pace!, 0)).toBe(24);
    expect(own(planned).footage.words).toContain('holds frames');
  });

  test('of an hour is one shot of fewer than 500 segments', () => {
    const hour = plan('  - { id: beach, clip: beach.mp4 }', { frames: 90_000, partFrames: 192 });
    expect(hour.seconds).toBeCloseTo(3600, 0);
    expect(own(hour).segments.length).toBeLessThanOrEqual(480);
    expect([segmentLength(24), segmentLength(11_520), segmentLength(11_521)]).toEqual([24, 24, 48]);
  });

  test('is enlarged by the upscaler of the set when it is smaller than the film', () => {
    const planned = plan('  - { id: beach, clip: beach.mp4 }', {}, '{ width: 1280, height: 720 }');
    const [segment] = own(planned).segments;
    expect(segment!.packages).toEqual({ upscale: exampleModels.packages.upscale });
    expect(own(planned).footage.words).toContain('enlarged from 640x360');
  });

  test.each<[number, number, 'crop' | 'pad', boolean]>([
    [640, 360, 'crop', true],
    [640, 480, 'crop', true],
    [640, 480, 'pad', false],
    [480, 360, 'pad', true],
    [480, 360, 'crop', false],
    [900, 360, 'crop', true],
    [320, 180, 'crop', false],
  ])('%dx%d fills a film of 640x360 by %s: %s', (width, height, fit, fills) => {
    const output = { width: 640, height: 360, fps: 24, ...(fit === 'pad' ? { fit } : {}) };
    expect(fillsFilm({ width, height }, output)).toBe(fills);
  });
});

describe('joins of clips of one’s own', () => {
  const pair = (join: string): string =>
    `  - { id: a, clip: a.mp4, to: 3 }\n  - { id: b, prompt: a red boat, join: ${join} }`;

  test.each(['dissolve', 'fade', '{ kind: wipe, direction: left }'])(
    '%s is mixed of what both lend it as segments',
    (join) => {
      const planned = plan(pair(join));
      const [joined] = planned.joins;
      expect(joined!.work.kind).toBe('mix');
      const made = new Set(tasksOf(planned).map(({ task }) => task.key));
      for (const mix of joined!.segments) for (const { key } of mix.inputs) expect(made).toContain(key);
      const frames = planned.timeline.map(({ numFrames }) => numFrames);
      expect(joined!.segments.reduce((sum, { params }) => sum + params.count, 0)).toBe(frames[1]);
      // A fade takes half from each; the others take all of it from both.
      expect(planned.numFrames).toBe(72 + 61 - (join === 'fade' ? 0 : 12));
    },
  );

  test('the frames that a mix lends go on where the shot ends', () => {
    const planned = plan(pair('dissolve'), { rate: { num: 24, den: 1 } });
    const [joined] = planned.joins;
    if (joined!.work.kind !== 'mix') throw new Error('it is mixed');
    const last = own(planned).segments.at(-1)!.params;
    expect(joined!.work.lent[0]!.params).toMatchObject({ from: last.from + last.count, count: 12 });
    expect(joined!.work.lent[1]!.params).toMatchObject({ from: 0, count: 12 });
    expect(planned.shots[1]!.segments[0]!.params.from).toBe(12);
  });

  test('seine leads from its last frames and to its first, as latents', () => {
    const planned = plan(
      '  - { id: a, clip: a.mp4 }\n  - { id: b, clip: b.mp4, from: 1, join: { kind: seine, known: 2 } }',
      {
        rate: { num: 24, den: 1 },
      },
    );
    const [a, b] = [own(planned, 0), own(planned, 1)];
    expect([a.footage.last!.params.of, b.footage.first!.params.of]).toEqual([
      [245, 249],
      [24, 28],
    ]);
    const [{ work }] = planned.joins as [StoryPlan['joins'][number]];
    if (work.kind !== 'seine') throw new Error('it is a seine join');
    expect(work.transition.inputs.map(({ key }) => key)).toEqual([a.footage.last!.key, b.footage.first!.key]);
  });

  test('a shot continues from its last frames', () => {
    const planned = plan('  - { id: a, clip: a.mp4 }\n  - { id: b, prompt: a red boat, continue: { known: 3 } }');
    const last = own(planned).footage.last!;
    const b = planned.shots[1]!;
    if (!isMade(b)) throw new Error('it is made');
    expect(b.base).toMatchObject({ stage: 'completion', inputs: [{ stage: 'encode', key: last.key }] });
    expect((b.base.params as unknown as { known: unknown }).known).toEqual(
      [0, 1, 2].map((frame) => ({ frame, input: 0, from: frame })),
    );
  });
});

describe('its sound', () => {
  const sound = { key: 'f'.repeat(64), samples: 480_000 };

  test('is heard with its pictures, and comes and goes in the joins that mix it (K4)', () => {
    const shots =
      '  - { id: a, prompt: a red boat }\n  - { id: b, clip: b.mp4, from: 1, to: 4, join: dissolve }\n  - { id: c, prompt: a red boat, join: cut }';
    const planned = plan(shots, { sound });
    const own = planned.sound!.mix.params.cues;
    expect(own).toEqual([
      {
        kind: 'scene',
        input: 0,
        from: 48_000,
        at: (49 * 48_000) / 24,
        length: 144_000,
        volume: 1,
        fadeIn: 24_000,
        fadeOut: 480,
      },
    ]);
  });

  test('cannot follow another speed', () => {
    const [problem] = problemsOf('  - { id: a, clip: a.mp4, speed: 2 }', { sound });
    expect(problem).toMatchObject({
      path: 'shots[0].speed',
      message: expect.stringContaining('say mute: true') as unknown,
    });
  });
});

describe('what a clip cannot do', () => {
  test.each([
    ['from: 11', 'shots[0].from', 'has 10 seconds; begin earlier'],
    ['from: 8, to: 12', 'shots[0].seconds', 'up to second 12, and it ends at 10; show at most 2 seconds'],
    ['seconds: 10.5', 'shots[0].seconds', 'show at most 10 seconds'],
    ['enhance: { scale: 2, time: 4 }', 'shots[0].enhance.time', 'take time out'],
  ])('%s', (keys, path, says) => {
    expect(problemsOf(`  - { id: a, clip: a.mp4, ${keys} }`)[0]).toMatchObject({
      path,
      message: expect.stringContaining(says) as unknown,
    });
  });

  test('a join that needs more than it has', () => {
    const short =
      '  - { id: a, clip: a.mp4, to: 0.2 }\n  - { id: b, prompt: a red boat, join: { kind: seine, known: 3 } }';
    expect(problemsOf(short)[0]!.message).toContain('the shot before is so short that it has 2 key frames');
    const taken = '  - { id: a, clip: a.mp4, to: 0.4 }\n  - { id: b, prompt: a red boat, join: dissolve }';
    expect(problemsOf(taken)[0]!.message).toContain('the joins on its sides take 12');
  });

  test.each([
    ['prompts: { 0: a, 1: b }', 'prompts'],
    ['animate: a.png', 'animate'],
    ['keyframes: { 3: a.png }', 'keyframes'],
    ['freeinit: true', 'freeinit'],
    ['freenoise: true', 'freenoise'],
    ['freeu: true', 'freeu'],
    ['gate: { subject_consistency: 0.5 }', 'gate'],
  ])('the script says %s', (keys, key) => {
    expect(() => read(`  - { id: a, clip: a.mp4, ${keys} }`)).toThrow(new RegExp(`shots\\[0\\].${key}`));
  });

  test('mute without a clip, and a made shot of more than 256 seconds', () => {
    expect(() => read('  - { id: a, prompt: a red boat, mute: true }')).toThrow('only a clip of your own has a sound');
    expect(() => read('  - { id: a, prompt: a red boat, seconds: 300 }')).toThrow('at most 256 seconds');
    expect(read('  - { id: a, clip: a.mp4, seconds: 300 }').shots[0]!.seconds).toBe(300);
  });
});
