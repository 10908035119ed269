import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as library from '@huggingface/tokenizers';
import { z } from 'zod';
import { PipelineError } from '../errors/pipeline-error.ts';
import { cleanPrompt } from './clean-prompt.ts';
import { systemCode } from '../errors/system-code.ts';
import { readPackage } from './models.ts';

/** The part of the library in use. Its own declarations import without file extensions, which NodeNext does not resolve. */
interface Tokenizer {
  encode(text: string, options?: { readonly add_special_tokens: boolean }): { readonly ids: readonly number[] };
  token_to_id(token: string): number | undefined;
}
const HuggingFaceTokenizer = library.Tokenizer as unknown as new (definition: object, settings: object) => Tokenizer;

/** The parts of `tokenizer.json` that the library leaves to its caller. */
const tokenizerSchema = z.looseObject({
  model: z.looseObject({}),
  padding: z.looseObject({ pad_id: z.number().int().min(0) }).nullish(),
});

const configSchema = z.looseObject({
  pad_token: z.union([z.string(), z.looseObject({ content: z.string() })]).nullish(),
});

/** Turns a prompt into exactly as many token ids as the text encoder takes. */
export type PromptEncoder = (text: string) => number[];

/**
 * Reads the tokenizer of a text package: `tokenizer.json`, and `tokenizer_config.json` where there is one. Nothing is
 * fetched from anywhere.
 *
 * @throws PipelineError `MODEL_INVALID` when a file is missing or wrong, or no padding token is named.
 */
export async function openTokenizer(dir: string): Promise<PromptEncoder> {
  const { tokenizer, tokens, padId } = await readTokenizer(dir);
  return (text) => fit(tokenizer, text, tokens, padId);
}

async function readTokenizer(dir: string): Promise<{ tokenizer: Tokenizer; tokens: number; padId: number }> {
  const { manifest } = await readPackage(dir);
  const tokens = manifest.context?.tokens;
  if (tokens === undefined) throw wrong(dir, 'model.json has no context.tokens, so the length of a prompt is unknown');
  const definition = tokenizerSchema.safeParse(await readJson(dir, 'tokenizer.json', null));
  if (!definition.success) throw wrong(dir, `tokenizer.json: ${z.prettifyError(definition.error)}`);
  const settings = configSchema.safeParse(await readJson(dir, 'tokenizer_config.json', {}));
  if (!settings.success) throw wrong(dir, `tokenizer_config.json: ${z.prettifyError(settings.error)}`);

  const tokenizer = reading(
    new HuggingFaceTokenizer(definition.data, settings.data),
    manifest.context?.clean === true ? cleanPrompt : null,
  );
  const named = settings.data.pad_token;
  const padToken = typeof named === 'string' ? named : named?.content;
  const padId =
    definition.data.padding?.pad_id ?? (padToken === undefined ? undefined : tokenizer.token_to_id(padToken));
  if (padId === undefined) throw wrong(dir, 'neither tokenizer.json nor tokenizer_config.json names a padding token');
  return { tokenizer, tokens, padId };
}

/** A tokenizer that cleans what it reads; pieces of a prompt keep the spaces at their ends. */
function reading(tokenizer: Tokenizer, clean: ((text: string) => string) | null): Tokenizer {
  if (clean === null) return tokenizer;
  const cleaned = (text: string): string => {
    const [, before = '', words = '', after = ''] = /^(\s*)(.*?)(\s*)$/su.exec(text) ?? [];
    return before + clean(words) + after;
  };
  return {
    encode: (text, options) => tokenizer.encode(cleaned(text), options),
    token_to_id: (token) => tokenizer.token_to_id(token),
  };
}

/** The rows of a text context that a word of a prompt has. */
export interface TokenSpan {
  readonly first: number;
  readonly count: number;
}

/** A prompt, cut at a word. */
export interface CutPrompt {
  readonly before: string;
  readonly word: string;
  readonly after: string;
}

/**
 * Where the word of a cut prompt stands among its tokens. Words are split at spaces before anything else, so what stands
 * before a word takes as many tokens alone as in the sentence.
 *
 * @throws PipelineError `SCRIPT_INVALID` when the word lies behind the tokens that the encoder reads; `MODEL_INVALID`.
 */
export async function findWord(dir: string, { before, word, after }: CutPrompt): Promise<TokenSpan> {
  const { tokenizer, tokens } = await readTokenizer(dir);
  const plain = (text: string): readonly number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const { ids } = tokenizer.encode(before + word + after);
  const leading = ids.indexOf(plain(before + word + after)[0] ?? -1);
  // A space belongs to the word behind it: alone at an end it would be a token of its own.
  const first = leading + plain(before.trimEnd()).length;
  const count = leading + plain(before + word).length - first;
  // The last row may be an end token, which a cut prompt keeps.
  if (leading >= 0 && count > 0 && first + count < tokens) return { first, count };
  throw new PipelineError(
    'SCRIPT_INVALID',
    `"${word}" stands behind the ${tokens} tokens of a prompt that the models read; name the subject earlier, or shorten the prompt`,
    { details: { word, tokens } },
  );
}

/** A prompt as token ids. */
export interface EncodedPrompt {
  /** As many as the encoder takes. */
  readonly ids: readonly number[];
  /** How many of them are not padding. */
  readonly used: number;
}

/** {@link openTokenizer} for a single prompt. */
export async function encodePrompt(dir: string, text: string): Promise<EncodedPrompt> {
  const { tokenizer, tokens, padId } = await readTokenizer(dir);
  const used = Math.min(tokens, tokenizer.encode(text).ids.length);
  return { ids: fit(tokenizer, text, tokens, padId), used };
}

function fit(tokenizer: Tokenizer, text: string, tokens: number, padId: number): number[] {
  const { ids } = tokenizer.encode(text);
  if (ids.length <= tokens) return [...ids, ...new Array<number>(tokens - ids.length).fill(padId)];
  const endsWithSpecial = ids.length > tokenizer.encode(text, { add_special_tokens: false }).ids.length;
  // The encoder reads the sentence at its end token (CLIP pools there), so a cut must not take it away.
  const end = endsWithSpecial ? ids.slice(-1) : [];
  return [...ids.slice(0, tokens - end.length), ...end];
}

async function readJson(dir: string, file: string, absent: unknown): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(join(dir, file), 'utf8');
  } catch (error) {
    if (absent !== null && systemCode(error) === 'ENOENT') return absent;
    throw wrong(dir, `${file} cannot be read`, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrong(dir, `${file} is not JSON`, error);
  }
}

function wrong(dir: string, problem: string, cause?: unknown): PipelineError {
  return new PipelineError('MODEL_INVALID', `text package ${dir}: ${problem}; correct the package`, {
    cause,
    details: { dir },
  });
}
