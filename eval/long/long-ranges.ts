import { type ClipRange, clipRanges } from './clips.ts';

/** Scene changes beyond this count in VBench-Long. Vchitect/VBench @45e79ec, `vbench2_beta_long/__init__.py` `preprocess`. */
export const longThreshold = 35;

/**
 * The clips of a long video as VBench-Long makes them: it is cut where scenes change, and each scene into clips of one length.
 *
 * @param changes Frames that scenes begin with, rising.
 */
export function longRanges(numFrames: number, fps: number, seconds: number, changes: readonly number[]): ClipRange[] {
  const begins = [0, ...changes.filter((frame) => frame > 0 && frame < numFrames)];
  return begins.flatMap((begin, index) => {
    const end = begins[index + 1] ?? numFrames;
    return clipRanges(end - begin, fps, seconds).map(({ from, to }) => ({ from: begin + from, to: begin + to }));
  });
}
