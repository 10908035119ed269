import { setTimeout as delay } from 'node:timers/promises';
import type { StoryAnswer } from './answers.ts';
import { changesBetween } from './story-events.ts';
import type { StoryEvent } from './story-events.ts';
import { isOver } from './story-moment.ts';
import type { StoryMoment } from './story-moment.ts';

/** An event with its number. */
export interface NumberedEvent extends StoryEvent {
  /** `<process>-<number>`: a number of another process says nothing here. */
  readonly id: string;
}

/** How the story is asked for. */
export interface WatchSource {
  /** Asks how it is, given how it was. */
  readonly read: (id: string, before: StoryMoment | null) => Promise<StoryMoment>;
  /** The answer of a moment. */
  readonly answer: (moment: StoryMoment) => StoryAnswer;
  /** How often it is asked while somebody watches. */
  readonly pollMs: number;
}

/** As many as a reader who comes back after a minute may have missed. */
const keptEvents = 512;
/** How long a server that does not answer is left alone. */
const backOffMs = 3000;

/** Hears the events of a story. */
export type Listener = (events: readonly NumberedEvent[]) => void;

/**
 * One story, as many as watch it. Invariants:
 * W1. However many watch, one question at a time is asked, and none when nobody watches or asks.
 * W2. A watcher who names the last event that it saw hears every later one, or a snapshot that holds them all.
 * W3. Who watches a story that is over hears `end`, and nothing is asked any more.
 */
export class StoryWatch {
  readonly #id: string;
  readonly #source: WatchSource;
  readonly #epoch: string;
  readonly #listeners = new Set<Listener>();
  #moment: StoryMoment | null = null;
  #answer: StoryAnswer | null = null;
  #readMs = 0;
  #reading: Promise<StoryAnswer> | null = null;
  #polling = false;
  #events: NumberedEvent[] = [];
  #number = 0;
  #usedMs = Date.now();

  /** @param epoch Name of this process in the ids of events. */
  constructor(id: string, source: WatchSource, epoch: string) {
    this.#id = id;
    this.#source = source;
    this.#epoch = epoch;
  }

  /** When it was last of use, Unix milliseconds; now while somebody watches. */
  get usedMs(): number {
    return this.#listeners.size > 0 ? Date.now() : this.#usedMs;
  }

  /** How many watch. */
  get watchers(): number {
    return this.#listeners.size;
  }

  /** The moment behind the last answer. */
  get moment(): StoryMoment | null {
    return this.#moment;
  }

  /**
   * How the story is, at most `maxAgeMs` old. One that is over does not age.
   * @throws what its source throws.
   */
  async latest(maxAgeMs: number): Promise<StoryAnswer> {
    this.#usedMs = Date.now();
    if (this.#answer !== null && Date.now() - this.#readMs <= maxAgeMs) return this.#answer;
    return this.#read();
  }

  /** Hears of it from now on. `lastEventId`: what the watcher heard last. Returns how to stop. */
  watch(listener: Listener, lastEventId: string | null): () => void {
    this.#listeners.add(listener);
    const missed = this.#missed(lastEventId);
    if (missed.length > 0) listener(missed);
    void this.#poll();
    return () => {
      this.#usedMs = Date.now();
      this.#listeners.delete(listener);
    };
  }

  /** What a watcher missed, or the whole story where nobody knows. */
  #missed(lastEventId: string | null): readonly NumberedEvent[] {
    const [, epoch, number] = /^(\w+)-(\d{1,12})$/.exec(lastEventId ?? '') ?? [];
    const first = this.#number - this.#events.length + 1;
    const last = Number(number);
    if (epoch === this.#epoch && Number.isInteger(last) && last >= first - 1 && last <= this.#number)
      return this.#events.slice(last - first + 1);
    return this.#answer === null ? [] : this.#greeting(this.#answer);
  }

  /** A snapshot that stands for all events so far. */
  #greeting(answer: StoryAnswer): NumberedEvent[] {
    const id = `${this.#epoch}-${String(this.#number)}`;
    const whole: NumberedEvent = { id, event: 'snapshot', data: answer };
    return this.#isOver() ? [whole, { id, event: 'end', data: { state: answer.state } }] : [whole];
  }

  #isOver(): boolean {
    return this.#moment !== null && isOver(this.#moment);
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    try {
      while (this.#listeners.size > 0) {
        const waitMs = await this.#read().then(
          () => this.#source.pollMs,
          () => backOffMs,
        );
        if (this.#isOver()) return;
        await delay(waitMs);
      }
    } finally {
      this.#polling = false;
    }
  }

  #read(): Promise<StoryAnswer> {
    this.#reading ??= this.#ask().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #ask(): Promise<StoryAnswer> {
    const moment = await this.#source.read(this.#id, this.#moment);
    if (moment === this.#moment && this.#answer !== null) {
      this.#readMs = Date.now();
      return this.#answer;
    }
    const before = this.#answer;
    const answer = this.#source.answer(moment);
    this.#moment = moment;
    this.#answer = answer;
    this.#readMs = Date.now();
    if (before === null) {
      const greeting = this.#greeting(answer);
      for (const listener of this.#listeners) listener(greeting);
      return answer;
    }
    const changes = changesBetween(before, answer);
    if (isOver(moment)) changes.push({ event: 'end', data: { state: answer.state } });
    this.#tell(changes);
    return answer;
  }

  #tell(changes: readonly StoryEvent[]): void {
    if (changes.length === 0) return;
    const events = changes.map((change) => ({ ...change, id: `${this.#epoch}-${String(++this.#number)}` }));
    this.#events = [...this.#events, ...events].slice(-keptEvents);
    for (const listener of this.#listeners) listener(events);
  }
}
