import { captionFindings } from './captions.ts';
import { givenFindings } from './given-frames.ts';
import { codecFindings } from './normal-outputs.ts';
import { soundFindings } from './normal-sound.ts';
import { isTrimmed } from './normal-shot.ts';
import { namedSize, ratioOf, sizeOf } from './output-size.ts';
import type { Size } from './output-size.ts';
import { clipFindings } from './own-clip.ts';
import { promptFindings } from './prompt-findings.ts';
import type { ScriptPath } from './read-script.ts';
import { scriptLimits } from './script-limits.ts';
import { broken, membersOf } from './script-problems.ts';
import type { Finding } from './script-problems.ts';
import { subjectFindings } from './subjects.ts';
import { joinFindings, kindOfJoin } from './written-join.ts';

/**
 * Rules between the values of a script. They look at what was written, so that they are reported together with the
 * faults that the schema finds.
 */
export function storyFindings(value: unknown): Finding[] {
  const { shots, output, defaults } = membersOf(value);
  const findings = [
    ...outputFindings(output),
    ...codecFindings(membersOf(value), output === undefined ? sizeOf({}) : writtenSize(output)),
    ...joinFindings(['defaults', 'join'], membersOf(defaults)['join']),
    ...subjectFindings(membersOf(value)),
  ];
  if (!Array.isArray(shots)) return findings;
  const firstWithId = new Map<string, number>();
  shots.forEach((shot: unknown, index) => {
    const written = membersOf(shot);
    const { id, join } = written;
    findings.push(...givenFindings(['shots', index], written, index));
    const path = ['shots', index, 'join'];
    findings.push(...captionFindings(['shots', index, 'caption'], written['caption']));
    findings.push(...cardFindings(['shots', index], written), ...trimFindings(['shots', index], written));
    if (isMap(shot)) findings.push(...promptFindings(['shots', index], written));
    findings.push(...soundFindings(['shots', index], written), ...clipFindings(['shots', index], written));
    if (index > 0) findings.push(...joinFindings(path, join));
    else if (join !== undefined)
      findings.push(broken(path, join, 'the first shot has none before it to join; take it out'));
    if (typeof id !== 'string') return;
    const first = firstWithId.get(id);
    if (first === undefined) firstWithId.set(id, index);
    else findings.push(broken(['shots', index, 'id'], id, `shots[${first}] has that id; give each shot its own`));
  });
  return findings;
}

/** Rules between the keys that say what is shown of a clip. */
function trimFindings(path: ScriptPath, shot: Readonly<Record<string, unknown>>): Finding[] {
  const { from, to, seconds, join, continue: continued } = shot;
  const kind = kindOfJoin(join);
  const findings: Finding[] = [];
  if (to !== undefined && seconds !== undefined) {
    findings.push(broken([...path, 'to'], to, 'the shot says seconds as well; take one of the two out'));
  }
  if (typeof to === 'number' && typeof from === 'number' && to <= from) {
    findings.push(broken([...path, 'to'], to, `the shot begins at ${from}; it ends behind its beginning`));
  }
  if (isTrimmed(from) && kind === 'seine' && shot['clip'] === undefined) {
    const rule =
      'a seine join leads to the first frame of a clip; take from out, or join it by dissolve, fade, wipe or cut';
    findings.push(broken([...path, 'from'], from, rule));
  }
  if (isTrimmed(from) && continued !== undefined && continued !== false) {
    findings.push(
      broken([...path, 'from'], from, 'a shot that continues the one before begins where that ends; take from out'),
    );
  }
  return findings;
}

/** A card stands between two shots, so nothing joins them. */
function cardFindings(
  path: ScriptPath,
  { card, join, continue: continued }: Readonly<Record<string, unknown>>,
): Finding[] {
  if (card === undefined) return [];
  const rule = 'the card before the shot parts it from the one before; take out the card or the';
  const kind = kindOfJoin(join);
  return [
    ...(join === undefined || kind === 'cut' ? [] : [broken([...path, 'join'], join, `${rule} join`)]),
    ...(continued === undefined || continued === false
      ? []
      : [broken([...path, 'continue'], continued, `${rule} continue`)]),
  ];
}

function outputFindings(output: unknown): Finding[] {
  const { width, height, shape } = membersOf(output);
  if (typeof width === 'number' && typeof height === 'number' && shape !== undefined) {
    return [
      broken(
        ['output', 'shape'],
        shape,
        'a shape makes the other side follow, and both are said; take one of the three out',
      ),
    ];
  }
  const size = writtenSize(output);
  if (size === null) return [];
  const { minSide, maxSide } = scriptLimits;
  for (const [name, side] of Object.entries(size)) {
    // A side that was said is the schema's matter, and so are both of a size in words.
    const isSaid = typeof output === 'string' || membersOf(output)[name] !== undefined;
    if ((side >= minSide && side <= maxSide) || isSaid) continue;
    const message = `output is ${size.width}x${size.height}, for its ${name} follows from the other side; a side has ${minSide} to ${maxSide} pixels; say another size`;
    return [{ path: ['output'], message }];
  }
  if (size.width * size.height <= scriptLimits.maxPixels) return [];
  const message = `output is ${size.width}x${size.height}; a frame has at most ${scriptLimits.maxPixels} pixels (7680x4320); make it smaller`;
  return [{ path: ['output'], message }];
}

/** The size that an output says; `null` for one that the schema refuses. */
function writtenSize(output: unknown): Size | null {
  if (typeof output === 'string') return namedSize(output);
  const { width, height, shape } = membersOf(output);
  const isSide = (side: unknown): side is number | undefined => side === undefined || typeof side === 'number';
  if (!isSide(width) || !isSide(height)) return null;
  return sizeOf({ width, height }, typeof shape === 'string' ? (ratioOf(shape) ?? undefined) : undefined);
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
