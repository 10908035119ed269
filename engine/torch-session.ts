import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PipelineError } from '../errors/pipeline-error.ts';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.ts';
import { deviceName } from './config.ts';
import type { GraphTensors } from './graph.ts';
import type { SessionSource } from './ort-session.ts';
import { checkInputs } from './signature.ts';
import type { GraphSignature } from './signature.ts';
import type { TorchHost } from './torch-host.ts';

/** One graph of a package as a torch module in the process of a {@link TorchHost}; the counterpart of `OrtSession`. */
export class TorchSession {
  /** `cpu in torch`, as logs say it. */
  readonly device: string;
  /** The torch module has its own copy. */
  readonly mapped = false;
  readonly #device: string;
  readonly #where: string;
  readonly #declared: GraphSignature;
  readonly #host: TorchHost;
  readonly #place: { readonly folder: string; readonly graph: string };
  readonly #threads: number;
  /** The process that the module is open in. */
  #generation: number | null = null;

  private constructor(
    source: SessionSource & { readonly file: string },
    host: TorchHost,
    device: string,
    graph: string,
  ) {
    this.device = `${device} in torch`;
    this.#device = device;
    this.#where = source.where;
    this.#declared = source.declared;
    this.#host = host;
    this.#place = { folder: dirname(source.file), graph };
    this.#threads = source.threads;
  }

  /**
   * Opens the graph on the first device that takes it. Gives `null` when no torch module has its shape: the graph is then one
   * for ONNX Runtime.
   *
   * @throws PipelineError `MODEL_INVALID` when the weights do not fit, `RESOURCE_ENGINE` when no listed device can be used.
   */
  static async open(
    source: SessionSource & { readonly file: string },
    graph: string,
    host: TorchHost,
  ): Promise<TorchSession | null> {
    const refusals: string[] = [];
    for (const [index, device] of source.devices.entries()) {
      const name = deviceName(device);
      const session = new TorchSession(source, host, name, graph);
      try {
        return (await session.#open()) ? session : null;
      } catch (error) {
        if (!(error instanceof PipelineError) || error.code !== 'RESOURCE_ENGINE') throw error;
        refusals.push(`${name}: ${error.message}`);
        if (index + 1 < source.devices.length) source.onFallback(name, error.message);
      }
    }
    throw new PipelineError(
      'RESOURCE_ENGINE',
      `${source.where}: no device of SHOTLINE_DEVICE can run it in torch (${refusals.join('; ')})`,
    );
  }

  /** Runs the module once; see `Graph` for what is checked. */
  async run(inputs: GraphTensors): Promise<GraphTensors> {
    checkInputs(this.#where, this.#declared.inputs, inputs);
    if (!this.#isOpen) await this.#open();
    const name = randomUUID(); // modules of two packages may run at once, and may be called alike
    const [given, made] = [join(this.#host.folder, `${name}.in`), join(this.#host.folder, `${name}.out`)];
    await writeFile(given, encodeSafetensors(inputs));
    try {
      await this.#host.ask({ kind: 'run', ...this.#place, inputs: given, outputs: made });
      return this.#outputs(decodeSafetensors(await readFile(made)).tensors);
    } finally {
      await rm(given, { force: true });
      await rm(made, { force: true });
    }
  }

  /** Frees the module's memory; `run` must not be called any more. */
  async close(): Promise<void> {
    if (this.#isOpen) await this.#host.ask({ kind: 'close', ...this.#place });
  }

  /** A process that died took its modules with it; another session may have started the next one. */
  get #isOpen(): boolean {
    return this.#generation !== null && this.#generation === this.#host.generation;
  }

  async #open(): Promise<boolean> {
    const answer = await this.#host.ask({
      kind: 'open',
      ...this.#place,
      device: this.#device,
      threads: this.#threads,
    });
    this.#generation = this.#host.generation;
    return answer.known === true;
  }

  #outputs(tensors: GraphTensors): GraphTensors {
    for (const { name } of this.#declared.outputs) {
      if (tensors[name] === undefined) {
        throw new PipelineError('MODEL_INVALID', `${this.#where}: torch made no ${name}, which the manifest names`);
      }
    }
    return tensors;
  }
}
