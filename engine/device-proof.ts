import { PipelineError } from '../errors/pipeline-error.ts';
import { deviceName } from './config.ts';
import { float32Output } from './graph.ts';
import { OrtSession } from './ort-session.ts';
import type { SessionSource } from './ort-session.ts';
import type { TorchHost } from './torch-host.ts';

const size = 16;

/** An ONNX graph of opset 13 with one node: `y = x · x`, of float32 `[16, 16]`. */
const product = Buffer.from(
  'CAgSCHNob3RsaW5lOk0KGgoBeAoBeBIBeRoHcHJvZHVjdCIGTWF0TXVsEgVwcm9vZloTCgF4Eg4KDAgBEggKAggQCgIIEGITCgF5Eg4KDAgBEggKAggQCgIIEEIECgAQDQ==',
  'base64',
);

/** Whole numbers small enough that every order of adding, and half precision too, gives the same product. */
const values = Float32Array.from({ length: size * size }, (_, index) => ((index * 7) % 11) - 5);

const matrix = (name: string) => ({ name, type: 'float32', shape: [size, size] });

/**
 * Has the first device that can be used compute a product that is known: driver, memory and kernels take part, weights do not,
 * which are checked by their hash. Gives the device's name.
 *
 * @throws PipelineError `RESOURCE_ENGINE` when no device can be used, or the product is wrong.
 */
export async function proveDevice(
  { devices, threads, onFallback }: Pick<SessionSource, 'devices' | 'threads' | 'onFallback'>,
  torch: TorchHost | null,
): Promise<string> {
  if (torch !== null) return proveTorch(torch, devices.map(deviceName), onFallback);
  const declared = { inputs: [matrix('x')], outputs: [matrix('y')] };
  const session = await OrtSession.open({ where: 'check', file: product, declared, devices, threads, onFallback });
  try {
    const outputs = await session.run({ x: { type: 'float32', shape: [size, size], data: values } });
    const { data } = float32Output(outputs, 'y');
    const wrong = data.findIndex((value, index) => value !== element(index));
    if (wrong < 0) return session.device;
    throw new PipelineError(
      'RESOURCE_ENGINE',
      `${session.device} computes wrong numbers: element ${String(wrong)} of a known product is ${String(data[wrong])} and must be ${String(element(wrong))}; take the device out of service and test it`,
      { details: { device: session.device } },
    );
  } finally {
    await session.close();
  }
}

/** The first device that computes in torch. */
async function proveTorch(
  torch: TorchHost,
  devices: readonly string[],
  onFallback: SessionSource['onFallback'],
): Promise<string> {
  for (const [index, device] of devices.entries()) {
    try {
      await torch.ask({ kind: 'prove', device });
      return `${device} in torch`;
    } catch (error) {
      if (index + 1 === devices.length || !(error instanceof PipelineError)) throw error;
      onFallback(device, error.message);
    }
  }
  throw new PipelineError('RESOURCE_ENGINE', 'SHOTLINE_DEVICE names no device');
}

/** What the product has at an index. */
function element(index: number): number {
  const [row, column] = [Math.floor(index / size), index % size];
  let sum = 0;
  for (let inner = 0; inner < size; inner += 1) {
    sum += (values[row * size + inner] ?? 0) * (values[inner * size + column] ?? 0);
  }
  return sum;
}
