import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { madeInputs, nameOf } from './task.ts';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import { givenWords, itemName } from './item-words.ts';
import { pictureTasks, tasksOf } from './task-list.ts';
import { planMadeStory, replanShot } from './plan-story.ts';
import type { MadeStoryPlan } from './plan-story.ts';
import type { GivenPicture, Join, Shot, StoryScript } from '../script/script.ts';

const joins = fc.oneof(
  fc.constant<Join>({ kind: 'cut' }),
  fc.constant<Join>({ kind: 'dissolve' }),
  fc.record({ kind: fc.constant('continue' as const), known: fc.integer({ min: 1, max: 8 }) }),
  fc.record({
    kind: fc.constant('seine' as const),
    prompt: fc.string(),
    known: fc.integer({ min: 1, max: 4 }),
    seconds: fc.integer({ min: 1, max: 35 }).map((frames) => frames / 24),
  }),
);
const stories = fc.array(joins, { minLength: 1, maxLength: 13 }).map(exampleStory);
const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const keysOf = (plan: MadeStoryPlan): Map<string, string[]> => {
  const keys = new Map<string, string[]>();
  for (const { item, task } of tasksOf(plan)) keys.set(item, [...(keys.get(item) ?? []), task.key]);
  return keys;
};
const withShot = (script: StoryScript, index: number, change: Partial<Shot>): StoryScript => ({
  ...script,
  shots: script.shots.map((shot, i) => (i === index ? { ...shot, ...change } : shot)),
});
/** Items whose keys differ between two plans of the same items. */
const changed = (before: MadeStoryPlan, after: MadeStoryPlan): string[] => {
  const old = keysOf(before);
  return [...keysOf(after)].filter(([item, keys]) => String(keys) !== String(old.get(item))).map(([item]) => item);
};

