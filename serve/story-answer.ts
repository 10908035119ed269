import { nextStepFor } from '../client/next-steps.ts';
import { activitiesOf, unitsDone } from '../client/story-snapshot.ts';
import type { ItemStage, LiveActivity, StorySnapshot } from '../client/story-snapshot.ts';
import { notices } from '../client/board-state.ts';
import { givenWords, itemName, joinWords } from '../story/plan/item-words.ts';
import type { CardPlan, JoinPlan, ShotPlan, StoryPlan, TimelineEntry } from '../story/plan/plan.ts';
import type { StoryScript } from '../story/script/script.ts';
import type { ItemStatus, StoryResult } from '../workflows/contracts.ts';
import type { ItemAnswer, StageAnswer, StoryAnswer } from './answers.ts';
import { pictureSource } from './picture-source.ts';
import { isOver } from './story-moment.ts';
import type { StoryMoment } from './story-moment.ts';

/** A moment of a story as it is answered. Pure. `page`: its page in the Temporal UI. */
export function storyAnswer(moment: StoryMoment, page: string | null): StoryAnswer {
  const { snapshot, plan, script } = moment;
  const { status } = snapshot;
  const { width, height, fps } = plan.output;
  return {
    object: 'story',
    id: moment.id,
    title: plan.title,
    state: stateOf(moment),
    created_at: new Date(moment.startMs).toISOString(),
    ended_at: moment.endMs === null ? null : new Date(moment.endMs).toISOString(),
    output: { width, height, fps },
    models: script.models,
    frames: plan.numFrames,
    seconds: plan.seconds,
    progress: { done: status.tasksDone, of: status.tasksOf, cache_hits: status.cacheHits },
    eta_seconds: moment.remainingMs === null ? null : Math.round(moment.remainingMs / 1000),
    items: itemsOf(moment),
    film: moment.film === null ? null : filmOf(moment.id, moment.film),
    failure: failureOf(moment),
    temporal: page,
  };
}

/** The story's own word while it runs; a terminated one cannot say so itself. */
function stateOf({ workflow, snapshot }: StoryMoment): StoryAnswer['state'] {
  switch (workflow) {
    case 'COMPLETED':
      return 'done';
    case 'FAILED':
      return 'failed';
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    case 'TIMED_OUT':
      return 'timed_out';
    default:
      return snapshot.status.state;
  }
}

function failureOf({ failure, snapshot, workflow }: StoryMoment): StoryAnswer['failure'] {
  if (failure !== null && failure.kind !== 'cancelled') {
    const { code, item, stage, message, nextStep } = failure;
    return { code, item, stage, message, next: nextStep };
  }
  const { failure: message } = snapshot.status;
  if (message === null || workflow === 'CANCELLED') return null;
  return { code: 'ITEM_STOPPED', item: null, stage: null, message, next: nextStepFor('ITEM_STOPPED') };
}

function filmOf(id: string, film: StoryResult): NonNullable<StoryAnswer['film']> {
  const { width, height, fps, frames, seconds, bytes, computed, cacheHits } = film;
  const at = `/v1/stories/${encodeURIComponent(id)}`;
  return {
    width,
    height,
    fps,
    frames,
    seconds,
    bytes,
    computed,
    cache_hits: cacheHits,
    url: `${at}/film`,
    poster: `${at}/film/poster`,
    storyboard: `${at}/film/storyboard`,
    manifest: `${at}/film/manifest`,
    captions: film.captionsKey === undefined ? null : `${at}/film/captions`,
  };
}

function itemsOf(moment: StoryMoment): ItemAnswer[] {
  const { plan, snapshot, script } = moment;
  const planned = new Map<string, ShotPlan | JoinPlan | CardPlan>(
    [...plan.shots, ...plan.joins, ...(plan.cards ?? [])].map((item) => [itemName(item), item]),
  );
  const statuses = new Map(snapshot.status.items.map((status) => [status.item, status]));
  const inFilm = plan.timeline.flatMap((entry) => {
    const item = planned.get(entry.item) ?? [...planned.values()].find(({ id }) => id === entry.item);
    if (item === undefined) return [];
    return [itemOf(moment, { item, entry, status: statuses.get(itemName(item)) ?? null, script })];
  });
  const named = new Set(inFilm.map(({ name }) => name));
  const others = snapshot.status.items.filter(({ item }) => !named.has(item));
  return [
    ...inFilm,
    ...others.flatMap((status) =>
      planned.has(status.item) || isWhole(status) ? [wholeOf(moment, status, planned)] : [],
    ),
  ];
}

const isWhole = ({ kind }: ItemStatus): boolean => kind === 'sound' || kind === 'film';

/** What an item of the film is answered from. */
interface PlannedItem {
  readonly item: ShotPlan | JoinPlan | CardPlan;
  readonly entry: TimelineEntry | null;
  /** `null` for cards, which are made with the film. */
  readonly status: ItemStatus | null;
  readonly script: StoryScript;
}

