import { ensurePools, poolStatus, stopPools } from '../../infra/local/pools.ts';
import type { PoolStatus } from '../../infra/local/pools.ts';
import { ensureStack, findStack, stackStatus, stopStack } from '../../infra/local/stack.ts';
import type { PartStatus, StackState, StackStatus } from '../../infra/local/stack.ts';
import type { Cli } from '../shell/cli.ts';
import type { Column } from '../shell/text-table.ts';

/** The whole local stack: servers and worker pools. */
export interface StackFacts {
  readonly servers: StackStatus;
  readonly pools: readonly PoolStatus[];
}

/** Starts what is missing of servers and pools. What takes a while is said on stderr. @throws PipelineError `STACK_UNAVAILABLE`. */
export async function startStack(cli: Cli): Promise<StackState> {
  const options = optionsOf(cli);
  const state = await ensureStack(options);
  await ensurePools(state, options);
  return state;
}

/** Stops pools, then servers, for a pool hands its work back to a server. */
export async function stopLocalStack(cli: Cli): Promise<void> {
  const options = optionsOf(cli);
  await stopPools(options);
  await stopStack(options);
}

/** What runs. Starts nothing. A server that is silent is told as such and is no error. */
export async function stackFacts(cli: Cli): Promise<StackFacts> {
  const options = optionsOf(cli);
  const [servers, state] = await Promise.all([stackStatus(options), findStack(options).catch(() => null)]);
  return { servers, pools: await poolStatus(options, state ?? undefined) };
}

/** Whether a render would find everything running. */
export function isComplete({ servers, pools }: StackFacts): boolean {
  const answers = ({ state }: PartStatus): boolean => state === 'up' || state === 'external';
  return answers(servers.temporal) && answers(servers.s3) && pools.every(({ state }) => state !== 'down');
}

/** Columns of the table. */
export const stackColumns: readonly Column[] = [
  { title: 'PART' },
  { title: 'STATE' },
  { title: 'ADDRESS' },
  { title: 'PID', align: 'right' },
  { title: 'LOG' },
];

/** Rows of the table: servers first. */
export function stackRows({ servers, pools }: StackFacts): string[][] {
  const server = (name: string, part: PartStatus) => [name, part.state, part.address ?? '', pid(part.pid), logOf(part)];
  return [
    server('temporal', servers.temporal),
    ['temporal ui', servers.uiUrl === null ? 'down' : 'up', servers.uiUrl ?? '', '', ''],
    server('storage', servers.s3),
    ...pools.map((pool) => [`${pool.pool} pool`, pool.state, '', pid(pool.pid), pool.logFile]),
  ];
}

const pid = (value: number | null): string => (value === null ? '' : String(value));
const logOf = (part: PartStatus): string => (part.state === 'external' ? '' : part.logFile);

function optionsOf(cli: Cli): Parameters<typeof ensureStack>[0] {
  return {
    env: cli.env,
    say: (line) => {
      cli.terminal.note(line);
    },
  };
}
