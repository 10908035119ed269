import { decodeOpacity, decodePicture } from '../media/decode-picture.ts';
import type { RgbaPicture } from '../media/decode-picture.ts';
import type { HeifPictureFile, PictureFile, TiledPicture } from './headers.ts';

/**
 * Decodes a picture file whose headers were read, as it is stored: not turned yet.
 * @throws PipelineError `MEDIA_FAILED` when it is damaged or is not what its headers said.
 */
export async function decodePictureFile(file: PictureFile): Promise<RgbaPicture> {
  return 'picture' in file ? decodeHeif(file) : decodePicture(file);
}

async function decodeHeif({ picture, opacity, crop, width, height }: HeifPictureFile): Promise<RgbaPicture> {
  const data = new Uint8Array(width * height * 4);
  const area = { ...crop, width, height };
  await eachPixel(
    picture,
    area,
    async (tile) => (await decodePicture(tile)).data,
    4,
    (at, tile, from) => {
      data.set(tile.subarray(from, from + 4), at * 4);
    },
  );
  if (opacity !== null) {
    await eachPixel(opacity, area, decodeOpacity, 1, (at, tile, from) => {
      data[at * 4 + 3] = tile[from]!;
    });
  }
  return { width, height, data };
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Decodes tile after tile and hands over each pixel of an area: its place there, and its first byte in the tile. */
async function eachPixel(
  { tiles, columns, width, height }: TiledPicture,
  area: Area,
  decode: (tile: TiledPicture['tiles'][number]) => Promise<Uint8Array>,
  channels: number,
  take: (at: number, tile: Uint8Array, from: number) => void,
): Promise<void> {
  const [right, bottom] = [Math.min(width, area.left + area.width), Math.min(height, area.top + area.height)];
  for (const [index, tile] of tiles.entries()) {
    const left = (index % columns) * tile.width;
    const top = Math.floor(index / columns) * tile.height;
    const pixels = await decode(tile);
    for (let y = Math.max(top, area.top); y < Math.min(bottom, top + tile.height); y++) {
      for (let x = Math.max(left, area.left); x < Math.min(right, left + tile.width); x++) {
        const from = ((y - top) * tile.width + (x - left)) * channels;
        take((y - area.top) * area.width + (x - area.left), pixels, from);
      }
    }
  }
}
