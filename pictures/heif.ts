/**
 * AVIF and HEIC files before they are decoded: one picture, or a grid of tiles as phones write it, with its opacity beside it.
 * ISO/IEC 23008-12 (HEIF) and AV1 Image File Format 1.1. What would come out wrong is refused by name.
 */
import type { CodedStill, StillColour } from '../media/decode-picture.ts';
import type { Orientation } from './exif.ts';
import { pictureFault } from './fault.ts';
import type { HeifPictureFile, TiledPicture } from './headers.ts';
import { ByteReader, brandsOf, damagedHeif, readHeifFile } from './heif-boxes.ts';
import type { HeifFile, HeifItem } from './heif-boxes.ts';

const stillBrands = new Set(['avif', 'heic', 'heix', 'heim', 'heis', 'mif1', 'mif2']);
const movingBrands = new Set(['avis', 'hevc', 'hevx', 'hevm', 'hevs', 'msf1']);

/** Whether bytes begin as an AVIF or HEIC file, one that moves included. */
export function isHeif(bytes: Uint8Array): boolean {
  const [major = ''] = brandsOf(bytes);
  return stillBrands.has(major) || movingBrands.has(major);
}

const coders = { av01: 'av1', hvc1: 'hevc' } as const;
const alphaType = /^urn:mpeg:(?:mpegB:cicp:systems:auxiliary:alpha|hevc:2015:auxid:1)\0/;

/** Reads the items of an AVIF or HEIC file. @throws PipelineError `SCRIPT_INVALID` when they are damaged or of a kind that is not decoded. */
export function readHeif(bytes: Uint8Array): HeifPictureFile {
  const file = readHeifFile(bytes);
  const { primary } = file;
  if (primary === null) throw damagedHeif();
  if (movingBrands.has(file.brands[0] ?? '')) {
    throw pictureFault('is an animated AVIF or HEIC file; a picture stands still, save one frame of it');
  }
  const picture = tiledOf(file, primary);
  const format = picture.tiles[0]?.format === 'av1' ? 'avif' : 'heic';
  const [alpha] = file.references.filter(
    ({ type, to, from }) => type === 'auxl' && to.includes(primary.id) && isAlpha(file.items.get(from)),
  );
  if (alpha !== undefined && file.references.some(({ type, from }) => type === 'prem' && from === primary.id)) {
    throw pictureFault('has colours that its transparency is multiplied into; save it as PNG');
  }
  const opacity = alpha === undefined ? null : tiledOf(file, file.items.get(alpha.from)!);
  if (opacity !== null && (opacity.width !== picture.width || opacity.height !== picture.height)) {
    throw pictureFault('has a transparency of another size than the picture; save it as PNG');
  }
  return { format, picture, opacity, ...shown(primary, picture) };
}

const property = (item: HeifItem, type: string): Uint8Array | undefined =>
  item.properties.find((each) => each.type === type)?.data;

function isAlpha(item: HeifItem | undefined): boolean {
  const kind = item === undefined ? undefined : property(item, 'auxC');
  return kind !== undefined && alphaType.test(Buffer.from(kind.subarray(4)).toString('latin1'));
}

function sizeOf(item: HeifItem): { readonly width: number; readonly height: number } {
  const data = property(item, 'ispe');
  if (data === undefined) throw damagedHeif();
  const reader = new ByteReader(data);
  reader.full();
  return { width: reader.number(4), height: reader.number(4) };
}

/** The coded pictures of an item: itself, or the tiles of its grid. */
function tiledOf(file: HeifFile, item: HeifItem): TiledPicture {
  if (item.type !== 'grid') return { tiles: [codedOf(item, item)], columns: 1, ...sizeOf(item) };
  // HEIF, 6.6.2.3: version, flags, rows and columns less one, then the size in 16 or 32 bits.
  if (item.data === null) throw damagedHeif();
  const reader = new ByteReader(item.data);
  const { version, flags } = { version: reader.number(1), flags: reader.number(1) };
  const [rows, columns] = [1 + reader.number(1), 1 + reader.number(1)];
  const sizeBytes = (flags & 1) === 0 ? 2 : 4;
  const [width, height] = [reader.number(sizeBytes), reader.number(sizeBytes)];
  const ids = file.references.find(({ type, from }) => type === 'dimg' && from === item.id)?.to ?? [];
  if (version !== 0 || ids.length !== rows * columns) throw damagedHeif();
  const tiles = ids.map((id) => {
    const tile = file.items.get(id);
    if (tile === undefined) throw damagedHeif();
    return codedOf(tile, item);
  });
  const [first] = tiles;
  const isEven = tiles.every((tile) => tile.width === first?.width && tile.height === first.height);
  if (first === undefined || !isEven || columns * first.width < width || rows * first.height < height) {
    throw damagedHeif();
  }
  return { tiles, columns, width, height };
}

