import type { ScriptPath } from './read-script.ts';
import type { Shot, ShotCaption } from './script.ts';
import { broken, membersOf } from './script-problems.ts';
import type { Finding } from './script-problems.ts';

/** Rules between the captions of a shot. Looks at what was written. */
export function captionFindings(path: ScriptPath, captions: unknown): Finding[] {
  if (!Array.isArray(captions)) return [];
  let before: number | null = 0;
  return captions.flatMap((caption: unknown, index) => {
    const { at, until } = membersOf(caption);
    const findings: Finding[] = [];
    const find = (key: string, value: unknown, rule: string): void => {
      findings.push(broken([...path, index, key], value, rule));
    };
    if (at === undefined && before === null) {
      find('at', at, 'say when it comes, or until when the caption before it stays');
    }
    if (typeof at === 'number' && before !== null && at < before) {
      find('at', at, `the caption before it stays until ${before}; captions come one after the other`);
    }
    const from = typeof at === 'number' ? at : (before ?? 0);
    if (typeof until === 'number' && until <= from) {
      find('until', until, `the caption comes at ${from}; a caption goes after it has come`);
    }
    before = typeof until === 'number' ? until : null;
    return findings;
  });
}

/** Captions in their normal form. */
export function normalCaptions(written: string | readonly WrittenCaption[] | undefined): Pick<Shot, 'captions'> {
  if (written === undefined) return {};
  if (typeof written === 'string') return { captions: [{ text: written }] };
  return {
    captions: written.map(({ text, at, until }, index): ShotCaption => ({
      text,
      ...(at === undefined ? followed(written[index - 1]?.until) : { at }),
      ...(until === undefined ? {} : { until }),
    })),
  };
}

interface WrittenCaption {
  readonly text: string;
  readonly at?: number | undefined;
  readonly until?: number | undefined;
}

function followed(until: number | undefined): Pick<ShotCaption, 'at'> {
  return until === undefined ? {} : { at: until };
}
