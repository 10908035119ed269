import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { PublishActivities } from '../../activities/contracts.ts';
import { stageActivities } from '../../activities/stage/stage-activities.ts';
import type { PublishRequest } from '../../story/film/published-film.ts';
import type { Pool } from '../../story/plan/stages.ts';
import type { StageResult, TaskContext } from '../../story/plan/task-run.ts';
import { dispositionOf } from '../../errors/pipeline-error.ts';
import type { ErrorCode } from '../../errors/pipeline-error.ts';
import { planStory } from '../../story/plan/plan-story.ts';
import { madeInputs, type StageName, type StageTask } from '../../story/plan/task.ts';

/** Something that happened in a fake pool. */
export interface FakeEvent {
  readonly kind: 'begin' | 'end' | 'hit' | 'cancelled' | 'failed';
  readonly storyId: string;
  readonly item: string;
  readonly stage: StageName | 'publish';
  readonly key: string;
}

/** Chooses events; what is left out does not matter. */
export type FakeMatch = Partial<FakeEvent>;

type Rule = { readonly match: FakeMatch } & (
  | {
      readonly kind: 'hold';
      readonly stubborn: boolean;
      readonly released: Promise<void>;
      readonly release: () => void;
    }
  | { readonly kind: 'fail'; readonly code: ErrorCode; left: number }
);

type Hold = Extract<Rule, { readonly kind: 'hold' }>;

const heartbeatMs = 50;
const checkpointStep = 8;

/**
 * The four pools without models: each stage "makes" its artifact by taking note of its key. They keep the contract: written
 * once and found again by key, inputs read and missed, cancelled at a checkpoint and resumed there. Tests hold, fail and spoil
 * work, and read what happened from `events`.
 */
export class FakePools implements PublishActivities {
  readonly events: FakeEvent[] = [];
  readonly artifacts = new Set<string>();
  readonly publishRequests: PublishRequest[] = [];
  readonly #corrupt = new Set<string>();
  readonly #checkpoints = new Set<string>();
  readonly #rules = new Set<Rule>();
  readonly #watchers = new Set<() => void>();
  readonly #stageMs: number;

  /** @param stageMs How long a stage takes that nobody holds. */
  constructor(stageMs = 0) {
    this.#stageMs = stageMs;
  }

