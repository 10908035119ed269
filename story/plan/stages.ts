import type { StageName } from './task.ts';

/** The four worker pools. */
export type Pool = 'base' | 'interp' | 'sr' | 'edit';

/** Which pool runs a stage. */
export const poolOfStage = {
  base: 'base',
  picture: 'base',
  completion: 'base',
  transition: 'base',
  interp: 'interp',
  decode: 'interp',
  dissolve: 'edit',
  enhance: 'sr',
  segment: 'sr',
  film: 'edit',
  measure: 'interp',
} as const satisfies Record<StageName, Pool>;
