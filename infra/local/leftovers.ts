import { PipelineError } from '../../errors/pipeline-error.ts';
import { stopDaemon } from './daemon.ts';
import { nameOf } from './known-stack.ts';
import { stackProcesses } from './stack-processes.ts';
import type { StackPart, StackProcess } from './stack-processes.ts';

/**
 * Ends what still lives of a stack after all that was known has been stopped: a second server that was started while the record was
 * lost, engines whose worker is dead.
 *
 * @throws PipelineError `STACK_UNAVAILABLE` that names what does not end.
 */
export async function endLeftovers(stackDir: string, parts: readonly StackPart[], graceMs: number): Promise<void> {
  const living = async (): Promise<StackProcess[]> =>
    (await stackProcesses(stackDir)).filter(({ part }) => parts.includes(part));
  await Promise.all((await living()).map((process) => end(process, graceMs)));
  const left = await living();
  if (left.length === 0) return;
  const ids = left.map(({ daemon }) => String(daemon.pid)).join(' ');
  throw new PipelineError(
    'STACK_UNAVAILABLE',
    `${left.map(nameOf).join(', ')} could not be stopped. Look with \`ps -o pid,stat,user,command -p ${ids}\`: a process in state D waits for its disk or device, and one of another user is that user's to end.`,
    { details: { pids: left.map(({ daemon }) => daemon.pid) } },
  );
}

async function end({ part, daemon }: StackProcess, graceMs: number): Promise<void> {
  try {
    // An engine leaves SIGTERM to its worker, and this one has none.
    if (part === 'engine') process.kill(daemon.pid, 'SIGKILL');
    await stopDaemon(daemon, graceMs);
  } catch (error) {
    // It has just ended, or is another's: who is left is looked at afterwards.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
