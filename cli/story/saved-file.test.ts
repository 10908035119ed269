import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { UsageError } from '../shell/cli-errors.ts';
import { checkSave, pathFor } from './saved-file.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-test-'));
  await mkdir(join(dir, 'films.d'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('where a film is saved', () => {
  test('without a word under its own name, here', async () => {
    expect(await pathFor(undefined, 'dawn.mp4')).toBe('dawn.mp4');
  });

  test('in a folder under its own name, whether the folder is there or only said to be one', async () => {
    expect(await pathFor(join(dir, 'films.d'), 'dawn.mp4')).toBe(join(dir, 'films.d', 'dawn.mp4'));
    expect(await pathFor(join(dir, 'new') + sep, 'dawn.mp4')).toBe(join(dir, 'new', 'dawn.mp4'));
  });

  test('beside the film of another story with the same title, told apart by the end of its id', async () => {
    const folder = join(dir, 'same');
    await mkdir(folder);
    const id = 'story-dawn-1a2b3c4d5e6f';
    expect(await pathFor(folder, 'dawn.mp4', id)).toBe(join(folder, 'dawn.mp4'));
    await writeFile(join(folder, 'dawn.mp4'), '');
    expect(await pathFor(folder, 'dawn.mp4', id)).toBe(join(folder, 'dawn-4d5e6f.mp4'));
    expect(await pathFor(join(folder, 'dawn.mp4'), 'dawn.mp4', id)).toBe(join(folder, 'dawn.mp4'));
  });

  test('as a timeline not under the ending of its zipped kind', async () => {
    await expect(pathFor('cut.otioz', 'dawn.otio')).rejects.toThrow(
      'cut.otioz cannot be written: the file is OTIO; name it cut.otio',
    );
  });

  test.each([
    ['a.mp4', 'a.mp4'],
    ['a.MP4', 'a.MP4'],
    ['a', 'a.mp4'],
    ['v1.2-final cut', 'v1.2-final cut.mp4'],
    ['film.v2', 'film.v2.mp4'],
  ])('as %s it is %s', async (asked, expected) => {
    expect(await pathFor(join(dir, asked), 'dawn.mp4')).toBe(join(dir, expected));
  });

  test.each(['', '-', '/dev/null'])('not at %p, which is no file', async (asked) => {
    await expect(pathFor(asked, 'dawn.mp4')).rejects.toBeInstanceOf(UsageError);
  });

  test('not under the ending of another kind', async () => {
    const asked = pathFor('film.mov', 'dawn.mp4');
    await expect(asked).rejects.toBeInstanceOf(UsageError);
    await expect(asked).rejects.toThrow('film.mov cannot be written: the file is MP4; name it film.mp4');
  });
});

describe('before the work begins', () => {
  test('the folder is made', async () => {
    await checkSave({ save: join(dir, 'a', 'b', 'film.mp4') });
    expect((await stat(join(dir, 'a', 'b'))).isDirectory()).toBe(true);
  });

  test('a place that cannot be written is refused', async () => {
    await expect(checkSave({ save: '/proc/film.mp4' })).rejects.toThrow('/proc/film.mp4 cannot be written');
    await expect(checkSave({ save: join(dir, `${'x'.repeat(250)}.mp4`) })).rejects.toBeInstanceOf(UsageError);
    await expect(checkSave({ save: '/proc/none/film.mp4' })).rejects.toThrow('/proc/none cannot be written');
    await chmod(dir, 0o500);
    try {
      if (process.getuid?.() !== 0) {
        await expect(checkSave({ save: join(dir, 'film.mp4') })).rejects.toBeInstanceOf(UsageError);
      }
    } finally {
      await chmod(dir, 0o700);
    }
  });

  test('nothing is saved by a command that does not wait', async () => {
    await expect(checkSave({ save: 'film.mp4', detach: true })).rejects.toThrow(
      '--detach leaves before there is a film',
    );
    await expect(checkSave({ detach: true })).resolves.toBeUndefined();
  });
});
