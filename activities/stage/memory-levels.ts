import { z } from 'zod';
import { HostNote } from '../../storage/host-note.ts';
import type { StageName } from '../../story/plan/task.ts';

/**
 * Stages whose need of memory is that of their tiles and does not depend on clip or film, so what one task learned holds
 * for the next.
 */
const tiled: ReadonlySet<StageName> = new Set<StageName>(['enhance']);

/** Smaller tiles than those of this level there are not. */
const highestLevel = 3;

const schema = z.record(z.string(), z.number().int().min(1).max(highestLevel));
type Levels = Readonly<Record<string, number>>;

/**
 * How small tiles must be on the devices of this host: the memory level of each device and stage at which a task no longer ran
 * out of memory. The next task starts there, and no attempt fails to find it out again. What workers of other devices wrote
 * is kept.
 */
export class MemoryLevels {
  readonly #note: HostNote<Levels>;
  readonly #device: string;
  readonly #levels: Map<string, number>;

  private constructor(note: HostNote<Levels>, device: string, levels: Levels) {
    this.#note = note;
    this.#device = device;
    this.#levels = new Map(Object.entries(levels));
  }

  /** Reads the levels in a file. @param device Names the device or devices that tasks run on. */
  static async open(file: string, device: string): Promise<MemoryLevels> {
    const note = new HostNote<Levels>({ file, schema, nothing: {} });
    return new MemoryLevels(note, device, await note.read());
  }

  /** The level that tasks of a stage begin at, 0 when none ran out of memory here. */
  of(stage: StageName): number {
    return this.#levels.get(this.#nameOf(stage)) ?? 0;
  }

  /**
   * Takes note that a task ran out of memory and that the next attempt is made at this level. Resolves when it is in the file,
   * or cannot be written.
   */
  async ranOut(stage: StageName, next: number): Promise<void> {
    const level = Math.min(next, highestLevel);
    if (!tiled.has(stage) || level <= this.of(stage)) return;
    this.#levels.set(this.#nameOf(stage), level);
    await this.#note.write((kept) => ({ ...kept, ...Object.fromEntries(this.#levels) }));
  }

  #nameOf(stage: StageName): string {
    return `${this.#device} ${stage}`;
  }
}
