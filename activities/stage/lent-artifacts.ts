import { join } from 'node:path';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { type ArtifactStore, type FetchedArtifact, remedyOf } from '../../storage/artifact-store.ts';
import { formatOf } from '../../story/plan/stages.ts';
import type { ArtifactName } from '../../story/plan/task.ts';

/** An artifact that was fetched, and where it lies. */
export interface LentArtifact extends ArtifactName, FetchedArtifact {
  readonly file: string;
}

/** Enough to hide the latency of a store, few enough not to crowd it. */
const fetchesAtOnce = 4;

/** Where artifacts are brought, and until when. */
interface Lending {
  readonly artifacts: Pick<ArtifactStore, 'fetch' | 'discard'>;
  /** A folder of the attempt's own. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

/**
 * Brings artifacts to `dir`, verified, and lends them to `use` in the order of `names`. One that `use` finds unusable is
 * deleted: it has the very hash that its writer gave it, so it would be found again each time it is made again.
 *
 * @throws PipelineError `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT` with details `{ key }`: the artifact must be made again.
 */
export async function withArtifacts<Result>(
  lending: Lending,
  names: readonly ArtifactName[],
  use: (lent: readonly LentArtifact[]) => Promise<Result>,
): Promise<Result> {
  const lent = await fetchAll(lending, names);
  try {
    return await use(lent);
  } catch (error) {
    throw await discardUnusable(lending, lent, error);
  }
}

/** Each artifact once, a few at a time. */
async function fetchAll({ artifacts, dir, signal }: Lending, names: readonly ArtifactName[]): Promise<LentArtifact[]> {
  const waiting = [...new Map(names.map((name) => [name.key, name])).values()];
  const lent = new Map<string, LentArtifact>();
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const lane = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { stage, key } = name;
      const file = join(dir, `${key}.${formatOf(stage)}`);
      lent.set(key, { stage, file, ...(await artifacts.fetch({ stage, key }, file, either)) });
    }
  };
  const lanes = Array.from({ length: fetchesAtOnce }, lane);
  try {
    await Promise.all(lanes);
  } catch (error) {
    // The folder is about to go: no transfer may go on writing into it.
    waiting.length = 0;
    failed.abort(error);
    await Promise.allSettled(lanes);
    throw error;
  }
  return names.flatMap(({ key }) => lent.get(key) ?? []);
}

/** Codes of errors that, with details `{ file }`, say that this file is not what it should be. */
const unusable: readonly string[] = ['ARTIFACT_CORRUPT', 'MEDIA_FAILED'];

/** Deletes the artifact that an error blames. Gives the error that has it made again; other errors come back as they are. */
async function discardUnusable(
  { artifacts }: Lending,
  lent: readonly LentArtifact[],
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof PipelineError) || !unusable.includes(error.code)) return error;
  const blamed = lent.find(({ file }) => file === error.details['file']);
  if (blamed === undefined) return error;
  const { stage, key, sha256 } = blamed;
  await artifacts.discard({ stage, key }, sha256);
  return new PipelineError(
    'ARTIFACT_CORRUPT',
    `the ${stage} artifact ${key.slice(0, 12)} has been deleted (${error.message}); ${remedyOf(stage)}`,
    { details: { ...error.details, key }, cause: error },
  );
}
