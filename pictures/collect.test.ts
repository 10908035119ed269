import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { digestOf } from '../storage/file-hash.ts';
import { decodeSafetensors, takeTensor } from '../tensor/safetensors.ts';
import type { Shape } from '../tensor/tensor.ts';
import { parseScript } from '../story/script/parse-script.ts';
import type { StoryScript } from '../story/script/script.ts';
import { pngChunk, pngFile } from '../test/fakes/png.ts';
import { collectPictures } from './collect.ts';
import type { PictureSources } from './read-picture.ts';

let folder: string;
const picture = (value: number): Buffer =>
  pngFile({ width: 8, height: 8, channels: 3 }, new Uint8Array(192).fill(value));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shotline-collect-'));
  await writeFile(join(folder, 'a.png'), picture(1));
  await writeFile(join(folder, 'same.png'), picture(1));
  await writeFile(join(folder, 'b.png'), picture(2));
  await writeFile(join(folder, 'story.txt'), 'words');
  await mkdir(join(folder, 'folder.png'));
  await symlink('/dev/zero', join(folder, 'endless.png'));
  execFileSync('mkfifo', [join(folder, 'pipe.png')]);
});
afterAll(() => rm(folder, { recursive: true }));

const sources = (): PictureSources => ({
  folder,
  https: { hosts: [] },
  allowOutside: false,
  buckets: [],
  storage: () => Promise.resolve(null),
});
const scriptOf = (...shots: object[]): StoryScript =>
  parseScript(JSON.stringify({ shots: shots.map((shot, i) => ({ id: `s${String(i)}`, prompt: 'a ball', ...shot })) }), {
    fileName: 'story.yaml',
  });

test('pictures get the hash of what is uploaded as keys, each different one is collected once', async () => {
  const script = scriptOf(
    { animate: 'a.png' },
    { keyframes: { 0: 'same.png', 15: 'b.png' } },
    { animate: 'a.png' },
    {},
  );
  const { script: read, pictures, findings } = await collectPictures(script, sources());
  expect(findings).toEqual([]);
  expect(pictures).toHaveLength(2);
  const keys = read.shots.map((shot) => shot.pictures?.map(({ picture: { key } }) => key));
  const [a, b] = pictures.map(({ key }) => key);
  expect(keys).toEqual([[a], [a, b], [a], undefined]);
  expect(digestOf(await pictures[0]!.content()).sha256).toBe(a);
});

/** The picture in what is uploaded. */
function pictureIn(content: Uint8Array): { readonly shape: Shape; readonly data: Uint8Array } {
  return takeTensor(decodeSafetensors(content), 'picture', 'uint8', [3, null, null]);
}

test('a picture is prepared when it is uploaded, from the same bytes or not at all', async () => {
  const file = join(folder, 'changing.png');
  await writeFile(file, picture(3));
  const { pictures } = await collectPictures(scriptOf({ animate: 'changing.png' }), sources());
  const { shape, data } = pictureIn(await pictures[0]!.content());
  expect([shape, data[0]]).toEqual([[3, 8, 8], 3]);
  await writeFile(file, picture(4));
  await expect(pictures[0]?.content()).rejects.toMatchObject({
    code: 'SCRIPT_INVALID',
    message: expect.stringContaining('was changed while the story was submitted') as unknown,
  });
});

test('a script whose pictures were read is left alone, whatever became of the files', async () => {
  const { script } = await collectPictures(scriptOf({ animate: 'a.png' }), sources());
  const again = await collectPictures(script, { ...sources(), folder: '/nowhere' });
  expect(again).toEqual({ script, pictures: [], findings: [] });
});

