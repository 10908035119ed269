import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { StageName } from '../../story/plan/task.ts';

/**
 * Stages whose need of memory is that of their tiles and does not depend on clip or film, so what one task learned holds
 * for the next.
 */
const tiled: ReadonlySet<StageName> = new Set<StageName>(['enhance']);

/** Smaller tiles than those of this level there are not. */
const highestLevel = 3;

const schema = z.record(z.string(), z.number().int().min(1).max(highestLevel));

/**
 * How small tiles must be on the devices of this host: the memory level of each device and stage at which a task no longer ran
 * out of memory, in a file. The next task starts there, and no attempt fails to find it out again. A file that is lost or
 * wrong is an empty one; what workers of other devices wrote is kept.
 */
export class MemoryLevels {
  readonly #file: string;
  readonly #device: string;
  readonly #levels: Map<string, number>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, device: string, levels: Readonly<Record<string, number>>) {
    this.#file = file;
    this.#device = device;
    this.#levels = new Map(Object.entries(levels));
  }

  /** Reads the levels in a file. @param device Names the device or devices that tasks run on. */
  static async open(file: string, device: string): Promise<MemoryLevels> {
    return new MemoryLevels(file, device, await read(file));
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
    this.#writing = this.#writing.then(() => this.#write()).catch(() => undefined);
    await this.#writing;
  }

  #nameOf(stage: StageName): string {
    return `${this.#device} ${stage}`;
  }

  async #write(): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    const partial = `${this.#file}.${String(process.pid)}`;
    await writeFile(partial, JSON.stringify({ ...(await read(this.#file)), ...Object.fromEntries(this.#levels) }));
    await rename(partial, this.#file);
  }
}

async function read(file: string): Promise<Readonly<Record<string, number>>> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}
