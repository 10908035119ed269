import { PipelineError } from '../../errors/pipeline-error.ts';
import { unusableFile } from '../../errors/unusable-file.ts';
import { FootageClip } from '../../media/footage/footage-parts.ts';
import { FrameFile, type ReadableClip } from '../../media/frame-file.ts';
import type { FootageParts } from '../../story/plan/task.ts';

/** A clip that a task reads, in whatever way its frames are stored. */
export interface OpenClip extends ReadableClip {
  /** Lets go of its files. */
  close(): Promise<void>;
}

/**
 * Opens the clip of a task: the frames that a stage has made, or parts of a clip of one's own.
 * @throws PipelineError `ARTIFACT_CORRUPT` with the file that cannot be used.
 */
export async function openClip(files: readonly string[], footage: FootageParts | undefined): Promise<OpenClip> {
  const [first] = files;
  if (first === undefined) throw new PipelineError('INTERNAL', 'a task came without its clip');
  if (footage === undefined) return FrameFile.open(first);
  const clip = await FootageClip.open(files, footage).catch((error: unknown) => {
    throw blamed(error, first);
  });
  return {
    numFrames: clip.numFrames,
    width: clip.width,
    height: clip.height,
    read: (from, count) =>
      clip.read(from, count).catch((error: unknown) => {
        throw blamed(error, first);
      }),
    close: () => clip.close(),
  };
}

/** Nobody's encoder is at fault when a part cannot be read: it was altered on its way. */
function blamed(error: unknown, file: string): unknown {
  if (!(error instanceof PipelineError) || error.code !== 'MEDIA_FAILED') return error;
  const { details } = error;
  return unusableFile(typeof details['file'] === 'string' ? details['file'] : file, error);
}
