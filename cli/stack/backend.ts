import type { Client } from '@temporalio/client';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { Environment } from '../../storage/config.ts';
import type { Cli } from '../shell/cli.ts';
import { cliConfigFromEnv } from '../shell/config.ts';
import type { TemporalConfig } from '../../client/temporal-config.ts';
import type { StoryHandle } from '../../client/story-client.ts';

/**
 * The clients of Temporal and S3 take half a second to load, so each is loaded where it is first needed: here, and in the
 * actions of the commands. Help, validation and a plan without a storage do without.
 */

/** The Temporal and the storage that the command works with: those of the environment, or the local stack. */
export interface Backend {
  readonly client: Client;
  /** Speaks to the story with this workflow id. */
  readonly story: (id: string) => StoryHandle;
  readonly temporal: TemporalConfig;
  /** The environment with the addresses of the local stack in it. Holds secrets. */
  readonly env: Environment;
}

/** What to do about a local stack that does not run. */
export type StackWish = 'start' | 'find';

/** Works with a backend and closes its connection at the end. @throws PipelineError `STACK_UNAVAILABLE`. */
export async function withBackend<T>(cli: Cli, wish: StackWish, work: (backend: Backend) => Promise<T>): Promise<T> {
  const { env, temporal } = await locateBackend(cli, wish);
  const [{ connectTemporal }, { storyHandle }] = await Promise.all([
    import('../../client/connect.ts'),
    import('../../client/story-client.ts'),
  ]);
  const client = await connectTemporal(temporal);
  try {
    return await work({ client, story: (id) => storyHandle(client, id), temporal, env });
  } finally {
    await client.connection.close();
  }
}

/** Where the backend is, without a connection to it. @throws PipelineError `STACK_UNAVAILABLE`. */
export async function locateBackend(cli: Cli, wish: StackWish): Promise<Pick<Backend, 'env' | 'temporal'>> {
  const env = wish === 'start' ? await startedEnvironment(cli) : await findEnvironment(cli);
  if (env === null) {
    throw new PipelineError(
      'STACK_UNAVAILABLE',
      `${await whatIsDown(cli)} Start it with \`shotline stack up\`, or point SHOTLINE_TEMPORAL_ADDRESS and ` +
        'SHOTLINE_S3_ENDPOINT to servers elsewhere.',
    );
  }
  return { env, temporal: cliConfigFromEnv(env, cli.root).temporal };
}

/** As {@link findEnvironment} for whoever can do without: `null` also when what runs does not answer. */
export async function environmentThatAnswers(cli: Cli): Promise<Environment | null> {
  try {
    return await findEnvironment(cli);
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'STACK_UNAVAILABLE') return null;
    throw error;
  }
}

/** The environment with what runs in it; `null` when nothing does. Starts nothing. @throws PipelineError `STACK_UNAVAILABLE` when it does not answer. */
export async function findEnvironment(cli: Cli): Promise<Environment | null> {
  if (cli.config().external) return cli.env;
  const { findStack } = await import('../../infra/local/stack.ts');
  const stack = await findStack({ env: cli.env });
  return stack === null ? null : { ...cli.env, ...stack.env };
}

/** One server may have died beside the other. */
async function whatIsDown(cli: Cli): Promise<string> {
  const { stackStatus } = await import('../../infra/local/stack.ts');
  const { temporal, s3 } = await stackStatus({ env: cli.env });
  if (temporal.state === 'down' && s3.state !== 'down') return 'Temporal of the local stack does not run.';
  if (s3.state === 'down' && temporal.state !== 'down') return 'The storage of the local stack does not run.';
  return 'The local stack does not run.';
}

async function startedEnvironment(cli: Cli): Promise<Environment> {
  if (cli.config().external) return cli.env;
  const { startStack } = await import('./local-stack.ts');
  const stack = await startStack(cli);
  return { ...cli.env, ...stack.env };
}
