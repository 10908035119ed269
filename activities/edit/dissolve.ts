import { PipelineError } from '../../errors/pipeline-error.ts';
import { crossFade } from '../../media/cross-fade.ts';
import { fadeThroughBlack, wipe } from '../../media/wipe.ts';
import { FrameFile, pickFrames, type RgbFrames, writeFrameFile } from '../../media/frame-file.ts';
import { frameAt } from '../../story/plan/frame-runs.ts';
import type { DissolveTask, MixLook, Pace } from '../../story/plan/task.ts';
import type { CpuWork } from './cpu-work.ts';

/**
 * The frames of a dissolve, fade or wipe: the last `frames` of the first input, or of what counts of it, go over into the first of the second.
 * @throws PipelineError `ARTIFACT_CORRUPT` with the file of a clip that lacks them, `RESOURCE_DISK`.
 */
export const dissolveClips: CpuWork<DissolveTask> = async ({ params }, { inputFiles, outputFile }, progress) => {
  const [before, after] = inputFiles;
  if (before === undefined || after === undefined || inputFiles.length !== 2) {
    throw new PipelineError('INTERNAL', `A dissolve has two clips; this one has ${inputFiles.length}`);
  }
  const { frames, ofFirst, paces, look } = params;
  const [numBefore, numAfter] = [paces?.[0].frames ?? frames, paces?.[1].frames ?? frames];
  const a = await readFrames(
    before,
    numBefore,
    ({ numFrames }) => paces?.[0] ?? frameByFrame((ofFirst ?? numFrames) - frames),
  );
  progress(0, frames);
  const b = await readFrames(after, numAfter, () => paces?.[1] ?? frameByFrame(0));
  if (a.width !== b.width || a.height !== b.height) {
    throw new PipelineError(
      'INTERNAL',
      `A dissolve cannot mix ${a.width}x${a.height} and ${b.width}x${b.height} pixels; clips of a story have one size`,
    );
  }
  await writeFrameFile(outputFile, { ...a, count: frames, data: mixed(a, b, look) });
};

function mixed(a: RgbFrames, b: RgbFrames, look: MixLook | undefined): Uint8Array {
  if (look === undefined) return crossFade(a.data, b.data, a.count);
  return look.kind === 'fade' ? fadeThroughBlack(a, b) : wipe(a, b, look.direction);
}

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
