import { expect, test } from '@jest/globals';
import { misspeltSettings } from './misspelt-settings.ts';

test('a variable with a slip is told, with the one that was meant', () => {
  expect(misspeltSettings({ SHOTLINE_THREDS: '2', SHOTLINE_THREADS: '2', PATH: '/bin' })).toEqual([
    'warning: SHOTLINE_THREDS is no variable of Shotline and changes nothing; did you mean SHOTLINE_THREADS?',
  ]);
});

test('variables of others that begin alike are their own affair', () => {
  expect(misspeltSettings({ SHOTLINE_OUR_FARM_NAME: 'a', SHOTLINE_CACHE: '/tmp' })).toEqual([]);
});
