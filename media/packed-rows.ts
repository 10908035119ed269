import type { Frame } from 'node-av/lib';

import { mediaFailed } from './ffmpeg.ts';

/**
 * Copies the first plane of a frame, whose rows FFmpeg pads, to packed rows of `width × channels` bytes.
 * @throws PipelineError `MEDIA_FAILED` when the frame has no memory.
 */
export function packedRows(frame: Frame, width: number, height: number, channels: number): Uint8Array {
  const rows = frame.data?.[0];
  const stride = frame.linesize[0] ?? 0;
  if (rows === undefined) throw mediaFailed('A converted picture has no memory', {});
  const rowBytes = width * channels;
  const packed = new Uint8Array(height * rowBytes);
  for (let row = 0; row < height; row += 1) {
    packed.set(rows.subarray(row * stride, row * stride + rowBytes), row * rowBytes);
  }
  return packed;
}
