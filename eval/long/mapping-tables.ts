import { readFileSync } from 'node:fs';
import type Tables from './mapping-tables.json';
import type { MappingTable } from './slow-fast.ts';

const tables = JSON.parse(readFileSync(new URL('mapping-tables.json', import.meta.url), 'utf8')) as typeof Tables;

/**
 * The published points that put scores between clips on the scale of scores inside clips, from
 * `vbench2_beta_long/configs/` (Apache-2.0), written by `modeling/goldens/vbench_goldens.py`.
 */
export const mappingTables = {
  subject_consistency: tables.subject_consistency as unknown as MappingTable,
  background_consistency: tables.background_consistency as unknown as MappingTable,
} as const;
