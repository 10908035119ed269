import { PipelineError } from '../../errors/pipeline-error.ts';
import { type FramePart, partOfShape, type PictureSize, wholeIn } from '../../media/frame-part.ts';
import { makeRendition } from '../../media/rendition.ts';
import type { RenditionTask } from '../../story/plan/task.ts';
import { captionPicture } from '../../words/caption-picture.ts';
import type { EngineJob, Pipeline } from '../../engine/engine-job.ts';
import { eased } from './framed-clip.ts';

/**
 * A segment in another size, shape or codec. No model works; it runs here because encoding takes cores.
 *
 * @throws PipelineError `MEDIA_FAILED` with the file of a segment that cannot be used; `RESOURCE_*`.
 */
export const runRendition: Pipeline<RenditionTask> = async ({ params }, job: EngineJob) => {
  const [segment] = job.inputFiles;
  if (segment === undefined) throw new PipelineError('INTERNAL', 'A rendition came without its segment');
  const { width, height, frames, framing, cues = [], codec, depth, quality, bitrate } = params;
  const size = { width, height };
  const rate = { ...(quality === undefined ? {} : { quality }), ...(bitrate === undefined ? {} : { bitrate }) };
  await makeRendition(segment, job.outputFile, {
    ...size,
    frames,
    encoding: { codec, depth, ...rate },
    partOf: (frame, whole) => shownPart(whole, size, framing, frame),
    place: (whole) => (framing?.kind === 'pad' ? wholeIn(size, whole) : { left: 0, top: 0, ...size }),
    overlays: cues.map(({ from, until, text }) => ({ from, until, picture: captionPicture(text, params) })),
    onFrame: async (done) => {
      job.progress('frame', done, frames);
      await job.throwIfCancelled();
    },
  });
};

/** The part of a film's frame that a file of another shape shows, in even pixels. */
export function shownPart(
  whole: PictureSize,
  size: PictureSize,
  framing: RenditionTask['params']['framing'],
  frame: number,
): FramePart {
  if (framing?.kind !== 'crop') return { left: 0, top: 0, width: whole.width, height: whole.height };
  const { focus, pan } = framing;
  const start = partOfShape(whole, size, { focus, even: true });
  const end = pan === undefined ? start : partOfShape(whole, size, { focus: pan.to, even: true });
  const share = pan === undefined ? 0 : eased((pan.first + frame + 1) / (pan.frames + 1));
  const on = (a: number, b: number): number => 2 * Math.round((a + (b - a) * share) / 2);
  return { ...start, left: on(start.left, end.left), top: on(start.top, end.top) };
}
