/** Where a worker is between its start and its end. `recovering` takes no task after failures, `cut off` hears nothing of Temporal. */
export type WorkerState = 'starting' | 'serving' | 'recovering' | 'cut off' | 'draining';

/** What a worker answers when it is asked whether it takes tasks. */
export interface Readiness {
  readonly state: WorkerState;
  /** What keeps it from taking tasks, in words; `null` while nothing does. */
  readonly reason: string | null;
}

/** What readiness is read from. */
export interface StateParts {
  /** Whether the worker may take tasks, and if not, why. */
  readonly fitness: { readonly isOpen: boolean; readonly trouble: string | null };
  /** Fires when the worker takes no further task. */
  readonly draining: AbortSignal;
  /** Asks Temporal something; rejects when it does not answer. */
  readonly ask: (() => Promise<unknown>) | null;
}

/** Whether a worker takes tasks now. Only `serving` is ready. */
export async function readinessOf({ fitness, draining, ask }: StateParts): Promise<Readiness> {
  if (draining.aborted) return { state: 'draining', reason: 'it hands its tasks back and ends' };
  if (ask === null)
    return { state: 'starting', reason: fitness.trouble ?? 'it checks itself and connects to Temporal' };
  if (!fitness.isOpen)
    return { state: 'recovering', reason: fitness.trouble ?? 'its last tasks failed, and others come first' };
  try {
    await ask();
    return { state: 'serving', reason: null };
  } catch (error) {
    return {
      state: 'cut off',
      reason: `Temporal does not answer: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