  /** The activities of a pool. */
  activitiesOf(pool: Pool): object {
    const { publishFilm } = this;
    return { ...stageActivities(pool, { run: this.#run }), ...(pool === 'edit' ? { publishFilm } : {}) };
  }

  publishFilm = async (request: PublishRequest): ReturnType<PublishActivities['publishFilm']> => {
    const { film, output, numFrames, seconds } = planStory(request.script, request.models);
    const at = { ...request.context, stage: 'publish', key: film.key } as const;
    this.#read([film.key]);
    this.#note('begin', at);
    await this.#apply(at);
    this.publishRequests.push(request);
    this.#note('end', at);
    const url = (name: string): string => `http://127.0.0.1/fake/${film.key}/${name}`;
    const numHits = request.runs.filter((run) => run.result.cacheHit).length;
    return {
      bucket: 'fake',
      filmKey: `films/${film.key}.mp4`,
      posterKey: 'poster',
      storyboardKey: 'storyboard',
      manifestKey: 'manifest',
      filmUrl: url('film.mp4'),
      posterUrl: url('poster'),
      storyboardUrl: url('storyboard'),
      manifestUrl: url('manifest'),
      urlsExpireMs: 0,
      ...output,
      frames: numFrames,
      seconds,
      bytes: 1,
      cacheHits: numHits,
      computed: request.runs.length - numHits,
    };
  };

  /** Keeps matching work from ending until the returned function is called; `stubborn` work also when it is cancelled. */
  hold(match: FakeMatch, { stubborn = false } = {}): () => void {
    const { promise, resolve } = withResolvers();
    const rule: Rule = { kind: 'hold', match, stubborn, released: promise, release: resolve };
    this.#rules.add(rule);
    return () => {
      this.#rules.delete(rule);
      resolve();
    };
  }

  /** Takes back all holds and failures. */
  relax(): void {
    for (const rule of this.#rules) if (rule.kind === 'hold') rule.release();
    this.#rules.clear();
  }

  /** Makes the next matching attempts fail. */
  fail(match: FakeMatch, code: ErrorCode, times = 1): void {
    this.#rules.add({ kind: 'fail', match, code, left: times });
  }

  /** Spoils an artifact: its next reader finds it corrupt, and deletes it. */
  corrupt(key: string): void {
    this.#corrupt.add(key);
  }

  /** Resolves when as many matching events have happened. */
  async until(match: FakeMatch, count = 1): Promise<void> {
    while (this.count(match) < count) {
      const { promise, resolve } = withResolvers();
      this.#watchers.add(resolve);
      await promise;
      this.#watchers.delete(resolve);
    }
  }

  /** Number of matching events so far. */
  count(match: FakeMatch): number {
    return this.events.filter((event) => matches(event, match)).length;
  }

  /** Position of the first matching event. */
  at(match: FakeMatch): number {
    const index = this.events.findIndex((event) => matches(event, match));
    if (index < 0) throw new Error(`Nothing happened that matches ${JSON.stringify(match)}`);
    return index;
  }

  readonly #run = async (task: StageTask, context: TaskContext): Promise<StageResult> => {
    const at = { ...context, stage: task.stage, key: task.key };
    const startedMs = Date.now();
    const isHit = this.artifacts.has(task.key);
    const resumedFromStep = this.#checkpoints.has(task.key) && !isHit ? checkpointStep : 0;
    if (isHit) {
      this.#note('hit', at);
    } else {
      this.#note('begin', at);
      this.#read(madeInputs(task));
      await this.#apply(at);
      if (this.#stageMs > 0) await delay(this.#stageMs);
      this.artifacts.add(task.key);
      this.#note('end', at);
    }
    return {
      artifact: { key: task.key, sha256: task.key, bytes: 1 },
      cacheHit: isHit,
      startedMs,
      endedMs: Date.now(),
      busyMs: isHit ? 0 : 1,
      resumedFromStep,
      attempt: Context.current().info.attempt,
      peakBytes: isHit ? 0 : 1,
    };
  };

  #read(keys: readonly string[]): void {
    for (const key of keys) {
      if (this.#corrupt.delete(key)) {
        this.artifacts.delete(key);
        throw failure('ARTIFACT_CORRUPT', { key });
      }
      if (!this.artifacts.has(key)) throw failure('ARTIFACT_MISSING', { key });
    }
  }

  async #apply(at: Omit<FakeEvent, 'kind'>): Promise<void> {
    for (const rule of this.#rules) {
      if (!matches({ ...at, kind: 'begin' }, rule.match)) continue;
      if (rule.kind === 'hold') await this.#wait(rule, at);
      else if (rule.left > 0) {
        rule.left -= 1;
        this.#note('failed', at);
        throw failure(rule.code, {});
      }
    }
  }

  async #wait({ released, stubborn }: Hold, at: Omit<FakeEvent, 'kind'>): Promise<void> {
    const { cancelled, heartbeat } = Context.current();
    const beat = setInterval(heartbeat, heartbeatMs);
    try {
      if (stubborn) await released;
      await Promise.race([cancelled, released]);
    } catch (error) {
      if (error instanceof CancelledFailure) {
        this.#checkpoints.add(at.key);
        this.#note('cancelled', at);
      }
      throw error;
    } finally {
      clearInterval(beat);
    }
  }

  #note(kind: FakeEvent['kind'], { storyId, item, stage, key }: Omit<FakeEvent, 'kind'>): void {
    this.events.push({ kind, storyId, item, stage, key });
    for (const watcher of this.#watchers) watcher();
  }
}

function matches(event: FakeEvent, match: FakeMatch): boolean {
  return (Object.keys(match) as (keyof FakeEvent)[]).every((name) => event[name] === match[name]);
}

/** What the workers' interceptor makes of a `PipelineError`. */
function failure(code: ErrorCode, details: Record<string, unknown>): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message: `a fake ${code}`,
    // NaN comes out on every worker here, so it is final, as real workers find after the second.
    nonRetryable: dispositionOf(code) === 'fatal' || code === 'NUMERIC_INVALID',
    details: [details],
  });
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
