import { AVERROR_EAGAIN, AVERROR_EOF, AVSEEK_FLAG_BACKWARD } from 'node-av/constants';
import { Codec, CodecContext, Frame } from 'node-av/lib';

import { checkedRead, mediaFailed } from './ffmpeg.ts';
import { type RgbPicture, toPicture } from './picture.ts';
import { decoderThreads } from './read-frames.ts';
import { VideoFile } from './video-file.ts';

/** Bounds of a picture; the frame's shape is kept. Pixels. */
export interface PictureBounds {
  readonly maxWidth: number;
}

/**
 * Decodes single frames of a film or segment. Each costs the decoding of its GOP up to the frame.
 * @param indices - Frame numbers, in any order.
 * @returns one picture per index, in that order, as they are decoded.
 * @throws PipelineError `MEDIA_FAILED` for a frame that the file does not have, or damage.
 */
export async function* filmFrames(
  file: string,
  indices: readonly number[],
  bounds: PictureBounds,
): AsyncGenerator<RgbPicture> {
  const video = await VideoFile.open(file);
  try {
    const { codecpar } = video.stream;
    const width = Math.min(bounds.maxWidth, codecpar.width);
    const height = Math.max(1, Math.round((width * codecpar.height) / codecpar.width));
    for (const index of indices) yield await withDecodedFrame(video, index, (frame) => toPicture(frame, width, height));
  } finally {
    await video.close();
  }
}

async function withDecodedFrame<T>(video: VideoFile, index: number, use: (frame: Frame) => Promise<T>): Promise<T> {
  const { file, format, stream } = video;
  const step = { doing: `decoding frame ${String(index)}`, file };
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  if (codec === null || !Number.isInteger(index) || index < 0 || index >= video.numFrames) {
    throw mediaFailed(`${file} has frames 0…${String(video.numFrames - 1)}; frame ${String(index)} was asked for`, {
      file,
      index,
    });
  }
  checkedRead(await format.seekFrame(stream.index, video.timeOf(index), AVSEEK_FLAG_BACKWARD), step);
  using context = new CodecContext();
  context.allocContext3(codec);
  checkedRead(context.parametersToContext(stream.codecpar), step);
  context.threadCount = decoderThreads;
  checkedRead(await context.open2(codec, null), step);
  using frame = new Frame();
  frame.alloc();
  /** Takes decoded frames until the wanted one is in `frame`. */
  const found = async (): Promise<boolean> => {
    for (;;) {
      const status = await context.receiveFrame(frame);
      if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return false;
      checkedRead(status, step);
      if (frame.bestEffortTimestamp === video.timeOf(index)) return true;
      frame.unref();
    }
  };
  for await (const { packet } of video.pictures()) {
    checkedRead(await context.sendPacket(packet), step);
    if (await found()) return await use(frame);
  }
  checkedRead(await context.sendPacket(null), step);
  if (await found()) return await use(frame);
  throw mediaFailed(`${file} does not show frame ${String(index)}; make it again`, { file, index });
}
