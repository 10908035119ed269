import type { Pool } from '../../story/plan/stages.ts';
import { counted } from '../../errors/counted.ts';
import type { Column } from '../shell/text-table.ts';
import { textTable } from '../shell/text-table.ts';
import { clock } from '../shell/time-format.ts';
import type { QueueReport, WorkerReport } from './queue-report.ts';
import type { SeenTask } from './seen-task.ts';

/** A worker with what it does. */
export interface FleetWorker extends WorkerReport {
  readonly tasks: readonly SeenTask[];
  /** What is wrong with it, in words; `null` when nothing is known to be. */
  readonly trouble: string | null;
}

/** A pool with its workers. */
export interface FleetPool extends Omit<QueueReport, 'workers'> {
  readonly pool: Pool;
  readonly workers: readonly FleetWorker[];
  /** What is wrong with the pool as a whole. */
  readonly trouble: string | null;
}

/** So many failures of at least as many tasks are no accident. */
const suspicious = 3;

/** Puts together what workers report and what stories wait for. Pure. */
export function fleetOf(
  reports: readonly (QueueReport & { readonly pool: Pool })[],
  tasks: readonly SeenTask[],
  nowMs: number,
): readonly FleetPool[] {
  return reports.map((report) => {
    const workers = report.workers.map((worker): FleetWorker => {
      const own = tasks.filter((task) => task.state === 'runs' && task.worker === worker.name);
      const spoilt = tasks.filter(
        (task) => task.state !== 'runs' && task.worker === worker.name && task.failure !== null,
      );
      return { ...worker, tasks: own, trouble: troubleOf(worker, spoilt, nowMs) };
    });
    return { ...report, workers, trouble: poolTrouble(report, workers) };
  });
}

function troubleOf(worker: WorkerReport, spoilt: readonly SeenTask[], nowMs: number): string | null {
  const { state, done, failed, reportedMs } = worker;
  if (state === 'silent')
    return `has not reported itself for ${clock(nowMs - reportedMs)}: it is dead, stopped or cut off`;
  const codes = [...new Set(spoilt.map(({ failure }) => failure?.code ?? ''))];
  if (failed >= suspicious && failed * 2 > done) return `${String(failed)} of its ${String(done)} tasks failed`;
  return codes.length === 0 ? null : `a task failed here with ${codes.join(', ')} and waits for its next attempt`;
}

const waitText = (waiting: number): string => (waiting === 1 ? '1 task waits' : `${String(waiting)} tasks wait`);

/** A worker that has nothing to do takes a task within a moment. */
const longMs = 30_000;

function poolTrouble({ waiting, oldestMs }: QueueReport, workers: readonly FleetWorker[]): string | null {
  if (waiting === 0) return null;
  const living = workers.filter(({ state }) => state === 'runs');
  const wait = waitText(waiting);
  if (living.length === 0) return `${wait} and no worker lives`;
  const idle = living.filter(({ used }) => used === 0);
  if (idle.length === 0 || oldestMs < longMs) return null;
  return `a task waits for ${clock(oldestMs)} although ${idle.map(({ name }) => name).join(', ')} has nothing to do: a worker that checks itself takes none, and its log and /readyz say what it found`;
}

const columns: readonly Column[] = [
  { title: 'WORKER' },
  { title: 'STATE' },
  { title: 'UP', align: 'right' },
  { title: 'DONE', align: 'right' },
  { title: 'FAILED', align: 'right' },
  { title: 'DOES' },
];

/** The fleet for people: the pools, their workers, and below what is wrong. */
export function fleetLines(fleet: readonly FleetPool[], nowMs: number): string[] {
  const pools = fleet.flatMap(({ pool, queue, waiting, oldestMs, workers, trouble }) => {
    const age = waiting === 0 ? '' : `, the oldest for ${clock(oldestMs)}`;
    const title = `${pool} (${queue}): ${counted(workers.length, 'worker')}, ${waitText(waiting)}${age}`;
    const rows = workers.map((worker) => [
      worker.name,
      stateWord(worker),
      clock(nowMs - worker.startedMs),
      String(worker.done),
      String(worker.failed),
      worker.tasks.map((task) => taskText(task, nowMs)).join('; '),
    ]);
    return [
      title,
      ...(rows.length === 0 ? [] : textTable(columns, rows).map((line) => `  ${line}`)),
      ...(trouble === null ? [] : [`  ! ${trouble}`]),
      ...workers.flatMap((worker) => (worker.trouble === null ? [] : [`  ! ${worker.name} ${worker.trouble}`])),
      '',
    ];
  });
  return pools.slice(0, -1);
}

function stateWord({ state, used }: WorkerReport): string {
  return state === 'runs' ? (used > 0 ? 'busy' : 'idle') : state;
}

/** A running task in a few words. */
export function taskText({ work, workflowId, progress, sinceMs, attempt }: SeenTask, nowMs: number): string {
  const far = progress === null ? '' : ` ${String(progress.done)}/${String(progress.of)}`;
  const tries = attempt > 1 ? `, attempt ${String(attempt)}` : '';
  const since = sinceMs === null ? '' : `, ${clock(nowMs - sinceMs)}`;
  return `${work}${far} of ${workflowId}${since}${tries}`;
}
