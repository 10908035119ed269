import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findStack } from '../../infra/local/stack.ts';
import { probeVideo } from '../../media/probe.ts';
import { hasBrowser, withPage } from './browser.ts';
import { PrivateStack, finished } from '../harness/private-stack.ts';
import type { FilmJson } from '../../cli/story/film-report.ts';

/** The quick look at a film: same tasks, same models, a thirty-sixth of the pixels and a third of the steps. */
const quick = ['--output', '640x360', '--quality', 'draft'];
const example = 'examples/first-film.yaml';
const allTasks = 3 * (1 + 1 + 3) + 2 * (1 + 1 + 1) + 1;

/** Below the ports that Linux hands out by itself. */
const metricsPort = 20_000 + (process.pid % 3_000) * 4;

let stack: PrivateStack;
let first: FilmJson;

/** Words after `npm` in the README's first command, which comes behind `npm ci`. */
async function readmeCommand(): Promise<string[]> {
  const [, command] = /```sh\nnpm ci\nnpm (run \S+)\n```/.exec(await readFile('README.md', 'utf8')) ?? [];
  if (command === undefined) throw new Error("the README's first command is not `npm ci` and `npm run …`");
  return ['--silent', ...command.split(' ')];
}

async function download(url: string, name: string): Promise<string> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  const file = join(stack.dir, name);
  await writeFile(file, Buffer.from(await answer.arrayBuffer()));
  return file;
}

beforeAll(async () => {
  stack = await PrivateStack.create({ SHOTLINE_METRICS_ADDRESS: `127.0.0.1:${String(metricsPort)}` });
  const run = await stack.run('npm', [...(await readmeCommand()), '--', '--json', ...quick]);
  if (run.code !== 0) throw new Error(`the README's command ended with ${run.code}\n${run.stdout}\n${run.stderr}`);
  first = JSON.parse(run.stdout) as FilmJson;
}, 600_000);

afterAll(async () => {
  await stack.destroy();
}, 60_000);

