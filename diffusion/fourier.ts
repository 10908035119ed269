/**
 * The discrete Fourier transform over three axes, of any size.
 *
 * J. Cooley, J. Tukey, "An Algorithm for the Machine Calculation of Complex Fourier Series", 1965,
 * doi:10.1090/S0025-5718-1965-0178586-1, for any factors: a line of n is split by the prime factors p of n and costs n · Σp.
 *
 * | here | textbooks |
 * | --- | --- |
 * | `roots[j]` | exp(∓2πi j / n) |
 * | `radix` | p, a prime factor of the length |
 *
 * Float64 throughout. docs/decisions/0012 says why it is not a library's.
 */

/** A complex volume `[depth, height, width]`, row-major, changed in place by {@link transform3}. */
export interface ComplexVolume {
  readonly shape: readonly [depth: number, height: number, width: number];
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/**
 * Transforms a volume in place along all three axes. `inverse` divides by the number of cells, so that it undoes `forward`.
 */
export function transform3({ shape, real, imaginary }: ComplexVolume, direction: 'forward' | 'inverse'): void {
  const [, height, width] = shape;
  const strides = [height * width, width, 1];
  for (const [axis, length] of shape.entries()) {
    if (length < 2) continue;
    const line = new LineTransform(length, direction);
    const stride = strides[axis]!;
    // Lines along an axis begin at every cell whose index on that axis is 0.
    for (let block = 0; block < real.length; block += stride * length) {
      for (let start = block; start < block + stride; start++) line.apply(real, imaginary, start, stride);
    }
  }
}

/** The transform of lines of one length. */
class LineTransform {
  readonly #length: number;
  readonly #factors: readonly number[];
  readonly #scale: number;
  readonly #cosines: Float64Array;
  readonly #sines: Float64Array;
  readonly #inReal: Float64Array;
  readonly #inImaginary: Float64Array;
  readonly #outReal: Float64Array;
  readonly #outImaginary: Float64Array;
  /** One value of each part, while they are put together. */
  readonly #partReal: Float64Array;
  readonly #partImaginary: Float64Array;

  constructor(length: number, direction: 'forward' | 'inverse') {
    const turn = ((direction === 'forward' ? -2 : 2) * Math.PI) / length;
    this.#length = length;
    this.#factors = primeFactors(length);
    this.#scale = direction === 'forward' ? 1 : 1 / length;
    this.#cosines = Float64Array.from({ length }, (_, index) => Math.cos(turn * index));
    this.#sines = Float64Array.from({ length }, (_, index) => Math.sin(turn * index));
    this.#inReal = new Float64Array(length);
    this.#inImaginary = new Float64Array(length);
    this.#outReal = new Float64Array(length);
    this.#outImaginary = new Float64Array(length);
    const largest = Math.max(...this.#factors);
    this.#partReal = new Float64Array(largest);
    this.#partImaginary = new Float64Array(largest);
  }

  /** Transforms the line of cells `start`, `start + stride` … in place. */
  apply(real: Float64Array, imaginary: Float64Array, start: number, stride: number): void {
    const length = this.#length;
    for (let index = 0; index < length; index++) {
      this.#inReal[index] = real[start + index * stride]!;
      this.#inImaginary[index] = imaginary[start + index * stride]!;
    }
    this.#split(0, 0, 1, 0, length);
    for (let index = 0; index < length; index++) {
      real[start + index * stride] = this.#outReal[index]! * this.#scale;
      imaginary[start + index * stride] = this.#outImaginary[index]! * this.#scale;
    }
  }

  /** Transforms the inputs `from`, `from + step` …, `count` of them, into the outputs `to … to + count − 1`. */
  #split(level: number, from: number, step: number, to: number, count: number): void {
    if (count === 1) {
      this.#outReal[to] = this.#inReal[from]!;
      this.#outImaginary[to] = this.#inImaginary[from]!;
      return;
    }
    const radix = this.#factors[level]!;
    const part = count / radix;
    for (let index = 0; index < radix; index++) {
      this.#split(level + 1, from + index * step, step * radix, to + index * part, part);
    }
    this.#join(to, radix, part);
  }

  /** Puts `radix` transforms of `part` values each together to one, in place. */
  #join(to: number, radix: number, part: number): void {
    const cosines = this.#cosines;
    const sines = this.#sines;
    const outReal = this.#outReal;
    const outImaginary = this.#outImaginary;
    const partReal = this.#partReal;
    const partImaginary = this.#partImaginary;
    const length = this.#length;
    const rootOfRadix = length / radix;
    for (let place = 0; place < part; place++) {
      const turn = place * (rootOfRadix / part);
      for (let index = 0; index < radix; index++) {
        const cell = to + index * part + place;
        const cosine = cosines[index * turn]!;
        const sine = sines[index * turn]!;
        partReal[index] = outReal[cell]! * cosine - outImaginary[cell]! * sine;
        partImaginary[index] = outReal[cell]! * sine + outImaginary[cell]! * cosine;
      }
      for (let target = 0; target < radix; target++) {
        const step = target * rootOfRadix;
        let real = partReal[0]!;
        let imaginary = partImaginary[0]!;
        for (let index = 1, root = step; index < radix; index++) {
          real += partReal[index]! * cosines[root]! - partImaginary[index]! * sines[root]!;
          imaginary += partReal[index]! * sines[root]! + partImaginary[index]! * cosines[root]!;
          root += step;
          if (root >= length) root -= length;
        }
        outReal[to + target * part + place] = real;
        outImaginary[to + target * part + place] = imaginary;
      }
    }
  }
}

function primeFactors(length: number): number[] {
  const factors: number[] = [];
  let rest = length;
  for (let factor = 2; rest > 1; factor++) {
    for (; rest % factor === 0; rest /= factor) factors.push(factor);
  }
  return factors;
}