describe('the frames of a story', () => {
  test('thirteen shots and twelve seine joins make 1501 frames, a minute and a bit', () => {
    const plan = planMadeStory(exampleStory(repeat(13, exampleJoin)), exampleModels);
    expect(plan.numFrames).toBe(1501);
    expect(plan.seconds).toBeCloseTo(62.54, 2);
    expect(plan.shots).toHaveLength(13);
    expect(plan.joins).toHaveLength(12);
    expect(plan.film.params.frames).toBe(1501);
  });

  test('a seine join shows frames 1 to 59: its ends are its neighbours own (Q2)', () => {
    const [join] = planMadeStory(exampleStory(repeat(2, exampleJoin)), exampleModels).joins;
    const runs = join?.segments.map(({ params }) => [params.from, params.count]);
    expect(runs).toEqual([
      [1, 20],
      [21, 20],
      [41, 19],
    ]);
  });

  test('every further known key takes four more frames at each end from a seine join', () => {
    const [most, more] = [0, 1].map((extra) =>
      [59, 51, 43, 35].map((frames, index) => {
        const join: Join = { kind: 'seine', prompt: '', known: index + 1, seconds: (frames + extra) / 24 };
        return () => planMadeStory(exampleStory(repeat(2, join)), exampleModels).timeline[1]?.numFrames;
      }),
    );
    expect(most!.map((plan) => plan())).toEqual([59, 51, 43, 35]);
    for (const plan of more!) expect(plan).toThrow(/a transition of this model set has \d+ here/);
  });

  test('a dissolve replaces the last twelve frames before it and the first twelve after it', () => {
    const plan = planMadeStory(exampleStory(repeat(3, { kind: 'dissolve' })), exampleModels);
    expect(plan.timeline.map((entry) => entry.numFrames)).toEqual([49, 12, 37, 12, 49]);
    expect(plan.shots[1]?.segments[0]?.params.from).toBe(12);
    expect(plan.joins[0]?.work).toMatchObject({
      kind: 'dissolve',
      dissolve: { inputs: plan.shots.slice(0, 2).map(({ interp }) => nameOf(interp)), params: { frames: 12 } },
    });
  });

  test('a cut needs no work', () => {
    const plan = planMadeStory(exampleStory(repeat(2, { kind: 'cut' })), exampleModels);
    expect(plan.joins).toEqual([]);
    expect(plan.numFrames).toBe(122);
  });

  test('a shot that continues the one before shows what comes after the frames that both have (Q2)', () => {
    const story = exampleStory([1, 4, 8].map((known) => ({ kind: 'continue', known })));
    const plan = planMadeStory(story, exampleModels);
    expect(plan.joins).toEqual([]);
    // Frame 12 of a clip is its fourth key, frame 28 its eighth.
    expect(plan.shots.map((shot) => shot.segments[0]?.params.from)).toEqual([0, 13, 29]);
    expect(plan.timeline.map((entry) => entry.numFrames)).toEqual([61, 48, 32]);
  });

  test('the timeline is gapless, no run is empty and every segment stays inside its clip (Q1, Q3)', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const plan = planMadeStory(story, exampleModels);
        let next = 0;
        for (const entry of plan.timeline) {
          expect(entry.firstFrame).toBe(next);
          expect(entry.numFrames).toBeGreaterThan(0);
          next += entry.numFrames;
        }
        expect(next).toBe(plan.numFrames);
        let shown = 0;
        for (const { task } of tasksOf(plan)) {
          if (task.stage !== 'segment') continue;
          shown += task.params.count;
          expect(task.params.from).toBeGreaterThanOrEqual(0);
          expect(task.params.from + task.params.count).toBeLessThanOrEqual(61);
          expect(task.params.count).toBeGreaterThan(0);
          expect(task.params.count).toBeLessThanOrEqual(24);
        }
        expect(shown).toBe(plan.numFrames);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the keys of a story', () => {
  test('the same script gives the same plan, whatever its title', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const plan = planMadeStory(story, exampleModels);
        expect(planMadeStory(structuredClone(story), structuredClone(exampleModels))).toEqual(plan);
        expect(keysOf(planMadeStory({ ...story, title: 'Other' }, exampleModels))).toEqual(keysOf(plan));
      }),
      { numRuns: 10 },
    );
  });

  test('a changed prompt changes the keys of that shot, the shots that continue it, their joins and the film, and nothing else', () => {
    fc.assert(
      fc.property(stories, fc.nat(), (story, pick) => {
        const index = pick % story.shots.length;
        const before = planMadeStory(story, exampleModels);
        const after = planMadeStory(withShot(story, index, { prompt: 'a blue boat on the sea' }), exampleModels);
        const next = story.shots.findIndex((shot, i) => i > index && shot.join?.kind !== 'continue');
        const last = (next < 0 ? story.shots.length : next) - 1;
        const expected = [
          ...before.shots.slice(index, last + 1).map(itemName),
          ...before.joins.filter((join) => join.index >= index - 1 && join.index <= last).map(itemName),
          'film',
        ];
        expect(changed(before, after).sort()).toEqual(expected.sort());
      }),
      { numRuns: 25 },
    );
  });

  test('another seed changes every task of the shot and its joins', () => {
    const story = exampleStory(repeat(4, exampleJoin));
    const reroll = { sampling: { ...story.shots[1]!.sampling, seed: 99 } };
    const before = planMadeStory(story, exampleModels);
    const after = planMadeStory(withShot(story, 1, reroll), exampleModels);
    expect(changed(before, after)).toEqual(['shot shot-1', 'join shot-0+shot-1', 'join shot-1+shot-2', 'film']);
    const old = new Set(tasksOf(before).map(({ task }) => task.key));
    const fresh = tasksOf(after).filter(({ task }) => !old.has(task.key));
    expect(fresh).toHaveLength(3 * 5 + 1);
  });

  test('the size of the film touches its segments and itself only', () => {
    const story = exampleStory([exampleJoin, exampleJoin, { kind: 'dissolve' }]);
    const old = new Set(tasksOf(planMadeStory(story, exampleModels)).map(({ task }) => task.key));
    const small = planMadeStory({ ...story, output: { width: 640, height: 360, fps: 24 } }, exampleModels);
    const fresh = tasksOf(small).filter(({ task }) => !old.has(task.key));
    expect(new Set(fresh.map(({ task }) => task.stage))).toEqual(new Set(['segment', 'film']));
    expect(fresh).toHaveLength(tasksOf(small).filter(({ task }) => ['segment', 'film'].includes(task.stage)).length);
  });

  test('a shot keeps its keys wherever it stands in the story', () => {
    const story = exampleStory(repeat(3, { kind: 'cut' }));
    const keys = keysOf(planMadeStory(story, exampleModels)).get('shot shot-2');
    const alone = { ...story, shots: [{ ...story.shots[2]!, join: null }] };
    expect(keysOf(planMadeStory(alone, exampleModels)).get('shot shot-2')).toEqual(keys);
  });

  test('another upscaler leaves the clips alone; a renamed package leaves everything alone', () => {
    const story = exampleStory([exampleJoin]);
    const upscale = { name: 'other', version: '2', digest: 'f'.repeat(64) };
    const stagesThatChange = (packages: typeof exampleModels.packages): string[] => {
      const old = new Set(tasksOf(planMadeStory(story, exampleModels)).map(({ task }) => task.key));
      const plan = planMadeStory(story, { ...exampleModels, packages });
      return tasksOf(plan).flatMap(({ task }) => (old.has(task.key) ? [] : [task.stage]));
    };
    expect(new Set(stagesThatChange({ ...exampleModels.packages, upscale }))).toEqual(new Set(['segment', 'film']));
    const base = { name: 'renamed', version: '9', digest: exampleModels.packages.base?.digest ?? '' };
    expect(stagesThatChange({ ...exampleModels.packages, base })).toEqual([]);
  });

  test('the film covers all segments in film order', () => {
    const plan = planMadeStory(exampleStory(repeat(3, exampleJoin)), exampleModels);
    const [a, b, c] = plan.shots;
    const [ab, bc] = plan.joins;
    expect(plan.film.inputs).toEqual([a, ab, b, bc, c].flatMap((item) => item!.segments.map(nameOf)));
  });

  test('tasks come after the tasks they depend on', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const made = new Set<string>();
        for (const { task } of tasksOf(planMadeStory(story, exampleModels))) {
          for (const input of madeInputs(task)) expect(made.has(input)).toBe(true);
          made.add(task.key);
        }
      }),
      { numRuns: 15 },
    );
  });
});

