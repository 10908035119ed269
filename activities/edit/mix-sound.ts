import { join } from 'node:path';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { makeFilmSound } from '../../media/sound/film-sound.ts';
import type { MixedSound } from '../../media/sound/mixer.ts';
import { samplesOfFrames } from '../../media/sound/sound-rate.ts';
import type { SoundCue, SoundTask } from '../../story/plan/task.ts';
import type { CpuWork } from './cpu-work.ts';

/** Clients and voices upload FLAC, and a worker opens nothing else: it need not trust what claims to be a sound. */
const formats = 'flac';

/**
 * The sound of a film: mixed, at its loudness, coded.
 * @throws PipelineError `MEDIA_FAILED` with the file of a sound that cannot be read; `RESOURCE_DISK`.
 */
export const mixSound: CpuWork<SoundTask> = async ({ params }, { inputFiles, outputFile, scratchDir }, progress) => {
  const { frames, fps, codec, loudness, duck } = params;
  const samples = samplesOfFrames(frames, fps);
  progress(0, frames);
  await makeFilmSound({
    sounds: params.cues.map((cue) => soundOf(cue, inputFiles)),
    samples,
    duck,
    codec,
    loudness,
    output: outputFile,
    scratch: join(scratchDir, 'mix.pcm'),
    onProgress: (done) => {
      progress(Math.min(frames, Math.floor((frames * done) / (2 * samples))), frames);
    },
  });
};

function soundOf({ kind, input, ...cue }: SoundCue, inputFiles: readonly string[]): MixedSound {
  const file = inputFiles[input];
  if (file === undefined) throw new PipelineError('INTERNAL', `a sound is input ${input} of ${inputFiles.length}`);
  return { ...cue, file, formats, isVoice: kind === 'voice' };
}
