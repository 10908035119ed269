import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ListedStoryAnswer, StoryListAnswer } from '../serve/answers.ts';
import { api, apiErrorOf } from './api.ts';
import type { ApiError } from './api.ts';
import { ago, clock } from './format.ts';
import { counted } from '../errors/counted.ts';
import { StateMark } from './marks.tsx';
import { Trouble } from './trouble.tsx';

const lookMs = 3000;
const isLive = ({ state }: ListedStoryAnswer): boolean => ['running', 'paused', 'stitching'].includes(state);

/** All stories, the latest first. */
export function StoryList(): JSX.Element {
  const [list, setList] = useState<StoryListAnswer | null>(null);
  const [more, setMore] = useState<readonly ListedStoryAnswer[]>([]);
  const [hasMore, setHasMore] = useState<boolean | null>(null);
  const [trouble, setTrouble] = useState<ApiError | null>(null);
  useEffect(() => {
    document.title = 'Stories · Shotline';
    let gone = false;
    let timer = 0;
    const look = (): void => {
      api.stories().then(
        (answer) => {
          if (gone) return;
          setList(answer);
          setTrouble(null);
          timer = window.setTimeout(look, document.hidden ? 5 * lookMs : lookMs);
        },
        (error: unknown) => {
          if (gone) return;
          setTrouble(apiErrorOf(error));
          timer = window.setTimeout(look, 2 * lookMs);
        },
      );
    };
    look();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, []);

  if (list === null) return trouble === null ? <ListShape /> : <Trouble error={trouble} />;
  const known = new Set(list.data.map(({ id }) => id));
  const stories = [...list.data, ...more.filter(({ id }) => !known.has(id))];
  if (stories.length === 0) return <NoStories />;
  const showMore = async (): Promise<void> => {
    const answer = await api.stories(stories.at(-1)?.id);
    setMore([...more, ...answer.data]);
    setHasMore(answer.has_more);
  };
  const live = stories.filter(isLive);
  return (
    <div class="page">
      <div class="page-head">
        <h1>Stories</h1>
        <p class="soft">
          {live.length === 0
            ? 'Nothing is being made at the moment.'
            : `${counted(live.length, 'film')} in the making.`}
        </p>
      </div>
      {trouble !== null && <Trouble error={trouble} />}
      <ul class="stories">
        {stories.map((story) => (
          <StoryCard key={story.id} story={story} />
        ))}
      </ul>
      {(hasMore ?? list.has_more) && (
        <button type="button" class="button" onClick={() => void showMore()}>
          Older stories
        </button>
      )}
    </div>
  );
}

function StoryCard({ story }: { readonly story: ListedStoryAnswer }): JSX.Element {
  const { id, title, state, shots, shots_done: done, created_at: created, elapsed_seconds: elapsed } = story;
  const share = shots === null || shots === 0 ? 0 : (done ?? 0) / shots;
  return (
    <li>
      <a class="story-card" href={`/stories/${encodeURIComponent(id)}`}>
        <Poster src={story.poster} isLive={isLive(story)} step={done ?? 0} />
        <div class="story-card-text">
          <h2>{title === '' ? id : title}</h2>
          <p>
            <StateMark state={state} />
            {shots !== null && (
              <span>
                {isLive(story) ? `${String(done ?? 0)} of ${counted(shots, 'shot')}` : counted(shots, 'shot')}
              </span>
            )}
            <span class="soft">{isLive(story) ? clock(elapsed) : ago(created, Date.now())}</span>
          </p>
        </div>
        {isLive(story) && (
          <div class="thread" aria-hidden="true">
            <b style={{ width: `${String(100 * share)}%` }} />
          </div>
        )}
      </a>
    </li>
  );
}

/** A poster that may not be there yet. */
function Poster({
  src,
  isLive,
  step,
}: {
  readonly src: string;
  readonly isLive: boolean;
  readonly step: number;
}): JSX.Element {
  const [seen, setSeen] = useState(false);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (seen || !isLive) return;
    const timer = setTimeout(() => {
      setTries(tries + 1);
    }, 2000);
    return () => {
      clearTimeout(timer);
    };
  }, [seen, isLive, tries]);
  const address = tries === 0 && step === 0 ? src : `${src}?t=${String(tries)}.${String(step)}`;
  return (
    <div class={`poster${seen ? '' : ' empty'}${isLive && !seen ? ' busy' : ''}`}>
      <img
        src={address}
        alt=""
        loading="lazy"
        decoding="async"
        onLoad={() => {
          setSeen(true);
        }}
        onError={(event) => {
          event.currentTarget.removeAttribute('src');
        }}
      />
    </div>
  );
}

function ListShape(): JSX.Element {
  return (
    <div class="page" aria-busy="true">
      <div class="page-head">
        <h1>Stories</h1>
      </div>
      <ul class="stories">
        {[1, 2, 3].map((each) => (
          <li key={each}>
            <div class="story-card">
              <div class="poster empty" />
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

function NoStories(): JSX.Element {
  return (
    <div class="page nothing">
      <svg class="nothing-strip" viewBox="0 0 360 90" aria-hidden="true">
        <rect x="1" y="1" width="104" height="88" rx="6" />
        <path d="M113 45h14" />
        <rect x="135" y="1" width="104" height="88" rx="6" />
        <path d="M247 45h14" />
        <rect x="269" y="1" width="90" height="88" rx="6" />
      </svg>
      <h1>Write a sentence, get a shot</h1>
      <p>
        A story is a few sentences, one for each shot. Shotline makes the shots, joins them, and gives you one film.
      </p>
      <p>
        <a class="button primary" href="/new">
          Write the first story
        </a>
      </p>
    </div>
  );
}
