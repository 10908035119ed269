import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3Fault } from '../../test/harness/fault-proxy.ts';
import type { ChaosFarm } from './chaos-farm.ts';
import type { Chaos, FarmRow, Observation } from './row.ts';

const contentType = 'application/octet-stream';

/** What goes wrong between workers and S3, and inside it. */
export const storageRows: readonly FarmRow[] = [
  {
    name: 's3-weather',
    fault: '25 % of S3 requests: 500, 503, reset, cut off, garbled, answer lost',
    expected: 'same film',
    run: ({ farm, random }) => throughout(farm, { kind: 'weather', share: 0.25, random }),
  },
  {
    name: 's3-silent',
    fault: 'S3 does not answer for 40 s',
    expected: 'waits, same film',
    run: ({ farm }) => inTheMiddle(farm, { kind: 'silent' }, 40),
  },
  {
    name: 's3-denied',
    fault: 'S3 answers 403 for 5 s',
    expected: 'waits, same film',
    run: ({ farm }) => inTheMiddle(farm, { kind: 'denied' }, 5),
  },
  {
    name: 's3-slow',
    fault: 'S3 answers at 400 KB/s',
    expected: 'same film',
    run: ({ farm }) => throughout(farm, { kind: 'slow', bytesPerSecond: 400_000 }),
  },
  {
    name: 'film-flipped',
    fault: 'a bit of the film artifact flipped',
    expected: 'found out, made again, same film',
    run: (chaos) => damaged(chaos, (bytes) => (bytes[bytes.length >> 1]! ^= 1)),
  },
  {
    name: 'film-cut',
    fault: 'the film artifact cut to half',
    expected: 'found out, made again, same film',
    run: (chaos) => damaged(chaos, (bytes) => bytes.subarray(0, bytes.length >> 1)),
  },
  {
    name: 'film-deleted',
    fault: 'film artifact and published film deleted',
    expected: 'made again, same film',
    run: async ({ farm }) => {
      await prepare(farm);
      await farm.forget('artifacts/film/', 'films/');
      return again(farm, 'made again, identical');
    },
  },
  {
    name: 'forged',
    fault: "other latents under a clip's key, with a hash that fits them",
    expected: 'refused, made again, same film',
    run: forged,
  },
  {
    name: 'lost-blob',
    fault: 'an artifact is lost behind a live S3: HEAD 200, GET 500',
    expected: 'made again, same film',
    run: lostBlob,
  },
];

async function prepare(farm: ChaosFarm): Promise<void> {
  await farm.forget();
  await farm.expectSameFilm(await farm.render());
}

/** Renders once more, and tells when the first thing was made. A story that gets nowhere is ended. */
async function again(farm: ChaosFarm, observed: string): Promise<Observation> {
  const ended = farm.renderWithin(300);
  const progress = await farm.progressAfter(() => undefined, ended);
  await farm.expectSameFilm(await ended);
  return { observed, progress: [progress] };
}

async function throughout(farm: ChaosFarm, fault: S3Fault): Promise<Observation> {
  await farm.forget();
  const before = farm.proxy.faults;
  farm.proxy.fault = fault;
  try {
    await farm.expectSameFilm(await farm.render());
  } finally {
    farm.proxy.fault = { kind: 'none' };
  }
  return { observed: `identical; ${String(farm.proxy.faults - before)} requests met it`, progress: [] };
}

async function inTheMiddle(farm: ChaosFarm, fault: S3Fault, seconds: number): Promise<Observation> {
  await farm.forget();
  const ended = farm.render();
  await farm.midLoop();
  farm.proxy.fault = fault;
  try {
    await delay(seconds * 1000);
  } finally {
    farm.proxy.fault = { kind: 'none' };
  }
  const progress = await farm.progressAfter(() => undefined, ended);
  await farm.expectSameFilm(await ended);
  return { observed: 'identical; seconds are from its end', progress: [progress] };
}

async function bytesOf({ objects }: ChaosFarm, key: string): Promise<Buffer> {
  const found = await objects.get(key);
  const parts: Buffer[] = [];
  for await (const part of found!.body) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The film artifact and the published film with other bytes and the hash of the true ones. */
async function damaged({ farm }: Chaos, change: (bytes: Buffer) => unknown): Promise<Observation> {
  await prepare(farm);
  const [artifact] = await farm.objects.list('artifacts/film/');
  const { sha256, seal } = (await farm.objects.head(artifact!.key))!;
  const bytes = await bytesOf(farm, artifact!.key);
  const changed = change(bytes);
  await farm.objects.putBytes(artifact!.key, Buffer.isBuffer(changed) ? changed : bytes, {
    contentType,
    sha256: sha256!,
    ...(seal === null ? {} : { seal }),
  });
  await farm.forget('films/');
  const seen = await again(farm, 'found out and made again, identical');
  const truly = createHash('sha256')
    .update(await bytesOf(farm, artifact!.key))
    .digest('hex');
  assert.equal(truly, sha256, 'the bytes of the film artifact are not those of the undisturbed run');
  return seen;
}

async function forged({ farm }: Chaos): Promise<Observation> {
  await prepare(farm);
  const clips = await farm.objects.list('artifacts/base/');
  const other = await bytesOf(farm, clips[1]!.key);
  const { key } = clips[0]!;
  await farm.objects.putBytes(key, other, { contentType, sha256: createHash('sha256').update(other).digest('hex') });
  await farm.forget(
    'artifacts/interp/',
    'artifacts/transition/',
    'artifacts/dissolve/',
    'artifacts/segment/',
    'artifacts/film/',
    'films/',
  );
  return again(farm, 'refused and made again, identical');
}

async function lostBlob({ farm }: Chaos): Promise<Observation> {
  await prepare(farm);
  const [clip] = await farm.objects.list('artifacts/interp/');
  await farm.forget('artifacts/segment/', 'artifacts/film/', 'films/');
  const path = new RegExp(clip!.key);
  farm.proxy.fault = { kind: 'lost', path };
  try {
    return await again(farm, 'made again, identical');
  } finally {
    farm.proxy.fault = { kind: 'none' };
  }
}
