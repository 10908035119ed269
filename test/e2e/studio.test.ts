import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { StoryAnswer } from '../../serve/answers.ts';
import { PrivateServer } from '../harness/private-server.ts';
import { PrivateStack, eventually } from '../harness/private-stack.ts';
import { hasBrowser, withPage } from './browser.ts';

/** The studio on the real stack: `shotline serve`, as a person and as a program use it. */

let stack: PrivateStack;
let server: PrivateServer;

beforeAll(async () => {
  stack = await PrivateStack.create();
  server = await PrivateServer.start(stack);
}, 300_000);

afterAll(async () => {
  await server.stop();
  await stack.destroy();
}, 120_000);

const storyOf = (id: string): Promise<StoryAnswer> => server.json('GET', `/v1/stories/${id}`);

const script = (title: string): string =>
  [
    `title: ${title}`,
    'output: { width: 320, height: 180 }',
    'defaults: { seed: 7, quality: draft }',
    'shots:',
    '  - { id: dawn, prompt: a red boat sails to the right on the sea at sunset }',
    '  - { id: night, prompt: a white house stands still on the snow at night, join: dissolve }',
    '',
  ].join('\n');

describe('a program', () => {
  test('makes a film, hears of it, and fetches it', async () => {
    const submitted = await server.call('POST', '/v1/stories', script('By a program'), { 'idempotency-key': 'one' });
    expect(submitted.status).toBe(201);
    const { id } = (await submitted.json()) as StoryAnswer;
    const again = await server.call('POST', '/v1/stories', script('By a program'), { 'idempotency-key': 'one' });
    expect(((await again.json()) as StoryAnswer).id).toBe(id);
    const other = await server.call('POST', '/v1/stories', script('Another'), { 'idempotency-key': 'one' });
    expect([other.status, ((await other.json()) as { code: string }).code]).toEqual([422, 'KEY_REUSED']);
    const early = await server.call('GET', `/v1/stories/${id}/film`);
    expect([302, 409]).toContain(early.status);
    // The stream ends by itself when nothing changes any more.
    const told = await (await server.call('GET', `/v1/stories/${id}/events`)).text();
    const names = [...told.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
    expect([names[0], names.at(-1)]).toEqual(['snapshot', 'end']);
    const story = await storyOf(id);
    expect(story).toMatchObject({ state: 'done', eta_seconds: null, film: { width: 320, height: 180 } });
    const film = await server.call('GET', story.film!.url);
    expect(film.status).toBe(302);
    const bytes = await (await fetch(film.headers.get('location')!)).arrayBuffer();
    expect(bytes.byteLength).toBe(story.film!.bytes);
    const [first] = story.items;
    const poster = Buffer.from(await (await server.call('GET', first!.poster!)).arrayBuffer());
    expect([...poster.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    const preview = Buffer.from(await (await server.call('GET', first!.preview!)).arrayBuffer());
    expect(preview.subarray(4, 8).toString()).toBe('ftyp');
    const paused = await server.call('POST', `/v1/stories/${id}/pause`);
    expect([paused.status, ((await paused.json()) as { code: string }).code]).toEqual([409, 'STORY_OVER']);
    const listed = (await (await server.call('GET', '/v1/stories')).json()) as {
      data: { id: string; state: string }[];
    };
    expect(listed.data).toContainEqual(expect.objectContaining({ id, state: 'done' }));
  }, 300_000);

  test('is told that there is no such story', async () => {
    for (const path of ['', '/events', '/film', '/script']) {
      const answer = await server.call('GET', `/v1/stories/story-nowhere${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
    }
  }, 60_000);
});

(hasBrowser ? describe : describe.skip)('a person', () => {
  test('writes a story, sees a problem at its line, makes the film, rolls a shot again, and watches', async () => {
    await withPage(async (page) => {
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        // Chromium itself styles text that replaces a selection in an editor, which the policy forbids, and nobody misses.
        const isOfPage = /policy/i.test(message.text()) && !message.text().startsWith('Applying inline style');
        if (message.type() === 'error' && isOfPage) faults.push(message.text());
      });
      await page.goto(server.link);
      await page.getByRole('link', { name: 'New story' }).click();
      await write(page, script('In the studio').replace('prompt: a white', 'promt: a white'));
      await page.getByText('is not a key of a shot; did you mean prompt?').waitFor();
      expect(await page.locator('.findings .line').first().innerText()).toBe('line 6');
      expect(await page.locator('.cm-lint-marker-error').count()).toBe(1);
      expect(await page.getByRole('button', { name: 'Make the film' }).isEnabled()).toBe(false);
      await write(page, script('In the studio'));
      await page.getByText('2 shots ·').waitFor();
      await page.getByRole('button', { name: 'Make the film' }).click();
      await page.getByRole('heading', { name: 'In the studio' }).waitFor();
      const dawn = page.locator('[data-item="shot dawn"] img');
      await dawn.waitFor({ timeout: 120_000 });
      await eventually('a poster', () =>
        dawn.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0),
      );
      await page.locator('video.film[aria-label^="The film"]').waitFor({ timeout: 180_000 });
      const before = page.url();
      await page.locator('[data-item="shot night"]').click();
      await page.getByRole('button', { name: 'Reroll' }).click();
      await page.waitForURL((url) => url.pathname !== new URL(before).pathname, { timeout: 60_000 });
      await page.locator('video.film[aria-label^="The film"]').waitFor({ timeout: 180_000 });
      await page.evaluate(
        'document.querySelector("video.film").muted = true, document.querySelector("video.film").play()',
      );
      // Not a function that waits in the page: its policy lets nobody evaluate texts.
      await eventually(
        'the film to play',
        () => page.evaluate<boolean>('document.querySelector("video.film").currentTime > 0.5'),
        60_000,
      );
      const ids = [before, page.url()].map((url) => decodeURIComponent(new URL(url).pathname.split('/')[2]!));
      const [first, second] = await Promise.all(ids.map(storyOf));
      const seeds = (story: StoryAnswer): (number | null)[] =>
        story.items.flatMap(({ kind, seed }) => (kind === 'shot' ? [seed] : []));
      expect(seeds(second!)[0]).toBe(seeds(first!)[0]);
      expect(seeds(second!)[1]).not.toBe(seeds(first!)[1]);
      // The other shot was found, not made.
      expect(second!.items[0]).toMatchObject({ name: 'shot dawn', state: 'cached' });
      expect(faults).toEqual([]);
    });
  }, 600_000);

  test('without the link sees a closed door', async () => {
    await withPage(async (page) => {
      await page.goto(server.url);
      await page.getByRole('heading', { name: 'This door needs its link' }).waitFor();
    });
  }, 60_000);
});

async function write(page: Page, text: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Script of the story' });
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}
