/** Files that are pictures of a kind that is not read, or no pictures, named for what they are. */

const starts: readonly (readonly [RegExp, string])[] = [
  [/^GIF8[79]a/, 'a GIF picture'],
  [/^BM[^]{12}(?:\x28|\x0c|\x6c|\x7c|\x38|\x40)\0\0\0/, 'a BMP picture'],
  [/^(?:II[*+]\0|MM\0[*+])/, 'a TIFF picture, or the raw data of a camera'],
  [/^(?:\xff\x0a|\0\0\0\x0cJXL )/, 'a JPEG XL picture'],
  [/^(?:\0\0\0\x0cjP {2}|\xff\x4f\xff\x51)/, 'a JPEG 2000 picture'],
  [/^8BPS/, 'a Photoshop file'],
  [/^%PDF-/, 'a PDF file'],
  [/^\0\0[\x01\x02]\0/, 'a Windows icon'],
  [/^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^]*?)?(?:<!--[^]*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i, 'an SVG drawing'],
  [/^(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html)/i, 'a web page'],
  [/^[^]{4}ftyp/, 'a video, or a picture in a box of videos that is not known'],
  [/^\x1a\x45\xdf\xa3/, 'a video'],
];

/** How far into a file a drawing may begin. */
const startBytes = 2048;

/** What the first bytes of a file say that it is; `null` when they say nothing. */
export function otherFormatOf(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, startBytes)).toString('latin1');
  return starts.find(([pattern]) => pattern.test(start))?.[1] ?? null;
}
