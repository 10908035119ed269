import { expect, test } from '@jest/globals';
import { parseCount, parseHours, parseSeed, parseSize, parseTenant } from './option-parsers.ts';

test('a size is two even numbers within the limits of a script', () => {
  expect(parseSize('1920x1080')).toEqual({ width: 1920, height: 1080 });
  for (const named of ['1080p', '1080P', '1920X1080', '1920×1080']) {
    expect(parseSize(named)).toEqual({ width: 1920, height: 1080 });
  }
  expect([parseSize('720p'), parseSize('4k')]).toEqual([
    { width: 1280, height: 720 },
    { width: 3840, height: 2160 },
  ]);
  for (const wrong of ['1920', '1080i', '1921x1080', '8x8', '9000x100', '7680x7680', '-2x4', '1e3x100']) {
    expect(() => parseSize(wrong)).toThrow();
  }
});

test('a seed has 32 bits', () => {
  expect(parseSeed('4294967295')).toBe(4294967295);
  for (const wrong of ['4294967296', '-1', '1.5', '', 'x']) expect(() => parseSeed(wrong)).toThrow();
});

test('a count is above 0', () => {
  expect(parseCount('20')).toBe(20);
  for (const wrong of ['0', '-1', '1e9', '']) expect(() => parseCount(wrong)).toThrow();
});

test('a URL works for a week at most', () => {
  expect(parseHours('168')).toBe(168);
  for (const wrong of ['169', '0', 'x']) expect(() => parseHours(wrong)).toThrow();
});

test('a tenant fits into a fairness key', () => {
  expect(parseTenant('backend-a')).toBe('backend-a');
  expect(() => parseTenant('é'.repeat(33))).toThrow('64 bytes');
  expect(() => parseTenant(' ')).toThrow();
});
