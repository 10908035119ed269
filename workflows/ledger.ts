import type { TaskRun } from '../story/plan/task-run.ts';
import type { GateDecision } from '../story/script/gate.ts';
import type { ModelSetRef } from '../story/models/model-set.ts';
import { soundItem } from '../story/plan/plan-sound.ts';
import { filmTasks, outputTasks, tasksOf } from '../story/plan/task-list.ts';
import { planStory } from '../story/plan/plan-story.ts';
import { isMade, madeShots } from '../story/plan/plan.ts';
import type { PlannedTask } from '../story/plan/plan.ts';
import type { StoryPlan } from '../story/plan/plan.ts';
import { rerolled } from '../story/script/script-edits.ts';
import type { StoryScript } from '../story/script/script.ts';
import type { StageName } from '../story/plan/task.ts';
import type { ItemStatus, StageChange, StageState, StoryRecord, StoryResult, StoryStatus } from './contracts.ts';
import { itemsOf } from './item-tasks.ts';
import type { StoryItem } from './item-tasks.ts';

/** A script and its plan, made by {@link StoryLedger.planned} alone: nothing else passes for one. */
class PlannedScript {
  readonly script: StoryScript;
  readonly plan: StoryPlan;
  readonly tasks: readonly PlannedTask[];
  readonly items: readonly StoryItem[];
  /** By the key of a shot's clip, and of its interpolation: the key of the clip that a gate judges, `null` without a gate. */
  readonly #judged = new Map<string, string | null>();

  constructor(script: StoryScript, models: ModelSetRef) {
    this.script = script;
    this.plan = planStory(script, models);
    this.tasks = tasksOf(this.plan);
    this.items = itemsOf(this.plan);
    const gated = new Set(script.shots.filter(({ gate }) => gate !== undefined).map(({ id }) => id));
    for (const { id, base, interp } of madeShots(this.plan)) {
      // Of shots that share a clip the first one speaks for it.
      for (const { key } of [base, interp]) {
        if (!this.#judged.has(key)) this.#judged.set(key, gated.has(id) ? base.key : null);
      }
    }
  }

  /** Key of the gated clip that an artifact is, or is interpolated from; `null` when it is of none. */
  gatedClipOf(key: string): string | null {
    return this.#judged.get(key) ?? null;
  }
}

export type { PlannedScript };

/**
 * All that a story knows about itself, and what follows from it. Knows nothing of Temporal. Invariants:
 * B1 The plan is always `planStory(script, models)`.
 * B2 What is done is decided by artifact key alone, so work survives edits, pauses and remakes that do not touch its key.
 * B3 A run that computed an artifact is never overwritten by one that merely found it.
 */
export class StoryLedger {
  readonly models: ModelSetRef;
  readonly startedMs: number;
  paused = false;
  film: StoryResult | null = null;
  failure: string | null = null;
  cancelled = false;

  #planned: PlannedScript;
  readonly #runs = new Map<string, TaskRun>();
  /** By item, the stages that are in the pools, and those that failed there. */
  readonly #marks = new Map<string, Map<StageName, 'running' | 'failed'>>();
  readonly #children = new Map<string, string>();
  /** By the key of the clip that was decided for. */
  readonly #gates = new Map<string, GateDecision>();

  /** @throws PipelineError `MODEL_INVALID` when the story cannot be planned. */
  constructor(script: StoryScript, models: ModelSetRef, startedMs: number) {
    this.models = models;
    this.startedMs = startedMs;
    this.#planned = this.planned(script);
  }

  get script(): StoryScript {
    return this.#planned.script;
  }

  get plan(): StoryPlan {
    return this.#planned.plan;
  }

  /** Every task of the plan, each after the ones it depends on. */
  get tasks(): readonly PlannedTask[] {
    return this.#planned.tasks;
  }

  /** Shots and joins. */
  get items(): readonly StoryItem[] {
    return this.#planned.items;
  }

