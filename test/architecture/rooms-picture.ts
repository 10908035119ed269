import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ICruiseResult } from 'dependency-cruiser';

/**
 * The picture of rooms and arrows in docs/architecture.md: who really imports whom, types included, as dependency-cruiser
 * reads it. The rooms are those of `rooms.json`.
 */

/** The page that shows it. */
export const page = new URL('../../docs/architecture.md', import.meta.url);

const begin = '<!-- rooms, by npm run docs:rooms -->';
const end = '<!-- end of rooms -->';

/** Rooms by name, from the ground up, with the rooms that each imports. */
export type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

/** The rooms and what each of them imports today. Tests are left out: they stand beside the code and may use all of it. */
export async function readArrows(): Promise<Arrows> {
  const rooms = JSON.parse(readFileSync(new URL('../../rooms.json', import.meta.url), 'utf8')) as object;
  const names = Object.keys(rooms);
  const { modules } = JSON.parse(await cruised()) as ICruiseResult;
  const roomOf = (file: string): string | undefined => names.find((name) => file.startsWith(`${name}/`));
  const arrows = new Map(names.map((name) => [name, new Set<string>()]));
  for (const { source, dependencies } of modules) {
    const from = roomOf(source);
    for (const { resolved } of dependencies) {
      const to = roomOf(resolved);
      if (from !== undefined && to !== undefined && to !== from) arrows.get(from)?.add(to);
    }
  }
  return arrows;
}

/** What dependency-cruiser finds, from the cache that `npm run check:walls` fills when nothing has changed since. */
async function cruised(): Promise<string> {
  const words = '--cache node_modules/.cache/floors --cache-strategy content --config .dependency-cruiser.floors.cjs';
  const command = ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', ...words.split(' ')];
  const { stdout } = await promisify(execFile)(process.execPath, [...command, '--output-type', 'json', '.'], {
    cwd: new URL('../..', import.meta.url).pathname,
    maxBuffer: 2 ** 28,
  });
  return stdout;
}

/**
 * Floor of each room: one above the highest that it imports, 0 on the ground.
 * @throws Error when rooms import each other in a circle.
 */
export function floorsOf(arrows: Arrows): ReadonlyMap<string, number> {
  const floors = new Map<string, number>();
  const floorOf = (room: string, above: readonly string[]): number => {
    if (above.includes(room)) throw new Error(`rooms import each other in a circle: ${[...above, room].join(' > ')}`);
    const known = floors.get(room);
    if (known !== undefined) return known;
    const below = [...(arrows.get(room) ?? [])].map((each) => floorOf(each, [...above, room]));
    const floor = Math.max(-1, ...below) + 1;
    floors.set(room, floor);
    return floor;
  };
  for (const room of arrows.keys()) floorOf(room, []);
  return floors;
}

/** The page with the picture of these arrows in it. */
export function withPicture(text: string, arrows: Arrows): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`the page has no lines "${begin}" and "${end}" for the picture between them`);
  return `${text.slice(0, from)}${begin}\n\n${drawn(arrows)}\n\n${text.slice(to)}`;
}

/** A chart of the arrows that no other arrows imply, and a table of all, from the top floor down. */
function drawn(arrows: Arrows): string {
  const floors = floorsOf(arrows);
  const fromTop = [...arrows.keys()].sort((a, b) => (floors.get(b) ?? 0) - (floors.get(a) ?? 0));
  const lines = fromTop.flatMap((room) => directOf(room, arrows).map((below) => `  ${idOf(room)} --> ${idOf(below)}`));
  const groups = [...new Set(fromTop.filter((room) => room.includes('/')).map(houseOf))].flatMap((house) => [
    `  subgraph ${house}`,
    ...fromTop.filter((room) => room.startsWith(`${house}/`)).map((room) => `    ${idOf(room)}[${room}]`),
    '  end',
  ]);
  const rows = fromTop.map((room) => {
    const below = [...(arrows.get(room) ?? [])].sort();
    return `| ${String(floors.get(room))} | \`${room}/\` | ${below.map((each) => `\`${each}\``).join(', ') || 'nothing'} |`;
  });
  return [
    '```mermaid',
    'flowchart TD',
    ...groups,
    ...lines,
    '```',
    '',
    '| floor | room | imports |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** The rooms that a room imports and cannot reach through others. */
function directOf(room: string, arrows: Arrows): readonly string[] {
  const below = [...(arrows.get(room) ?? [])];
  return below.filter((each) => !below.some((other) => other !== each && reaches(other, each, arrows))).sort();
}

function reaches(from: string, to: string, arrows: Arrows): boolean {
  return [...(arrows.get(from) ?? [])].some((each) => each === to || reaches(each, to, arrows));
}

const houseOf = (room: string): string => room.split('/')[0] ?? room;
const idOf = (room: string): string => room.replace('/', '_');
