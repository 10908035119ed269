import type { PlannedCards } from './cards.ts';
import type { ShotSpan } from './frame-runs.ts';
import { itemName } from './item-words.ts';
import type { CardPlan, JoinPlan, PlannedBurn, ShotPlan, StoryPlan, TimelineEntry } from './plan.ts';
import { nameOf } from './task.ts';
import type { ArtifactName } from './task.ts';

/** What the film shows, one after the other. */
type FilmItem = ShotPlan | JoinPlan | CardPlan;

/** Shots, the joins before them and cards, as the film shows them. */
export function inFilmOrder(shots: readonly ShotPlan[], joins: readonly JoinPlan[], cards: PlannedCards): FilmItem[] {
  const body = shots.flatMap((shot): FilmItem[] => {
    const card = cards.before.get(shot.id);
    return [...joins.filter((join) => join.index === shot.index - 1), ...(card === undefined ? [] : [card]), shot];
  });
  return [...cards.opening, ...body, ...cards.closing];
}

/** The cards among them, as the plan names them: not at all where there are none. */
export function cardsOf(items: readonly FilmItem[]): Pick<StoryPlan, 'cards'> {
  const cards = items.filter((item) => item.kind === 'card');
  return cards.length === 0 ? {} : { cards };
}

/** What the film is made of: segments, with those that have captions burnt in in their place. */
export function filmInputs(items: readonly FilmItem[], burns: readonly PlannedBurn[]): ArtifactName[] {
  const burnt = new Map(burns.map(({ task }) => [task.inputs[0]?.key, task]));
  return items.flatMap(({ segments }) => segments.map((segment) => nameOf(burnt.get(segment.key) ?? segment)));
}

/** Which frames of the film each item has. */
export function timelineOf(items: readonly FilmItem[], spans: readonly ShotSpan[]): TimelineEntry[] {
  let firstFrame = 0;
  return items.map((item) => {
    const numFrames = item.segments.reduce((sum, segment) => sum + segment.params.count, 0);
    const ofShot = item.kind === 'shot' ? (spans[item.index]?.numFrames ?? numFrames) : numFrames;
    const whole = ofShot === numFrames ? {} : { ofFrames: ofShot };
    const entry = { item: itemName(item), kind: item.kind, firstFrame, numFrames, ...whole };
    firstFrame += numFrames;
    return entry;
  });
}
