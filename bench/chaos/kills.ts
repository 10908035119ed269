import { setTimeout as delay } from 'node:timers/promises';
import { pools } from '../../story/plan/stages.ts';
import type { Chaos, FarmRow, Observation } from './row.ts';

/** Random SIGKILLs over all that runs, story after story, each after the last one has been got over. */
export const kills: FarmRow = {
  name: 'kills',
  fault: 'random SIGKILLs over workers, engines, SeaweedFS and Temporal',
  expected: 'same films; no engine and no scratch is left over',
  run: killAtRandom,
};

interface Victim {
  readonly kind: 'worker' | 'engine' | 'SeaweedFS' | 'Temporal';
  /** `null` when there is nothing to kill at the moment. */
  readonly pid: () => Promise<number | null>;
  /** Share of the kills. */
  readonly weight: number;
}

async function killAtRandom({ farm, random, kills: wanted }: Chaos): Promise<Observation> {
  const victims: readonly Victim[] = [
    ...pools.map((pool) => ({
      kind: 'worker' as const,
      pid: () => Promise.resolve(farm.worker(pool).pid ?? null),
      weight: 3,
    })),
    ...(['base', 'interp', 'sr'] as const).map((pool) => ({
      kind: 'engine' as const,
      pid: () => Promise.resolve(farm.engine(pool)),
      weight: 3,
    })),
    { kind: 'SeaweedFS', pid: () => farm.server('s3'), weight: 2 },
    { kind: 'Temporal', pid: () => farm.server('temporal'), weight: 2 },
  ];
  const killed: Record<Victim['kind'], number[]> = { worker: [], engine: [], SeaweedFS: [], Temporal: [] };
  const count = (): number => Object.values(killed).flat().length;
  let stories = 0;
  while (count() < wanted) {
    await farm.forget();
    stories += 1;
    const over = new AbortController();
    const goesOn = (): boolean => !over.signal.aborted;
    const ended = farm.render().finally(() => {
      over.abort();
    });
    while (count() < wanted && goesOn()) {
      await delay(300 + random() * 1500);
      const { kind, pid } = choose(victims, random());
      const target = await pid();
      if (target === null || !goesOn()) continue;
      for (const pool of ['base', 'interp', 'sr'] as const) farm.engine(pool);
      const seconds = await farm.progressAfter(async () => {
        process.kill(target, 'SIGKILL');
        await gone(target);
        if (kind === 'SeaweedFS' || kind === 'Temporal') await farm.repair();
      }, ended);
      killed[kind].push(seconds);
      process.stderr.write(`  ${String(count())}/${String(wanted)} ${kind}: ${seconds.toFixed(1)} s\n`);
    }
    await farm.expectSameFilm(await ended);
  }
  await farm.expectNothingLeft();
  const told = Object.entries(killed).map(
    ([kind, times]) =>
      `${String(times.length)} ${kind}${times.length === 0 ? '' : ` (≤ ${Math.max(...times).toFixed(1)} s)`}`,
  );
  return {
    observed: `${told.join(', ')}; ${String(stories)} films, all the same`,
    progress: Object.values(killed).flat(),
  };
}

function choose(victims: readonly Victim[], at: number): Victim {
  const total = victims.reduce((sum, { weight }) => sum + weight, 0);
  let left = at * total;
  return victims.find(({ weight }) => (left -= weight) < 0) ?? victims[0]!;
}

/** Resolves when a process is gone: until then a server holds its port, and the next one would take another. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(20);
  }
}
