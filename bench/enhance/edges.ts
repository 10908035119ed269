/**
 * How near a picture comes to the true one, as `modeling/train/edges.py` has it: PSNR of all of it and near edges, and how steep it is at
 * them. Edges are the steepest hundredth of the true picture's pixels.
 */

/** A picture of luma codes, 16 … 235. */
export interface Luma {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Measures of a picture against the true one. */
export interface Likeness {
  /** dB; the range of luma is 219 codes. */
  readonly psnr: number;
  /** The same, of squares of nine pixels around edges. */
  readonly psnrNearEdges: number;
  /** Steepest slope near an edge over the true one, means over all edges. */
  readonly steepness: number;
}

const range = 219;
const near = 4;
const share = 0.01;

/** The true picture, ready to be compared with several. */
export class TruePicture {
  readonly #true: Luma;
  readonly #slopes: Float32Array;
  readonly #isEdge: Uint8Array;
  readonly #isNear: Uint8Array;

  constructor(picture: Luma) {
    this.#true = picture;
    this.#slopes = slopesOf(picture);
    const sorted = this.#slopes.filter((_, index) => index % 97 === 0).sort();
    const limit = Math.max(1e-6, sorted[Math.floor((1 - share) * (sorted.length - 1))]!);
    this.#isEdge = Uint8Array.from(this.#slopes, (slope) => (slope >= limit ? 1 : 0));
    this.#isNear = Uint8Array.from(widest(Float32Array.from(this.#isEdge), picture));
  }

  compare(made: Luma): Likeness {
    const own = widest(slopesOf(made), made);
    let [all, close, numClose, steep, right] = [0, 0, 0, 0, 0];
    for (const [index, code] of this.#true.data.entries()) {
      const square = (code - made.data[index]!) ** 2;
      all += square;
      if (this.#isNear[index] === 1) {
        close += square;
        numClose++;
      }
      if (this.#isEdge[index] === 1) {
        steep += own[index]!;
        right += this.#slopes[index]!;
      }
    }
    return {
      psnr: decibels(all / this.#true.data.length),
      psnrNearEdges: decibels(close / numClose),
      steepness: steep / right,
    };
  }
}

const decibels = (meanSquare: number): number => 10 * Math.log10(range ** 2 / meanSquare);

/** Size of the gradient, by differences to the next pixel. */
function slopesOf({ width, height, data }: Luma): Float32Array {
  return Float32Array.from(data, (code, index) => {
    const right = index % width === width - 1 ? 0 : data[index + 1]! - code;
    const down = index >= width * (height - 1) ? 0 : data[index + width]! - code;
    return Math.sqrt(right ** 2 + down ** 2);
  });
}

/** The largest value in the square around each pixel. */
function widest(values: Float32Array, { width, height }: Pick<Luma, 'width' | 'height'>): Float32Array {
  const across = new Float32Array(values.length);
  for (let y = 0; y < height; y++) widestLine(values, across, { start: y * width, step: 1, length: width });
  const result = new Float32Array(values.length);
  for (let x = 0; x < width; x++) widestLine(across, result, { start: x, step: width, length: height });
  return result;
}

function widestLine(
  from: Float32Array,
  to: Float32Array,
  { start, step, length }: { readonly start: number; readonly step: number; readonly length: number },
): void {
  for (let place = 0; place < length; place++) {
    let most = 0;
    const last = Math.min(length - 1, place + near);
    for (let other = Math.max(0, place - near); other <= last; other++) {
      most = Math.max(most, from[start + other * step]!);
    }
    to[start + place * step] = most;
  }
}
