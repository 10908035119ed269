import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readFully } from './read-fully.ts';

test('the asked bytes are read, and a file that ends before says at which byte', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shotline-read-'));
  await writeFile(
    join(folder, 'bytes'),
    Uint8Array.from({ length: 10 }, (_, index) => index),
  );
  const handle = await open(join(folder, 'bytes'));
  const onEnd = (byte: number): Error => new Error(`ends at ${byte}`);
  try {
    const into = new Uint8Array(4);
    await readFully(handle, into, 3, onEnd);
    expect([...into]).toEqual([3, 4, 5, 6]);
    await readFully(handle, into.subarray(0, 2), 8, onEnd);
    expect([...into]).toEqual([8, 9, 5, 6]);
    await expect(readFully(handle, into, 7, onEnd)).rejects.toThrow('ends at 10');
    await readFully(handle, new Uint8Array(0), 40, onEnd);
  } finally {
    await handle.close();
    await rm(folder, { recursive: true, force: true });
  }
});