describe('a shot that continues the one before', () => {
  const story = exampleStory(repeat(3, { kind: 'continue', known: 4 } as const));
  const plan = planMadeStory(story, exampleModels);
  const [first, second, third] = plan.shots;

  test('needs the clip of that shot and nothing else, and knows its last frames', () => {
    expect(second?.continues).toBe('shot-0');
    expect(second?.base).toMatchObject({ stage: 'completion', inputs: [nameOf(first!.base)] });
    expect(third?.base).toMatchObject({ stage: 'completion', inputs: [nameOf(second!.base)] });
    expect(second?.base.params).toMatchObject({
      prompt: story.shots[1]?.prompt,
      seed: 1,
      known: [12, 13, 14, 15].map((from, frame) => ({ frame, input: 0, from })),
    });
    expect(Object.keys(second?.base.packages ?? {})).toEqual(['text', 'transition']);
  });

  test('may be joined to the next by a transition', () => {
    const joined = exampleStory([exampleJoin, { kind: 'continue', known: 4 }, exampleJoin]);
    const [join] = planMadeStory(joined, exampleModels).joins;
    expect(join).toMatchObject({
      id: 'shot-1+shot-2',
      work: { transition: { inputs: [nameOf(second!.base), { stage: 'base' }] } },
    });
  });

  test('needs a model set with a transition model', () => {
    const denoisers = { base: exampleModels.denoisers.base!, interp: exampleModels.denoisers.interp! };
    expect(() => planMadeStory(story, { ...exampleModels, denoisers })).toThrow('has no transition model');
  });
});

describe('a shot with pictures', () => {
  const picture = (frame: number, letter: string): GivenPicture => ({
    frame,
    from: 'keyframes',
    picture: { source: `${letter}.png`, key: letter.repeat(64) },
  });
  const [plain, next] = exampleStory(repeat(2, { kind: 'continue', known: 4 } as const)).shots;
  const planOf = (...pictures: GivenPicture[]): MadeStoryPlan =>
    planMadeStory({ ...exampleStory([exampleJoin]), shots: [{ ...plain!, pictures }] }, exampleModels);

  test('encodes each picture once and completes the clip from them', () => {
    const { shots } = planOf(picture(0, 'a'), picture(8, 'b'), picture(15, 'a'));
    const [a, b] = pictureTasks(shots[0]!);
    expect(pictureTasks(shots[0]!)).toHaveLength(2);
    expect(a).toMatchObject({
      stage: 'picture',
      inputs: [{ stage: 'upload', key: 'a'.repeat(64) }],
      params: { picture: 'a'.repeat(64), width: 256, height: 144 },
    });
    expect(shots[0]?.base).toMatchObject({
      stage: 'completion',
      inputs: [nameOf(a!), nameOf(b!)],
      params: { known: [0, 1, 0].map((input, index) => ({ frame: [0, 8, 15][index], input, from: 0 })) },
    });
    expect(givenWords(shots[0]!)).toBe('a.png at frame 0, b.png at frame 8, a.png at frame 15');
  });

  test('may continue another as well', () => {
    const shots = [plain!, { ...next!, pictures: [picture(15, 'c')] }];
    const [before, shot] = planMadeStory({ ...exampleStory([exampleJoin]), shots }, exampleModels).shots;
    expect(shot?.base.inputs).toEqual([nameOf(before!.base), nameOf(shot!.pictures![0]!.task)]);
    const { known } = shot?.base.params as { known: readonly { frame: number }[] };
    expect(known.map(({ frame }) => frame)).toEqual([0, 1, 2, 3, 15]);
    expect(givenWords(shot!)).toBe('continues shot-0, c.png at frame 15');
  });

  test('costs nothing twice: the key follows from the content and the size alone', () => {
    const named = { ...picture(0, 'a'), picture: { source: 'other.png', key: 'a'.repeat(64) } };
    expect(planOf(named).shots[0]?.base.key).toBe(planOf(picture(0, 'a')).shots[0]?.base.key);
  });

  test('cannot know a frame that a clip does not have', () => {
    expect(() => planOf(picture(16, 'a'))).toThrow('shots[0].keyframes.16 is "a.png"; a clip has frames 0 to 15');
  });

  test('cannot be planned before its pictures were read', () => {
    const unread = { ...picture(0, 'a'), picture: { source: 'a.png', key: null } };
    expect(() => planOf(unread)).toThrow('read the pictures before planning');
  });
});

