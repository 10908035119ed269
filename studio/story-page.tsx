import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ItemAnswer, StoryAnswer } from '../serve/answers.ts';
import { api, apiErrorOf } from './api.ts';
import type { ApiError } from './api.ts';
import { byteSize, clock, inFilm, isLive } from './format.ts';
import { counted } from '../errors/counted.ts';
import { Inspector } from './inspector.tsx';
import { useStory } from './live-story.ts';
import { goTo, setQuery } from './location.ts';
import { Mark, StateMark } from './marks.tsx';
import { Player } from './player.tsx';
import { Strip } from './strip.tsx';
import { Timeline } from './timeline.tsx';
import { Trouble, Words } from './trouble.tsx';

/** One story: its film or what there is of it, the item that was chosen, and the strip of all. */
export function StoryPage({ id, item: chosen }: { readonly id: string; readonly item: string | null }): JSX.Element {
  const { story, trouble } = useStory(id);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const [playing, setPlaying] = useState<string | null>(null);
  const [seek, setSeek] = useState<{ readonly seconds: number } | null>(null);
  useEffect(() => {
    document.title = `${story?.title ?? 'Story'} · Shotline`;
  }, [story?.title]);
  const choose = useCallback((item: ItemAnswer, fps: number): void => {
    setQuery('item', item.name);
    if (item.first_frame !== null) setSeek({ seconds: item.first_frame / fps });
  }, []);

  if (story === null) {
    return trouble === null ? (
      <StoryShape />
    ) : (
      <div class="page">
        <Trouble error={trouble} />
        <p>
          <a class="button" href="/">
            All stories
          </a>
        </p>
      </div>
    );
  }
  const items = inFilm(story.items);
  const selected = items.find(({ name }) => name === (chosen ?? playing)) ?? items[0] ?? null;
  const { fps } = story.output;
  return (
    <div class="page story">
      <StoryHead story={story} onFail={setFailed} />
      <Announcer story={story} />
      {trouble !== null && <Trouble error={trouble} />}
      {failed !== null && <Trouble error={failed} />}
      {story.failure !== null && <Failure story={story} />}
      <div class="desk">
        <Player story={story} item={selected} seek={seek} onPlaying={setPlaying} />
        {selected !== null && (
          <Inspector
            key={selected.name}
            story={story}
            item={selected}
            onFail={setFailed}
            onChanged={(storyId) => {
              setFailed(null);
              if (storyId !== story.id)
                goTo(`/stories/${encodeURIComponent(storyId)}?item=${encodeURIComponent(selected.name)}`);
            }}
          />
        )}
      </div>
      <Timeline
        story={story}
        items={items}
        chosen={selected?.name ?? null}
        onChoose={(item) => {
          choose(item, fps);
        }}
      />
      <Strip
        items={items}
        fps={fps}
        chosen={selected?.name ?? null}
        playing={playing}
        onChoose={(item) => {
          choose(item, fps);
        }}
      />
    </div>
  );
}

