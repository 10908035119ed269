import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleStory } from '../../test/fakes/example-story.ts';
import type { ModelSetRef } from '../models/model-set.ts';
import type { Join, Shot, StoryScript } from '../script/script.ts';
import type { SoundRef } from '../script/sound.ts';
import { soundItem } from './plan-sound.ts';
import { itemName } from './item-words.ts';
import { planStory } from './plan-story.ts';
import { tasksOf } from './task-list.ts';
import type { SoundCue } from './task.ts';

const rain: SoundRef = { source: 'rain.wav', key: 'a'.repeat(64), samples: 480_000 };
const wind: SoundRef = { source: 'wind.wav', key: 'b'.repeat(64), samples: 480_000 };
const music: SoundRef = { source: 'music.wav', key: 'c'.repeat(64), samples: 4_800_000 };
const speaking: ModelSetRef = {
  ...exampleModels,
  packages: { ...exampleModels.packages, voice: { name: 'example-voice', version: '1', digest: 'd'.repeat(64) } },
  voice: { program: 'espeak-ng', voice: 'en-gb' },
};

const joins = fc.oneof(
  fc.constant<Join>({ kind: 'cut' }),
  fc.constant<Join>({ kind: 'dissolve', seconds: 0.5 }),
  fc.constant<Join>({ kind: 'continue', known: 2 }),
  fc.constant<Join>({ kind: 'seine', prompt: '', known: 1, seconds: 1 }),
);
/** A story in which each shot has a sound and a voice. */
const loud = (script: StoryScript, fps: number): StoryScript => ({
  ...script,
  output: { ...script.output, fps },
  shots: script.shots.map((shot) => ({ ...shot, sound: { file: rain }, narration: { file: wind } })),
});
const stories = fc
  .tuple(fc.array(joins, { minLength: 1, maxLength: 8 }), fc.constantFrom(24, 25, 30, 60, 11))
  .map(([list, fps]) => loud(exampleStory(list), fps));
const cuesOf = (script: StoryScript, models = exampleModels): readonly SoundCue[] =>
  planStory(script, models).sound?.mix.params.cues ?? [];
const withShot = (script: StoryScript, index: number, change: Partial<Shot>): StoryScript => ({
  ...script,
  shots: script.shots.map((shot, at) => (at === index ? { ...shot, ...change } : shot)),
});

