import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CheckpointUploader } from './checkpoint-uploader.ts';
import type { Checkpoint } from './checkpoint-uploader.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-checkpoints-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function checkpoint(step: number): Promise<Checkpoint> {
  const file = join(dir, String(step));
  await writeFile(file, 'state');
  return { step, file };
}

/** A save that the test lets go on by hand. */
function handDriven() {
  const started: number[] = [];
  const doors: (() => void)[] = [];
  const failures: unknown[] = [];
  const uploader = new CheckpointUploader({
    save: ({ step }, signal) => {
      started.push(step);
      return new Promise((resolve, reject) => {
        doors.push(resolve);
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    },
    onError: (error) => failures.push(error),
  });
  return { uploader, started, doors, failures };
}

describe('the checkpoint uploader', () => {
  test('keeps only the newest while one is under way (U1), and no files (U2)', async () => {
    const { uploader, started, doors } = handDriven();
    for (const step of [4, 8, 12, 16]) uploader.offer(await checkpoint(step));
    doors[0]?.();
    while (doors.length < 2) await new Promise(setImmediate);
    doors[1]?.();
    await uploader.finish(10_000);
    expect(started).toEqual([4, 16]);
    expect(await readdir(dir)).toEqual([]);
  });

  test('gives up on a store that hangs when the time is over (U3)', async () => {
    const { uploader, started, failures } = handDriven();
    uploader.offer(await checkpoint(4));
    uploader.offer(await checkpoint(8));
    await uploader.finish(20);
    expect(started).toEqual([4]);
    expect(failures).toEqual([]);
  });

  test('reports a failed save and saves the next one', async () => {
    const failed: number[] = [];
    const saved: number[] = [];
    const uploader = new CheckpointUploader({
      save: ({ step }) => {
        if (step === 4) return Promise.reject(new Error('the store is away'));
        saved.push(step);
        return Promise.resolve();
      },
      onError: (_error, { step }) => failed.push(step),
    });
    uploader.offer(await checkpoint(4));
    await uploader.finish(10_000);
    uploader.offer(await checkpoint(8));
    await uploader.finish(10_000);
    expect({ failed, saved }).toEqual({ failed: [4], saved: [8] });
  });

  test('settles at once when there is nothing to do', async () => {
    const { uploader, started } = handDriven();
    await uploader.finish(10_000);
    await uploader.discard();
    expect(started).toEqual([]);
  });
});