describe('how a story is sampled', () => {
  test('what the script leaves open comes from the model of each stage', () => {
    const plan = planMadeStory(exampleStory([exampleJoin]), exampleModels);
    expect(plan.shots[0]?.base.params).toEqual({
      prompt: 'a red ball on the left number 0',
      negative: '',
      seed: 0,
      sampler: 'ddim',
      steps: 25,
      guidance: 3,
      rescale: 0,
      freeu: { b1: 1, b2: 1, s1: 1, s2: 1 },
      frames: 16,
      latentWidth: 16,
      latentHeight: 9,
    });
    expect(plan.shots[0]?.interp.params).toMatchObject({ steps: 8, frames: 61, seed: 0 });
  });

  test('a join takes the settings of the shot it leads to, and a seed of its own', () => {
    const story = exampleStory(repeat(2, exampleJoin));
    const tuned = withShot(story, 1, {
      sampling: {
        seed: 5,
        quality: 'standard',
        sampler: 'ddpm',
        steps: 40,
        guidance: 6,
        rescale: 0.7,
        negative: 'dull',
        freeu: true,
      },
    });
    const [join] = planMadeStory(tuned, exampleModels).joins;
    if (join?.work.kind !== 'seine') throw new Error('a seine join was asked for');
    expect(join.work.transition.params).toMatchObject({
      prompt: 'smooth transition',
      sampler: 'ddpm',
      steps: 40,
      guidance: 6,
      rescale: 0.7,
      negative: 'dull',
      known: 1,
      freeu: { b1: 1.1, b2: 1.2, s1: 0.9, s2: 0.8 },
    });
    expect([0, 5]).not.toContain(join.work.transition.params.seed);
    expect(join.work.interp.params).toMatchObject({ sampler: 'ddim', steps: 8, guidance: 3, negative: 'dull' });
    expect(join.work.interp.params).not.toHaveProperty('known');
  });

  test('a quality is a preset of each model, and what the script says itself wins', () => {
    const facts = exampleModels.denoisers;
    const models = {
      ...exampleModels,
      denoisers: {
        base: { ...facts.base!, presets: { draft: { kind: 'dpmpp-2m', steps: 8 }, high: { steps: 50, freeu: true } } },
        interp: { ...facts.interp!, presets: { draft: { steps: 3 } } },
      },
    } as const;
    const own = exampleStory([exampleJoin]);
    const paramsFor = (changes: Partial<Shot['sampling']>) => {
      const sampling = { ...own.shots[0]!.sampling, ...changes };
      const [shot] = planMadeStory(withShot(own, 0, { sampling }), models).shots;
      return { base: shot!.base.params, interp: shot!.interp.params };
    };
    const on = { b1: 1.1, b2: 1.2, s1: 0.9, s2: 0.8 };
    const off = { b1: 1, b2: 1, s1: 1, s2: 1 };
    expect(paramsFor({ quality: 'draft' })).toMatchObject({
      base: { sampler: 'dpmpp-2m', steps: 8, guidance: 3, freeu: off },
      interp: { sampler: 'ddim', steps: 3 },
    });
    expect(paramsFor({})).toMatchObject({ base: { sampler: 'ddim', steps: 25, freeu: off }, interp: { steps: 8 } });
    expect(paramsFor({ quality: 'high' })).toMatchObject({ base: { steps: 50, freeu: on }, interp: { steps: 8 } });
    expect(paramsFor({ quality: 'draft', sampler: 'unipc', steps: 12 }).base).toMatchObject({
      sampler: 'unipc',
      steps: 12,
    });
    expect(paramsFor({ quality: 'high', freeu: false }).base.freeu).toEqual(off);
  });

  test('FreeU factors of the script win over the model, and a model without factors has the identity', () => {
    const factors = { b1: 1.5, b2: 1, s1: 1, s2: 1 };
    const own = exampleStory([exampleJoin]);
    const freeuOf = (freeu: Shot['sampling']['freeu'], models = exampleModels): unknown => {
      const sampling = { ...own.shots[0]!.sampling, freeu };
      return planMadeStory(withShot(own, 0, { sampling }), models).shots[0]?.base.params.freeu;
    };
    expect(freeuOf(factors)).toEqual(factors);
    const base = { frames: 16, sampler: { kind: 'ddim', steps: 1, guidance: 1 }, freeu: null } as const;
    const plain = { ...exampleModels, denoisers: { ...exampleModels.denoisers, base } };
    expect(freeuOf(true, plain)).toEqual({ b1: 1, b2: 1, s1: 1, s2: 1 });
  });

  test.each([
    ['The Little Rocket!', 'the-little-rocket'],
    ['Über  den Wölken', 'uber-den-wolken'],
    ['../../etc', 'etc'],
    ['夜', 'story'],
    ['x'.repeat(60), 'x'.repeat(40)],
  ])('the title %p makes the slug %p', (title, slug) => {
    const plan = planMadeStory({ ...exampleStory([exampleJoin]), title }, exampleModels);
    expect(plan.slug).toBe(slug);
    expect(plan.scriptHash).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe('a model set that does not serve', () => {
  const { base, interp } = exampleModels.denoisers;
  const withoutTransition = { base, interp };

  test.each([
    ['no base model', { denoisers: {} }, 'has no base model'],
    ['a latent grid that does not divide', { latent: { channels: 4, downscale: 10 } }, 'multiples of 10'],
    ['no interpolation model', { denoisers: { base } }, 'has no interp model'],
    ['other numbers of frames', { denoisers: { base, interp: base } }, 'interpolates to 16 frames'],
    ['no transition model', { denoisers: withoutTransition }, 'has no transition model'],
    [
      'transitions of another length',
      { denoisers: { ...exampleModels.denoisers, transition: exampleModels.denoisers.interp } },
      'has transition clips of 61 frames',
    ],
    ['no upscaler', { packages: { ...exampleModels.packages, upscale: undefined } }, 'has no upscale package'],
  ])('%s is MODEL_INVALID with the reason', (_name, change, reason) => {
    const models = { ...exampleModels, ...change } as typeof exampleModels;
    expect(() => planMadeStory(exampleStory(repeat(2, exampleJoin)), models)).toThrow(
      expect.objectContaining({ code: 'MODEL_INVALID', message: expect.stringContaining(reason) as unknown }),
    );
  });

  test('a set without transitions serves a story of cuts', () => {
    const models = { ...exampleModels, denoisers: withoutTransition } as typeof exampleModels;
    expect(planMadeStory(exampleStory(repeat(2, { kind: 'cut' })), models).numFrames).toBe(122);
  });
});

test('a shot planned alone is the shot of the whole plan', () => {
  fc.assert(
    fc.property(stories, fc.nat(), (script, at) => {
      const plan = planMadeStory(script, exampleModels);
      const index = at % script.shots.length;
      const next = withShot(script, index, { sampling: { ...script.shots[index]!.sampling, seed: 77 } });
      const { shots } = planMadeStory(next, exampleModels);
      expect(replanShot(shots[index]!.id, next, exampleModels, plan)).toEqual(shots[index]);
    }),
    { numRuns: 40 },
  );
});

test('a story of more tasks than one message can name is refused before anything is made', () => {
  const long = exampleStory(repeat(119, { kind: 'cut' }));
  const ofSeconds = (seconds: number): StoryScript => ({
    ...long,
    shots: long.shots.map((shot) => ({ ...shot, seconds })),
  });
  expect(tasksOf(planMadeStory(ofSeconds(25), exampleModels)).length).toBeLessThan(4000);
  expect(() => planMadeStory(ofSeconds(40), exampleModels)).toThrow(
    /shots come to \d+ tasks for 4\d{3} seconds of film; a story has at most 4000 tasks; make it two stories/,
  );
});
