import { PipelineError } from '../../errors/pipeline-error.ts';
import { crossFade } from '../../media/cross-fade.ts';
import { FrameFile, type RgbFrames, writeFrameFile } from '../../media/frame-file.ts';
import type { DissolveTask } from '../../story/plan/task.ts';
import type { CpuWork } from './cpu-work.ts';

/**
 * The frames of a dissolve: the last `frames` of the first input fade into the first `frames` of the second.
 * @throws PipelineError `ARTIFACT_CORRUPT` with the file of a clip that lacks them, `RESOURCE_DISK`.
 */
export const dissolveClips: CpuWork<DissolveTask> = async ({ params }, { inputFiles, outputFile }, progress) => {
  const [before, after] = inputFiles;
  if (before === undefined || after === undefined || inputFiles.length !== 2) {
    throw new PipelineError('INTERNAL', `A dissolve has two clips; this one has ${inputFiles.length}`);
  }
  const a = await readFrames(before, (clip) => clip.numFrames - params.frames, params.frames);
  progress(0, params.frames);
  const b = await readFrames(after, () => 0, params.frames);
  if (a.width !== b.width || a.height !== b.height) {
    throw new PipelineError(
      'INTERNAL',
      `A dissolve cannot mix ${a.width}x${a.height} and ${b.width}x${b.height} pixels; clips of a story have one size`,
    );
  }
  await writeFrameFile(outputFile, { ...a, data: crossFade(a.data, b.data, params.frames) });
};

async function readFrames(file: string, from: (clip: FrameFile) => number, count: number): Promise<RgbFrames> {
  const clip = await FrameFile.open(file);
  try {
    return await clip.read(from(clip), count);
  } finally {
    await clip.close();
  }
}
