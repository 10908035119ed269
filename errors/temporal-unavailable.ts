import { PipelineError } from './pipeline-error.ts';

/** The failure for a Temporal server that cannot be reached, of the command line and of the workers. */
export function temporalUnavailable(
  { address, namespace }: { readonly address: string; readonly namespace: string },
  cause: unknown,
): PipelineError {
  const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? cause.message) : String(cause);
  return new PipelineError(
    'STACK_UNAVAILABLE',
    `Temporal at ${address} (namespace ${namespace}) does not answer: ${reason}. ` +
      'Start the local stack with `shotline stack up`, or point SHOTLINE_TEMPORAL_ADDRESS to a running server.',
    { details: { address, namespace }, cause },
  );
}
