import { AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants';
import { Codec, CodecContext, Frame } from 'node-av/lib';

import { checkedRead, mediaFailed } from './ffmpeg.ts';
import { type RgbPicture, toPicture } from './picture.ts';
import { VideoFile } from './video-file.ts';

/** Two threads decode a 4K frame in a third of the time of one, and more take memory for little. */
export const decoderThreads = 2;

/** Bounds of the frames that `readFrames` yields; the shape is kept. Pixels. */
export interface FrameBounds {
  readonly maxWidth: number;
}

/** A video opened for reading all its frames once, in order. */
export interface FrameReader {
  /** Size of the frames that come, pixels. */
  readonly width: number;
  readonly height: number;
  /** Size of the frames in the file, pixels. */
  readonly fileWidth: number;
  readonly fileHeight: number;
  readonly fps: number;
  readonly numFrames: number;
  /** The frames in the order they are shown. One is decoded at a time. @throws PipelineError `MEDIA_FAILED` for damage. */
  frames(): AsyncGenerator<RgbPicture>;
  /** Frees the reader. */
  close(): Promise<void>;
}

/** Opens a video for `FrameReader.frames`. @throws PipelineError `MEDIA_FAILED`. */
export async function openFrameReader(file: string, bounds: FrameBounds): Promise<FrameReader> {
  const video = await VideoFile.open(file);
  const { width: fileWidth, height: fileHeight } = video.stream.codecpar;
  const width = Math.min(bounds.maxWidth, fileWidth);
  const height = Math.max(1, Math.round((width * fileHeight) / fileWidth));
  return {
    width,
    height,
    fileWidth,
    fileHeight,
    fps: video.fps,
    numFrames: video.numFrames,
    frames: () => decodeAll(video, (frame) => toPicture(frame, width, height)),
    close: () => video.close(),
  };
}

/** Decodes all frames of a video, in the order they are shown; a frame is valid while `use` works on it. @throws PipelineError `MEDIA_FAILED`. */
export async function* decodeAll<T>(video: VideoFile, use: (frame: Frame) => Promise<T>): AsyncGenerator<T> {
  const { file, stream } = video;
  const step = { doing: 'decoding', file };
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  if (codec === null) throw mediaFailed(`${file} has a codec that this build of FFmpeg cannot decode`, { file });
  using context = new CodecContext();
  context.allocContext3(codec);
  checkedRead(context.parametersToContext(stream.codecpar), step);
  context.threadCount = decoderThreads;
  checkedRead(await context.open2(codec, null), step);
  using frame = new Frame();
  frame.alloc();
  const ready = async (): Promise<boolean> => {
    const status = await context.receiveFrame(frame);
    if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return false;
    checkedRead(status, step);
    return true;
  };
  for await (const { packet } of video.pictures()) {
    checkedRead(await context.sendPacket(packet), step);
    while (await ready()) yield await use(frame);
  }
  checkedRead(await context.sendPacket(null), step);
  while (await ready()) yield await use(frame);
}
