import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { VerifiedFile } from '../../credentials/content-credentials.ts';
import { certificatesIn } from '../fakes/certificates.ts';
import { PrivateStack } from '../harness/private-stack.ts';

/** Films that an edit worker signs, on real servers, workers and models: few pixels, few steps. Skipped where the library is not installed. */
const library = '@contentauth/c2pa-node';
const signs = await import(library).then(
  () => true,
  () => false,
);

let stack: PrivateStack;
let folder: string;
const saved = (name: string): string => join(folder, name);
const quick = ['--output', '320x180', '--quality', 'draft'];
const story = (title: string): string => `title: ${title}
defaults: { seed: 7, steps: 2 }
shots:
  - { id: house, prompt: a white house stands still on the meadow on a sunny day, seconds: 0.5 }
  - { id: boat, prompt: a red boat sails to the right on the sea at sunset, seconds: 0.5, join: cut }
`;

/** What `verify` says of a file, and how it ends. */
async function verify(file: string): Promise<VerifiedFile & { readonly code: number | null; readonly said: string }> {
  const json = await stack.shotline('verify', file, '--json');
  const { code, stdout } = await stack.shotline('verify', file);
  expect(code).toBe(json.code);
  return { ...(JSON.parse(json.stdout) as VerifiedFile), code, said: stdout };
}

/** Renders a story with what an edit worker signs with, and saves the film. */
async function film(title: string, settings: Readonly<Record<string, string>>): Promise<string> {
  await stack.shotline('stack', 'down');
  const signing = stack.with(settings);
  const file = await stack.writeStory(`${title}.yaml`, story(title));
  const { workflowId } = await signing.render(file, ...quick);
  const { code, stderr } = await signing.shotline('get', workflowId, '-o', saved(`${title}.mp4`));
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return saved(`${title}.mp4`);
}

const whereSigned = signs ? describe : describe.skip;

whereSigned('a film, signed by the edit worker, saved and verified', () => {
  beforeAll(async () => {
    stack = await PrivateStack.create();
    folder = await mkdtemp(join(tmpdir(), 'credentials-e2e-'));
  }, 120_000);
  afterAll(async () => {
    await stack.destroy();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  test('says who signed it and its shots as ingredients; tampered and unsigned films are told apart', async () => {
    const signed = await film('signed', certificatesIn(folder));
    const found = await verify(signed);
    expect(found).toMatchObject({
      code: 0,
      state: 'valid',
      title: 'signed',
      signer: 'Signer',
      issuer: 'Tests',
      shots: ['shot house', 'shot boat'],
    });
    expect(found.said).toMatch(
      /is as it was signed; nobody vouches for who signed it\n.*signer +Signer, Tests\n.*shots +shot house, shot boat\n/s,
    );
    // No prompt unless somebody asks for it.
    expect((await readFile(signed)).includes('a red boat sails')).toBe(false);

    const bytes = await readFile(signed);
    bytes[bytes.length - 200]! ^= 1;
    await writeFile(saved('tampered.mp4'), bytes);
    expect(await verify(saved('tampered.mp4'))).toMatchObject({
      code: 4,
      state: 'invalid',
      said: expect.stringMatching(
        /tampered\.mp4 is NOT as it was signed\n.*finding +assertion\.bmffHash\.mismatch/s,
      ) as unknown,
    });

    // The artifact has no signature: a worker without a certificate publishes the same film unsigned.
    const plain = await film('plain', {});
    expect(await verify(plain)).toMatchObject({
      code: 4,
      state: 'none',
      said: expect.stringMatching(/has no Content Credentials; they are added at publish/) as unknown,
    });
    await copyFile(plain, saved('plain.bin'));
    expect((await stack.shotline('verify', saved('plain.bin'))).stderr).toMatch(/no ending of a film/);
  }, 900_000);

  test('signed with a certificate that has expired is told as that', async () => {
    const own = join(folder, 'expired');
    await mkdir(own);
    const files = certificatesIn(own, Date.UTC(2020, 2, 1));
    await stack.shotline('stack', 'down');
    const run = await stack
      .with(files)
      .shotline('render', await stack.writeStory('expired.yaml', story('expired')), ...quick);
    expect([run.code, run.stderr]).toEqual([5, expect.stringMatching(/certificate.* expired on 2020-03-01/)]);
  }, 600_000);
});
