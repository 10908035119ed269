import { scriptDefaults } from './script-limits.ts';

/** What a story sounds like, in its normal form. What a script does not say is absent. */

/** A sound that a script refers to. */
export interface SoundRef {
  /** How the script names it: a path or `s3://…`. */
  readonly source: string;
  /** Key of its upload in the artifact store; `null` until the sound was read. */
  readonly key: string | null;
  /** How long it is, at 48 kHz; absent until it was read. */
  readonly samples?: number;
}

/** A sound from a place in its file on. */
export interface PlacedSound {
  readonly file: SoundRef;
  /** Seconds of the file that are left out; absent: none. */
  readonly from?: number;
  /** Factor; absent: 1. */
  readonly volume?: number;
}

/** A sound under the whole film. */
export interface Soundtrack extends PlacedSound {
  /** Seconds. */
  readonly fade: { readonly in: number; readonly out: number };
  readonly loop?: true;
}

/** A recorded voice. */
export interface RecordedNarration extends PlacedSound {
  /** Seconds from the beginning of the shot; absent: 0. */
  readonly delay?: number;
}

/** A voice that is made from words. */
export interface SpokenNarration {
  readonly text: string;
  /** Name of the voice; absent: that of the voice package. */
  readonly voice?: string;
  /** How fast it speaks; absent: 1. */
  readonly speed?: number;
  readonly volume?: number;
  readonly delay?: number;
}

/** What somebody says in a shot. */
export type Narration = RecordedNarration | SpokenNarration;

/** How the sound of a film is made. */
export interface AudioSettings {
  readonly codec: 'aac' | 'opus';
  /** LUFS; `null` leaves it as it is. */
  readonly loudness: number | null;
  /** Decibels that other sounds go down by while somebody speaks. */
  readonly duck: number;
  /** A film without sound has a silent track. */
  readonly silent?: true;
}

/** What the story says of sound. */
export interface StorySound {
  readonly soundtrack?: Soundtrack;
  /** Absent: as a script that says nothing of it. */
  readonly audio?: AudioSettings;
}

/** What a shot says of sound. */
export interface ShotSounds {
  readonly sound?: PlacedSound;
  readonly narration?: Narration;
}

/** A shot whose clip may have a sound of its own. */
interface SoundingShot extends ShotSounds {
  readonly clip?: { readonly found: { readonly sound?: object } | null };
}

/** How the sound of a film is made when the script says nothing. */
export const usualAudio: AudioSettings = {
  codec: 'aac',
  loudness: scriptDefaults.loudness,
  duck: scriptDefaults.duck,
};

/** Whether a script has a sound anywhere, or asks for a silent track. A clip of one's own counts once it was read. */
export function hasSound({
  soundtrack,
  audio,
  shots,
}: StorySound & { readonly shots: readonly SoundingShot[] }): boolean {
  const ofShots = shots.some(
    ({ sound, narration, clip }) => sound !== undefined || narration !== undefined || clip?.found?.sound !== undefined,
  );
  return soundtrack !== undefined || ofShots || audio?.silent === true;
}
