import { join } from 'node:path';
import { filmFrames } from '../../media/film-frames.ts';
import { encodeImage } from '../../media/picture.ts';
import { probeVideo } from '../../media/probe.ts';
import { storyboard, type StoryboardCell } from '../../media/storyboard.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { type DerivedExtra, filmObjectKey, type FilmName, maxUrlSeconds } from '../../storage/film-store.ts';
import { buildFilmManifest } from '../../story/film/film-manifest.ts';
import { itemName, planStory } from '../../story/plan/plan-story.ts';
import type { StoryPlan } from '../../story/plan/plan.ts';
import { hashOf } from '../../story/script/content-hash.ts';
import { type ArtifactRef } from '../../story/plan/task-run.ts';
import { type PublishedFilm, type PublishRequest } from '../../story/film/published-film.ts';
import { type EditOptions, withEditJob } from '../stage/edit-stage.ts';

/** Full HD at most: a poster is looked at before the film, not instead of it. */
const posterWidth = 1920;

/**
 * Gives a stitched film its name, with a poster, a storyboard and the manifest beside it. Doing it again writes the
 * manifest, makes fresh URLs, and draws a picture only when it is lost, altered or would show something else.
 * @throws PipelineError `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT` with the film's key, `MEDIA_FAILED` when the film is not
 * as planned, `RESOURCE_DISK`, `STORAGE_*`.
 */
export function publishFilm(options: EditOptions, request: PublishRequest): Promise<PublishedFilm> {
  const { script, models, runs } = request;
  const plan = planStory(script, models);
  const name: FilmName = { slug: plan.slug, filmKey: plan.film.key };
  return withEditJob(options, async (job) => {
    const artifact = await options.artifacts.fetch(plan.film.key, 'film', join(job.dir, 'film.mp4'), job.signal);
    const film = join(job.dir, 'film.mp4');
    const size = await checkFilm(film, plan);
    const filmKey = await options.films.publishFilm(name);
    job.progress(0, 2);
    const posterKey = await options.films.ensureExtra(name, poster(film, artifact, plan));
    job.progress(1, 2);
    const storyboardKey = await options.films.ensureExtra(name, sheet(film, artifact, plan));
    job.progress(2, 2);
    const manifestKey = filmObjectKey(name, 'manifest.json');
    const published = {
      bucket: options.objects.bucket,
      filmKey,
      posterKey,
      storyboardKey,
      manifestKey,
      ...size,
      bytes: artifact.bytes,
    };
    const manifest = buildFilmManifest({
      plan,
      script,
      models,
      runs,
      published,
      storyId: request.context.storyId,
      startedMs: request.startedMs,
      ...(request.gates === undefined ? {} : { gates: request.gates }),
    });
    const content = new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`);
    await options.films.publishExtra(name, { fileName: 'manifest.json', contentType: 'application/json', content });
    const urlsExpireMs = Date.now() + maxUrlSeconds * 1000;
    const url = (key: string): Promise<string> => options.films.url(key, maxUrlSeconds);
    const cacheHits = runs.filter((run) => run.result.cacheHit).length;
    options.log.info({ story: request.context.storyId, filmKey, frames: size.frames }, 'film published');
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
  });
}

/** What people get must be what was planned, whatever came before. */
async function checkFilm(
  file: string,
  plan: StoryPlan,
): Promise<Pick<PublishedFilm, 'width' | 'height' | 'fps' | 'frames' | 'seconds'>> {
  const { width, height, fps, frames, seconds, fastStart } = await probeVideo(file);
  const { output, numFrames } = plan;
  if (width !== output.width || height !== output.height || fps !== output.fps || frames !== numFrames || !fastStart) {
    throw new PipelineError(
      'MEDIA_FAILED',
      `The film has ${String(frames)} frames of ${String(width)}x${String(height)} at ${String(fps)} fps; the plan has ${String(numFrames)} of ${String(output.width)}x${String(output.height)} at ${String(output.fps)}`,
      { details: { key: plan.film.key, frames, width, height, fps, fastStart } },
    );
  }
  return { width, height, fps, frames, seconds };
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
    ...plan.joins.map((join) => [itemName(join), `${join.id} (${join.work.kind})`] as const),
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
