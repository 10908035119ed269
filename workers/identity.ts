import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Pool } from '../story/plan/stages.ts';

/** A name that no other worker has: in containers that share the host's network, host and process number may be alike. */
export function workerName(pool: Pool): string {
  return `${nameOnHost(pool, process.pid)}${randomBytes(2).toString('hex')}`;
}

/** What Temporal knows a worker by that serves an earlier release beside its own. */
export function identityFor(worker: string, release: string): string {
  return `${worker} for ${release}`;
}

/** The worker that serves under an identity. */
export function workerOf(identity: string): string {
  return identity.split(' ')[0] ?? identity;
}

/** Whether an identity is that of a process of this host, serving its own release. */
export function isOwnOf(identity: string, pool: Pool, pid: number): boolean {
  return identity.startsWith(nameOnHost(pool, pid)) && workerOf(identity) === identity;
}

const nameOnHost = (pool: Pool, pid: number): string => `${pool}@${hostname()}:${String(pid)}-`;
