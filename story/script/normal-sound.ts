import { scriptDefaults } from './script-limits.ts';
import { broken } from './script-problems.ts';
import type { Finding } from './script-problems.ts';
import type { ScriptPath } from './read-script.ts';
import { usualAudio } from './sound.ts';
import type { AudioSettings, Narration, PlacedSound, ShotSounds, Soundtrack, StorySound } from './sound.ts';
import type { WrittenAudio, WrittenShotSound, WrittenStorySound } from './sound-fields.ts';

/** The normal form of what a story says. */
export function normalStorySound({ soundtrack }: WrittenStorySound, audio: WrittenAudio | undefined): StorySound {
  const music = normalSoundtrack(soundtrack);
  const settings = audio === undefined ? undefined : normalAudio(audio);
  return {
    ...(music === undefined ? {} : { soundtrack: music }),
    ...(settings === undefined ? {} : { audio: settings }),
  };
}

/** The normal form of what a shot says. */
export function normalShotSound(
  shot: WrittenShotSound,
  defaults: Pick<WrittenShotSound, 'sound'>,
  voice: WrittenStorySound['voice'],
): ShotSounds {
  const sound = shot.sound ?? defaults.sound;
  const narration = narrationOf(shot, voice);
  return {
    ...(sound === undefined || sound === 'none' ? {} : { sound: placed(sound) }),
    ...(narration === undefined ? {} : { narration }),
  };
}

/** Rules between the keys of a shot that are about sound. Looks at what was written. */
export function soundFindings(path: ScriptPath, shot: Readonly<Record<string, unknown>>): Finding[] {
  const { narration, say } = shot;
  if (narration === undefined || say === undefined) return [];
  const rule = 'the shot has a narration as well, and one voice speaks at a time; take one of the two out';
  return [broken([...path, 'say'], say, rule)];
}

function normalSoundtrack(written: WrittenStorySound['soundtrack']): Soundtrack | undefined {
  if (written === undefined) return undefined;
  const { fade, loop } = typeof written === 'string' ? {} : written;
  const { in: fadeIn = scriptDefaults.fadeIn, out = scriptDefaults.fadeOut } =
    typeof fade === 'number' ? { in: fade, out: fade } : (fade ?? {});
  return { ...placed(written), fade: { in: fadeIn, out }, ...(loop === true ? { loop } : {}) };
}

function placed(
  written: string | { readonly file: string; readonly from?: number | undefined; readonly volume?: number | undefined },
): PlacedSound {
  const { file, from, volume } = typeof written === 'string' ? { file: written } : written;
  return {
    file: { source: file, key: null },
    ...(from === undefined || from === 0 ? {} : { from }),
    ...factors({ volume }),
  };
}

function narrationOf({ narration, say }: WrittenShotSound, voice: WrittenStorySound['voice']): Narration | undefined {
  if (narration !== undefined) {
    const delay = typeof narration === 'string' ? undefined : narration.delay;
    return { ...placed(narration), ...delayed(delay) };
  }
  if (say === undefined) return undefined;
  const own = typeof say === 'string' ? { text: say } : say;
  const usual = typeof voice === 'string' ? { name: voice } : (voice ?? {});
  const name = own.voice ?? usual.name;
  return {
    text: own.text,
    ...(name === undefined ? {} : { voice: name }),
    ...factors({ speed: own.speed ?? usual.speed, volume: own.volume }),
    ...delayed(own.delay),
  };
}

function delayed(delay: number | undefined): { readonly delay?: number } {
  return delay === undefined || delay === 0 ? {} : { delay };
}

/** Factors that change something. */
function factors<Name extends string>(
  given: Readonly<Record<Name, number | undefined>>,
): Partial<Record<Name, number>> {
  const entries = Object.entries<number | undefined>(given).filter(
    ([, factor]) => factor !== undefined && factor !== 1,
  );
  return Object.fromEntries(entries) as Partial<Record<Name, number>>;
}

function normalAudio(written: WrittenAudio): AudioSettings {
  const said = typeof written === 'string' ? (written === 'silent' ? { silent: true } : { codec: written }) : written;
  const { codec, loudness, silent, duck }: Exclude<WrittenAudio, string> = said;
  return {
    codec: codec ?? usualAudio.codec,
    loudness: loudness === 'none' ? null : (loudness ?? usualAudio.loudness),
    duck: duck ?? usualAudio.duck,
    ...(silent === true ? { silent } : {}),
  };
}
