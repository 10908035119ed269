import { randomBytes } from 'node:crypto';
import { StoryWatch } from './story-watch.ts';
import type { WatchSource } from './story-watch.ts';

/** Stories that nobody has asked for in this time are forgotten. */
const keptMs = 10 * 60_000;
const maxKept = 200;

/** The stories that somebody looks at. */
export class StoryWatches {
  readonly #source: WatchSource;
  readonly #watches = new Map<string, StoryWatch>();
  readonly #epoch = randomBytes(4).toString('hex');

  /** @param source How stories are asked for. */
  constructor(source: WatchSource) {
    this.#source = source;
  }

  /** The one watch of a story; whether there is such a story shows when it is asked. */
  of(id: string): StoryWatch {
    const known = this.#watches.get(id);
    if (known !== undefined) return known;
    this.#forgetIdle(Date.now());
    const watch = new StoryWatch(id, this.#source, this.#epoch);
    this.#watches.set(id, watch);
    return watch;
  }

  /** A story that is gone: who asks for it again hears so. */
  forget(id: string): void {
    this.#watches.delete(id);
  }

  #forgetIdle(nowMs: number): void {
    const idle = [...this.#watches].filter(([, { watchers }]) => watchers === 0);
    idle.sort(([, a], [, b]) => a.usedMs - b.usedMs);
    const tooMany = this.#watches.size - maxKept;
    for (const [index, [id, { usedMs }]] of idle.entries())
      if (index < tooMany || nowMs - usedMs > keptMs) this.#watches.delete(id);
  }
}
