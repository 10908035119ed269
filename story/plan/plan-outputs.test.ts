import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { parseScript } from '../script/parse-script.ts';
import { planStory } from './plan-story.ts';
import { tasksOf } from './task-list.ts';
import type { StoryPlan } from './plan.ts';
import type { RenditionTask, StageTask } from './task.ts';

const story = (...head: string[]): StoryPlan =>
  planStory(
    parseScript(
      [
        'title: Files',
        ...head,
        'opening: true',
        'shots:',
        '  - { id: a, prompt: a red boat, seconds: 2, focus: left, caption: Hello }',
        '  - { id: b, prompt: a house, seconds: 2, join: dissolve, focus: right }',
      ].join('\n'),
      { fileName: 'story.yaml' },
    ),
    exampleModels,
  );
const plain = story('output: 720p');
const ofStage = (plan: StoryPlan, stage: StageTask['stage']): StageTask[] =>
  tasksOf(plan).flatMap(({ task }) => (task.stage === stage ? [task] : []));
const renditions = (plan: StoryPlan): RenditionTask[] =>
  tasksOf(plan).flatMap(({ task }) => (task.stage === 'rendition' ? [task] : []));

describe('the files of a story', () => {
  test('change nothing of its film and of all that comes before it (X1)', () => {
    const more = story('output: 720p', 'outputs: { small: { height: 360 }, upright: 9:16, look: { codec: gif } }');
    expect(more.film).toEqual(plain.film);
    const models = tasksOf(plain).map(({ task }) => task.key);
    expect(tasksOf(more).map(({ task }) => task.key)).toEqual(expect.arrayContaining(models));
    const added = tasksOf(more).filter(({ task }) => !models.includes(task.key));
    expect(new Set(added.map(({ task }) => task.stage))).toEqual(new Set(['rendition', 'card', 'film', 'preview']));
  });

  test('in another codec are made of the same segments, each encoded once', () => {
    const hevc = story(
      'output: { height: 720, codec: hevc, depth: 10 }',
      'outputs: { same: { codec: hevc, depth: 10 } }',
    );
    expect(ofStage(hevc, 'segment')).toEqual(ofStage(plain, 'segment'));
    const pieces = renditions(hevc);
    expect(pieces.map(({ inputs }) => inputs[0])).toEqual(plain.film.inputs);
    expect(hevc.film.inputs.map(({ key }) => key)).toEqual(pieces.map(({ key }) => key));
    expect(hevc.film.params).toMatchObject({ codec: 'hevc' });
    expect(hevc.outputs?.[0]?.task.key).toBe(hevc.film.key);
  });

  test('that differ in nothing are the film (X2)', () => {
    const same = story('output: 720p', 'outputs: { same: { codec: h264 }, again: 1280x720 }');
    expect(same.outputs?.map(({ task }) => task.key)).toEqual([plain.film.key, plain.film.key]);
    expect(renditions(same)).toEqual([]);
  });

  test('of another shape look where each shot says, pan in joins, and have cards of their own (X3)', () => {
    const upright = story('output: 720p', 'outputs: { upright: 9:16 }');
    const framings = renditions(upright).map(({ params }) => params.framing);
    expect(framings).toContainEqual({ kind: 'crop', focus: 0 });
    expect(framings).toContainEqual({ kind: 'crop', focus: 1 });
    expect(framings).toContainEqual({ kind: 'crop', focus: 0, pan: { to: 1, frames: 12, first: 0 } });
    const cards = ofStage(upright, 'card').map(({ params }) => ('width' in params ? params.width : 0));
    expect(new Set(cards)).toEqual(new Set([1280, 406]));
    expect(upright.outputs?.[0]).toMatchObject({ name: 'upright', width: 406, height: 720, codec: 'h264' });
    const padded = story('output: 720p', 'outputs: { upright: { shape: 9:16, fit: pad } }');
    expect(new Set(renditions(padded).map(({ params }) => params.framing?.kind))).toEqual(new Set(['pad']));
  });

  test('get burnt captions at their own size, of segments without any', () => {
    const burnt = story('output: 720p', 'outputs: { social: { height: 360, captions: burn } }');
    const withWords = renditions(burnt).filter(({ params }) => params.cues !== undefined);
    expect(withWords.map(({ params }) => params.cues)).toContainEqual([{ from: 0, until: 18, text: 'Hello' }]);
    expect(burnt.outputs?.[0]?.burns).toBe(true);
    const all = story('output: { height: 720, codec: hevc, captions: burn }');
    expect(ofStage(all, 'burn')).toEqual([]);
    expect(renditions(all).some(({ params }) => params.cues !== undefined)).toBe(true);
  });

  test('as a stream are tracks in fragments, one for each size, without sound', () => {
    const { outputs, film } = story(
      'output: { height: 720, audio: silent }',
      'outputs: { live: { ladder: [720p, 360p] } }',
    );
    expect(outputs).toMatchObject([
      { name: 'live-720p', stream: 'live', width: 1280, height: 720, task: { params: { fragments: true } } },
      { name: 'live-360p', stream: 'live', width: 640, height: 360, task: { params: { fragments: true } } },
    ]);
    expect(outputs?.map(({ task }) => task.inputs.length)).toEqual([film.inputs.length - 1, film.inputs.length - 1]);
  });

  test('as previews show the film at a rate of their own', () => {
    const { outputs } = story('output: 720p', 'outputs: { look: { codec: webp, width: 320, fps: 8 } }');
    expect(outputs?.[0]?.task).toMatchObject({
      stage: 'preview',
      params: { width: 320, height: 180, fps: 8, frames: Math.round(plain.numFrames / 3), filmFrames: plain.numFrames },
      inputs: plain.film.inputs,
    });
  });
});
