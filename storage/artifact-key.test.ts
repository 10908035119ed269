import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ArtifactKeys, artifactKeysFromEnv } from './artifact-key.ts';

const [older, newer] = ['0123456789abcdef'.repeat(4), 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo+/w=='];
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-key-'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('keys of artifacts', () => {
  test('the first signs, and each of them verifies, so a key can be changed without a break', () => {
    const before = new ArtifactKeys([older]);
    const change = new ArtifactKeys([newer, older]);
    const after = new ArtifactKeys([newer]);
    expect(change.verifies('text', before.sign('text'))).toBe(true);
    expect(after.verifies('text', change.sign('text'))).toBe(true);
    expect(after.verifies('text', before.sign('text'))).toBe(false);
  });

  test.each([null, '', 'ff', '0'.repeat(64), 'not hex'])('%j is no seal', (mac) => {
    expect(new ArtifactKeys([older]).verifies('text', mac)).toBe(false);
  });

  test('are HMAC-SHA256, as others compute it', () => {
    // printf text | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    expect(new ArtifactKeys([older]).sign('text')).toBe(
      'b451a96d8c6f66f10b235de1a3fc7bade6b17e051744af7d176d08efbb535929',
    );
  });

  test('are shown by nothing', () => {
    const keys = new ArtifactKeys([older, newer]);
    for (const text of [JSON.stringify(keys), inspect(keys, { depth: 9, showHidden: true })]) {
      expect(text).not.toContain(older.slice(0, 8));
    }
  });
});

describe('the environment', () => {
  test('without a key has none', () => {
    expect(artifactKeysFromEnv({ SHOTLINE_ARTIFACT_KEY: '', SHOTLINE_ARTIFACT_KEY_FILE: '' })).toBeNull();
  });

  test('names keys, with commas or line breaks between them, or their file', async () => {
    const file = join(dir, 'keys');
    await writeFile(file, `${newer}\n${older}\n`);
    const mac = new ArtifactKeys([older]).sign('text');
    for (const env of [{ SHOTLINE_ARTIFACT_KEY: `${newer}, ${older}` }, { SHOTLINE_ARTIFACT_KEY_FILE: file }]) {
      const keys = artifactKeysFromEnv(env)!;
      expect(keys.verifies('text', mac)).toBe(true);
      expect(keys.sign('text')).toBe(new ArtifactKeys([newer]).sign('text'));
    }
  });

  test.each([
    ['a short key', { SHOTLINE_ARTIFACT_KEY: `${older},secretsecret` }, 'number 2 is none'],
    ['other characters', { SHOTLINE_ARTIFACT_KEY: `${older}!secretsecret` }, 'number 1 is none'],
    ['no key', { SHOTLINE_ARTIFACT_KEY: ' , ' }, 'there is none'],
    ['both', { SHOTLINE_ARTIFACT_KEY: older, SHOTLINE_ARTIFACT_KEY_FILE: '/secretsecret' }, 'set one of them'],
    ['no file', { SHOTLINE_ARTIFACT_KEY_FILE: '/nowhere/keys' }, '"/nowhere/keys", which cannot be read (ENOENT)'],
  ])('with %s is refused, and no key is shown', (_, env, problem) => {
    const read = (): unknown => artifactKeysFromEnv(env);
    expect(read).toThrow(problem);
    expect(read).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
    expect(read).not.toThrow(/secretsecret|0123456789abcdef/);
  });
});
