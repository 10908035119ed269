import fc from 'fast-check';

/** One change of some bytes. Places and lengths are shares of what is there, so that a smaller case is a simpler one. */
export interface Edit {
  readonly kind: 'flip' | 'cut' | 'insert' | 'repeat' | 'swap' | 'number';
  /** 0…1. */
  readonly at: number;
  /** 0…1. */
  readonly span: number;
  readonly with: Uint8Array;
}

const share = fc.integer({ min: 0, max: 10_000 }).map((value) => value / 10_000);

/** Edits of bytes; `words` are put in as they are. */
export function edits(words: readonly string[]): fc.Arbitrary<readonly Edit[]> {
  const some = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    ...(words.length === 0 ? [] : [fc.constantFrom(...words).map((word) => new Uint8Array(Buffer.from(word)))]),
  );
  const edit = fc.record({
    kind: fc.constantFrom<Edit['kind']>('flip', 'cut', 'insert', 'repeat', 'swap', 'number'),
    at: share,
    span: share.map((value) => value ** 4),
    with: some,
  });
  return fc.array(edit, { minLength: 1, maxLength: 4 });
}

const extremes = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];
/** No edit makes much of little. */
const largest = 2 ** 20;

/** The bytes after all edits. */
export function edited(bytes: Uint8Array, changes: readonly Edit[]): Buffer {
  let now = Buffer.from(bytes);
  for (const { kind, at, span, with: inserted } of changes) {
    const start = Math.floor(at * now.length);
    const end = Math.min(now.length, start + 1 + Math.floor(span * now.length));
    const [before, part, after] = [now.subarray(0, start), now.subarray(start, end), now.subarray(end)];
    switch (kind) {
      case 'flip':
        now = Buffer.concat([
          before,
          Buffer.from(inserted).subarray(0, part.length),
          now.subarray(start + Math.min(inserted.length, part.length)),
        ]);
        break;
      case 'cut':
        now = Buffer.concat([before, after]);
        break;
      case 'insert':
        now = Buffer.concat([before, inserted, part, after]);
        break;
      case 'repeat': {
        const times = Math.min((inserted[0] ?? 0) + 1, Math.floor(largest / Math.max(1, part.length)));
        now = Buffer.concat([before, ...Array.from({ length: Math.max(1, times) }, () => part), after]);
        break;
      }
      case 'swap':
        now = Buffer.concat([before, after.subarray(0, part.length), part, after.subarray(part.length)]);
        break;
      case 'number': {
        const value = extremes[(inserted[0] ?? 0) % extremes.length]!;
        const number = Buffer.alloc(4);
        number.writeUInt32BE(value);
        now = Buffer.concat([before, number.subarray(0, now.length - start), now.subarray(start + 4)]);
        break;
      }
    }
  }
  return now;
}

/** A place in a value and what is put there; `undefined` takes the place out. */
export interface Graft {
  /** Which of all places, a share. */
  readonly at: number;
  readonly value: unknown;
  /** Not `null`: a number there is multiplied by it instead, and anything else stays, for most of what is near is valid. */
  readonly factor: number | null;
}

/** Values put at places of a structure; `keys` are used as names besides those that are there. */
export function grafts(keys: readonly string[], words: readonly string[]): fc.Arbitrary<readonly Graft[]> {
  const leaf = fc.oneof(
    fc.constantFrom<unknown>(undefined, null, true, false, 0, -1, 1, 1.5, 1e9, 2 ** 53, -0, 1e308, '', ' ', 'a'),
    fc.integer(),
    fc.double(),
    fc.string({ maxLength: 40, unit: 'grapheme' }),
    fc.string({ maxLength: 12, unit: 'binary' }),
    fc.constantFrom(...words),
    fc.constant('x'.repeat(100_000)),
  );
  const factor = fc.constantFrom(null, null, 0, 0.5, 1.01, 2, 3, 10, -1);
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 8 })), tie('value'), { maxKeys: 5 }),
    ),
  }));
  return fc.array(fc.record({ at: share, value, factor }), { minLength: 1, maxLength: 3 });
}

/** The structure with all grafts in it. */
export function grafted(root: unknown, all: readonly Graft[]): unknown {
  let now = structuredClone(root);
  for (const { at, value, factor } of all) {
    const places = placesOf(now);
    const place = places[Math.floor(at * places.length)];
    const there: unknown = place === undefined ? undefined : Reflect.get(place.owner, place.key);
    if (place !== undefined && factor !== null) {
      const product = typeof there === 'number' ? there * factor : there;
      Reflect.set(place.owner, place.key, Number.isInteger(there) ? Math.round(product as number) : product);
    } else if (place === undefined) now = value;
    else if (value === undefined) Reflect.deleteProperty(place.owner, place.key);
    else Reflect.set(place.owner, place.key, structuredClone(value));
  }
  return now;
}

function placesOf(root: unknown): { readonly owner: object; readonly key: string }[] {
  const places: { readonly owner: object; readonly key: string }[] = [];
  const open = [root];
  while (open.length > 0 && places.length < 20_000) {
    const owner = open.pop();
    if (typeof owner !== 'object' || owner === null) continue;
    for (const [key, value] of Object.entries(owner)) {
      places.push({ owner, key });
      open.push(value);
    }
  }
  return places;
}
