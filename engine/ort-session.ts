import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { PipelineError } from '../errors/pipeline-error.ts';
import { deviceName } from './config.ts';
import type { Device } from './config.ts';
import { asPipelineError, errorMessage } from '../errors/failures.ts';
import type { GraphTensor, GraphTensors } from './graph.ts';
import { checkInputs, checkSignature } from './signature.ts';
import type { GraphSignature, TensorSpec } from './signature.ts';

/** What {@link OrtSession.open} needs to know. */
export interface SessionSource {
  /** Names the graph in errors and logs: `pocket-base/denoiser`. */
  readonly where: string;
  /** ONNX file, external data lies beside it; or the bytes of one. */
  readonly file: string | Uint8Array;
  readonly declared: GraphSignature;
  /** Devices in the order they are tried. */
  readonly devices: readonly Device[];
  readonly threads: number;
  /**
   * Leave weights in half precision where the file is mapped. The CPU computes in float32, and ONNX Runtime otherwise makes a
   * float32 copy of them all when it opens the file. Has no effect on other devices, which compute in the stored type.
   */
  readonly mapped?: boolean;
  /** Hears about a device that could not be used while another one is left to try. */
  readonly onFallback: (device: string, reason: string) => void;
}

/**
 * One ONNX Runtime session on one device. `run` blocks the event loop for the whole call (onnxruntime-node runs it on the
 * main thread), which is why sessions live in an engine process and nowhere else.
 */
export class OrtSession {
  readonly device: string;
  /** Whether the weights were left where the file is mapped. */
  readonly mapped: boolean;
  readonly #where: string;
  readonly #declared: GraphSignature;
  readonly #session: InferenceSession;

  private constructor(source: SessionSource, session: InferenceSession, device: Device) {
    this.device = deviceName(device);
    this.mapped = isMapped(source, device);
    this.#where = source.where;
    this.#declared = source.declared;
    this.#session = session;
  }

  /**
   * Opens the file on the first device that takes it and compares it with its manifest.
   *
   * @throws PipelineError `MODEL_INVALID` when the file is not what the manifest says or not a model at all,
   * `RESOURCE_MEMORY` when it does not fit, `RESOURCE_ENGINE` when no listed device can be used.
   */
  static async open(source: SessionSource): Promise<OrtSession> {
    const refusals: string[] = [];
    for (const [index, device] of source.devices.entries()) {
      try {
        return new OrtSession(source, await createOn(device, source), device);
      } catch (error) {
        const refusal = refusalOn(device, source.where, error);
        if (refusal.code !== 'RESOURCE_ENGINE') throw refusal;
        refusals.push(refusal.message);
        if (index + 1 < source.devices.length) source.onFallback(deviceName(device), refusal.message);
      }
    }
    throw new PipelineError(
      'RESOURCE_ENGINE',
      `${source.where}: no device of SHOTLINE_DEVICE can run it (${refusals.join('; ')}); add cpu to the list or repair the driver`,
    );
  }

