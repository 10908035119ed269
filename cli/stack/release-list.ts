import type { DeployedRelease } from '../../workers/edit/deployment.ts';
import type { Column } from '../shell/text-table.ts';

/** Columns of the table of releases. */
export const releaseColumns: readonly Column[] = [
  { title: 'RELEASE' },
  { title: 'STATE' },
  { title: 'STORIES', align: 'right' },
  { title: 'WORKERS', align: 'right' },
  { title: 'NEXT' },
];

/** One row of the table. */
export function releaseRow({ buildId, isCurrent, open, workers }: DeployedRelease): string[] {
  const state = isCurrent ? 'current' : open > 0 ? 'needed' : 'free';
  return [buildId, state, String(open), String(workers), nextStep(state, workers)];
}

function nextStep(state: 'current' | 'needed' | 'free', workers: number): string {
  if (state === 'current')
    return workers === 0 ? 'start `shotline worker edit` of it, or `shotline release use` another' : '';
  if (state === 'needed') {
    return workers === 0
      ? 'start `shotline worker edit` of it, or `shotline cancel --force` its stories and render them again'
      : 'keep its workers';
  }
  return workers === 0 ? '' : 'its workers may go';
}
