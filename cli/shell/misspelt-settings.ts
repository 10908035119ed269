import type { Environment } from '../../storage/config.ts';
import { nearestWord } from '../../story/script/nearest-word.ts';
import { environmentVariables } from './environment-help.ts';

/** Variables of workers alone, which the help of the command leaves to docs/operations.md. */
const workerVariables = [
  'SHOTLINE_ARTIFACT_KEY',
  'SHOTLINE_ARTIFACT_KEY_FILE',
  'SHOTLINE_C2PA_ALGORITHM',
  'SHOTLINE_C2PA_CERTIFICATE',
  'SHOTLINE_C2PA_KEY',
  'SHOTLINE_C2PA_PROMPTS',
  'SHOTLINE_C2PA_TIMESTAMPS',
  'SHOTLINE_CANCEL_GRACE_SECONDS',
  'SHOTLINE_CHECKPOINT_EVERY',
  'SHOTLINE_DEVICE',
  'SHOTLINE_DRAIN_SECONDS',
  'SHOTLINE_ENGINE',
  'SHOTLINE_LOG_LEVEL',
  'SHOTLINE_MEMORY_MB',
  'SHOTLINE_METRICS_ADDRESS',
  'SHOTLINE_SCRATCH',
  'SHOTLINE_STALL_SECONDS',
  'SHOTLINE_THREADS',
] as const;

/** Every variable that Shotline reads. */
export const settingNames: readonly string[] = [
  ...environmentVariables.flatMap(({ name }) => (name.startsWith('SHOTLINE_') ? [name] : [])),
  ...workerVariables,
];

/** A line for each variable that looks like one of Shotline's and is none: it would be passed over in silence. */
export function misspeltSettings(env: Environment): readonly string[] {
  const known = new Set(settingNames);
  return Object.keys(env).flatMap((name) => {
    const meant = name.startsWith('SHOTLINE_') && !known.has(name) ? nearestWord(name, settingNames) : null;
    return meant === null
      ? []
      : [`warning: ${name} is no variable of Shotline and changes nothing; did you mean ${meant}?`];
  });
}
