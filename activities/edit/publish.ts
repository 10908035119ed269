import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { filmFrames } from '../../media/film-frames.ts';
import { finishFilm } from '../../media/finished-film.ts';
import { encodeImage } from '../../media/picture.ts';
import { storyboard, type StoryboardCell } from '../../media/storyboard.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import {
  type DerivedExtra,
  filmObjectKey,
  type FilmName,
  type FilmStore,
  maxUrlSeconds,
} from '../../storage/film-store.ts';
import type { ArtifactStore } from '../../storage/artifact-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { filmWords, type FilmWords } from '../../story/film/film-words.ts';
import { subRip, webVtt } from '../../story/film/timed-text.ts';
import { buildFilmManifest } from '../../story/film/film-manifest.ts';
import { itemName, joinWords } from '../../story/plan/item-words.ts';
import { planStory } from '../../story/plan/plan-story.ts';
import type { StoryPlan } from '../../story/plan/plan.ts';
import { hashOf } from '../../story/script/content-hash.ts';
import { type ArtifactRef } from '../../story/plan/task-run.ts';
import { type PublishedFilm, type PublishRequest } from '../../story/film/published-film.ts';
import { checkFilm, kindOf, publishOutputs } from './publish-outputs.ts';
import { signerOf, type SigningOptions } from './film-signer.ts';
import { withAttempt } from '../stage/attempt.ts';
import { type LentArtifact, withArtifacts } from '../stage/lent-artifacts.ts';
import { withScratch } from '../stage/scratch.ts';
import type { WorkerHealth } from '../stage/worker-health.ts';

/** Full HD at most: a poster is looked at before the film, not instead of it. */
const posterWidth = 1920;

/** What publishing works with. */
export interface PublishOptions extends SigningOptions {
  readonly artifacts: ArtifactStore;
  readonly films: FilmStore;
  readonly objects: Pick<ObjectStore, 'bucket'>;
  /** Folder under which each film gets one of its own. */
  readonly scratchRoot: string;
  readonly log: Logger;
  /** The worker; absent, it is the only one, and sound. */
  readonly health?: WorkerHealth;
}

/**
 * Gives a stitched film its name, with a poster, a storyboard and the manifest beside it. Doing it again writes the
 * manifest, makes fresh URLs, and draws a picture only when it is lost, altered or would show something else.
 * @throws PipelineError `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT` with the film's key, also when it is not as planned;
 * `RESOURCE_DISK`, `STORAGE_*`.
 */
export function publishFilm(options: PublishOptions, request: PublishRequest): Promise<PublishedFilm> {
  const plan = planStory(request.script, request.models);
  const { artifacts, log, scratchRoot, health } = options;
  const tasks = (plan.outputs ?? []).map(({ task }) => task);
  // A stream has its sound in a file of its own.
  const hasStream = plan.outputs?.some(({ stream }) => stream !== undefined) === true;
  const sounds = hasStream && plan.sound !== undefined ? [plan.sound.mix] : [];
  return withAttempt({ doing: `publishing ${plan.slug}`, log, health }, ({ signal, beat }) =>
    withScratch(scratchRoot, (dir) =>
      withArtifacts({ artifacts, dir, signal }, [plan.film, ...tasks, ...sounds], ([film, ...others]) => {
        if (film === undefined) throw new PipelineError('INTERNAL', 'a film was asked for and none came');
        const progress = (done: number): void => {
          beat.report({ unit: 'step', done, of: 2 });
          signal.throwIfAborted();
        };
        const outputs = others.slice(0, tasks.length);
        return publish(options, { request, plan, film, outputs, sound: others[tasks.length], dir }, progress);
      }),
    ),
  );
}

/** A film that was fetched, and a folder to work in. */
interface FilmToPublish {
  readonly request: PublishRequest;
  readonly plan: StoryPlan;
  readonly film: LentArtifact;
  /** Those of the plan's outputs, in their order. */
  readonly outputs: readonly LentArtifact[];
  /** The sound of the film, where a stream needs it. */
  readonly sound: LentArtifact | undefined;
  readonly dir: string;
}

