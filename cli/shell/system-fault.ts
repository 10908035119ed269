import { resolve, sep } from 'node:path';
import { isDiskFull } from '../../errors/disk-full.ts';
import type { ErrorCode } from '../../errors/pipeline-error.ts';
import { spaceOn } from '../../storage/disk-space.ts';
import { causes } from '../../errors/error-causes.ts';
import type { Outcome } from './exit-codes.ts';

/** What the operating system refused, as the command tells it. */
export interface SystemFault {
  readonly outcome: Outcome;
  readonly code: ErrorCode | 'USAGE';
  readonly message: string;
}

/** What a user can put right: rights, names, and what is no folder. */
const placeCodes: ReadonlySet<string> = new Set(
  'EACCES EPERM EROFS ENOTDIR EISDIR EEXIST ELOOP ENAMETOOLONG ENXIO EIO ESTALE ENOTSUP EOPNOTSUPP'.split(' '),
);
const limitCodes: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

/**
 * A refusal of the operating system that is no bug: a folder that cannot be written, a full disk, a limit. `null` for everything
 * else.
 * @param cacheDir `SHOTLINE_CACHE`: what is missing outside of it is not for the user to make.
 */
export function systemFaultOf(error: unknown, cacheDir: string): SystemFault | null {
  const refusal = [...causes(error)].find(isRefusal);
  if (refusal === undefined) return null;
  const { code, path, message } = refusal;
  if (limitCodes.has(code)) {
    return {
      outcome: 'failed',
      code: 'RESOURCE_MEMORY',
      message: `the system gives no more (${message}); raise its limits (ulimit -a) or end other programs`,
    };
  }
  // To write into an open file fails without its name, and what this command writes so lies in its cache.
  const inCache = path === undefined || liesIn(path, cacheDir) || liesIn(cacheDir, path);
  if (isDiskFull(refusal) && code !== 'EROFS') {
    const room = inCache ? spaceOn(cacheDir) : '';
    const next = `Free space there${inCache ? ', or point SHOTLINE_CACHE to a larger disk' : ''}.`;
    const found = [`disk full: ${message}`, ...(room === '' ? [] : [room])].join('; ');
    return { outcome: 'failed', code: 'RESOURCE_DISK', message: `${found}. ${next}` };
  }
  if (path === undefined) return null;
  if (!placeCodes.has(code) && !(inCache && code === 'ENOENT')) return null;
  const next = inCache
    ? `SHOTLINE_CACHE is ${cacheDir}: point it to a folder of your own that can be written.`
    : 'Name another place, or see to it that you may use this one.';
  return { outcome: 'usage', code: 'USAGE', message: `${path} cannot be used (${message}). ${next}` };
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly path?: string;
}

/** An error of Node's own may come from another realm: it is known by its fields. */
function isRefusal(error: unknown): error is Refusal {
  return (
    typeof error === 'object' &&
    error !== null &&
    'syscall' in error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^E[A-Z]+$/.test(error.code)
  );
}

function liesIn(path: string, folder: string): boolean {
  const [inner, outer] = [resolve(path), resolve(folder)];
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}
