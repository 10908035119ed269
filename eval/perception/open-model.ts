import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ModelManifest, PerceptionManifest } from '../../story/models/model-manifest.ts';
import { type PerceptionRole, perceptionRoles } from '../../story/models/model-set.ts';
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

/** A package that looks, as it lies on this machine: its folder, its manifest, and its graphs by name. */
export interface PerceptionSource {
  readonly dir: string;
  readonly manifest: ModelManifest;
  /** Opens a graph of the package. */
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
 * Opens the packages that are there, one after the other.
 *
 * @param sourceOf - Where the package of a role lies; `null` where there is none.
 * @throws PipelineError `MODEL_*` when a package cannot be used.
 */
export async function openPerceptionModels(
  sourceOf: (role: PerceptionRole) => Promise<PerceptionSource | null> | PerceptionSource | null,
): Promise<OpenPerceptionModels> {
  const opened: [PerceptionRole, OpenPerceptionModel][] = [];
  for (const role of perceptionRoles) {
    const source = await sourceOf(role);
    if (source === null) continue;
    const { dir, manifest } = source;
    if (manifest.role !== role) {
      throw new PipelineError(
        'MODEL_INVALID',
        `${dir} is given as ${role} and is ${manifest.role}; correct the model set`,
      );
    }
    opened.push([role, await openPerceptionModel(manifest, source)]);
  }
  return Object.fromEntries(opened);
}

/** Opens the graphs of a package, and its tokenizer if it reads words. @throws PipelineError `MODEL_*` when it cannot be used. */
export async function openPerceptionModel<Role extends PerceptionRole>(
  manifest: Extract<PerceptionManifest, { role: Role }>,
  { dir, graph }: PerceptionSource,
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
