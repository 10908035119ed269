import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import type { StoryScript } from '../../story/script/script.ts';
import { scriptReference } from './script-reference.ts';

/** The page is read as a user reads it, and every row is held against the parser. */

interface Row {
  readonly key: string;
  readonly values: string;
  readonly unsaid: string;
  readonly what: string;
  /** Whether `defaults` may have the key, too. */
  readonly shared: boolean;
  /** Whether it is a key of the story; a shot may have one of the same name. */
  readonly isOfStory: boolean;
}

const sections = scriptReference().split(/^## /m).slice(1);
const rows = sections.flatMap((section) =>
  [...section.matchAll(/^\| `([^`]+)` \| (.*) \| (.*) \| (.*) \|$/gm)].map(([, key, values, unsaid, what]): Row => ({
    key: key!,
    values: values!,
    unsaid: unsaid!,
    what: what!,
    shared: section.startsWith('A shot, or the defaults'),
    isOfStory: section.startsWith('The story'),
  })),
);
const rowsOf = (section: string): readonly string[] =>
  [...sections.find((each) => each.startsWith(section))!.matchAll(/^\| `([\w-]+)/gm)].map(([, key]) => key!);
const ofStory = rowsOf('The story');

/** What a documented kind of value is: values of it, values beside it, and how one is told from the other. */
interface Kind {
  readonly accepts: (value: unknown) => boolean;
  readonly near: fc.Arbitrary<unknown>;
}

const text = (length: number): string => 'x'.repeat(length);
const isText = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'string' && value.length >= min && value.length <= max && !/\p{Cc}/u.test(value);