  /** Runs the graph once; see `Graph` for what is checked. */
  async run(inputs: GraphTensors): Promise<GraphTensors> {
    checkInputs(this.#where, this.#declared.inputs, inputs);
    const feeds: Record<string, Tensor> = {};
    for (const [name, tensor] of Object.entries(inputs))
      feeds[name] = new Tensor(tensor.type, tensor.data, tensor.shape);
    const fetches = this.#declared.outputs.map((output) => output.name);
    let results: InferenceSession.ReturnType;
    try {
      results = await this.#session.run(feeds, fetches);
    } catch (error) {
      throw runFailure(this.#where, error);
    }
    return Object.fromEntries(fetches.map((name) => [name, toGraphTensor(this.#where, name, results[name])]));
  }

  /** Frees the session's memory; `run` must not be called any more. */
  async close(): Promise<void> {
    await this.#session.release();
  }
}

/**
 * What goes into an ONNX file and comes out, for those who write its manifest.
 *
 * @throws PipelineError `MODEL_INVALID` when it is no model that ONNX Runtime opens.
 */
export async function readSignature(where: string, file: string): Promise<GraphSignature> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(file, { executionProviders: ['cpu'], logSeverityLevel: 3 });
  } catch (error) {
    throw refusalOn({ kind: 'cpu' }, where, error);
  }
  try {
    return signatureOf(session);
  } finally {
    await session.release();
  }
}

/**
 * Helper threads that spin for work take the cores from the other engines and the encoder of this host: on two shared cores a
 * step of the pocket base model takes 220 ms of processor time without spinning and 345 with it.
 */
const quietThreads = { intra_op: { allow_spinning: '0' } };

/** Weights are made float32 where a node reads them, and let go again: these two would keep all of them so. */
const widening = 'ConstantFolding;FuseFp16InitializerToFp32NodeTransformer';

function isMapped(source: SessionSource, device: Device): boolean {
  return source.mapped === true && device.kind === 'cpu';
}

async function createOn(device: Device, source: SessionSource): Promise<InferenceSession> {
  // ONNX Runtime drops a provider that its build lacks and goes on with the CPU without a word.
  if (!listSupportedBackends().some((backend) => backend.name === device.kind)) {
    throw new Error(`this build of ONNX Runtime has no ${device.kind} provider`);
  }
  const options: InferenceSession.SessionOptions = {
    executionProviders: [device.kind === 'cpu' ? 'cpu' : { name: 'cuda', deviceId: device.index }],
    intraOpNumThreads: source.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3, // errors: a constant that was not folded is nothing that anybody could act upon
    extra: {
      session: quietThreads,
      ...(isMapped(source, device) && { optimization: { disable_specified_optimizers: widening } }),
    },
  };
  const { file } = source;
  // Two signatures, of which none takes both.
  const opened = await (typeof file === 'string'
    ? InferenceSession.create(file, options)
    : InferenceSession.create(file, options));
  try {
    checkSignature(source.where, source.declared, signatureOf(opened));
  } catch (error) {
    await opened.release();
    throw error;
  }
  return opened;
}

/** On a GPU a failed open may be the driver's fault; the CPU is always there, so on the CPU it is the model's. */
function refusalOn(device: Device, where: string, error: unknown): PipelineError {
  const failure = asPipelineError(error, `${where}: opening on ${deviceName(device)}`);
  if (failure.code !== 'INTERNAL') return failure;
  return device.kind === 'cpu'
    ? new PipelineError(
        'MODEL_INVALID',
        `${where}: ONNX Runtime cannot open the file (${errorMessage(error)}); export it again`,
        { cause: error, details: { graph: where } },
      )
    : new PipelineError('RESOURCE_ENGINE', `${deviceName(device)}: ${errorMessage(error)}`, { cause: error });
}

function runFailure(where: string, error: unknown): PipelineError {
  const failure = asPipelineError(error, `${where}: running`);
  if (failure.code !== 'INTERNAL') return failure;
  return new PipelineError(
    'RESOURCE_ENGINE',
    `${where}: ONNX Runtime failed (${errorMessage(error)}); if it repeats, check the shapes and the device`,
    { cause: error },
  );
}

function signatureOf(session: InferenceSession): GraphSignature {
  const specs = (metadata: readonly InferenceSession.ValueMetadata[]): readonly TensorSpec[] =>
    metadata.map((value) =>
      value.isTensor
        ? { name: value.name, type: value.type, shape: value.shape }
        : { name: value.name, type: 'not a tensor', shape: [] },
    );
  return { inputs: specs(session.inputMetadata), outputs: specs(session.outputMetadata) };
}

function toGraphTensor(where: string, name: string, value: Tensor | undefined): GraphTensor {
  const shape = value?.dims ?? [];
  if (value?.data instanceof Float32Array) return { type: 'float32', shape, data: value.data };
  if (value?.data instanceof BigInt64Array) return { type: 'int64', shape, data: value.data };
  if (value?.data instanceof Uint8Array) return { type: 'uint8', shape, data: value.data };
  throw new PipelineError('MODEL_INVALID', `${where}: output ${name} is ${value?.type ?? 'missing'}; export it again`);
}
