import { describe, expect, test } from '@jest/globals';
import { readScriptText } from '../../client/script-text.ts';
import type { StoryScript } from '../../story/script/script.ts';
import { extendedScript, scriptOf, videoRequest } from './video-request.ts';

const read = (text: string): StoryScript => readScriptText(new TextEncoder().encode(text), 'story.yaml').script;

describe('the script of a video', () => {
  test('is a story of one shot, with what was asked for', () => {
    const request = videoRequest.parse({ prompt: 'a red boat', seconds: '1.5', size: '640x360', seed: '7' });
    const script = read(scriptOf(request, 7, null));
    expect(script).toMatchObject({ title: 'a red boat', models: 'pocket', output: { width: 640, height: 360 } });
    expect(script.shots).toHaveLength(1);
    expect(script.shots[0]).toMatchObject({ prompt: 'a red boat', sampling: { seed: 7 } });
    expect(read(scriptOf(request, 8, null)).shots[0]!.sampling.seed).toBe(8);
  });

  test('has 720p and one clip when nothing is said, and begins with a picture that was sent', () => {
    const request = videoRequest.parse({ prompt: 'a red boat' });
    expect(read(scriptOf(request, 1, null)).output).toMatchObject({ width: 1280, height: 720 });
    const written = JSON.parse(scriptOf(request, 1, 'files/a.png')) as { shots: { animate: string }[] };
    expect(written.shots[0]!.animate).toBe('files/a.png');
  });

  test('a long prompt gives its first words as the title, cut between two of them', () => {
    const prompt = `a boat ${'and a very long sea '.repeat(15)}`;
    const { title } = read(scriptOf({ prompt }, 1, null));
    expect(title.length).toBeLessThan(90);
    expect(title).toMatch(/^a boat and a very .*[a-z] …$/);
    expect(read(scriptOf({ prompt: 'x'.repeat(300) }, 1, null)).title.length).toBeLessThan(90);
  });

  test('a whole story goes as it is', () => {
    expect(scriptOf({ story: 'title: A\n' }, 1, null)).toBe('title: A\n');
    expect(JSON.parse(scriptOf({ story: { title: 'A' } }, 1, null))).toEqual({ title: 'A' });
  });

  test('needs a prompt or a story, and not both; a picture by one name', () => {
    const messages = (body: object): string =>
      videoRequest
        .safeParse(body)
        .error?.issues.map((i) => i.message)
        .join() ?? '';
    expect(messages({})).toContain('needs a prompt, or a story');
    expect(messages({ prompt: 'a', story: 'b' })).toContain('needs a prompt, or a story');
    expect(messages({ prompt: 'a', input_reference: {} })).not.toBe('');
    expect(messages({ prompt: 'a', seconds: 'x' })).not.toBe('');
  });

  test('goes on with another shot, whose id is free', () => {
    const first = JSON.parse(scriptOf({ prompt: 'a red boat' }, 1, null)) as Parameters<typeof extendedScript>[0];
    const second = JSON.parse(extendedScript(first, { prompt: 'a blue boat', seconds: 2 })) as typeof first;
    expect(second.shots.map(({ id }) => id)).toEqual(['video', 'part-2']);
    const taken = { ...first, shots: [{ id: 'part-2' }] };
    expect((JSON.parse(extendedScript(taken, { prompt: 'a' })) as typeof first).shots[1]!.id).toBe('part-3');
    expect(read(JSON.stringify(second)).shots[1]!.join).toMatchObject({ kind: 'continue' });
  });
});
