import { AVFMT_FLAG_BITEXACT } from 'node-av/constants';
import { Dictionary, FormatContext } from 'node-av/lib';

import { checked } from '../ffmpeg.ts';
import { SoundTrack } from './sound-track.ts';

/** Seconds of a fragment of sound. */
const fragmentSeconds = 4;

/** Writes the sound of a film as a fragmented MP4, which players of streams fetch in parts. @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`. */
export async function fragmentSound(sound: string, output: string): Promise<void> {
  const track = await SoundTrack.open(sound);
  const format = new FormatContext();
  try {
    checked(format.allocOutputContext2(null, 'mp4', output), { doing: 'preparing the muxer', file: output });
    format.setFlags(AVFMT_FLAG_BITEXACT);
    checked(await format.openOutput(), { doing: 'creating the file', file: output });
    const stream = format.newStream(null);
    checked(track.describe(stream.codecpar), { doing: 'describing the sound', file: output });
    stream.timeBase = track.timeBase;
    using options = Dictionary.fromObject({
      movflags: '+cmaf+delay_moov',
      frag_duration: String(fragmentSeconds * 1_000_000),
    });
    checked(await format.writeHeader(options), { doing: 'writing the header', file: output });
    for await (const packet of track.until(Number.POSITIVE_INFINITY)) {
      packet.streamIndex = stream.index;
      packet.pos = -1n;
      packet.rescaleTs(track.timeBase, stream.timeBase);
      checked(await format.writeFrame(packet), { doing: 'writing the sound', file: output });
    }
    checked(await format.writeTrailer(), { doing: 'finishing the file', file: output });
    checked(format.pb?.error ?? 0, { doing: 'flushing', file: output });
  } finally {
    await track.close();
    await format.closeOutput();
    format.freeContext();
  }
}
