import { expect, test } from '@jest/globals';
import { deploymentNameOf, markedWithVersion, releaseOf } from './release.ts';

const bundle = (code: string, map: string) => `${code}\n//# sourceMappingURL=data:${map}\n`;

test('a release is named by version and code, and not by where it was bundled (R1)', () => {
  const one = releaseOf(markedWithVersion(bundle('var story = 1;', 'here'), '0.2.0'));
  expect(one.buildId).toMatch(/^0\.2\.0-[0-9a-f]{12}$/);
  expect(releaseOf(markedWithVersion(bundle('var story = 1;', 'there'), '0.2.0')).buildId).toBe(one.buildId);
  expect(releaseOf(markedWithVersion(bundle('var story = 2;', 'here'), '0.2.0')).buildId).not.toBe(one.buildId);
  expect(releaseOf(markedWithVersion(bundle('var story = 1;', 'here'), '0.2.1')).buildId).not.toBe(one.buildId);
});

test('lines of a marked bundle are where they were', () => {
  expect(markedWithVersion('a\nb', '1.0.0').split('\n')).toHaveLength(2);
});

test('queues with dots have a deployment too', () => {
  expect(deploymentNameOf('farm.north')).toBe('farm_north-edit');
});
