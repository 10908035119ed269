import type { JSX } from 'preact';
import type { ItemAnswer, StoryAnswer } from '../serve/answers.ts';
import { clock } from './format.ts';

/** The whole film to scale: each item as long as it plays, filled as far as it is made. For the eye and the mouse; keys have the strip. */
export function Timeline({
  story,
  items,
  chosen,
  onChoose,
}: {
  readonly story: StoryAnswer;
  readonly items: readonly ItemAnswer[];
  readonly chosen: string | null;
  readonly onChoose: (item: ItemAnswer) => void;
}): JSX.Element {
  return (
    <div class="timeline" aria-hidden="true">
      <div class="track">
        {items.map((item) => (
          <button
            key={item.name}
            type="button"
            tabIndex={-1}
            class={`${item.kind} ${item.state}${item.name === chosen ? ' chosen' : ''}`}
            style={{ flexGrow: item.frames ?? 1 }}
            title={`${item.id} · ${clock((item.first_frame ?? 0) / story.output.fps)}`}
            onClick={() => {
              onChoose(item);
            }}
          >
            <b style={{ width: `${String(100 * item.fraction)}%` }} />
          </button>
        ))}
      </div>
      <div class="scale">
        <span>0:00</span>
        <span>{clock(story.seconds / 2)}</span>
        <span>{clock(story.seconds)}</span>
      </div>
    </div>
  );
}
