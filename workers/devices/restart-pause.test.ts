import { expect, test } from '@jest/globals';
import { restartPause } from './restart-pause.ts';

test('a worker that ends again and again is started more and more rarely, and after a long run at once again', () => {
  expect(restartPause({ ranMs: 3_000, inRow: 0 })).toEqual({ pauseMs: 1_000, inRow: 1 });
  expect(restartPause({ ranMs: 3_000, inRow: 3 })).toEqual({ pauseMs: 8_000, inRow: 4 });
  expect(restartPause({ ranMs: 3_000, inRow: 40 }).pauseMs).toBe(300_000);
  expect(restartPause({ ranMs: 600_000, inRow: 40 })).toEqual({ pauseMs: 1_000, inRow: 1 });
});
