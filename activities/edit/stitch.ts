import { remuxSegments } from '../../media/stitch.ts';
import { SoundTrack } from '../../media/sound/sound-track.ts';
import type { FilmTask } from '../../story/plan/task.ts';
import type { CpuWork } from './cpu-work.ts';

/**
 * All segments of a film to one MP4, by remux, and its sound beside them.
 * @throws PipelineError `MEDIA_FAILED`, with the file of a segment or sound that cannot be used; `RESOURCE_DISK`.
 */
export const stitchFilm: CpuWork<FilmTask> = async ({ params, inputs }, { inputFiles, outputFile }, progress) => {
  const isSound = (index: number): boolean => inputs[index]?.stage === 'sound';
  const segments = inputFiles.filter((_, index) => !isSound(index));
  const [sound] = inputFiles.filter((_, index) => isSound(index));
  const track = sound === undefined ? null : await SoundTrack.open(sound);
  try {
    await remuxSegments({
      segments,
      output: outputFile,
      expectedFrames: params.frames,
      ...(params.fragments === true ? { fragments: true } : {}),
      ...(track === null ? {} : { tracks: [track] }),
      onSegment: (done) => {
        progress(Math.floor((params.frames * done) / segments.length), params.frames);
      },
    });
  } finally {
    await track?.close();
  }
};