async function publish(
  { films, objects, log, ...signing }: PublishOptions,
  { request, plan, film: artifact, outputs, sound, dir }: FilmToPublish,
  progress: (done: number) => void,
): Promise<PublishedFilm> {
  const { script, models, runs, context } = request;
  const { title, slug, scriptHash } = plan;
  const name: FilmName = { title, slug, scriptHash, filmKey: plan.film.key };
  const { file: film } = artifact;
  const size = await checkFilm(film, {
    ...plan.output,
    codec: plan.output.encoding?.codec ?? 'h264',
    numFrames: plan.numFrames,
  });
  const finished = join(dir, 'finished.mp4');
  const words = filmWords(script, plan, context.storyId);
  // What is in the picture needs no track.
  await finishFilm(film, finished, script.output.captions === 'burn' ? { ...words, captions: [] } : words);
  const kind = kindOf(plan.output.encoding?.codec ?? 'h264');
  const sign = signerOf(signing, plan);
  await sign(finished, kind);
  const filmKey = await films.publishFilm(name, finished, kind);
  const captionKeys = await publishCaptions(films, name, words);
  const further = await publishOutputs(films, { name, plan, words, outputs, sound, dir, sign });
  progress(0);
  const posterKey = await films.ensureExtra(name, poster(film, artifact, plan));
  progress(1);
  const storyboardKey = await films.ensureExtra(name, sheet(film, artifact, plan));
  progress(2);
  const manifestKey = filmObjectKey(name, 'manifest.json');
  const published = {
    bucket: objects.bucket,
    filmKey,
    posterKey,
    storyboardKey,
    manifestKey,
    ...captionKeys,
    ...(further.length === 0 ? {} : { outputs: further }),
    ...size,
    bytes: (await stat(finished)).size,
  };
  const manifest = buildFilmManifest({
    plan,
    script,
    models,
    runs,
    published,
    storyId: context.storyId,
    startedMs: request.startedMs,
    ...(request.gates === undefined ? {} : { gates: request.gates }),
  });
  const content = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
  await films.publishExtra(name, { fileName: 'manifest.json', contentType: 'application/json', content });
  const urlsExpireMs = Date.now() + maxUrlSeconds * 1000;
  const url = (key: string): Promise<string> => films.url(key, maxUrlSeconds);
  const cacheHits = runs.filter((run) => run.result.cacheHit).length;
  log.info({ story: context.storyId, filmKey, frames: size.frames }, 'film published');
  return {
    ...published,
    filmUrl: await url(filmKey),
    posterUrl: await url(posterKey),
    storyboardUrl: await url(storyboardKey),
    manifestUrl: await url(manifestKey),
    urlsExpireMs,
    cacheHits,
    computed: runs.length - cacheHits,
  };
}

/** Captions as files, for players and editors that take them so; none make none. */
async function publishCaptions(
  films: FilmStore,
  name: FilmName,
  words: FilmWords,
): Promise<Pick<PublishedFilm, 'captionsKey' | 'subtitlesKey'>> {
  if (words.captions.length === 0) return {};
  const put = (fileName: string, contentType: string, text: string): Promise<string> =>
    films.publishExtra(name, { fileName, contentType, content: new TextEncoder().encode(text) });
  return {
    captionsKey: await put('captions.vtt', 'text/vtt; charset=utf-8', webVtt(words)),
    subtitlesKey: await put('captions.srt', 'application/x-subrip; charset=utf-8', subRip(words)),
  };
}

/** Raise it when the code draws other pictures from the same film and words. */
const pictureVersion = 1;

/** The middle of the first shot. */
function poster(film: string, { sha256 }: ArtifactRef, plan: StoryPlan): DerivedExtra {
  const frame = storyboardCells(plan)[0]?.frame ?? 0;
  return jpeg('poster.jpg', { pictureVersion, sha256, frame, posterWidth }, async () => {
    for await (const picture of filmFrames(film, [frame], { maxWidth: posterWidth })) {
      return encodeImage(picture, 'jpeg');
    }
    throw new PipelineError('INTERNAL', `Frame ${String(frame)} of the film gave no picture`);
  });
}

function sheet(film: string, { sha256 }: ArtifactRef, plan: StoryPlan): DerivedExtra {
  const cells = storyboardCells(plan);
  return jpeg('storyboard.jpg', { pictureVersion, sha256, cells }, async () =>
    encodeImage(await storyboard(film, cells), 'jpeg'),
  );
}

/** The middle frame of each shot and join; shots carry their prompt. */
export function storyboardCells(plan: StoryPlan): readonly StoryboardCell[] {
  const captions = new Map([
    ...plan.shots.map((shot) => [itemName(shot), `${shot.id}: ${shot.prompt}`] as const),
    ...plan.joins.map(
      (join) => [itemName(join), `${join.id} (${join.work.kind === 'seine' ? 'seine' : joinWords(join)})`] as const,
    ),
  ]);
  return plan.timeline.map((entry) => ({
    frame: entry.firstFrame + Math.floor(entry.numFrames / 2),
    caption: captions.get(entry.item) ?? entry.item,
    accent: entry.kind === 'join',
  }));
}

const jpeg = (fileName: string, recipe: unknown, make: () => Promise<Uint8Array>): DerivedExtra => ({
  fileName,
  contentType: 'image/jpeg',
  recipe: hashOf(recipe),
  make,
});
