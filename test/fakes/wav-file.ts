/** A WAV file that a test makes. */
export interface WavOptions {
  /** Hertz. */
  readonly rate: number;
  readonly channels: number;
  readonly bits: 8 | 16 | 24;
  readonly samples: number;
  /** Value of a sample, from -1 to 1. */
  readonly wave: (sample: number, channel: number) => number;
}

/** Bytes of a WAV file of whole numbers (PCM), as recorders write it. */
export function wavFile({ rate, channels, bits, samples, wave }: WavOptions): Uint8Array<ArrayBuffer> {
  const width = bits / 8;
  const bytes = new Uint8Array(44 + samples * channels * width);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string): void => {
    bytes.set(new TextEncoder().encode(word), at);
  };
  text(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * width, true);
  view.setUint16(32, channels * width, true);
  view.setUint16(34, bits, true);
  text(36, 'data');
  view.setUint32(40, bytes.length - 44, true);
  for (let sample = 0; sample < samples; sample++) {
    for (let channel = 0; channel < channels; channel++) {
      const at = 44 + (sample * channels + channel) * width;
      const level = Math.round(wave(sample, channel) * (2 ** (bits - 1) - 1));
      if (bits === 8) view.setUint8(at, level + 128);
      else if (bits === 16) view.setInt16(at, level, true);
      else {
        view.setUint8(at, level & 0xff);
        view.setInt16(at + 1, level >> 8, true);
      }
    }
  }
  return bytes;
}
