import { PipelineError } from '../../errors/pipeline-error.ts';
import { crossFade } from '../../media/cross-fade.ts';
import { FrameFile, pickFrames, type RgbFrames, writeFrameFile } from '../../media/frame-file.ts';
import { frameAt } from '../../story/plan/frame-runs.ts';
import type { DissolveTask, Pace } from '../../story/plan/task.ts';
import type { CpuWork } from './cpu-work.ts';

/**
 * The frames of a dissolve: the last `frames` of the first input, or of what counts of it, fade into the first `frames` of the second.
 * @throws PipelineError `ARTIFACT_CORRUPT` with the file of a clip that lacks them, `RESOURCE_DISK`.
 */
export const dissolveClips: CpuWork<DissolveTask> = async ({ params }, { inputFiles, outputFile }, progress) => {
  const [before, after] = inputFiles;
  if (before === undefined || after === undefined || inputFiles.length !== 2) {
    throw new PipelineError('INTERNAL', `A dissolve has two clips; this one has ${inputFiles.length}`);
  }
  const { frames, ofFirst, paces } = params;
  const a = await readFrames(
    before,
    frames,
    ({ numFrames }) => paces?.[0] ?? frameByFrame((ofFirst ?? numFrames) - frames),
  );
  progress(0, frames);
  const b = await readFrames(after, frames, () => paces?.[1] ?? frameByFrame(0));
  if (a.width !== b.width || a.height !== b.height) {
    throw new PipelineError(
      'INTERNAL',
      `A dissolve cannot mix ${a.width}x${a.height} and ${b.width}x${b.height} pixels; clips of a story have one size`,
    );
  }
  await writeFrameFile(outputFile, { ...a, data: crossFade(a.data, b.data, frames) });
};

function frameByFrame(origin: number): FollowedFrames {
  return { origin, first: 0, num: 1, den: 1 };
}

/** Which frames of a clip are read. */
type FollowedFrames = Omit<Pace, 'frames'>;

async function readFrames(
  file: string,
  count: number,
  paceOf: (clip: FrameFile) => FollowedFrames,
): Promise<RgbFrames> {
  const clip = await FrameFile.open(file);
  try {
    const pace = paceOf(clip);
    return await pickFrames(
      clip,
      Array.from({ length: count }, (_, index) => frameAt(pace, index)),
    );
  } finally {
    await clip.close();
  }
}