describe('a subject', () => {
  const story = (subjects: object): StoryScript => {
    const names = Object.keys(subjects);
    const shots = names.map((name) => ({ id: name, prompt: `a {${name}} sails` }));
    return parseScript(JSON.stringify({ subjects, shots }), { fileName: 'story.yaml' });
  };
  const boxed = (background: number, alpha = 255): Buffer => {
    const pixels = Array.from({ length: 256 }, (_, pixel) => {
      const inside = pixel % 16 >= 5 && pixel % 16 < 11 && pixel >= 80 && pixel < 176;
      return inside ? [200, 10, 20, 255] : [background, background, background, alpha];
    });
    return pngFile({ width: 16, height: 16, channels: 4 }, Uint8Array.from(pixels.flat()));
  };

  beforeAll(async () => {
    const noise = Uint8Array.from({ length: 768 }, (_, index) => (index * 7919) % 251);
    await writeFile(join(folder, 'plain.png'), boxed(90));
    await writeFile(join(folder, 'clear.png'), boxed(3, 0));
    await writeFile(join(folder, 'busy.png'), pngFile({ width: 16, height: 16, channels: 3 }, noise));
    const mask = Uint8Array.from({ length: 768 }, (_, index) => (Math.floor(index / 3) % 16 < 8 ? 255 : 0));
    await writeFile(join(folder, 'mask.png'), pngFile({ width: 16, height: 16, channels: 3 }, mask));
  });

  test('is cut out of its picture, before a plain background, by transparency, and by a mask', async () => {
    const script = story({
      plain: { image: 'plain.png', word: 'boat' },
      clear: { image: 'clear.png', word: 'boat' },
      masked: { image: 'busy.png', word: 'boat', mask: 'mask.png' },
    });
    const { pictures, findings, script: read } = await collectPictures(script, sources());
    expect(findings).toEqual([]);
    // The first two look alike once they are cut out, so they are one upload.
    const [plain, masked] = await Promise.all(pictures.map((picture) => picture.content()));
    expect([plain, masked].map((content) => pictureIn(content!).shape)).toEqual([
      [3, 7, 7],
      [3, 18, 18],
    ]);
    const [first, second] = pictures.map(({ key }) => key);
    expect(read.subjects?.map(({ picture: { key } }) => key)).toEqual([first, first, second]);
    expect(await collectPictures(read, { ...sources(), folder: '/nowhere' })).toEqual({
      script: read,
      pictures: [],
      findings: [],
    });
  });

  test('is not filed under the key of a whole picture, nor with another mask', async () => {
    const hero = { image: 'plain.png', word: 'boat' };
    const keyOf = async (subject: object): Promise<string | undefined> =>
      (await collectPictures(story({ hero: subject }), sources())).pictures[0]?.key;
    const whole = (await collectPictures(scriptOf({ animate: 'plain.png' }), sources())).pictures[0]?.key;
    const keys = [whole, await keyOf(hero), await keyOf({ ...hero, mask: 'mask.png' })];
    expect(new Set(keys).size).toBe(3);
  });

  test('that is wrong is found with its path: picture, mask, and what cannot be cut out', async () => {
    const script = story({
      none: { image: 'none.png', word: 'boat' },
      busy: { image: 'busy.png', word: 'boat' },
      words: { image: 'plain.png', word: 'boat', mask: 'story.txt' },
      other: { image: 'plain.png', word: 'boat', mask: 'a.png' },
      away: { image: 'https://10.0.0.1/a.png', word: 'boat' },
    });
    const { findings } = await collectPictures(script, sources());
    expect(findings.map(({ message }) => message)).toEqual([
      'subjects.none.image is "none.png", which cannot be read (ENOENT); paths start at the folder of the script',
      expect.stringMatching(/^subjects\.busy\.image is "busy\.png", which has a background that is not plain/),
      expect.stringMatching(/^subjects\.words\.mask is "story\.txt", which is not a picture/),
      expect.stringMatching(/^subjects\.other\.image is "plain\.png", which has a mask of 8x8 pixels and is 16x16/),
      expect.stringMatching(/^subjects\.away\.image is "https:\/\/10\.0\.0\.1\/a\.png", which is/),
    ]);
  });
});

