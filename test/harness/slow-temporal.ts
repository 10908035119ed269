import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stackConfigFromEnv } from '../../infra/local/config.ts';
import { choosePorts, loopback } from '../../infra/local/ports.ts';
import { readDynamicConfig, temporalAnswers, temporalArguments } from '../../infra/local/temporal-server.ts';
import { ensureProgram } from '../../infra/local/stack-program.ts';

/** A Temporal server of one test file. */
export interface SlowTemporal {
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Starts a real server whose tasks between workflows (child starts, signals, cancels) pass at `tasksPerSecond`, as on a server
 * under load: what takes milliseconds on an idle machine is then wide enough to aim at.
 */
export async function startSlowTemporal(tasksPerSecond: number): Promise<SlowTemporal> {
  const binary = await ensureProgram('temporal', stackConfigFromEnv(process.env));
  const dir = await mkdtemp(join(tmpdir(), 'shotline-slow-'));
  const ports = await choosePorts({ grpc: 0, ui: 0, http: 0, metrics: 0 });
  const settings = { ...(await readDynamicConfig()), 'history.transferProcessorMaxPollRPS': tasksPerSecond };
  const server = spawn(
    binary,
    temporalArguments({ ports, namespace: 'default', dbFile: join(dir, 'temporal.db'), ui: false, settings }),
    { stdio: 'ignore', env: { PATH: process.env['PATH'], HOME: dir } },
  );
  const ended = once(server, 'exit');
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
    await rm(dir, { recursive: true, force: true });
  };
  const address = `${loopback}:${ports.grpc}`;
  const deadline = Date.now() + 60_000;
  while (!(await temporalAnswers(address, 'default'))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`The Temporal server at ${address} does not answer`);
    }
    await delay(50);
  }
  return { address, stop };
}
