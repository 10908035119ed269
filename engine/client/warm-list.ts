import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { PackageRef } from '../../story/models/model-set.ts';

/** A graph of a model package. */
export interface PackageGraph {
  readonly ref: PackageRef;
  readonly graph: string;
}

const schema = z.array(
  z.object({
    ref: z.object({ name: z.string(), version: z.string(), digest: z.string().regex(/^[0-9a-f]{64}$/) }),
    graph: z.string(),
  }),
);

/** More than the stages of one pool use of two model sets. */
const maxGraphs = 16;

/**
 * The graphs that a pool of this host used last, in a file, so that its next worker opens them before its first task. Only
 * a hint: a file that is lost or wrong is an empty list, and of two workers that write at once the last one wins.
 */
export class WarmList {
  readonly #file: string;
  /** Least recently used first. */
  #graphs: readonly PackageGraph[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, graphs: readonly PackageGraph[]) {
    this.#file = file;
    this.#graphs = graphs;
  }

  /** Reads the list in a file. */
  static async open(file: string): Promise<WarmList> {
    const text = await readFile(file, 'utf8').catch(() => '[]');
    return new WarmList(file, parse(text));
  }

  /** The graphs, least recently used first. */
  get graphs(): readonly PackageGraph[] {
    return this.#graphs;
  }

  /** Takes note of graphs that were used now. Resolves when they are in the file, or cannot be written. */
  async used(graphs: readonly PackageGraph[]): Promise<void> {
    const latest = new Set(graphs.map(nameOf));
    const isKnown = graphs.every((each) => this.#graphs.some((known) => nameOf(known) === nameOf(each)));
    this.#graphs = [...this.#graphs.filter((known) => !latest.has(nameOf(known))), ...graphs].slice(-maxGraphs);
    // The order alone is not worth a write for each task.
    if (isKnown) return;
    const text = JSON.stringify(this.#graphs);
    this.#writing = this.#writing.then(() => this.#write(text)).catch(() => undefined);
    await this.#writing;
  }

  async #write(text: string): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    const partial = `${this.#file}.${String(process.pid)}`;
    await writeFile(partial, text);
    await rename(partial, this.#file);
  }
}

function parse(text: string): readonly PackageGraph[] {
  try {
    return schema.parse(JSON.parse(text)).slice(-maxGraphs);
  } catch {
    return [];
  }
}

const nameOf = ({ ref, graph }: PackageGraph): string => `${ref.digest}/${graph}`;
