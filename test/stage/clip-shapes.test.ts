import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { planMadeStory } from '../../story/plan/plan-story.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { ClipEngine } from '../harness/clip-engine.ts';

const shipped = fileURLToPath(new URL('../../models', import.meta.url));
const shapes = [
  { width: 96, height: 160 },
  { width: 128, height: 128 },
];

let models: string;
let engine: ClipEngine;

// The models of the pocket set, in a set that offers further shapes.
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'shotline-shapes-'));
  await mkdir(join(models, 'sets'));
  await symlink(join(shipped, 'packages'), join(models, 'packages'));
  const file = join('sets', 'pocket.json');
  await cp(join(shipped, file), join(models, file));
  const set = JSON.parse(await readFile(join(shipped, file), 'utf8')) as object;
  await writeFile(join(models, file), JSON.stringify({ ...set, shapes }));
  engine = await ClipEngine.open({}, models);
});

afterAll(async () => {
  await engine.close();
  await rm(models, { recursive: true });
});

test.each([
  ['9:16', [96, 160]],
  ['1:1', [128, 128]],
])(
  'a film of %s is made of clips of the nearest shape that the set offers',
  async (shape, [width, height]) => {
    const text = `output: "${shape}"\nshots: [{ id: house, prompt: a red house, steps: 2 }]`;
    const [shot] = planMadeStory(parseScript(text, { fileName: 'story.yaml' }), engine.models).shots;
    expect(await engine.frames(shot!)).toMatchObject({ count: 61, width, height });
  },
  120_000,
);
