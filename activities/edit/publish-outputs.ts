import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finishFilm } from '../../media/finished-film.ts';
import { probeVideo } from '../../media/probe.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { type FilmKind, type FilmName, type FilmStore, maxUrlSeconds } from '../../storage/film-store.ts';
import type { FilmWords } from '../../story/film/film-words.ts';
import { webVtt } from '../../story/film/timed-text.ts';
import type { PublishedFilm, PublishedOutput } from '../../story/film/published-film.ts';
import type { OutputPlan, StoryPlan } from '../../story/plan/plan.ts';
import type { LentArtifact } from '../stage/lent-artifacts.ts';
import type { Sign } from './film-signer.ts';
import { publishStream } from './publish-stream.ts';

/** The further files of a film, and all that they are published with. */
export interface OutputsToPublish {
  readonly name: FilmName;
  readonly plan: StoryPlan;
  readonly words: FilmWords;
  /** Those of the plan's outputs, in their order. */
  readonly outputs: readonly LentArtifact[];
  /** The coded sound of the film; absent when it has none. */
  readonly sound: LentArtifact | undefined;
  readonly sign: Sign;
  /** Folder to work in. */
  readonly dir: string;
}

/**
 * Puts the further files of a story under their names. Each is checked, and gets its words as the film does; the sizes of a stream are one of them.
 * @throws PipelineError `MEDIA_FAILED` for a file that is not as planned; `SETTING_INVALID`, `RESOURCE_DISK`, `STORAGE_*`.
 */
export async function publishOutputs(films: FilmStore, work: OutputsToPublish): Promise<readonly PublishedOutput[]> {
  const { plan, outputs, words, sound } = work;
  const made = (plan.outputs ?? []).map((output, index) => {
    const file = outputs[index]?.file;
    if (file === undefined) throw new PipelineError('INTERNAL', `output ${output.name} was asked for and did not come`);
    return { output, file };
  });
  const published: PublishedOutput[] = [];
  for (const [index, { output, file }] of made.entries()) {
    const { stream } = output;
    if (stream === undefined) {
      published.push(await publishOne(films, work, { output, file, index }));
      continue;
    }
    if (published.some(({ name }) => name === stream)) continue;
    const rungs = made.filter((rung) => rung.output.stream === stream);
    const hasTrack = output.burns !== true && words.captions.length > 0;
    published.push(
      await publishStream(films, {
        ...work,
        stream,
        rungs,
        sound: sound?.file ?? null,
        language: words.languageTag,
        captions: hasTrack ? webVtt(words) : null,
      }),
    );
  }
  return published;
}

async function publishOne(
  films: FilmStore,
  { name, plan, words, dir, sign }: OutputsToPublish,
  { output, file, index }: { readonly output: OutputPlan; readonly file: string; readonly index: number },
): Promise<PublishedOutput> {
  const { codec, width, height, burns } = output;
  let finished = file;
  if (codec !== 'gif' && codec !== 'webp') {
    const { numFrames } = plan;
    await checkFilm(file, { width, height, codec, numFrames, fps: plan.output.fps });
    finished = join(dir, `output-${String(index)}.mp4`);
    await finishFilm(file, finished, burns === true ? { ...words, captions: [] } : words);
    await sign(finished, kindOf(codec));
  }
  const key = await films.publishOutput(name, { name: output.name, kind: kindOf(codec), file: finished });
  const { size: bytes } = await stat(finished);
  const url = await films.url(key, maxUrlSeconds);
  return { name: output.name, key, url, codec, width, height, bytes };
}

/** The kind of file that a codec makes. */
export function kindOf(codec: OutputPlan['codec']): FilmKind {
  if (codec === 'gif' || codec === 'webp') return codec;
  return codec === 'prores' ? 'mov' : 'mp4';
}

/** What a file of the film should be. */
interface ExpectedFilm extends Pick<PublishedFilm, 'width' | 'height' | 'fps'> {
  readonly codec: string;
  readonly numFrames: number;
}

/** What people get must be what was planned, whatever came before. */
export async function checkFilm(
  file: string,
  output: ExpectedFilm,
): Promise<Pick<PublishedFilm, 'width' | 'height' | 'fps' | 'frames' | 'seconds'>> {
  const { codec, width, height, fps, frames, seconds, fastStart } = await probeVideo(file);
  const { numFrames } = output;
  const isSame = width === output.width && height === output.height && fps === output.fps && codec === output.codec;
  if (!isSame || frames !== numFrames || !fastStart) {
    throw new PipelineError(
      'MEDIA_FAILED',
      `The film has ${String(frames)} frames of ${codec} ${String(width)}x${String(height)} at ${String(fps)} fps; the plan has ${String(numFrames)} of ${output.codec} ${String(output.width)}x${String(output.height)} at ${String(output.fps)}`,
      { details: { file, frames, width, height, fps, fastStart } },
    );
  }
  return { width, height, fps, frames, seconds };
}
