import type { JSX } from 'preact';
import { memo } from 'preact/compat';
import { useRef, useState } from 'preact/hooks';
import type { ItemAnswer } from '../serve/answers.ts';
import { clock, stageWords, stateWords } from './format.ts';
import { joinMark, Mark } from './marks.tsx';

/** Shots, joins and cards in the order of the film. Arrow keys go from one to the next. */
export function Strip({
  items,
  fps,
  chosen,
  playing,
  onChoose,
}: {
  readonly items: readonly ItemAnswer[];
  readonly fps: number;
  readonly chosen: string | null;
  readonly playing: string | null;
  readonly onChoose: (item: ItemAnswer) => void;
}): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  const latest = useRef(onChoose);
  latest.current = onChoose;
  const [choose] = useState(() => (item: ItemAnswer): void => {
    latest.current(item);
  });
  const step = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -items.length, End: items.length }[
      event.key
    ];
    if (by === undefined) return;
    event.preventDefault();
    const at = items.findIndex(({ name }) => name === chosen);
    const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
    if (next === undefined) return;
    onChoose(next);
    list.current?.querySelector<HTMLElement>(`[data-item="${CSS.escape(next.name)}"]`)?.focus();
  };
  return (
    <ol class="strip" ref={list} aria-label="Shots and joins, in the order of the film" onKeyDown={step}>
      {items.map((item) => (
        <Card
          key={item.name}
          item={item}
          fps={fps}
          isChosen={item.name === chosen}
          isPlaying={item.name === playing}
          onChoose={choose}
        />
      ))}
    </ol>
  );
}

interface CardProps {
  readonly item: ItemAnswer;
  readonly fps: number;
  readonly isChosen: boolean;
  readonly isPlaying: boolean;
  readonly onChoose: (item: ItemAnswer) => void;
}

const Card = memo(function Card({ item, fps, isChosen, isPlaying, onChoose }: CardProps): JSX.Element {
  const [looked, setLooked] = useState(false);
  const active = item.stages.find(({ state }) => state === 'running');
  const said =
    active === undefined ? (stateWords[item.state] ?? item.state) : (stageWords[active.stage] ?? active.stage);
  const classes = ['card', item.kind, item.state, isChosen ? 'chosen' : '', isPlaying ? 'playing' : ''];
  return (
    <li class={classes.filter((name) => name !== '').join(' ')}>
      <button
        type="button"
        data-item={item.name}
        tabIndex={isChosen ? 0 : -1}
        aria-current={isChosen ? 'true' : undefined}
        aria-label={`${item.name}, ${said}${item.prompt === null ? '' : `: ${item.prompt}`}`}
        onClick={() => {
          onChoose(item);
        }}
        onPointerEnter={(event) => {
          setLooked(event.pointerType === 'mouse');
        }}
        onPointerLeave={() => {
          setLooked(false);
        }}
      >
        <span class="frame">
          {item.poster !== null && <img src={item.poster} alt="" loading="lazy" decoding="async" />}
          {looked && item.preview !== null && <video src={item.preview} autoPlay loop muted playsInline />}
          {item.poster === null && item.kind === 'join' && <Mark name={joinMark(item.join)} />}
          {item.poster === null && item.kind !== 'join' && <span class="frame-word">{said}</span>}
          {item.poster !== null && item.kind === 'join' && (
            <span class="badge">
              <Mark name={joinMark(item.join)} />
            </span>
          )}
          {item.state !== 'done' && item.state !== 'cached' && (
            <span class="thread">
              <b style={{ width: `${String(100 * item.fraction)}%` }} />
            </span>
          )}
        </span>
        <span class="card-head">
          <b>{item.kind === 'join' ? (item.join ?? '') : item.id}</b>
          <span class="soft">{item.kind === 'join' ? '' : clock((item.frames ?? 0) / fps)}</span>
        </span>
        {item.kind !== 'join' && <span class="card-words">{item.prompt}</span>}
      </button>
    </li>
  );
});
