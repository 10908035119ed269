import { captionHeight, captionLines, drawCaption } from './caption.ts';
import { filmFrames } from './film-frames.ts';
import { mediaFailed } from './ffmpeg.ts';
import type { RgbPicture } from './picture.ts';

/** One cell of a storyboard. */
export interface StoryboardCell {
  /** Film frame to show. */
  readonly frame: number;
  readonly caption: string;
  /** Captions of joins have another colour than those of shots. */
  readonly accent: boolean;
}

/** Sizes in pixels. */
const cellWidth = 480;
const gap = 16;
const captionScale = 2;
const captionMargin = 7;
/** A sentence of the usual length takes two lines; a sheet of nothing but prompts is not a storyboard. */
const maxCaptionLines = 3;
/** Four columns keep a story of 13 shots and 12 joins on one screen. */
const maxColumns = 4;

const paper = 24;
const shotColour = [235, 235, 235] as const;
const accentColour = [255, 190, 90] as const;

/**
 * One picture of the whole film: a grid of frames with captions, in film order.
 * @throws PipelineError `MEDIA_FAILED` when there is no cell, a frame is not in the film, or the film is damaged.
 */
export async function storyboard(film: string, cells: readonly StoryboardCell[]): Promise<RgbPicture> {
  const columns = Math.min(maxColumns, cells.length);
  let sheet: RgbPicture | null = null;
  let captions: readonly (readonly string[])[] = [];
  let band = 0;
  let index = 0;
  const frames = cells.map((cell) => cell.frame);
  for await (const picture of filmFrames(film, frames, { maxWidth: cellWidth })) {
    if (sheet === null) {
      captions = cells.map(({ caption }) => captionLines(caption, captionScale, picture.width, maxCaptionLines));
      band = captionBand(captions);
      sheet = blankSheet(columns, Math.ceil(cells.length / columns), {
        width: picture.width,
        height: picture.height + band,
      });
    }
    const x = gap + (index % columns) * (picture.width + gap);
    const y = gap + Math.floor(index / columns) * (picture.height + band + gap);
    paste(sheet, picture, x, y);
    drawCaption(
      sheet,
      captions[index]!,
      { x, y: y + picture.height + captionMargin },
      captionScale,
      cells[index]!.accent ? accentColour : shotColour,
    );
    index += 1;
  }
  if (sheet === null) throw mediaFailed(`The storyboard of ${film} has no cells; it needs one per shot`, { film });
  return sheet;
}

/** Height under every picture: as much as the longest caption needs, so that rows stay level. */
function captionBand(captions: readonly (readonly string[])[]): number {
  const numLines = Math.max(1, ...captions.map((lines) => lines.length));
  return captionHeight(captionScale, numLines) + 2 * captionMargin;
}

function blankSheet(columns: number, rows: number, cell: Pick<RgbPicture, 'width' | 'height'>): RgbPicture {
  // Even sides, as JPEG with half-size chroma has them.
  const even = (pixels: number): number => pixels + (pixels % 2);
  const width = even(gap + columns * (cell.width + gap));
  const height = even(gap + rows * (cell.height + gap));
  return { width, height, data: new Uint8Array(width * height * 3).fill(paper) };
}

function paste(sheet: RgbPicture, picture: RgbPicture, x: number, y: number): void {
  for (let row = 0; row < picture.height; row += 1) {
    const line = picture.data.subarray(row * picture.width * 3, (row + 1) * picture.width * 3);
    sheet.data.set(line, ((y + row) * sheet.width + x) * 3);
  }
}