function StoryHead({
  story,
  onFail,
}: {
  readonly story: StoryAnswer;
  readonly onFail: (error: ApiError | null) => void;
}): JSX.Element {
  const [busy, setBusy] = useState<string | null>(null);
  const sure = useRef<HTMLDialogElement>(null);
  const { progress, eta_seconds: eta, film } = story;
  const steer = async (verb: 'pause' | 'resume' | 'cancel'): Promise<void> => {
    setBusy(verb);
    onFail(null);
    try {
      await api.steer(story.id, verb);
    } catch (error) {
      onFail(apiErrorOf(error));
    } finally {
      setBusy(null);
    }
  };
  const share = progress.of === 0 ? 0 : progress.done / progress.of;
  const shots = story.items.filter(({ kind }) => kind === 'shot').length;
  return (
    <div class="story-head">
      <div class="story-title">
        <h1>{story.title}</h1>
        <p class="facts">
          <StateMark state={story.state} />
          <span>{counted(shots, 'shot')}</span>
          <span>{clock(story.seconds)}</span>
          <span>
            {story.output.width} × {story.output.height}
          </span>
          {film !== null && <span>{byteSize(film.bytes)}</span>}
          {story.temporal !== null && (
            <a href={story.temporal} target="_blank" rel="noreferrer" title="The workflow in the Temporal UI">
              Temporal
            </a>
          )}
          {isLive(story) && (
            <span class="soft">
              {progress.done} of {progress.of} tasks
              {eta !== null && story.state !== 'paused' && eta > 0
                ? ` · about ${eta < 90 ? `${String(Math.max(1, eta))} s` : `${String(Math.round(eta / 60))} min`} left`
                : ''}
            </span>
          )}
        </p>
      </div>
      <div class="buttons">
        {story.state === 'paused' ? (
          <button type="button" class="button" disabled={busy !== null} onClick={() => void steer('resume')}>
            <Mark name="play" /> Go on
          </button>
        ) : (
          isLive(story) && (
            <button type="button" class="button" disabled={busy !== null} onClick={() => void steer('pause')}>
              <Mark name="pause" /> {busy === 'pause' ? 'Pausing…' : 'Pause'}
            </button>
          )
        )}
        {isLive(story) && (
          <button type="button" class="button" disabled={busy !== null} onClick={() => sure.current?.showModal()}>
            <Mark name="stop" /> Cancel
          </button>
        )}
        <a class="button" href={`/new?from=${encodeURIComponent(story.id)}`}>
          <Mark name="pen" /> Script
        </a>
        {film !== null && (
          <a class="button primary" href={film.url} data-load download>
            Save the film
          </a>
        )}
      </div>
      {isLive(story) && (
        <div
          class="thread"
          role="progressbar"
          aria-label="Progress"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(100 * share)}
        >
          <b style={{ width: `${String(100 * share)}%` }} />
        </div>
      )}
      <dialog ref={sure} class="sure" aria-labelledby="sure-title">
        <h2 id="sure-title">Cancel this film?</h2>
        <p>
          Its work stops within a step. What is made stays, and its script goes on from there when you submit it again.
        </p>
        <form method="dialog" class="buttons">
          <button class="button" value="no">
            Let it run
          </button>
          <button
            class="button danger"
            value="yes"
            onClick={(event) => {
              event.preventDefault();
              sure.current?.close();
              void steer('cancel');
            }}
          >
            Cancel the film
          </button>
        </form>
      </dialog>
    </div>
  );
}

function Failure({ story }: { readonly story: StoryAnswer }): JSX.Element | null {
  const { failure } = story;
  if (failure === null) return null;
  const where = [failure.item, failure.stage].filter((part) => part !== null).join(', ');
  return (
    <div class="trouble grave" role="alert">
      <Mark name="warn" />
      <div>
        <p>
          <strong>{where === '' ? 'The story failed' : `${where} failed`}</strong> <code>{failure.code}</code>
        </p>
        <p>
          <Words text={failure.message} />
        </p>
        <p class="soft">
          <Words text={failure.next} />
        </p>
      </div>
    </div>
  );
}

/** Says what happened to people who do not see the page. */
function Announcer({ story }: { readonly story: StoryAnswer }): JSX.Element {
  const shots = story.items.filter(({ kind }) => kind === 'shot');
  const done = shots.filter(({ state }) => state === 'done' || state === 'cached').length;
  return (
    <p class="unseen" role="status">
      {story.title}: {story.state}, {done} of {counted(shots.length, 'shot')} done
    </p>
  );
}

function StoryShape(): JSX.Element {
  return (
    <div class="page story" aria-busy="true">
      <div class="story-head">
        <div class="story-title">
          <h1>&nbsp;</h1>
          <p class="facts">&nbsp;</p>
        </div>
      </div>
      <div class="desk">
        <div class="screen" />
      </div>
    </div>
  );
}
