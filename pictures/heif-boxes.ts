/**
 * The items of a HEIF file (ISO/IEC 23008-12), which AVIF and HEIC files are: pictures with properties and references, and where
 * their bytes lie. Everything is held against the file's length; nothing is decoded.
 */
import { pictureFault } from './fault.ts';

/** One item of a file. */
export interface HeifItem {
  readonly id: number;
  /** `av01`, `hvc1`, `grid`, `Exif` … */
  readonly type: string;
  /** Its properties by type, in the order in which they apply. */
  readonly properties: readonly HeifProperty[];
  /** Its bytes; `null` when they lie in another file or item. */
  readonly data: Uint8Array | null;
}

/** A property: `ispe`, `hvcC`, `irot` … */
export interface HeifProperty {
  readonly type: string;
  readonly data: Uint8Array;
}

/** A reference from an item to others: `dimg` to the tiles of a grid, `auxl` to the picture that an item belongs to. */
export interface HeifReference {
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
}

/** What a file holds. */
export interface HeifFile {
  /** Its brands, the major one first. */
  readonly brands: readonly string[];
  readonly primary: HeifItem | null;
  readonly items: ReadonlyMap<number, HeifItem>;
  readonly references: readonly HeifReference[];
}

/** More than a picture of 16384 x 16384 in tiles of 256 has. */
const maxItems = 10_000;

/** A file that is damaged. */
export const damagedHeif = () => pictureFault('is a damaged HEIC or AVIF file; send it again whole');

/** Reads numbers and texts one after the other. @throws PipelineError `SCRIPT_INVALID` past the end. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at = 0;

  /** Begins at the first byte. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The next `count` bytes. */
  take(count: number): Uint8Array {
    const end = this.at + count;
    if (count < 0 || end > this.bytes.length) throw damagedHeif();
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  /** The next unsigned number of so many bytes, big-endian; none of 0. */
  number(numBytes: number): number {
    return this.take(numBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** Four letters. */
  name(): string {
    return Buffer.from(this.take(4)).toString('latin1');
  }

  /** Version and flags of a full box. */
  full(): { readonly version: number; readonly flags: number } {
    return { version: this.number(1), flags: this.number(3) };
  }

  /** Whether everything was read. */
  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }
}

interface Box {
  readonly type: string;
  readonly data: Uint8Array;
}

function boxesIn(bytes: Uint8Array): Box[] {
  const reader = new ByteReader(bytes);
  const boxes: Box[] = [];
  while (!reader.isAtEnd) {
    const start = reader.at;
    const short = reader.number(4);
    const type = reader.name();
    const size = short === 1 ? reader.number(8) : short === 0 ? bytes.length - start : short;
    boxes.push({ type, data: reader.take(size - (reader.at - start)) });
    if (boxes.length > maxItems) throw damagedHeif();
  }
  return boxes;
}

/** Brands of a file that is built of boxes, the major one first; none for other files. */
export function brandsOf(bytes: Uint8Array): readonly string[] {
  if (bytes.length < 16 || Buffer.from(bytes.subarray(4, 8)).toString('latin1') !== 'ftyp') return [];
  const end = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), bytes.length);
  const letters = Buffer.from(bytes.subarray(8, end)).toString('latin1');
  return [letters.slice(0, 4), ...(letters.slice(8).match(/.{4}/gs) ?? [])];
}

/** Reads the items of a file. @throws PipelineError `SCRIPT_INVALID` when its boxes are damaged. */
export function readHeifFile(bytes: Uint8Array): HeifFile {
  const meta = boxesIn(bytes).find(({ type }) => type === 'meta');
  if (meta === undefined) throw damagedHeif();
  const inside = new Map(boxesIn(meta.data.subarray(4)).map(({ type, data }) => [type, data]));
  const reader = (type: string): ByteReader | null => {
    const data = inside.get(type);
    return data === undefined ? null : new ByteReader(data);
  };
  const types = typesOf(reader('iinf'));
  const places = placesOf(reader('iloc'), bytes, inside.get('idat') ?? new Uint8Array());
  const properties = propertiesOf(inside.get('iprp') ?? new Uint8Array());
  const items = new Map<number, HeifItem>();
  for (const [id, type] of types) {
    items.set(id, { id, type, properties: properties.get(id) ?? [], data: places.get(id) ?? null });
  }
  const primary = reader('pitm');
  const primaryId = primary === null ? null : primary.number(primary.full().version === 0 ? 2 : 4);
  return {
    brands: brandsOf(bytes),
    primary: primaryId === null ? null : (items.get(primaryId) ?? null),
    items,
    references: referencesOf(reader('iref')),
  };
}

