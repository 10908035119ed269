import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CampaignRecord } from '../../eval/campaign/record.ts';
import { importResults, vbenchFileName } from '../../eval/campaign/vbench-files.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { FrameFile } from '../../media/frame-file.ts';
import { frameToYuv } from '../../media/frames-to-yuv.ts';
import { openSegmentEncoder } from '../../media/segment-encoder.ts';
import type { ArtifactStore } from '../../storage/artifact-store.ts';
import { withCampaigns } from './campaign-library.ts';
import type { Environment } from '../../storage/config.ts';
import { UsageError } from '../shell/cli-errors.ts';

/** What was exported, and what was no longer there. */
export interface ExportedClips {
  readonly files: readonly string[];
  readonly missing: readonly string[];
}

/** Writes the clips of a campaign as MP4 files with the names of the `vbench` command. */
export async function exportClips(env: Environment, name: string, folder: string): Promise<ExportedClips> {
  return withCampaigns(env, async (library) => {
    const { artifacts } = library;
    const { prompts, clips: kind, label } = await library.find(name);
    if (kind === undefined)
      throw new UsageError(`${label} was imported: its clips are where the vbench command was run`);
    // Names are checked before the first file is written.
    const clips = prompts.flatMap(({ prompt, samples }) =>
      samples
        .filter(({ clipKey, failure }) => clipKey !== '' && failure === undefined)
        .map(({ sample, clipKey }) => ({ file: join(folder, vbenchFileName(prompt, sample)), clipKey })),
    );
    await mkdir(folder, { recursive: true });
    const files: string[] = [];
    const missing: string[] = [];
    for (const { file, clipKey } of clips) {
      const frames = await fetchClip(artifacts, { ...kind, clipKey }, `${file}.frames`);
      if (frames === null) {
        missing.push(file);
        continue;
      }
      await encode(frames, file, kind.fps);
      await rm(frames);
      files.push(file);
    }
    return { files, missing };
  });
}

/** Brings the frames of a clip to a file; `null` when they are gone. */
export async function fetchClip(
  artifacts: ArtifactStore,
  { stage, clipKey }: { readonly stage: 'decode' | 'interp'; readonly clipKey: string },
  file: string,
): Promise<string | null> {
  try {
    await artifacts.fetch({ stage, key: clipKey }, file);
    return file;
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'ARTIFACT_MISSING') return null;
    throw error;
  }
}

async function encode(framesFile: string, file: string, fps: number): Promise<void> {
  const clip = await FrameFile.open(framesFile);
  const { width, height, numFrames } = clip;
  try {
    const encoder = await openSegmentEncoder({ file, width, height, fps: Math.max(1, Math.round(fps)) });
    try {
      for (let frame = 0; frame < numFrames; frame++) {
        await encoder.write(frameToYuv((await clip.read(frame, 1)).data, width, height));
      }
      await encoder.close();
    } finally {
      await encoder.abort();
    }
  } finally {
    await clip.close();
  }
}

/** Files the results of the `vbench` command as a campaign. */
export async function importFile(
  env: Environment,
  file: string,
  { label, models }: { readonly label: string; readonly models: string },
): Promise<CampaignRecord> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const record = importResults(json, { label, models, nowMs: Date.now() });
  return withCampaigns(env, async ({ campaigns }) => {
    await campaigns.saveCampaign(record.id, record);
    return record;
  });
}
