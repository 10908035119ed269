/**
 * What files cost beside their encoding: a segment of 4K as the sr pool writes it, and further files that are made of it, each against the encoder alone with the same frames at
 * hand. Run: `npx tsx bench/outputs.ts [frames]`. Prints a table and writes bench/results/outputs.json. Processor seconds, which hold on a busy machine; both of a pair are measured in
 * turn, twice, and the least counts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'node-av/lib';
import { type Encoding, encoderChoice } from '../media/encodings.ts';
import { decodeAll } from '../media/read-frames.ts';
import { makeRendition, planesOf } from '../media/rendition.ts';
import { copyPlanes, defaultEncoderSettings, openSegmentEncoder, x264Choice } from '../media/segment-encoder.ts';
import { blankVideoFrame, openVideoEncoder } from '../media/video-encoder.ts';
import { VideoFile } from '../media/video-file.ts';
import { cartoonFrame } from './cartoon-frame.ts';
import { report, type Row } from './report.ts';

const [frames, fps] = [Number(process.argv[2] ?? 24), 24];
const large = { width: 3840, height: 2160 };
const folder = await mkdtemp(join(tmpdir(), 'shotline-outputs-'));
try {
  const segment = join(folder, 'segment.mp4');
  const painted = Array.from({ length: frames }, (_, frame) => cartoonFrame(large.width, large.height, frame));
  const stage = async (): Promise<void> => {
    const encoder = await openSegmentEncoder({ file: segment, ...large, fps });
    for (const frame of painted) await encoder.write(frame);
    await encoder.close();
  };
  await stage();
  const film: Encoding = { codec: 'h264', depth: 8, quality: 18 };
  const rows: Row[] = [
    await pair('the film: a segment of 4K, H.264', stage, film, large, x264Choice(defaultEncoderSettings)),
  ];
  painted.length = 0;
  const files: readonly [string, Encoding, typeof large][] = [
    ['a further file of 4K, HEVC of 10 bits', { codec: 'hevc', depth: 10, quality: 20 }, large],
    ['a further file of 1080p, H.264', { codec: 'h264', depth: 8, quality: 18 }, { width: 1920, height: 1080 }],
  ];
  for (const [what, encoding, size] of files) {
    const rendition = (): Promise<void> =>
      makeRendition(segment, join(folder, 'rendition.mp4'), {
        ...size,
        frames,
        encoding,
        overlays: [],
        partOf: (_, whole) => ({ left: 0, top: 0, ...whole }),
        place: () => ({ left: 0, top: 0, ...size }),
        onFrame: () => undefined,
      });
    rows.push(await pair(what, rendition, encoding, size));
  }
  await report('outputs', { frames, ...large }, rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** A piece of work beside its encoder alone. */
async function pair(
  what: string,
  work: () => Promise<void>,
  encoding: Encoding,
  size: typeof large,
  choice = encoderChoice(encoding),
): Promise<Row> {
  const ready = await framesOf(encoding, size);
  const alone = async (): Promise<void> => {
    const encoder = await openVideoEncoder({ file: join(folder, 'alone.mp4'), ...size, fps, choice });
    for (const frame of ready) await encoder.write(frame);
    await encoder.close();
  };
  const [whole, coder]: number[][] = [[], []];
  for (let turn = 0; turn < 2; turn += 1) {
    coder!.push(await processorSeconds(alone));
    whole!.push(await processorSeconds(work));
  }
  for (const frame of ready) frame.free();
  const [all, own] = [Math.min(...whole!), Math.min(...coder!)];
  const perFrame = (seconds: number): number => Math.round((1000 * seconds) / frames);
  return {
    what,
    'ms/frame': perFrame(all),
    'encoder alone': perFrame(own),
    'share of the encoder': `${String(Math.round((100 * own) / all))} %`,
  };
}

/** The frames of the segment as an encoder wants them, at hand. */
async function framesOf(encoding: Encoding, size: typeof large): Promise<readonly Frame[]> {
  const { pixelFormat } = encoderChoice(encoding);
  const file = join(folder, 'scaled.mp4');
  const segment = join(folder, 'segment.mp4');
  await makeRendition(segment, file, {
    ...size,
    frames,
    encoding: { codec: 'h264', depth: 8, quality: 1 },
    overlays: [],
    partOf: (_, whole) => ({ left: 0, top: 0, ...whole }),
    place: () => ({ left: 0, top: 0, ...size }),
    onFrame: () => undefined,
  });
  const video = await VideoFile.open(file);
  const ready: Frame[] = [];
  try {
    for await (const planes of decodeAll(video, (frame) => Promise.resolve(planesOf(frame)))) {
      const frame = blankVideoFrame({ ...size, pixelFormat }, file);
      if (encoding.depth === 8) copyPlanes(planes, frame, { ...size, file });
      else widen(planes, frame, size.width);
      ready.push(frame);
    }
  } finally {
    await video.close();
  }
  return ready;
}

/** Planes of eight bits into a frame of ten. */
function widen(planes: ReturnType<typeof planesOf>, frame: Frame, width: number): void {
  [planes.y, planes.u, planes.v].forEach((plane, index) => {
    const columns = index === 0 ? width : width / 2;
    const [target, stride] = [frame.data![index]!, frame.linesize[index]!];
    for (let at = 0; at < plane.length; at += 1) {
      target.writeUInt16LE(plane[at]! << 2, Math.floor(at / columns) * stride + 2 * (at % columns));
    }
  });
}

async function processorSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