describe('rendering the first example with the command of the README', () => {
  test('yields an H.264 film of exactly the planned size, rate and length behind the printed URL', async () => {
    expect(first).toMatchObject({ frames: 231, width: 640, height: 360, computed: allTasks, cacheHits: 0 });
    const probe = await probeVideo(await download(first.filmUrl, 'film.mp4'));
    expect(probe).toMatchObject({ codec: 'h264', width: 640, height: 360, frames: 231, fastStart: true });
  });

  test('can be saved as a file, whole or shot by shot', async () => {
    const file = join(stack.dir, 'saved', 'film.mp4');
    await stack.shotline('get', first.workflowId, '-o', file);
    expect(await readFile(file)).toEqual(await readFile(await download(first.filmUrl, 'film.mp4')));
    const shots = JSON.parse(
      (await stack.shotline('get', first.workflowId, '--shots', '-o', join(stack.dir, 'shots'), '--json')).stdout,
    ) as {
      files: { file: string }[];
    };
    const names = shots.files.map((each) => basename(each.file));
    expect(names).toEqual(['01-boat.mp4', '02-boat+balloon.mp4', '03-balloon.mp4', '04-balloon+car.mp4', '05-car.mp4']);
    const probes = await Promise.all(shots.files.map((each) => probeVideo(each.file)));
    expect(probes.map(({ frames }) => frames)).toEqual([61, 24, 61, 24, 61]);
  }, 120_000);

  test('tells in its manifest where every frame comes from', async () => {
    const manifest = JSON.parse(await readFile(await download(first.manifestUrl, 'manifest.json'), 'utf8')) as {
      timeline: { firstFrame: number; numFrames: number }[];
    };
    expect(manifest.timeline).toHaveLength(5);
    let next = 0;
    for (const entry of manifest.timeline) {
      expect(entry.firstFrame).toBe(next);
      next += entry.numFrames;
    }
    expect(next).toBe(231);
  });

  test('is told in the metrics of each pool, at a port of its own', async () => {
    const stages = ['base', 'interp', 'segment', 'film'];
    for (const [offset, stage] of stages.entries()) {
      const metrics = await (await fetch(`http://127.0.0.1:${String(metricsPort + offset)}/metrics`)).text();
      expect(metrics).toMatch(new RegExp(`shotline_stage_seconds_count\\{[^}]*stage="${stage}"`));
    }
  });

  test('has a poster that is a JPEG', async () => {
    const poster = await readFile(await download(first.posterUrl, 'poster.jpg'));
    expect([...poster.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  });

  test('is shown with its address, and can be told nothing any more', async () => {
    const status = await stack.shotline('status', first.workflowId);
    expect(status.stdout).toContain(`film  ${new URL(first.filmUrl).origin}`);
    const resumed = await stack.shotline('resume', first.workflowId);
    expect([resumed.code, resumed.stderr]).toEqual([
      8,
      expect.stringContaining(`the story '${first.workflowId}' is finished`),
    ]);
  }, 60_000);

  test('a story that was cancelled says so when it is asked for its film or told to go on', async () => {
    const submitted = await stack.shotline('render', example, '--detach', '--seed', '4', ...quick);
    const id = submitted.stdout.trim();
    expect((await stack.shotline('cancel', id)).code).toBe(0);
    const [url, resumed] = [await stack.shotline('url', id), await stack.shotline('resume', id)];
    expect([url.code, url.stderr]).toEqual([8, expect.stringContaining(`${id} was cancelled and has no film`)]);
    expect([resumed.code, resumed.stderr]).toEqual([8, expect.stringContaining(`the story '${id}' was cancelled`)]);
  }, 120_000);

  test('computes nothing when it is rendered again', async () => {
    const again = await stack.render(example, ...quick);
    expect(again).toMatchObject({ workflowId: first.workflowId, computed: 0, cacheHits: allTasks });
  }, 120_000);

  test('computes one shot and its two joins when one prompt is changed', async () => {
    const script = await readFile(example, 'utf8');
    const prompts = [...script.matchAll(/^\s+prompt: (.+)$/gm)].map((match) => match[1]!);
    const changed = await stack.writeStory(
      'changed.yaml',
      script.replace(prompts[1]!, 'a pink balloon rises over the snow at sunset'),
    );
    const report = await stack.render(changed, ...quick);
    // The shot, the joins before and after it, and the film; the first shot and the last are there.
    expect(report.computed).toBe(1 + 1 + 3 + 2 * (1 + 1 + 1) + 1);
    expect(report.cacheHits).toBe(allTasks - report.computed);
    expect(report.workflowId).not.toBe(first.workflowId);
  }, 600_000);
});

(hasBrowser ? describe : describe.skip)('in a browser', () => {
  test('the film plays', async () => {
    const seen = await withPage(async (page) => {
      await page.setContent(`<video muted autoplay src="${first.filmUrl}"></video>`);
      // Playing, and not only loading: half a second of the film has passed.
      await page.waitForFunction('document.querySelector("video").currentTime > 0.5', undefined, { timeout: 60_000 });
      return page.evaluate<{ width: number; height: number; seconds: number }>(
        '(({ videoWidth, videoHeight, duration }) => ({ width: videoWidth, height: videoHeight, seconds: duration }))(document.querySelector("video"))',
      );
    });
    expect(seen).toMatchObject({ width: 640, height: 360 });
    expect(seen.seconds).toBeCloseTo(231 / 24, 1);
  }, 120_000);

  test('the Temporal UI tells of title, shots and result', async () => {
    const found = await findStack({ env: stack.env });
    const text = await withPage(async (page) => {
      await page.goto(`${found!.uiUrl!}/namespaces/default/workflows/${first.workflowId}`);
      await page.getByText('filmUrl').first().waitFor({ timeout: 60_000 });
      return page.locator('body').innerText();
    });
    expect(text).toContain('The first film');
    expect(text).toMatch(/completed/i);
  }, 120_000);
});

describe('two clients that submit the same script at once', () => {
  test('share one run and both get the film', async () => {
    const story = await stack.writeStory(
      'twice.yaml',
      'title: Twice\ndefaults: { steps: 4 }\nshots:\n  - { id: only, prompt: a red ball bounces on the grass by day }\n',
    );
    const clients = [1, 2].map(() => finished(stack.start('render', story, '--json', ...quick)));
    const reports = (await Promise.all(clients)).map(({ code, stdout, stderr }) => {
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return JSON.parse(stdout) as FilmJson;
    });
    expect(reports[0]!.workflowId).toBe(reports[1]!.workflowId);
    // One run: both read the result of the same execution, so both count the same computed tasks.
    expect(reports[0]!.computed).toBe(6);
    expect(reports[1]!.computed).toBe(6);
  }, 600_000);
});

describe('a story that cannot be rendered', () => {
  test('ends with exit code 3 and every problem with its line, and starts no workflow', async () => {
    const story = await stack.writeStory(
      'wrong.yaml',
      'title: Wrong\nshots:\n  - { id: ../up, prompt: "" }\n  - { id: b, prompt: a car, sead: 3 }\n',
    );
    const run = await stack.shotline('render', story, ...quick);
    expect(run.code).toBe(3);
    expect(run.stderr).toMatch(/wrong\.yaml:3.*shots\[0\]\.id/s);
    expect(run.stderr).toMatch(/wrong\.yaml:3.*shots\[0\]\.prompt/s);
    expect(run.stderr).toMatch(/wrong\.yaml:4.*sead.*seed/s);
    expect((await stack.shotline('status', '--json')).stdout).not.toContain('story-wrong');
  }, 60_000);

  test('ends with exit code 7 when the model set does not exist, naming the ones that do', async () => {
    const run = await stack.shotline('render', example, '--models', 'gigantic');
    expect(run.code).toBe(7);
    expect(run.stderr).toContain('pocket');
  }, 60_000);
});
