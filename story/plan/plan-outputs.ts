import type { VideoEncoding } from '../script/encoding.ts';
import { encodingOf } from '../script/encoding.ts';
import { type FilmFile, type PreviewFile, sizeOfFile, sizesOfStream, type StreamFile } from '../script/output-files.ts';
import type { Size } from '../script/output-size.ts';
import type { OutputSettings, StoryScript } from '../script/script.ts';
import { cuesOver } from './burns.ts';
import { cuesOf } from './captions.ts';
import { planCards } from './cards.ts';
import { type FocusRun, framingOf, hasShape, losesWidth, middle } from './framing.ts';
import type { CardPlan, JoinPlan, OutputPlan, PlannedTask, ShotPlan, StoryPlan, TimelineEntry } from './plan.ts';
import { taskOf } from './task-key.ts';
import { nameOf } from './task.ts';
import type { ArtifactName, BurntCue, CardTask, FilmTask, PreviewTask, RenditionTask } from './task.ts';

/** A film as it is planned, in its own size: what further files are made of. */
export interface PlannedPictures {
  readonly script: StoryScript;
  /** Size of the model set's clips, pixels. */
  readonly clip: Size;
  /** Shots, joins and cards in the order of the film, and where each lies. */
  readonly items: readonly (ShotPlan | JoinPlan | CardPlan)[];
  readonly timeline: readonly TimelineEntry[];
  /** What the film shows of an item when it crops it. */
  readonly focusOf: (item: ShotPlan | JoinPlan) => FocusRun;
  /** What the film is made of, when it is not encoded anew. */
  readonly pieces: readonly ArtifactName[];
  readonly sound: readonly ArtifactName[];
}

/** The files of a story: its film, and further ones. */
interface PlannedFiles extends Pick<StoryPlan, 'outputs' | 'renditions'> {
  readonly film: FilmTask;
}

/**
 * Plans the film and the further files of a story. Invariants:
 * X1 Nothing is upscaled by a model for them: each piece of a file is a piece of the film, or made of one.
 * X2 A file that differs from the film in nothing takes the film's own pieces.
 * X3 Cards are drawn anew at the size of a file, so that their words are whole in every shape.
 */
export function planFiles(film: PlannedPictures): PlannedFiles {
  const { script, pieces, sound } = film;
  const { output } = script;
  const own = output.encoding === undefined ? { names: pieces, tasks: [] } : planPieces(film, filmLook(script), 'film');
  const numFrames = film.timeline.reduce((sum, entry) => sum + entry.numFrames, 0);
  const outputs: OutputPlan[] = [];
  const tasks: PlannedTask[] = [...own.tasks];
  for (const file of script.outputs ?? []) {
    if (file.kind === 'stream') {
      for (const size of sizesOfStream(file, output)) {
        const rung = planRung(film, file, size, numFrames);
        tasks.push(...rung.tasks);
        outputs.push(rung.output);
      }
      continue;
    }
    const size = sizeOfFile(file, output);
    if (file.kind === 'preview') {
      outputs.push(planPreview(file, size, { names: own.names, output, numFrames }));
      continue;
    }
    const look = lookOf(file, size, output);
    const ofFile = isFilm(look, output) ? own : planPieces(film, look, `output ${file.name}`);
    if (ofFile !== own) tasks.push(...ofFile.tasks);
    const codec = look.encoding?.codec ?? 'h264';
    outputs.push({
      name: file.name,
      ...size,
      codec,
      ...(look.burns ? { burns: true } : {}),
      task: filmTask({ ...size, fps: output.fps, frames: numFrames }, codec, [...ofFile.names, ...sound]),
    });
  }
  return {
    film: filmTask({ ...filmOutput(output), frames: numFrames }, output.encoding?.codec ?? 'h264', [
      ...own.names,
      ...sound,
    ]),
    ...(tasks.length === 0 ? {} : { renditions: eachOnce(tasks) }),
    ...(outputs.length === 0 ? {} : { outputs }),
  };
}

/** A size of a stream: pictures in fragments. Its sound is fetched beside it. */
function planRung(
  film: PlannedPictures,
  { name: stream, captions, encoding }: StreamFile,
  size: Size,
  frames: number,
): { readonly tasks: readonly PlannedTask[]; readonly output: OutputPlan } {
  const { output } = film.script;
  const name = `${stream}-${Math.min(size.width, size.height)}p`;
  const burns = (captions ?? output.captions) === 'burn';
  const pieces = planPieces(film, { ...size, burns, encoding }, `output ${name}`);
  const { codec } = encoding;
  const task = taskOf<FilmTask>({
    stage: 'film',
    params: { ...size, fps: output.fps, frames, ...(codec === 'h264' ? {} : { codec }), fragments: true },
    inputs: pieces.names,
    packages: {},
  });
  return { tasks: pieces.tasks, output: { name, stream, ...size, codec, ...(burns ? { burns } : {}), task } };
}

/** How a file of the film looks. */
interface FileLook extends Size {
  readonly fit?: 'pad';
  readonly burns: boolean;
  /** Absent: as segments are. */
  readonly encoding?: VideoEncoding;
}

function filmLook({ output: { width, height, captions, encoding } }: StoryScript): FileLook {
  return { width, height, burns: captions === 'burn', ...(encoding === undefined ? {} : { encoding }) };
}

function lookOf({ fit, captions, encoding }: FilmFile, size: Size, output: OutputSettings): FileLook {
  return {
    ...size,
    ...(fit === undefined ? {} : { fit }),
    burns: (captions ?? output.captions) === 'burn',
    ...(encoding === undefined ? {} : { encoding }),
  };
}

