import type { ItemAnswer, StoryAnswer } from '../answers.ts';

/** A story in the few words that a language model needs; the whole of a long one would fill its context. */
export interface StoryBrief {
  readonly [key: string]: unknown;
  readonly id: string;
  readonly title: string;
  readonly state: StoryAnswer['state'];
  /** Percent of the tasks. */
  readonly percent: number;
  readonly eta_seconds: number | null;
  readonly size: string;
  readonly seconds: number;
  /** Shots and joins, each in a line: what it is, how it is, its words and its seed. */
  readonly items: readonly string[];
  readonly film: boolean;
  readonly failure: string | null;
}

/** In short. Pure. */
export function briefOf(story: StoryAnswer): StoryBrief {
  const { width, height, fps } = story.output;
  const { done, of } = story.progress;
  return {
    id: story.id,
    title: story.title,
    state: story.state,
    percent: story.film === null ? Math.min(99, Math.floor((100 * done) / Math.max(1, of))) : 100,
    eta_seconds: story.eta_seconds,
    size: `${String(width)}x${String(height)} at ${String(Number(fps.toFixed(3)))} frames per second`,
    seconds: Number(story.seconds.toFixed(3)),
    items: story.items.map(lineOf),
    film: story.film !== null,
    failure: story.failure === null ? null : `${story.failure.code}: ${story.failure.message}; ${story.failure.next}`,
  };
}

function lineOf(item: ItemAnswer): string {
  const running = item.stages.find(({ state }) => state === 'running');
  const stage = running === undefined ? '' : ` (${running.stage}${running.note === null ? '' : ` ${running.note}`})`;
  const words = item.prompt === null ? '' : `: ${item.prompt}`;
  const seed = item.seed === null ? '' : ` [seed ${String(item.seed)}]`;
  const trouble = item.trouble === null ? '' : ` – ${item.trouble}`;
  return `${item.name} – ${item.state}${stage}${words}${seed}${trouble}`;
}
