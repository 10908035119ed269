import { nearestWord } from './nearest-word.ts';

/** Keys by the names that other tools and plain speech have for them; the first that the map knows is meant. */
const keysByOtherNames: Readonly<Record<string, readonly string[]>> = {
  text: ['prompt', 'word'],
  description: ['prompt'],
  duration: ['seconds'],
  length: ['seconds'],
  time: ['seconds'],
  transition: ['join'],
  type: ['kind'],
  scenes: ['shots'],
  clips: ['shots'],
  name: ['title', 'id'],
  music: ['soundtrack'],
  audio: ['soundtrack', 'sound'],
  voice: ['narration'],
  voiceover: ['narration'],
  subtitle: ['caption'],
  subtitles: ['caption'],
  size: ['output'],
  resolution: ['output'],
  format: ['output', 'shape'],
  aspect: ['shape', 'output'],
  aspectratio: ['shape', 'output'],
  ratio: ['shape', 'output'],
  framerate: ['fps', 'output'],
  image: ['animate'],
  picture: ['animate'],
  photo: ['animate'],
  firstframe: ['animate'],
  negativeprompt: ['negative'],
  cfg: ['guidance'],
  cfgscale: ['guidance'],
  guidancescale: ['guidance'],
  numinferencesteps: ['steps'],
  scheduler: ['sampler'],
  characters: ['subjects'],
  settings: ['defaults'],
  model: ['models'],
  crop: ['focus', 'fit'],
};

/** The key that somebody meant by another: by its other name, or a slip of a letter or two; `null` when there is no telling. */
export function meantKey(key: string, known: readonly string[]): string | null {
  const name = key.toLowerCase().replace(/[\s_-]/g, '');
  const others = Object.hasOwn(keysByOtherNames, name) ? (keysByOtherNames[name] ?? []) : [];
  return others.find((other) => known.includes(other)) ?? nearestWord(key, known);
}

const shapesByName: Readonly<Record<string, string>> = {
  portrait: '9:16',
  vertical: '9:16',
  upright: '9:16',
  landscape: '16:9',
  horizontal: '16:9',
  widescreen: '16:9',
  square: '1:1',
};
/** Sides of shapes that people write with a cross are smaller than any film. */
const leastSide = 16;

/** The size or shape that somebody meant: `9:16` by `9x16`, `16/9` or `portrait`, `1080p` by 1080; `null` when there is no telling. */
export function meantSize(value: unknown, names: readonly string[]): string | null {
  if (typeof value === 'number') return names.find((name) => name === `${String(value)}p`) ?? null;
  if (typeof value !== 'string') return null;
  const text = value.trim().toLowerCase();
  if (Object.hasOwn(shapesByName, text)) return shapesByName[text] ?? null;
  const [, a = '', mark = '', b = ''] = /^(\d{1,5}(?:\.\d+)?)\s*([x×*/-]|by)\s*(\d{1,5}(?:\.\d+)?)$/.exec(text) ?? [];
  if (mark !== '') {
    const isShape = Number(a) <= leastSide || Number(b) <= leastSide || mark === '/';
    return isShape ? `${a}:${b}` : `${even(a)}x${even(b)}`;
  }
  const bare = /^(\d{3,4})$/.exec(text)?.[1];
  if (bare !== undefined) return meantSize(Number(bare), names);
  return nearestWord(text, names, 1);
}

/** Sides of films are even. */
function even(side: string): string {
  return String(2 * Math.round(Number(side) / 2));
}

/** Values by the names that other tools have for them. */
const valuesByOtherNames: Readonly<Record<string, string>> = {
  h265: 'hevc',
  x265: 'hevc',
  hvc1: 'hevc',
  avc: 'h264',
  avc1: 'h264',
  x264: 'h264',
  mp4: 'h264',
  av01: 'av1',
  svtav1: 'av1',
  webm: 'vp9',
  prores422: 'prores',
  mov: 'prores',
  mp3: 'aac',
  m4a: 'aac',
  mute: 'silent',
  crossfade: 'dissolve',
  letterbox: 'pad',
  cover: 'crop',
  contain: 'pad',
  center: 'middle',
  centre: 'middle',
};

/** The value that somebody meant by another: by its other name, or a slip of a letter or two; `null` when there is no telling. */
export function meantValue(value: string, known: readonly string[]): string | null {
  const name = value.toLowerCase().replace(/[\s._-]/g, '');
  const other = Object.hasOwn(valuesByOtherNames, name) ? valuesByOtherNames[name] : undefined;
  return other !== undefined && known.includes(other) ? other : nearestWord(value, known);
}
