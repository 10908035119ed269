/**
 * Memory of the super-resolution pool, worker and engine together, and cost per frame, for an enhanced shot at 4K and for one ten
 * times as long. Run: `npx tsx bench/enhance/length.ts`. Prints a table and writes bench/results/enhance-length.json. Linux only.
 *
 * Key frames are denoised in one step: what they show does not matter here.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { PrivateStack } from '../../test/e2e/private-stack.ts';
import { renderMeasured, tasksOfFilm } from '../film.ts';
import { report, type Row } from '../report.ts';
import { enhancedStory } from './enhanced-shot.ts';

const mebibyte = 2 ** 20;
const size = { width: 3840, height: 2160, strength: 0.5 };
/** Seconds of the shots: one clip of 61 frames, and 610 frames. */
const lengths = [undefined, 610 / 24];

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
  for (const [number, seconds] of lengths.entries()) {
    // Starts the worker's high-water mark anew (proc_pid_clear_refs(5)); the engine does so itself for every task.
    await writeFile(`${proc}/clear_refs`, '5');
    const shot = { ...size, ...(seconds === undefined ? {} : { seconds }) };
    const story = await stack.writeStory(`shot-${String(number)}.yaml`, enhancedStory(shot));
    const { report: film, manifest } = await renderMeasured(stack, story);
    const tasks = tasksOfFilm(manifest).filter((task) => task.stage === 'enhance' || task.stage === 'segment');
    const engine = Math.max(...tasks.map((task) => task.run?.peakBytes ?? 0)) / mebibyte;
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`${proc}/status`, 'latin1'))?.[1];
    const parent = Number(peak) / 1024;
    const perFrame = (stage: string): number => {
      const busy = tasks.filter((task) => task.stage === stage).reduce((sum, task) => sum + (task.run?.busyMs ?? 0), 0);
      return Math.round(busy / film.frames);
    };
    rows.push({
      frames: film.frames,
      parts: tasks.length / 2,
      film: `${String(film.width)}x${String(film.height)}`,
      'engine MiB': Math.round(engine),
      'worker MiB': Math.round(parent),
      'both MiB': Math.round(engine + parent),
      'enhance ms/frame': perFrame('enhance'),
      'segment ms/frame': perFrame('segment'),
    });
  }
  await report('enhance-length', { models: 'pocket', scale: 2, strength: size.strength }, rows);
} finally {
  await stack.destroy();
}
