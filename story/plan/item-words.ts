import { isMade } from './plan.ts';
import type { CardPlan, JoinPlan, ShotPlan } from './plan.ts';

/** The name of a shot or join in status, logs and manifest. */
export function itemName(item: ShotPlan | JoinPlan | CardPlan): string {
  return `${item.kind} ${item.id}`;
}

/** What a shot is made from, in words: `continues dawn, hero.png at frame 0`; `null` when from its prompt alone. */
export function givenWords(shot: ShotPlan): string | null {
  if (!isMade(shot)) return shot.footage.words;
  const { continues, pictures = [], subject } = shot;
  const words = [
    ...(subject === undefined ? [] : [`shows ${subject}`]),
    ...(continues === undefined ? [] : [`continues ${continues}`]),
    ...pictures.map(({ frame, source }) => `${source} at frame ${frame}`),
  ];
  return words.length === 0 ? null : words.join(', ');
}

/** What a join shows, for people: its prompt, or what a join of frames is called: `dissolve`, `fade`, `wipe left`. */
export function joinWords({ work }: JoinPlan): string {
  if (work.kind === 'seine') return work.transition.params.prompt;
  const look = work.kind === 'mix' ? work.look : work.dissolve.params.look;
  if (look === undefined) return 'dissolve';
  return look.kind === 'fade' ? 'fade' : `wipe ${look.direction}`;
}
