import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { deviceName, engineConfigFromEnv, engineEnvironment } from '../engine/config.ts';
import type { GraphTensor } from '../engine/graph.ts';
import { ModelCache, readPackage } from '../engine/models.ts';
import { peakMemoryBytes } from '../engine/peak-memory.ts';

/**
 * One call of a denoiser by the engine's own session code, in a process like an engine's: seconds and its peak memory. Made for packages of full
 * width, which `python -m modeling.full_width` makes with random weights:
 * `npx tsx bench/full-width.ts <package folder> --axes F=16,h=40,w=64`. With a `SHOTLINE_MEMORY_MB` of less than twice the weights
 * they stay in the file.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { axes: { type: 'string', default: 'B=1,F=16,K=4,h=40,w=64,T=77,L=16,n=1' } },
});
const [folder] = positionals;
if (folder === undefined)
  throw new Error('usage: npx tsx bench/full-width.ts <package folder> [--axes F=16,h=40,w=64]');

const config = engineConfigFromEnv({ SHOTLINE_MEMORY_MB: '16384', ...process.env });
const environment = engineEnvironment(config);
// The allocator reads its settings when a process starts.
if (Object.entries(environment).some(([name, value]) => process.env[name] !== value)) {
  const { status } = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: environment,
  });
  process.exit(status ?? 1);
}

const axes: Readonly<Record<string, number>> = {
  B: 1,
  F: 16,
  K: 4,
  h: 40,
  w: 64,
  T: 77,
  L: 16,
  n: 1,
  ...Object.fromEntries(values.axes.split(',').map((pair) => [pair.split('=')[0]!, Number(pair.split('=')[1])])),
};
axesFit(axes);

/** A window holds all frames unless the caller says otherwise. */
function axesFit(given: Readonly<Record<string, number>>): void {
  const wrong = Object.entries(given).find(([, size]) => !Number.isInteger(size) || size < 1);
  if (wrong !== undefined)
    throw new Error(`--axes: ${wrong[0]} is ${String(wrong[1])}; sizes are whole numbers from 1`);
}

/** Numbers that are neither all alike nor large. */
function filled(name: string, type: string, shape: readonly number[]): GraphTensor {
  const size = shape.reduce((product, side) => product * side, 1);
  if (type === 'int64') {
    const whole = (index: number): bigint =>
      BigInt(name === 'windows' || name === 'keys' ? index % shape.at(-1)! : 500);
    return { type: 'int64', shape, data: BigInt64Array.from({ length: size }, (_, index) => whole(index)) };
  }
  const neutral = name === 'freeu' || name === 'window_weights';
  return {
    type: 'float32',
    shape,
    data: Float32Array.from({ length: size }, (_, i) => (neutral ? 1 : Math.sin(i * 1.7))),
  };
}

const source = await readPackage(folder);
const [graph, declared] = Object.entries(source.manifest.graphs)[0]!;
const cache = new ModelCache(config, (_level, message) => {
  console.log(message);
});
const openedAt = performance.now();
const session = await cache.graph(source, graph);
const opened = performance.now();
const inputs = Object.fromEntries(
  declared.inputs.map(({ name, type, shape }) => {
    const sides = shape.map((side) => (typeof side === 'number' ? side : axes[side.split(' ')[0]!]!));
    return [name, filled(name, type, sides)];
  }),
);
const outputs = await session.run(inputs);
const done = performance.now();
const [prediction] = Object.values(outputs);
const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(1)} s`;
console.log(
  `${source.manifest.name}/${graph} on ${config.devices.map(deviceName).join(', ')}, ${config.threads} threads`,
);
console.log(
  `inputs ${Object.entries(inputs)
    .map(([name, { shape }]) => `${name} [${shape.join(', ')}]`)
    .join(', ')}`,
);
console.log(
  `opened in ${seconds(openedAt, opened)}, one call ${seconds(opened, done)}, output [${prediction!.shape.join(', ')}]`,
);
console.log(`finite: ${String((prediction!.data as Float32Array).every(Number.isFinite))}`);
console.log(`peak memory ${(peakMemoryBytes() / 2 ** 30).toFixed(2)} GiB`);
await cache.close();
