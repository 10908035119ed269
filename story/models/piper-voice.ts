import { z } from 'zod';
import { PipelineError } from '../../errors/pipeline-error.ts';

/** The file in a package of a Piper voice that says how it is spoken. */
export const piperFile = 'voice.json';

/** Signs of the phoneme table that stand for no sound: before and after a sentence, and between two sounds. */
export const piperMarks = { begin: '^', end: '$', between: '_' } as const;

const ids = z.array(z.int().min(0).max(100_000)).min(1).max(16);
const scale = z.number().min(0).max(10);
const schema = z.object({
  audio: z.object({ sample_rate: z.int().min(8000).max(48_000) }),
  // It becomes an argument of a program.
  espeak: z.object({ voice: z.string().regex(/^[A-Za-z][A-Za-z0-9+_-]{0,39}$/, 'is no name of an espeak-ng voice') }),
  phoneme_type: z.string().default('espeak'),
  phoneme_id_map: z.record(z.string(), ids),
  num_speakers: z.int().min(1).max(10_000).default(1),
  speaker_id_map: z.record(z.string().min(1).max(40), z.int().min(0).max(10_000)).default({}),
  inference: z
    .object({ noise_scale: scale.optional(), length_scale: scale.gt(0).optional(), noise_w: scale.optional() })
    .default({}),
});

/** How a Piper voice is spoken, from the `.onnx.json` that comes with it. */
export interface PiperVoice {
  /** Samples per second. */
  readonly rate: number;
  /** The voice of espeak-ng that turns words into phonemes; `null` for voices that read letters. */
  readonly phonemes: string | null;
  /** Numbers of each phoneme, which is one sign of Unicode in decomposed form. */
  readonly ids: Readonly<Record<string, readonly number[]>>;
  /** Numbers of the speakers by name; none when it has one. */
  readonly speakers: Readonly<Record<string, number>>;
  /** Whether the graph is told who speaks. */
  readonly hasSpeakers: boolean;
  /** Noise of the sound, length of each phoneme, and noise of the lengths, as the voice sounds best. */
  readonly scales: { readonly noise: number; readonly length: number; readonly noiseOfLengths: number };
}

/**
 * Reads the JSON of a Piper voice, as Piper's exporter writes it: https://github.com/OHF-Voice/piper1-gpl, `src/piper/config.py`.
 *
 * @param file Names it in messages.
 * @throws PipelineError `MODEL_INVALID` with each key that is wrong.
 */
export function parsePiperVoice(json: unknown, file: string): PiperVoice {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
    throw invalid(file, `is not that of a Piper voice: ${problems.slice(0, 8).join('; ')}`);
  }
  const { audio, espeak, phoneme_type: type, phoneme_id_map: map, inference, ...rest } = parsed.data;
  if (type !== 'espeak' && type !== 'text') {
    throw invalid(
      file,
      `says phoneme_type ${JSON.stringify(type.slice(0, 40))}, which Shotline cannot make of words; it knows espeak and text`,
    );
  }
  const lacking = Object.values(piperMarks).filter((mark) => !Object.hasOwn(map, mark));
  if (lacking.length > 0) throw invalid(file, `has no ${lacking.join(' ')} in phoneme_id_map`);
  const { noise_scale: noise = 0.667, length_scale: length = 1, noise_w: noiseOfLengths = 0.8 } = inference;
  return {
    rate: audio.sample_rate,
    phonemes: type === 'text' ? null : espeak.voice,
    ids: map,
    speakers: rest.num_speakers > 1 ? rest.speaker_id_map : {},
    hasSpeakers: rest.num_speakers > 1,
    scales: { noise, length, noiseOfLengths },
  };
}

function invalid(file: string, finding: string): PipelineError {
  return new PipelineError('MODEL_INVALID', `${file} ${finding}; take the .onnx.json that belongs to the voice`, {
    details: { file },
  });
}
