/**
 * Where the scene of a video changes, by the rule of PySceneDetect's content detector, which VBench-Long cuts videos with. Reference:
 * scenedetect 0.7.2, `detectors/content_detector.py` and `detector.py` (`FlashFilter`, merging); Vchitect/VBench @45e79ec,
 * `vbench2_beta_long/utils.py`. Hue, saturation and value are OpenCV's of eight bits.
 *
 *   score of a frame: mean of the mean absolute differences of hue, saturation and value to the frame before
 *   a cut where the score is at least the threshold; cuts closer than `minLength` frames become one
 *
 * Where we differ: the reference shrinks frames to 256 pixels in width by its own filter, ours come so from the decoder.
 */

/** A frame: rows of pixels from the top, red, green and blue, a byte each. */
export interface RgbFrame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A frame as hue 0 … 179, saturation and value 0 … 255, each in a plane. */
type Hsv = readonly [hue: Uint8Array, saturation: Uint8Array, value: Uint8Array];

const shift = 12;
const half = 1 << (shift - 1);
const saturationOf = Int32Array.from({ length: 256 }, (_, value) =>
  value === 0 ? 0 : roundEven((255 << shift) / value),
);
const hueOf = Int32Array.from({ length: 256 }, (_, spread) =>
  spread === 0 ? 0 : roundEven((180 << shift) / (6 * spread)),
);

function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** Settings of the detector. */
export interface SceneSettings {
  readonly threshold: number;
  /** Frames of the shortest scene. */
  readonly minLength: number;
}

/** Those of the published package. */
export const sceneSettings: SceneSettings = { threshold: 27, minLength: 15 };

/** Finds cuts frame by frame. */
export class SceneDetector {
  readonly #settings: SceneSettings;
  #before: Hsv | null = null;
  #frame = -1;
  #score = 0;
  #lastAbove: number | null = null;
  #mergeEnabled = false;
  #mergeTriggered = false;
  #mergeStart = 0;

  constructor(settings: SceneSettings = sceneSettings) {
    this.#settings = settings;
  }

  /** How far the last frame is from the one before, 0 … 255. */
  get score(): number {
    return this.#score;
  }

  /** Takes the next frame; gives the frame that a scene begins with, if one was found by now. */
  next(picture: RgbFrame): number | null {
    this.#frame++;
    const hsv = hsvOf(picture);
    this.#score = this.#before === null ? 0 : contentDifference(this.#before, hsv);
    this.#before = hsv;
    return this.#filter(this.#score >= this.#settings.threshold);
  }

  #filter(isAbove: boolean): number | null {
    const { minLength } = this.#settings;
    const frame = this.#frame;
    this.#lastAbove ??= frame;
    const isLong = frame - this.#lastAbove >= minLength;
    if (isAbove) this.#lastAbove = frame;
    if (this.#mergeTriggered) {
      if (!isLong || isAbove || this.#lastAbove - this.#mergeStart < minLength) return null;
      this.#mergeTriggered = false;
      return this.#lastAbove;
    }
    if (!isAbove) return null;
    if (isLong) {
      this.#mergeEnabled = true;
      return frame;
    }
    if (this.#mergeEnabled) {
      this.#mergeTriggered = true;
      this.#mergeStart = frame;
    }
    return null;
  }
}

/** Mean of the mean absolute differences of the three planes. */
function contentDifference(before: Hsv, after: Hsv): number {
  return (
    after.reduce((sum, plane, index) => {
      const other = before[index];
      if (other === undefined) return sum;
      let difference = 0;
      for (const [at, value] of plane.entries()) difference += Math.abs(value - (other[at] ?? 0));
      return sum + difference / plane.length;
    }, 0) / 3
  );
}

function hsvOf({ width, height, data }: RgbFrame): Hsv {
  const size = width * height;
  const [hue, saturation, value] = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)];
  for (let at = 0; at < size; at++) {
    const [r, g, b] = [data[3 * at] ?? 0, data[3 * at + 1] ?? 0, data[3 * at + 2] ?? 0];
    const top = Math.max(r, g, b);
    const spread = top - Math.min(r, g, b);
    const turn = top === r ? g - b : top === g ? b - r + 2 * spread : r - g + 4 * spread;
    const angle = (turn * (hueOf[spread] ?? 0) + half) >> shift;
    hue[at] = angle < 0 ? angle + 180 : angle;
    saturation[at] = (spread * (saturationOf[top] ?? 0) + half) >> shift;
    value[at] = top;
  }
  return [hue, saturation, value];
}
