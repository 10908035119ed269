/**
 * The server: how soon there is something to see, what a question costs, and what watchers cost.
 * Run: `npx tsx bench/serve.ts [watchers]`. Prints a table and writes bench/results/serve.json.
 *
 * Servers and workers of its own are up before the clock starts. Times need an idle machine.
 */
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { StoryAnswer } from '../serve/answers.ts';
import { PrivateServer } from '../test/harness/private-server.ts';
import { PrivateStack } from '../test/harness/private-stack.ts';
import { report } from './report.ts';
import type { Row } from './report.ts';

const watchers = Number(process.argv[2] ?? 200);
const sentences = [
  'a red boat sails to the right on the sea at sunset',
  'a white house stands still on the snow at night',
  'a green tree stands still on the meadow by day',
];

/** A story of so many shots, a third of whose joins are cuts. */
const story = (shots: number, title: string): string =>
  [
    `title: ${title}`,
    'output: { width: 320, height: 180 }',
    'defaults: { seed: 7, quality: draft }',
    'shots:',
    ...Array.from(
      { length: shots },
      (_, index) =>
        `  - { id: s${index + 1}, prompt: ${sentences[index % 3]!}${index % 3 === 2 ? ', join: cut' : ''} }`,
    ),
    '',
  ].join('\n');

const median = (values: number[]): number => Math.round(values.sort((a, b) => a - b)[values.length >> 1]!);
const sinceMs = async (work: () => Promise<unknown>): Promise<number> => {
  const before = performance.now();
  await work();
  return performance.now() - before;
};

const stack = await PrivateStack.create();
const server = await PrivateServer.start(stack);
try {
  const memory = async (): Promise<number> => {
    const [, kib] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${server.pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib) / 1024);
  };
  const ask = (id: string): Promise<StoryAnswer> => server.json('GET', `/v1/stories/${id}`);
  // The first film of a stack loads models and uploads packages; the second is what a person waits for.
  await server.call('POST', '/v1/stories', story(1, 'Warm'), { prefer: 'wait=60' });

  const firstPosterMs = await sinceMs(async () => {
    const { id } = await server.json<StoryAnswer>('POST', '/v1/stories', story(2, 'First poster'));
    for (;;) {
      const poster = (await ask(id)).items.find((item) => item.poster !== null)?.poster;
      if (poster != null) return (await server.call('GET', poster)).arrayBuffer();
      await delay(50);
    }
  });

  const { id } = await server.json<StoryAnswer>('POST', '/v1/stories', story(120, 'A hundred and twenty'));
  await delay(5000);
  const statuses = async (): Promise<number> => {
    const times: number[] = [];
    for (let count = 0; count < 25; count++) {
      times.push(await sinceMs(() => ask(id)));
      // Longer than an answer is fresh, so that Temporal is asked each time.
      await delay(350);
    }
    return median(times);
  };
  const alone = await statuses();
  const before = await memory();
  let heard = 0;
  let lost = 0;
  const streams = Array.from({ length: watchers }, () => {
    const headers = { authorization: `Bearer ${server.key}` };
    const stream = request(`${server.url}/v1/stories/${id}/events`, { headers, agent: false }, (answer) => {
      answer.on('data', (part: Buffer) => (heard += part.length));
      answer.on('end', () => (lost += 1));
    });
    stream.on('error', () => (lost += 1));
    stream.end();
    return stream;
  });
  await delay(10_000);
  const watched = await statuses();
  const after = await memory();
  for (const stream of streams) stream.destroy();
  await server.call('POST', `/v1/stories/${id}/cancel`);

  const rows: Row[] = [
    { what: 'first poster after submit, s', value: Number((firstPosterMs / 1000).toFixed(1)) },
    { what: 'status of 120 shots, median ms', value: alone },
    { what: `the same with ${watchers} watchers, median ms`, value: watched },
    { what: 'memory of the server, MB', value: before },
    { what: `the same with ${watchers} watchers, MB`, value: after },
    { what: 'heard by each watcher, kB', value: Math.round(heard / 1000 / watchers) },
    { what: 'watchers lost', value: lost },
  ];
  await report('serve', { watchers }, rows);
} finally {
  await server.stop();
  await stack.destroy();
}
