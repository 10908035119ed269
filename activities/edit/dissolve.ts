import { PipelineError } from '../../errors/pipeline-error.ts';
import { FrameFile, type RgbFrames, writeFrameFile } from '../../media/frame-file.ts';
import type { DissolveTask } from '../../story/plan/task.ts';
import type { StageRequest, StageResult } from '../../story/plan/task-run.ts';
import { crossFade } from '../../media/cross-fade.ts';
import { type EditOptions, runEditStage } from '../stage/edit-stage.ts';

/**
 * The frames of a dissolve: the last `frames` of the first input fade into the first `frames` of the second.
 * @throws PipelineError `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT` with the key of a lost clip, `RESOURCE_DISK`, `STORAGE_*`.
 */
export function dissolveClips(options: EditOptions, request: StageRequest<DissolveTask>): Promise<StageResult> {
  const { inputs, params } = request.task;
  return runEditStage(options, request, async (job, output) => {
    const [before, after] = await job.fetch('interp', inputs);
    if (before === undefined || after === undefined || inputs.length !== 2) {
      throw new PipelineError('INTERNAL', `A dissolve has two clips; this one has ${String(inputs.length)}`);
    }
    const a = await readFrames(before, (clip) => clip.numFrames - params.frames, params.frames);
    job.progress(0, params.frames);
    const b = await readFrames(after, () => 0, params.frames);
    if (a.width !== b.width || a.height !== b.height) {
      throw new PipelineError(
        'INTERNAL',
        `A dissolve cannot mix ${String(a.width)}x${String(a.height)} and ${String(b.width)}x${String(b.height)} pixels; clips of a story have one size`,
      );
    }
    await writeFrameFile(output, { ...a, data: crossFade(a.data, b.data, params.frames) });
    job.progress(params.frames, params.frames);
  });
}

async function readFrames(file: string, from: (clip: FrameFile) => number, count: number): Promise<RgbFrames> {
  const clip = await FrameFile.open(file);
  try {
    return await clip.read(from(clip), count);
  } finally {
    await clip.close();
  }
}
