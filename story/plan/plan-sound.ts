import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ModelSetRef } from '../models/model-set.ts';
import { takenFrames } from '../script/join-length.ts';
import type { Join, Shot, StoryScript } from '../script/script.ts';
import { type Narration, type PlacedSound, type SoundRef, hasSound, usualAudio } from '../script/sound.ts';
import type { SoundPlan, StoryPlan, TimelineEntry } from './plan.ts';
import { speechTask } from './plan-voices.ts';
import { taskOf } from './task-key.ts';
import { nameOf } from './task.ts';
import type { ArtifactName, SoundCue, SoundTask, SpeechTask, StageTask } from './task.ts';

/** Samples per second of the sound of films. */
export const soundRate = 48_000;

/** The item of a story that its sound is. */
export const soundItem = 'sound';

/** What a sound takes to come or go where nothing else is said: too short to be heard, long enough not to click. */
const edge = samplesIn(0.01);

/**
 * The sound of a film; `null` when the script wants none. Invariants:
 * K1 The sound is as long as the film: `round(frames / fps × 48000)` samples.
 * K2 A voice begins with the first frame that is its shot's alone.
 * K3 The sound of a shot is heard in the joins on both its sides, in which it comes and goes, so neighbours cross-fade.
 * K4 The sound of a clip of one's own is heard as long as its pictures are seen, and keeps to them.
 */
export function planSound(
  script: StoryScript,
  timeline: readonly TimelineEntry[],
  models: ModelSetRef,
): SoundPlan | null {
  if (!hasSound(script)) return null;
  const { fps } = script.output;
  const frames = timeline.reduce((sum, { numFrames }) => sum + numFrames, 0);
  const inputs = new InputList();
  const film: FilmTimes = { end: sampleAt(frames, fps), of: (frame) => sampleAt(frame, fps) };
  const speech = new Map<string, SpeechTask>();
  const cues = [
    ...soundtrackCues(script, film, inputs),
    ...script.shots.flatMap((shot, index) => {
      const place = placeOf(shot.id, timeline);
      const own = clipCues(shot, script.shots[index + 1]?.join ?? null, { place, film, fps, inputs });
      const heard = [...own, ...(shot.sound === undefined ? [] : sceneCues(shot.sound, place, film, inputs))];
      if (shot.narration === undefined) return heard;
      return [...heard, ...voiceCues(shot.narration, place, film, inputs.of(inputOf(shot.narration, models, speech)))];
    }),
  ];
  const { codec, loudness, duck } = script.audio ?? usualAudio;
  const mix = taskOf<SoundTask>({
    stage: 'sound',
    params: { frames, fps, cues, codec, loudness, duck },
    inputs: inputs.names,
    packages: {},
  });
  return { speech: [...speech.values()], mix };
}

/** The tasks that make the sound of a film, each after the ones that it depends on. */
export function soundTasks({ sound }: Pick<StoryPlan, 'sound'>): readonly StageTask[] {
  return sound === undefined ? [] : [...sound.speech, sound.mix];
}

/** What a task reads, each once. */
class InputList {
  readonly names: ArtifactName[] = [];

  /** Index of an input, which is added when it is new. */
  of(name: ArtifactName): number {
    const found = this.names.findIndex(({ stage, key }) => stage === name.stage && key === name.key);
    return found >= 0 ? found : this.names.push(name) - 1;
  }
}

/** The film in samples. */
interface FilmTimes {
  readonly end: number;
  /** Sample at which a frame begins. */
  readonly of: (frame: number) => number;
}

/** Where a shot is in the film: frames. */
interface ShotPlace {
  /** Its own frames. */
  readonly first: number;
  readonly end: number;
  /** Frames of the joins in front of it and behind it. */
  readonly before: number;
  readonly after: number;
}

function placeOf(id: string, timeline: readonly TimelineEntry[]): ShotPlace {
  const index = timeline.findIndex(({ item }) => item === `shot ${id}`);
  const own = timeline[index];
  if (own === undefined) throw new PipelineError('INTERNAL', `shot ${id} has no frames in its film`);
  const joined = (entry: TimelineEntry | undefined): number => (entry?.kind === 'join' ? entry.numFrames : 0);
  return {
    first: own.firstFrame,
    end: own.firstFrame + own.numFrames,
    before: joined(timeline[index - 1]),
    after: joined(timeline[index + 1]),
  };
}

