import { PipelineError } from '../errors/pipeline-error.ts';
import type { FootageFault } from '../media/footage/footage-reader.ts';

/** A `SCRIPT_INVALID` error that says what is wrong with a clip; whoever knows the script adds the path. */
export function clipFault(message: string): PipelineError {
  return new PipelineError('SCRIPT_INVALID', message);
}

const words: Readonly<Record<FootageFault, string>> = {
  unreadable:
    'is no video that Shotline can read, or a part of it is missing; save it as mp4, mov, webm, mkv or gif, or copy it again whole',
  'no-video': 'has no pictures in it, only sound or nothing; name a video',
  'no-decoder': 'is coded in a way that Shotline cannot decode; save it as H.264 in an mp4',
  encrypted: 'is encrypted, as films of shops are; use a copy without protection',
  damaged: 'is damaged',
  'size-changes': 'changes its size on the way; save it anew in one size',
};

/**
 * What a failure of reading means for the clip, as a fault of the script; every other error as it is.
 * @param seconds How far it was read; `null`: not yet.
 */
export function asClipFault(error: unknown, seconds: number | null): unknown {
  if (!(error instanceof PipelineError) || error.code !== 'MEDIA_FAILED') return error;
  const { reason } = error.details;
  if (typeof reason !== 'string' || !Object.hasOwn(words, reason)) {
    return clipFault(`cannot be read (${error.message}); save it anew as H.264 in an mp4`);
  }
  if (reason !== 'damaged') return clipFault(words[reason as FootageFault]);
  const where = seconds === null ? '' : ` after ${seconds.toFixed(1)} seconds`;
  return clipFault(
    `is damaged${where}; copy it again whole, save it anew, or end the shot before that by cutting the file`,
  );
}
