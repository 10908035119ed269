import type { VoiceProgram } from '../../story/models/model-set.ts';

/** What a program is to be told. */
interface Speaking {
  readonly voice: string;
  /** 1 is as it speaks by itself. */
  readonly speed: number;
  /** WAV file to write. */
  readonly output: string;
}

/** Words a minute that espeak-ng speaks by itself. */
const espeakPace = 175;

/** A program that speaks by itself. */
export type SpeakingProgram = Exclude<VoiceProgram, 'piper'>;

/** How each program is told to read from its standard input and to write a file. */
export const voiceCommands: Readonly<Record<SpeakingProgram, (speaking: Speaking) => readonly string[]>> = {
  'espeak-ng': ({ voice, speed, output }) => [
    '-v',
    voice,
    '-s',
    String(Math.round(espeakPace * speed)),
    '-w',
    output,
    '--stdin',
  ],
};
