/**
 * What can be said of a film only across its shots: whether a subject stays itself from shot to shot, whether the shots are of one style,
 * how the joins look, and whether the film is paced as its script says.
 */
import { type FrameReader, openFrameReader } from '../../media/read-frames.ts';
import type { RgbPicture } from '../../media/picture.ts';
import { type Feature, cosineSimilarity } from '../formulas/cosine.ts';
import { SceneDetector } from '../long/scene-cuts.ts';
import { ClipView } from '../perception/clip-view.ts';
import { planarFrames } from '../perception/planar-frames.ts';
import type { FrameDescriber, PerceptionSet } from '../perception/roles.ts';
import { joinFaults, type JoinFaults, type LumaFrame } from './join-faults.ts';

/** A run of film frames. */
export interface StoryRun {
  readonly item: string;
  readonly kind: 'shot' | 'join' | 'card';
  readonly firstFrame: number;
  readonly numFrames: number;
  /** Name of the subject that it shows; absent when it is made from words alone. */
  readonly subject?: string;
  /** It goes on from the shot before without a join. */
  readonly continues?: boolean;
}

/** A join of the film. */
export interface ScoredJoin {
  readonly item: string;
  readonly firstFrame: number;
  readonly numFrames: number;
  /** `null` when it is too short, or what lies beside it. */
  readonly faults: JoinFaults | null;
}

/** Shots that should show the same thing, and how alike they are. */
export interface SameSubject {
  readonly subject: string;
  readonly shots: readonly string[];
  /** Mean cosine of the features of each two shots. */
  readonly score: number;
}

/** What a film came to. */
export interface StoryScores {
  readonly file: string;
  readonly frames: number;
  readonly fps: number;
  readonly joins: readonly ScoredJoin[];
  readonly subjects: readonly SameSubject[];
  /** Mean cosine of the features of each two shots; `null` for one shot, or without a model. */
  readonly style: { readonly score: number; readonly model: string } | null;
  /** Who looked for subjects; `null` when nobody did. */
  readonly subjectModel: string | null;
  readonly pacing: {
    /** Frames that shots last, and their mean in seconds. */
    readonly shots: number;
    readonly meanSeconds: number;
    /** Film frames that a shot begins with after a cut, as the script says, and those of them at which no scene change is seen. */
    readonly cuts: readonly number[];
    readonly unseen: readonly number[];
    /** Scene changes that the script has no cut for. */
    readonly unsaid: readonly number[];
  };
}

/** Frames on each side of a join that it is compared with. */
const beside = 12;
/** Frames around a boundary without a join that stand for one. */
const around = 2;
/** How far a scene change may lie from its cut, frames. */
const slack = 2;
/** Frames of a shot that are looked at, as shares of its length. */
const looks = [0.25, 0.5, 0.75];

/**
 * Measures a film. Frames are decoded once, no wider than the models look at; those near joins are kept as luma, and three of each shot.
 *
 * @throws PipelineError `MEDIA_FAILED`.
 */
export async function scoreStory(
  file: string,
  runs: readonly StoryRun[],
  models: PerceptionSet,
  onProgress: (done: number, of: number) => void = () => undefined,
): Promise<StoryScores> {
  const reader = await openFrameReader(file, { maxWidth: Math.min(256, models.maxWidth) });
  try {
    const { lumas, pictures, changes } = await look(reader, runs, onProgress);
    const shots = runs.filter(({ kind }) => kind === 'shot');
    const views = shots.flatMap((run) => {
      const seen = looksOf(run).flatMap((frame) => pictures.get(frame) ?? []);
      return seen.length === 0 ? [] : [{ run, view: new ClipView(planarFrames(seen)) }];
    });
    const subjects = models.subject ? await described(models.subject, views) : new Map<string, Feature>();
    const styles = models.background ? await described(models.background, views) : new Map<string, Feature>();
    return {
      file,
      frames: reader.numFrames,
      fps: reader.fps,
      joins: joinsOf(runs).map((join) => ({
        item: join.item,
        firstFrame: join.firstFrame,
        numFrames: join.numFrames,
        faults: joinFaults(framesOf(lumas, join)),
      })),
      subjects: sameSubjects(shots, subjects),
      style:
        models.background && styles.size > 1
          ? { score: alikeness([...styles.values()]), model: models.background.model }
          : null,
      subjectModel: models.subject?.model ?? null,
      pacing: pacingOf(runs, changes, reader.fps),
    };
  } finally {
    await reader.close();
  }
}

interface Looked {
  readonly lumas: ReadonlyMap<number, LumaFrame>;
  readonly pictures: ReadonlyMap<number, RgbPicture>;
  /** Frames that scenes begin with. */
  readonly changes: readonly number[];
}

