import type { PipelineError } from '../../errors/pipeline-error.ts';
import type { ArtifactName } from '../../story/plan/task.ts';

/** What a worker knows of itself and of its like, for the attempts that it makes. */
export interface WorkerHealth {
  /** Its name, which no other worker has. */
  readonly worker: string;
  /** Names of the workers of its pool that live; `null` when the server does not say. */
  peers(): Promise<readonly string[] | null>;
  /** Whether a failure is the worker's own fault, which a check of what the task used shows: what is wrong, or `null`. */
  faultOf(failure: PipelineError): Promise<string | null>;
  /** Hears of an attempt that failed although the worker's check went well, and of the task where it was one of a stage. */
  failed(task: ArtifactName | null): void;
  /** Hears of an artifact that was made. */
  worked(): void;
  /** Hears of a task that was left to others, for so many milliseconds. */
  left(milliseconds: number): void;
}

/** The only worker there is, and sound. */
export const aloneAndWell: WorkerHealth = {
  worker: 'the only worker',
  peers: () => Promise.resolve([]),
  faultOf: () => Promise.resolve(null),
  failed: () => undefined,
  worked: () => undefined,
  left: () => undefined,
};
