import { philoxNormal, type PhiloxStream } from '../tensor/philox.ts';
import { axesOf, type Shape, Tensor } from '../tensor/tensor.ts';

/**
 * Normals for frames of a clip, each from a stream of its own: a frame gets the same noise whichever frames are worked on
 * together, so that workers who share a clip agree where their parts overlap.
 *
 * @param shape `[1, C, F, h, w]`
 * @param first Place in the clip of the first of these frames; the next ones follow every `step` frames. With step 0 all get the same.
 */
export function frameNoise(random: PhiloxStream, shape: Shape, first: number, step = 1): Float32Array {
  const [, channels, frames, height, width] = axesOf({ shape }, 5);
  const plane = height * width;
  const noise = new Float32Array(channels * frames * plane);
  for (let frame = 0; frame < frames; frame++) {
    const stream = `${random.stream}/${first + frame * step}`;
    const ofFrame = philoxNormal({ ...random, stream }, channels * plane);
    for (let channel = 0; channel < channels; channel++) {
      const from = ofFrame.subarray(channel * plane, (channel + 1) * plane);
      noise.set(from, (channel * frames + frame) * plane);
    }
  }
  return noise;
}

/** Clean latents with noise, √ᾱ · clean + √(1−ᾱ) · noise. */
export function diffuse(clean: Tensor, noise: Float32Array, alphaBar: number): Tensor {
  const [signal, spread] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
  return new Tensor(
    clean.shape,
    clean.data.map((value, index) => signal * value + spread * noise[index]!),
  );
}
