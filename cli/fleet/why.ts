import type { PlannedTask } from '../../story/plan/plan.ts';
import type { StoryStatus } from '../../workflows/contracts.ts';
import { clock } from '../shell/time-format.ts';
import { counted } from '../../errors/counted.ts';
import type { FleetPool } from './fleet.ts';
import type { SeenTask } from './seen-task.ts';

/** What is known of a story from outside. */
export interface StoryFacts {
  readonly status: Pick<StoryStatus, 'storyId' | 'state' | 'tasksDone' | 'tasksOf' | 'items' | 'failure'>;
  /** Its tasks under way. */
  readonly tasks: readonly SeenTask[];
  readonly fleet: readonly FleetPool[];
  /** What still has to be done in a row, see `longestWay`. */
  readonly way: readonly PlannedTask[];
  readonly nowMs: number;
}

/** Something that a story waits for: `stuck` until somebody does something, `slow` for a while, `work` as it should. */
export interface Reason {
  readonly kind: 'stuck' | 'slow' | 'work';
  readonly text: string;
  /** What to do about it; `null` when nothing. */
  readonly next: string | null;
}

/** A worker beats each second. */
const deafMs = 20_000;

/** What a story waits for, the worst first. Pure. */
export function reasonsOf(facts: StoryFacts): readonly Reason[] {
  const { status, tasks, fleet, nowMs } = facts;
  const over = overReason(status);
  if (over !== null) return [over];
  const reasons = [
    ...(status.state === 'paused'
      ? [{ kind: 'stuck' as const, text: 'it is paused', next: `\`shotline resume ${status.storyId}\`` }]
      : []),
    ...tasks.flatMap((task) => taskReason(task, facts)),
    ...fleet.flatMap((pool) => queueReason(pool, tasks, nowMs)),
  ];
  if (reasons.length === 0)
    reasons.push({
      kind: 'slow',
      text: 'no task of it is under way: its workflow has work to do first',
      next: 'if it stays so, see whether edit workers of its release run: `shotline release status`',
    });
  const rank = { stuck: 0, slow: 1, work: 2 };
  return reasons.sort((a, b) => rank[a.kind] - rank[b.kind]);
}

function overReason({ state, failure, storyId }: StoryFacts['status']): Reason | null {
  if (state === 'done') return { kind: 'work', text: 'it is done', next: `\`shotline url ${storyId}\`` };
  if (state === 'failed')
    return {
      kind: 'stuck',
      text: `it has failed: ${failure ?? 'no reason given'}`,
      next: 'render its script again; what was made is found',
    };
  if (state === 'cancelled')
    return { kind: 'stuck', text: 'it was cancelled', next: 'render its script again; what was made is found' };
  return null;
}

function taskReason(task: SeenTask, { status, nowMs }: StoryFacts): Reason[] {
  const { state, worker, failure, attempt, nextMs, beatMs, sinceMs, progress } = task;
  const name = `${itemOf(task, status)} ${task.work}`;
  if (state === 'rests') {
    return [
      {
        kind: attempt > 3 ? 'stuck' : 'slow',
        text: `${name}: attempt ${String(attempt - 1)} failed${worker === null ? '' : ` on ${worker}`} with ${failure?.code ?? 'no code'}, the next is due in ${clock((nextMs ?? nowMs) - nowMs)}${failure === null ? '' : `; it said: ${failure.message}`}`,
        next: failure === null ? null : `docs/operations.md has what ${failure.code} means`,
      },
    ];
  }
  if (state === 'waits') return [];
  const heardMs = beatMs === null ? null : nowMs - beatMs;
  if (heardMs !== null && heardMs > deafMs) {
    return [
      {
        kind: 'slow',
        text: `${name}: ${worker ?? 'its worker'} gave no sign of life for ${clock(heardMs)}`,
        next: 'it goes to another worker by itself; look after that one: `shotline fleet`',
      },
    ];
  }
  const far = progress === null ? '' : `, ${progress.unit} ${String(progress.done)} of ${String(progress.of)}`;
  const before = attempt > 1 ? `, attempt ${String(attempt)}${failure === null ? '' : ` after ${failure.code}`}` : '';
  const since = sinceMs === null ? '' : ` for ${clock(nowMs - sinceMs)}`;
  return [{ kind: 'work', text: `${name} runs on ${worker ?? 'a worker'}${since}${far}${before}`, next: null }];
}

/** A worker that has nothing to do takes a task within a moment. */
const idleMs = 30_000;

/** What a story waits for in the queue of a pool. */
function queueReason(pool: FleetPool, tasks: readonly SeenTask[], nowMs: number): Reason[] {
  const own = tasks.filter(({ state, queue }) => state === 'waits' && queue === pool.queue);
  if (own.length === 0) return [];
  const oldest = Math.max(...own.map(({ sinceMs }) => nowMs - (sinceMs ?? nowMs)));
  const what = `${String(own.length)} of its tasks ${own.length === 1 ? 'waits' : 'wait'} in the queue of ${pool.pool} for up to ${clock(oldest)}`;
  const living = pool.workers.filter(({ state }) => state === 'runs');
  if (living.length === 0)
    return [
      { kind: 'stuck', text: `${what}: no worker of that pool lives`, next: `start \`shotline worker ${pool.pool}\`` },
    ];
  const others = Math.max(0, pool.waiting - own.length);
  const busy = living.filter(({ used }) => used > 0).length;
  const idle =
    busy < living.length && oldest > idleMs ? 'a worker with nothing to do takes none: `shotline fleet`' : null;
  return [
    {
      kind: 'slow',
      text: `${what}, among about ${String(others)} of other stories, for ${counted(living.length, 'worker')}, ${String(busy)} of them busy`,
      next: others > 0 && busy === living.length ? `more workers of ${pool.pool} would help` : idle,
    },
  ];
}

/** The item that a task belongs to, by the workflow that asked for it. */
function itemOf({ workflowId, work }: SeenTask, { items, storyId }: StoryFacts['status']): string {
  const item = items.find(({ childId }) => childId === workflowId);
  if (item !== undefined) return item.item;
  return workflowId === storyId && (work === 'film' || work === 'publish') ? 'film' : workflowId;
}

/** A story's reasons for people. */
export function whyLines(facts: StoryFacts): string[] {
  const { status, way } = facts;
  const marks = { stuck: '!', slow: '…', work: '·' } as const;
  return [
    `${status.storyId}  ${status.state}, ${String(status.tasksDone)} of ${String(status.tasksOf)} tasks done`,
    ...reasonsOf(facts).flatMap(({ kind, text, next }) => [
      `${marks[kind]} ${text}`,
      ...(next === null ? [] : [`    ${next}`]),
    ]),
    ...(way.length === 0 ? [] : [`the longest way to the film: ${wayText(way)}`]),
  ];
}

/** `shot dawn base → interp → segment, film`: tasks of one item stand together. */
export function wayText(way: readonly PlannedTask[]): string {
  const parts: { item: string; stages: string[] }[] = [];
  for (const { item, task } of way) {
    const last = parts.at(-1);
    if (last?.item === item) last.stages.push(task.stage);
    else parts.push({ item, stages: [task.stage] });
  }
  return parts
    .map(({ item, stages: own }) => (item === 'film' ? own.join(' → ') : `${item} ${own.join(' → ')}`))
    .join(', then ');
}
