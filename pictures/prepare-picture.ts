import { PipelineError } from '../errors/pipeline-error.ts';
import type { RgbaPicture } from '../media/decode-picture.ts';
import { resamplePlane } from '../tensor/resample.ts';
import type { Orientation } from './exif.ts';
import { opacityOf, squareAround } from './cut-out.ts';
import type { LaidPicture } from './cut-out.ts';
import { decodePictureFile } from './decode-file.ts';
import { pictureFault } from './fault.ts';
import { formatNames } from './headers.ts';
import { pictureLimits } from './limits.ts';
import { readPictureFile } from './picture-file.ts';
import type { PreparedPicture } from './prepared-picture.ts';

/** What shows through where a picture is transparent: white, as on paper and on most web pages. */
const behind = 255;

/**
 * Turns the bytes of a picture file upright, lays it on white, and makes it at most 1280 pixels long.
 * @throws PipelineError `SCRIPT_INVALID` when it is not a picture, too large, or damaged.
 */
export async function preparePicture(bytes: Uint8Array): Promise<PreparedPicture> {
  const { width, height, planes } = await layPicture(bytes);
  return { width, height, planes };
}

/**
 * Cuts a subject out of its picture: on white, in the middle of a square.
 * @param mask Bytes of a picture that is white where the subject is, or `null`.
 * @throws PipelineError `SCRIPT_INVALID` as {@link preparePicture}, and when the subject cannot be cut out.
 */
export async function prepareSubject(bytes: Uint8Array, mask: Uint8Array | null): Promise<PreparedPicture> {
  const picture = await layPicture(bytes);
  return squareAround(picture, opacityOf(picture, mask === null ? null : await layPicture(mask)));
}

async function layPicture(bytes: Uint8Array): Promise<LaidPicture> {
  const file = readPictureFile(bytes);
  let stored: RgbaPicture;
  try {
    stored = await decodePictureFile(file);
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'MEDIA_FAILED') throw error;
    throw pictureFault(`is a damaged ${formatNames[file.format]} file; send it again whole`);
  }
  return madeSmaller(upright(stored, file.orientation));
}

/**
 * Takes the stored pixels in the order that the orientation asks for and lays them on white. EXIF 2.32, section 4.6.4:
 * 2 mirrored, 3 half a turn, 4 upside down, 5 across the main diagonal, 6 a quarter turn clockwise, 7 across the other
 * diagonal, 8 a quarter turn counter-clockwise.
 */
function upright({ width, height, data }: RgbaPicture, orientation: Orientation): LaidPicture {
  const turned = orientation >= 5;
  const [toWidth, toHeight] = turned ? [height, width] : [width, height];
  const area = width * height;
  const planes = new Uint8Array(3 * area);
  const alphas = new Uint8Array(area);
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBelow = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      const [along, down] = turned ? [y, x] : [x, y];
      const column = fromRight ? width - 1 - along : along;
      const row = fromBelow ? height - 1 - down : down;
      const source = 4 * (row * width + column);
      const alpha = data[source + 3]! / 255;
      alphas[y * toWidth + x] = data[source + 3]!;
      for (let colour = 0; colour < 3; colour++) {
        planes[colour * area + y * toWidth + x] = Math.round(data[source + colour]! * alpha + behind * (1 - alpha));
      }
    }
  }
  return { width: toWidth, height: toHeight, planes, alpha: alphas };
}

function madeSmaller(picture: LaidPicture): LaidPicture {
  const scale = pictureLimits.preparedSide / Math.max(picture.width, picture.height);
  if (scale >= 1) return picture;
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const whole = { left: 0, top: 0, width: picture.width, height: picture.height };
  const area = picture.width * picture.height;
  const resample = (data: Uint8Array): Float32Array =>
    resamplePlane({ width: picture.width, height: picture.height, data }, whole, width, height).map(Math.round);
  const planes = new Uint8Array(3 * width * height);
  for (let colour = 0; colour < 3; colour++) {
    planes.set(resample(picture.planes.subarray(colour * area, (colour + 1) * area)), colour * width * height);
  }
  return { width, height, planes, alpha: Uint8Array.from(resample(picture.alpha)) };
}
