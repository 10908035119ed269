import { resolve } from 'node:path';
import { PipelineError } from '../errors/pipeline-error.ts';
import { systemCode } from '../errors/system-code.ts';
import { missing, pathInFolder } from '../sources/source-path.ts';
import type { FileSources } from '../sources/read-source.ts';
import type { OutputSettings, OwnClip, Shot, StoryScript } from '../story/script/script.ts';
import type { Finding } from '../story/script/script-problems.ts';
import { clipPathOf } from './clip-source.ts';
import type { ClipWish } from './prepare-clip.ts';
import type { PreparedClip, PreparedClips } from './prepared-clips.ts';

/** Where clips may come from: this machine alone. */
export type ClipSources = Pick<FileSources, 'folder' | 'allowOutside'>;

/** A script whose clips were all read. */
export interface ClipScript {
  /** The script with what was found in each clip. */
  readonly script: StoryScript;
  /** Its different clips. */
  readonly clips: readonly PreparedClip[];
  /** What was wrong with the others; then the script is not complete. */
  readonly findings: readonly Finding[];
}

/** Reads, checks and makes ready the clips of a script, each once for each way in which it is shown. Clips that were read are left alone. */
export async function collectClips(
  script: StoryScript,
  sources: ClipSources,
  ready: PreparedClips,
): Promise<ClipScript> {
  const clips = new Map<string, PreparedClip | string>();
  const findings: Finding[] = [];
  const shots: Shot[] = [];
  for (const [index, shot] of script.shots.entries()) {
    const { clip } = shot;
    if (clip?.found !== null) {
      shots.push(shot);
      continue;
    }
    const wish = wishOf(shot, clip, script.output);
    const name = JSON.stringify([clip.source, wish]);
    const found = clips.get(name) ?? (await prepare(clip.source, sources, ready, wish));
    clips.set(name, found);
    if (typeof found === 'string') {
      const path = ['shots', index, 'clip'];
      findings.push({ path, message: `shots[${index}].clip is ${JSON.stringify(clip.source)}, which ${found}` });
      shots.push(shot);
    } else shots.push({ ...shot, clip: { ...clip, found: found.found } });
  }
  return {
    script: { ...script, shots },
    clips: [...clips.values()].filter((found) => typeof found !== 'string'),
    findings,
  };
}

/** An enhancer enlarges what it paints, so the clip comes to it as much smaller. */
function wishOf({ enhance }: Shot, { fps, mute }: OwnClip, output: OutputSettings): ClipWish {
  const scale = enhance?.scale ?? 1;
  return {
    target: { width: output.width / scale, height: output.height / scale, pads: output.fit === 'pad' },
    fps: fps ?? output.fps,
    mute: mute === true,
  };
}

/** The clip behind a source, or what is wrong with it. */
async function prepare(
  source: string,
  { folder, allowOutside }: ClipSources,
  ready: PreparedClips,
  wish: ClipWish,
): Promise<PreparedClip | string> {
  try {
    const path = allowOutside ? resolve(folder, source) : await pathInFolder(folder, source, 'clip');
    const there = await clipPathOf(path).catch((error: unknown) => {
      throw error instanceof PipelineError ? error : missing(systemCode(error) ?? 'no reason given');
    });
    return await ready.prepare(source, there, wish);
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'SCRIPT_INVALID') return error.message;
    throw error;
  }
}
