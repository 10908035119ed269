import type { LookerManifest } from '../../story/model-manifest.ts';
import type { LookerRole } from '../../story/model-set.ts';
import { float32Output, type Graph } from '../../workers/session/graph.ts';
import { openTokenizer } from '../../workers/session/tokenizer.ts';
import type { WordReader } from './roles.ts';

/** A package that looks, opened. */
export interface OpenLooker<Role extends LookerRole = LookerRole> {
  readonly manifest: Extract<LookerManifest, { role: Role }>;
  readonly graph: Graph;
  /** Absent from a package that reads no words. */
  readonly read?: WordReader;
}

/** The packages that are there, by role. */
export type OpenLookers = { readonly [Role in LookerRole]?: OpenLooker<Role> | undefined };

/** Where a package lies, and its graphs by name. */
interface LookerSource {
  readonly dir: string;
  readonly graph: (name: string) => Promise<Graph>;
}

/** Name of the graph by which a package of a role looks. */
const lookerGraphs = {
  features: 'features',
  'image-text': 'image',
  aesthetic: 'aesthetic',
  imaging: 'imaging',
  flow: 'flow',
  finder: 'finder',
} as const satisfies Record<LookerRole, string>;

/** Name of the graph by which a package reads words. */
const wordsGraph = 'words';

/**
 * Opens the graphs of a package that looks, and its tokenizer if it reads words.
 *
 * @throws PipelineError `MODEL_*` when the package cannot be used.
 */
export async function openLooker<Role extends LookerRole>(
  manifest: Extract<LookerManifest, { role: Role }>,
  { dir, graph }: LookerSource,
): Promise<OpenLooker<Role>> {
  const { role, graphs }: LookerManifest = manifest;
  const eyes = await graph(lookerGraphs[role]);
  if (!Object.hasOwn(graphs, wordsGraph)) return { manifest, graph: eyes };
  const [words, encode] = [await graph(wordsGraph), await openTokenizer(dir)];
  const read: WordReader = async (text) => {
    const ids = BigInt64Array.from(encode(text), BigInt);
    const outputs = await words.run({ input_ids: { type: 'int64', shape: [1, ids.length], data: ids } });
    return float32Output(outputs, 'features').data;
  };
  return { manifest, graph: eyes, read };
}
