import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ItemAnswer, StoryAnswer } from '../serve/answers.ts';
import { inFilm, stateWords } from './format.ts';

/** The film, or before it is there, what there is of the chosen item. */
export function Player({
  story,
  item,
  seek,
  onPlaying,
}: {
  readonly story: StoryAnswer;
  readonly item: ItemAnswer | null;
  readonly seek: { readonly seconds: number } | null;
  readonly onPlaying: (name: string | null) => void;
}): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const { film, output } = story;
  useEffect(() => {
    if (seek !== null && video.current !== null && film !== null) video.current.currentTime = seek.seconds + 0.001;
  }, [seek, film]);
  const shape = { aspectRatio: `${String(output.width)} / ${String(output.height)}` };
  const follow = (): void => {
    const frame = (video.current?.currentTime ?? 0) * output.fps;
    const at = inFilm(story.items).findLast(({ first_frame: first }) => first !== null && first <= frame + 0.5);
    if (video.current?.paused === false) onPlaying(at?.name ?? null);
  };
  if (film !== null) {
    return (
      <div class="screen">
        <video
          ref={video}
          class="film"
          style={shape}
          src={film.url}
          poster={film.poster}
          controls
          playsInline
          preload="metadata"
          aria-label={`The film ${story.title}`}
          onTimeUpdate={follow}
          onPause={() => {
            onPlaying(null);
          }}
        >
          {film.captions !== null && <track kind="captions" src={film.captions} srcLang="en" label="Captions" />}
        </video>
      </div>
    );
  }
  return (
    <div class="screen">
      {item?.preview != null ? (
        <video
          key={item.preview}
          class="film"
          style={shape}
          src={item.preview}
          poster={item.poster ?? undefined}
          autoPlay
          loop
          muted
          playsInline
          aria-label={`Preview of ${item.name}`}
        />
      ) : item?.poster != null ? (
        <img class="film" style={shape} src={item.poster} alt={item.prompt ?? item.name} />
      ) : (
        <div class="film blank" style={shape}>
          <p>{blankWords(item)}</p>
        </div>
      )}
      {item?.preview != null && <p class="screen-note">Preview of {item.id}</p>}
    </div>
  );
}

function blankWords(item: ItemAnswer | null): string {
  if (item === null) return 'Nothing to see yet';
  const active = item.stages.find(({ state }) => state === 'running' || state === 'queued');
  if (active?.state === 'running' && active.note !== null) return `${item.id}: ${active.note}`;
  return `${item.id}: ${stateWords[item.state] ?? item.state}`;
}
