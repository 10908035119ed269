import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FilmManifest, ManifestTask } from '../../story/film/film-manifest.ts';
import { PrivateStack } from '../harness/private-stack.ts';

/** SEINE's modes and long shots on real servers: few pixels and few steps, the same tasks. */
const quick = ['--output', '320x180', '--allow-outside'];
/** Without a synthesiser nothing is said. */
const speaks = spawnSync('espeak-ng', ['--version']).status === 0;
let stack: PrivateStack;

beforeAll(async () => {
  stack = await PrivateStack.create();
}, 120_000);
afterAll(() => stack.destroy(), 60_000);

/** Renders an example with four steps per clip and returns its manifest. */
async function made(example: string, ...options: readonly string[]): Promise<FilmManifest> {
  const script = (await readFile(`examples/${example}.yaml`, 'utf8'))
    .replaceAll('pictures/', `${process.cwd()}/examples/pictures/`)
    .replaceAll('sounds/', `${process.cwd()}/examples/sounds/`)
    .replaceAll(speaks ? /$^/gm : /^ +say: .*\n/gm, '')
    .replaceAll('scale: 2', 'scale: 1')
    .replace('\nshots:', '\ndefaults: { steps: 4 }\nshots:')
    .replace('defaults: { seed: 7 }\ndefaults: { steps: 4 }', 'defaults: { seed: 7, steps: 4 }');
  const film = await stack.render(await stack.writeStory(`${example}.yaml`, script), ...quick, ...options);
  const answer = await fetch(film.manifestUrl);
  return (await answer.json()) as FilmManifest;
}

const knownOf = (manifest: FilmManifest): readonly (readonly number[])[] =>
  manifest.timeline.map(({ tasks }) =>
    tasks.flatMap((task) => (task.stage === 'completion' ? task.params.known.map(({ frame }) => frame) : [])),
  );

test('keyframes, then animation, encode each picture once and complete the clip', async () => {
  const keyframes = await made('keyframes');
  expect(keyframes.film.frames).toBe(61);
  expect(knownOf(keyframes)).toEqual([[0, 8, 15]]);
  const animate = await made('animate');
  expect(knownOf(animate)).toEqual([[0]]);
  const pictures = animate.timeline[0]?.tasks.filter(({ stage }) => stage === 'picture');
  expect(pictures).toMatchObject([{ run: { cacheHit: true } }]);
}, 600_000);

test('a chain of continued shots is one film', async () => {
  const manifest = await made('continue');
  expect(manifest.timeline.map(({ numFrames }) => numFrames)).toEqual([61, 48, 56]);
  expect(knownOf(manifest)).toEqual([[], [0, 1, 2, 3], [0, 1]]);
}, 600_000);

test('a subject is cut out of its picture once and shown in both shots; its in-betweens read words', async () => {
  const { timeline, film } = await made('subject');
  expect(film.frames).toBe(61 + 24 + 61);
  const bases = timeline.flatMap(({ tasks }) => tasks.flatMap((task) => (task.stage === 'base' ? [task] : [])));
  expect(bases.map(({ params }) => params.prompt)).toEqual([
    'a big {boat} sails to the right on the sea on a sunny day',
    'a {boat} stands still on the sea in the middle at sunset',
  ]);
  expect(new Set(bases.map(({ params }) => params.subject)).size).toBe(1);
  expect(bases[0]?.params.subject).toMatch(/^[0-9a-f]{64}$/);
  expect(bases.map(({ packages }) => packages.subject?.name)).toEqual(['pocket-subject', 'pocket-subject']);
}, 600_000);

test('another base makes the clips, and joins the set in all else', async () => {
  const { timeline } = await made('latte');
  const names = timeline.flatMap(({ tasks }) =>
    tasks.flatMap(({ stage, packages }) =>
      stage === 'base' ? [packages.base?.name] : stage === 'transition' ? [packages.transition?.name] : [],
    ),
  );
  expect(names).toEqual(['pocket-latte', 'pocket-transition', 'pocket-latte']);
}, 600_000);

