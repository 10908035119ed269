import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelManifest } from '../../story/models/model-manifest.ts';
import type { ModelRole } from '../../story/models/model-set.ts';
import { EngineCancelled, type EngineJob, type StepDone } from '../../engine/engine-job.ts';
import type { Graph } from '../../engine/graph.ts';

/** What a {@link FakeEngineJob} is made of; graphs are named `<role>/<graph>`. */
export interface FakeEngineJobOptions {
  readonly graphs: Readonly<Record<string, Graph>>;
  readonly manifests: Partial<Readonly<Record<ModelRole, ModelManifest>>>;
  readonly packageDirs?: Partial<Readonly<Record<ModelRole, string>>>;
  readonly inputFiles?: readonly string[];
  readonly checkpointFile?: string | null;
  readonly checkpointEvery?: number;
  readonly shrink?: number;
  /** The worker's cancel arrives in the step with this number. */
  readonly cancelInStep?: number;
}

/** An engine job without an engine: graphs are plain functions, files lie in a folder of its own, reports are kept. */
export class FakeEngineJob implements EngineJob {
  readonly inputFiles: readonly string[];
  readonly outputFile: string;
  readonly checkpointFile: string | null;
  readonly scratchDir: string;
  readonly checkpointEvery: number;
  readonly shrink: number;
  readonly reports: { unit: 'step' | 'frame'; done: number; of: number }[] = [];
  readonly checkpoints: { step: number; file: string }[] = [];
  resumedFrom = 0;
  readonly #options: FakeEngineJobOptions;
  #cancelled = false;

  private constructor(scratchDir: string, options: FakeEngineJobOptions) {
    this.#options = options;
    this.scratchDir = scratchDir;
    this.inputFiles = options.inputFiles ?? [];
    this.outputFile = join(scratchDir, 'output.safetensors');
    this.checkpointFile = options.checkpointFile ?? null;
    this.checkpointEvery = options.checkpointEvery ?? 0;
    this.shrink = options.shrink ?? 0;
  }

  static async create(options: FakeEngineJobOptions): Promise<FakeEngineJob> {
    return new FakeEngineJob(await mkdtemp(join(tmpdir(), 'shotline-job-')), options);
  }

  async dispose(): Promise<void> {
    await rm(this.scratchDir, { recursive: true });
  }

  graphs(role: ModelRole, graph: string): Promise<Graph> {
    const found = this.#options.graphs[`${role}/${graph}`];
    return found === undefined ? Promise.reject(new Error(`no graph ${role}/${graph}`)) : Promise.resolve(found);
  }

  manifest(role: ModelRole): ModelManifest {
    const found = this.#options.manifests[role];
    if (found === undefined) throw new Error(`no manifest ${role}`);
    return found;
  }

  packageDir(role: ModelRole): string {
    const found = this.#options.packageDirs?.[role];
    if (found === undefined) throw new Error(`no package folder ${role}`);
    return found;
  }

  progress(unit: 'step' | 'frame', done: number, of: number): void {
    this.reports.push({ unit, done, of });
  }

  resumed(step: number): void {
    this.resumedFrom = step;
  }

  throwIfCancelled(): Promise<void> {
    return this.#cancelled ? Promise.reject(new EngineCancelled()) : Promise.resolve();
  }

  async stepDone({ done, of, state }: StepDone): Promise<void> {
    this.progress('step', done, of);
    if (done === this.#options.cancelInStep) this.#cancelled = true;
    const due = this.checkpointEvery > 0 && done % this.checkpointEvery === 0 && done < of;
    if (due || this.#cancelled) {
      const file = join(this.scratchDir, `checkpoint-${String(done)}.safetensors`);
      await writeFile(file, state());
      this.checkpoints.push({ step: done, file });
    }
    await this.throwIfCancelled();
  }
}
