import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { planStory } from '../plan/plan-story.ts';
import type { StoryPlan } from '../plan/plan.ts';
import { parseScript } from '../script/parse-script.ts';
import { cmxEditList, otioTimeline } from './edit-list.ts';

const planAt = (fps: number | string): StoryPlan =>
  planStory(
    parseScript(
      [
        'title: The keeper',
        `output: { height: 360, fps: ${String(fps)} }`,
        'opening: { text: The keeper, seconds: 1 }',
        'shots:',
        '  - { id: dawn, prompt: a red boat, seconds: 2, seed: 5 }',
        '  - { id: night, prompt: a house, seconds: 2, join: dissolve }',
      ].join('\n'),
      { fileName: 'story.yaml' },
    ),
    exampleModels,
  );
const media = {
  files: new Map([
    ['card opening', 'shots/01-opening.mp4'],
    ['shot dawn', 'shots/02 dawn.mp4'],
    ['join dawn+night', 'shots/03-dawn+night.mp4'],
  ]),
  sound: 'shots/sound.m4a',
};

interface Clip {
  readonly name: string;
  readonly metadata: unknown;
  readonly source_range: { readonly duration: { readonly rate: number; readonly value: number } };
  readonly media_references: { readonly DEFAULT_MEDIA: { readonly OTIO_SCHEMA: string; readonly target_url?: string } };
}
const tracksOf = (plan: StoryPlan): readonly { readonly kind: string; readonly children: readonly Clip[] }[] =>
  (JSON.parse(otioTimeline(plan, media)) as { tracks: { children: { kind: string; children: Clip[] }[] } }).tracks
    .children;

describe('a story as a timeline', () => {
  test('has every run of frames as a clip of its own, as long as it is, and the sound under them', () => {
    const plan = planAt(24);
    const [pictures, sound] = tracksOf(plan);
    expect(pictures?.children.map(({ name, source_range: { duration } }) => [name, duration.value])).toEqual(
      plan.timeline.map(({ item, numFrames }) => [item, numFrames]),
    );
    expect(sound?.kind).toBe('Audio');
    expect(sound?.children[0]?.source_range.duration).toMatchObject({ rate: 48_000, value: 2000 * plan.numFrames });
  });

  test('has files as addresses, and says what is missing', () => {
    const references = tracksOf(planAt(24))[0]?.children.map(
      ({ media_references: { DEFAULT_MEDIA } }) => DEFAULT_MEDIA,
    );
    expect(references?.map(({ OTIO_SCHEMA, target_url }) => target_url ?? OTIO_SCHEMA)).toEqual([
      'shots/01-opening.mp4',
      'shots/02%20dawn.mp4',
      'shots/03-dawn%2Bnight.mp4',
      'MissingReference.1',
    ]);
  });

  test('has exact rates, and what a shot is made from', () => {
    const [pictures] = tracksOf(planAt('24000/1001'));
    expect(pictures?.children[1]?.source_range.duration.rate).toBe(24_000 / 1001);
    expect(pictures?.children[1]?.metadata).toEqual({ shotline: { prompt: 'a red boat', seed: 5 } });
  });
});

describe('a story as an edit list', () => {
  test('has an event for each run of frames, with time codes that follow each other', () => {
    const lines = cmxEditList(planAt(24), media).split('\n');
    expect(lines.slice(0, 2)).toEqual(['TITLE: The keeper', 'FCM: NON-DROP FRAME']);
    const events = lines.filter((line) => /^\d{3} /.test(line));
    expect(events).toEqual([
      '001 R001     V     C        00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00',
      '002 R002     V     C        00:00:00:00 00:00:01:12 01:00:01:00 01:00:02:12',
      '003 R003     V     C        00:00:00:00 00:00:00:12 01:00:02:12 01:00:03:00',
      '004 R004     V     C        00:00:00:00 00:00:01:12 01:00:03:00 01:00:04:12',
      '005 R005     A     C        00:00:00:00 00:00:04:12 01:00:00:00 01:00:04:12',
    ]);
    expect(lines).toContain('* FROM CLIP NAME: shots/02 dawn.mp4');
  });

  test('counts the frames of 23.976 a second as those of 24', () => {
    const plan = planAt(23.976);
    expect(cmxEditList(plan, media)).toContain('00:00:01:12');
    expect(plan.numFrames).toBe(planAt(24).numFrames);
  });
});
