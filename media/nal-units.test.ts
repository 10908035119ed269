import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { nalUnitTypes } from './nal-units.ts';

const sample = (...units: number[][]): Uint8Array =>
  Uint8Array.from(units.flatMap((unit) => [0, 0, 0, unit.length, ...unit]));

describe('nalUnitTypes', () => {
  test('lists the types of the units', () => {
    expect(nalUnitTypes(sample([0x67, 1], [0x68], [0x65, 2, 3]))).toEqual([7, 8, 5]);
  });

  test('knows a damaged sample', () => {
    expect(nalUnitTypes(new Uint8Array())).toBeNull();
    expect(nalUnitTypes(sample([0x65, 1, 2]).subarray(0, 6))).toBeNull();
    expect(nalUnitTypes(Uint8Array.from([...sample([0x65, 1]), 0]))).toBeNull();
    expect(nalUnitTypes(sample([]))).toBeNull();
  });

  test('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const types = nalUnitTypes(bytes);
        expect(types === null || types.length > 0).toBe(true);
      }),
    );
  });
});
