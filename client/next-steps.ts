import type { ErrorCode } from '../errors/pipeline-error.ts';

const steps = {
  SCRIPT_INVALID: 'correct the script and render again; `shotline validate` lists every problem',
  MODEL_UNKNOWN:
    'see `shotline models list`; a package that only lies here goes to the storage with `shotline models push`',
  MODEL_INVALID: 'the package does not follow docs/model-packages.md: export it again',
  MODEL_CORRUPT: '`shotline models verify` names the altered file: restore it and `shotline models push`',
  RESOURCE_MEMORY:
    'give the worker a bigger SHOTLINE_MEMORY_MB or host, or render smaller with --output; an enhanced shot also with `enhance: { tile: half }`',
  RESOURCE_DISK: 'free space in the scratch folder of the worker (SHOTLINE_SCRATCH) and render again',
  RESOURCE_ENGINE: 'the log of the worker tells why its engine died; render again, finished stages are kept',
  STORAGE_UNAVAILABLE: 'check that the storage endpoint answers (`shotline stack status`) and render again',
  STORAGE_DENIED: 'check bucket, access key and secret key, and the rights of that key on the bucket',
  ARTIFACT_MISSING: 'render again: what is missing is made again',
  ARTIFACT_CORRUPT: 'render again: the corrupt artifact is gone and is made again',
  NUMERIC_INVALID: 'it came out so on every worker that tried: `shotline reroll` the shot, or change guidance or steps',
  MEDIA_FAILED: 'the log of the worker holds the message of the encoder; check size and rate of the output',
  SETTING_INVALID: 'correct the variable that the message names; docs/operations.md lists them all',
  STACK_UNAVAILABLE: 'run `shotline stack up` and read what it says',
  ITEM_STOPPED: 'render again to go on: finished stages are kept; `shotline cancel` stops a whole story',
  RELEASE_MISMATCH:
    'run workers of the release that planned the story; or cancel it and render again, which plans it by this release',
  WORKER_UNFIT:
    'the log of the worker says what its check found: repair that and start it again; others take its tasks',
  INTERNAL: 'this is a bug: report it with the log of the worker; `shotline render` again keeps finished stages',
} as const satisfies Record<ErrorCode, string>;

/** What an operator does about a failure with this code, as one line. */
export function nextStepFor(code: ErrorCode): string {
  return steps[code];
}
