import { errorName } from '../errors/failures.ts';

/**
 * Whether a worker that could not start may start later. A server that is starting refuses connections, and then does not know
 * its namespace yet: the SDK has one class for both, which it keeps to itself, so the name of the class has to do. All else
 * (options, the form of certificates) stays as it is.
 */
export function mayPass(error: unknown): boolean {
  return errorName(error) === 'TransportError';
}
