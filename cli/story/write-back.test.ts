import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../shell/cli-errors.ts';
import { checkWriteBack, writeBack } from './write-back.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-test-'));
});
afterAll(() => rm(dir, { recursive: true }));

const written = async (text: string | Uint8Array): Promise<string> => {
  const file = join(dir, 'story.yaml');
  await writeFile(file, text);
  return file;
};
const story = 'shots:\n  - id: a # one\n    prompt: a ball\n';

describe('writing a change into the story file', () => {
  test('changes that line, keeps the rights of the file, and follows a link to it', async () => {
    const file = await written(story);
    await chmod(file, 0o640);
    const link = join(dir, 'link.yaml');
    await symlink(file, link);
    await writeBack(link, { shot: 'a', key: 'prompt', value: 'a boat' });
    expect(await readFile(file, 'utf8')).toBe(story.replace('a ball', 'a boat'));
    expect((await stat(file)).mode & 0o777).toBe(0o640);
  });

  test.each([
    ['in another encoding', Buffer.from(`\uFEFF${story}`, 'utf16le'), 'the file is not UTF-8'],
    [
      'that has the shot by an alias',
      'x: &x { id: a, prompt: p }\nshots: [*x]\n',
      'an alias or a merge stands for that shot',
    ],
    [
      'in which another shot shares the words',
      'shots:\n  - &x { id: a, prompt: a ball }\n  - { <<: *x, id: b }\n',
      'other parts of the script take over what it says, by an anchor',
    ],
  ])('leaves a file as it was %s, and says what to do', async (_, content, reason) => {
    const file = await written(content);
    const before = await readFile(file);
    const attempt = writeBack(file, { shot: 'a', key: 'prompt', value: 'a boat' });
    await expect(attempt).rejects.toBeInstanceOf(UsageError);
    await expect(attempt).rejects.toThrow(
      `--write cannot change the prompt of a in ${file}: ${reason}; change it there yourself`,
    );
    expect(await readFile(file)).toEqual(before);
  });

  test('keeps the mark at the beginning of a file', async () => {
    const file = await written(`\uFEFF${story}`);
    await writeBack(file, { shot: 'a', key: 'seed', value: 7 });
    expect(await readFile(file, 'utf8')).toBe(`\uFEFF${story.replace('# one\n', '# one\n    seed: 7\n')}`);
  });

  test('needs a file', async () => {
    const change = { shot: 'a', key: 'prompt', value: 'a boat' } as const;
    for (const argument of ['-', 'story-the-lighthouse-0123456789ab', dir]) {
      await expect(checkWriteBack(argument, change)).rejects.toThrow(
        `--write changes the story file, and ${argument} is none`,
      );
    }
    await expect(checkWriteBack(await written(story), change)).resolves.toBeUndefined();
  });
});
