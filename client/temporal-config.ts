import type { TemporalSettings } from '../workers/temporal/temporal-settings.ts';

/** Where stories are asked for and found. */
export interface TemporalConfig extends TemporalSettings {
  /** Base address of the Temporal UI; `null` when unknown. */
  readonly uiUrl: string | null;
  /** Prefix of the task queues. */
  readonly queues: string;
}
