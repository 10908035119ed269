import { SoundEncoder } from '../../media/sound/sound-encoder.ts';
import { soundRate } from '../../media/sound/sound-rate.ts';

/**
 * Writes `music.m4a` beside this file: two bars of plucked strings over a bass, 3.2 seconds, made for a loop. `npx tsx
 * examples/sounds/make-music.ts`. The melody is nobody's.
 */

const beat = 0.4;
const length = 8 * beat * soundRate;
/** Hertz: an arpeggio over two chords, two notes to a beat; the bass has one note to a bar. */
const melody = [220, 277.2, 329.6, 440, 329.6, 277.2, 329.6, 277.2, 196, 246.9, 293.7, 392, 293.7, 246.9, 293.7, 246.9];
const bass = [110, 98];

const sound = new Float32Array(2 * length);
/** Rings on from the beginning where the loop ends. */
const pluck = (start: number, pitch: number, loudness: number, decay: number): void => {
  for (let at = 0; at < length; at++) {
    const seconds = at / soundRate;
    const wave = [1, 2, 3].reduce((sum, part) => sum + Math.sin(2 * Math.PI * pitch * part * seconds) / part ** 2, 0);
    const level = loudness * wave * Math.exp(-seconds / decay) * Math.min(1, at / 96);
    const place = (Math.round(start * soundRate) + at) % length;
    for (const side of [2 * place, 2 * place + 1]) sound[side] = (sound[side] ?? 0) + level;
  }
};
melody.forEach((pitch, index) => {
  pluck((index * beat) / 2, pitch, 0.12, 0.35);
});
bass.forEach((pitch, index) => {
  pluck(4 * index * beat, pitch, 0.2, 0.8);
});
const encoder = await SoundEncoder.open({
  file: new URL('music.m4a', import.meta.url).pathname,
  codec: 'aac',
  channels: 2,
});
await encoder.write(sound);
await encoder.close();
