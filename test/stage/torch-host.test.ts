import { afterEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TorchHost } from '../../engine/torch-host.ts';

describe('the process of the torch engine', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0)) await step();
  });

  /** A host over a shell script that stands for Python. */
  async function hostOf(script: string): Promise<TorchHost> {
    const folder = await mkdtemp(join(tmpdir(), 'shotline-test-'));
    undo.push(() => rm(folder, { recursive: true }));
    const python = join(folder, 'python');
    await writeFile(python, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const host = new TorchHost(python);
    undo.push(() => {
      host.close();
    });
    return host;
  }

  const request = { kind: 'close', folder: 'package', graph: 'graph' } as const;

  test('may print other lines beside its answers, as libraries do', async () => {
    const host = await hostOf(
      `echo 'Setting up'; echo '{"level": "warn"}'; read -r line; echo '{"id": 1, "known": true}'; cat`,
    );
    expect(await host.ask(request)).toEqual({ id: 1, known: true });
  });

  test('tells what it printed last when it dies', async () => {
    const host = await hostOf(`read -r line; echo 'no kernel image is available'; exit 3`);
    await expect(host.ask(request)).rejects.toMatchObject({
      code: 'RESOURCE_ENGINE',
      message: expect.stringContaining('exit code 3'),
      details: { stderr: ['no kernel image is available'] },
    });
  });
});
