import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { speaksOfMemory } from './failures.ts';

/** How an engine process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines that it wrote to stderr. */
  readonly stderr: readonly string[];
}

/** Lines of stderr that are kept. */
export const lastWords = 20;

/** TypeScript sources run through tsx, which the engine needs as its worker did; built files run as they are. */
export function execArgvFor(entry: URL): string[] {
  if (!entry.pathname.endsWith('.ts')) return [];
  const loader = createRequire(import.meta.url).resolve('tsx');
  return ['--import', pathToFileURL(loader).href];
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
