import { join } from 'node:path';
import { listFragments } from '../../media/fragments.ts';
import { probeVideo } from '../../media/probe.ts';
import { fragmentSound } from '../../media/sound/fragmented-sound.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { type FilmName, type FilmStore, maxUrlSeconds } from '../../storage/film-store.ts';
import {
  captionsPlaylist,
  masterPlaylist,
  type StreamRung,
  type StreamSides,
  type StreamTrack,
  trackPlaylist,
} from '../../story/film/stream-playlists.ts';
import type { PublishedOutput } from '../../story/film/published-film.ts';
import type { OutputPlan, StoryPlan } from '../../story/plan/plan.ts';

/** A stream to publish. */
export interface StreamToPublish {
  readonly name: FilmName;
  readonly plan: StoryPlan;
  readonly stream: string;
  /** Its sizes, each with its file. */
  readonly rungs: readonly { readonly output: OutputPlan; readonly file: string }[];
  /** The coded sound of the film; `null` when it has none. */
  readonly sound: string | null;
  readonly language: string | undefined;
  /** Captions as WebVTT; `null` when there are none, or they are in the pictures. */
  readonly captions: string | null;
  /** Folder to work in. */
  readonly dir: string;
}

/** Samples of a packet of sound: AAC, and Opus of 20 ms. */
const packetSamples = { aac: 1024, opus: 960 };
const soundRate = 48_000;
const soundCodecs = { aac: 'mp4a.40.2', opus: 'opus' };

/**
 * Puts a stream beside its film: track files, their playlists, and the one that players open. Playlists lie there twice: with paths, for who takes the
 * folder as it is, and (`signed-…`) with addresses that work for a week.
 *
 * @returns the stream; its address is that of the signed playlist, its key that of the other.
 * @throws PipelineError `MEDIA_FAILED` for a file that is not as planned; `RESOURCE_DISK`, `STORAGE_*`.
 */
export async function publishStream(films: FilmStore, work: StreamToPublish): Promise<PublishedOutput> {
  const { name, plan, stream, rungs, sound, language, captions: cues, dir } = work;
  const { fps } = plan.output;
  const tracks: { file: string; key: string; track: StreamTrack; codecs: string; output: OutputPlan | null }[] = [];
  let bytes = 0;
  for (const { output, file } of rungs) {
    const track = await picturesOf(file, output, plan);
    const { codecString, bytes: size } = await probeVideo(file);
    bytes += size;
    const own = `${String(Math.min(output.width, output.height))}p`;
    const key = await films.publishStreamFile(name, `${stream}/${own}.mp4`, file);
    tracks.push({ file: own, key, track, codecs: codecString, output });
  }
  const coded = plan.sound?.mix.params.codec;
  if (sound !== null && coded !== undefined) {
    const file = join(dir, `${stream}-sound.mp4`);
    await fragmentSound(sound, file);
    const { header, fragments } = await listFragments(file);
    const parts = fragments.map(({ offset, bytes: size, samples }) => ({
      offset,
      bytes: size,
      seconds: (samples * packetSamples[coded]) / soundRate,
    }));
    const key = await films.publishStreamFile(name, `${stream}/sound.mp4`, file);
    tracks.push({ file: 'sound', key, track: { header, parts }, codecs: soundCodecs[coded], output: null });
  }
  const words = new TextEncoder().encode(cues ?? '');
  const cuesKey = cues === null ? null : await films.publishStreamFile(name, `${stream}/captions.vtt`, words);
  const put = (file: string, text: string): Promise<string> =>
    films.publishStreamFile(name, `${stream}/${file}.m3u8`, new TextEncoder().encode(text));
  const signed = (key: string): Promise<string> => films.url(key, maxUrlSeconds);
  const playlists = async (prefix: string, isSigned: boolean): Promise<string> => {
    const listed = async (file: string, text: string): Promise<string> => {
      const key = await put(`${prefix}${file}`, text);
      return isSigned ? signed(key) : `${prefix}${file}.m3u8`;
    };
    const pictures: StreamRung[] = [];
    let heard: StreamSides['sound'];
    for (const { file, key, track, codecs, output } of tracks) {
      const uri = await listed(file, trackPlaylist(track, isSigned ? await signed(key) : `${file}.mp4`));
      if (output === null) heard = { uri, codecs, track };
      else pictures.push({ uri, codecs, width: output.width, height: output.height, track });
    }
    const captions =
      cuesKey === null
        ? {}
        : {
            captions: await listed(
              'captions',
              captionsPlaylist(isSigned ? await signed(cuesKey) : 'captions.vtt', plan.seconds),
            ),
          };
    const master = masterPlaylist(pictures, {
      fps,
      ...(language === undefined ? {} : { language }),
      ...(heard === undefined ? {} : { sound: heard }),
      ...captions,
    });
    return put(`${prefix}${stream}`, master);
  };
  const key = await playlists('', false);
  const url = await signed(await playlists('signed-', true));
  const [largest] = rungs;
  if (largest === undefined) throw new PipelineError('INTERNAL', `stream ${stream} has no sizes`);
  const { codec, width, height } = largest.output;
  return { name: stream, key, url, codec, stream: true, width, height, bytes };
}

/** The fragments of a size, which must be the pieces that were planned. */
async function picturesOf(file: string, output: OutputPlan, plan: StoryPlan): Promise<StreamTrack> {
  const { header, fragments } = await listFragments(file);
  const frames = fragments.reduce((sum, { samples }) => sum + samples, 0);
  if (frames !== plan.numFrames || fragments.length !== output.task.inputs.length) {
    throw new PipelineError(
      'MEDIA_FAILED',
      `A track of ${output.name} has ${String(frames)} frames in ${String(fragments.length)} fragments; the plan has ${String(plan.numFrames)} in ${String(output.task.inputs.length)}`,
      { details: { file } },
    );
  }
  const { fps } = plan.output;
  return { header, parts: fragments.map(({ offset, bytes, samples }) => ({ offset, bytes, seconds: samples / fps })) };
}
