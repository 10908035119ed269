import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { parseScript } from '../script/parse-script.ts';
import { planMadeStory, planStory } from './plan-story.ts';
import type { ModelSetRef } from '../models/model-set.ts';
import type { MadeStoryPlan } from './plan-story.ts';
import type { FoundClip, GivenPicture, StoryScript } from '../script/script.ts';
import type { SoundRef } from '../script/sound.ts';
import { hashOf } from '../script/content-hash.ts';

const folder = new URL('../../examples/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const subjectRef = { name: 'example-subject', version: '1', digest: 'subject'.padEnd(64, '0') };
const models: ModelSetRef = {
  ...exampleModels,
  voice: { program: 'espeak-ng', voice: 'en-gb' },
  packages: { ...exampleModels.packages, subject: subjectRef },
  denoisers: { ...exampleModels.denoisers, subject: exampleModels.denoisers.base! },
};
const read = (name: string): StoryScript => {
  const script = parseScript(readFileSync(new URL(name, folder), 'utf8'), { fileName: name });
  const keyed = (given: GivenPicture): GivenPicture => {
    const bytes = readFileSync(new URL(given.picture.source, folder));
    return { ...given, picture: { ...given.picture, key: hashOf([...bytes]) } };
  };
  const shots = script.shots.map((shot) => ({
    ...shot,
    ...(shot.pictures === undefined ? {} : { pictures: shot.pictures.map(keyed) }),
    ...(shot.clip === undefined ? {} : { clip: { ...shot.clip, found: seen } }),
  }));
  const subjects = script.subjects?.map((subject) => {
    const bytes = readFileSync(new URL(subject.picture.source, folder));
    return { ...subject, picture: { ...subject.picture, key: hashOf([...bytes]) } };
  });
  const soundtrack =
    script.soundtrack === undefined
      ? {}
      : { soundtrack: { ...script.soundtrack, file: heard(script.soundtrack.file) } };
  return { ...script, ...soundtrack, shots, ...(subjects === undefined ? {} : { subjects }) };
};
const plan = (name: string): MadeStoryPlan => planMadeStory(read(name), models);

/** What is found in a clip of ten seconds. */
const seen: FoundClip = {
  width: 1280,
  height: 720,
  frames: 250,
  rate: { num: 25, den: 1 },
  partFrames: 48,
  parts: Array.from({ length: 6 }, (_, part) => hashOf(part)),
  was: '1280x720, 25 fps, h264',
};

function heard({ source }: SoundRef): SoundRef {
  return { source, key: hashOf([...readFileSync(new URL(source, folder))]) };
}

describe('the examples', () => {
  test('finished has a soundtrack and two voices', () => {
    const { sound } = plan('finished.yaml');
    expect(sound?.mix.params.cues.map(({ kind }) => kind)).toEqual(['music', 'voice', 'voice']);
    expect(sound?.speech).toHaveLength(2);
  });

  test.each(names)('%s parses, plans and says what it shows', (name) => {
    expect(planStory(read(name), models).numFrames).toBeGreaterThan(0);
    expect(readFileSync(new URL(name, folder), 'utf8')).toMatch(/^# /);
    expect(readFileSync(new URL('README.md', folder), 'utf8')).toContain(`\`${name}\``);
  });

  test('first-film has three shots and two seine joins', () => {
    const { shots, joins, numFrames } = plan('first-film.yaml');
    expect([shots.length, joins.map((join) => join.work.kind), numFrames]).toEqual([3, ['seine', 'seine'], 231]);
  });

  test('animate, continue and keyframes complete clips of which frames are known', () => {
    const known = (name: string): readonly number[] =>
      plan(name).shots.map(({ base }) => (base.stage === 'completion' ? base.params.known.length : 0));
    expect([known('animate.yaml'), known('continue.yaml'), known('keyframes.yaml')]).toEqual([[1], [0, 4, 2], [3]]);
    expect(plan('continue.yaml').numFrames).toBe(61 + 48 + 56);
  });

  test('subject has two shots of one subject, and latte takes another base', () => {
    const { shots } = plan('subject.yaml');
    expect(shots.map(({ base, subject }) => [subject, 'subject' in base.params])).toEqual([
      ['hero', true],
      ['hero', true],
    ]);
    const latte = readFileSync(new URL('latte.yaml', folder), 'utf8');
    expect(parseScript(latte, { fileName: 'latte.yaml' }).alternatives).toEqual({ base: 'latte' });
  });

  test('long-take is one shot of ten seconds, and motion one of two prompts, both with FreeNoise', () => {
    const [take, motion] = [plan('long-take.yaml'), plan('motion.yaml')];
    expect([take.shots.length, take.seconds >= 10, take.shots[0]?.base.params.frames]).toEqual([1, true, 61]);
    expect(motion.shots[0]?.base.params).toMatchObject({ frames: 32, prompts: [{ at: 0 }, { at: 1 }] });
    for (const { shots } of [take, motion]) expect(shots[0]?.base.params.freenoise?.length).toBe(16);
  });

  test('steady is one shot in three iterations of FreeInit', () => {
    const { shots } = plan('steady.yaml');
    expect(shots.map(({ earlier, base }) => [earlier?.length, base.stage])).toEqual([[2, 'base']]);
  });

  test('minute has thirteen shots, twelve seine joins and more than a minute of 4K', () => {
    const { shots, joins, seconds, output } = plan('minute.yaml');
    expect([shots.length, joins.length, output.width, output.height]).toEqual([13, 12, 3840, 2160]);
    expect(seconds).toBeGreaterThanOrEqual(60);
  });
});
