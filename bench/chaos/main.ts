import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ChaosFarm } from './chaos-farm.ts';
import { createDice } from './dice.ts';
import { kills } from './kills.ts';
import { processRows } from './process-rows.ts';
import { Skipped } from './row.ts';
import type { FarmRow, Observation, TestRow } from './row.ts';
import { storageRows } from './storage-rows.ts';
import { testRows } from './test-rows.ts';

/**
 * `npm run chaos -- [row…] [--kills n] [--seed n]`: brings faults about on real servers and workers, and prints what came of each. Exit
 * code 1 when a row is not as expected.
 */

const farmRows: readonly FarmRow[] = [kills, ...storageRows, ...processRows];
const rows: readonly (FarmRow | TestRow)[] = [...farmRows, ...testRows];

interface Outcome {
  readonly row: FarmRow | TestRow;
  readonly observed: string;
  readonly progress: readonly number[];
  readonly state: 'ok' | '**no**' | 'skipped';
  readonly seconds: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0 || values.list) {
  if (unknown.length > 0) console.error(`no row ${unknown.join(', ')}; there are:`);
  for (const { name, fault } of rows) console.log(`${name.padEnd(16)} ${fault}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const isChosen = ({ name }: FarmRow | TestRow): boolean => positionals.length === 0 || positionals.includes(name);
const numKills = numberOf('kills', values.kills);
const seed = numberOf('seed', values.seed);
const startedMs = performance.now();
const outcomes: Outcome[] = [];
let farm: Promise<ChaosFarm> | null = null;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    // Servers and workers outlive this process unless they are told, also those that are just being started.
    void closeFarm().finally(() => process.exit(130));
  });
}
for (const row of farmRows.filter(isChosen)) {
  const on = await (farm ??= ChaosFarm.open());
  // Each row has dice of its own, so that a row alone comes to what it comes to among others.
  const outcome = await outcomeOf(row, () => row.run({ farm: on, random: createDice(seed), kills: numKills }));
  outcomes.push(outcome);
  // What a row has left behind must not be met by the next one.
  if (outcome.state !== 'ok') await closeFarm();
}
await closeFarm();
for (const row of testRows.filter(isChosen)) outcomes.push(await outcomeOf(row, () => row.runTests()));
print();
process.exit(outcomes.some(({ state }) => state === '**no**') ? 1 : 0);

async function closeFarm(): Promise<void> {
  const open = farm;
  farm = null;
  await open?.then((each) => each.close());
}

async function outcomeOf(row: FarmRow | TestRow, run: () => Promise<Observation>): Promise<Outcome> {
  console.error(`${row.name}: ${row.fault}`);
  const beganMs = performance.now();
  const took = (): number => (performance.now() - beganMs) / 1000;
  try {
    const seen = await run();
    console.error(`  ok after ${took().toFixed(0)} s: ${seen.observed}`);
    return { row, ...seen, state: 'ok', seconds: took() };
  } catch (error) {
    const observed = error instanceof Error ? error.message : String(error);
    const state = error instanceof Skipped ? 'skipped' : '**no**';
    console.error(`  ${state} after ${took().toFixed(0)} s: ${observed}`);
    return { row, observed, progress: [], state, seconds: took() };
  }
}

function print(): void {
  const minutes = (performance.now() - startedMs) / 60_000;
  const [load = 0] = loadavg();
  console.log(
    `${String(cpus().length)} cores of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${load.toFixed(1)} at the end; ` +
      `seed ${String(seed)}; ${minutes.toFixed(0)} min\n`,
  );
  console.log('| row | fault | expected | observed | from fault to progress, s | row, s | ok |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const { row, observed, progress, seconds, state } of outcomes) {
    const cells = [row.name, row.fault, row.expected, oneCell(observed), spread(progress), seconds.toFixed(0), state];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function oneCell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '/').slice(0, 240);
}

function spread(times: readonly number[]): string {
  if (times.length === 0) return '–';
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
  return times.length === 1 ? at(0) : `median ${at(0.5)}, 90 % ${at(0.9)}, most ${at(1)}`;
}

function numberOf(name: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  console.error(`--${name} takes a whole number, not '${text}'`);
  process.exit(2);
}