function soundtrackCues({ soundtrack }: StoryScript, { end }: FilmTimes, inputs: InputList): SoundCue[] {
  if (soundtrack === undefined) return [];
  const { file, from = 0, volume = 1, fade, loop } = soundtrack;
  // Both fades fit into the shortest film.
  const share = Math.min(1, end / Math.max(1, samplesIn(fade.in) + samplesIn(fade.out)));
  return [
    {
      kind: 'music',
      input: inputs.of(uploadOf(file)),
      from: samplesIn(from),
      at: 0,
      length: end,
      volume,
      fadeIn: Math.floor(samplesIn(fade.in) * share),
      fadeOut: Math.floor(samplesIn(fade.out) * share),
      ...(loop === true ? { loop } : {}),
    },
  ];
}

function sceneCues(
  { file, from = 0, volume = 1 }: PlacedSound,
  { first, end, before, after }: ShotPlace,
  film: FilmTimes,
  inputs: InputList,
): SoundCue[] {
  const [at, until] = [film.of(first - before), film.of(end + after)];
  const fade = (frames: number, length: number): number => (frames === 0 ? edge : length);
  return [
    {
      kind: 'scene',
      input: inputs.of(uploadOf(file)),
      from: samplesIn(from),
      at,
      length: until - at,
      volume,
      fadeIn: fade(before, film.of(first) - at),
      fadeOut: fade(after, until - film.of(end)),
    },
  ];
}

/** The sound of a clip of one's own: with its own frames, and with those that it lends to joins, in which it comes and goes. */
function clipCues(
  { clip, from = 0, join }: Shot,
  joinAfter: Join | null,
  { place, film, fps, inputs }: { place: ShotPlace; film: FilmTimes; fps: number; inputs: InputList },
): SoundCue[] {
  const sound = clip?.found?.sound;
  if (sound === undefined) return [];
  const [before, after] = [takenFrames(join, fps).after, takenFrames(joinAfter, fps).before];
  const [at, until] = [film.of(place.first - before), film.of(place.end + after)];
  return [
    {
      kind: 'scene',
      input: inputs.of({ stage: 'recording', key: sound.key }),
      from: samplesIn(from),
      at,
      length: until - at,
      volume: 1,
      fadeIn: before === 0 ? edge : film.of(place.first) - at,
      fadeOut: after === 0 ? edge : until - film.of(place.end),
    },
  ];
}

function voiceCues(narration: Narration, { first }: ShotPlace, film: FilmTimes, input: number): SoundCue[] {
  const { volume = 1, delay = 0 } = narration;
  const from = 'text' in narration ? 0 : (narration.from ?? 0);
  const at = film.of(first) + samplesIn(delay);
  if (at >= film.end) return [];
  return [{ kind: 'voice', input, from: samplesIn(from), at, length: film.end - at, volume, fadeIn: 0, fadeOut: edge }];
}

function inputOf(
  narration: Narration,
  { voice, packages }: ModelSetRef,
  speech: Map<string, SpeechTask>,
): ArtifactName {
  if (!('text' in narration)) return uploadOf(narration.file);
  if (voice === undefined) throw new PipelineError('INTERNAL', 'a voice is missing that was looked for before');
  const task = speechTask(narration, voice, packages);
  speech.set(task.key, task);
  return nameOf(task);
}

/** @throws PipelineError `INTERNAL` when the sound was not read yet. */
function uploadOf({ source, key }: SoundRef): ArtifactName {
  if (key !== null) return { stage: 'recording', key };
  throw new PipelineError('INTERNAL', `sound ${source} has no key; read the sounds before planning`);
}

function samplesIn(seconds: number): number {
  return Math.round(seconds * soundRate);
}

function sampleAt(frame: number, fps: number): number {
  return Math.round((frame * soundRate) / fps);
}
