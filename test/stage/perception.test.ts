import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ClipReport } from '../../eval/clip-report.ts';
import type { Dimension } from '../../eval/formulas/dimensions.ts';
import { strongestFlow } from '../../eval/formulas/flow-field.ts';
import type { Box } from '../../eval/formulas/spatial-relationship.ts';
import { scoreClip } from '../../eval/score-clip.ts';
import { scoreVideo } from '../../eval/score-video.ts';
import { classicalSet } from '../../eval/perception/classical-set.ts';
import { ClipView } from '../../eval/perception/clip-view.ts';
import { type LocalPerceptionModels, openLocalModels } from '../../eval/perception/local-models.ts';
import { openFinder } from '../../eval/perception/finder.ts';
import { openPerceptionModel } from '../../eval/perception/open-model.ts';
import { packageSet } from '../../eval/perception/package-set.ts';
import { scorePrompt } from '../../eval/score-prompt.ts';
import { writeFrameFile } from '../../media/frame-file.ts';
import { loadPerceptionModels, loadSetDirs, readModelSetState } from '../../storage/model-library.ts';
import { exampleModels } from '../fakes/example-models.ts';
import { exampleStory } from '../fakes/example-story.ts';
import { perceptionRoles } from '../../story/models/model-set.ts';
import { interpolatedClip, planMeasure } from '../../story/plan/plan-measure.ts';
import { planMadeStory } from '../../story/plan/plan-story.ts';
import { runMeasure } from '../../workers/interp/measure-clip.ts';
import { ModelCache, readPackage } from '../../engine/models.ts';
import { FakeEngineJob } from '../fakes/fake-engine-job.ts';
import { patternClip } from '../fakes/pattern-clip.ts';

/** Small models with random weights in the place of those of VBench, and what torch says of the same clip by its formulas. */
const fixtures = join(import.meta.dirname, 'fixtures/small-perception');
const fps = 8;
jest.setTimeout(120_000);

interface Expected {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly style: string;
  readonly names: readonly string[];
  /** By frame, the most certain first. */
  readonly found: readonly (readonly { readonly name: string; readonly certainty: number; readonly box: Box }[])[];
  readonly scores: Readonly<Record<string, number>>;
}

let modelsDir: string;
let expected: Expected;
let perception: LocalPerceptionModels;
beforeAll(async () => {
  modelsDir = await mkdtemp(join(tmpdir(), 'shotline-perception-'));
  await mkdir(join(modelsDir, 'sets'));
  await mkdir(join(modelsDir, 'packages'));
  for (const role of perceptionRoles) {
    await cp(join(fixtures, role), join(modelsDir, 'packages', `small-${role}`), { recursive: true });
  }
  const packages = Object.fromEntries(perceptionRoles.map((role) => [role, `small-${role}`]));
  await writeFile(join(modelsDir, 'sets', 'eyes.json'), JSON.stringify({ name: 'eyes', packages }));
  await writeFile(join(modelsDir, 'sets', 'none.json'), JSON.stringify({ name: 'none', packages: {} }));
  expected = JSON.parse(await readFile(join(fixtures, 'expected.json'), 'utf8')) as Expected;
  perception = await openLocalModels((await loadPerceptionModels(modelsDir, 'eyes')).dirs);
});
afterAll(async () => {
  await perception.close();
  await rm(modelsDir, { recursive: true });
});

const asked = () => ({ appearance_style: expected.style });
const clip = () => patternClip(expected.frames, expected.width, expected.height);

