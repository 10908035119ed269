import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { alphaBarAt, inferenceTimesteps, samplingSteps, type TimestepSpacing } from './sampling-steps.ts';
import { alphaBars, type NoiseSchedule } from './schedule.ts';

interface ScheduleGolden {
  readonly tables: readonly {
    readonly schedule: NoiseSchedule;
    readonly alphaBars: Readonly<Record<string, number>>;
  }[];
  readonly timesteps: readonly {
    readonly spacing: TimestepSpacing;
    readonly steps: number;
    readonly timesteps: readonly number[];
  }[];
}
const golden = JSON.parse(readFileSync(new URL('../goldens/schedule.json', import.meta.url), 'utf8')) as ScheduleGolden;
const linear: NoiseSchedule = { kind: 'linear', betaStart: 1e-4, betaEnd: 0.02, trainSteps: 1000 };

describe('alphaBars', () => {
  test.each(golden.tables)('equals NumPy in float64 for $schedule', ({ schedule, alphaBars: expected }) => {
    const table = alphaBars(schedule);
    for (const [index, value] of Object.entries(expected)) {
      // The two sides take other roads to the same curve; what is left is rounding.
      expect(Math.abs(table[Number(index)]! - value)).toBeLessThanOrEqual(1e-11 * value);
    }
  });

  test('falls strictly and stays inside 0 … 1', () => {
    const cosines = fc
      .record({ shift: fc.double({ min: 0.1, max: 10, noNaN: true }), trainSteps: fc.integer({ min: 2, max: 1200 }) })
      .map((options): NoiseSchedule => ({ kind: 'cosine', ...options }));
    fc.assert(
      fc.property(fc.oneof(fc.constant(linear), cosines), (schedule) => {
        const table = alphaBars(schedule);
        expect(table.every((value, index) => value >= 0 && value < (table[index - 1] ?? 1))).toBe(true);
      }),
    );
  });

  test('ends at exactly zero for cosine', () => {
    expect(alphaBars({ kind: 'cosine', shift: 2, trainSteps: 1000 })[999]).toBe(0);
  });

  test.each(['linear', 'scaled-linear'] as const)('can be stretched to zero terminal SNR: %s', (kind) => {
    const betas = { kind, betaStart: 0.00085, betaEnd: 0.012, trainSteps: 1000 };
    const [plain, stretched] = [alphaBars(betas), alphaBars({ ...betas, zeroTerminalSnr: true })];
    expect(stretched[999]).toBe(0);
    expect(stretched[0]).toBeCloseTo(plain[0]!, 14);
    expect(stretched.every((value, index) => value < (stretched[index - 1] ?? 1))).toBe(true);
  });

  test('is cos² at shift 1', () => {
    const table = alphaBars({ kind: 'cosine', shift: 1, trainSteps: 1000 });
    for (const index of [0, 250, 499, 998]) {
      expect(table[index]).toBeCloseTo(Math.cos(((index + 1) / 1000) * (Math.PI / 2)) ** 2, 14);
    }
  });
});

describe('inferenceTimesteps', () => {
  test.each(golden.timesteps)(
    'equals the reference for $spacing.kind, $steps steps',
    ({ spacing, steps, timesteps }) => {
      expect(inferenceTimesteps(spacing, 1000, steps)).toEqual(timesteps);
    },
  );

  test('is 999, …, 82, 61, 41, 20, 0 for fifty fractional steps, as LaVie interpolates', () => {
    const timesteps = inferenceTimesteps({ kind: 'fractional' }, 1000, 50);
    expect(timesteps).toHaveLength(50);
    expect(timesteps[0]).toBe(999);
    expect(timesteps.slice(-5)).toEqual([82, 61, 41, 20, 0]);
  });

  test('is 981, 961, …, 1 for fifty leading steps with offset 1, as LaVie base under DDIM', () => {
    const timesteps = inferenceTimesteps({ kind: 'leading', offset: 1 }, 1000, 50);
    expect([timesteps[0], timesteps[1], timesteps[49]]).toEqual([981, 961, 1]);
  });

  test('falls strictly inside 0 … T−1 for every spacing and count', () => {
    const spacings = fc.constantFrom<TimestepSpacing>(
      { kind: 'trailing' },
      { kind: 'leading', offset: 0 },
      { kind: 'fractional' },
      { kind: 'linspace' },
      { kind: 'linspace', between: true },
    );
    const counts = fc
      .integer({ min: 1, max: 1000 })
      .chain((train) => fc.tuple(fc.constant(train), fc.integer({ min: 1, max: train })));
    fc.assert(
      fc.property(spacings, counts, (spacing, [trainSteps, steps]) => {
        const timesteps = inferenceTimesteps(spacing, trainSteps, steps);
        expect(timesteps).toHaveLength(steps);
        expect(timesteps[0]).toBeLessThan(trainSteps);
        expect(timesteps.at(-1)).toBeGreaterThanOrEqual(0);
        expect(timesteps.every((value, index) => index === 0 || value < timesteps[index - 1]!)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test.each([0, -1, 2.5, 1001, Number.NaN])('refuses %p steps', (steps) => {
    expect(() => inferenceTimesteps({ kind: 'trailing' }, 1000, steps)).toThrow('a whole number from 1 to 1000');
  });

  test('refuses leading steps that the offset pushes past the end', () => {
    expect(() => inferenceTimesteps({ kind: 'leading', offset: 1 }, 1000, 1000)).toThrow('reach timestep 1000');
  });
});

describe('samplingSteps', () => {
  test('joins every step to the next and ends at the clean sample', () => {
    const steps = samplingSteps(linear, { kind: 'trailing' }, 30);
    steps.forEach((step, index) => {
      expect(step.alphaBarNext).toBe(steps[index + 1]?.alphaBar ?? 1);
      expect(step.alphaBarNext).toBeGreaterThan(step.alphaBar);
    });
  });

  test('can end at the first entry of the table, as Stable Diffusion 1 does', () => {
    const steps = samplingSteps(linear, { kind: 'leading', offset: 1 }, 50, 'first');
    expect(steps.at(-1)).toMatchObject({ timestep: 1, alphaBarNext: 1 - 1e-4 });
  });

  test('can begin between timesteps: σ is interpolated and the nearest timestep told', () => {
    const steps = samplingSteps(linear, { kind: 'linspace', between: true }, 5);
    expect(steps.map((step) => step.timestep)).toEqual([999, 749, 500, 250, 0]);
    const table = alphaBars(linear);
    expect(steps[1]!.alphaBar).toBe(alphaBarAt(table, 749.25, 'linear'));
    expect(steps[1]!.alphaBar).toBeLessThan(table[749]!);
    expect(steps[1]!.alphaBar).toBeGreaterThan(table[750]!);
  });
});
