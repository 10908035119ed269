import { PipelineError } from '../../errors/pipeline-error.ts';
import type { Maker } from '../stage/maker.ts';
import { burnCaptions } from './burn.ts';
import { drawCard } from './card.ts';
import { dissolveClips } from './dissolve.ts';
import { mixClips } from './mix.ts';
import { mixSound } from './mix-sound.ts';
import { drawPreview } from './preview.ts';
import { speakText } from './speak-text.ts';
import { stitchFilm } from './stitch.ts';

/**
 * Makes the artifacts of the CPU pool in this process, but for voices that are models.
 *
 * @param speak Speaks with those, in an engine.
 */
export const cpuMaker =
  (speak: Maker): Maker =>
  async (job, hooks) => {
    if (job.task.stage === 'speech' && job.task.params.program === 'piper') return speak(job, hooks);
    return makeHere(job, hooks);
  };

const makeHere: Maker = async (job, { signal, onProgress }) => {
  const startedMs = performance.now();
  const progress = (done: number, of: number): void => {
    onProgress({ unit: 'frame', done, of });
    signal.throwIfAborted();
  };
  switch (job.task.stage) {
    case 'dissolve':
      await dissolveClips(job.task, job, progress);
      break;
    case 'burn':
      await burnCaptions(job.task, job, progress);
      break;
    case 'mix':
      await mixClips(job.task, job, progress);
      break;
    case 'card':
      await drawCard(job.task, job, progress);
      break;
    case 'speech':
      await speakText(job.task, job, progress);
      break;
    case 'sound':
      await mixSound(job.task, job, progress);
      break;
    case 'preview':
      await drawPreview(job.task, job, progress);
      break;
    case 'film':
      await stitchFilm(job.task, job, progress);
      break;
    default:
      throw new PipelineError(
        'INTERNAL',
        `the CPU pool does not run ${job.task.stage}; the task is on the wrong queue`,
      );
  }
  return { busyMs: performance.now() - startedMs, resumedFromStep: 0, peakBytes: 0 };
};
