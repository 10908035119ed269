import type { StorySnapshot } from '../../client/story-snapshot.ts';

/** Who looks on. */
export interface StoryObserver {
  snapshot(snapshot: StorySnapshot): void;
  /** Temporal or the edit pool does not answer, or nobody serves a pool; `null` when all is well again. Following goes on. */
  trouble(message: string | null): void;
}
