import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { isErrorCode, PipelineError } from '../errors/pipeline-error.ts';
import { speaksOfMemory } from '../errors/failures.ts';

/** What an engine asks of the Python process; `modeling/torch_engine/__main__.py` says what each does. */
export type TorchRequest =
  | {
      readonly kind: 'open';
      readonly folder: string;
      readonly graph: string;
      readonly device: string;
      readonly threads: number;
    }
  | {
      readonly kind: 'run';
      readonly folder: string;
      readonly graph: string;
      readonly inputs: string;
      readonly outputs: string;
    }
  | { readonly kind: 'close'; readonly folder: string; readonly graph: string }
  | { readonly kind: 'prove'; readonly device: string };

const torchAnswer = z.object({
  id: z.number(),
  known: z.boolean().optional(),
  error: z.string().optional(),
  code: z.string().optional(),
});
type TorchAnswer = z.output<typeof torchAnswer>;

interface Waiting {
  readonly resolve: (answer: TorchAnswer) => void;
  readonly reject: (error: PipelineError) => void;
}

const repository = fileURLToPath(new URL('../', import.meta.url));

/**
 * The Python process that runs graphs as torch modules for one engine. It starts with the first request, lives as long as the
 * engine (it looks whether that one is there, and removes `folder` when it is not), and is replaced when it has died. Tensors
 * pass through files in `folder`.
 */
export class TorchHost {
  /** Folder for tensors on their way. */
  readonly folder = mkdtempSync(join(tmpdir(), 'shotline-torch-'));
  readonly #python: string;
  #child: ChildProcess | null = null;
  #generation = 0;
  #numRequests = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** `python`: a Python that has the packages of `modeling/requirements.txt`. */
  constructor(python: string) {
    this.#python = python;
    process.once('exit', () => {
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** Number of the process that runs, `null` when none does: modules that were open in another one are gone with it. */
  get generation(): number | null {
    return this.#child === null ? null : this.#generation;
  }

  /**
   * Asks and waits for the answer.
   *
   * @throws PipelineError with the code that the process gives, or `RESOURCE_ENGINE` (`RESOURCE_MEMORY`) when it dies.
   */
  async ask(request: TorchRequest): Promise<TorchAnswer> {
    const child = (this.#child ??= this.#start());
    const id = (this.#numRequests += 1);
    const answer = await new Promise<TorchAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      child.stdin?.write(`${JSON.stringify({ id, ...request })}\n`);
    });
    if (answer.error === undefined) return answer;
    const code = answer.code !== undefined && isErrorCode(answer.code) ? answer.code : 'RESOURCE_ENGINE';
    throw new PipelineError(code, `torch: ${answer.error}`, {
      details: 'graph' in request ? { graph: request.graph } : {},
    });
  }

  /** Ends the process and removes the folder. */
  close(): void {
    this.#child?.stdin?.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #start(): ChildProcess {
    this.#generation += 1;
    const child = spawn(this.#python, ['-m', 'modeling.torch_engine', String(process.pid), this.folder], {
      cwd: repository,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const lastWords: string[] = [];
    const hear = (line: string): void => {
      lastWords.push(line);
      if (lastWords.length > 20) lastWords.shift();
    };
    createInterface({ input: child.stderr }).on('line', hear);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = answerIn(line);
      if (answer === null) {
        hear(line);
        return;
      }
      this.#waiting.get(answer.id)?.resolve(answer);
      this.#waiting.delete(answer.id);
    });
    const gone = (end: string): void => {
      if (this.#child === child) this.#child = null;
      const words = lastWords.join('\n');
      const code = speaksOfMemory(words) ? 'RESOURCE_MEMORY' : 'RESOURCE_ENGINE';
      const next = `is ${this.#python} a Python with the packages of modeling/requirements.txt (SHOTLINE_PYTHON)?`;
      for (const waiting of this.#waiting.values()) {
        waiting.reject(
          new PipelineError(code, `the torch process ended with ${end}; ${next}`, { details: { stderr: lastWords } }),
        );
      }
      this.#waiting.clear();
    };
    child.once('error', (error) => {
      gone(error.message);
    });
    child.once('close', (exitCode, signal) => {
      gone(signal ?? `exit code ${String(exitCode)}`);
    });
    // Written to in the moment of its death: `close` tells why.
    child.stdin.on('error', () => undefined);
    return child;
  }
}

/** The answer in a line of the process; `null` when it is something else, for libraries also print there. */
function answerIn(line: string): TorchAnswer | null {
  try {
    return torchAnswer.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
