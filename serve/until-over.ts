import type { StoryAnswer } from './answers.ts';
import type { StoryWatch } from './story-watch.ts';

/** Longest wait; proxies close silent connections after a minute. */
const maxWaitSeconds = 60;

/** Seconds of `Prefer: wait=30` (RFC 7240), 0 … 60; `null` without. */
export function waitOf(prefer: string | undefined): number | null {
  const [, seconds] = /(?:^|[,;\s])wait=(\d{1,4})\b/i.exec(prefer ?? '') ?? [];
  return seconds === undefined ? null : Math.min(maxWaitSeconds, Number(seconds));
}

/** The story as it is, or, when the client prefers to wait, as it is when it is over or the time is up. */
export async function untilOver(
  watch: StoryWatch,
  prefer: string | undefined,
  first: Promise<StoryAnswer>,
): Promise<StoryAnswer> {
  const answer = await first;
  const seconds = waitOf(prefer);
  if (seconds === null || answer.ended_at !== null) return answer;
  let stop = (): void => undefined;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    const unwatch = watch.watch((events) => {
      if (events.some(({ event }) => event === 'end')) resolve();
    }, null);
    stop = () => {
      clearTimeout(timer);
      unwatch();
    };
  });
  stop();
  return watch.latest(1000);
}
