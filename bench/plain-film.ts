/**
 * Shotline against a plain PyTorch script (`modeling/plain_film.py`) that takes all clips of a story of six shots through one stage
 * after the other, with the same weights, on the same machine. Run on an idle machine:
 * `SHOTLINE_PYTHON=<python with modeling/requirements.txt> npx tsx bench/plain-film.ts [options of shotline render]`.
 * Prints a table and writes bench/results/plain-film.json.
 */
import { madeShots } from '../story/plan/plan.ts';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PrivateStack } from '../test/harness/private-stack.ts';
import { itemName } from '../story/plan/item-words.ts';
import type { JoinPlan, MadeShot } from '../story/plan/plan.ts';
import type { DenoiseParams } from '../story/plan/task.ts';
import { renderMeasured, tasksOfFilm } from './film.ts';
import { report } from './report.ts';
import { planOf } from '../test/harness/workbench.ts';

const options = process.argv.slice(2);
const python = process.env['SHOTLINE_PYTHON'] ?? 'python3';

const prompts = [
  'a red boat sails to the right on the sea at sunset',
  'a yellow balloon rises over the beach by day',
  'a white rocket rises over the snow at night',
  'a blue car drives to the left on the grass by day',
  'a green tree stands still on the grass in the rain',
  'a white house stands still in the snow at night',
];
const story = [
  'title: Six',
  // Every frame of a clip, as the plain script shows it.
  'defaults: { join: { kind: seine, seconds: 2.46 } }',
  'shots:',
  ...prompts.map((prompt, n) => `  - { id: s${String(n)}, prompt: ${prompt} }`),
].join('\n');

interface Plain {
  readonly frames: number;
  readonly threads: number;
  readonly torch: string;
  readonly seconds: Readonly<Record<string, number>>;
}

const clipOf = (item: MadeShot | JoinPlan): DenoiseParams => {
  if (item.kind === 'shot') return item.base.params;
  if (item.work.kind !== 'seine') throw new Error(`${itemName(item)} is no transition`);
  return item.work.transition.params;
};

/** An item in the words of the script. */
function plainItem(item: MadeShot | JoinPlan): object {
  const { prompt, negative, steps, guidance, frames } = clipOf(item);
  const interp = item.kind === 'shot' ? item.interp : item.work.kind === 'seine' ? item.work.interp : null;
  return {
    prompt,
    negative,
    steps,
    guidance,
    keys: frames,
    interpSteps: interp?.params.steps,
    known: item.kind === 'join' && item.work.kind === 'seine' ? item.work.transition.params.known : 0,
    from: item.segments[0]!.params.from,
    count: item.segments.reduce((sum, { params }) => sum + params.count, 0),
  };
}

const stack = await PrivateStack.create();
try {
  const file = await stack.writeStory('six.yaml', story);
  const up = await stack.shotline('stack', 'up');
  if (up.code !== 0) throw new Error(up.stderr);
  // Models in the pools, as they are in the memory of the script when its clock starts.
  await stack.render(
    await stack.writeStory('warm.yaml', story.replaceAll(' a ', ' two ')),
    '--output',
    '128x72',
    '--quality',
    'draft',
  );
  const film = await renderMeasured(stack, file, ...options);
  await stack.shotline('stack', 'down');

  const plan = await planOf(film.manifest.script);
  const tasks = { ...plan.output, shots: madeShots(plan).map(plainItem), joins: plan.joins.map(plainItem) };
  const { stdout } = await promisify(execFile)(python, [
    '-m',
    'modeling.plain_film',
    await stack.writeStory('tasks.json', JSON.stringify(tasks)),
  ]);
  const plain = JSON.parse(stdout) as Plain;
  if (plain.frames !== film.report.frames) throw new Error(`the script made ${String(plain.frames)} frames`);
  const sum = Object.values(plain.seconds).reduce((total, seconds) => total + seconds, 0);
  const row = (made: string, seconds: Readonly<Record<string, number>>, wall: number) => ({
    made,
    ...Object.fromEntries(
      ['base', 'transition', 'interp', 'sr'].map((name) => [`${name} s`, round(seconds[name] ?? 0)]),
    ),
    'wall s': round(wall),
    'times faster': round(sum / wall),
  });
  const stages: Record<string, number> = {};
  for (const { stage, run } of tasksOfFilm(film.manifest)) {
    const name = stage === 'segment' ? 'sr' : stage;
    stages[name] = (stages[name] ?? 0) + (run?.busyMs ?? 0) / 1000;
  }
  const { width, height, frames } = film.report;
  await report(
    'plain-film',
    { shots: prompts.length, width, height, frames, torch: plain.torch, torchThreads: plain.threads },
    [
      row('plain PyTorch, without encoding', plain.seconds, sum),
      row('shotline render, all of it', stages, film.wallSeconds),
    ],
  );
} finally {
  await stack.destroy();
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
