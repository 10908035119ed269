import fc from 'fast-check';
import { UsageError } from '../../cli/shell/cli-errors.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { manifests } from './manifests.ts';
import { pictures } from './pictures.ts';
import { scripts } from './scripts.ts';
import type { FuzzTarget } from './target.ts';

/** What runs the cases of one target, in a process of its own: it says each case before it begins, so that its end tells which it was. */

const targets: Readonly<Record<string, FuzzTarget>> = { scripts, pictures, manifests };

/** What the process says of a case. */
export type CaseNote =
  | { readonly kind: 'begins'; readonly seed: number }
  | {
      readonly kind: 'ended';
      readonly seed: number;
      readonly outcome: string;
      readonly peakMb: number;
      readonly cpuMs: number;
    }
  | {
      readonly kind: 'broke';
      readonly seed: number;
      readonly reason: string;
      readonly input: string;
      readonly extension: string;
    };

/** The input of a case: each has a seed of its own, so one can be run again alone. */
export function inputOf(target: FuzzTarget, seed: number): Uint8Array {
  return fc.sample(target.inputs, { seed, numRuns: 1 })[0]!;
}

const [name = '', first = '0', count = '0'] = process.argv.slice(2);
const target = targets[name];
if (target !== undefined && process.send !== undefined) {
  const say = (note: CaseNote): void => void process.send!(note);
  for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
    const input = inputOf(target, seed);
    say({ kind: 'begins', seed });
    const cpu = process.cpuUsage();
    try {
      const outcome = await outcomeOf(target, input);
      const { user, system } = process.cpuUsage(cpu);
      say({
        kind: 'ended',
        seed,
        outcome,
        peakMb: process.resourceUsage().maxRSS / 1024,
        cpuMs: (user + system) / 1000,
      });
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      say({ kind: 'broke', seed, reason, input: Buffer.from(input).toString('base64'), extension: target.extension });
    }
    // Notes leave the process only between two turns.
    await new Promise(setImmediate);
  }
  process.disconnect();
}

/** Success, or the documented code that it ended with. @throws whatever else came out. */
async function outcomeOf(of: FuzzTarget, input: Uint8Array): Promise<string> {
  try {
    return await of.run(input);
  } catch (error) {
    if (error instanceof UsageError) return 'USAGE';
    if (error instanceof PipelineError && error.code !== 'INTERNAL') return error.code;
    throw error;
  }
}
