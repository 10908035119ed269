import type { RgbFrames } from '../../media/frame-file.ts';
import { frameAt } from '../../story/plan/frame-runs.ts';
import type { Pace } from '../../story/plan/task.ts';

/** Frames that can be read in parts. */
export interface ReadableClip {
  readonly numFrames: number;
  readonly width: number;
  readonly height: number;
  /** Frames `from … from+count−1`. @throws PipelineError `ARTIFACT_CORRUPT` when there are no such frames. */
  read(from: number, count: number): Promise<RgbFrames>;
}

/** A run of frames that follows a clip at another pace, as a clip of its own. */
export function pacedClip(clip: ReadableClip, pace: Pace): ReadableClip {
  const { width, height } = clip;
  return {
    numFrames: pace.frames,
    width,
    height,
    read: async (from, count) => {
      const data = new Uint8Array(count * 3 * height * width);
      for (let index = 0; index < count; index++) {
        const frame = await clip.read(frameAt(pace, from + index), 1);
        data.set(frame.data, index * frame.data.length);
      }
      return { count, width, height, data };
    },
  };
}
