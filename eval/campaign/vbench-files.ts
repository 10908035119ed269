import { z } from 'zod';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { hashOf } from '../../story/script/content-hash.ts';
import { type Dimension, dimensionNames } from '../formulas/dimensions.ts';
import { publishedModel } from '../perception/roles.ts';
import type { PromptRecord } from './campaign.ts';
import { type CampaignDimension, type CampaignRecord, onRange, summaryOf } from './record.ts';

/**
 * What the official `vbench` command reads and writes. Vchitect/VBench @45e79ec, `vbench/__init__.py`: in standard mode it looks
 * for `<prompt>-<n>.mp4` with n from 0 and gives `{ dimension: [score, [{ video_path, video_results }, …]] }`.
 */

/** Name of the file that the `vbench` command looks for. @throws PipelineError `SCRIPT_INVALID` for a prompt that cannot be in a name. */
export function vbenchFileName(prompt: string, sample: number): string {
  const name = `${prompt}-${sample}.mp4`;
  if (/[/\0]/.test(prompt) || Buffer.byteLength(name) > 255) {
    throw new PipelineError(
      'SCRIPT_INVALID',
      `The prompt ${JSON.stringify(prompt.slice(0, 80))} cannot be a file name, which has at most 255 bytes and no "/"; the vbench command finds videos by their prompt, so leave it out of the suite`,
    );
  }
  return name;
}

const video = z.object({ video_path: z.string(), video_results: z.union([z.number(), z.boolean()]) });
const resultsSchema = z.record(
  z.string(),
  z.tuple([z.number(), z.array(z.unknown())], { error: 'each dimension is [score, [videos]]' }).rest(z.unknown()),
);

/**
 * Reads the results of the `vbench` command as a campaign of the published models.
 *
 * @throws PipelineError `SCRIPT_INVALID` when the file is not that.
 */
export function importResults(
  json: unknown,
  options: { readonly label: string; readonly models: string; readonly nowMs: number },
): CampaignRecord {
  const parsed = resultsSchema.safeParse(json);
  if (!parsed.success) throw invalid(parsed.error.issues[0]?.message ?? 'it is not an object');
  const scored: CampaignDimension[] = [];
  const outcomes = new Map<string, PromptRecord['samples'][number]['outcomes'][number][]>();
  for (const [name, [score, videos]] of Object.entries(parsed.data)) {
    const dimension = dimensionNames.find((each) => each === name);
    if (dimension === undefined) throw invalid(`"${name}" is no dimension of VBench`);
    const model = publishedModel(dimension);
    scored.push({ dimension, score, normalized: onRange(dimension, score, model), model, videos: videos.length });
    for (const each of videos) collect(each, dimension, outcomes);
  }
  if (scored.length === 0) throw invalid('it has no dimension');
  scored.sort((one, two) => dimensionNames.indexOf(one.dimension) - dimensionNames.indexOf(two.dimension));
  return {
    format: 1,
    id: `campaign-imported-${hashOf({ json, label: options.label }).slice(0, 12)}`,
    label: options.label,
    suite: 'vbench',
    models: options.models,
    settings: {},
    samples: Math.max(1, ...[...outcomes.keys()].map((name) => Number(name.slice(name.lastIndexOf('#') + 1)) + 1)),
    finishedMs: options.nowMs,
    ...summaryOf(scored),
    missing: dimensionNames
      .filter((dimension) => !scored.some((each) => each.dimension === dimension))
      .map((dimension) => ({ dimension, reason: 'the results do not have it' })),
    cost: { generateMs: 0, measureMs: 0, clips: 0 },
    failed: 0,
    prompts: promptsOf(outcomes),
  };
}

function collect(
  value: unknown,
  dimension: Dimension,
  outcomes: Map<string, PromptRecord['samples'][number]['outcomes'][number][]>,
): void {
  const parsed = video.safeParse(value);
  const match = parsed.success ? /([^/\\]*)-(\d+)\.mp4$/.exec(parsed.data.video_path) : null;
  // Some dimensions list frames or groups and not videos: their score stands, their parts cannot be compared.
  if (!parsed.success || match === null) return;
  const name = `${match[1] ?? ''}#${match[2] ?? ''}`;
  const own = outcomes.get(name) ?? [];
  outcomes.set(name, own);
  own.push({
    dimension,
    model: publishedModel(dimension),
    score: { score: Number(parsed.data.video_results), weight: 1 },
  });
}

function promptsOf(
  outcomes: ReadonlyMap<string, PromptRecord['samples'][number]['outcomes']>,
): readonly PromptRecord[] {
  const prompts = new Map<string, PromptRecord['samples'][number][]>();
  for (const [name, own] of outcomes) {
    const cut = name.lastIndexOf('#');
    const samples = prompts.get(name.slice(0, cut)) ?? [];
    prompts.set(name.slice(0, cut), samples);
    const nothing = { seed: 0, clipKey: '', measureKey: '', generateMs: 0, measureMs: 0 };
    samples.push({ sample: Number(name.slice(cut + 1)), ...nothing, outcomes: own });
  }
  return [...prompts].map(([prompt, samples], index) => ({ index, prompt, samples }));
}

function invalid(problem: string): PipelineError {
  return new PipelineError(
    'SCRIPT_INVALID',
    `These are no results of the vbench command: ${problem}; it writes <name>_eval_results.json with { dimension: [score, [videos]] }`,
  );
}
