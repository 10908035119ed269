import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { tsImport } from 'tsx/esm/api';

/**
 * One real Temporal server and one workflow bundle for the whole run of the project `workflow`: test files find both through
 * `SHOTLINE_TEST_TEMPORAL` (address) and `SHOTLINE_TEST_BUNDLE` (path).
 */
export default async function startTemporal() {
  const load = (path) => tsImport(path, import.meta.url);
  const [{ ensureProgram }, { stackConfigFromEnv }, { writeWorkflowBundle }] = await Promise.all([
    load('../infra/local/wheels.ts'),
    load('../infra/local/config.ts'),
    load('../workflows/bundle.ts'),
  ]);
  const binary = await ensureProgram('temporal', stackConfigFromEnv(process.env), () => undefined);
  const dir = await mkdtemp(join(tmpdir(), 'shotline-test-'));
  const bundlePath = join(dir, 'workflow-bundle.js');
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const attributes = ['StoryTitle=Keyword', 'StoryState=Keyword', 'StoryModels=Keyword', 'StoryShots=Int', 'StoryShotsDone=Int'];
  const server = spawn(
    binary,
    [
      ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
      // The server's own default makes each hop between queues five times slower.
      ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=1000'],
      ...attributes.flatMap((attribute) => ['--search-attribute', attribute]),
      // A namespace without the attributes, as one that nobody has prepared for Shotline.
      ...['--namespace', 'unprepared'],
    ],
    { stdio: 'ignore', env: { PATH: process.env.PATH, HOME: dir } },
  );
  globalThis.shotlineTestTemporal = { server, dir };
  await Promise.all([writeWorkflowBundle(bundlePath), waitForServer(address, server)]);
  process.env.SHOTLINE_TEST_TEMPORAL = address;
  process.env.SHOTLINE_TEST_BUNDLE = bundlePath;
}

async function waitForServer(address, server) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: '1s' });
      await connection.workflowService.describeNamespace({ namespace: 'unprepared' });
      await connection.close();
      return;
    } catch (error) {
      if (server.exitCode !== null) throw new Error(`The Temporal server ended with ${server.exitCode}`, { cause: error });
      if (Date.now() > deadline) throw new Error('The Temporal server does not answer', { cause: error });
      await delay(50);
    }
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
