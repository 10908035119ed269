import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { systemCode } from '../errors/system-code.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { Environment } from './config.ts';

/** As long as what `openssl rand -base64 24` writes; a shorter key could be guessed. */
const leastLength = 32;
const keyRule = /^[\w+/=-]+$/;

/**
 * The keys by which workers know what workers made: the first signs, all of them verify. They stay in here: neither
 * `JSON.stringify` nor a log shows them.
 */
export class ArtifactKeys {
  readonly #keys: readonly string[];
  readonly #signing: string;

  /**
   * At least one key, the newest first.
   * @throws PipelineError `SETTING_INVALID` for a key that is short or has other characters; it does not show the key.
   */
  constructor(keys: readonly string[]) {
    const [signing] = keys;
    const wrong = keys.findIndex((key) => key.length < leastLength || !keyRule.test(key));
    if (wrong >= 0 || signing === undefined) {
      const which = signing === undefined ? 'there is none' : `number ${String(wrong + 1)} is none`;
      throw new PipelineError(
        'SETTING_INVALID',
        `The keys of artifacts are wrong: ${which}. A key has ${String(leastLength)} letters and digits or more, as \`openssl rand -hex 32\` writes it; ` +
          'several have commas or line breaks between them. Correct SHOTLINE_ARTIFACT_KEY, or the file of SHOTLINE_ARTIFACT_KEY_FILE.',
      );
    }
    this.#keys = keys;
    this.#signing = signing;
  }

  /** The first key's HMAC-SHA256 of a text, 64 hex digits. */
  sign(text: string): string {
    return hmac(this.#signing, text).toString('hex');
  }

  /** Whether one of the keys has signed this text. */
  verifies(text: string, mac: string | null): boolean {
    const given = Buffer.from(mac ?? '', 'hex');
    return this.#keys.some((key) => {
      const expected = hmac(key, text);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}

const hmac = (key: string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Names of the variables that hold keys of artifacts, or name their file. */
export const artifactKeyVariables = ['SHOTLINE_ARTIFACT_KEY', 'SHOTLINE_ARTIFACT_KEY_FILE'] as const;

/**
 * Reads the keys of artifacts; `null` when the environment names none.
 * @throws PipelineError `SETTING_INVALID` when both variables are set, the file cannot be read, or a key is no key.
 */
export function artifactKeysFromEnv(env: Environment): ArtifactKeys | null {
  const [given = '', file = ''] = artifactKeyVariables.map((name) => env[name]);
  if (given === '' && file === '') return null;
  if (given !== '' && file !== '') {
    throw new PipelineError(
      'SETTING_INVALID',
      'Both SHOTLINE_ARTIFACT_KEY and SHOTLINE_ARTIFACT_KEY_FILE are set; set one of them.',
    );
  }
  return new ArtifactKeys((file === '' ? given : readKeyFile(file)).split(/[\s,]+/).filter((key) => key !== ''));
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = systemCode(cause) ?? 'no reason given';
    throw new PipelineError(
      'SETTING_INVALID',
      `SHOTLINE_ARTIFACT_KEY_FILE is ${JSON.stringify(file)}, which cannot be read (${reason}); give the worker a file that it may read.`,
      { cause },
    );
  }
}
