import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodePrompt, findWord, openTokenizer } from './tokenizer.ts';

const pocketText = fileURLToPath(new URL('../models/packages/pocket-text', import.meta.url));
const tokens = 32;

interface TokenizerFile {
  padding: { pad_id: number } | null;
  added_tokens: { id: number; content: string }[];
}

let dir: string;
let special: (content: string) => number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-text-'));
  await cp(pocketText, dir, { recursive: true });
  const file = JSON.parse(await readFile(join(dir, 'tokenizer.json'), 'utf8')) as TokenizerFile;
  special = (content) => file.added_tokens.find((token) => token.content === content)?.id ?? -1;
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe('findWord', () => {
  const cut = (text: string) => {
    const [before = '', word = '', after = ''] = text.split('|');
    return { before, word, after };
  };

  test.each(['a |boat| sails', '|boat|', 'the small |rubber duck| swims on the sea', 'at night, a |hot air balloon|'])(
    'gives the rows of the word in %p, and no others',
    async (text) => {
      const parts = cut(text);
      const { first, count } = await findWord(dir, parts);
      const { ids } = await encodePrompt(dir, parts.before + parts.word + parts.after);
      const { ids: alone } = await encodePrompt(dir, parts.word);
      expect(count).toBeGreaterThan(0);
      expect(ids.slice(first, first + count)).toEqual(alone.slice(1, 1 + count));
      expect(alone[1 + count]).toBe(special('<end>'));
    },
  );

  test('takes a word whole or not at all: with its last token behind the end it is refused', async () => {
    const small = async (size: number): Promise<void> => {
      const manifest = JSON.parse(await readFile(join(pocketText, 'model.json'), 'utf8')) as { context: object };
      const changed = { ...manifest, context: { ...manifest.context, tokens: size } };
      await writeFile(join(dir, 'model.json'), JSON.stringify(changed));
    };
    const parts = cut('the small |rubber duck| swims');
    const { first, count } = await findWord(dir, parts);
    // One row more, for the end token.
    await small(first + count + 1);
    expect(await findWord(dir, parts)).toEqual({ first, count });
    await small(first + count);
    await expect(findWord(dir, parts)).rejects.toMatchObject({ code: 'SCRIPT_INVALID' });
  });

  test('refuses a word behind the tokens that the encoder reads', async () => {
    await expect(findWord(dir, cut(`${'a red boat sails '.repeat(20)}|boat|`))).rejects.toMatchObject({
      code: 'SCRIPT_INVALID',
      message: expect.stringContaining('stands behind the 32 tokens of a prompt') as unknown,
    });
  });
});

describe('encodePrompt', () => {
  test('cleans prompts where the package says so, and finds words in them', async () => {
    const plain = await encodePrompt(dir, "it's a boat");
    expect(await encodePrompt(dir, 'it’s a boat')).not.toEqual(plain);
    const file = join(dir, 'model.json');
    const manifest = JSON.parse(await readFile(file, 'utf8')) as { context: object };
    await writeFile(file, JSON.stringify({ ...manifest, context: { ...manifest.context, clean: true } }));
    expect(await encodePrompt(dir, 'it’s a boat')).toEqual(plain);
    expect(await encodePrompt(dir, 'it&#39;s a boat')).toEqual(plain);
    const parts = { before: 'it’s a ', word: 'boat', after: ' & a “duck”' };
    const straight = { before: "it's a ", word: 'boat', after: ' & a "duck"' };
    expect(await findWord(dir, parts)).toEqual(await findWord(dir, straight));
  });

  test('starts, ends and pads a short prompt', async () => {
    const { ids, used } = await encodePrompt(dir, 'a red boat');
    const end = ids.indexOf(special('<end>'));
    expect(ids).toHaveLength(tokens);
    expect(ids[0]).toBe(special('<start>'));
    expect(end).toBeGreaterThan(1);
    expect(used).toBe(end + 1);
    expect(new Set(ids.slice(end + 1))).toEqual(new Set([special('<pad>')]));
  });

  test('takes an empty prompt', async () => {
    const { ids } = await encodePrompt(dir, '');
    expect(ids.slice(0, 3)).toEqual([special('<start>'), special('<end>'), special('<pad>')]);
  });

  test('keeps the end token of a prompt that is too long', async () => {
    const { ids: long } = await encodePrompt(dir, 'a red boat sails to the right '.repeat(50));
    const { ids: short } = await encodePrompt(dir, 'a red boat sails to the right');
    expect(long).toHaveLength(tokens);
    expect(long.at(-1)).toBe(special('<end>'));
    expect(long.slice(0, 5)).toEqual(short.slice(0, 5));
    expect(long.slice(1, -1)).not.toContain(special('<end>'));
  });

  test('gives every text exactly as many ids as the encoder takes', async () => {
    const encode = await openTokenizer(dir);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const ids = encode(text);
        expect(ids).toHaveLength(tokens);
        expect(ids.every((id) => Number.isInteger(id) && id >= 0)).toBe(true);
      }),
    );
  });

  test('gives the ids that the reference library gives, also for hard strings', async () => {
    const path = new URL('./goldens/tokenizer.json', import.meta.url);
    const { cases } = JSON.parse(await readFile(path, 'utf8')) as { cases: { text: string; ids: number[] }[] };
    const encode = await openTokenizer(dir);
    for (const { text, ids } of cases) expect({ text, ids: encode(text) }).toEqual({ text, ids });
  });

  test('takes the padding token of tokenizer_config.json where tokenizer.json names none, as CLIP does', async () => {
    const file = JSON.parse(await readFile(join(dir, 'tokenizer.json'), 'utf8')) as TokenizerFile;
    await writeFile(join(dir, 'tokenizer.json'), JSON.stringify({ ...file, padding: null }));
    await expect(encodePrompt(dir, 'a boat')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('names a padding token'),
    });
    await writeFile(join(dir, 'tokenizer_config.json'), JSON.stringify({ pad_token: { content: '<end>' } }));
    expect((await encodePrompt(dir, 'a boat')).ids.at(-1)).toBe(special('<end>'));
  });

  test('refuses a package without a tokenizer, and settings that are there and cannot be read', async () => {
    const refused = (says: string): Promise<void> =>
      expect(encodePrompt(dir, 'a boat')).rejects.toMatchObject({
        code: 'MODEL_INVALID',
        message: expect.stringContaining(says) as unknown,
      });
    // A folder in its place is no file that is absent.
    await mkdir(join(dir, 'tokenizer_config.json'));
    await refused('tokenizer_config.json cannot be read');
    await rm(join(dir, 'tokenizer_config.json'), { recursive: true });
    await writeFile(join(dir, 'tokenizer_config.json'), '{');
    await refused('tokenizer_config.json is not JSON');
    await rm(join(dir, 'tokenizer.json'));
    await refused('tokenizer.json cannot be read');
  });
});
