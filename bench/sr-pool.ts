import { readFile, writeFile } from 'node:fs/promises';
import type { ManifestTask } from '../story/film/film-manifest.ts';
import type { PrivateStack } from '../test/harness/private-stack.ts';
import { renderMeasured, tasksOfFilm } from './film.ts';
import type { Row } from './report.ts';

const mebibyte = 2 ** 20;

interface StackFacts {
  readonly pools: readonly { readonly pool: string; readonly pid: number }[];
}

/** The super-resolution pool of a stack, and the memory that its worker and engine take while it makes a film. Linux only. */
export class SrPool {
  readonly #stack: PrivateStack;
  /** Of the worker, in `/proc`. */
  readonly #process: string;

  private constructor(stack: PrivateStack, pid: number) {
    this.#stack = stack;
    this.#process = `/proc/${String(pid)}`;
  }

  /** Starts the servers and pools of a stack. */
  static async start(stack: PrivateStack): Promise<SrPool> {
    const up = await stack.shotline('stack', 'up', '--json');
    const worker = (JSON.parse(up.stdout) as StackFacts).pools.find(({ pool }) => pool === 'sr');
    if (worker === undefined) throw new Error(up.stderr);
    return new SrPool(stack, worker.pid);
  }

  /** Renders a script; the pool's own tasks in it, and a row with frames, size and the most memory that worker and engine took. */
  async render(name: string, script: string): Promise<{ readonly tasks: readonly ManifestTask[]; readonly row: Row }> {
    // Starts the worker's high-water mark anew (proc_pid_clear_refs(5)); the engine does so itself for every task.
    await writeFile(`${this.#process}/clear_refs`, '5');
    const story = await this.#stack.writeStory(`${name}.yaml`, script);
    const { report: film, manifest } = await renderMeasured(this.#stack, story);
    const tasks = tasksOfFilm(manifest).filter(({ stage }) => stage === 'enhance' || stage === 'segment');
    const engine = Math.max(...tasks.map((task) => task.run?.peakBytes ?? 0)) / mebibyte;
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`${this.#process}/status`, 'latin1'))?.[1];
    const worker = Number(peak) / 1024;
    const row = {
      frames: film.frames,
      segments: tasks.filter(({ stage }) => stage === 'segment').length,
      film: `${String(film.width)}x${String(film.height)}`,
      'engine MiB': Math.round(engine),
      'worker MiB': Math.round(worker),
      'both MiB': Math.round(engine + worker),
    };
    return { tasks, row };
  }
}
