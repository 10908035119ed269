import { afterAll, afterEach, beforeAll, describe, jest } from '@jest/globals';
import { openFarm, patienceMs } from '../fakes/farm.ts';
import type { Farm } from '../fakes/farm.ts';

/** The two ways in which each workflow test runs: with the cache of workflows, and with a full replay at each step. */
const farmModes = [
  { mode: 'cached', maxCachedWorkflows: 100 },
  { mode: 'replayed at each step', maxCachedWorkflows: 0 },
];

/** Describes what holds in both ways. `tests` gets a look at the farm that stands while its tests run. */
export function describeFarm(subject: string, tests: (farm: () => Farm) => void): void {
  jest.setTimeout(patienceMs);
  describe.each(farmModes)(`${subject}, $mode,`, ({ maxCachedWorkflows }) => {
    let farm: Farm;
    beforeAll(async () => {
      farm = await openFarm({ maxCachedWorkflows });
    });
    // A hold that a failed test leaves behind must not fail the next.
    afterEach(() => {
      farm.pools.relax();
    });
    afterAll(() => farm.close());
    tests(() => farm);
  });
}
