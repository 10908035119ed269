import { mediaFailed } from './ffmpeg.ts';

/**
 * The index of an MP4 file (`moov`) as a tree of boxes (ISO/IEC 14496-12), to add what FFmpeg's muxer has no door for. Boxes are
 * immutable; functions make new ones.
 */

/** A box: bytes, or boxes inside it. */
export type BoxNode =
  | { readonly type: string; readonly body: Uint8Array }
  | { readonly type: string; readonly children: readonly BoxNode[] };

/** Boxes that hold boxes and nothing else. */
const containers = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'udta', 'moof', 'traf']);

const headerBytes = 8;

/**
 * Reads the boxes of a piece of a file.
 * @throws PipelineError `MEDIA_FAILED` when they do not fill it.
 */
export function readBoxes(bytes: Uint8Array): readonly BoxNode[] {
  const view = viewOf(bytes);
  const boxes: BoxNode[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const size = offset + headerBytes <= bytes.length ? view.getUint32(offset) : 0;
    if (size < headerBytes || offset + size > bytes.length) {
      throw mediaFailed(
        `The index of the film has a box of ${size} bytes at ${offset} of ${bytes.length}; make it again`,
        {},
      );
    }
    const type = Buffer.from(bytes.subarray(offset + 4, offset + headerBytes)).toString('latin1');
    const body = bytes.subarray(offset + headerBytes, offset + size);
    boxes.push(containers.has(type) ? { type, children: readBoxes(body) } : { type, body });
    offset += size;
  }
  return boxes;
}

/** A box as bytes, with its header. */
export function boxBytes(box: BoxNode): Uint8Array {
  const body = 'body' in box ? box.body : Buffer.concat(box.children.map(boxBytes));
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(headerBytes + body.length);
  header.write(box.type, 4, 'latin1');
  return Buffer.concat([header, body]);
}

/** The first box at the end of a path of types; `null` where there is none. */
export function boxAt(box: BoxNode, ...path: readonly string[]): BoxNode | null {
  const [next, ...rest] = path;
  if (next === undefined) return box;
  const inside = childrenOf(box).find(({ type }) => type === next);
  return inside === undefined ? null : boxAt(inside, ...rest);
}

/** The boxes inside a box; none in one of bytes. */
export function childrenOf(box: BoxNode): readonly BoxNode[] {
  return 'children' in box ? box.children : [];
}

/** A box with other boxes inside it. */
export function withChildren({ type }: BoxNode, children: readonly BoxNode[]): BoxNode {
  return { type, children };
}

/** A box in which every box of bytes of a type was changed. */
export function withLeaves(box: BoxNode, change: (leaf: LeafBox) => BoxNode): BoxNode {
  return 'body' in box
    ? change(box)
    : withChildren(
        box,
        box.children.map((child) => withLeaves(child, change)),
      );
}

/** A box of bytes. */
export type LeafBox = Extract<BoxNode, { readonly body: Uint8Array }>;

/** Bytes of a box, changed in a copy. */
export function withBytes(leaf: LeafBox, write: (view: DataView) => void): LeafBox {
  const body = Uint8Array.from(leaf.body);
  write(viewOf(body));
  return { ...leaf, body };
}

/** Moves the places that an index names by some bytes: where its samples lie in the file. Places above 4 GiB take eight bytes. */
export function withMovedSamples(box: BoxNode, by: number): BoxNode {
  return withLeaves(box, (leaf) => {
    if (leaf.type !== 'stco' && leaf.type !== 'co64') return leaf;
    const places = placesIn(leaf).map((place) => place + by);
    const wide = leaf.type === 'co64' || places.some((place) => place > 0xffff_ffff);
    const body = Buffer.alloc(headerBytes + places.length * (wide ? 8 : 4));
    body.writeUInt32BE(places.length, 4);
    places.forEach((place, index) => {
      if (wide) body.writeBigUInt64BE(BigInt(place), headerBytes + 8 * index);
      else body.writeUInt32BE(place, headerBytes + 4 * index);
    });
    return { type: wide ? 'co64' : 'stco', body };
  });
}

function placesIn({ type, body }: LeafBox): number[] {
  const view = viewOf(body);
  const bytes = type === 'co64' ? 8 : 4;
  const count = view.getUint32(4);
  if (body.length < headerBytes + count * bytes) {
    throw mediaFailed(`The index of the film lists ${count} places and has room for fewer; make it again`, {});
  }
  return Array.from({ length: count }, (_, index) =>
    bytes === 8 ? Number(view.getBigUint64(headerBytes + 8 * index)) : view.getUint32(headerBytes + 4 * index),
  );
}

/** Bytes as numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
