import type { PerceptionManifest } from '../../story/models/model-manifest.ts';
import type { PerceptionRole } from '../../story/models/model-set.ts';
import { float32Output, type Graph } from '../../engine/graph.ts';
import { openTokenizer } from '../../engine/tokenizer.ts';
import type { WordReader } from './roles.ts';

/** A package that looks, opened. */
export interface OpenPerceptionModel<Role extends PerceptionRole = PerceptionRole> {
  readonly manifest: Extract<PerceptionManifest, { role: Role }>;
  readonly graph: Graph;
  /** Absent from a package that reads no words. */
  readonly read?: WordReader;
}

/** The packages that are there, by role. */
export type OpenPerceptionModels = { readonly [Role in PerceptionRole]?: OpenPerceptionModel<Role> | undefined };

/** Where a package lies, and its graphs by name. */
interface ModelSource {
  readonly dir: string;
  readonly graph: (name: string) => Promise<Graph>;
}

/** Name of the graph by which a package of a role looks. */
const perceptionGraphs = {
  features: 'features',
  'image-text': 'image',
  aesthetic: 'aesthetic',
  imaging: 'imaging',
  flow: 'flow',
  finder: 'finder',
} as const satisfies Record<PerceptionRole, string>;

/** Name of the graph by which a package reads words. */
const wordsGraph = 'words';

/**
 * Opens the graphs of a package that looks, and its tokenizer if it reads words.
 *
 * @throws PipelineError `MODEL_*` when the package cannot be used.
 */
export async function openPerceptionModel<Role extends PerceptionRole>(
  manifest: Extract<PerceptionManifest, { role: Role }>,
  { dir, graph }: ModelSource,
): Promise<OpenPerceptionModel<Role>> {
  const { role, graphs }: PerceptionManifest = manifest;
  const eyes = await graph(perceptionGraphs[role]);
  if (!Object.hasOwn(graphs, wordsGraph)) return { manifest, graph: eyes };
  const [words, encode] = [await graph(wordsGraph), await openTokenizer(dir)];
  const read: WordReader = async (text) => {
    const ids = BigInt64Array.from(encode(text), BigInt);
    const outputs = await words.run({ input_ids: { type: 'int64', shape: [1, ids.length], data: ids } });
    return float32Output(outputs, 'features').data;
  };
  return { manifest, graph: eyes, read };
}
