import { SoundEncoder } from '../../media/sound/sound-encoder.ts';
import { SoundReader } from '../../media/sound/sound-reader.ts';
import { withoutSilence } from '../../media/sound/silence.ts';

/**
 * A spoken WAV file of any rate as the artifact of a voice: FLAC of one channel at 48 kHz, from its first sound to its last.
 * @throws PipelineError `MEDIA_FAILED` when nothing is heard; `RESOURCE_DISK`.
 */
export async function writeSpoken(spoken: string, outputFile: string): Promise<void> {
  const reader = await SoundReader.open(spoken, { formats: 'wav' });
  const encoder = await SoundEncoder.open({ file: outputFile, codec: 'flac', channels: 1 });
  try {
    const chunks: Float32Array[] = [];
    for await (const chunk of reader.chunks()) chunks.push(chunk);
    await encoder.write(withoutSilence(joined(chunks)));
    await encoder.close();
  } finally {
    await encoder.abort();
    await reader.close();
  }
}

function joined(chunks: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
