import { cuesOf } from '../plan/captions.ts';
import { itemName } from '../plan/item-words.ts';
import type { StoryPlan } from '../plan/plan.ts';
import { rateOf } from '../script/frame-rate.ts';
import type { StoryScript } from '../script/script.ts';
import { threeLetters } from './film-language.ts';

/** Words for a run of frames of a film. */
export interface FilmText {
  /** First frame. */
  readonly from: number;
  /** Frame behind the last one. */
  readonly until: number;
  readonly text: string;
}

/** What the file of a film says of itself. None of it is in the artifact: a new title makes no new frame. */
export interface FilmWords {
  /** Frames per second. */
  readonly rate: { readonly num: number; readonly den: number };
  /** Title, description and comment; the comment is the id of the story, by which `shotline` finds it. */
  readonly tags: Readonly<Record<string, string>>;
  /** Three letters of ISO 639-2. */
  readonly language: string;
  /** Tag of BCP 47; absent when nothing was said. */
  readonly languageTag?: string;
  readonly chapters: readonly FilmText[];
  readonly captions: readonly FilmText[];
}

/** The words of a film, from its script and plan. */
export function filmWords(script: StoryScript, plan: StoryPlan, storyId: string): FilmWords {
  const { title, description, language } = script;
  return {
    rate: rateOf(plan.output.fps),
    tags: { title, ...(description === undefined ? {} : { description }), comment: storyId },
    language: threeLetters(language),
    ...(language === undefined ? {} : { languageTag: language }),
    chapters: chaptersOf(plan),
    captions: cuesOf(script, plan.timeline).map(({ from, until, text }) => ({ from, until, text })),
  };
}

/**
 * A chapter for each shot, from its first own frame to that of the next: who jumps to it sees it at once. What joins it to the one before
 * belongs to that one. The card before a shot belongs to the shot.
 */
export function chaptersOf({ shots, timeline, numFrames }: StoryPlan): readonly FilmText[] {
  const firstOf = new Map(timeline.map(({ item, firstFrame }) => [item, firstFrame]));
  const begins = shots.map((shot, index) =>
    index === 0 ? 0 : (firstOf.get(`card before-${shot.id}`) ?? firstOf.get(itemName(shot)) ?? 0),
  );
  return shots.map(({ id }, index) => ({
    from: begins[index] ?? 0,
    until: begins[index + 1] ?? numFrames,
    text: chapterName(id),
  }));
}

/** `lift-off` is called "Lift off". */
function chapterName(id: string): string {
  const words = id.replaceAll('-', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
