import { decisionWords } from '../story/script/gate.ts';
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
  const rows = status.items.map((item) => {
    const [clip, interp, pieces] = cellsOf(item);
    return `| ${item.item} | ${clip} | ${interp} | ${pieces} |`;
  });
  const summary = `**${status.state}**: ${status.tasksDone} of ${status.tasksOf} tasks, ${status.cacheHits} from the cache`;
  return [
    ...(status.failure === null ? [summary] : [summary, `    ${status.failure.replaceAll('\n', ' ')}`]),
    ...(status.gates ?? []).map((gate) => `gate of ${gate.shot}: ${decisionWords(gate)}`),
    ['| item | clip | interp | segments |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

/** A clip is made by `base`, `completion`, `transition` or `dissolve`; the last has nothing to interpolate, and the film has pieces only. Of enhancement and segments it shows what goes on. */
function cellsOf({ stages }: ItemStatus): readonly [string, string, string] {
  const cell = (names: readonly string[]): string => {
    const own = stages.filter((each) => names.includes(each.stage));
    const stage = own.findLast((each) => each.state !== 'waiting') ?? own[0];
    if (stage === undefined) return '';
    const count = stage.of > 1 && stage.state !== 'waiting' ? ` ${stage.done}/${stage.of}` : '';
    return `${signs[stage.state]}${count}`;
  };
  return [
    cell(['base', 'completion', 'transition', 'dissolve']),
    cell(['interp']),
    cell(['enhance', 'segment', 'film']),
  ];
}
