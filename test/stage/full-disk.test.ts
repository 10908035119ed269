import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withStackLock } from '../../infra/local/stack-lock.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { StorageConfig } from '../../storage/config.ts';

/** A disk of 200 MB that is mounted, where this process may mount. */
const disk = mkdtempSync(join(tmpdir(), 'shotline-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', disk]).status === 0;
/** Answers as SeaweedFS does when it cannot write: with an internal error that does not say why. */
const server = createServer((request, answer) => {
  request
    .resume()
    .on('end', () =>
      answer
        .writeHead(500, { 'content-type': 'application/xml' })
        .end(
          '<Error><Code>InternalError</Code><Message>We encountered an internal error, please try again.</Message></Error>',
        ),
    );
});
let config: StorageConfig;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  config = {
    endpoint,
    publicEndpoint: endpoint,
    region: 'us-east-1',
    bucket: 'films',
    credentials,
    ca: null,
    cacheDir: disk,
  };
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close').catch(() => undefined);
  if (mounted) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

const put = () => connectObjectStore(config).putBytes('a', Buffer.from('a'), { contentType: 'text/plain' });

(mounted ? test : test.skip)(
  'a storage that fails is down, and one whose disk is full says so',
  async () => {
    await expect(put()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    writeFileSync(join(disk, 'large'), Buffer.alloc(100e6));
    await expect(put()).rejects.toMatchObject({
      code: 'RESOURCE_DISK',
      message: expect.stringMatching(/The disk is full: \S+ has \d+ MB free\. Free space there\.$/) as unknown,
    });
  },
  60_000,
);

(mounted ? test : test.skip)(
  'what runs is stopped, and nothing is begun, on a disk without a free byte',
  async () => {
    const folder = mkdtempSync(join(disk, 'stack-'));
    const filler = join(disk, 'filler');
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k'], { stdio: 'ignore' });
    try {
      let stopped = false;
      const stop = (): Promise<void> => {
        stopped = true;
        return Promise.resolve();
      };
      await expect(withStackLock(folder, stop)).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(stopped).toBe(false);
      await withStackLock(folder, stop, undefined, { onFullDisk: true });
      expect(stopped).toBe(true);
    } finally {
      rmSync(filler);
    }
    await withStackLock(folder, () => Promise.resolve());
  },
  60_000,
);
