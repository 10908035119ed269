import type { ScriptPath } from './read-script.ts';
import type { Join } from './script.ts';
import { scriptDefaults } from './script-limits.ts';
import { broken, membersOf } from './script-problems.ts';
import type { Finding } from './script-problems.ts';
import type { WrittenScript } from './script-schema.ts';

/** A join as it is written: its kind alone, or a map. */
export type WrittenJoin = NonNullable<WrittenScript['shots'][number]['join']>;

/** The kind of a join as it was written, which may be anything; `undefined` when it says none. */
export function kindOfJoin(join: unknown): unknown {
  return typeof join === 'string' ? join : membersOf(join)['kind'];
}

/** Keys of a join that its kind does not have. */
export function joinFindings(path: ScriptPath, join: unknown): Finding[] {
  const { kind, ...keys } = membersOf(join);
  if (typeof kind !== 'string' || !Object.hasOwn(keysOfJoins, kind)) return [];
  const own: readonly string[] = keysOfJoins[kind] ?? [];
  return Object.entries(keys)
    .filter(([key, value]) => value !== undefined && !own.includes(key))
    .flatMap(([key, value]) => {
      const owners = Object.keys(keysOfJoins).filter((other) => keysOfJoins[other]?.includes(key));
      // A key that no join has is the schema's matter.
      if (owners.length === 0) return [];
      const owner = [owners.slice(0, -1).join(', '), owners.at(-1)].filter((words) => words !== '').join(' or ');
      return [broken([...path, key], value, `a ${kind} has no ${key}, only a ${owner} join has; take it out`)];
    });
}

/** What may be said of a join of each kind. */
const keysOfJoins: Readonly<Record<string, readonly string[]>> = {
  seine: ['prompt', 'known', 'seconds'],
  dissolve: ['seconds'],
  fade: ['seconds'],
  wipe: ['direction', 'seconds'],
  cut: [],
};

/** A join in its normal form. */
export function normalJoin(join: WrittenJoin): Join {
  const { kind, prompt, known, direction, seconds } = typeof join === 'string' ? { kind: join } : join;
  if (kind === 'cut') return { kind };
  const said = seconds === undefined ? {} : { seconds };
  if (kind === 'dissolve' || kind === 'fade') return { kind, ...said };
  if (kind === 'wipe') return { kind, direction: direction ?? 'right', ...said };
  return {
    kind,
    prompt: prompt ?? scriptDefaults.joinPrompt,
    known: known ?? scriptDefaults.joinKnown,
    seconds: seconds ?? scriptDefaults.joinSeconds,
  };
}
