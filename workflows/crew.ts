import { CancellationScope } from '@temporalio/workflow';

/** A piece of work that the crew may be told to do. */
export interface Job {
  /** One job of a name is done at a time. */
  readonly name: string;
  /** The item that it is done for. */
  readonly item: string;
  /** Changes when the job comes to something else. */
  readonly mark: string;
  /** Whether to begin it if nobody works on it. */
  readonly ready: boolean;
  /** Does the job; runs in a cancellation scope of its own. */
  readonly work: () => Promise<void>;
}

/**
 * Does jobs side by side and follows a changing list of them. Invariants:
 * J1 What is done follows from the last list alone: a job under way that is no longer on it (by name and mark) is
 *    cancelled; a ready one that nobody works on is begun.
 * J2 A job's successor of the same name begins after the job has ended, so pools are never asked for both.
 * J3 `onEnd` is called once for each job begun, with its error; how a cancelled job ended is nobody's concern.
 */
export interface Crew {
  /** Makes this the list of what is to be done. */
  assign(jobs: readonly Job[]): void;
  readonly isIdle: boolean;
}

/** A crew without work. Call `assign` where new cancellation scopes may begin: in the workflow's main function. */
export function createCrew(onEnd: (job: Job, error: unknown) => void): Crew {
  const underWay = new Map<string, { readonly mark: string; readonly scope: CancellationScope }>();

  const begin = async (job: Job, scope: CancellationScope): Promise<void> => {
    let failure: unknown = null;
    try {
      await scope.run(job.work);
    } catch (error) {
      if (!scope.consideredCancelled) failure = error;
    }
    underWay.delete(job.name);
    onEnd(job, failure);
  };

  return {
    assign(jobs) {
      const listed = new Map(jobs.map((job) => [job.name, job]));
      for (const [name, { mark, scope }] of underWay) {
        if (listed.get(name)?.mark !== mark && !scope.consideredCancelled) scope.cancel();
      }
      for (const job of jobs) {
        if (!job.ready || underWay.has(job.name)) continue;
        const scope = new CancellationScope();
        underWay.set(job.name, { mark: job.mark, scope });
        void begin(job, scope);
      }
    },
    get isIdle() {
      return underWay.size === 0;
    },
  };
}
