import type { LocalPerceptionModels } from '../../eval/perception/local-models.ts';
import type { Cli } from '../shell/cli.ts';

/** The packages of a set that look at films, opened. */
export async function openPerceptionSet(cli: Cli, set: string): Promise<LocalPerceptionModels> {
  const { loadPerceptionModels } = await import('../../storage/model-library.ts');
  const { openLocalModels } = await import('../../eval/perception/local-models.ts');
  const { dirs } = await loadPerceptionModels(cli.config().modelsDir, set);
  // Nobody says here what a finder should look for.
  return openLocalModels(Object.fromEntries(Object.entries(dirs).filter(([role]) => role !== 'finder')));
}
