import { membersOf, writtenPath } from './script-problems.ts';
import type { ScriptPath } from './read-script.ts';
import type { Shot } from './script.ts';
import { focusWords } from './script-schema.ts';
import type { WrittenScript } from './script-schema.ts';

/** A focus in its normal form: `left` is 0. The middle is what nothing said means. */
export function normalFocus(focus: WrittenScript['shots'][number]['focus']): Pick<Shot, 'focus'> {
  if (focus === undefined) return {};
  return { focus: typeof focus === 'string' ? focusWords[focus] : focus };
}

/** The words for a focus in a script as it was written, with their paths. */
export function focusesIn(written: unknown): { readonly path: string; readonly focus: string }[] {
  const { defaults, shots } = membersOf(written);
  const places: [ScriptPath, unknown][] = [
    [['defaults', 'focus'], membersOf(defaults)['focus']],
    ...(Array.isArray(shots) ? shots : []).map((shot: unknown, index): [ScriptPath, unknown] => [
      ['shots', index, 'focus'],
      membersOf(shot)['focus'],
    ]),
  ];
  return places.flatMap(([path, focus]) => (typeof focus === 'string' ? [{ path: writtenPath(path), focus }] : []));
}
