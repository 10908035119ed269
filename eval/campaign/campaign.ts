import type { ModelSetRef } from '../../story/models/model-set.ts';
import type { ModelChoice, Shot } from '../../story/script/script.ts';
import type { DimensionOutcome } from '../score-prompt.ts';
import type { SuitePrompt } from '../suite.ts';

/** What a campaign is: a suite of prompts, made with one model set and one kind of settings. JSON-plain: workflow input. */
export interface CampaignInput {
  /** Name in tables and charts. */
  readonly label: string;
  readonly suite: string;
  readonly prompts: readonly SuitePrompt[];
  readonly models: ModelSetRef;
  /** What was chosen in place of the set's own models, for people: `models` has it already. */
  readonly alternatives?: ModelChoice;
  /** How every clip is made: its prompt and seed are filled in. */
  readonly template: Shot;
  /** Of the film that clips would be part of. */
  readonly fps: number;
  /** Whether clips are measured as a film shows them, with frames between those of the base model. */
  readonly interpolated?: boolean;
  /** Clips per prompt. */
  readonly samples: number;
  /** Whose work this is; at most 64 bytes. */
  readonly tenant?: string;
}

/** One clip of a campaign: measured, or failed. */
export interface SampleRecord {
  /** 0, 1, …: the number in the file name of an export. */
  readonly sample: number;
  readonly seed: number;
  /** Key of its frames. */
  readonly clipKey: string;
  readonly measureKey: string;
  /** Milliseconds of engine time for making the clip and for measuring it; 0 for what was there already. */
  readonly generateMs: number;
  readonly measureMs: number;
  readonly outcomes: readonly DimensionOutcome[];
  /** Why there is no clip; absent when there is. */
  readonly failure?: SampleFailure;
}

/** Why a sample could not be made or measured. */
export interface SampleFailure {
  readonly code: string;
  readonly message: string;
}

/** All samples of one prompt. */
export interface PromptRecord {
  readonly index: number;
  readonly prompt: string;
  readonly samples: readonly SampleRecord[];
}
