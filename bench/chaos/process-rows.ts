import { setTimeout as delay } from 'node:timers/promises';
import { eventually, finished } from '../../test/harness/private-stack.ts';
import type { Chaos, FarmRow, Observation } from './row.ts';

/** Processes that stop, and clients that go away. */
export const processRows: readonly FarmRow[] = [
  {
    name: 'engine-stopped',
    fault: 'SIGSTOP of an engine in mid-loop',
    expected: 'found out, killed, resumed, same film',
    run: engineStopped,
  },
  {
    name: 'worker-stopped',
    fault: 'SIGSTOP of a base worker in mid-loop, with a second worker; woken later',
    expected: 'the second one resumes; what the first publishes late does no harm',
    run: workerStopped,
  },
  {
    name: 'client-killed',
    fault: 'SIGKILL of `shotline render` at five moments of a submit',
    expected: 'nothing broken: the next render makes the same film',
    run: clientKilled,
  },
];

async function engineStopped({ farm }: Chaos): Promise<Observation> {
  await farm.forget();
  const ended = farm.render();
  await farm.midLoop();
  const engine = await eventually('an engine', () => Promise.resolve(farm.engine('base')));
  const progress = await farm.progressAfter(() => process.kill(engine, 'SIGSTOP'), ended);
  await farm.expectSameFilm(await ended);
  return { observed: 'killed and resumed, identical (SHOTLINE_STALL_SECONDS=10)', progress: [progress] };
}

async function workerStopped({ farm }: Chaos): Promise<Observation> {
  await farm.forget();
  const second = farm.startWorker('base', {});
  const secondEnd = finished(second);
  const ended = farm.render();
  try {
    await farm.midLoop();
    const first = farm.worker('base').pid!;
    const progress = await farm.progressAfter(() => process.kill(first, 'SIGSTOP'), ended);
    await delay(20_000);
    process.kill(first, 'SIGCONT');
    await farm.expectSameFilm(await ended);
    return { observed: 'identical', progress: [progress] };
  } finally {
    second.kill('SIGTERM');
    await secondEnd;
  }
}

async function clientKilled({ farm, random }: Chaos): Promise<Observation> {
  await farm.forget();
  const waits: number[] = [];
  for (let n = 0; n < 5; n++) {
    const client = farm.startRender();
    const end = finished(client);
    waits.push(300 + random() * 1500);
    await delay(waits.at(-1));
    client.kill('SIGKILL');
    await end;
  }
  await farm.expectSameFilm(await farm.render());
  return {
    observed: `killed after ${waits.map((ms) => `${String(Math.round(ms))} ms`).join(', ')}; identical`,
    progress: [],
  };
}