test('every wrong picture is found, with its path in the script', async () => {
  const script = scriptOf(
    { animate: 'none.png' },
    { animate: 'story.txt' },
    { keyframes: { 0: 'pipe.png', 8: 'folder.png', 15: 'endless.png' } },
    { animate: 's3://films/a.png' },
    { animate: 's3://films' },
    { animate: 'https://example.test/a.png?signature=secret' },
  );
  const { findings } = await collectPictures(script, { ...sources(), buckets: ['films'] });
  expect(findings.map(({ path, message }) => [path.join('.'), message])).toEqual([
    [
      'shots.0.animate',
      'shots[0].animate is "none.png", which cannot be read (ENOENT); paths start at the folder of the script',
    ],
    ['shots.1.animate', expect.stringContaining('which is not a picture')],
    ['shots.2.keyframes.0', expect.stringContaining('"pipe.png", which is a pipe; name a picture file')],
    ['shots.2.keyframes.8', expect.stringContaining('"folder.png", which is a folder; name a picture file')],
    ['shots.2.keyframes.15', expect.stringContaining('"endless.png", which lies outside the folder of the script')],
    ['shots.3.animate', expect.stringContaining('needs a storage and none runs')],
    ['shots.4.animate', expect.stringContaining('is no S3 address; write s3://bucket/key')],
    ['shots.5.animate', expect.stringContaining('which is on example.test, which the operator does not allow')],
  ]);
  expect(findings.at(-1)?.message).not.toContain('secret');
});

test('a device is no picture, wherever it is allowed to be', async () => {
  const { findings } = await collectPictures(scriptOf({ animate: 'endless.png' }), {
    ...sources(),
    allowOutside: true,
  });
  expect(findings[0]?.message).toContain('"endless.png", which is a device; name a picture file');
});

test.each([
  [[], /is in bucket films, which the operator does not allow; .* set SHOTLINE_PICTURE_BUCKETS=films$/],
  [['shotline', 'films-2'], /is in bucket films, which the operator does not allow/],
  [['films'], /needs a storage and none runs/],
  [['*'], /needs a storage and none runs/],
])('with the buckets %j, a picture in another one is refused before the storage is asked', async (buckets, problem) => {
  const { findings } = await collectPictures(scriptOf({ animate: 's3://films/a.png' }), { ...sources(), buckets });
  expect(findings[0]?.message).toMatch(problem);
});

test('a picture that would harm is refused with its path: too wide, a bomb, a private address', async () => {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(30_000, 0);
  header.writeUInt32BE(20, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const small = picture(1);
  const [start, end] = [small.subarray(0, 8), small.subarray(33)];
  await writeFile(join(folder, 'wide.png'), Buffer.concat([start, pngChunk('IHDR', header), end]));
  const bomb = pngChunk('IDAT', deflateSync(Buffer.alloc(16 * 1024 * 1024), { level: 9 }));
  await writeFile(join(folder, 'bomb.png'), Buffer.concat([small.subarray(0, 33), bomb, small.subarray(-12)]));
  const script = scriptOf(
    { animate: 'wide.png' },
    { keyframes: { 3: 'bomb.png' } },
    { animate: 'https://169.254.169.254/latest' },
    { animate: 'https://localhost/a.png' },
  );
  const { findings } = await collectPictures(script, { ...sources(), https: { hosts: ['*'] } });
  expect(findings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^shots\[0\]\.animate is "wide\.png", which is 30000x20 pixels/),
    expect.stringMatching(/^shots\[1\]\.keyframes\.3 is "bomb\.png", which .*more data than pixels/),
    expect.stringMatching(/^shots\[2\]\.animate is "https:.*", which .*not on the public internet/),
    expect.stringMatching(/^shots\[3\]\.animate is "https:.*", which .*not on the public internet/),
  ]);
});
