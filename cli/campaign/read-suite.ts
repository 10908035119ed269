import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseSuite, type Suite } from '../../eval/suite.ts';
import { dimensionNames } from '../../eval/formulas/dimensions.ts';
import type { Cli } from '../shell/cli.ts';
import { UsageError } from '../shell/cli-errors.ts';

/** Which prompts of a suite are meant. */
export interface SuiteChoice {
  /** `pocket`, `vbench`, or a JSON file. */
  readonly suite: string;
  /** Only prompts for these dimensions; all when absent. */
  readonly dimension?: readonly string[];
  /** Only that many prompts, from the first. */
  readonly limit?: number;
}

/** Reads and checks a suite. @throws PipelineError `SCRIPT_INVALID`; UsageError when there is no such file or nothing is left of it. */
export async function readSuite(cli: Cli, { suite: name, dimension, limit }: SuiteChoice): Promise<Suite> {
  const unknown = (dimension ?? []).find((each) => !dimensionNames.some((known) => known === each));
  if (unknown !== undefined) {
    throw new UsageError(`--dimension ${unknown}: there is no such dimension; there are ${dimensionNames.join(', ')}`);
  }
  const suite = parseSuite(basename(name, '.json'), await readJson(fileOf(cli, name), name));
  const wanted = suite.prompts.flatMap((prompt) => {
    const kept = prompt.dimension.filter((each) => dimension === undefined || dimension.includes(each));
    return kept.length === 0 ? [] : [{ ...prompt, dimension: kept }];
  });
  const prompts = wanted.slice(0, limit ?? wanted.length);
  if (prompts.length === 0) throw new UsageError(`suite ${name} has no prompt for ${(dimension ?? []).join(', ')}`);
  return { name: suite.name, prompts };
}

function fileOf(cli: Cli, name: string): string {
  if (name === 'pocket') return join(cli.root, 'eval', 'suites', 'pocket.json');
  if (name !== 'vbench') return name;
  const { vbenchSuite } = cli.config();
  if (vbenchSuite !== null) return vbenchSuite;
  throw new UsageError(
    '--suite vbench needs the published prompts: set SHOTLINE_VBENCH_SUITE to the file vbench/VBench_full_info.json of ' +
      'https://github.com/Vchitect/VBench, or give that file as the suite',
  );
}

async function readJson(file: string, name: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot read suite ${name}: ${reason}; a suite is pocket, vbench or a JSON file`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`suite ${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