describe('a set of packages that look at films', () => {
  test('gives the scores that torch and torchvision give, each with the name of its model', async () => {
    const measured = await scoreClip(new ClipView(clip()), fps, packageSet(perception.packages, classicalSet), {
      asked: asked(),
    });
    const of = (dimension: Dimension) => measured.find((each) => each.dimension === dimension)!;
    for (const dimension of [
      'subject_consistency',
      'background_consistency',
      'appearance_style',
      'aesthetic_quality',
      'imaging_quality',
    ] as const) {
      expect(of(dimension).score!.score).toBeCloseTo(expected.scores[dimension]!, 3);
    }
    expect(measured.map(({ model }) => model)).toEqual([
      'DINO ViT-B/16',
      'small-image-text 1',
      'small-image-text 1',
      'none',
      'horn-schunck midpoint 3',
      'small-flow 1',
      'small-imaging 1',
      'small-aesthetic 1',
    ]);
  });

  test('is asked for a style, by the words that say it', async () => {
    const models = packageSet(perception.packages, classicalSet);
    const scoreOf = async (appearance_style: string) => {
      const measured = await scoreClip(new ClipView(clip()), fps, models, { asked: { appearance_style } });
      return measured.find(({ dimension }) => dimension === 'appearance_style')!.score!.score;
    };
    expect(await scoreOf('OIL  painting')).toBeCloseTo(expected.scores['appearance_style']!, 3);
    expect(Math.abs((await scoreOf('a cartoon')) - expected.scores['appearance_style']!)).toBeGreaterThan(0.01);
    const silent = await scoreClip(new ClipView(clip()), fps, models);
    expect(silent.map(({ dimension }) => dimension)).not.toContain('appearance_style');
  });

  test('sees without reading in a package that has no graph of words, and is asked for no style', async () => {
    const { 'image-text': whole, ...others } = perception.packages;
    const { image } = whole!.manifest.graphs;
    const { manifest, graph } = whole!;
    const source = { dir: '/no/tokenizer/there', manifest, graph: () => Promise.resolve(graph) };
    const seeing = await openPerceptionModel<'image-text'>({ ...whole!.manifest, graphs: { image: image! } }, source);
    expect(seeing.read).toBeUndefined();
    const models = packageSet({ ...others, 'image-text': seeing }, classicalSet);
    const measured = await scoreClip(new ClipView(clip()), fps, models, { asked: asked() });
    const background = measured.find(({ dimension }) => dimension === 'background_consistency')!;
    expect(background.score!.score).toBeCloseTo(expected.scores['background_consistency']!, 3);
    expect(measured.find(({ dimension }) => dimension === 'appearance_style')?.score ?? null).toBeNull();
  });

  test('finds what words name where torch and transformers find it', async () => {
    const finder = openFinder(perception.packages.finder!);
    const every = expected.found.map((_, frame) => frame);
    const [found = []] = await finder.find(new ClipView(clip()), every, [{ names: expected.names }], () =>
      Promise.resolve(),
    );
    expect(found.map((objects) => objects.map(({ name }) => name))).toEqual(
      expected.found.map((objects) => objects.map(({ name }) => name)),
    );
    for (const [frame, objects] of expected.found.entries()) {
      for (const [index, { certainty, box }] of objects.entries()) {
        const ours = found[frame]![index]!;
        expect(ours.certainty).toBeCloseTo(certainty, 3);
        for (const [side, at] of box.entries()) expect(ours.box[side]).toBeCloseTo(at, 2);
      }
    }
  });

  test('sees flow over the whole frame, filled up as published', async () => {
    const { flow } = packageSet(perception.packages, classicalSet);
    const field = await flow!.flow(new ClipView(clip()), 0, 1);
    expect([field.width, field.height]).toEqual([64, 40]);
    expect(strongestFlow(field, 0.05)).toBeCloseTo(expected.scores['flow']!, 3);
  });

  test('takes the place of other models role by role', () => {
    const { features } = perception.packages;
    const set = packageSet({ features }, classicalSet);
    expect(set.subject!.model).toBe('DINO ViT-B/16');
    expect(set.background).toBe(classicalSet.background);
    expect(set.aesthetic).toBeUndefined();
    expect(packageSet({}, classicalSet)).toBe(classicalSet);
  });

  test('is checked and found without any package that makes films', async () => {
    expect(Object.keys(await loadSetDirs(modelsDir, 'eyes'))).toEqual([...perceptionRoles]);
    await expect(loadPerceptionModels(modelsDir, 'none')).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
    const optional = JSON.stringify({ name: 'wish', packages: {}, optional: { features: 'dino', flow: 'small-flow' } });
    await writeFile(join(modelsDir, 'sets', 'wish.json'), optional);
    expect((await readModelSetState(modelsDir, 'wish')).missing).toEqual([]);
    expect(Object.keys((await loadPerceptionModels(modelsDir, 'wish')).dirs)).toEqual(['flow']);
    await writeFile(join(modelsDir, 'sets', 'wish.json'), optional.replace('small-flow', 'raft'));
    const { missing } = await readModelSetState(modelsDir, 'wish');
    expect(missing.map(({ role }) => role)).toEqual(['features', 'flow']);
  });

  test('measures a video at its own size', async () => {
    const { features } = perception.packages;
    const models = packageSet({ features }, { name: 'nothing', maxWidth: 256 });
    const file = join(import.meta.dirname, '../../eval/fixtures/boat.mp4');
    const measure = await scoreVideo(file, { models });
    expect(measure.looked).toEqual({ width: 256, height: 144 });
    expect(measure.dimensions.map(({ model }) => model)).toEqual(['DINO ViT-B/16', 'none']);
    expect(measure.comparable).toBe(true);
    const narrow = await scoreVideo(file, { models: { ...models, maxWidth: 128 } });
    expect(narrow.comparable).toBe(false);
  });
});

