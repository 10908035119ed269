import type { StoryResult, SubmitReceipt } from '../../workflows/contracts.ts';
import type { PublishedOutput } from '../../story/film/published-film.ts';
import { counted } from '../../errors/counted.ts';
import { byteSize, clock } from '../shell/time-format.ts';
import { rateText } from '../../story/script/frame-rate.ts';

/** What `--json` prints when there is a film. Field names are a promise to scripts. */
export interface FilmJson {
  readonly workflowId: string;
  readonly filmUrl: string;
  readonly manifestUrl: string;
  readonly posterUrl: string;
  /** URLs of further files, by name; absent when the script has none. */
  readonly outputs?: Readonly<Record<string, string>>;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  readonly cacheHits: number;
  readonly computed: number;
  readonly elapsedSeconds: number;
}

/** The film for machines. `elapsedMs` is the time that the command waited. */
export function filmJson(film: StoryResult, elapsedMs: number): FilmJson {
  const { storyId, outputs, filmUrl, manifestUrl, posterUrl, frames, width, height, seconds, cacheHits, computed } =
    film;
  return {
    workflowId: storyId,
    filmUrl,
    manifestUrl,
    posterUrl,
    ...(outputs === undefined ? {} : { outputs: Object.fromEntries(outputs.map(({ name, url }) => [name, url])) }),
    frames,
    width,
    height,
    seconds,
    cacheHits,
    computed,
    elapsedSeconds: Math.round(elapsedMs / 100) / 10,
  };
}

/** The film for people: its file when it was saved, else where it can be fetched. */
export function filmLines(film: StoryResult, elapsedMs: number, saved: string | null = null): string[] {
  const size = `${String(film.width)}x${String(film.height)}`;
  const length = `${String(film.frames)} frames, ${film.seconds.toFixed(1)} s at ${rateText(film.fps)} fps`;
  const tasks = `${String(film.computed)} computed, ${String(film.cacheHits)} taken from the cache`;
  const places =
    saved === null
      ? [`film      ${film.filmUrl}`, `poster    ${film.posterUrl}`, `manifest  ${film.manifestUrl}`]
      : [`film      ${saved}`];
  return [
    ...places,
    ...(film.outputs ?? []).map((output) => outputLine(output, saved !== null)),
    `          ${size}, ${length}, ${byteSize(film.bytes)}`,
    `          ${tasks}, in ${clock(elapsedMs)}`,
  ];
}

/** A further file, for people. Who saved the film has a file, and fetches others by name. */
function outputLine({ name, url, codec, width, height, bytes }: PublishedOutput, isSaved: boolean): string {
  const what = `${codec} ${String(width)}x${String(height)}, ${byteSize(bytes)}`;
  return isSaved ? `          ${name}: ${what} (shotline get --output ${name})` : `${name.padEnd(9)} ${url}`;
}

/** What a submitted story will be, in one line. */
export function receiptLine(receipt: SubmitReceipt): string {
  return [
    counted(receipt.shots, 'shot'),
    counted(receipt.joins, 'join'),
    `${String(receipt.frames)} frames (${receipt.seconds.toFixed(1)} s)`,
    counted(receipt.tasks, 'task'),
  ].join(', ');
}
