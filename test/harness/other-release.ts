import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** How a file of the copy differs: its path, and its text made from the text of this release. */
export type ReleaseEdits = Readonly<Record<string, (text: string) => string>>;

/** A timer at the beginning of each shot: a history with it cannot be followed by code without it, and the other way round. */
export const oneTimerMore: ReleaseEdits = {
  'workflows/item.ts': (text) =>
    `import { sleep } from '@temporalio/workflow';\n${replaced(text, 'const runs: TaskRun[] = [];', "const runs: TaskRun[] = [];\n  await sleep(1, { summary: 'of the other release' });")}`,
};

/** Another version of the stage that upscales and encodes; it makes the same bytes. */
export const otherSegments: ReleaseEdits = {
  'story/plan/stages.ts': (text) => replaced(text, 'segment: { version: 1', 'segment: { version: 2'),
};

/** Lays out another release in a folder: this one's code with edits, and the packages and models of this one. */
export async function copyRelease(dir: string, edits: ReleaseEdits): Promise<string> {
  await mkdir(dir, { recursive: true });
  const rooms = JSON.parse(await readFile(join(root, 'rooms.json'), 'utf8')) as Record<string, unknown>;
  const folders = new Set(Object.keys(rooms).map((room) => room.split('/')[0]!));
  for (const name of [...folders, 'package.json', 'package-lock.json', 'rooms.json', 'tsconfig.json'])
    await cp(join(root, name), join(dir, name), { recursive: true, filter: (file) => !file.endsWith('.test.ts') });
  for (const name of ['node_modules', 'models']) await symlink(join(root, name), join(dir, name));
  for (const [file, edit] of Object.entries(edits)) {
    await writeFile(join(dir, file), edit(await readFile(join(dir, file), 'utf8')));
  }
  return dir;
}

function replaced(text: string, old: string, fresh: string): string {
  if (!text.includes(old)) throw new Error(`the code has no '${old}' any more; correct the edit of the other release`);
  return text.replace(old, fresh);
}
