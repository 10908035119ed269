import type { RgbFrames } from '../media/frame-file.ts';
import type { Questions } from '../story/models/questions.ts';
import type { PromptWords } from '../story/models/prompt-words.ts';
import { type ClipReport, distrust, type Eye, type MissingScore } from './clip-report.ts';
import { answerQuestions } from './answer-questions.ts';
import type { Dimension } from './formulas/dimensions.ts';
import { middleFrames } from './formulas/frame-sampling.ts';
import { meanOf, type VideoScore } from './formulas/video-score.ts';
import { videoText } from './formulas/video-text.ts';
import { type ClipRange, piecesOf } from './long/clips.ts';
import { type MeasuredScore, scoreClip } from './score-clip.ts';
import { ClipView } from './perception/clip-view.ts';
import { conceptFeatures, type SeenWords } from './perception/concepts.ts';
import type { Detector } from './perception/detector.ts';
import type { Finder } from './perception/finder.ts';
import { frameOfClip, type Probe } from './perception/probe.ts';
import type { PerceptionSet } from './perception/roles.ts';
import type { SeenFrame } from './perception/seen.ts';

/** Frames that the dimensions with labels look at. */
const numLooks = 16;

/** A clip whose frames come when they are asked for. */
export interface ReportedClip {
  readonly numFrames: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Frames `from` to `from + count - 1`. */
  read(from: number, count: number): Promise<RgbFrames>;
}

/** The models that look, and what the clip should show. */
export interface Look {
  readonly detector: Detector | null;
  readonly probe: Probe | null;
  /** What gives the scores that need no labels. */
  readonly models: PerceptionSet;
  readonly said: PromptWords;
  /** What finds things by their names; `null` when nothing does. */
  readonly finder: Finder | null;
  /** What models that read words are asked. */
  readonly asked: Questions;
  /** Awaited between calls of models, with the frames that are done: the place for progress and cancels. */
  readonly pause: (done: number) => Promise<void>;
}

/** Looks at a clip, each model at a frame at most once, and scores the dimensions that need no labels. */
export async function lookAtClip(clip: ReportedClip, look: Look): Promise<ClipReport> {
  const { numFrames, width, height, fps } = clip;
  const pieces: Piece[] = [];
  for (const range of piecesOf(numFrames, fps)) pieces.push(await lookAtPiece(clip, range, look));
  const words = meanWords(pieces.map((piece) => piece.words));
  const eyes = { frames: look.detector ?? look.probe, clip: look.probe };
  const consistency = overallConsistency(words, look);
  return {
    format: 1,
    frames: numFrames,
    width,
    height,
    fps,
    scores: [...pooled(pieces), ...('score' in consistency ? [consistency] : [])],
    missing: [...(look.models.aesthetic ? [] : [aestheticMissing]), ...('score' in consistency ? [] : [consistency])],
    seen: seenFrames(pieces, numFrames, look, words),
    words,
    said: look.said,
    eyes: { frames: eyeOf(eyes.frames), clip: eyeOf(eyes.clip) },
  };
}

interface Piece {
  readonly range: ClipRange;
  readonly scores: readonly MeasuredScore[];
  /** By frame of the clip: those that the dimensions with labels look at. */
  readonly detected: ReadonlyMap<number, SeenFrame | undefined>;
  readonly words: SeenWords;
}

async function lookAtPiece(clip: ReportedClip, range: ClipRange, look: Look): Promise<Piece> {
  const looks = middleFrames(clip.numFrames, numLooks).filter((frame) => range.from <= frame && frame < range.to);
  const local = looks.map((frame) => frame - range.from);
  const view = new ClipView(await clip.read(range.from, range.to - range.from));
  const found = (await look.detector?.detect(view, local, () => look.pause(range.from))) ?? [];
  const detected = new Map(looks.map((frame, index) => [frame, found[index]]));
  const words = (await look.probe?.judge(view)) ?? {};
  await look.pause(range.from);
  const scores = await scoreClip(view, clip.fps, look.models, {
    pause: () => look.pause(range.from),
    asked: look.asked,
  });
  const question = { which: local, asked: look.asked, pause: () => look.pause(range.from) };
  const answers = look.finder === null ? [] : await answerQuestions(look.finder, view, question);
  await look.pause(range.to);
  return { range, scores: [...scores, ...answers], detected, words };
}

/** Scores of all pieces of a clip as one. */
function pooled(pieces: readonly Piece[]): readonly MeasuredScore[] {
  return (pieces[0]?.scores ?? []).map(({ dimension, model }) => {
    const parts = pieces.flatMap((piece) => piece.scores.find((each) => each.dimension === dimension)?.score ?? []);
    const weight = parts.reduce((sum, part) => sum + part.weight, 0);
    const sum = parts.reduce((all, part) => all + part.score * part.weight, 0);
    const score: VideoScore | null = weight === 0 ? null : { score: sum / weight, weight };
    return { dimension, model, score };
  });
}

function seenFrames(
  pieces: readonly Piece[],
  numFrames: number,
  { detector, probe }: Look,
  words: SeenWords,
): readonly SeenFrame[] {
  const which = middleFrames(numFrames, numLooks);
  if (detector === null) return probe === null ? [] : which.map(() => frameOfClip(words));
  return which.map((frame) => {
    const found = pieces.map(({ detected }) => detected.get(frame)).find((each) => each !== undefined);
    if (found === undefined) throw new Error(`frame ${frame} of ${numFrames} lies in no piece of the clip`);
    return found;
  });
}

function meanWords(pieces: readonly SeenWords[]): SeenWords {
  const [first = {}] = pieces;
  return Object.fromEntries(
    Object.entries(first).map(([kind, words]) => [
      kind,
      Object.fromEntries(
        Object.keys(words).map((word) => [word, meanOf(pieces.map((piece) => piece[kind]?.[word] ?? 0)) ?? 0]),
      ),
    ]),
  );
}

/** The kinds of words by which a clip is compared with its prompt. */
const comparedKinds = ['object', 'colour', 'place', 'sky', 'motion'] as const;

function overallConsistency(words: SeenWords, { probe, said }: Look): MeasuredScore | MissingScore {
  const dimension: Dimension = 'overall_consistency';
  const kinds = comparedKinds.filter((kind) => said[kind] !== undefined);
  const reason =
    distrust(probe, kinds, 'probe') ??
    (kinds.length === 0 ? 'the prompt says nothing in words that the models know' : null);
  if (reason !== null || probe === null) return { dimension, reason: reason ?? '' };
  const compared = Object.fromEntries(kinds.map((kind) => [kind, said[kind] ?? []]));
  const { picture, text } = conceptFeatures(words, compared);
  return { dimension, model: `${probe.model}, space of words`, score: videoText(picture, text) };
}

const aestheticMissing: MissingScore = {
  dimension: 'aesthetic_quality',
  reason: 'no model of the set has a notion of beauty',
};

function eyeOf(eye: Eye | null): Eye | null {
  return eye === null ? null : { model: eye.model, accuracy: eye.accuracy };
}
