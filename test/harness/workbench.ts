import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFrameFile, type RgbFrames } from '../../media/frame-file.ts';
import { loadModelSet } from '../../storage/model-library.ts';
import type { LoadedModelSet } from '../../storage/model-library.ts';
import type { ModelRole } from '../../story/models/model-set.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { planStory } from '../../story/plan/plan-story.ts';
import type { StoryPlan } from '../../story/plan/plan.ts';
import type { StoryScript } from '../../story/script/script.ts';
import type { StageTask } from '../../story/plan/task.ts';
import { EngineClient, type EngineOutcome } from '../../engine/client/engine-client.ts';
import { engineConfigFromEnv, engineEnvironment, type EngineConfig } from '../../engine/config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The plan of a script with the models of the repository. */
export async function planOf(script: StoryScript): Promise<StoryPlan> {
  return planStory(script, (await loadModelSet(join(root, 'models'), script.models)).ref);
}

/** What a workbench is made for. */
export interface WorkbenchOptions {
  /** A script; `examples/first-film.yaml` when absent. */
  readonly story?: string;
  /** Settings of engines that differ from those of the environment. */
  readonly engine?: Partial<EngineConfig>;
  /** Gets the lines that engines print. */
  readonly hear?: (line: string) => void;
}

/**
 * Runs tasks of a story in real engines, without Temporal and S3: artifacts are files in a folder. The models are those of
 * the repository.
 */
export class Workbench {
  readonly plan: StoryPlan;
  readonly #models: LoadedModelSet;
  readonly #folder: string;
  readonly #engines = new Map<string, EngineClient>();
  readonly #options: WorkbenchOptions;

  private constructor(plan: StoryPlan, models: LoadedModelSet, folder: string, options: WorkbenchOptions) {
    this.plan = plan;
    this.#models = models;
    this.#folder = folder;
    this.#options = options;
  }

  static async open(options: WorkbenchOptions = {}): Promise<Workbench> {
    const file = join(root, 'examples', 'first-film.yaml');
    const script = parseScript(options.story ?? (await readFile(file, 'utf8')), { fileName: file });
    const models = await loadModelSet(join(root, 'models'), script.models);
    const folder = await mkdtemp(join(tmpdir(), 'shotline-bench-'));
    return new Workbench(planStory(script, models.ref), models, folder, options);
  }

  /** Puts frames in the place of a task's artifact. */
  async give(key: string, frames: RgbFrames): Promise<void> {
    await writeFrameFile(this.#fileOf(key), frames);
  }

  /** The bytes of an artifact. */
  async artifact(key: string): Promise<Buffer> {
    return readFile(this.#fileOf(key));
  }

  /** Runs a task whose inputs are there, in an engine with this entry file: the one there is, or one of several. */
  async run(entry: string, task: StageTask, engine = 0): Promise<EngineOutcome> {
    const roles = Object.keys(task.packages) as ModelRole[];
    return this.#engine(entry, engine).run({
      task,
      packageDirs: Object.fromEntries(roles.map((role) => [role, this.#models.dirs[role] ?? ''])),
      inputFiles: task.inputs.map(({ key }) => this.#fileOf(key)),
      outputFile: this.#fileOf(task.key),
      checkpointFile: null,
      scratchDir: this.#folder,
      checkpointEvery: 4,
      shrink: 0,
    });
  }

  /** Starts one of several engines and ties it to a core. Linux only. */
  async pin(entry: string, engine: number, core: number): Promise<void> {
    const client = this.#engine(entry, engine);
    await client.warm([]);
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(client.pid)]);
  }

  /** Processor seconds that the engine with this entry file has used. Linux only. */
  async processorSeconds(entry: string): Promise<number> {
    const stat = await readFile(`/proc/${String(this.#engine(entry).pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime and stime, in ticks of 1/100 s (proc_pid_stat(5)).
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** Ends the engines and removes the files. */
  async close(): Promise<void> {
    for (const engine of this.#engines.values()) await engine.stop();
    await rm(this.#folder, { recursive: true });
  }

  #fileOf(key: string): string {
    return join(this.#folder, key);
  }

  #engine(entry: string, number = 0): EngineClient {
    const name = `${entry} ${String(number)}`;
    const found = this.#engines.get(name);
    if (found !== undefined) return found;
    const engine = new EngineClient({
      entry: new URL(`../../${entry}`, import.meta.url),
      env: engineEnvironment({ ...engineConfigFromEnv(), ...this.#options.engine }),
      cancelGraceMs: 30_000,
      log: (_level, message) => {
        this.#options.hear?.(message);
      },
    });
    this.#engines.set(name, engine);
    return engine;
  }
}
