import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ArtifactName, ArtifactStore } from '../../storage/artifact-store.ts';

/** An artifact that was fetched, and where it lies. */
export interface FetchedArtifact extends ArtifactName {
  readonly file: string;
}

/**
 * Deletes the artifact that an error says is corrupt: it has the very hash that its writer gave it, so it would be found again
 * each time it is made again. Gives the error that has it made again; other errors come back as they are.
 */
export async function discardUnusable(
  artifacts: Pick<ArtifactStore, 'discard'>,
  fetched: readonly FetchedArtifact[],
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof PipelineError) || error.code !== 'ARTIFACT_CORRUPT') return error;
  const { details, message } = error;
  const unusable = fetched.find(({ key, file }) => details['key'] === key || message.includes(file));
  if (unusable === undefined) return error;
  await artifacts.discard(unusable, unusable.file);
  return new PipelineError(error.code, message, { details: { ...details, key: unusable.key }, cause: error });
}
