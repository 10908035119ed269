import { counted } from '../errors/counted.ts';
import type { Client } from '@temporalio/client';
import { type Pool, stages } from '../story/plan/stages.ts';
import { taskQueueOf } from '../story/plan/task-queue.ts';
import { livingWorkers } from '../workers/peers.ts';
import type { LiveWork, StorySnapshot } from './story-snapshot.ts';

/** A pool may be busy with another story, or take a moment to start; before that, waiting says nothing. */
const patienceMs = 15_000;
const askEveryMs = 10_000;

const poolOf = (work: LiveWork): Pool => (work === 'publish' ? 'edit' : stages[work].pool);

/** Tasks of a story that wait in a queue of a pool. */
export interface WaitingTasks {
  readonly pool: Pool;
  readonly queue: string;
  readonly count: number;
}

/** The queues that a story waits in: they have work of it and none of that work runs. */
export function waitingTasks({ activities }: Pick<StorySnapshot, 'activities'>): readonly WaitingTasks[] {
  const waiting = new Map<string, WaitingTasks>();
  const working = new Set<string>();
  for (const { work, queue, started } of [...activities.values()].flat()) {
    if (started) working.add(queue);
    else waiting.set(queue, { pool: poolOf(work), queue, count: (waiting.get(queue)?.count ?? 0) + 1 });
  }
  return [...waiting.values()].filter(({ queue }) => !working.has(queue));
}

/** What a person should know of pools without a worker. `ownQueueOf`: the queue of a pool's workers in this release. */
export function idlePoolLine(idle: readonly WaitingTasks[], ownQueueOf: (pool: Pool) => string): string {
  const pools = idle.map(({ pool, count }) => `${pool} (${counted(count, 'task')} of this story)`);
  const strange = idle.filter(({ pool, queue }) => queue !== ownQueueOf(pool));
  const start = strange.length === 0 ? commandsFor(idle) : releaseStep(strange);
  return `no worker of the pool ${pools.join(', ')} gives a sign of life; ${start}`;
}

function commandsFor(idle: readonly WaitingTasks[]): string {
  const commands = idle.map(({ pool }) => `\`shotline worker ${pool}\``);
  return `start one with ${commands.join(', ')}, or those of this machine with \`shotline stack up\``;
}

/** Workers of this release would never see these tasks. */
function releaseStep(strange: readonly WaitingTasks[]): string {
  const queues = strange.map(({ queue }) => queue);
  return (
    `the story was planned by a release with other versions of these stages (queue ${queues.join(', ')}): start workers of that release, ` +
    'or `shotline cancel` the story and render its script again, which goes on with what has the same key in both'
  );
}

/** Watches over a story for pools that nobody serves. */
export class IdlePools {
  readonly #living: (queue: string) => Promise<readonly string[] | null>;
  readonly #ownQueueOf: (pool: Pool) => string;
  readonly #sinceMs = new Map<string, number>();
  #askedMs = 0;
  #found: string | null = null;

  /** @param living Workers of a queue that live; `null` when the server does not say. */
  constructor(living: (queue: string) => Promise<readonly string[] | null>, ownQueueOf: (pool: Pool) => string) {
    this.#living = living;
    this.#ownQueueOf = ownQueueOf;
  }

  /** Asks Temporal about the queues; `queues` is the prefix of those that this release uses. */
  static on(client: Client, namespace: string, queues: string): IdlePools {
    return new IdlePools(
      (queue) => livingWorkers(client.connection, namespace, queue),
      (pool) => taskQueueOf(queues, pool),
    );
  }

  /** A line about pools that the story waits for and nobody serves, or `null`. A server that does not answer has no news. */
  async look(snapshot: StorySnapshot, nowMs: number): Promise<string | null> {
    const waiting = waitingTasks(snapshot);
    const queues = new Set(waiting.map(({ queue }) => queue));
    for (const queue of this.#sinceMs.keys()) if (!queues.has(queue)) this.#sinceMs.delete(queue);
    for (const queue of queues) if (!this.#sinceMs.has(queue)) this.#sinceMs.set(queue, nowMs);
    const patient = waiting.filter(({ queue }) => nowMs - (this.#sinceMs.get(queue) ?? nowMs) >= patienceMs);
    if (patient.length === 0) return (this.#found = null);
    if (nowMs - this.#askedMs < askEveryMs) return this.#found;
    this.#askedMs = nowMs;
    const living = await Promise.all(patient.map(async ({ queue }) => this.#living(queue)));
    if (living.includes(null)) return this.#found;
    const idle = patient.filter((_, index) => living[index]?.length === 0);
    return (this.#found = idle.length === 0 ? null : idlePoolLine(idle, this.#ownQueueOf));
  }
}