  /** Those of the tasks whose artifacts exist, as keys. */
  known(tasks: readonly PlannedTask[]): readonly string[] {
    return tasks.map(({ task }) => task.key).filter((key) => this.#runs.has(key));
  }

  /** Plans a script with the story's models. @throws PipelineError as `planStory`. */
  planned(script: StoryScript): PlannedScript {
    return new PlannedScript(script, this.models);
  }

  /** Takes over a changed script. */
  rewrite(planned: PlannedScript): void {
    this.#planned = planned;
  }

  /** Names of the items that another plan would make anew. */
  itemsMissingFrom({ items }: PlannedScript): readonly string[] {
    const present = new Set(this.tasks.map(({ task }) => task.key));
    return items.filter((item) => item.tasks.some(({ task }) => !present.has(task.key))).map((item) => item.name);
  }

  /** Takes note of what an item's stage came to. */
  record({ item, stage, state, result }: StageChange): void {
    if (result === null) {
      if (state === 'running') this.#marksOf(item).set(stage, state);
      return;
    }
    const { key } = result.artifact;
    if (result.cacheHit && this.#runs.has(key)) return;
    this.#runs.set(key, { item, stage, result });
  }

  /** Takes note of the child that works on an item. */
  begin(item: string, childId: string): void {
    this.#children.set(item, childId);
  }

  /** Takes note that nobody works on an item. */
  end(item: string, failed: boolean): void {
    const marks = this.#marksOf(item);
    for (const [stage, state] of marks) {
      if (state === 'failed') continue;
      if (failed) marks.set(stage, 'failed');
      else marks.delete(stage);
    }
  }

  #marksOf(item: string): Map<StageName, 'running' | 'failed'> {
    const marks = this.#marks.get(item) ?? new Map<StageName, 'running' | 'failed'>();
    this.#marks.set(item, marks);
    return marks;
  }

  /** Whether all artifacts of an item exist. */
  isDone(item: StoryItem): boolean {
    return item.tasks.every(({ task }) => this.#runs.has(task.key));
  }

  /** Whether the artifacts exist that an item needs of others, and no gate can still change which those are. */
  canBegin(item: StoryItem): boolean {
    return this.hasInputs(item) && !this.#isUndecided(clipKeyOf(item.plan));
  }

  /** Whether the artifacts exist that an item needs of others, and are those of takes that were decided for. */
  hasInputs(item: StoryItem): boolean {
    return item.inputs.every((key) => this.#runs.has(key) && !this.#isUndecided(key));
  }

  /** The gated shots that nobody has decided about, as items. */
  get undecided(): readonly StoryItem[] {
    return this.items.filter((item) => this.#isUndecided(clipKeyOf(item.plan)));
  }

  /**
   * Takes note of a gate's decision, and goes on with its seed. A decision about a shot that has become another since (an
   * edit may be accepted in the very workflow task that brings it) decides nothing: the edited shot is judged itself.
   *
   * @param item What was judged.
   */
  decide(item: StoryItem, decision: GateDecision): void {
    if (!this.undecided.some(({ mark }) => mark === item.mark)) return;
    this.rewrite(this.planned(rerolled(this.script, { shot: decision.shot, seed: decision.seed })));
    const shot = madeShots(this.plan).find(({ id }) => id === decision.shot);
    if (shot !== undefined) this.#gates.set(shot.base.key, decision);
  }

  /** What the gates of the plan's shots came to, as far as they have been decided. */
  get gates(): readonly GateDecision[] {
    return madeShots(this.plan).flatMap(({ base }) => this.#gates.get(base.key) ?? []);
  }

  /** Whether a key is that of a gated shot's clip, or of its interpolation, about which nobody has decided. */
  #isUndecided(key: string): boolean {
    const clip = this.#planned.gatedClipOf(key);
    return clip !== null && !this.#gates.has(clip);
  }

  /** Whether the film's sound exists, or it has none. */
  get isSoundDone(): boolean {
    const { sound } = this.plan;
    return sound === undefined || this.#runs.has(sound.mix.key);
  }

  /** Whether every segment exists, and the sound. */
  get isReadyForFilm(): boolean {
    return this.items.every((item) => this.isDone(item)) && this.undecided.length === 0 && this.isSoundDone;
  }

  get state(): StoryStatus['state'] {
    if (this.film !== null) return 'done';
    if (this.failure !== null) return 'failed';
    if (this.cancelled) return 'cancelled';
    if (this.paused) return 'paused';
    return this.isReadyForFilm ? 'stitching' : 'running';
  }

  get numShotsDone(): number {
    return this.items.filter((item) => item.plan.kind === 'shot' && this.isDone(item)).length;
  }

  /** One run for each planned task that is done, in the order of the plan. */
  get runs(): readonly TaskRun[] {
    return this.tasks.flatMap(({ item, task }) => {
      const run = this.#runs.get(task.key);
      return run === undefined ? [] : [{ ...run, item }];
    });
  }

  /** How the story came to be, so far. */
  get story(): StoryRecord {
    const { gates } = this;
    return {
      script: this.script,
      models: this.models,
      startedMs: this.startedMs,
      runs: this.runs,
      ...(gates.length === 0 ? {} : { gates }),
    };
  }

  /** Progress of every item and stage. */
  status(storyId: string): StoryStatus {
    const { runs } = this;
    return {
      storyId,
      title: this.plan.title,
      state: this.state,
      items: [
        ...this.items.map((item) => this.#statusOf(item.name, item.plan.kind, item.tasks)),
        ...(this.plan.sound === undefined
          ? []
          : [
              this.#statusOf(
                soundItem,
                'sound',
                this.tasks.filter(({ item }) => item === soundItem),
              ),
            ]),
        this.#statusOf('film', 'film', [
          ...filmTasks(this.plan),
          { item: 'film', task: this.plan.film },
          ...outputTasks(this.plan),
        ]),
      ],
      tasksDone: runs.length,
      tasksOf: this.tasks.length,
      cacheHits: runs.filter((run) => run.result.cacheHit).length,
      failure: this.failure,
      ...(this.gates.length === 0 ? {} : { gates: this.gates }),
    };
  }

  #statusOf(item: string, kind: ItemStatus['kind'], tasks: readonly PlannedTask[]): ItemStatus {
    const stages = [...new Set(tasks.map(({ task }) => task.stage))];
    return {
      item,
      kind,
      stages: stages.map((stage) => this.#stageOf(item, stage, tasks)),
      childId: this.#children.get(item) ?? null,
    };
  }

  #stageOf(item: string, stage: StageName, tasks: readonly PlannedTask[]): ItemStatus['stages'][number] {
    const ofStage = tasks.filter(({ task }) => task.stage === stage);
    const runs = ofStage.flatMap(({ task }) => this.#runs.get(task.key) ?? []);
    const isDone = runs.length === ofStage.length;
    const state: StageState = isDone
      ? runs.every((run) => run.result.cacheHit)
        ? 'cached'
        : 'done'
      : (this.#marks.get(item)?.get(stage) ?? 'waiting');
    return { stage, state, done: runs.length, of: ofStage.length };
  }
}

/** Key of the clip that is made for a shot; of what has none no key. */
function clipKeyOf(plan: StoryItem['plan']): string {
  return plan.kind === 'shot' && isMade(plan) ? plan.base.key : '';
}
