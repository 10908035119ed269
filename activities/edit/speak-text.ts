import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { SpeechTask } from '../../story/plan/task.ts';
import type { CpuWork } from './cpu-work.ts';
import { writeSpoken } from './spoken-file.ts';
import { voiceCommands } from './voice-commands.ts';
import type { SpeakingProgram } from './voice-commands.ts';

/** What a program may say of its failure, letters. */
const saidMost = 500;

/**
 * Words as the sound of a voice: FLAC of one channel, from its first sound to its last.
 * @throws PipelineError `MODEL_INVALID` when the program is not installed or does not know the voice; `MEDIA_FAILED` when it says
 * nothing; `RESOURCE_DISK`.
 */
export const speakText: CpuWork<SpeechTask> = async ({ params }, { outputFile, scratchDir }, progress) => {
  const spoken = join(scratchDir, 'spoken.wav');
  progress(0, 1);
  const { program, text, voice, speed } = params;
  if (program === 'piper') throw new PipelineError('INTERNAL', 'a voice that is a model speaks in an engine');
  await run(program, voiceCommands[program]({ voice, speed, output: spoken }), text, scratchDir);
  try {
    await writeSpoken(spoken, outputFile);
  } finally {
    await rm(spoken, { force: true });
  }
};

/** Runs a program with text on its standard input, without a shell: what it is to say cannot become a command. */
async function run(program: SpeakingProgram, args: readonly string[], text: string, cwd: string): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said = `${said}${part}`.slice(0, saidMost);
  });
  // It may end before it has read everything; its exit code says why.
  child.stdin.on('error', () => undefined).end(text);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  }).catch((cause: unknown) => {
    throw new PipelineError(
      'MODEL_INVALID',
      `${program}, which speaks for the voice package, is not installed on this worker; install it where the edit pool runs (\`apt-get install ${program}\`), or give the shot a recording as narration`,
      { cause },
    );
  });
  if (code === 0) return;
  throw new PipelineError(
    'MODEL_INVALID',
    `${program} ended with code ${String(code)}: ${said.trim() || 'it said nothing'}; choose another voice, or give the shot a recording as narration`,
    { details: { program, code } },
  );
}
