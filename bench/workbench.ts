import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModelSet } from '../storage/model-library.ts';
import type { LoadedModelSet } from '../storage/model-library.ts';
import type { ModelRole } from '../story/model-set.ts';
import { parseScript } from '../story/parse-script.ts';
import { planStory } from '../story/plan-story.ts';
import type { StoryPlan } from '../story/plan.ts';
import type { StoryScript } from '../story/script.ts';
import type { StageTask } from '../story/task.ts';
import { EngineClient, type EngineOutcome } from '../workers/session/engine-client.ts';
import { engineConfigFromEnv, engineEnvironment } from '../workers/session/config.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The plan of a script with the models of the repository. */
export async function planOf(script: StoryScript): Promise<StoryPlan> {
  return planStory(script, (await loadModelSet(join(root, 'models'), script.models)).ref);
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
  readonly #hear: (line: string) => void;

  private constructor(plan: StoryPlan, models: LoadedModelSet, folder: string, hear: (line: string) => void) {
    this.plan = plan;
    this.#models = models;
    this.#folder = folder;
    this.#hear = hear;
  }

  /** Plans `examples/first-film.yaml`. `hear` gets the lines that engines print. */
  static async open(hear: (line: string) => void = () => undefined): Promise<Workbench> {
    const file = join(root, 'examples', 'first-film.yaml');
    const script = parseScript(await readFile(file, 'utf8'), { fileName: file });
    const models = await loadModelSet(join(root, 'models'), script.models);
    return new Workbench(planStory(script, models.ref), models, await mkdtemp(join(tmpdir(), 'shotline-bench-')), hear);
  }

  /** Runs a task whose inputs have been run before, in the engine with this entry file. */
  async run(entry: string, task: StageTask): Promise<EngineOutcome> {
    const roles = Object.keys(task.packages) as ModelRole[];
    return this.#engine(entry).run({
      task,
      packageDirs: Object.fromEntries(roles.map((role) => [role, this.#models.dirs[role] ?? ''])),
      inputFiles: task.inputs.map((key) => this.#fileOf(key)),
      outputFile: this.#fileOf(task.key),
      checkpointFile: null,
      scratchDir: this.#folder,
      checkpointEvery: 4,
      shrink: 0,
    });
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

  #engine(entry: string): EngineClient {
    const found = this.#engines.get(entry);
    if (found !== undefined) return found;
    const engine = new EngineClient({
      entry: new URL(`../${entry}`, import.meta.url),
      env: engineEnvironment(engineConfigFromEnv()),
      cancelGraceMs: 30_000,
      log: (_level, message) => {
        this.#hear(message);
      },
    });
    this.#engines.set(entry, engine);
    return engine;
  }
}