/** A kind as the page writes it. */
function kindOf(words: string): Kind {
  const codes = [...words.matchAll(/`([^`]+)`/g)].map(([, code]) => JSON.parse(quoted(code!)) as unknown);
  if (codes.length > 0) return { accepts: (value) => codes.includes(value), near: fc.constantFrom(...codes, 'other') };
  const [, from, to, step] = /^(-?[\d.]+) to (-?[\d.]+)(?:, (whole|even))?$/.exec(words) ?? [];
  if (from !== undefined) {
    const [min, max] = [Number(from), Number(to)];
    const multiple = step === 'even' ? 2 : 1;
    return {
      accepts: (value) =>
        typeof value === 'number' &&
        value >= min &&
        value <= max &&
        (step === undefined || Number.isInteger(value / multiple)),
      near: fc.oneof(
        fc.constantFrom(min, max, min - 1, max + 1, min - 0.001, max + 0.001, min + 0.5),
        fc.double({ min, max, noNaN: true }),
        fc.integer({ min: Math.ceil(min), max: Math.floor(max) }),
      ),
    };
  }
  const [, least, most] = /^text of (\d+) to (\d+)$/.exec(words) ?? [];
  if (least !== undefined) {
    const [min, max] = [Number(least), Number(most)];
    return {
      accepts: (value) => isText(value, min, max),
      near: fc.constantFrom(text(min), text(max), text(max + 1), '', 'Ein Boot 船', 'a\u0007b'),
    };
  }
  const [, longest] = /^name of 1 to (\d+)$/.exec(words) ?? [];
  if (longest !== undefined) {
    const isName = (value: unknown): boolean =>
      typeof value === 'string' && /^[a-z0-9][a-z0-9-]*$/.test(value) && value.length <= Number(longest);
    const end = [text(Number(longest)), text(Number(longest) + 1)];
    return { accepts: isName, near: fc.constantFrom('a', '9-b', '-a', 'A', 'a_b', 'ä', '', ...end) };
  }
  if (words === 'shape') {
    const partsOf = (value: unknown) => (typeof value === 'string' ? value.split(':').map(Number) : []);
    return {
      accepts: (value) => {
        const [a = Number.NaN, b = Number.NaN] = partsOf(value);
        return partsOf(value).length === 2 && a / b >= 0.1 && a / b <= 10;
      },
      near: fc.constantFrom('9:16', '1:1', '2.39:1', '1:20', '20:1', '9x16', '0:1', '1:0', '16'),
    };
  }
  if (words === 'size') {
    const known = ['1080p', '4k', '8k', '1920x1080', '16x16'];
    return {
      accepts: (value) => known.includes(value as string),
      near: fc.constantFrom(...known, '1080i', '17x16', '8x8', '7680x7680', '1920', '4K!'),
    };
  }
  if (words === 'ladder') {
    const good = [['1080p'], ['720p', '360p']];
    return {
      accepts: (value) => good.includes(value as string[]),
      near: fc.constantFrom<unknown>(...good, [], ['1081p'], [720], Array(7).fill('720p')),
    };
  }
  if (words === 'bitrate') {
    const known = ['50k', '800k', '1.5M', '400M'];
    return {
      accepts: (value) => known.includes(value as string),
      near: fc.constantFrom<unknown>(...known, '49k', '401M', '8Mbit', '8m', 8_000_000),
    };
  }
  if (words === 'rate') {
    const known = [8, 24, 25, 60, 23.976, 23.98, 29.97, 59.94, '24000/1001', '30000/1001', '25/1'];
    return {
      accepts: (value) => known.includes(value as number),
      near: fc.constantFrom<unknown>(...known, 7, 61, 24.5, '24', '24000/1000.5', '23/7', 0),
    };
  }
  if (words === 'colour') {
    const known = ['black', 'white', '#1b2a49', '#FFFFFF'];
    return {
      accepts: (value) => known.includes(value as string),
      near: fc.constantFrom(...known, 'red', '#fff', '#12345g', '1b2a49'),
    };
  }
  if (words === 'captions') {
    const [one, next] = [{ text: 'A boat' }, { text: 'It\nsails', at: 1, until: 2.5 }];
    const [late, early] = [{ text: '' }, { text: 'x', at: 2, until: 1 }];
    const isGood = (value: unknown): boolean => value !== late && value !== early;
    return {
      accepts: (value) => Array.isArray(value) && value.length > 0 && value.length < 41 && value.every(isGood),
      near: fc.constantFrom([one], [next], [one, next], [late], [early], [], Array(41).fill(one)),
    };
  }
  if (words === 'language') {
    const known = ['en', 'de-CH', 'zh-Hant', 'fil'];
    return {
      accepts: (value) => known.includes(value as string),
      near: fc.constantFrom(...known, 'german language', 'e', '12', 'en_US'),
    };
  }
  if (words === 'sound') {
    return {
      accepts: (value) => isText(value, 1, 1000) && !/^(?!s3:)\w+:\/\//.test(value as string),
      near: fc.constantFrom('a.wav', 's3://b/a.wav', 'https://h/a.wav', text(1000), text(1001), ''),
    };
  }
  if (words === 'clip') {
    return {
      accepts: (value) => isText(value, 1, 1000) && !/^\w+:\/\//.test(value as string),
      near: fc.constantFrom('a.mp4', 'frames', 's3://b/a.mp4', 'https://h/a.mp4', text(1000), text(1001), ''),
    };
  }
  if (words === 'voice') {
    return {
      accepts: (value) => typeof value === 'string' && /^[A-Za-z][\w.+-]{0,39}$/.test(value),
      near: fc.constantFrom('en-gb', 'de+f3', '../de', '', text(40), text(41)),
    };
  }
  if (words === 'picture') {
    return {
      accepts: (value) => isText(value, 1, 1000) && !/^(?!s3:|https:)\w+:\/\//.test(value as string),
      near: fc.constantFrom('a.png', 's3://b/a.png', 'https://h/a.png', 'http://h/a.png', text(1000), text(1001), ''),
    };
  }
  if (words.startsWith('map to ')) {
    const member = kindOf(words.slice('map to '.length));
    return {
      accepts: (value) => isMap(value) && Object.keys(value).length > 0 && Object.values(value).every(member.accepts),
      near: member.near.map((value) => ({ 0: value })),
    };
  }
  const [, fewest, top] = /^list of (\d+) to (\d+)$/.exec(words) ?? [];
  if (fewest !== undefined) {
    const shots = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `s${index}`, prompt: 'x' }));
    return {
      accepts: (value) => Array.isArray(value) && value.length >= Number(fewest) && value.length <= Number(top),
      near: fc.constantFrom(shots(Number(fewest)), shots(Number(top)), shots(Number(top) + 1), []),
    };
  }
  if (words === 'map') return { accepts: isMap, near: fc.constant('no map') };
  throw new Error(`the page writes values in a way that this test cannot read: ${words}`);
}

/** A code span as JSON: numbers, `true` and `false` as they are, everything else a text. */
const quoted = (code: string): string => (/^(true|false|-?[\d.]+)$/.test(code) ? code : JSON.stringify(code));

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Kinds of a cell: alternatives are parted by "or". */
function kindsOf({ values }: Row): readonly Kind[] {
  return values.split(' or ').map(kindOf);
}

/** What must stand beside a key for it to mean anything. */
const beside: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  freeu: { b1: 1, b2: 1, s1: 1, s2: 1 },
  join: { kind: 'seine' },
  'join.direction': { kind: 'wipe' },
  card: { text: 'x' },
  opening: { text: 'x' },
  closing: { text: 'x' },
  gate: { motion_smoothness: 0.5 },
  soundtrack: { file: 'a.wav' },
  narration: { file: 'a.wav' },
  sound: { file: 'a.wav' },
  clip: { file: 'a.mp4' },
  say: { text: 'x' },
  'output.width': { height: 16 },
  'output.height': { width: 16 },
  subjects: { hero: { image: 'hero.png', word: 'boat' } },
  // HEVC counts quality to 51, AV1 to 63.
  'output.quality': { codec: 'vp9' },
  'output.bitrate': { codec: 'vp9' },
  outputs: { hero: { codec: 'vp9', width: 640, height: 360 } },
  'outputs.<name>.shape': { hero: { width: 640 } },
  'outputs.<name>.width': { hero: { height: 64 } },
  'outputs.<name>.height': { hero: { width: 64 } },
  'outputs.<name>.ladder': { hero: { codec: 'h264' } },
  'outputs.<name>.fps': { hero: { codec: 'gif' } },
};

/** Keys that say more of a clip of one's own. */
const ofClips = ['mute', 'seconds', 'from', 'to'];

/** A script with a value at a key; `undefined` leaves the key out. In the second shot, in the defaults, or at the top. */
function scriptWith(key: string, value: unknown, inDefaults = false, isOfStory?: boolean): string {
  const [head, ...rest] = key.split('.').map((step) => (step === '<name>' ? 'hero' : step));
  const written = rest.length === 0 ? value : withMember(beside[key] ?? beside[head!] ?? {}, rest, value);
  const member = { [head!]: written };
  if (isOfStory ?? ofStory.includes(head!)) {
    const shown = head === 'subjects' ? 'a {hero} sails' : 'y';
    return JSON.stringify({ shots: [{ id: 'b', prompt: shown }], ...member });
  }
  const second = {
    id: 'b',
    ...(head === 'prompts' ? {} : { prompt: 'y' }),
    ...(ofClips.includes(head!) ? { clip: 'a.mp4' } : {}),
    ...(inDefaults ? {} : member),
  };
  return JSON.stringify({
    ...(inDefaults ? { defaults: member } : {}),
    shots: [{ id: 'first-shot', prompt: 'x' }, second],
  });
}

function withMember(
  map: Readonly<Record<string, unknown>>,
  [head, ...rest]: readonly string[],
  value: unknown,
): object {
  const inner = rest.length === 0 ? value : withMember(map[head!] as Record<string, unknown>, rest, value);
  return { ...map, [head!]: inner };
}

/** The script of a text, or `null` when the parser refuses it. */
function parsed(script: string): StoryScript | null {
  try {
    return parseScript(script, { fileName: 'story.json' });
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'SCRIPT_INVALID') return null;
    throw error;
  }
}

const strange = fc.constantFrom<unknown>(true, false, 0, 1, -1, 0.5, 'x y', '', null, [], { nothing: 1 });

describe.each(rows)('the row of $key', (row) => {
  const kinds = kindsOf(row);
  const accepts = (value: unknown): boolean => kinds.some((kind) => kind.accepts(value));
  // What a map may hold, the rows of its keys say.
  const isOpen = (value: unknown): boolean => row.values.endsWith('map') && isMap(value);
  const values = fc.oneof(strange, ...kinds.map(({ near }) => near)).filter((value) => !isOpen(value));

  test.each(row.shared ? ['a shot', 'defaults'] : ['its place'])(
    'names the values that the parser accepts in %s',
    (place) => {
      const seen = new Set<boolean>();
      const holds = fc.property(values, (value) => {
        const accepted = parsed(scriptWith(row.key, value, place === 'defaults', row.isOfStory)) !== null;
        seen.add(accepted);
        expect(accepted).toBe(accepts(value));
      });
      fc.assert(holds, { numRuns: 30, seed: 7, ignoreEqualValues: true });
      expect(seen).toContain(false);
    },
  );

  test('says what the key does, and leaves the range to its column', () => {
    expect(row.what).toMatch(/^[A-Z].*\.$/);
    expect(row.what).not.toMatch(/number from|characters|\bis true, false\b/);
  });
});

const withDefaults = rows.flatMap(({ key, unsaid }) => {
  const [, code] = /^`([^`]+)`$/.exec(unsaid) ?? [];
  return code === undefined ? [] : [{ key, code }];
});

test.each(withDefaults)('without $key the parser takes $code', ({ key, code }) => {
  const unsaid = parsed(scriptWith(key, undefined));
  expect(unsaid).not.toBeNull();
  expect(parsed(scriptWith(key, JSON.parse(quoted(code))))).toEqual(unsaid);
});

test.each(rows.filter(({ unsaid }) => unsaid === 'required'))('$key is required where it stands', ({ key }) => {
  expect(parsed(scriptWith(key, undefined))).toBeNull();
});
