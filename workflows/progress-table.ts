import { harmlessLine } from '../errors/harmless-text.ts';
import { decisionWords } from '../story/script/gate.ts';
import { type Column, columns, stages } from '../story/plan/stages.ts';
import type { ItemStatus, StageState, StoryStatus } from './contracts.ts';

const signs: Readonly<Record<StageState, string>> = {
  waiting: '·',
  running: '▶',
  done: '✓',
  cached: '✓ cached',
  failed: '✗ failed',
};

/** A story's progress as a Markdown table of items by stages, for the Temporal UI. */
export function progressTable(status: StoryStatus): string {
  const rows = status.items.map((item) => line([item.item, ...columns.map((column) => cellOf(item, column))]));
  const summary = `**${status.state}**: ${status.tasksDone} of ${status.tasksOf} tasks, ${status.cacheHits} from the cache`;
  return [
    ...(status.failure === null ? [summary] : [summary, `    ${harmlessLine(status.failure.replaceAll('\n', ' '))}`]),
    ...(status.gates ?? []).map((gate) => `gate of ${gate.shot}: ${decisionWords(gate)}`),
    [line(['item', ...columns]), line(['---', ...columns.map(() => '---')]), ...rows].join('\n'),
  ].join('\n\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A column of several stages shows what goes on: the last of them that does not wait. */
function cellOf(item: ItemStatus, column: Column): string {
  const own = item.stages.filter(({ stage }) => stages[stage].column === column);
  const shown = own.findLast(({ state }) => state !== 'waiting') ?? own[0];
  if (shown === undefined) return '';
  const count = shown.of > 1 && shown.state !== 'waiting' ? ` ${shown.done}/${shown.of}` : '';
  return `${signs[shown.state]}${count}`;
}
