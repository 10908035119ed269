import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PipelineError } from '../errors/pipeline-error.ts';
import { parseManifest } from '../story/models/model-manifest.ts';
import type { ModelManifest } from '../story/models/model-manifest.ts';
import type { EngineConfig } from './config.ts';
import { proveDevice } from './device-proof.ts';
import type { Graph, GraphTensors } from './graph.ts';
import { OrtSession } from './ort-session.ts';
import type { SessionSource } from './ort-session.ts';
import { residentBytes } from './peak-memory.ts';
import { TorchHost } from './torch-host.ts';
import { TorchSession } from './torch-session.ts';

/**
 * Open sessions, bounded by a memory budget.
 *
 * Invariants:
 * M1 A graph is opened at most once at a time; concurrent calls share the opening.
 * M2 Before a session opens, the least recently used ones close until the rest and the newcomer fit the budget. A graph
 *    that is larger than the whole budget is opened alone: refusing it would make the budget a limit on model size.
 * M3 A {@link Graph} handle never dangles: when its session was closed, the next `run` opens it again.
 * M4 A session closes only while none of its runs is under way.
 * M5 A graph of more than half the budget keeps its weights in the file on the CPU ({@link SessionSource.mapped}): it takes
 *    longer and no more memory than its file, where it could take twice that.
 * M6 With `torch` in the settings, graphs that have a torch module run in it and the others in ONNX Runtime; without, a
 *    package that holds weights for torch is refused.
 */

/** Says what the engine is doing; the worker's logger is at the other end. */
export type EngineLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** A model package on disk with its manifest. */
export interface LocalPackage {
  readonly dir: string;
  readonly manifest: ModelManifest;
}

interface OpenSession {
  readonly session: OrtSession | TorchSession;
  /** Memory it is taken to hold: its files, or what the process grew by when it opened, whichever is more. */
  readonly bytes: number;
  running: number;
}

/**
 * Reads the manifest of a verified package folder.
 *
 * @throws PipelineError `MODEL_INVALID` when `model.json` cannot be read or breaks the schema.
 */
export async function readPackage(dir: string): Promise<LocalPackage> {
  const file = join(dir, 'model.json');
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new PipelineError('MODEL_INVALID', `${file} cannot be read as JSON; the package folder is not complete`, {
      cause: error,
    });
  }
  return { dir, manifest: parseManifest(json) };
}

/** Least-recently-used cache of sessions. */
export class ModelCache {
  readonly #config: EngineConfig;
  readonly #log: EngineLog;
  /** In the order of last use, oldest first. */
  readonly #open = new Map<string, OpenSession>();
  readonly #opening = new Map<string, Promise<OpenSession>>();
  readonly #torch: TorchHost | null;

  constructor(config: EngineConfig, log: EngineLog) {
    this.#config = config;
    this.#log = log;
    this.#torch = config.torch === undefined ? null : new TorchHost(config.torch.python);
  }

