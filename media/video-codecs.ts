import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_PRORES,
  AV_CODEC_ID_VP9,
  type AVCodecID,
} from 'node-av/constants';
import type { Packet } from 'node-av/lib';

import { hevcUnitTypes, idrSlice, isHevcEntry, nalUnitTypes } from './nal-units.ts';

/** What a file of a codec is. */
interface VideoCodecFacts {
  readonly id: AVCodecID;
  /** Sample entry in MP4 and MOV; `null` leaves it to the muxer. HEVC is `hvc1`, which Apple's players want. */
  readonly tag: string | null;
  readonly container: 'mp4' | 'mov';
  /** Whether the decoder needs parameter sets from the index. */
  readonly hasHeader: boolean;
  /** Every picture stands alone. */
  readonly isIntra: boolean;
}

/** The codecs of films. */
export const videoCodecs = {
  h264: { id: AV_CODEC_ID_H264, tag: 'avc1', container: 'mp4', hasHeader: true, isIntra: false },
  hevc: { id: AV_CODEC_ID_HEVC, tag: 'hvc1', container: 'mp4', hasHeader: true, isIntra: false },
  av1: { id: AV_CODEC_ID_AV1, tag: 'av01', container: 'mp4', hasHeader: true, isIntra: false },
  vp9: { id: AV_CODEC_ID_VP9, tag: 'vp09', container: 'mp4', hasHeader: false, isIntra: false },
  prores: { id: AV_CODEC_ID_PRORES, tag: null, container: 'mov', hasHeader: false, isIntra: true },
} as const satisfies Readonly<Record<string, VideoCodecFacts>>;

/** A codec of films. */
export type VideoCodecName = keyof typeof videoCodecs;

/** The codec with FFmpeg's number; `null` for one that no film has. */
export function codecNamed(id: AVCodecID): VideoCodecName | null {
  const names = Object.keys(videoCodecs) as VideoCodecName[];
  return names.find((name) => videoCodecs[name].id === id) ?? null;
}

/** Whether a packet is where a player can enter: an IDR picture, a key frame. `null` when the packet is damaged. */
export function isEntry(codec: VideoCodecName, packet: Packet): boolean | null {
  const data = packet.data ?? new Uint8Array();
  if (codec === 'h264') return nalUnitTypes(data)?.includes(idrSlice) ?? null;
  if (codec === 'hevc') return hevcUnitTypes(data)?.some(isHevcEntry) ?? null;
  return packet.isKeyframe;
}
