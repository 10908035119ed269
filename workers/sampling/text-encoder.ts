import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ModelRole } from '../../story/models/model-set.ts';
import { expectShape, Tensor } from '../../tensor/tensor.ts';
import type { EngineJob } from '../../engine/engine-job.ts';
import { float32Output, type Graph, type GraphTensors } from '../../engine/graph.ts';
import { encodePrompt, type EncodedPrompt } from '../../engine/tokenizer.ts';

/** Words of a prompt that are replaced by rows that a model made of a picture. */
export interface GivenWords {
  /** Word embeddings, `[n, D]`. */
  readonly rows: Tensor;
  /** Token that the first of them stands at. */
  readonly first: number;
  /** Tokens that they take the place of. */
  readonly count: number;
}

/** Context of a prompt. */
export interface PromptContext {
  /** `[1, 1, T, D]`. */
  readonly context: Tensor;
  /** Rows that are not padding. */
  readonly used: number;
}

/** What reads the words of a denoiser's clips: the encoder in its own package where it has one, else that of the set. */
export interface TextEncoder {
  /** Folder with the tokenizer. */
  readonly packageDir: string;
  /** Whether the denoiser wants the rows of padding cut off. */
  readonly trims: boolean;
  /** Whether rows of a subject stand among the words before they are encoded, not in what comes of them. */
  readonly takesWords: boolean;
  /** Encodes a prompt, with the given words in the place of some of its own. */
  encode(text: string, given?: GivenWords): Promise<PromptContext>;
}

/**
 * Opens the text encoder of the denoiser in a role.
 *
 * @throws PipelineError `MODEL_INVALID` when its package or that of the set cannot be read.
 */
export async function openTextEncoder(job: EngineJob, role: ModelRole): Promise<TextEncoder> {
  const denoiser = job.manifest(role);
  const own = denoiser.graphs['text'];
  const packageDir = job.packageDir(own === undefined ? 'text' : role);
  const graph = own === undefined ? await job.graphs('text', 'encoder') : await job.graphs(role, 'text');
  const takesWords = own?.inputs.some(({ name }) => name === 'tokens') ?? false;
  const width = denoiser.context?.width ?? 0;
  return {
    packageDir,
    trims: denoiser.context?.trim ?? false,
    takesWords,
    async encode(text, given) {
      if (given !== undefined && !takesWords) {
        throw new PipelineError('INTERNAL', `the text encoder of ${denoiser.name} takes no words but its own`);
      }
      const prompt = await encodePrompt(packageDir, text);
      const ids = given === undefined ? prompt.ids : replaceTokens(prompt, given);
      return {
        context: await run(graph, ids, takesWords ? wordInputs(given, width) : {}),
        used: given === undefined ? prompt.used : Math.min(ids.length, prompt.used + rowsOf(given) - given.count),
      };
    },
  };
}

/**
 * Token ids with room for the rows of given words; what stood behind the word moves on, and a sentence that becomes too long
 * keeps its end token.
 */
export function replaceTokens({ ids, used }: EncodedPrompt, given: GivenWords): number[] {
  const { first, count } = given;
  const room = new Array<number>(rowsOf(given)).fill(ids[first] ?? 0);
  const filler = ids.at(-1) ?? 0;
  const longer = [...ids.slice(0, first), ...room, ...ids.slice(first + count)];
  const fitted = Array.from({ length: ids.length }, (_, place) => longer[place] ?? filler);
  if (used + room.length - count > ids.length) fitted[ids.length - 1] = ids[used - 1] ?? filler;
  return fitted;
}

function rowsOf({ rows }: GivenWords): number {
  return rows.shape[0] ?? 0;
}

/** Inputs beside the ids of an encoder that takes words: without any, a row that stands nowhere. */
function wordInputs(given: GivenWords | undefined, width: number): GraphTensors {
  const rows = given?.rows ?? Tensor.zeros([1, width]);
  return {
    tokens: { type: 'float32', shape: [1, ...rows.shape], data: rows.data },
    place: { type: 'int64', shape: [1], data: BigInt64Array.of(BigInt(given?.first ?? -1)) },
  };
}

async function run(graph: Graph, ids: readonly number[], words: GraphTensors): Promise<Tensor> {
  const outputs = await graph.run({
    input_ids: { type: 'int64', shape: [1, ids.length], data: BigInt64Array.from(ids, BigInt) },
    ...words,
  });
  const { shape, data } = float32Output(outputs, 'context');
  const context = new Tensor(shape, data);
  expectShape('text context', context, [1, ids.length, null]);
  return new Tensor([1, 1, ...context.shape.slice(1)], context.data);
}