/** One coded picture; `whole` is the item that it is a part of, which may say the colours for it. */
function codedOf(item: HeifItem, whole: HeifItem): CodedStill {
  const { type, data } = item;
  if (type !== 'av01' && type !== 'hvc1') {
    const seen = JSON.stringify(type.replace(/[^ -~]/g, '?'));
    throw pictureFault(`is a HEIF file with a picture of kind ${seen}; save it as PNG`);
  }
  if (data === null) throw damagedHeif();
  const config = property(item, type === 'hvc1' ? 'hvcC' : 'av1C');
  if (config === undefined) throw damagedHeif();
  const colour = colourOf(item) ?? colourOf(whole);
  return {
    format: coders[type],
    ...sizeOf(item),
    coded: data,
    ...(type === 'hvc1' ? { config } : {}),
    ...(colour === null ? {} : { colour }),
  };
}

/** Perceptual quantisation and hybrid log-gamma. */
const hdrTransfers = [16, 18];

/** `colr` of type `nclx`: how numbers become colours. A profile beside it is ignored, as in all pictures. */
function colourOf(item: HeifItem): StillColour | null {
  for (const { type, data } of item.properties) {
    if (type !== 'colr') continue;
    const reader = new ByteReader(data);
    if (reader.name() !== 'nclx') continue;
    reader.number(2);
    const transfer = reader.number(2);
    if (hdrTransfers.includes(transfer)) throw pictureFault('is an HDR picture; save it in standard range (SDR)');
    return { matrix: reader.number(2), isFullRange: reader.number(1) >> 7 === 1 };
  }
  return null;
}

/** EXIF orientations by quarter turns counter-clockwise, of a picture as it is and of one that is mirrored left to right first. */
const turned: readonly Orientation[] = [1, 8, 3, 6];
const mirroredThenTurned: readonly Orientation[] = [2, 7, 4, 5];

/** What is shown of a picture: a part of it (`clap`), turned (`irot`) and mirrored (`imir`). */
function shown(
  item: HeifItem,
  { width, height }: TiledPicture,
): Pick<HeifPictureFile, 'width' | 'height' | 'crop' | 'orientation'> {
  let size = { width, height };
  let crop = { left: 0, top: 0 };
  let [quarters, isMirrored] = [0, false];
  for (const { type, data } of item.properties) {
    const reader = new ByteReader(data);
    if (type === 'clap') ({ size, crop } = cropOf(reader, size));
    if (type === 'irot') quarters += reader.number(1) & 3;
    if (type === 'imir') {
      // Axis 1 mirrors left and right; axis 0 top and bottom, which is the same after half a turn. A mirror turns turns around.
      quarters = ((reader.number(1) & 1) === 1 ? 0 : 2) - quarters;
      isMirrored = !isMirrored;
    }
  }
  const way = isMirrored ? mirroredThenTurned : turned;
  return { ...size, crop, orientation: way[((quarters % 4) + 4) % 4]! };
}

/** HEIF, 6.5.9 and ISO/IEC 14496-12, 12.1.4: width, height and the offset of the middle, as fractions. */
function cropOf(
  reader: ByteReader,
  whole: { readonly width: number; readonly height: number },
): { readonly size: { readonly width: number; readonly height: number }; readonly crop: HeifPictureFile['crop'] } {
  const fraction = (isSigned: boolean): number => {
    const above = reader.number(4);
    return (isSigned ? above | 0 : above) / reader.number(4);
  };
  const [width, height, right, down] = [fraction(false), fraction(false), fraction(true), fraction(true)];
  const [left, top] = [(whole.width - width) / 2 + right, (whole.height - height) / 2 + down];
  if (![width, height, left, top].every(Number.isInteger)) {
    throw pictureFault('is cropped between pixels; save it as PNG');
  }
  if (left < 0 || top < 0 || left + width > whole.width || top + height > whole.height) throw damagedHeif();
  return { size: { width, height }, crop: { left, top } };
}
