import { describe, expect, test } from '@jest/globals';
import { boxAt, boxBytes, readBoxes, viewOf, withMovedSamples } from './mp4-tree.ts';
import type { BoxNode } from './mp4-tree.ts';

const places = (type: 'stco' | 'co64', values: readonly bigint[]): BoxNode => {
  const bytes = type === 'co64' ? 8 : 4;
  const body = Buffer.alloc(8 + bytes * values.length);
  body.writeUInt32BE(values.length, 4);
  values.forEach((value, index) => {
    if (type === 'co64') body.writeBigUInt64BE(value, 8 + 8 * index);
    else body.writeUInt32BE(Number(value), 8 + 4 * index);
  });
  return { type, body };
};
const tree = (leaf: BoxNode): BoxNode => ({
  type: 'moov',
  children: [
    {
      type: 'trak',
      children: [{ type: 'mdia', children: [{ type: 'minf', children: [{ type: 'stbl', children: [leaf] }] }] }],
    },
  ],
});
const path = ['trak', 'mdia', 'minf', 'stbl'];

describe('the index of an MP4', () => {
  test('is read and written without a change', () => {
    const bytes = boxBytes(tree(places('stco', [100n, 200n])));
    expect(Buffer.concat(readBoxes(bytes).map(boxBytes))).toEqual(Buffer.from(bytes));
  });

  test('moves its samples, and takes eight bytes for a place when four are too few', () => {
    const moved = (leaf: BoxNode, by: number) => {
      const box = withMovedSamples(tree(leaf), by);
      const found = boxAt(box, ...path, 'stco') ?? boxAt(box, ...path, 'co64');
      return { type: found?.type, body: found !== null && 'body' in found ? viewOf(found.body) : null };
    };
    const small = moved(places('stco', [100n, 4_294_967_200n]), 95);
    expect(small.type).toBe('stco');
    expect([small.body?.getUint32(8), small.body?.getUint32(12)]).toEqual([195, 4_294_967_295]);
    const large = moved(places('stco', [100n, 4_294_967_200n]), 96);
    expect(large.type).toBe('co64');
    expect([large.body?.getBigUint64(8), large.body?.getBigUint64(16)]).toEqual([196n, 4_294_967_296n]);
    expect(moved(places('co64', [5_000_000_000n]), -1).body?.getBigUint64(8)).toBe(4_999_999_999n);
  });

  test('with a box that does not fit is refused', () => {
    const bytes = Buffer.from(boxBytes(tree(places('stco', [1n]))));
    bytes.writeUInt32BE(bytes.length + 1, 0);
    expect(() => readBoxes(bytes)).toThrow(expect.objectContaining({ code: 'MEDIA_FAILED' }));
    const lying = boxBytes(tree({ type: 'stco', body: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9) }));
    expect(() => withMovedSamples(readBoxes(lying)[0]!, 1)).toThrow(expect.objectContaining({ code: 'MEDIA_FAILED' }));
  });
});
