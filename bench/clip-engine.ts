import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FrameFile, type RgbFrames } from '../media/frame-file.ts';
import { loadModelSet, type LoadedModelSet } from '../storage/model-library.ts';
import type { ModelRole } from '../story/model-set.ts';
import { parseScript } from '../story/parse-script.ts';
import { planStory } from '../story/plan-story.ts';
import type { ShotPlan } from '../story/plan.ts';
import type { BaseTask } from '../story/task.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { runBase } from '../workers/base/pipeline.ts';
import { readLatents } from '../workers/clip-files.ts';
import { runInterp } from '../workers/interp/pipeline.ts';
import type { EngineJob } from '../workers/session/engine-job.ts';
import type { Graph, GraphTensors } from '../workers/session/graph.ts';
import { ModelCache, readPackage, type LocalPackage } from '../workers/session/models.ts';

/** A graph call of a run, for those who measure. */
export interface GraphCall {
  readonly graph: string;
  readonly ms: number;
}

/** A clip and how it came to be. */
export interface MadeClip {
  /** `[1, C, F, h, w]` */
  readonly latents: Tensor;
  readonly calls: readonly GraphCall[];
  readonly seconds: number;
}

/** Runs the clip stages of the pocket models in this process, with the pipelines of the workers and without servers. */
export class ClipEngine {
  readonly dir: string;
  readonly #models: LoadedModelSet;
  readonly #cache: ModelCache;
  readonly #packages: ReadonlyMap<string, LocalPackage>;
  #numFiles = 0;

  private constructor(dir: string, models: LoadedModelSet, packages: ReadonlyMap<string, LocalPackage>) {
    this.dir = dir;
    this.#models = models;
    this.#packages = packages;
    const config = { devices: [{ kind: 'cpu' }], threads: availableParallelism(), budgetBytes: 2 ** 31 } as const;
    this.#cache = new ModelCache(config, () => undefined);
  }

  static async open(): Promise<ClipEngine> {
    const models = await loadModelSet(fileURLToPath(new URL('../models', import.meta.url)), 'pocket');
    const packages = new Map<string, LocalPackage>();
    for (const [role, dir] of Object.entries(models.dirs)) packages.set(role, await readPackage(dir));
    return new ClipEngine(await mkdtemp(join(tmpdir(), 'shotline-clips-')), models, packages);
  }

  async close(): Promise<void> {
    await this.#cache.close();
    await rm(this.dir, { recursive: true });
  }

  /** Plans a story of one shot, `shot` being its fields in YAML's flow form without id. */
  plan(shot: string): ShotPlan {
    const script = parseScript(`shots: [{ id: shot, ${shot} }]`, { fileName: 'bench.yaml' });
    return planStory(script, this.#models.ref).shots[0]!;
  }

  /** Samples the base clip of a shot. */
  async base({ base }: ShotPlan): Promise<MadeClip> {
    const job = this.#job([]);
    const started = performance.now();
    await runBase(base as BaseTask, job);
    const seconds = (performance.now() - started) / 1000;
    return {
      latents: await readLatents(job.outputFile, base.key, [1, null, null, null, null]),
      calls: job.calls,
      seconds,
    };
  }

  /** Base and interpolation of a shot, decoded. */
  async frames({ base, interp }: ShotPlan): Promise<RgbFrames> {
    const keys = this.#job([]);
    await runBase(base as BaseTask, keys);
    const job = this.#job([keys.outputFile]);
    await runInterp(interp, job);
    const file = await FrameFile.open(job.outputFile);
    try {
      return await file.read(0, file.numFrames);
    } finally {
      await file.close();
    }
  }

  #job(inputFiles: readonly string[]): EngineJob & { readonly calls: GraphCall[] } {
    const calls: GraphCall[] = [];
    const packageOf = (role: ModelRole): LocalPackage => this.#packages.get(role)!;
    return {
      calls,
      inputFiles,
      outputFile: join(this.dir, `${String((this.#numFiles += 1))}.safetensors`),
      checkpointFile: null,
      scratchDir: this.dir,
      checkpointEvery: 0,
      shrink: 0,
      graphs: async (role, name): Promise<Graph> => {
        const graph = await this.#cache.graph(packageOf(role), name);
        return {
          run: async (inputs): Promise<GraphTensors> => {
            const started = performance.now();
            const outputs = await graph.run(inputs);
            calls.push({ graph: `${role}/${name}`, ms: performance.now() - started });
            return outputs;
          },
        };
      },
      manifest: (role) => packageOf(role).manifest,
      packageDir: (role) => packageOf(role).dir,
      progress: () => undefined,
      checkpoint: () => undefined,
      resumed: () => undefined,
      cancelled: () => false,
      throwIfCancelled: () => Promise.resolve(),
      stepDone: () => Promise.resolve(),
    };
  }
}
