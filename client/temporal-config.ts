/** Where Temporal is found. */
export interface TemporalConfig {
  readonly address: string;
  readonly namespace: string;
  /** Secret: never printed. */
  readonly apiKey: string | null;
  readonly tls: boolean;
  /** Base address of the Temporal UI; `null` when unknown. */
  readonly uiUrl: string | null;
  /** Prefix of the task queues. */
  readonly queues: string;
}
