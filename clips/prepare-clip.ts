import { join } from 'node:path';
import { PipelineError } from '../errors/pipeline-error.ts';
import { PartWriter } from '../media/footage/footage-parts.ts';
import { NormalPictures } from '../media/footage/normal-picture.ts';
import { SteadyPlaces } from '../media/footage/steady-rate.ts';
import type { Yuv420Frame } from '../media/segment-encoder.ts';
import { prepareSoundFile } from '../sounds/prepare-sound.ts';
import { digestOfFile } from '../storage/file-hash.ts';
import { scriptLimits } from '../story/script/script-limits.ts';
import { rateText } from '../story/script/frame-rate.ts';
import type { FoundClip } from '../story/script/script.ts';
import { asClipFault, clipFault } from './clip-fault.ts';
import { clipLimits, storedSize, uprightSize } from './clip-size.ts';
import type { ClipTarget } from './clip-size.ts';
import { openClipSource } from './clip-source.ts';
import type { ClipPath, ClipSource } from './clip-source.ts';

/** How a clip is made ready. */
export interface ClipWish {
  readonly target: ClipTarget;
  /** Pictures per second of a folder. */
  readonly fps: number;
  readonly mute: boolean;
}

/** Frames of a part, and of how many parts a long clip is at most: its script lists them. */
const [partFrames, mostParts] = [48, 600];

/** Seconds that a header may be wrong by, and frames. */
const tolerance = { seconds: 0.5, frames: 2 };

/** File of a part in the folder of a clip. */
export const partFile = (folder: string, part: number): string =>
  join(folder, `part-${String(part).padStart(5, '0')}.mp4`);
/** File of the sound in the folder of a clip. */
export const soundFile = (folder: string): string => join(folder, 'sound.flac');

/**
 * Decodes a clip to its end and writes it as workers read it: upright, at a constant rate, no larger than the film shows it, in parts; and
 * its sound. One frame is held, whatever its length.
 * @param folder Where parts and sound go.
 * @param onFrames Hears how many frames were read, of how many.
 * @throws PipelineError `SCRIPT_INVALID` when it is no video, has no pictures in it, is too large or too long, damaged, encrypted, or has
 * colours that a film of BT.709 cannot show.
 */
export async function prepareClip(
  path: ClipPath,
  wish: ClipWish,
  folder: string,
  onFrames: (done: number, of: number) => void = () => undefined,
): Promise<FoundClip> {
  const read = { seconds: null as number | null };
  try {
    const source = await openClipSource(path, wish.fps);
    const size = sizeOf(source, wish.target);
    const { rate } = source.pace;
    const each = partFrames * Math.max(1, Math.ceil(source.listed / (partFrames * mostParts)));
    const writer = new PartWriter(size, each, (part) => partFile(folder, part));
    const pictures = new NormalPictures(source.header, size);
    try {
      const frames = await steadyFrames(source, pictures, async (planes, shown) => {
        await writer.write(planes);
        read.seconds = (shown * rate.den) / rate.num;
        if (shown % 24 === 0) onFrames(shown, source.listed);
      });
      await writer.close();
      checkLength(source, frames);
      const parts: string[] = [];
      for (let part = 0; part * each < frames; part += 1)
        parts.push((await digestOfFile(partFile(folder, part))).sha256);
      const sound = source.header.hasSound && !wish.mute ? await soundOf(path, folder) : null;
      return {
        ...size,
        frames,
        rate,
        partFrames: each,
        parts,
        ...(sound === null ? {} : { sound }),
        was: wordsOf(source, path),
      };
    } finally {
      pictures.close();
      await writer.abort();
    }
  } catch (error) {
    throw asClipFault(error, read.seconds);
  }
}

