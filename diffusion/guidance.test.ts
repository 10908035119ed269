import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Tensor } from '../tensor/tensor.ts';
import { guidedDenoiser, type DenoisingModel, type Guidance } from './guidance.ts';
import { createModelInput } from './model-input.ts';

const sampleShape = [1, 2, 3, 1, 2];
const sample = new Tensor(
  sampleShape,
  Float32Array.from({ length: 12 }, (_, index) => index / 8),
);
const positive = new Tensor([1, 1, 2, 1], Float32Array.of(3, 4));
const negative = new Tensor([1, 1, 2, 1], Float32Array.of(-1, 2));

/** A model whose answer is x · (sum of the context) + timestep, and that remembers its calls. */
function recordingModel(): { model: DenoisingModel; calls: { sample: Tensor; context: Tensor }[] } {
  const calls: { sample: Tensor; context: Tensor }[] = [];
  const model: DenoisingModel = (input, timestep, context) => {
    calls.push({ sample: new Tensor(input.shape, input.data.slice()), context });
    const [batch, channels] = input.shape as [number, number];
    const answer = Tensor.zeros([batch, ...sampleShape.slice(1)]);
    const per = answer.data.length / batch;
    for (let entry = 0; entry < batch; entry++) {
      const text = context.data.slice(2 * entry, 2 * entry + 2).reduce((sum, value) => sum + value, 0);
      for (let index = 0; index < per; index++) {
        answer.data[entry * per + index] = input.data[(entry * per * channels) / 2 + index]! * text + timestep;
      }
    }
    return Promise.resolve(answer);
  };
  return { model, calls };
}

const guidance = (scale: number, more: Partial<Guidance> = {}): Guidance => ({
  positive,
  negative,
  scale,
  rescale: 0,
  condition: null,
  batched: true,
  ...more,
});

