import { type Pool, stageNames, stages } from './stages.ts';

/**
 * Task queue of a pool. A version above 1 of a stage is part of the name, as in `shotline-interp-measure2`: workers of two
 * releases that make other bytes of a task never meet each other's tasks. Workers of `edit` are told apart by Temporal, which
 * pins each story to the release that it began with.
 *
 * @param queues Prefix of the queues.
 * @param versionOf Version of a stage; the one of this release when left out.
 */
export function taskQueueOf(queues: string, pool: Pool, versionOf: StageVersions = versionsOfThisRelease): string {
  if (pool === 'edit') return `${queues}-edit`;
  const raised = stageNames.filter((stage) => stages[stage].pool === pool && versionOf(stage) > 1);
  return [`${queues}-${pool}`, ...raised.map((stage) => `${stage}${versionOf(stage)}`)].join('-');
}

type StageVersions = (stage: (typeof stageNames)[number]) => number;

const versionsOfThisRelease: StageVersions = (stage) => stages[stage].version;