/** Whether a file looks as the film does. */
function isFilm(look: FileLook, { width, height, captions, encoding }: OutputSettings): boolean {
  const isAlike = (a: VideoEncoding | undefined, b: VideoEncoding | undefined): boolean =>
    a?.codec === b?.codec && a?.depth === b?.depth && a?.quality === b?.quality && a?.bitrate === b?.bitrate;
  return (
    look.width === width &&
    look.height === height &&
    look.burns === (captions === 'burn') &&
    isAlike(look.encoding, encoding)
  );
}

interface Pieces {
  readonly names: readonly ArtifactName[];
  readonly tasks: readonly PlannedTask[];
}

/** The pieces of a file, and the tasks that make those which are not the film's. */
function planPieces(film: PlannedPictures, look: FileLook, item: string): Pieces {
  const { script, items, timeline } = film;
  const cues = look.burns ? cuesOf(script, timeline) : [];
  const cards = cardsAt(look, script);
  const names: ArtifactName[] = [];
  const tasks: PlannedTask[] = [];
  const add = (task: CardTask | RenditionTask): ArtifactName => {
    tasks.push({ item, task });
    return nameOf(task);
  };
  items.forEach((planned, index) => {
    let first = timeline[index]?.firstFrame ?? 0;
    const drawn = planned.kind === 'card' ? (cards.get(planned.id)?.segments ?? []) : [];
    planned.segments.forEach((segment, place) => {
      const frames = segment.params.count;
      const begin = first;
      first += frames;
      if (planned.kind === 'card') {
        const card = drawn[place] ?? segment;
        const name = card.key === segment.key || card.stage !== 'card' ? nameOf(segment) : add(card);
        names.push(look.encoding === undefined ? name : add(rendition(name, { look, frames, fps: script.output.fps })));
        return;
      }
      const over = cuesOver(cues, begin, frames);
      const framing = pieceFraming(film, look, planned, begin - (timeline[index]?.firstFrame ?? 0));
      const isSame = look.width === script.output.width && look.height === script.output.height;
      if (isSame && over.length === 0 && look.encoding === undefined) names.push(nameOf(segment));
      else {
        names.push(
          add(
            rendition(nameOf(segment), {
              look,
              frames,
              fps: script.output.fps,
              cues: over,
              ...framing,
              ...(script.language === undefined ? {} : { language: script.language }),
            }),
          ),
        );
      }
    });
  });
  return { names, tasks };
}

/** Cards at the size of a file, by id. */
function cardsAt({ width, height }: FileLook, script: StoryScript): ReadonlyMap<string, CardPlan> {
  const { opening, closing, before } = planCards({ ...script, output: { ...script.output, width, height } });
  return new Map([...opening, ...before.values(), ...closing].map((card) => [card.id, card]));
}

/** What of a segment a file shows, when it has another shape than the film. */
function pieceFraming(
  { script, clip, timeline, items, focusOf }: PlannedPictures,
  look: FileLook,
  item: ShotPlan | JoinPlan,
  first: number,
): Pick<RenditionTask['params'], 'framing'> {
  const { output } = script;
  const frames = timeline[items.indexOf(item)]?.numFrames ?? 0;
  // A focus says what stays of the side that the film loses; of the other side the middle stays.
  const isSameSide = hasShape(clip, output) || losesWidth(clip, output) === losesWidth(output, look);
  const focus = isSameSide ? focusOf(item) : { from: middle, to: middle };
  return framingOf(output, look, focus, { frames, first });
}

function rendition(
  input: ArtifactName,
  {
    look,
    frames,
    fps,
    framing,
    cues = [],
    language,
  }: {
    readonly look: FileLook;
    readonly frames: number;
    readonly fps: number;
    readonly cues?: readonly BurntCue[];
    readonly language?: string;
  } & Pick<RenditionTask['params'], 'framing'>,
): RenditionTask {
  const { width, height, encoding } = look;
  return taskOf<RenditionTask>({
    stage: 'rendition',
    params: {
      ...(encoding ?? encodingOf({})),
      width,
      height,
      fps,
      frames,
      ...(framing === undefined ? {} : { framing }),
      ...(cues.length === 0 ? {} : { cues, ...(language === undefined ? {} : { language }) }),
    },
    inputs: [input],
    packages: {},
  });
}

function filmTask(
  params: Omit<FilmTask['params'], 'codec'>,
  codec: NonNullable<FilmTask['params']['codec']>,
  inputs: readonly ArtifactName[],
): FilmTask {
  return taskOf<FilmTask>({
    stage: 'film',
    params: { ...params, ...(codec === 'h264' ? {} : { codec }) },
    inputs,
    packages: {},
  });
}

function planPreview(
  { name, codec, fps }: PreviewFile,
  size: Size,
  film: { readonly names: readonly ArtifactName[]; readonly output: OutputSettings; readonly numFrames: number },
): OutputPlan {
  const { output, numFrames } = film;
  const rate = Math.min(fps, output.fps);
  const task = taskOf<PreviewTask>({
    stage: 'preview',
    params: {
      codec,
      ...size,
      fps: rate,
      frames: Math.max(1, Math.round((numFrames * rate) / output.fps)),
      filmFps: output.fps,
      filmFrames: numFrames,
    },
    inputs: film.names,
    packages: {},
  });
  return { name, ...size, codec, task };
}

/** What of the output the file of the film follows: not whether its captions are burnt in, which its segments know. */
function filmOutput({ captions: _, encoding: __, ...output }: OutputSettings): Omit<OutputSettings, 'captions'> {
  return output;
}

/** Files that are alike in a piece share its task. */
function eachOnce(tasks: readonly PlannedTask[]): readonly PlannedTask[] {
  return [...new Map(tasks.map((planned) => [planned.task.key, planned])).values()];
}
