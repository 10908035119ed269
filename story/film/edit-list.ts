import { isMade } from '../plan/plan.ts';
import { givenWords, itemName } from '../plan/item-words.ts';
import type { StoryPlan } from '../plan/plan.ts';
import { rateOf } from '../script/frame-rate.ts';

/** A story as editors read it: its shots, joins and cards one after the other, each with a file of its own. */

/** Where the media of a story lie: paths from the edit list, by item (`shot dawn`). What is missing has no file. */
export interface EditMedia {
  readonly files: ReadonlyMap<string, string>;
  /** The sound of the film; absent when it has none. */
  readonly sound?: string;
}

/** Samples per second of the sound of films. */
const soundRate = 48_000;

/**
 * A story as a timeline of OpenTimelineIO (https://opentimelineio.readthedocs.io, file format of 0.15 and later): a track of pictures, and one
 * of sound when there is any.
 *
 * @returns JSON.
 */
export function otioTimeline(plan: StoryPlan, { files, sound }: EditMedia): string {
  const { num, den } = rateOf(plan.output.fps);
  const rate = num / den;
  const range = (count: number, at = rate): unknown => ({
    OTIO_SCHEMA: 'TimeRange.1',
    start_time: { OTIO_SCHEMA: 'RationalTime.1', rate: at, value: 0 },
    duration: { OTIO_SCHEMA: 'RationalTime.1', rate: at, value: count },
  });
  const clip = (name: string, file: string | undefined, span: unknown, metadata: object = {}): unknown => ({
    OTIO_SCHEMA: 'Clip.2',
    name,
    metadata: { shotline: metadata },
    source_range: span,
    active_media_reference_key: 'DEFAULT_MEDIA',
    media_references: {
      DEFAULT_MEDIA:
        file === undefined
          ? { OTIO_SCHEMA: 'MissingReference.1', name, available_range: span, metadata: {} }
          : { OTIO_SCHEMA: 'ExternalReference.1', target_url: urlOf(file), available_range: span, metadata: {} },
    },
    effects: [],
    markers: [],
    enabled: true,
  });
  const track = (name: string, kind: string, children: readonly unknown[]): unknown => ({
    OTIO_SCHEMA: 'Track.1',
    name,
    kind,
    metadata: {},
    source_range: null,
    effects: [],
    markers: [],
    enabled: true,
    children,
  });
  const about = aboutItems(plan);
  const pictures = plan.timeline.map(({ item, numFrames }) =>
    clip(item, files.get(item), range(numFrames), about.get(item)),
  );
  const samples = Math.round((plan.numFrames * soundRate) / plan.output.fps);
  const heard = sound === undefined ? [] : [track('Sound', 'Audio', [clip('sound', sound, range(samples, soundRate))])];
  return `${JSON.stringify(
    {
      OTIO_SCHEMA: 'Timeline.1',
      name: plan.title,
      metadata: { shotline: { script: plan.scriptHash, film: plan.film.key } },
      global_start_time: null,
      tracks: {
        OTIO_SCHEMA: 'Stack.1',
        name: 'tracks',
        metadata: {},
        source_range: null,
        effects: [],
        markers: [],
        enabled: true,
        children: [track('Pictures', 'Video', pictures), ...heard],
      },
    },
    null,
    2,
  )}\n`;
}

/** What an editor may want to know of an item. */
function aboutItems({ shots }: StoryPlan): ReadonlyMap<string, object> {
  return new Map(
    shots.map((shot) => {
      const given = givenWords(shot);
      const { prompt } = shot;
      const seed = isMade(shot) ? { seed: shot.base.params.seed } : {};
      return [itemName(shot), { prompt, ...seed, ...(given === null ? {} : { from: given }) }];
    }),
  );
}

/** A path as an address: each part as one. */
function urlOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The film begins at this hour of its tape, as is usual. */
const firstHour = 1;
/** Events of an EDL have three digits. */
const maxEvents = 999;

/**
 * A story as an edit list in the manner of CMX 3600: the pictures as cuts, and the sound as one event. Time codes count whole frames (no drop
 * frames): of 23.976 frames a second those of 24.
 */
export function cmxEditList(plan: StoryPlan, { files, sound }: EditMedia): string {
  const rate = Math.round(plan.output.fps);
  const code = (frame: number, hour = 0): string => {
    const seconds = Math.floor(frame / rate);
    const parts = [hour + Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, frame % rate];
    return parts.map((part) => String(part).padStart(2, '0')).join(':');
  };
  const event = (number: number, channel: string, name: string, at: { first: number; count: number }): string =>
    [
      String(number).padStart(3, '0'),
      // A reel has eight signs.
      `R${String(number).padStart(3, '0')}`.padEnd(8),
      channel.padEnd(5),
      'C       ',
      code(0),
      code(at.count),
      code(at.first, firstHour),
      code(at.first + at.count, firstHour),
    ].join(' ') + `\n* FROM CLIP NAME: ${name}\n`;
  const pictures = plan.timeline
    .slice(0, maxEvents - 1)
    .map(({ item, firstFrame, numFrames }, index) =>
      event(index + 1, 'V', files.get(item) ?? item, { first: firstFrame, count: numFrames }),
    );
  const heard =
    sound === undefined ? [] : [event(pictures.length + 1, 'A', sound, { first: 0, count: plan.numFrames })];
  const title = plan.title.replace(/\s+/gu, ' ').slice(0, 70);
  return [`TITLE: ${title}\nFCM: NON-DROP FRAME\n`, ...pictures, ...heard].join('\n');
}
