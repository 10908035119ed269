import type { Client } from '@temporalio/client';
import { type Pool, stages } from '../../story/plan/stages.ts';
import { lastPollMs } from '../../infra/temporal/pollers.ts';
import type { LiveWork, StorySnapshot } from '../board/story-snapshot.ts';

/** A pool may be busy with another story, or take a moment to start; before that, waiting says nothing. */
const patienceMs = 15_000;
/** A worker with a free slot asks again within a minute (Temporal's long poll); one whose slots are all taken does not ask. */
const silenceMs = 75_000;
const askEveryMs = 10_000;

const poolOf = (work: LiveWork): Pool => (work === 'publish' ? 'edit' : stages[work].pool);

/** The pools that a story waits for: they have work of it and none of that work runs. How many tasks wait in each. */
export function waitingPools({ activities }: Pick<StorySnapshot, 'activities'>): ReadonlyMap<Pool, number> {
  const waiting = new Map<Pool, number>();
  const working = new Set<Pool>();
  for (const { work, started } of [...activities.values()].flat()) {
    const pool = poolOf(work);
    if (started) working.add(pool);
    else waiting.set(pool, (waiting.get(pool) ?? 0) + 1);
  }
  for (const pool of working) waiting.delete(pool);
  return waiting;
}

/** What a person should know of pools without a worker. */
export function idlePoolLine(idle: readonly (readonly [pool: Pool, numTasks: number])[]): string {
  const pools = idle.map(([pool, numTasks]) => `${pool} (${numTasks} task${numTasks === 1 ? '' : 's'} of this story)`);
  const commands = idle.map(([pool]) => `\`shotline worker ${pool}\``);
  return (
    `no worker has asked for work of the pool ${pools.join(', ')} for a minute: all are busy with other stories, or none runs; ` +
    `start one with ${commands.join(', ')}, or those of this machine with \`shotline stack up\``
  );
}

/** Watches over a story for pools that nobody serves. */
export class IdlePools {
  readonly #lastPoll: (pool: Pool) => Promise<number | null>;
  readonly #sinceMs = new Map<Pool, number>();
  #askedMs = 0;
  #found: string | null = null;

  /** @param lastPoll When a worker of the pool last asked for work, epoch milliseconds, or `null`. */
  constructor(lastPoll: (pool: Pool) => Promise<number | null>) {
    this.#lastPoll = lastPoll;
  }

  /** Asks Temporal about the queues with this prefix. */
  static on(client: Client, namespace: string, queues: string): IdlePools {
    return new IdlePools((pool) => lastPollMs(client.connection, namespace, `${queues}-${pool}`));
  }

  /** A line about pools that the story waits for and nobody serves, or `null`. A server that does not answer has no news. */
  async look(snapshot: StorySnapshot, nowMs: number): Promise<string | null> {
    const waiting = waitingPools(snapshot);
    for (const pool of this.#sinceMs.keys()) if (!waiting.has(pool)) this.#sinceMs.delete(pool);
    for (const pool of waiting.keys()) if (!this.#sinceMs.has(pool)) this.#sinceMs.set(pool, nowMs);
    const patient = [...waiting].filter(([pool]) => nowMs - (this.#sinceMs.get(pool) ?? nowMs) >= patienceMs);
    if (patient.length === 0) return (this.#found = null);
    if (nowMs - this.#askedMs < askEveryMs) return this.#found;
    this.#askedMs = nowMs;
    try {
      const polls = await Promise.all(patient.map(async ([pool]) => this.#lastPoll(pool)));
      const idle = patient.filter((_, index) => nowMs - (polls[index] ?? 0) > silenceMs);
      return (this.#found = idle.length === 0 ? null : idlePoolLine(idle));
    } catch {
      return this.#found;
    }
  }
}
