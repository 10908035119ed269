import { lstat, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { systemCode } from '../errors/system-code.ts';
import { sourceFault } from './source-fault.ts';

/** What a script names, as messages call it. */
export type SourceNoun = 'picture' | 'sound' | 'clip';

/** As many links as Linux follows on the way to one file. */
const maxLinks = 40;

/**
 * The real path of a file or folder of a script that lies in the folder of its script or below it, links resolved. Nothing is told of what lies
 * elsewhere: whether there is a file, a folder or nothing, the answer is the same.
 * @throws PipelineError `SCRIPT_INVALID` when it lies elsewhere, or is not there.
 */
export async function pathInFolder(folder: string, source: string, noun: SourceNoun): Promise<string> {
  const root = await realpath(folder);
  const path = resolve(folder, source);
  let reason: string;
  try {
    const real = await realpath(path);
    // A link that comes back from outside tells what is there by working.
    if (isInside(root, real) && !(await strayed(root, folder, path))) return real;
    throw outside(noun);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'SCRIPT_INVALID') throw error;
    reason = code ?? 'no reason given';
  }
  // What is not there is told as such only where the way to it stays inside.
  const within = withinOf(root, folder, path);
  if (!isInside(root, within) || (await leaves(root, within, { left: maxLinks }))) throw outside(noun);
  throw missing(reason);
}

/** A path with the folder's real name in front, where it begins with the other one. */
function withinOf(root: string, folder: string, path: string): string {
  return isInside(root, path) ? path : join(root, relative(folder, path));
}

async function strayed(root: string, folder: string, path: string): Promise<boolean> {
  const within = withinOf(root, folder, path);
  return isInside(root, within) && leaves(root, within, { left: maxLinks });
}

/** The fault of a file or folder that cannot be opened. */
export const missing = (reason: string) =>
  sourceFault(`cannot be read (${reason}); paths start at the folder of the script`);

const outside = (noun: SourceNoun) =>
  sourceFault(
    `lies outside the folder of the script; ${noun}s lie in that folder or below it: copy it there, or allow others with --allow-outside`,
  );

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Whether a link on the way from `root` to a path below it leads out. Looks at nothing outside. */
async function leaves(root: string, path: string, links: { left: number }): Promise<boolean> {
  let at = root;
  const names = relative(root, path).split(sep);
  for (const [index, name] of names.entries()) {
    at = join(at, name);
    const found = await lstat(at).catch(() => null);
    if (found === null) return false;
    if (!found.isSymbolicLink()) continue;
    links.left -= 1;
    const link = await readlink(at);
    const target = resolve(dirname(at), link, ...names.slice(index + 1));
    return links.left < 0 || strays(root, dirname(at), link) || !isInside(root, target) || leaves(root, target, links);
  }
  return false;
}

/** Whether a link passes through folders outside on its way, also where it comes back: `/etc/x/../../home/me/story/a.png`. */
function strays(root: string, from: string, link: string): boolean {
  let at = isAbsolute(link) ? sep : from;
  return link.split(sep).some((name) => {
    at = resolve(at, name === '' ? '.' : name);
    return !isInside(root, at) && !isInside(at, root);
  });
}
