import { z } from 'zod';
import { HostNote } from '../../storage/host-note.ts';
import type { PackageRef } from '../../story/models/model-set.ts';

/** A graph of a model package. */
export interface PackageGraph {
  readonly ref: PackageRef;
  readonly graph: string;
}

/** More than the stages of one pool use of two model sets. */
const maxGraphs = 16;

const schema = z
  .array(
    z.object({
      ref: z.object({ name: z.string(), version: z.string(), digest: z.string().regex(/^[0-9a-f]{64}$/) }),
      graph: z.string(),
    }),
  )
  .transform((graphs) => graphs.slice(-maxGraphs));

/** The graphs that a pool of this host used last, so that its next worker opens them before its first task. */
export class WarmList {
  readonly #note: HostNote<readonly PackageGraph[]>;
  /** Least recently used first. */
  #graphs: readonly PackageGraph[];

  private constructor(note: HostNote<readonly PackageGraph[]>, graphs: readonly PackageGraph[]) {
    this.#note = note;
    this.#graphs = graphs;
  }

  /** Reads the list in a file. */
  static async open(file: string): Promise<WarmList> {
    const note = new HostNote<readonly PackageGraph[]>({ file, schema, nothing: [] });
    return new WarmList(note, await note.read());
  }

  /** The graphs, least recently used first. */
  get graphs(): readonly PackageGraph[] {
    return this.#graphs;
  }

  /** Takes note of graphs that were used now. Resolves when they are in the file, or cannot be written. */
  async used(graphs: readonly PackageGraph[]): Promise<void> {
    const latest = new Set(graphs.map(nameOf));
    const isKnown = graphs.every((each) => this.#graphs.some((known) => nameOf(known) === nameOf(each)));
    const now = [...this.#graphs.filter((known) => !latest.has(nameOf(known))), ...graphs].slice(-maxGraphs);
    this.#graphs = now;
    // The order alone is not worth a write for each task.
    if (!isKnown) await this.#note.write(() => now);
  }
}

const nameOf = ({ ref, graph }: PackageGraph): string => `${ref.digest}/${graph}`;
