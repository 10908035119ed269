import type { StageTask } from '../../story/plan/task.ts';
import type { StageJob } from '../stage/maker.ts';

/** Work of a stage that needs no engine. `progress` counts frames, and throws what stops the work. */
export type CpuWork<Task extends StageTask> = (
  task: Task,
  job: StageJob,
  progress: (done: number, of: number) => void,
) => Promise<void>;