/** `iinf`: the type of each item. */
function typesOf(reader: ByteReader | null): Map<number, string> {
  const types = new Map<number, string>();
  if (reader === null) return types;
  reader.number(reader.full().version === 0 ? 2 : 4);
  for (const { type, data } of boxesIn(reader.bytes.subarray(reader.at))) {
    if (type !== 'infe') continue;
    const entry = new ByteReader(data);
    const { version } = entry.full();
    if (version < 2) continue;
    const id = entry.number(version === 2 ? 2 : 4);
    entry.number(2);
    types.set(id, entry.name());
  }
  return types;
}

/** `iloc`: the bytes of each item, from the file or from `idat`. */
function placesOf(reader: ByteReader | null, file: Uint8Array, idat: Uint8Array): Map<number, Uint8Array> {
  const places = new Map<number, Uint8Array>();
  if (reader === null) return places;
  const { version } = reader.full();
  const [sizes, more] = [reader.number(1), reader.number(1)];
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 4, sizes & 15, more >> 4];
  const indexBytes = version === 0 ? 0 : more & 15;
  const count = reader.number(version < 2 ? 2 : 4);
  // Items do not share bytes in files that people have; in others they could name the same ones without end.
  let [numLeft, bytesLeft] = [maxItems, file.length];
  for (let item = 0; item < count; item++) {
    const id = reader.number(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : reader.number(2) & 15;
    const isHere = reader.number(2) === 0;
    const base = reader.number(baseBytes);
    const numExtents = reader.number(2);
    const from = method === 1 ? idat : file;
    const parts: Uint8Array[] = [];
    numLeft -= 1 + numExtents;
    if (numLeft < 0) throw damagedHeif();
    for (let extent = 0; extent < numExtents; extent++) {
      reader.number(indexBytes);
      const start = base + reader.number(offsetBytes);
      const length = reader.number(lengthBytes);
      const source = new ByteReader(from);
      source.take(start);
      const part = source.take(length === 0 ? from.length - start : length);
      bytesLeft -= part.length;
      if (bytesLeft < 0) throw damagedHeif();
      parts.push(part);
    }
    if (isHere && method < 2) places.set(id, parts.length === 1 ? parts[0]! : Buffer.concat(parts));
  }
  return places;
}

/** `iprp`: the properties of each item. */
function propertiesOf(data: Uint8Array): Map<number, readonly HeifProperty[]> {
  const boxes = boxesIn(data);
  const all = boxesIn(boxes.find(({ type }) => type === 'ipco')?.data ?? new Uint8Array());
  const properties = new Map<number, readonly HeifProperty[]>();
  for (const { type, data: association } of boxes) {
    if (type !== 'ipma') continue;
    const reader = new ByteReader(association);
    const { version, flags } = reader.full();
    const count = reader.number(4);
    for (let entry = 0; entry < count; entry++) {
      const id = reader.number(version === 0 ? 2 : 4);
      const own: HeifProperty[] = [];
      const numOwn = reader.number(1);
      for (let index = 0; index < numOwn; index++) {
        const number = (flags & 1) === 0 ? reader.number(1) & 0x7f : reader.number(2) & 0x7fff;
        const property = all[number - 1];
        if (property !== undefined) own.push(property);
      }
      properties.set(id, own);
    }
  }
  return properties;
}

/** `iref`: references between items. */
function referencesOf(reader: ByteReader | null): HeifReference[] {
  if (reader === null) return [];
  const idBytes = reader.full().version === 0 ? 2 : 4;
  return boxesIn(reader.bytes.subarray(reader.at)).map(({ type, data }) => {
    const reference = new ByteReader(data);
    const from = reference.number(idBytes);
    const count = reference.number(2);
    return { type, from, to: Array.from({ length: count }, () => reference.number(idBytes)) };
  });
}