function sizeOf({ header, listed }: ClipSource, target: ClipTarget): ReturnType<typeof storedSize> {
  const { width, height } = header;
  if (header.isEncrypted) throw clipFault('is encrypted, as films of shops are; use a copy without protection');
  if (width < clipLimits.leastSide || height < clipLimits.leastSide) {
    throw clipFault(
      `is ${width}x${height}; a clip has at least ${clipLimits.leastSide} pixels on each side; use a larger one`,
    );
  }
  if (width > clipLimits.side || height > clipLimits.side || width * height > clipLimits.pixels) {
    throw clipFault(
      `is ${width}x${height}; a clip has at most ${clipLimits.side} pixels on a side and ${clipLimits.pixels} in all; save it smaller`,
    );
  }
  if (header.turn === null) throw clipFault('is turned by an angle that is no multiple of 90 degrees; save it upright');
  if (header.beyondBt709 !== null) {
    throw clipFault(`is ${header.beyondBt709}, and films are BT.709 (SDR); convert it to SDR with an editor first`);
  }
  if (listed === 1) throw clipFault('has one picture; a picture comes alive by animate, or name a video');
  const seconds = header.seconds ?? 0;
  if (seconds > scriptLimits.maxClipSeconds && Number.isFinite(seconds)) {
    throw clipFault(
      `lasts ${Math.round(seconds)} seconds; a clip has at most ${scriptLimits.maxClipSeconds}; cut out what the film needs`,
    );
  }
  return storedSize(uprightSize(header), target);
}

/** Gives each frame of the constant rate to `show`, with how many came before it. @returns how many there are. */
async function steadyFrames(
  { frames, pace }: ClipSource,
  pictures: NormalPictures,
  show: (planes: Yuv420Frame, shown: number) => Promise<void>,
): Promise<number> {
  const places = new SteadyPlaces(pace.rate);
  const most = (scriptLimits.maxClipSeconds * pace.rate.num) / pace.rate.den;
  let shown = 0;
  let held: { readonly planes: Yuv420Frame; readonly lasts: number } | null = null;
  const repeat = async (times: number): Promise<void> => {
    for (let time = 0; time < times && held !== null; time += 1) {
      if (shown >= most) {
        throw clipFault(`is longer than ${scriptLimits.maxClipSeconds} seconds; cut out what the film needs`);
      }
      await show(held.planes, shown);
      shown += 1;
    }
  };
  for await (const { frame, seconds, lasts } of frames()) {
    await repeat(places.next(seconds));
    held = { planes: await pictures.of(frame), lasts };
  }
  // Only of a varying rate the last frame is known to last: others may count what lies behind it.
  if (held !== null) await repeat(places.last(pace.varies ? held.lasts : 0));
  return shown;
}

function checkLength({ header, pace }: ClipSource, frames: number): void {
  if (frames === 0) throw clipFault('has a header and no picture behind it; save it again');
  if (frames === 1) throw clipFault('has one picture; a picture comes alive by animate, or name a video');
  if (header.seconds === null) return;
  const { num, den } = pace.rate;
  const found = (frames * den) / num;
  const least = header.seconds - tolerance.seconds - (tolerance.frames * den) / num;
  if (found >= least) return;
  const said = `lasts ${header.seconds.toFixed(1)} seconds by its header and has ${found.toFixed(1)} seconds of pictures`;
  throw clipFault(`${said}; it is cut off or damaged: copy it again whole, or save it anew`);
}

async function soundOf({ path }: ClipPath, folder: string): Promise<NonNullable<FoundClip['sound']>> {
  try {
    return await prepareSoundFile(path, soundFile(folder));
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'SCRIPT_INVALID') throw error;
    throw clipFault(`has sound that ${error.message}; or say mute: true`);
  }
}

function wordsOf({ header, pace, listed }: ClipSource, { pictures }: ClipPath): string {
  const { width, height, codec, turn, pixelAspect } = header;
  const { num, den } = pace.rate;
  const kind = pictures === undefined ? codec : `${listed} pictures`;
  return [
    `${width}x${height}`,
    `${rateText(num / den)} fps${pace.varies ? ' (varying)' : ''}`,
    kind,
    ...(turn === 'none' || turn === null ? [] : [`turned ${turn}`]),
    ...(pixelAspect === 1 ? [] : ['pixels made square']),
  ].join(', ');
}
