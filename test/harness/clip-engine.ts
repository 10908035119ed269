import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FrameFile, type RgbFrames } from '../../media/frame-file.ts';
import { loadModelSet, type LoadedModelSet } from '../../storage/model-library.ts';
import type { ModelRole, ModelSetRef } from '../../story/models/model-set.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { planMadeStory } from '../../story/plan/plan-story.ts';
import type { MadeShot } from '../../story/plan/plan.ts';
import type { ModelChoice } from '../../story/script/script.ts';
import type { BaseTask, StageTask } from '../../story/plan/task.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { runBase } from '../../workers/base/pipeline.ts';
import { readLatents } from '../../workers/sampling/clip-files.ts';
import { decodeClip, runInterp } from '../../workers/interp/pipeline.ts';
import type { EngineJob, Pipeline } from '../../engine/engine-job.ts';
import { float32Output, type Graph, type GraphTensors } from '../../engine/graph.ts';
import { ModelCache, readPackage, type LocalPackage } from '../../engine/models.ts';

/** A graph call of a run, for those who measure. */
export interface GraphCall {
  readonly graph: string;
  readonly ms: number;
}

/** A clip and how it came to be. */
export interface MadeClip {
  /** Where it lies until the engine is closed. */
  readonly file: string;
  /** `[1, C, F, h, w]` */
  readonly latents: Tensor;
  readonly calls: readonly GraphCall[];
  readonly seconds: number;
}

const shippedModels = fileURLToPath(new URL('../../models', import.meta.url));

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

  /** With the pocket set, and the alternatives of it that are chosen; `modelsDir` has another set of that name. */
  static async open(choice: ModelChoice = {}, modelsDir = shippedModels): Promise<ClipEngine> {
    const models = await loadModelSet(modelsDir, 'pocket', choice);
    const packages = new Map<string, LocalPackage>();
    for (const [role, dir] of Object.entries(models.dirs)) packages.set(role, await readPackage(dir));
    return new ClipEngine(await mkdtemp(join(tmpdir(), 'shotline-clips-')), models, packages);
  }

  async close(): Promise<void> {
    await this.#cache.close();
    await rm(this.dir, { recursive: true });
  }

  /** What planning needs to know of the models. */
  get models(): ModelSetRef {
    return this.#models.ref;
  }

  /** A graph of the models. */
  async graph(role: ModelRole, name: string): Promise<Graph> {
    return this.#cache.graph(this.#packages.get(role)!, name);
  }

  /** Runs one task with input files and returns the file of its artifact. */
  async run<Task extends StageTask>(
    pipeline: Pipeline<Task>,
    task: Task,
    inputFiles: readonly string[],
  ): Promise<string> {
    const job = this.#job(inputFiles);
    await pipeline(task, job);
    return job.outputFile;
  }

  /** Plans a story of one shot, `shot` being its fields in YAML's flow form without id. */
  plan(shot: string): MadeShot {
    const script = parseScript(`shots: [{ id: shot, ${shot} }]`, { fileName: 'bench.yaml' });
    return planMadeStory(script, this.#models.ref).shots[0]!;
  }

  /** Samples the base clip of a shot. */
  async base(plan: MadeShot): Promise<MadeClip> {
    return (await this.iterations(plan)).at(-1)!;
  }

  /** Samples the base clip of a shot: with FreeInit every iteration, else the one clip. */
  async iterations({ base, earlier = [] }: MadeShot): Promise<readonly MadeClip[]> {
    const made: MadeClip[] = [];
    for (const task of [...earlier, base as BaseTask]) {
      const job = this.#job(made.slice(-1).map(({ file }) => file));
      const started = performance.now();
      await runBase(task, job);
      const seconds = (performance.now() - started) / 1000;
      const { outputFile: file, calls } = job;
      made.push({ file, latents: await readLatents(file, [1, null, null, null, null]), calls, seconds });
    }
    return made;
  }

  /** Base and interpolation of a shot, decoded. */
  async frames(plan: MadeShot): Promise<RgbFrames> {
    const { file: keys } = await this.base(plan);
    const job = this.#job([keys]);
    await runInterp(plan.interp, job);
    return readFrames(job.outputFile);
  }

  /** The key frames of a clip, decoded. */
  async decode(latents: Tensor): Promise<RgbFrames> {
    const { shape, data } = await decodeClip(latents, this.#job([]));
    const [count, , height, width] = shape;
    return { count, height, width, data };
  }

  /** What the probe sees in 16 frames: a word for every attribute. */
  async probe({ width, height, data }: RgbFrames, firstFrame: number): Promise<Readonly<Record<string, string>>> {
    const job = this.#job([]);
    const manifest = job.manifest('probe');
    if (manifest.role !== 'probe') throw new Error(`${manifest.name} is no probe`);
    const size = 3 * width * height;
    const bytes = data.subarray(firstFrame * size, (firstFrame + 16) * size);
    const graph = await job.graphs('probe', 'probe');
    const logits = await graph.run({
      frames: {
        type: 'float32',
        shape: [1, 16, 3, height, width],
        data: Float32Array.from(bytes, (byte) => byte / 127.5 - 1),
      },
    });
    const word = ([kind, words]: [string, readonly string[]]): [string, string] => {
      const values = [...float32Output(logits, kind).data];
      return [kind, words[values.indexOf(Math.max(...values))]!];
    };
    return Object.fromEntries(Object.entries(manifest.attributes).map(word));
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
      resumed: () => undefined,
      throwIfCancelled: () => Promise.resolve(),
      stepDone: () => Promise.resolve(),
    };
  }
}

/** All frames of a file. */
export async function readFrames(file: string): Promise<RgbFrames> {
  const frames = await FrameFile.open(file);
  try {
    return await frames.read(0, frames.numFrames);
  } finally {
    await frames.close();
  }
}
