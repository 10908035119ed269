/**
 * `npm run fuzz -- [scripts|pictures|manifests …] [--cases 10000] [--seed 1]`: feeds each target with changed and made-up inputs. Each must
 * end in success or in a documented error code, within ten seconds of the processor, in a process of at most one GiB.
 *
 * What broke is kept in `.fuzz/` with its seed; `--seed <it> --cases 1` runs it again.
 */
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { CaseNote } from './case-runner.ts';

/** Of the processor: what is nice on a busy machine is not slow. */
const caseCpuMs = 10_000;
/** Of the clock, for what waits for ever. */
const caseMs = 180_000;
const mostMb = 1024;
const root = resolve(import.meta.dirname, '../..');
const kept = join(root, '.fuzz');

interface Tally {
  readonly outcomes: Map<string, number>;
  readonly broken: { readonly seed: number; readonly reason: string }[];
  slowestMs: number;
  slowest: number;
  peakMb: number;
}

/** Runs cases in one process until all are through or one ends it; returns the seed to go on from. */
function runCases(name: string, first: number, count: number, tally: Tally): Promise<number> {
  return new Promise((done) => {
    const child = fork(join(import.meta.dirname, 'case-runner.ts'), [name, String(first), String(count)], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let [seed, next] = [first, first];
    let [lastWords, reason] = ['', ''];
    let timer: NodeJS.Timeout | undefined;
    child.stderr?.on('data', (text: Buffer) => (lastWords = `${lastWords}${text.toString()}`.slice(-2000)));
    const end = (why: string): void => {
      reason = why;
      child.kill('SIGKILL');
    };
    child.on('message', (note: CaseNote) => {
      if (note.kind === 'begins') {
        ({ seed } = note);
        clearTimeout(timer);
        timer = setTimeout(() => {
          end(`took more than ${String(caseMs / 1000)} s`);
        }, caseMs);
        return;
      }
      next = note.seed + 1;
      if (note.kind === 'broke') {
        tally.broken.push(note);
        mkdirSync(kept, { recursive: true });
        writeFileSync(join(kept, `${name}-${String(note.seed)}.${note.extension}`), Buffer.from(note.input, 'base64'));
        return;
      }
      if (note.cpuMs > tally.slowestMs) [tally.slowestMs, tally.slowest] = [note.cpuMs, note.seed];
      tally.outcomes.set(note.outcome, (tally.outcomes.get(note.outcome) ?? 0) + 1);
      tally.peakMb = Math.max(tally.peakMb, note.peakMb);
      if (note.peakMb > mostMb) end(`took ${note.peakMb.toFixed(0)} MiB`);
      if (note.cpuMs > caseCpuMs) end(`took ${(note.cpuMs / 1000).toFixed(0)} s`);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      const isThrough = code === 0 && next === first + count;
      if (!isThrough) {
        tally.broken.push({
          seed,
          reason: reason === '' ? `the process ended with ${String(signal ?? code)}: ${lastWords}` : reason,
        });
        next = Math.max(next, seed + 1);
      }
      done(next);
    });
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cases: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
});
const [first, count] = [Number(values.seed), Number(values.cases)];
let numBroken = 0;
for (const name of positionals.length > 0 ? positionals : ['scripts', 'pictures', 'manifests']) {
  const tally: Tally = { outcomes: new Map(), broken: [], slowestMs: 0, slowest: first, peakMb: 0 };
  const startedMs = performance.now();
  // A process for each thousand: what one case leaves behind is not counted for the others.
  for (let seed = first; seed < first + count;) {
    seed = await runCases(name, seed, Math.min(1000, first + count - seed), tally);
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  const outcomes = [...tally.outcomes].sort((a, b) => b[1] - a[1]).map(([outcome, n]) => `${outcome} ${String(n)}`);
  process.stdout.write(
    `${name}: seeds ${String(first)} to ${String(first + count - 1)} in ${seconds} s; ${outcomes.join(', ')}; ` +
      `slowest ${(tally.slowestMs / 1000).toFixed(1)} s of the processor (seed ${String(tally.slowest)}), at most ${tally.peakMb.toFixed(0)} MiB; ${String(tally.broken.length)} broke\n`,
  );
  for (const { seed, reason } of tally.broken) process.stdout.write(`  seed ${String(seed)}: ${reason}\n`);
  numBroken += tally.broken.length;
}
process.exitCode = numBroken === 0 ? 0 : 1;
