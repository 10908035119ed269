import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ClipSettings } from './clip-settings.ts';
import { hasShape } from './framing.ts';
import type { MadeShot } from './plan.ts';
import { planProblem } from '../script/plan-problem.ts';
import type { OutputSettings, PictureRef, Shot } from '../script/script.ts';
import { taskOf } from './task-key.ts';
import type { PictureTask } from './task.ts';

/** The known pictures of a shot with the tasks that encode them. @throws PipelineError `SCRIPT_INVALID` for a frame that a clip has not. */
export function planPictures(
  shot: Shot,
  index: number,
  clips: ClipSettings,
  { output, focus }: { readonly output: OutputSettings; readonly focus: number },
): NonNullable<MadeShot['pictures']> {
  // Cropped once, to what the film shows.
  const crops = output.fit !== 'pad' && !hasShape(clips.native, output);
  const shown = crops ? { shown: { width: output.width, height: output.height, focus } } : {};
  return (shot.pictures ?? []).map(({ frame, picture }) => {
    const { source } = picture;
    const key = keyOf(picture);
    if (frame >= clips.numKeys) {
      const finding = `is ${JSON.stringify(source)}; a clip has frames 0 to ${clips.numKeys - 1}; choose one of them`;
      const problem = planProblem(`shots[${index}].keyframes.${frame}`, finding);
      throw new PipelineError('SCRIPT_INVALID', problem.message, { details: { problems: [problem] } });
    }
    const params = { picture: key, ...clips.native, ...shown };
    const inputs = [{ stage: 'upload', key } as const];
    const packages = clips.packages('vae');
    return { frame, source, task: taskOf<PictureTask>({ stage: 'picture', params, inputs, packages }) };
  });
}

/** Key of the upload of a picture. @throws PipelineError `INTERNAL` when it was not read yet. */
export function keyOf({ source, key }: PictureRef): string {
  if (key !== null) return key;
  throw new PipelineError('INTERNAL', `picture ${source} has no key; read the pictures before planning`);
}
