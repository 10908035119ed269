import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DigestStream, digestOf, digestOfFile } from './file-hash.ts';

let dir: string;
beforeAll(async () => (dir = await mkdtemp(join(tmpdir(), 'shotline-hash-'))));
afterAll(() => rm(dir, { recursive: true }));

const bytes = randomBytes(3 * 1024 * 1024 + 17);
const expected = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };

test('a file has the digest of its bytes, whatever it is read in', async () => {
  const file = join(dir, 'large');
  await writeFile(file, bytes);
  expect(await digestOfFile(file)).toEqual(expected);
  expect(await digestOfFile(file, new AbortController().signal)).toEqual(expected);
  expect(digestOf(bytes)).toEqual(expected);
});

test('a reading that is given up ends', async () => {
  const file = join(dir, 'given-up');
  await writeFile(file, bytes);
  await expect(digestOfFile(file, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

test('a stream passes its bytes on and tells how far it is', async () => {
  const [passed, told]: [Buffer[], number[]] = [[], []];
  const digest = new DigestStream((done) => told.push(done));
  await pipeline(Readable.from([bytes.subarray(0, 10), bytes.subarray(10)]), digest, async (source) => {
    for await (const chunk of source) passed.push(chunk as Buffer);
  });
  expect(Buffer.concat(passed).equals(bytes)).toBe(true);
  expect([told, digest.digest()]).toEqual([[10, bytes.length], expected]);
});
