import { statfsSync } from 'node:fs';

/** How full the disk under a folder is, as a message may say it: `/cache has 12 MB free`. Empty where nobody can tell. */
export function spaceOn(dir: string): string {
  const free = freeBytes(dir);
  return free === null ? '' : `${dir} has ${megabytes(free)} free`;
}

/** Bytes that are free on the disk under a folder; `null` where nobody can tell. */
function freeBytes(dir: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** SeaweedFS takes nothing when less than a hundredth of the disk is free, and needs room for one of its volumes, 128 MB. */
const [leastShare, leastBytes] = [0.01, 128e6];

/** Whether the disk under a folder is so full that the S3 server of the local stack refuses what it is sent. */
export function isFullForServer(dir: string): boolean {
  try {
    const { bavail, blocks, bsize } = statfsSync(dir);
    return bavail < leastShare * blocks || bavail * bsize < leastBytes;
  } catch {
    return false;
  }
}

/** Bytes in megabytes, rounded up: a disk with a little room does not look empty, one without does. */
export function megabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1e6))} MB`;
}
