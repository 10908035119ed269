import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exampleStory } from '../../test/fakes/example-story.ts';
import { keepSources, sourcesOf } from './kept-sources.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-kept-'));
  await writeFile(join(dir, 'clip.mp4'), 'mine');
  await symlink(join(dir, 'clip.mp4'), join(dir, 'link.mp4'));
});
afterAll(() => rm(dir, { recursive: true }));

test('a film is not written over what it is made of, by whatever name', async () => {
  const clip = join(dir, 'clip.mp4');
  for (const target of [clip, join(dir, 'link.mp4'), join(dir, '..', dir.split('/').at(-1)!, 'clip.mp4')]) {
    await expect(keepSources(target, ['elsewhere.mp4', clip])).rejects.toThrow('would be written over');
  }
});

test('another file, or one that is not there, may be written', async () => {
  await keepSources(join(dir, 'film.mp4'), [join(dir, 'clip.mp4')]);
  await keepSources(join(dir, 'clip.mp4'), [join(dir, 'other.mp4')]);
});

test('a story is made of its file, its clips and its sounds', () => {
  const sound = (source: string) => ({ file: { source, key: 'a'.repeat(64), samples: 1 } });
  const script = exampleStory([]);
  const [shot] = exampleStory([{ kind: 'cut' }]).shots;
  const loud = {
    ...script,
    soundtrack: { ...sound('music.mp4'), fade: { in: 0, out: 0 } },
    shots: [{ ...shot!, sound: sound('/abs/rain.wav') }],
  };
  expect(sourcesOf(join(dir, 'story.yaml'), loud)).toEqual([
    join(dir, 'story.yaml'),
    join(dir, 'music.mp4'),
    '/abs/rain.wav',
  ]);
});
