import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tsImport } from 'tsx/esm/api';

/**
 * One real Temporal server, set up as the local stack sets it up, and one workflow bundle for the whole run of the project
 * `workflow`: test files find both through `SHOTLINE_TEST_TEMPORAL` (address) and `SHOTLINE_TEST_BUNDLE` (path).
 */
export default async function startTemporal() {
  await startTestServer();
}

/** @param {Readonly<Record<string, number>>} changes Settings of the server that differ from ours. */
export async function startTestServer(changes = {}) {
  const load = (path) => tsImport(path, import.meta.url);
  const { ensureProgram } = await load('../infra/local/stack-program.ts');
  const { stackConfigFromEnv } = await load('../infra/local/config.ts');
  const { choosePorts, loopback } = await load('../infra/local/ports.ts');
  const { readDynamicConfig, temporalAnswers, temporalArguments } = await load('../infra/local/temporal-server.ts');
  const { workflowBundle } = await load('../workflows/bundle.ts');

  const binary = await ensureProgram('temporal', stackConfigFromEnv(process.env));
  const dir = await mkdtemp(join(tmpdir(), 'shotline-test-'));
  const bundlePath = join(dir, 'workflow-bundle.js');
  const ports = await choosePorts({ grpc: 0, ui: 0, http: 0, metrics: 0 });
  const settings = { ...(await readDynamicConfig()), ...changes };
  const options = { ports, namespace: 'default', dbFile: null, ui: false, settings };
  const server = spawn(binary, temporalArguments(options), {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: dir },
  });
  globalThis.shotlineTestTemporal = { server, dir };

  const address = `${loopback}:${ports.grpc}`;
  const answers = async () => {
    const deadline = Date.now() + 60_000;
    while (!(await temporalAnswers(address, 'default'))) {
      if (server.exitCode !== null) throw new Error(`The Temporal server ended with ${server.exitCode}`);
      if (Date.now() > deadline) throw new Error(`The Temporal server at ${address} does not answer`);
      await delay(50);
    }
  };
  const [{ code }] = await Promise.all([workflowBundle(), answers()]);
  await writeFile(bundlePath, code);
  process.env.SHOTLINE_TEST_TEMPORAL = address;
  process.env.SHOTLINE_TEST_BUNDLE = bundlePath;
}