test('a long take is sampled with FreeNoise, in one piece', async () => {
  const manifest = await made('long-take');
  expect(manifest.film.frames).toBe(240);
  expect(manifest.timeline.map(({ numFrames }) => numFrames)).toEqual([240]);
}, 600_000);

test('a finished film has cards, captions, a fade and a wipe, and is as long as its story says', async () => {
  const manifest = await made('finished');
  const { film, timeline } = manifest;
  expect(film.frames).toBe(16 * 24);
  expect(timeline.map(({ item }) => item)).toEqual([
    'card opening',
    'shot boat',
    'join boat+house',
    'shot house',
    'card before-later',
    'shot later',
    'join later+home',
    'shot home',
    'card closing',
  ]);
  const drawn = timeline.flatMap(({ kind, tasks }) => (kind === 'card' ? tasks : []));
  expect(drawn.every(({ stage, run }) => stage === 'card' && run !== null)).toBe(true);
  expect([film.captionsKey, film.subtitlesKey]).toEqual([
    expect.stringMatching(/captions\.vtt$/),
    expect.stringMatching(/captions\.srt$/),
  ]);
}, 600_000);

test('an upright film is cropped and as long as it says, at the pace of each shot', async () => {
  const { film, timeline } = await made('portrait', '--output', '180x320');
  expect([film.width, film.height]).toEqual([180, 320]);
  expect(timeline.map(({ numFrames }) => numFrames)).toEqual([45, 24 + 3, 60 - 12, 12, 36 - 12]);
}, 600_000);

test('a shot whose action changes is as long as its prompts need', async () => {
  const manifest = await made('motion');
  expect(manifest.film.frames).toBe(125);
}, 600_000);

test('FreeInit makes each iteration once, and a preview shares them with the whole render', async () => {
  const preview = await made('steady', '--iteration', '1');
  const whole = await made('steady');
  const basesOf = ({ timeline }: FilmManifest): readonly ManifestTask[] =>
    timeline.flatMap(({ tasks }) => tasks.filter(({ stage }) => stage === 'base'));
  expect(basesOf(preview)).toHaveLength(1);
  expect(basesOf(whole).map(({ key }) => key)).toContain(basesOf(preview)[0]?.key);
  expect(basesOf(whole).map(({ run }) => run?.cacheHit)).toEqual([true, false, false]);
  expect(whole.film.frames).toBe(61);
}, 600_000);

test('enhanced shots share their clip with the plain one and have their frames made before each segment', async () => {
  const { timeline, film } = await made('enhance');
  expect(film.frames).toBe(183);
  const [plain, ...enhanced] = timeline.map(({ tasks }) => tasks);
  expect(plain?.map(({ stage }) => stage)).not.toContain('enhance');
  for (const tasks of enhanced) {
    expect(tasks.find(({ stage }) => stage === 'interp')?.key).toBe(
      plain?.find(({ stage }) => stage === 'interp')?.key,
    );
    const made = tasks.filter(({ stage }) => stage === 'enhance');
    expect(made).toHaveLength(3);
    expect(tasks.filter(({ stage }) => stage === 'segment').map(({ inputs }) => inputs[0])).toEqual(
      made.map(({ key }) => key),
    );
  }
}, 900_000);

test('a gated shot says in the manifest what its takes scored, and which one the film shows', async () => {
  const { gates, script } = await made('gate');
  expect(gates).toHaveLength(1);
  const [gate] = gates!;
  expect(gate!.takes.length).toBeGreaterThanOrEqual(1);
  for (const { scores } of gate!.takes) expect(scores.dynamic_degree).toBeDefined();
  expect(script.shots[0]?.sampling.seed).toBe(gate!.seed);
}, 600_000);

test('a wrong picture ends with exit code 3 and the line it stands in', async () => {
  const shots = 'shots:\n  - id: a\n    prompt: a red ball\n    animate: none.png\n';
  const run = await stack.shotline('render', await stack.writeStory('wrong.yaml', shots), ...quick);
  expect(run.code).toBe(3);
  expect(run.stderr).toMatch(/wrong\.yaml:4: shots\[0\]\.animate is "none\.png", which cannot be read \(ENOENT\)/);
}, 60_000);
