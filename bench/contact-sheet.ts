import { captionHeight, drawCaption } from '../media/caption.ts';
import type { RgbFrames } from '../media/frame-file.ts';
import { encodeImage, type RgbPicture } from '../media/picture.ts';

/** A clip of a sheet. */
export interface SheetRow {
  readonly caption: string;
  readonly clip: RgbFrames;
}

const gap = 6;
const captionScale = 2;
const captionColour = [235, 235, 235] as const;

/** Clips as rows of frames, evenly spread, with a caption above each; as a JPEG. All clips have one size. */
export async function contactSheet(rows: readonly SheetRow[], framesPerRow: number): Promise<Buffer> {
  const [first] = rows;
  if (first === undefined) throw new Error('a sheet has at least one clip');
  const { width, height } = first.clip;
  const top = captionHeight(captionScale, 1) + 2 * gap;
  const even = (pixels: number): number => pixels + (pixels % 2);
  const sheet: RgbPicture & { readonly data: Uint8Array } = {
    width: even(framesPerRow * (width + gap) + gap),
    height: even(rows.length * (top + height) + gap),
    data: new Uint8Array(3 * even(framesPerRow * (width + gap) + gap) * even(rows.length * (top + height) + gap)).fill(
      24,
    ),
  };
  for (const [row, { caption, clip }] of rows.entries()) {
    const y = row * (top + height);
    drawCaption(sheet, [caption], { x: gap, y: y + gap }, captionScale, captionColour);
    for (let column = 0; column < framesPerRow; column++) {
      const frame = Math.round((column * (clip.count - 1)) / Math.max(1, framesPerRow - 1));
      paste(sheet, clip, frame, { x: gap + column * (width + gap), y: y + top });
    }
  }
  return encodeImage(sheet, 'jpeg');
}

function paste(
  sheet: RgbPicture,
  { width, height, data }: RgbFrames,
  frame: number,
  at: { x: number; y: number },
): void {
  const plane = width * height;
  for (let cell = 0; cell < plane; cell++) {
    const target = ((at.y + Math.floor(cell / width)) * sheet.width + at.x + (cell % width)) * 3;
    for (let colour = 0; colour < 3; colour++) sheet.data[target + colour] = data[(frame * 3 + colour) * plane + cell]!;
  }
}
