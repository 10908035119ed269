import { parse } from 'yaml';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { CampaignInput } from '../../eval/campaign/campaign.ts';
import { planSamples } from '../../eval/campaign/plan-campaign.ts';
import type { LoadedPerceptionModels, LoadedModelSet } from '../../storage/model-library.ts';
import { loadPerceptionModels, loadModelSet } from '../../storage/model-library.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import type { StoryScript } from '../../story/script/script.ts';
import { knownKeys } from '../../story/script/script-schema.ts';
import type { Cli } from '../shell/cli.ts';
import { readSuite, type SuiteChoice } from './read-suite.ts';
import { UsageError } from '../shell/cli-errors.ts';

/** What `eval run` says of a campaign. */
export interface CampaignWish extends SuiteChoice {
  readonly models: string;
  /** An alternative of the set for its base model. */
  readonly base?: string;
  /** A set whose packages look at the clips; without it those of the model set. */
  readonly eyes?: string;
  readonly samples: number;
  readonly label?: string;
  /** Measures clips as a film shows them, with the frames between those of the base model. */
  readonly interpolate?: boolean;
  readonly tenant?: string;
  /** `key=value`: any switch of a script's `defaults` or of a shot; the value is YAML. */
  readonly set?: readonly string[];
}

/** A campaign that is ready to be started. */
export interface PreparedCampaign {
  readonly input: CampaignInput;
  readonly models: LoadedModelSet;
}

/**
 * Reads suite, model set and settings. @throws PipelineError `SCRIPT_INVALID` with the path of what is wrong (`defaults.steps`),
 * `MODEL_*`; UsageError.
 */
export async function prepareCampaign(cli: Cli, wish: CampaignWish): Promise<PreparedCampaign> {
  const suite = await readSuite(cli, wish);
  const alternatives = wish.base === undefined ? {} : { base: wish.base };
  const { modelsDir } = cli.config();
  const models = withEyes(
    await loadModelSet(modelsDir, wish.models, alternatives),
    wish.eyes === undefined ? null : await loadPerceptionModels(modelsDir, wish.eyes),
  );
  const settings = (wish.set ?? []).map(settingOf);
  const { output, template } = templateOf(settings, wish.models);
  const said = settings.map(({ text }) => text).join(' ');
  const seenBy = wish.eyes === undefined ? '' : `seen by ${wish.eyes}`;
  const input: CampaignInput = {
    label: wish.label ?? [wish.models, wish.base ?? '', said, seenBy].filter((part) => part !== '').join(' '),
    suite: suite.name,
    prompts: suite.prompts,
    models: models.ref,
    ...(wish.base === undefined ? {} : { alternatives }),
    template,
    fps: output.fps,
    samples: wish.samples,
    ...(wish.interpolate === true ? { interpolated: true } : {}),
    ...(wish.tenant === undefined ? {} : { tenant: wish.tenant }),
  };
  for (const first of suite.prompts.slice(0, 1)) asSettings(() => planSamples(first, { ...input, samples: 1 }));
  return { models, input };
}

/** A model set with the packages of another one that look at frames. */
function withEyes({ ref, dirs }: LoadedModelSet, eyes: LoadedPerceptionModels | null): LoadedModelSet {
  return {
    ref: { ...ref, packages: { ...ref.packages, ...eyes?.packages } },
    dirs: { ...dirs, ...eyes?.dirs },
  };
}

interface Setting {
  readonly key: string;
  readonly value: unknown;
  readonly text: string;
}

function settingOf(text: string): Setting {
  const cut = text.indexOf('=');
  if (cut < 1) throw new UsageError(`--set ${text}: a setting is key=value, for example steps=8 or freeu=true`);
  const key = text.slice(0, cut);
  try {
    return { key, value: parse(text.slice(cut + 1)) as unknown, text };
  } catch (error) {
    throw new UsageError(`--set ${text}: the value is not YAML: ${error instanceof Error ? error.message : ''}`);
  }
}

/** A script with one shot knows every switch and every rule: what it makes of the settings is how clips are made. */
function templateOf(settings: readonly Setting[], models: string) {
  const placeless = new Set(['id', 'prompt', 'prompts', 'join', 'gate', 'animate', 'keyframes']);
  const misplaced = settings.find(({ key }) => placeless.has(key));
  if (misplaced !== undefined) {
    throw new UsageError(`--set ${misplaced.text}: ${misplaced.key} belongs to a shot of a story; a campaign has none`);
  }
  const ofShot = settings.filter(({ key }) => !knownKeys.defaults.includes(key) && knownKeys.shot.includes(key));
  const ofDefaults = settings.filter((setting) => !ofShot.includes(setting));
  const map = (some: readonly Setting[]) => Object.fromEntries(some.map(({ key, value }) => [key, value]));
  const script = parseSettings({
    title: 'Campaign',
    models,
    defaults: map(ofDefaults),
    shots: [{ id: 'sample', prompt: 'a clip', ...map(ofShot) }],
  });
  const [shot] = script.shots;
  if (shot === undefined) throw new Error('a script with one shot has none');
  const seed = settings.find(({ key }) => key === 'seed')?.value;
  const template = typeof seed === 'number' ? { ...shot, sampling: { ...shot.sampling, seed } } : shot;
  return { output: script.output, template };
}

function parseSettings(written: unknown): StoryScript {
  return asSettings(() => parseScript(JSON.stringify(written), { fileName: '--set' }));
}

/** What is wrong with a shot of a campaign is wrong with its settings: nobody wrote the shot. */
function asSettings<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    throw new PipelineError(error.code, error.message, {
      details: { ...error.details, fileName: '--set' },
      cause: error,
    });
  }
}
