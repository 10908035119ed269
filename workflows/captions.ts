import { counted } from '../errors/counted.ts';
import { harmlessLine } from '../errors/harmless-text.ts';
import { type GateSettings, type GateTake, gateWords } from '../story/script/gate.ts';
import { givenWords, itemName, joinWords } from '../story/plan/item-words.ts';
import { isMade } from '../story/plan/plan.ts';
import type { PlannedTask } from '../story/plan/plan.ts';
import type { JoinPlan, ShotPlan, StoryPlan } from '../story/plan/plan.ts';
import type { DenoiseParams, StageTask } from '../story/plan/task.ts';
import type { GateInput } from './contracts.ts';
import { rateText } from '../story/script/frame-rate.ts';

/**
 * What the Temporal UI shows about stories, children and activities. Summaries are one line of at most 200 bytes (the server
 * refuses more than 400); details are Markdown without pictures or HTML.
 */

/** Summary of an activity: `dawn · base · 25 steps`. */
export function taskCaption({ item, task }: PlannedTask): string {
  return oneLine(`${item.replace(/^(shot|join) /, '')} · ${task.stage} · ${workOf(task)}`);
}

/** Summary of the publishing activity. */
export function publishCaption(numRuns: number): string {
  return `film · publish · ${numRuns} artifacts`;
}

/** Summary of a child workflow: what it shows. */
export function itemSummary(plan: ShotPlan | JoinPlan): string {
  return oneLine(`${itemName(plan)}: ${wordsOf(plan)}`);
}

/** Details of a child workflow: how it is made. */
export function itemDetails(plan: ShotPlan | JoinPlan, storyId: string): string {
  const clip = clipOf(plan);
  const iterations = plan.kind === 'shot' && isMade(plan) ? 1 + (plan.earlier?.length ?? 0) : 1;
  const given = plan.kind === 'shot' ? givenWords(plan) : null;
  return [
    `**${itemName(plan)}** of ${code(storyId)}`,
    ...(clip === null ? [] : [code(clip.prompt), settingsOf(clip)]),
    ...(iterations === 1 ? [] : [`${iterations} iterations of FreeInit`]),
    ...(given === null ? [] : [`from ${code(given)}`]),
    `${plan.segments.length} segments, ${numFramesOf(plan)} frames in the film`,
  ].join('\n\n');
}

/** Summary of the child that makes and judges the takes of a gated shot. */
export function gateSummary({ shot, gate }: Pick<GateInput, 'shot' | 'gate'>): string {
  return oneLine(`gate of ${shot}: ${gateWords(gate)}`);
}

/** What the Temporal UI shows of the takes of a gated shot. `end` says what was decided, once it is. */
export function takesDetails(shot: string, gate: GateSettings, takes: readonly GateTake[], end: string | null): string {
  const dimensions = Object.keys(gate.least) as (keyof GateTake['scores'])[];
  const rows = takes.map(({ seed, scores, passed }) => {
    const cells = dimensions.map((dimension) => scores[dimension]?.toFixed(4) ?? 'not measured');
    return `| ${[seed, ...cells, passed ? 'passed' : 'under the gate'].join(' | ')} |`;
  });
  const titles = ['seed', ...dimensions, ''];
  return [
    `**gate of ${shot}**: ${gateWords(gate)}`,
    ...(end === null ? [] : [end]),
    [`| ${titles.join(' | ')} |`, `|${titles.map(() => ' --- ').join('|')}|`, ...rows].join('\n'),
  ].join('\n\n');
}

/** Summary of a story. */
export function storySummary(plan: StoryPlan): string {
  return oneLine(`${plan.title} · ${counted(plan.shots.length, 'shot')} · ${sizeOf(plan)}`);
}

/** Details of a story: its shots in a table. */
export function storyDetails(plan: StoryPlan): string {
  const rows = plan.shots.map(
    (shot) => `| ${shot.id} | ${code(shot.prompt.slice(0, 80))} | ${isMade(shot) ? shot.base.params.seed : ''} |`,
  );
  return [
    `**${plain(plan.title)}**: ${sizeOf(plan)}`,
    ['| shot | prompt | seed |', '| --- | --- | --- |', ...rows].slice(0, 102).join('\n'),
  ].join('\n\n');
}

/** Size of the film in words: `3840x2160, 24 fps, 181 frames, 7.5 s`. */
export function sizeOf(plan: StoryPlan): string {
  const { width, height, fps } = plan.output;
  return `${width}x${height}, ${rateText(fps)} fps, ${plan.numFrames} frames, ${plan.seconds.toFixed(1)} s`;
}

/** Text of others as Markdown code, so that it cannot form links or tables. */
export function code(text: string): string {
  return `\`${plain(text)}\``;
}

/** Text of others as plain Markdown text. */
export function plain(text: string): string {
  return harmlessLine(text.replace(/[`|<>[\]*_\\\p{Cc}\s]/gu, ' ').trim());
}

function workOf({ params }: StageTask): string {
  if ('known' in params && typeof params.known !== 'number') {
    return `${params.steps} steps, ${params.known.length} of ${params.frames} frames known`;
  }
  if ('freeinit' in params) return `${params.steps} steps, FreeInit iteration ${params.freeinit.iteration + 1}`;
  if ('steps' in params) return `${params.steps} steps`;
  if ('from' in params) return `frames ${params.from}–${params.from + params.count - 1}`;
  if ('text' in params) return `${params.text.length} letters`;
  if ('cues' in params) return `${params.cues.length} sounds, ${params.frames} frames`;
  if ('picture' in params) return `${params.width}x${params.height}`;
  return `${params.frames} frames`;
}

function wordsOf(plan: ShotPlan | JoinPlan): string {
  if (plan.kind === 'shot') {
    const given = givenWords(plan);
    return given === null ? plan.prompt : `${plan.prompt} (${given})`;
  }
  return joinWords(plan);
}

function clipOf(plan: ShotPlan | JoinPlan): DenoiseParams | null {
  if (plan.kind === 'shot') return isMade(plan) ? plan.base.params : null;
  return plan.work.kind === 'seine' ? plan.work.transition.params : null;
}

function settingsOf(clip: DenoiseParams): string {
  const long = clip.freenoise === undefined ? '' : `, FreeNoise over ${clip.frames} frames`;
  return `${clip.sampler}, ${clip.steps} steps, guidance ${clip.guidance}, seed ${clip.seed}${long}`;
}

function numFramesOf(plan: ShotPlan | JoinPlan): number {
  return plan.segments.reduce((sum, segment) => sum + segment.params.count, 0);
}

/** One line, cut so that even text of four-byte characters stays within the limit. */
export function oneLine(text: string): string {
  const line = harmlessLine(text.replace(/\s+/gu, ' ').trim());
  let numBytes = 0;
  let cut = '';
  for (const character of line) {
    numBytes += new TextEncoder().encode(character).length;
    if (numBytes > 197) return `${cut}…`;
    cut += character;
  }
  return line;
}
