import { useEffect, useState } from 'preact/hooks';
import type { ItemAnswer, StoryAnswer } from '../serve/answers.ts';
import { api, ApiError } from './api.ts';

/** A story as it is told, and what is wrong with the telling. */
export interface LiveStory {
  readonly story: StoryAnswer | null;
  readonly trouble: ApiError | null;
}

type Change = (story: StoryAnswer | null) => StoryAnswer | null;

/** Follows a story for as long as it is shown. */
export function useStory(id: string): LiveStory {
  const [live, setLive] = useState<LiveStory>({ story: null, trouble: null });
  useEffect(() => {
    setLive({ story: null, trouble: null });
    const source = api.events(id);
    const on = (name: string, change: (data: unknown) => Change): void => {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        const apply = change(JSON.parse(event.data));
        setLive(({ story }) => ({ story: apply(story), trouble: null }));
      });
    };
    on('snapshot', (data) => () => data as StoryAnswer);
    on('item', (data) => (story) => withItem(story, data as ItemAnswer));
    on('story', (data) => (story) => (story === null ? null : { ...story, ...(data as Omit<StoryAnswer, 'items'>) }));
    on('end', () => (story) => {
      source.close();
      return story;
    });
    source.addEventListener('error', () => {
      // The browser comes back by itself, unless the answer was no stream: then the plain question says why.
      if (source.readyState !== EventSource.CLOSED) return;
      fetch(`/v1/stories/${encodeURIComponent(id)}`).then(
        async (answer) => {
          if (answer.status === 401) location.assign('/open');
          const json: unknown = await answer.json();
          if (!answer.ok)
            setLive({ story: null, trouble: new ApiError(json as ConstructorParameters<typeof ApiError>[0]) });
        },
        () => {
          setLive(({ story }) => ({
            story,
            trouble: new ApiError({
              detail: 'the server does not answer',
              code: 'SERVER_SILENT',
              next: 'look whether `shotline serve` still runs',
              problems: [],
            }),
          }));
        },
      );
    });
    return () => {
      source.close();
    };
  }, [id]);
  return live;
}

function withItem(story: StoryAnswer | null, item: ItemAnswer): StoryAnswer | null {
  if (story === null) return null;
  return { ...story, items: story.items.map((each) => (each.name === item.name ? item : each)) };
}
