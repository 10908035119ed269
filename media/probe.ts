import { stat } from 'node:fs/promises';

import {
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
} from 'node-av/constants';

import { isFastStart, listMp4Boxes } from './mp4-boxes.ts';
import type { VideoCodecName } from './video-codecs.ts';
import { VideoFile } from './video-file.ts';

/** What a film or segment file says of itself. */
export interface VideoProbe {
  readonly codec: VideoCodecName;
  /** Bits of a sample. */
  readonly depth: number;
  /** RFC 6381 name for browsers, `avc1.640033`. */
  readonly codecString: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  readonly seconds: number;
  readonly bytes: number;
  /** The index lies before the pictures, so that a browser starts at once. */
  readonly fastStart: boolean;
  /** Primaries, transfer, matrix and range are tagged BT.709 limited. */
  readonly bt709: boolean;
  readonly keyFrames: number;
}

/** Reads a file's headers and packets, decodes the first pictures. @throws PipelineError `MEDIA_FAILED`. */
export async function probeVideo(file: string): Promise<VideoProbe> {
  const video = await VideoFile.open(file);
  try {
    // The index alone does not say how many bits a sample has.
    await video.inspect();
    let frames = 0;
    let keyFrames = 0;
    for await (const { packet } of video.pictures()) {
      frames += 1;
      if (packet.isKeyframe) keyFrames += 1;
    }
    const { codecpar } = video.stream;
    return {
      codec: video.codec,
      depth: depthOf(codecpar.format),
      codecString: codecpar.getCodecString() ?? video.codec,
      width: codecpar.width,
      height: codecpar.height,
      fps: video.fps,
      frames,
      seconds: frames / video.fps,
      bytes: (await stat(file)).size,
      fastStart: isFastStart(await listMp4Boxes(file)),
      bt709:
        codecpar.colorPrimaries === AVCOL_PRI_BT709 &&
        codecpar.colorTrc === AVCOL_TRC_BT709 &&
        codecpar.colorSpace === AVCOL_SPC_BT709 &&
        // ProRes knows no other range, and MOV has no place for it.
        (codecpar.colorRange === AVCOL_RANGE_MPEG || video.codec === 'prores'),
      keyFrames,
    };
  } finally {
    await video.close();
  }
}

/** Bits of a sample: films of eight bits have one pixel format, others have ten. */
function depthOf(format: number): number {
  return format === AV_PIX_FMT_YUV420P || format === AV_PIX_FMT_YUVJ420P ? 8 : 10;
}
