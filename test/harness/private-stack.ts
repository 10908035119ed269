import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FilmJson } from '../../cli/story/film-report.ts';

/** What a run of the `shotline` command left behind. */
export interface CommandRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const root = resolve(import.meta.dirname, '../..');

/**
 * A local stack that belongs to one test file: a cache folder of its own with servers and workers that the `shotline`
 * command starts in it, as it would for a user. Only what every stack has alike is shared: the downloaded programs, to spare
 * the registries, and the bundled workflows, to spare the processor.
 */
export class PrivateStack {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;

  /** Folder of the code whose command is run. */
  readonly #code: string;

  private constructor(dir: string, env: Readonly<Record<string, string>>, code: string) {
    this.dir = dir;
    this.env = env;
    this.#code = code;
  }

  /** An empty cache folder; servers start with the first command that needs them. */
  static async create(settings: Readonly<Record<string, string>> = {}): Promise<PrivateStack> {
    const dir = await mkdtemp(join(tmpdir(), 'shotline-e2e-'));
    const cache = process.env['SHOTLINE_CACHE'] ?? join(homedir(), '.cache', 'shotline');
    for (const shared of ['bin', 'workflow-bundles']) {
      await mkdir(join(cache, shared), { recursive: true });
      await symlink(join(cache, shared), join(dir, shared));
    }
    const inherited = Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !/^(SHOTLINE_|NODE_OPTIONS|JEST_)/.test(entry[0]),
    );
    const env = { ...Object.fromEntries(inherited), SHOTLINE_CACHE: dir, NO_COLOR: '1', ...settings };
    return new PrivateStack(dir, env, root);
  }

  /** The same stack for commands with other settings. */
  with(settings: Readonly<Record<string, string>>): PrivateStack {
    return new PrivateStack(this.dir, { ...this.env, ...settings }, this.#code);
  }

  /** The same stack as the command of another release sees it, which lies in `code`. */
  of(code: string): PrivateStack {
    return new PrivateStack(this.dir, this.env, code);
  }

  /** Runs the command to its end. */
  async shotline(...args: readonly string[]): Promise<CommandRun> {
    return finished(this.start(...args));
  }

  /** Starts the command and leaves it running. */
  start(...args: readonly string[]): ChildProcess {
    return this.#spawn(process.execPath, [join(this.#code, 'cli', 'shotline.mjs'), ...args]);
  }

  /** Runs any program in the folder of the repository, with the environment of this stack. */
  async run(program: string, args: readonly string[]): Promise<CommandRun> {
    return finished(this.#spawn(program, args));
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    return spawn(program, args, { cwd: root, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Renders a story to its end and returns what `--json` printed. Fails with all that the command said. */
  async render(story: string, ...args: readonly string[]): Promise<FilmJson> {
    const run = await this.shotline('render', story, '--json', ...args);
    if (run.code !== 0) throw new Error(`render ended with ${run.code}\n${run.stdout}\n${run.stderr}`);
    return JSON.parse(run.stdout) as FilmJson;
  }

  /** Writes a story file into the cache folder and returns its path. */
  async writeStory(name: string, text: string): Promise<string> {
    const file = join(this.dir, name);
    await writeFile(file, text);
    return file;
  }

  /** Stops workers and servers and removes everything. */
  async destroy(): Promise<void> {
    await this.shotline('stack', 'down');
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Waits for a process to end and collects what it printed. */
export async function finished(child: ChildProcess): Promise<CommandRun> {
  const collect = (stream: NodeJS.ReadableStream | null): (() => string) => {
    const parts: Buffer[] = [];
    stream?.on('data', (part: Buffer) => parts.push(part));
    return () => Buffer.concat(parts).toString();
  };
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  return { code, stdout: stdout(), stderr: stderr() };
}

/** Polls until `look` finds something. @throws when it has not after `limitMs`. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  limitMs = 180_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${limitMs} ms`);
    await delay(100);
  }
}
