import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { speaksOfMemory } from '../../errors/failures.ts';
import type { Stall } from './watchdog.ts';

/** How an engine process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines that it wrote to stderr. */
  readonly stderr: readonly string[];
}

/** Lines of stderr that are kept. */
export const lastWords = 20;

/** Set by the compiler: the URL of the folder that it wrote. Sources that run as they are know of none. */
declare const COMPILED_CODE: string | undefined;
const sources = new URL('../../', import.meta.url).href;

/** How the code at `entry` is started in a process of its own: compiled where this code is compiled, else through tsx. */
export function startOf(entry: URL): { readonly file: string; readonly execArgv: string[] } {
  if (typeof COMPILED_CODE === 'string' && entry.href.startsWith(sources)) {
    const file = fileURLToPath(new URL(entry.href.slice(sources.length).replace(/\.ts$/, '.js'), COMPILED_CODE));
    if (existsSync(file)) return { file, execArgv: ['--enable-source-maps'] };
  }
  const file = fileURLToPath(entry);
  if (!file.endsWith('.ts')) return { file, execArgv: [] };
  const loader = createRequire(import.meta.url).resolve('tsx');
  return { file, execArgv: ['--import', pathToFileURL(loader).href] };
}

/** Hands the lines of a stream on, empty ones left out. */
export function readLines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  if (stream === null) return;
  createInterface({ input: stream }).on('line', (line) => {
    if (line.trim() !== '') onLine(line);
  });
}

/** What the death of an engine means to the job that it had. */
export function engineDied({ code, signal, stderr }: Exit, during: string): PipelineError {
  const words = stderr.join('\n');
  const end = signal ?? `exit code ${String(code)}`;
  const memory = speaksOfMemory(words);
  const hint = memory
    ? 'the next attempt uses fewer frames per model call'
    : signal === 'SIGKILL'
      ? 'somebody killed it; if nobody did, look for the out-of-memory killer in the kernel log'
      : 'its last words are in details.stderr';
  return new PipelineError(
    memory ? 'RESOURCE_MEMORY' : 'RESOURCE_ENGINE',
    `the engine died with ${end} during ${during}; ${hint}`,
    {
      details: { exitCode: code, signal, stderr: stderr.slice(-lastWords) },
    },
  );
}

/** What an engine that was killed for its silence means to the job that it had. */
export function engineStalled({ silentMs, limitMs, last }: Stall, during: string): PipelineError {
  const where =
    last === null ? 'before its first step' : `after ${last.unit} ${String(last.done)} of ${String(last.of)}`;
  const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1);
  return new PipelineError(
    'RESOURCE_ENGINE',
    `the engine made no progress for ${seconds(silentMs)} s in ${during}, ${where}, and was killed; its pace allows ${seconds(limitMs)} s; the task goes on from its last checkpoint; if it happens again, look at the device of this worker, or raise SHOTLINE_STALL_SECONDS`,
    { details: { silentMs, limitMs, ...(last !== null && { done: last.done, of: last.of, unit: last.unit }) } },
  );
}
