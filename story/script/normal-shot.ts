import { normalCard } from './card-fields.ts';
import { normalCaptions } from './captions.ts';
import { seedOf } from './content-hash.ts';
import { normalEnhance } from './enhance-fields.ts';
import { normalFocus } from './focus-words.ts';
import { normalGate } from './gate-fields.ts';
import { continuation, givenPictures } from './given-frames.ts';
import { normalClip } from './own-clip.ts';
import type { PromptPlace, SamplingSettings, Shot } from './script.ts';
import { scriptDefaults } from './script-limits.ts';
import type { WrittenScript } from './script-schema.ts';
import { kindOfJoin, normalJoin } from './written-join.ts';
import type { WrittenJoin } from './written-join.ts';

type WrittenShot = WrittenScript['shots'][number];

/** A shot in its normal form, without its sounds. */
export function normalShot(shot: WrittenShot, index: number, defaults: NonNullable<WrittenScript['defaults']>): Shot {
  const pictures = givenPictures(shot);
  const prompts = normalPrompts(shot);
  return {
    id: shot.id,
    prompt: prompts[0]?.prompt ?? '',
    ...(prompts.length > 1 ? { prompts } : {}),
    ...normalClip(shot),
    ...normalTrim(shot),
    ...normalSpeed(shot.speed ?? defaults.speed),
    ...normalFreeNoise(shot.freenoise),
    sampling: {
      // From the id and not the place: a shot keeps its picture when others are put in before it.
      seed: shot.seed ?? seedOf({ seed: defaults.seed ?? scriptDefaults.seed, shot: shot.id }),
      quality: shot.quality ?? defaults.quality ?? scriptDefaults.quality,
      sampler: shot.sampler ?? defaults.sampler ?? null,
      steps: shot.steps ?? defaults.steps ?? null,
      guidance: shot.guidance ?? defaults.guidance ?? null,
      rescale: shot.rescale ?? defaults.rescale ?? null,
      negative: shot.negative ?? defaults.negative ?? scriptDefaults.negative,
      freeu: shot.freeu ?? defaults.freeu ?? null,
      ...normalFreeInit(shot.freeinit ?? defaults.freeinit),
      ...((shot.as ?? defaults.as) === undefined ? {} : { as: 'paper' as const }),
    },
    ...normalEnhance(shot.enhance, defaults.enhance),
    ...(pictures.length === 0 ? {} : { pictures }),
    ...(shot.card === undefined ? {} : { card: normalCard(shot.card) }),
    ...normalCaptions(shot.caption),
    // A gate of the defaults is for clips that can be made again.
    ...(shot.clip === undefined ? normalGate(shot.gate, defaults.gate) : {}),
    ...normalFocus(shot.focus ?? defaults.focus),
    join: index === 0 ? null : (continuation(shot) ?? normalJoin(joinOf(shot, defaults))),
  };
}

/** The prompts of a shot in the order of their places: integers come first among the keys of an object. */
function normalPrompts({ prompt, prompts }: WrittenShot): PromptPlace[] {
  if (prompts === undefined) return prompt === undefined ? [] : [{ at: 0, prompt }];
  const places = Object.entries(prompts).map(([at, words]) => ({ at: Number(at), prompt: words }));
  return places.sort((a, b) => a.at - b.at);
}

function normalFreeNoise(freenoise: WrittenShot['freenoise']): Pick<Shot, 'freenoise'> {
  if (freenoise === undefined) return {};
  if (typeof freenoise === 'object') {
    const { weights = scriptDefaults.freenoiseWeights, noise, window, stride } = freenoise;
    return {
      freenoise: {
        weights,
        ...(noise === undefined ? {} : { noise }),
        ...(window === undefined ? {} : { window }),
        ...(stride === undefined ? {} : { stride }),
      },
    };
  }
  return { freenoise: freenoise ? { weights: scriptDefaults.freenoiseWeights } : false };
}

function normalFreeInit(freeinit: WrittenShot['freeinit']): Pick<SamplingSettings, 'freeinit'> {
  return freeinit === undefined ? {} : { freeinit };
}

/** `to` is the end of what is shown, counted from the beginning of the clip. */
function normalTrim({ seconds, from, to }: WrittenShot): Pick<Shot, 'seconds' | 'from'> {
  const shown = to === undefined ? seconds : to - (from ?? 0);
  return { ...(shown === undefined ? {} : { seconds: shown }), ...(from === undefined || from === 0 ? {} : { from }) };
}

function normalSpeed(speed: WrittenShot['speed']): Pick<Shot, 'speed'> {
  return speed === undefined || speed === 1 ? {} : { speed };
}

/** What is behind a card begins anew, and so does a shot whose beginning is left out. */
function joinOf(shot: WrittenShot, { join }: NonNullable<WrittenScript['defaults']>): WrittenJoin {
  if (shot.card !== undefined) return 'cut';
  const said = shot.join ?? join ?? 'seine';
  return isTrimmed(shot.from) && kindOfJoin(said) === 'seine' && shot.clip === undefined ? 'cut' : said;
}

/** Whether a shot leaves out the beginning of its clip; `from` as it was written. */
export function isTrimmed(from: unknown): boolean {
  return typeof from === 'number' && from > 0;
}