describe('the sound of a film', () => {
  test('lasts as long as the film: no sound is heard behind its last sample (K1)', () => {
    fc.assert(
      fc.property(stories, (script) => {
        const { sound, numFrames, film } = planStory(script, exampleModels);
        const { frames, fps, cues } = sound!.mix.params;
        expect([frames, fps]).toEqual([numFrames, script.output.fps]);
        const end = Math.round((frames * 48_000) / fps);
        for (const cue of cues) expect(cue.at + cue.length).toBeLessThanOrEqual(end);
        expect(Math.max(...cues.map((cue) => cue.at + cue.length))).toBe(end);
        expect(film.inputs.at(-1)).toEqual({ stage: 'sound', key: sound!.mix.key });
      }),
    );
  });

  test("has the voice of a shot at the first frame that is the shot's alone (K2)", () => {
    fc.assert(
      fc.property(stories, (script) => {
        const { sound, timeline, shots } = planStory(script, exampleModels);
        const voices = sound!.mix.params.cues.filter(({ kind }) => kind === 'voice');
        const first = shots.map((shot) => timeline.find(({ item }) => item === itemName(shot))!.firstFrame);
        expect(voices.map(({ at }) => at)).toEqual(
          first.map((frame) => Math.round((frame * 48_000) / script.output.fps)),
        );
      }),
    );
  });

  test('cross-fades the sounds of two shots in their join, and has no hole between them (K3)', () => {
    fc.assert(
      fc.property(stories, (script) => {
        const { sound, timeline } = planStory(script, exampleModels);
        const scenes = sound!.mix.params.cues.filter(({ kind }) => kind === 'scene');
        scenes.slice(1).forEach((scene, index) => {
          const before = scenes[index]!;
          const overlap = before.at + before.length - scene.at;
          const join = timeline.find(
            ({ kind, firstFrame }) =>
              kind === 'join' && Math.round((firstFrame * 48_000) / script.output.fps) === scene.at,
          );
          if (join === undefined) expect([overlap, before.fadeOut, scene.fadeIn]).toEqual([0, 480, 480]);
          else expect([before.fadeOut, scene.fadeIn]).toEqual([overlap, overlap]);
        });
      }),
    );
  });

  test('is no part of a story that says nothing of it, and leaves every other key as it was', () => {
    const script = exampleStory([{ kind: 'cut' }, { kind: 'cut' }]);
    const [silent, heard] = [planStory(script, exampleModels), planStory(loud(script, 24), exampleModels)];
    expect(silent.sound).toBeUndefined();
    const keys = (plan: typeof silent): string[] =>
      tasksOf(plan)
        .filter(({ item }) => item !== soundItem && item !== 'film')
        .map(({ task }) => task.key);
    expect(keys(heard)).toEqual(keys(silent));
    expect(heard.film.key).not.toBe(silent.film.key);
  });

  test('is silence when a silent track is asked for', () => {
    const script: StoryScript = {
      ...exampleStory([{ kind: 'cut' }]),
      audio: { codec: 'opus', loudness: -16, duck: 12, silent: true },
    };
    expect(planStory(script, exampleModels).sound?.mix.params).toMatchObject({ cues: [], codec: 'opus' });
  });

  test('reads a sound once, however often it is heard', () => {
    const { sound } = planStory(loud(exampleStory([{ kind: 'cut' }, { kind: 'cut' }]), 24), exampleModels);
    expect(sound?.mix.inputs).toEqual([
      { stage: 'recording', key: rain.key },
      { stage: 'recording', key: wind.key },
    ]);
  });

  test('has a soundtrack under the whole film, whose fades fit into it', () => {
    const story = exampleStory([{ kind: 'cut' }]);
    const long: StoryScript = { ...story, soundtrack: { file: music, fade: { in: 30, out: 60 }, loop: true, from: 2 } };
    const [cue] = cuesOf(long);
    const end = cue!.length;
    expect(cue).toMatchObject({ kind: 'music', at: 0, from: 96_000, loop: true, volume: 1 });
    expect(cue!.fadeIn + cue!.fadeOut).toBeLessThanOrEqual(end);
    expect(cue!.fadeOut / cue!.fadeIn).toBeCloseTo(2, 3);
  });

  test('changes with a voice, and nothing else does but the film', () => {
    const script = loud(exampleStory([{ kind: 'cut' }, { kind: 'cut' }]), 24);
    const [before, after] = [script, withShot(script, 1, { narration: { file: rain, volume: 0.5 } })].map((each) =>
      planStory(each, exampleModels),
    );
    const old = new Set(tasksOf(before!).map(({ task }) => task.key));
    expect(tasksOf(after!).flatMap(({ item, task }) => (old.has(task.key) ? [] : [item]))).toEqual([soundItem, 'film']);
  });
});

describe('words that are said', () => {
  const said = withShot(exampleStory([{ kind: 'cut' }, { kind: 'cut' }]), 0, {
    narration: { text: 'Once upon a time', delay: 0.5 },
  });

  test('are a task of their own, spoken once by the voice of the set', () => {
    const twice = withShot(said, 1, { narration: { text: 'Once upon a time' } });
    const { sound } = planStory(twice, speaking);
    expect(sound?.speech.map(({ params }) => params)).toEqual([
      { text: 'Once upon a time', program: 'espeak-ng', voice: 'en-gb', speed: 1 },
    ]);
    expect(sound?.mix.params.cues.map(({ kind, at, input }) => [kind, at, input])[0]).toEqual(['voice', 24_000, 0]);
    expect(sound?.mix.inputs).toEqual([{ stage: 'speech', key: sound?.speech[0]?.key }]);
  });

  test('need a voice: a set without one is told with the place and what to do', () => {
    expect(() => planStory(said, exampleModels)).toThrow(/shots\[0\]\.say .*"example" has no voice.*narration/s);
  });

  test('need a voice that the package has, where it lists them', () => {
    const models: ModelSetRef = {
      ...speaking,
      voice: { program: 'espeak-ng', voice: 'anna', voices: ['anna', 'bert'] },
    };
    const script = withShot(said, 0, { narration: { text: 'Hello', voice: 'ann' } });
    expect(() => planStory(script, models)).toThrow(/spoken by ann,.*did you mean anna\?/s);
  });

  test('that begin behind the end of the film are not heard', () => {
    const late = withShot(said, 1, { narration: { text: 'Too late', delay: 60 } });
    expect(cuesOf(late, speaking)).toHaveLength(1);
  });
});