describe('guidedDenoiser', () => {
  test('asks once with batch 2, the negative context first', async () => {
    const { model, calls } = recordingModel();
    const guided = await guidedDenoiser(model, sampleShape, guidance(5))(sample, 10);
    expect(calls).toHaveLength(1);
    expect(calls[0]!.sample.shape).toEqual([2, 2, 3, 1, 2]);
    expect(calls[0]!.context).toEqual(new Tensor([2, 1, 2, 1], Float32Array.of(-1, 2, 3, 4)));
    // negative + 5 · (positive − negative) = 1·x + 5 · (7·x − 1·x) = 31·x, and the timestep cancels out once.
    expect(guided).toEqual(
      new Tensor(
        sampleShape,
        sample.data.map((value) => 31 * value + 10),
      ),
    );
  });

  test.each([
    [1, positive],
    [0, negative],
  ])('asks once with batch 1 at scale %p', async (scale, context) => {
    const { model, calls } = recordingModel();
    await guidedDenoiser(model, sampleShape, guidance(scale))(sample, 10);
    expect(calls).toEqual([{ sample, context }]);
  });

  test('gives at scale 1 and 0 what the formula gives', async () => {
    const at = (scale: number): Promise<Tensor> =>
      guidedDenoiser(recordingModel().model, sampleShape, guidance(scale))(sample, 10);
    expect((await at(1)).data).toEqual(sample.data.map((value) => 7 * value + 10));
    expect((await at(0)).data).toEqual(sample.data.map((value) => value + 10));
  });

  test('makes two calls of batch 1 with the same result when batching is off', async () => {
    const { model, calls } = recordingModel();
    const unbatched = await guidedDenoiser(model, sampleShape, guidance(7.5, { batched: false }))(sample, 3);
    expect(calls.map((call) => call.sample.shape[0])).toEqual([1, 1]);
    expect(unbatched).toEqual(await guidedDenoiser(recordingModel().model, sampleShape, guidance(7.5))(sample, 3));
  });

  test('is the identity when both contexts are the same, whatever the scale', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: -20, max: 20, noNaN: true }), async (scale) => {
        const { model } = recordingModel();
        const guided = await guidedDenoiser(model, sampleShape, guidance(scale, { negative: positive }))(sample, 1);
        expect(guided.data).toEqual(sample.data.map((value) => 7 * value + 1));
      }),
    );
  });

  test.each([true, false])('guides the first channels alone where it is told so (batched %p)', async (batched) => {
    const { model } = recordingModel();
    const all = await guidedDenoiser(model, sampleShape, guidance(3, { batched }))(sample, 5);
    const made = await guidedDenoiser(model, sampleShape, guidance(3, { batched, guidedChannels: 1 }))(sample, 5);
    const alone = await guidedDenoiser(model, sampleShape, guidance(1))(sample, 5);
    expect([...made.data.subarray(0, 6)]).toEqual([...all.data.subarray(0, 6)]);
    expect([...made.data.subarray(6)]).toEqual([...alone.data.subarray(6)]);
    expect([...made.data.subarray(6)]).not.toEqual([...all.data.subarray(6)]);
  });

  describe('with rescale', () => {
    interface Case {
      readonly scale: number;
      readonly rescale: number;
      readonly negative: readonly number[];
      readonly positive: readonly number[];
      readonly guided: readonly number[];
    }
    const { cases } = JSON.parse(readFileSync(new URL('goldens/guidance.json', import.meta.url), 'utf8')) as {
      readonly cases: readonly Case[];
    };

    test.each(cases)('equals diffusers at scale $scale, rescale $rescale', async ({ scale, rescale, ...golden }) => {
      // The model answers what the golden has for this context, whatever the sample.
      const model: DenoisingModel = (_, __, context) => {
        const answers = context.data[0] === negative.data[0] ? golden.negative : golden.positive;
        return Promise.resolve(new Tensor(sampleShape, Float32Array.from(answers)));
      };
      const options = guidance(scale, { rescale, batched: false });
      const { data } = await guidedDenoiser(model, sampleShape, options)(sample, 1);
      golden.guided.forEach((value, index) => {
        expect(Math.abs(data[index]! - value)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)));
      });
    });

    test('leaves a prediction without spread as it is', async () => {
      const model: DenoisingModel = (input) => Promise.resolve(Tensor.zeros(input.shape));
      const guided = await guidedDenoiser(model, sampleShape, guidance(3, { rescale: 1 }))(sample, 1);
      expect(guided).toEqual(Tensor.zeros(sampleShape));
    });
  });

  test('refuses contexts of different shapes', () => {
    const other = Tensor.zeros([1, 3, 2, 1]);
    expect(() => guidedDenoiser(recordingModel().model, sampleShape, guidance(2, { negative: other }))).toThrow(
      'context of the negative prompt has shape [1, 3, 2, 1]; it must be [1, 1, 2, 1]',
    );
  });

  test('refuses a model that answers in another shape', async () => {
    const model: DenoisingModel = (input) => Promise.resolve(input);
    const condition = Tensor.zeros([1, 1, 3, 1, 2]);
    await expect(guidedDenoiser(model, sampleShape, guidance(2, { condition }))(sample, 0)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
    });
  });
});

describe('createModelInput', () => {
  test('puts the condition behind the sample in every batch entry, at every call', () => {
    const condition = new Tensor([1, 1, 3, 1, 2], Float32Array.of(90, 91, 92, 93, 94, 95));
    const build = createModelInput(2, sampleShape, condition);
    build(Tensor.zeros(sampleShape));
    const input = build(sample);
    expect(input.shape).toEqual([2, 3, 3, 1, 2]);
    expect([...input.data]).toEqual([...sample.data, ...condition.data, ...sample.data, ...condition.data]);
  });

  test('refuses a condition with other frames', () => {
    expect(() => createModelInput(1, sampleShape, Tensor.zeros([1, 1, 4, 1, 2]))).toThrow('must be [1, any, 3, 1, 2]');
  });
});
