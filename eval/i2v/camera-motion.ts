/**
 * VBench-I2V, camera motion: whether the points at the edges of the picture move as the camera was told to.
 *
 * Vchitect/VBench @45e79ec, `vbench2_beta_i2v/camera_motion.py`. Published: CoTracker2 on a grid of 10 × 10 points, whole
 * pixels. Of each edge the point beside the middle (index 5) is followed from the first frame to the last.
 *
 *   a point goes right when Δx > 0.005 · min(height, width), and so on; it may go along both axes at once
 *   top and bottom, and left and right, are read as a pair: both left → pan right, apart → zoom in, …
 */
import type { VideoScore } from '../formulas/video-score.ts';

/** What a camera can do. */
export type CameraMotion = 'pan_left' | 'pan_right' | 'tilt_up' | 'tilt_down' | 'zoom_in' | 'zoom_out' | 'static';

type Way = 'left' | 'right' | 'up' | 'down' | 'static';

/** Points of the grid, rows from the top: `[row][column]`, each `[x, y]` in pixels. */
export type TrackGrid = readonly (readonly (readonly [x: number, y: number])[])[];

const sameWay: Readonly<Record<string, CameraMotion>> = {
  left_left: 'pan_right',
  right_right: 'pan_left',
  down_down: 'tilt_up',
  up_up: 'tilt_down',
  static_static: 'static',
};
const topAndBottom: typeof sameWay = { ...sameWay, up_down: 'zoom_in', down_up: 'zoom_out' };
const leftAndRight: typeof sameWay = { ...sameWay, left_right: 'zoom_in', right_left: 'zoom_out' };

/** The phrases of the published prompts. */
const phrases = {
  'camera pans left': 'pan_left',
  'camera pans right': 'pan_right',
  'camera tilts up': 'tilt_up',
  'camera tilts down': 'tilt_down',
  'camera zooms in': 'zoom_in',
  'camera zooms out': 'zoom_out',
  'camera static': 'static',
} as const satisfies Record<string, CameraMotion>;

/** The motion that a prompt or file name asks for; `null` when it names none. */
export function askedCameraMotion(text: string): CameraMotion | null {
  const found = Object.entries(phrases).find(([phrase]) => text.includes(phrase));
  return found === undefined ? null : found[1];
}

/**
 * Everything the camera does between two moments, from the tracked points; empty when the edges agree on nothing. A pair that
 * agrees on nothing counts beside one that stands still: the camera is `static` only if both pairs are.
 */
export function cameraMotions(
  first: TrackGrid,
  last: TrackGrid,
  size: { readonly width: number; readonly height: number },
): ReadonlySet<CameraMotion> {
  const end = first.length - 1;
  const middle = Math.floor(first.length / 2);
  const waysAt = (row: number, column: number): readonly Way[] => {
    const [x0, y0] = first[row]?.[column] ?? [0, 0];
    const [x1, y1] = last[row]?.[column] ?? [0, 0];
    return waysOf(x1 - x0, y1 - y0, 0.005 * Math.min(size.width, size.height));
  };
  const pairs = [
    readPair(waysAt(0, middle), waysAt(end, middle), topAndBottom),
    readPair(waysAt(middle, 0), waysAt(middle, end), leftAndRight),
  ];
  const found = new Set<CameraMotion>(pairs.flat());
  if (found.size > 1 || pairs.some((pair) => pair.length === 0)) found.delete('static');
  return found;
}

function waysOf(x: number, y: number, least: number): readonly Way[] {
  const ways: Way[] = [];
  if (Math.abs(x) > least) ways.push(x > 0 ? 'right' : 'left');
  if (Math.abs(y) > least) ways.push(y > 0 ? 'down' : 'up');
  return ways.length === 0 ? ['static'] : ways;
}

function readPair(one: readonly Way[], two: readonly Way[], table: typeof sameWay): readonly CameraMotion[] {
  return one.flatMap((left) => two.flatMap((right) => table[`${left}_${right}`] ?? []));
}

/** 1 when the asked motion is among those found, else 0. */
export function cameraMotion(found: ReadonlySet<CameraMotion>, asked: CameraMotion): VideoScore {
  return { score: found.has(asked) ? 1 : 0, weight: 1 };
}
