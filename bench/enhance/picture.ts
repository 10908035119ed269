/**
 * The shots of `examples/enhance.yaml` side by side, a part of a frame of each as the film shows it at 1280x720. Run:
 * `npx tsx bench/enhance/picture.ts`. Writes docs/pictures/enhance.jpg.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FrameFile, type RgbFrames } from '../../media/frame-file.ts';
import { encodeImage, type RgbPicture } from '../../media/picture.ts';
import type { Yuv420Frame } from '../../media/segment-encoder.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { planMadeStory } from '../../story/plan/plan-story.ts';
import { runInterp } from '../../workers/interp/pipeline.ts';
import { runEnhance } from '../../workers/sr/enhance.ts';
import { upscale } from '../../workers/sr/upscale.ts';
import { ClipEngine } from '../../test/harness/clip-engine.ts';

const root = join(import.meta.dirname, '../..');
const film = { width: 1280, height: 720 };
/** Which frame of the clip, and which part of it. */
const shown = { frame: 30, left: 430, top: 250, width: 400, height: 360 };
/** Pixels of white between two parts. */
const gap = 6;

async function readFrame(file: string, index: number): Promise<RgbFrames> {
  const frames = await FrameFile.open(file);
  try {
    return await frames.read(index, 1);
  } finally {
    await frames.close();
  }
}

/** The shown part of a BT.709 picture in limited range, put into the sheet. */
function paste(sheet: RgbPicture & { readonly data: Uint8Array }, { y, u, v }: Yuv420Frame, left: number): void {
  for (let row = 0; row < shown.height; row++) {
    for (let column = 0; column < shown.width; column++) {
      const [top, across] = [shown.top + row, shown.left + column];
      const half = Math.floor(top / 2) * (film.width / 2) + Math.floor(across / 2);
      const luma = ((y[top * film.width + across]! - 16) * 255) / 219;
      const [blue, red] = [((u[half]! - 128) * 255) / 224, ((v[half]! - 128) * 255) / 224];
      const colours = [luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue];
      const at = 3 * (row * sheet.width + left + column);
      for (const [colour, value] of colours.entries()) {
        sheet.data[at + colour] = Math.round(Math.min(255, Math.max(0, value)));
      }
    }
  }
}

const fileName = 'enhance.yaml';
const script = parseScript(await readFile(join(root, 'examples', fileName), 'utf8'), { fileName });
const engine = await ClipEngine.open();
try {
  const { shots } = planMadeStory(script, engine.models);
  const upscaler = await engine.graph('upscale', 'upscaler');
  const width = shots.length * (shown.width + gap) - gap;
  const sheet = { width, height: shown.height, data: new Uint8Array(3 * width * shown.height).fill(255) };
  // The shots share their clip.
  const { file } = await engine.base(shots[0]!);
  const clip = await engine.run(runInterp, shots[0]!.interp, [file]);
  for (const [column, { enhance }] of shots.entries()) {
    const part = enhance?.find(({ params: { from, count } }) => from <= shown.frame && shown.frame < from + count);
    const frame =
      part === undefined
        ? await readFrame(clip, shown.frame)
        : await readFrame(await engine.run(runEnhance, part, [clip]), shown.frame - part.params.from);
    paste(sheet, (await upscale(upscaler, frame, film))[0]!, column * (shown.width + gap));
  }
  const path = join(root, 'docs', 'pictures', 'enhance.jpg');
  await writeFile(path, await encodeImage(sheet, 'jpeg'));
  process.stdout.write(`${path}\n`);
} finally {
  await engine.close();
}
