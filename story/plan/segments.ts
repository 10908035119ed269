/** Most frames of one segment: at 4K on two cores about ten seconds of work, which several workers share and a kill wastes little of. */
export const segmentFrames = 24;

/** A run of frames of one clip. */
export interface FrameRun {
  readonly from: number;
  readonly count: number;
}

/**
 * Cuts a run of frames into as few segments of at most `most` frames as it takes, nearly equal in size: the longest is
 * at most one frame longer than the shortest and comes first. An empty run gives no segment.
 */
export function cutIntoSegments(run: FrameRun, most: number = segmentFrames): FrameRun[] {
  const pieces = Math.ceil(run.count / most);
  const short = Math.floor(run.count / pieces);
  const numLonger = run.count - short * pieces;
  let from = run.from;
  return Array.from({ length: pieces }, (_, index) => {
    const piece = { from, count: index < numLonger ? short + 1 : short };
    from += piece.count;
    return piece;
  });
}