  /** Memory that the open sessions are taken to hold, bytes. */
  get heldBytes(): number {
    return [...this.#open.values()].reduce((sum, each) => sum + each.bytes, 0);
  }

  /** Names of the open graphs, least recently used first. */
  get openGraphs(): readonly string[] {
    return [...this.#open.keys()];
  }

  /**
   * A graph of a package, opened and checked.
   *
   * @throws PipelineError `MODEL_INVALID` when the manifest has no such graph; else as {@link OrtSession.open}.
   */
  async graph(source: LocalPackage, name: string): Promise<Graph> {
    await this.#acquire(source, name);
    return { run: (inputs) => this.#run(source, name, inputs) };
  }

  /**
   * Opens a graph before it is needed, where none is open or it fits the budget beside those that are: it is no reason to close one.
   *
   * @throws as {@link ModelCache.graph}.
   */
  async openAhead(source: LocalPackage, name: string): Promise<void> {
    const file = source.manifest.graphs[name]?.file;
    const bytes = file === undefined ? 0 : bytesOfGraph(source.manifest, file);
    if (this.#open.size === 0 || this.heldBytes + bytes <= this.#config.budgetBytes) await this.#acquire(source, name);
  }

  /**
   * Has a device compute what {@link proveDevice} knows the result of, where graphs of the settings would run.
   *
   * @throws PipelineError `RESOURCE_ENGINE` when no device of the settings can, or one computes wrongly.
   */
  async prove(): Promise<void> {
    const { devices, threads } = this.#config;
    const onFallback = (device: string, reason: string): void => {
      this.#log('warn', `${device} cannot be used, trying the next device`, { device, reason });
    };
    const device = await proveDevice({ devices, threads, onFallback }, this.#torch);
    this.#log('info', `${device} computes as it should`, { device });
  }

  /** Closes every session. */
  async close(): Promise<void> {
    for (const [key, each] of [...this.#open]) await this.#release(key, each);
    this.#torch?.close();
  }

  async #run(source: LocalPackage, name: string, inputs: GraphTensors): Promise<GraphTensors> {
    const key = join(source.dir, name);
    let entry = await this.#acquire(source, name);
    // Room may have been made for another graph since this one was found or opened.
    while (this.#open.get(key) !== entry) entry = await this.#acquire(source, name);
    entry.running += 1;
    try {
      return await entry.session.run(inputs);
    } finally {
      entry.running -= 1;
    }
  }

  async #acquire(source: LocalPackage, name: string): Promise<OpenSession> {
    const key = join(source.dir, name);
    const found = this.#open.get(key);
    if (found !== undefined) {
      this.#open.delete(key);
      this.#open.set(key, found);
      return found;
    }
    const pending = this.#opening.get(key) ?? this.#openSession(key, source, name);
    this.#opening.set(key, pending);
    try {
      return await pending;
    } finally {
      this.#opening.delete(key);
    }
  }

  async #openSession(key: string, source: LocalPackage, name: string): Promise<OpenSession> {
    const where = `${source.manifest.name}/${name}`;
    const declared = source.manifest.graphs[name];
    if (declared === undefined) {
      const names = Object.keys(source.manifest.graphs).join(', ');
      throw new PipelineError('MODEL_INVALID', `${where}: the manifest has no such graph, only ${names}`);
    }
    const fileBytes = bytesOfGraph(source.manifest, declared.file);
    await this.#makeRoom(fileBytes, where);
    const before = residentBytes();
    const startedMs = performance.now();
    const session = await this.#openOn(name, {
      where,
      file: join(source.dir, declared.file),
      declared,
      devices: this.#config.devices,
      threads: this.#config.threads,
      mapped: 2 * fileBytes > this.#config.budgetBytes,
      onFallback: (device, reason) => {
        this.#log('warn', `${where}: ${device} cannot be used, trying the next device`, { device, reason });
      },
    });
    const entry = { session, bytes: Math.max(fileBytes, residentBytes() - before), running: 0 };
    this.#open.set(key, entry);
    this.#log('info', `${where} opened on ${session.device}${session.mapped ? ', its weights left in the file' : ''}`, {
      graph: where,
      device: session.device,
      bytes: entry.bytes,
      openMs: Math.round(performance.now() - startedMs),
    });
    return entry;
  }

  async #openOn(name: string, from: SessionSource & { readonly file: string }): Promise<OrtSession | TorchSession> {
    const inTorch = this.#torch === null ? null : await TorchSession.open(from, name, this.#torch);
    if (inTorch !== null) return inTorch;
    if (from.file.endsWith('.safetensors')) {
      throw new PipelineError(
        'MODEL_INVALID',
        `${from.where}: the package holds weights for torch; set SHOTLINE_ENGINE=torch, or convert the checkpoint without --engine torch`,
      );
    }
    return OrtSession.open(from);
  }

  async #makeRoom(bytes: number, where: string): Promise<void> {
    const budget = this.#config.budgetBytes;
    for (const [key, each] of [...this.#open]) {
      if (this.heldBytes + bytes <= budget) return;
      if (each.running === 0) await this.#release(key, each);
    }
    if (this.heldBytes + bytes > budget) {
      this.#log('warn', `${where} is larger than what SHOTLINE_MEMORY_MB leaves`, { graph: where, bytes, budget });
    }
  }

  async #release(key: string, each: OpenSession): Promise<void> {
    this.#open.delete(key);
    await each.session.close();
    this.#log('debug', `${key} closed`, { graph: key, bytes: each.bytes });
  }
}

/** Size of a graph's file and of the external data beside it (`denoiser.onnx`, `denoiser.onnx.data`), bytes. */
function bytesOfGraph(manifest: ModelManifest, file: string): number {
  return manifest.files.reduce((sum, each) => (each.path.startsWith(file) ? sum + each.bytes : sum), 0);
}