test('the measuring stage looks with the packages of the task', async () => {
  const cache = new ModelCache({ devices: [{ kind: 'cpu' }], threads: 1, budgetBytes: 2 ** 30 }, () => undefined);
  const sources = await Promise.all(perceptionRoles.map((role) => readPackage(join(fixtures, role))));
  const [shot] = planMadeStory(exampleStory([{ kind: 'cut' }]), exampleModels).shots;
  const packages = { ...exampleModels.packages };
  for (const role of perceptionRoles) packages[role] = exampleModels.packages.text!;
  const task = planMeasure(
    interpolatedClip(shot!, fps),
    'a boat',
    { ...exampleModels, packages },
    {
      ...asked(),
      object_class: 'boat',
    },
  );
  expect(Object.keys(task.packages)).toEqual(['text', ...perceptionRoles]);

  const files = await FakeEngineJob.create({ graphs: {}, manifests: {} });
  const input = join(files.scratchDir, 'clip.safetensors');
  await writeFrameFile(input, clip());
  const graphs = await Promise.all(
    perceptionRoles.flatMap((role, at) =>
      Object.keys(sources[at]!.manifest.graphs).map(
        async (name) => [`${role}/${name}`, await cache.graph(sources[at]!, name)] as const,
      ),
    ),
  );
  const job = await FakeEngineJob.create({
    graphs: Object.fromEntries(graphs),
    manifests: Object.fromEntries(perceptionRoles.map((role, at) => [role, sources[at]!.manifest])),
    packageDirs: { text: fixtures, ...Object.fromEntries(perceptionRoles.map((role) => [role, join(fixtures, role)])) },
    inputFiles: [input],
  });
  await runMeasure(task, job);
  const measure = JSON.parse(await readFile(job.outputFile, 'utf8')) as ClipReport;
  const models = Object.fromEntries(measure.scores.map(({ dimension, model }) => [dimension, model]));
  expect(models).toMatchObject({ subject_consistency: 'DINO ViT-B/16', aesthetic_quality: 'small-aesthetic 1' });
  const prompt = { prompt_en: 'a boat', dimension: ['appearance_style'] as Dimension[] };
  const [object] = scorePrompt(measure, { prompt_en: 'a boat', dimension: ['object_class'] });
  // Sixteen looks at nine frames, as VBench spreads them.
  expect(object).toMatchObject({ model: 'OWLv2 small', score: { weight: 16 } });
  const [style] = scorePrompt(measure, { ...prompt, auxiliary_info: { appearance_style: expected.style } });
  expect(style).toMatchObject({ model: 'small-image-text 1', score: { weight: expected.frames } });
  expect(measure.missing.map(({ dimension }) => dimension)).toEqual(['overall_consistency']);
  await files.dispose();
  await job.dispose();
  await cache.close();
});
