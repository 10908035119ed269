import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { clipPathOf, openClipSource } from '../../clips/clip-source.ts';
import { uprightSize } from '../../clips/clip-size.ts';
import { asClipFault } from '../../clips/clip-fault.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { readScriptText } from '../../client/script-text.ts';
import { rateText, readRate } from '../../story/script/frame-rate.ts';
import type { Size } from '../../story/script/output-size.ts';
import { sizeOf } from '../../story/script/output-size.ts';
import { scriptLimits } from '../../story/script/script-limits.ts';
import { UsageError } from '../shell/cli-errors.ts';
import type { ScriptFile } from './script-file.ts';

/** What a clip shall become. */
export interface ClipStoryOptions {
  /** Absent: the largest of the clip's shape in 3840x2160, or in 2160x3840 when it is upright. */
  readonly output?: Size;
  readonly upscaler?: string;
  /** How freely the enhancer of the set paints; absent: it does not. */
  readonly paint?: number;
  readonly scale?: number;
  readonly prompt?: string;
  readonly from?: number;
  readonly to?: number;
  readonly mute?: boolean;
  readonly models?: string;
  readonly seed?: number;
}

/** Endings of videos in a folder of clips. */
const videoName = /\.(mp4|m4v|mov|mkv|webm|gif|avi)$/i;

/** The clips that a path names: a file, a folder of pictures, or all videos of a folder. @throws UsageError when there is none. */
export async function clipsAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new UsageError(`there is no ${path}; name a video, or a folder of videos or pictures`);
  if (!found.isDirectory()) return [path];
  const videos = (await readdir(path)).filter((name) => videoName.test(name) && !name.startsWith('.')).sort();
  // A folder without videos is a clip of pictures, or told as none.
  return videos.length === 0 ? [path] : videos.map((name) => join(path, name));
}

/**
 * A story of one shot that shows a clip, in the clip's own shape and rate.
 * @throws PipelineError `SCRIPT_INVALID` when it is no clip.
 */
export async function clipStory(clip: string, options: ClipStoryOptions): Promise<ScriptFile> {
  const { paint, scale, prompt, from, to, mute, models, seed, upscaler } = options;
  const { size, rate } = await shapeOf(clip);
  const title = basename(clip, extname(clip)).slice(0, scriptLimits.titleLength) || 'Clip';
  const written = {
    title,
    ...(models === undefined ? {} : { models }),
    output: { ...(options.output ?? largest(size)), fps: rate, ...(upscaler === undefined ? {} : { upscaler }) },
    shots: [
      {
        id: 'clip',
        clip: basename(clip),
        ...(mute === true ? { mute } : {}),
        ...(prompt === undefined ? {} : { prompt }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(seed === undefined ? {} : { seed }),
        ...(paint === undefined ? {} : { enhance: { strength: paint, ...(scale === undefined ? {} : { scale }) } }),
      },
    ],
  };
  const bytes = new TextEncoder().encode(JSON.stringify(written, null, 1));
  // Nobody has written lines.
  return { ...readScriptText(bytes, clip), lineOf: () => null, folder: dirname(resolve(clip)) };
}

async function shapeOf(clip: string): Promise<{ readonly size: Size; readonly rate: number }> {
  try {
    const { header, pace } = await openClipSource(await clipPathOf(clip), 24);
    return { size: uprightSize(header), rate: filmRate(pace.rate.num / pace.rate.den) };
  } catch (error) {
    const fault = asClipFault(error, null);
    if (!(fault instanceof PipelineError) || fault.code !== 'SCRIPT_INVALID') throw fault;
    throw new PipelineError('SCRIPT_INVALID', `${clip} ${fault.message}`, { cause: fault });
  }
}

/** The clip's own rate, where a film can have it: then each of its frames is shown once. */
function filmRate(fps: number): number {
  const { minFps, maxFps } = scriptLimits;
  const nearest = Math.min(maxFps, Math.max(minFps, Math.round(fps)));
  const slowed = Number(rateText((nearest * 1000) / 1001));
  const isSlowed = Math.abs((nearest * 1000) / 1001 - fps) < Math.abs(nearest - fps);
  return isSlowed && readRate(slowed) !== null ? slowed : nearest;
}

function largest({ width, height }: Size): Size {
  return sizeOf({}, width / height);
}
