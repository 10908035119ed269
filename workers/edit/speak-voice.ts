import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSpoken } from '../../activities/edit/spoken-file.ts';
import { float32Output } from '../../engine/graph.ts';
import type { GraphTensors } from '../../engine/graph.ts';
import type { Pipeline } from '../../engine/engine-job.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { parsePiperVoice, piperFile } from '../../story/models/piper-voice.ts';
import type { PiperVoice } from '../../story/models/piper-voice.ts';
import type { SpeechTask } from '../../story/plan/task.ts';
import { idsOf, phonemesOf, sentencesOf } from './phonemes.ts';

/** Seconds of silence between two sentences. */
const pause = 0.2;

/** The loudest sample of what is spoken: the mix brings it to the loudness that the film asks for. */
const peak = 0.9;

/**
 * Words as the sound of a voice that is a model, sentence by sentence: the graph of Piper (VITS; J. Kim and others, 2021, arXiv:2106.06103),
 * phonemes by espeak-ng. Packages: voice.
 *
 * @throws PipelineError `MODEL_INVALID` when espeak-ng is not there or the voice has none of the sounds, `NUMERIC_INVALID`.
 */
export const runSpeech: Pipeline<SpeechTask> = async ({ params }, job) => {
  const file = join(job.packageDir('voice'), piperFile);
  const voice = parsePiperVoice(JSON.parse(await readFile(file, 'utf8')), `${job.manifest('voice').name}/${piperFile}`);
  const graph = await job.graphs('voice', 'voice');
  const sentences = await idsOfText(params.text, voice);
  const parts: Float32Array[] = [];
  for (const [index, ids] of sentences.entries()) {
    const { data } = float32Output(await graph.run(inputsOf(ids, voice, params)), 'output');
    if (!data.every((sample) => Number.isFinite(sample))) {
      throw new PipelineError(
        'NUMERIC_INVALID',
        `sentence ${index + 1} came out of ${job.manifest('voice').name} with samples that are no numbers; add the voice again, or choose another`,
      );
    }
    if (index > 0) parts.push(new Float32Array(Math.round(pause * voice.rate)));
    parts.push(data);
    job.progress('step', index + 1, sentences.length);
    await job.throwIfCancelled();
  }
  const spoken = join(job.scratchDir, 'spoken.wav');
  await writeFile(spoken, wavOf(parts, voice.rate));
  try {
    await writeSpoken(spoken, job.outputFile);
  } finally {
    await rm(spoken, { force: true });
  }
};

/** Numbers of the phonemes of each sentence. @throws PipelineError `MODEL_INVALID` when the voice has hardly one of the sounds. */
async function idsOfText(text: string, voice: PiperVoice): Promise<readonly (readonly number[])[]> {
  const sentences: (readonly number[])[] = [];
  const unknown = new Set<string>();
  let known = 0;
  for (const clauses of sentencesOf(text)) {
    const phonemes: string[] = [];
    for (const { words, mark } of clauses) {
      // Voices that read letters are told them as they stand, marks included.
      if (voice.phonemes === null) phonemes.push(...Array.from(`${words} `.normalize('NFD')));
      else phonemes.push(...phonemesOf(await espeakPhonemes(words, voice.phonemes), mark));
    }
    const spoken = idsOf(phonemes, voice);
    for (const sign of spoken.unknown) unknown.add(sign);
    known += spoken.known;
    if (spoken.known > 0) sentences.push(spoken.ids);
  }
  if (known > 0 && unknown.size <= known) return sentences;
  const signs = [...unknown].slice(0, 12).join(' ');
  throw new PipelineError(
    'MODEL_INVALID',
    `the voice ${unknown.size === 0 ? 'is told words without a sound' : `does not have the sounds ${signs}`}; choose a voice of the language that is spoken, or write other words`,
    { details: { unknown: [...unknown].slice(0, 100) } },
  );
}

function inputsOf(
  ids: readonly number[],
  voice: PiperVoice,
  { voice: speaker, speed }: SpeechTask['params'],
): GraphTensors {
  const { noise, length, noiseOfLengths } = voice.scales;
  const whole = (shape: readonly number[], numbers: readonly number[]) =>
    ({ type: 'int64', shape, data: BigInt64Array.from(numbers, BigInt) }) as const;
  return {
    input: whole([1, ids.length], ids),
    input_lengths: whole([1], [ids.length]),
    scales: { type: 'float32', shape: [3], data: Float32Array.of(noise, length / speed, noiseOfLengths) },
    ...(voice.hasSpeakers ? { sid: whole([1], [voice.speakers[speaker] ?? 0]) } : {}),
  };
}

/** What espeak-ng writes of words in the signs of the IPA. Without a shell, and told by its input: what is said cannot become a command. */
async function espeakPhonemes(words: string, voice: string): Promise<string> {
  const child = spawn('espeak-ng', ['-q', '--ipa', '-v', voice, '--stdin'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let [written, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (written += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said = `${said}${part}`.slice(0, 500)));
  child.stdin.on('error', () => undefined).end(words);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  }).catch((cause: unknown) => {
    throw new PipelineError(
      'MODEL_INVALID',
      'espeak-ng, which finds the sounds of words for the voice package, is not installed on this worker; install it where the edit pool runs (`apt-get install espeak-ng`), or give the shot a recording as narration',
      { cause },
    );
  });
  if (code === 0) return written;
  throw new PipelineError(
    'MODEL_INVALID',
    `espeak-ng ended with code ${String(code)} for its voice ${voice}: ${said.trim() || 'it said nothing'}; the voice package names one that this espeak-ng has not`,
    { details: { code } },
  );
}

/** Sound of one channel as a WAV file of floating point, no louder than {@link peak}. */
function wavOf(parts: readonly Float32Array[], rate: number): Uint8Array {
  const samples = parts.reduce((sum, { length }) => sum + length, 0);
  const loudest = parts.reduce((most, part) => part.reduce((top, each) => Math.max(top, Math.abs(each)), most), 0);
  const factor = loudest < 1e-8 ? 0 : peak / loudest;
  const bytes = new DataView(new ArrayBuffer(44 + 4 * samples));
  const word = (at: number, text: string): void => {
    for (const [index, letter] of Array.from(text).entries()) bytes.setUint8(at + index, letter.charCodeAt(0));
  };
  word(0, 'RIFF');
  bytes.setUint32(4, 36 + 4 * samples, true);
  word(8, 'WAVEfmt ');
  bytes.setUint32(16, 16, true);
  // Floating point, one channel.
  bytes.setUint16(20, 3, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, 4 * rate, true);
  bytes.setUint16(32, 4, true);
  bytes.setUint16(34, 32, true);
  word(36, 'data');
  bytes.setUint32(40, 4 * samples, true);
  let at = 44;
  for (const part of parts) {
    for (const sample of part) {
      bytes.setFloat32(at, sample * factor, true);
      at += 4;
    }
  }
  return new Uint8Array(bytes.buffer);
}
