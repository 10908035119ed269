import type { Card, StoryScript } from '../script/script.ts';
import { framesIn } from '../script/film-frames.ts';
import type { CardPlan } from './plan.ts';
import { cutIntoSegments } from './segments.ts';
import { taskOf } from './task-key.ts';
import type { CardTask } from './task.ts';

/** The cards of a story. */
export interface PlannedCards {
  readonly opening: readonly CardPlan[];
  readonly closing: readonly CardPlan[];
  /** Those before a shot, by its id. */
  readonly before: ReadonlyMap<string, CardPlan>;
}

/** Plans the cards of a story: each is drawn in parts, as shots are encoded. */
export function planCards(
  script: Pick<StoryScript, 'opening' | 'closing' | 'shots' | 'output' | 'language'>,
): PlannedCards {
  const { opening, closing, shots } = script;
  return {
    opening: opening === undefined ? [] : [planCard('opening', opening, script)],
    closing: closing === undefined ? [] : [planCard('closing', closing, script)],
    before: new Map(
      shots.flatMap(({ id, card }) => (card === undefined ? [] : [[id, planCard(`before-${id}`, card, script)]])),
    ),
  };
}

function planCard(id: string, card: Card, { output, language }: Pick<StoryScript, 'output' | 'language'>): CardPlan {
  const { width, height, fps } = output;
  const frames = framesIn(card.seconds, fps);
  const { text, subtitle, background } = card;
  const segments = cutIntoSegments({ from: 0, count: frames }).map(({ from, count }) =>
    taskOf<CardTask>({
      stage: 'card',
      params: {
        text,
        ...(subtitle === undefined ? {} : { subtitle }),
        background,
        ...(language === undefined ? {} : { language }),
        width,
        height,
        fps,
        frames,
        // Coming and going meet in the middle at most.
        fade: Math.min(Math.round(card.fade * fps), Math.floor(frames / 2)),
        from,
        count,
      },
      inputs: [],
      packages: {},
    }),
  );
  return { kind: 'card', id, segments };
}