function itemOf(moment: StoryMoment, { item, entry, status, script }: PlannedItem): ItemAnswer {
  const name = itemName(item);
  const progress = progressOf(moment, name, status);
  const written = item.kind === 'shot' ? script.shots.find(({ id }) => id === item.id) : undefined;
  return {
    name,
    kind: item.kind,
    id: item.id,
    prompt: promptOf(item),
    seed: written?.sampling.seed ?? null,
    editable: written !== undefined && written.prompts === undefined,
    join: item.kind === 'join' ? joinName(item) : null,
    first_frame: entry?.firstFrame ?? null,
    frames: entry?.numFrames ?? null,
    ...progress,
    ...picturesOf(moment, item, status),
  };
}

/** Sound, film, and a join that shows no frame of its own. */
function wholeOf(
  moment: StoryMoment,
  status: ItemStatus,
  planned: ReadonlyMap<string, ShotPlan | JoinPlan | CardPlan>,
): ItemAnswer {
  const item = planned.get(status.item);
  if (item !== undefined) return itemOf(moment, { item, entry: null, status, script: moment.script });
  return {
    name: status.item,
    kind: status.kind,
    id: status.item,
    prompt: null,
    seed: null,
    editable: false,
    join: null,
    first_frame: null,
    frames: null,
    ...progressOf(moment, status.item, status),
    poster: null,
    preview: null,
  };
}

type Progress = Pick<ItemAnswer, 'state' | 'fraction' | 'stages' | 'trouble'>;

function progressOf(moment: StoryMoment, name: string, status: ItemStatus | null): Progress {
  const { snapshot } = moment;
  if (status === null) {
    const done = moment.film !== null;
    return { state: done ? 'done' : 'waiting', fraction: done ? 1 : 0, stages: [], trouble: null };
  }
  const stages = status.stages.map((stage) => stageOf(stage, activitiesOf(snapshot, name, stage.stage), moment));
  const [done, of] = stages.reduce(([done, of], stage) => [done + stage.done / Math.max(1, stage.of), of + 1], [0, 0]);
  return {
    state: itemState(stages),
    fraction: of === 0 ? 0 : Math.round((1000 * done) / of) / 1000,
    stages,
    trouble: troubleOf(snapshot, name),
  };
}

function troubleOf({ status, activities }: StorySnapshot, name: string): string | null {
  const own = activities.get(name);
  return own === undefined ? null : (notices({ status, activities: new Map([[name, own]]) })[0] ?? null);
}

function stageOf(stage: ItemStage, activities: readonly LiveActivity[], moment: StoryMoment): StageAnswer {
  const started = activities.find((activity) => activity.started);
  // To the workflow an activity runs from the moment it is scheduled; a worker may be busy with another shot.
  const isQueued = stage.state === 'running' && activities.length > 0 && started === undefined;
  const isStopped = stage.state === 'running' && isOver(moment);
  const progress = started?.progress ?? null;
  return {
    stage: stage.stage,
    state: isStopped ? 'waiting' : isQueued ? 'queued' : stage.state,
    done: Math.round(100 * unitsDone(stage, activities)) / 100,
    of: stage.of,
    note: stage.state === 'running' && progress !== null ? `${progress.unit} ${progress.done}/${progress.of}` : null,
  };
}

/** The state of an item by those of its stages. */
export function itemState(stages: readonly Pick<StageAnswer, 'state'>[]): ItemAnswer['state'] {
  const has = (state: ItemAnswer['state']): boolean => stages.some((stage) => stage.state === state);
  if (has('failed')) return 'failed';
  if (has('running')) return 'running';
  if (has('queued')) return 'queued';
  if (stages.length > 0 && stages.every(({ state }) => state === 'cached')) return 'cached';
  const isDone = stages.length > 0 && stages.every(({ state }) => state === 'done' || state === 'cached');
  return isDone ? 'done' : 'waiting';
}

function promptOf(item: ShotPlan | JoinPlan | CardPlan): string | null {
  if (item.kind === 'card') return item.segments[0]?.params.text ?? null;
  if (item.kind === 'join') return item.work.kind === 'seine' ? item.work.transition.params.prompt : null;
  const given = givenWords(item);
  return given === null ? item.prompt : `${item.prompt} (${given})`;
}

const joinName = (join: JoinPlan): string => (join.work.kind === 'seine' ? 'seine' : joinWords(join));

/** Addresses of poster and preview, as soon as there are frames. They hold the key of what they show, so they may be kept for ever. */
function picturesOf(
  moment: StoryMoment,
  item: ShotPlan | JoinPlan | CardPlan,
  status: ItemStatus | null,
): Pick<ItemAnswer, 'poster' | 'preview'> {
  const source = pictureSource(item);
  // What a worker reports of a task that runs says nothing here: its artifact is there when the task is done.
  const isMade =
    status === null
      ? moment.film !== null
      : status.stages.some(({ stage, done, of }) => stage === source.stage && done === of);
  if (!isMade) return { poster: null, preview: null };
  const at = `/v1/stories/${encodeURIComponent(moment.id)}/items/${encodeURIComponent(itemName(item))}`;
  const version = `?v=${source.key.slice(0, 12)}`;
  return {
    poster: `${at}/poster${version}`,
    preview: source.kind === 'frames' ? `${at}/preview${version}` : null,
  };
}

/** Item of a plan by its name. */
export function plannedItem(plan: StoryPlan, name: string): ShotPlan | JoinPlan | CardPlan | null {
  return [...plan.shots, ...plan.joins, ...(plan.cards ?? [])].find((item) => itemName(item) === name) ?? null;
}