async function look(
  reader: FrameReader,
  runs: readonly StoryRun[],
  onProgress: (done: number, of: number) => void,
): Promise<Looked> {
  const kept = new Set(joinsOf(runs).flatMap((join) => rangeOf(join.firstFrame - beside, join.numFrames + 2 * beside)));
  const shown = new Set(runs.filter(({ kind }) => kind === 'shot').flatMap(looksOf));
  const [lumas, pictures] = [new Map<number, LumaFrame>(), new Map<number, RgbPicture>()];
  const changes: number[] = [];
  const detector = new SceneDetector();
  let frame = 0;
  for await (const picture of reader.frames()) {
    if (kept.has(frame)) lumas.set(frame, lumaOf(picture));
    if (shown.has(frame)) pictures.set(frame, { ...picture, data: picture.data.slice() });
    const change = detector.next(picture);
    if (change !== null) changes.push(change);
    frame++;
    onProgress(frame, reader.numFrames);
  }
  return { lumas, pictures, changes };
}

/** Joins, and boundaries that a shot goes on across. */
function joinsOf(runs: readonly StoryRun[]): readonly Pick<StoryRun, 'item' | 'firstFrame' | 'numFrames'>[] {
  return runs.flatMap((run, index) => {
    if (run.kind === 'join') return [run];
    const before = runs[index - 1];
    if (run.continues !== true || before === undefined) return [];
    return [{ item: `${before.item}+${run.item}`, firstFrame: run.firstFrame - around, numFrames: 2 * around }];
  });
}

function framesOf(
  lumas: ReadonlyMap<number, LumaFrame>,
  { firstFrame, numFrames }: Pick<StoryRun, 'firstFrame' | 'numFrames'>,
): { before: LumaFrame[]; join: LumaFrame[]; after: LumaFrame[] } {
  const taken = (from: number, count: number): LumaFrame[] => rangeOf(from, count).flatMap((at) => lumas.get(at) ?? []);
  return {
    before: taken(firstFrame - beside, beside),
    join: taken(firstFrame, numFrames),
    after: taken(firstFrame + numFrames, beside),
  };
}

function rangeOf(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

function looksOf({ firstFrame, numFrames }: StoryRun): number[] {
  return [...new Set(looks.map((share) => firstFrame + Math.floor(share * numFrames)))];
}

/** The mean feature of each shot's frames, by item. */
async function described(
  describer: FrameDescriber,
  views: readonly { readonly run: StoryRun; readonly view: ClipView }[],
): Promise<Map<string, Feature>> {
  const made = new Map<string, Feature>();
  for (const { run, view } of views) {
    const features = await describer.describe(view, () => Promise.resolve());
    made.set(run.item, meanDirection(features));
  }
  return made;
}

/** The sum of features, each of length one. */
function meanDirection(features: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(features[0]?.length ?? 0);
  for (const feature of features) {
    const norm = Math.sqrt(feature.reduce((squares, value) => squares + value * value, 0)) || 1;
    for (const [at, value] of feature.entries()) sum[at] = (sum[at] ?? 0) + value / norm;
  }
  return sum;
}

function sameSubjects(shots: readonly StoryRun[], features: ReadonlyMap<string, Feature>): SameSubject[] {
  const names = [...new Set(shots.flatMap(({ subject }) => subject ?? []))];
  return names.flatMap((subject) => {
    const showing = shots.filter((shot) => shot.subject === subject && features.has(shot.item));
    if (showing.length < 2) return [];
    const found = showing.map(({ item }) => features.get(item)).filter((feature) => feature !== undefined);
    return [{ subject, shots: showing.map(({ item }) => item), score: alikeness(found) }];
  });
}

/** Mean cosine of each two. */
function alikeness(features: readonly Feature[]): number {
  const pairs = features.flatMap((_, index) =>
    features.slice(index + 1).map((_two, after) => [index, index + 1 + after]),
  );
  const sum = pairs.reduce((all, [one = 0, two = 0]) => {
    const [first, second] = [features[one], features[two]];
    return first === undefined || second === undefined ? all : all + cosineSimilarity(first, second);
  }, 0);
  return sum / Math.max(1, pairs.length);
}

function pacingOf(runs: readonly StoryRun[], changes: readonly number[], fps: number): StoryScores['pacing'] {
  const shots = runs.filter(({ kind }) => kind === 'shot');
  const cuts = runs.flatMap((run, index) => {
    const before = runs[index - 1];
    const isCut = before !== undefined && run.kind !== 'join' && before.kind !== 'join' && run.continues !== true;
    return isCut ? [run.firstFrame] : [];
  });
  const near =
    (one: number) =>
    (two: number): boolean =>
      Math.abs(one - two) <= slack;
  const frames = shots.reduce((sum, { numFrames }) => sum + numFrames, 0);
  return {
    shots: shots.length,
    meanSeconds: frames / fps / Math.max(1, shots.length),
    cuts,
    unseen: cuts.filter((cut) => !changes.some(near(cut))),
    unsaid: changes.filter((change) => !cuts.some(near(change))),
  };
}

function lumaOf({ width, height, data }: RgbPicture): LumaFrame {
  const luma = new Uint8Array(width * height);
  for (let at = 0; at < luma.length; at++) {
    const [r, g, b] = [data[3 * at] ?? 0, data[3 * at + 1] ?? 0, data[3 * at + 2] ?? 0];
    luma[at] = Math.round(0.2126 * r + 0.7152 * g + 0.0722 * b);
  }
  return { width, height, data: luma };
}
