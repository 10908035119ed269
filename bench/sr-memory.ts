/**
 * Memory of the super-resolution pool, worker and engine together, at 4K for one clip and for ten. Run:
 * `npx tsx bench/sr-memory.ts`. Prints a table and writes bench/results/sr-memory.json. Linux only.
 *
 * The clips are denoised in one step: what they show does not matter to memory, and the pool's share of the time grows.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { PrivateStack } from '../test/e2e/private-stack.ts';
import { renderMeasured, tasksOfFilm } from './film.ts';
import { report, type Row } from './report.ts';

const mebibyte = 2 ** 20;
const clips = [1, 10];

/** A story of so many shots, all different, with cuts between them: 61 frames each. */
const storyOf = (numShots: number): string =>
  [
    'title: Memory',
    `defaults: { steps: 1, seed: ${String(numShots)} }`,
    'shots:',
    ...Array.from(
      { length: numShots },
      (_, n) => `  - { id: s${String(n)}, prompt: a red ball${n === 0 ? '' : ', join: cut'} }`,
    ),
  ].join('\n');

interface StackFacts {
  readonly pools: readonly { readonly pool: string; readonly pid: number }[];
}

const stack = await PrivateStack.create();
try {
  const up = await stack.shotline('stack', 'up', '--json');
  const worker = (JSON.parse(up.stdout) as StackFacts).pools.find(({ pool }) => pool === 'sr');
  if (worker === undefined) throw new Error(up.stderr);
  const proc = `/proc/${String(worker.pid)}`;
  const rows: Row[] = [];
  for (const numShots of clips) {
    // Starts the worker's high-water mark anew (proc_pid_clear_refs(5)); the engine does so itself for every task.
    await writeFile(`${proc}/clear_refs`, '5');
    const story = await stack.writeStory(`memory-${String(numShots)}.yaml`, storyOf(numShots));
    const { report: film, manifest } = await renderMeasured(stack, story);
    const segments = tasksOfFilm(manifest).filter((task) => task.stage === 'segment');
    const engine = Math.max(...segments.map((task) => task.run?.peakBytes ?? 0)) / mebibyte;
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`${proc}/status`, 'latin1'))?.[1];
    const parent = Number(peak) / 1024;
    rows.push({
      frames: film.frames,
      segments: segments.length,
      size: `${String(film.width)}x${String(film.height)}`,
      'engine MiB': Math.round(engine),
      'worker MiB': Math.round(parent),
      'both MiB': Math.round(engine + parent),
    });
  }
  await report('sr-memory', { models: 'pocket' }, rows);
} finally {
  await stack.destroy();
}
