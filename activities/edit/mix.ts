import { mixSegments } from '../../media/mix-pictures.ts';
import type { PictureMix } from '../../media/mix-pictures.ts';
import type { MixTask } from '../../story/plan/task.ts';
import type { CpuWork } from './cpu-work.ts';

/**
 * A segment of a join between clips of different sizes.
 * @throws PipelineError `MEDIA_FAILED`, with the file of a segment that cannot be used; `RESOURCE_DISK`.
 */
export const mixClips: CpuWork<MixTask> = async ({ params }, { inputFiles, outputFile }, progress) => {
  const { frames, from, count } = params;
  await mixSegments(inputFiles, outputFile, {
    mix: mixOf(params),
    frames,
    from,
    count,
    onFrame: (done) => {
      progress(done, count);
    },
  });
};

function mixOf({ look, sides }: MixTask['params']): PictureMix {
  if (look === undefined) return { kind: 'dissolve' };
  return look.kind === 'wipe' ? look : { kind: 'fade', side: sides === 'before' ? 'before' : 'after' };
}
