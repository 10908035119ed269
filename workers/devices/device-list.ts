import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { PipelineError } from '../../errors/pipeline-error.ts';

/** What is known of a host without asking its driver. */
export interface HostView {
  /** `CUDA_VISIBLE_DEVICES`, which numbers anew what a process may see; `null` when it is not set. */
  readonly visible: string | null;
  /** How many GPUs the driver tells of. */
  readonly numGpus: () => Promise<number>;
}

/**
 * The devices of `--devices`, one for each worker: `auto` is every GPU of the host, a number or `cuda:<number>` is one GPU,
 * `cpu` the processor. Gives values of `SHOTLINE_DEVICE`.
 *
 * @throws PipelineError `SETTING_INVALID` for what is no device, for a GPU named twice, and for `auto` without a GPU.
 */
export async function devicesOf(list: string, host: HostView): Promise<readonly string[]> {
  if (list.trim() === 'auto') return autoDevices(host);
  const devices = list.split(',').map((entry) => deviceOf(entry.trim()));
  const twice = devices.find((device, index) => device !== 'cpu' && devices.indexOf(device) !== index);
  if (twice !== undefined) throw wrong(`names ${twice} twice; a device runs one worker`);
  return devices;
}

function deviceOf(entry: string): string {
  const [, index] = /^(?:cuda:)?(\d{1,3})$/.exec(entry) ?? [];
  if (index !== undefined) return `cuda:${String(Number(index))}`;
  if (entry === 'cpu') return 'cpu';
  throw wrong(
    `names ${JSON.stringify(entry)}; a device is a number, cuda:<number> or cpu, with commas between them, or auto`,
  );
}

async function autoDevices({ visible, numGpus }: HostView): Promise<readonly string[]> {
  const shown = visible?.split(',').filter((entry) => entry.trim() !== '' && entry.trim() !== '-1');
  const count = shown?.length ?? (await numGpus());
  if (count === 0) {
    const why =
      visible === null ? 'this host shows no GPU' : `CUDA_VISIBLE_DEVICES (${JSON.stringify(visible)}) shows no GPU`;
    throw wrong(`is auto, and ${why}; install the driver, name the devices, or run \`--devices cpu\``);
  }
  return Array.from({ length: count }, (_, index) => `cuda:${String(index)}`);
}

const wrong = (what: string): PipelineError => new PipelineError('SETTING_INVALID', `--devices ${what}.`);

/** How many GPUs NVIDIA's driver shows to this process: by `nvidia-smi`, and without it by the files of the devices. */
export async function countGpus(): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', ['--query-gpu=uuid', '--format=csv,noheader']);
    return stdout.split('\n').filter((line) => line.startsWith('GPU-')).length;
  } catch {
    const files = await readdir('/dev').catch(() => []);
    return files.filter((name) => /^nvidia\d+$/.test(name)).length;
  }
}
