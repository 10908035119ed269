import { PipelineError } from './pipeline-error.ts';

/** `UNAUTHENTICATED` and `PERMISSION_DENIED` of gRPC, as the clients of JavaScript and of Rust write them. */
const refusal = /UNAUTHENTICATED|PERMISSION_DENIED|valid authentication credentials|does not have permission/;

/**
 * The failure for a Temporal server that cannot be reached or that refuses, of the command line and of the workers.
 *
 * @param fault What is known to be wrong and what to do about it, where more is known than `cause` says.
 */
export function temporalUnavailable(
  { address, namespace }: { readonly address: string; readonly namespace: string },
  cause: unknown,
  fault: string | null = null,
): PipelineError {
  const reason = [...messagesOf(cause)].join(': ');
  const where = `Temporal at ${address} (namespace ${namespace})`;
  return new PipelineError('STACK_UNAVAILABLE', sentence(where, reason, fault), {
    details: { address, namespace },
    cause,
  });
}

function sentence(where: string, reason: string, fault: string | null): string {
  if (fault !== null) return `${where} cannot be spoken to: ${fault}.`;
  if (refusal.test(reason)) {
    return (
      `${where} refuses this process: ${reason}. Set SHOTLINE_TEMPORAL_API_KEY to a key, or SHOTLINE_TEMPORAL_TLS_CERT to a ` +
      'certificate, that may use this namespace.'
    );
  }
  return (
    `${where} does not answer: ${reason}. Start the local stack with \`shotline stack up\`, or point ` +
    'SHOTLINE_TEMPORAL_ADDRESS to a running server.'
  );
}

/** The first lines of an error and of those that led to it, none twice. */
function messagesOf(cause: unknown): ReadonlySet<string> {
  const messages = new Set<string>();
  let error = cause;
  while (error instanceof Error) {
    messages.add(error.message.split('\n')[0] ?? '');
    error = error.cause;
  }
  if (messages.size === 0) messages.add(String(cause));
  return messages;
}
