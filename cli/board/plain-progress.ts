import type { StageName } from '../../story/plan/task.ts';
import type { StageState } from '../../workflows/contracts.ts';
import { notices } from '../../client/board-state.ts';
import type { StorySnapshot } from '../../client/story-snapshot.ts';
import { clock } from '../shell/time-format.ts';

/**
 * The progress of a story as lines for logs and pipes: one line per change between two snapshots, nothing when nothing
 * changed. `before` is `null` for the first look, which tells where an attached story stands.
 */
export function progressLines(before: StorySnapshot | null, after: StorySnapshot, elapsedMs: number): string[] {
  const stamp = `[${clock(elapsedMs)}]`;
  const changes = after.status.items.flatMap(({ item, stages }) =>
    stages.flatMap((stage) => {
      const known = stageOf(before, item, stage.stage);
      const line = change(known, stage);
      return line === null ? [] : [`${item}: ${stage.stage} ${line}`];
    }),
  );
  const knownNotices = new Set(before === null ? [] : notices(before));
  const lines = [...changes, ...notices(after).filter((notice) => !knownNotices.has(notice))];
  const { state, tasksDone, tasksOf } = after.status;
  if (state !== (before?.status.state ?? 'running')) lines.push(`story ${state}`);
  const count = `${String(tasksDone)}/${String(tasksOf)}`;
  return lines.map((line) => `${stamp} ${count} ${line}`);
}

interface Counted {
  readonly state: StageState;
  readonly done: number;
  readonly of: number;
}

function stageOf(snapshot: StorySnapshot | null, item: string, stage: StageName): Counted {
  const found = snapshot?.status.items
    .find((candidate) => candidate.item === item)
    ?.stages.find((candidate) => candidate.stage === stage);
  return found ?? { state: 'waiting', done: 0, of: 0 };
}

function change(before: Counted, after: Counted): string | null {
  if (before.state !== after.state) return after.state === 'waiting' ? 'waits again' : after.state;
  if (after.state === 'running' && before.done !== after.done) return `${String(after.done)} of ${String(after.of)}`;
  return null;
}
