import type { Command } from 'commander';
import { parseCount, parseQuality, parseSeed, parseSize } from './option-parsers.ts';

/** Adds the options of a command that plans a story file: what they say goes before what the script says. */
export function addOverrideOptions(command: Command): Command {
  return command
    .option(
      '--output <size>',
      'size or shape of the film instead of the one in the script: 1920x1080, 720p, 4k, 9:16',
      parseSize,
    )
    .option('--models <set>', 'model set instead of the one in the script')
    .option('--seed <number>', 'seed of the whole story instead of those in the script', parseSeed)
    .option('--quality <preset>', 'draft, standard or high instead of what the script says', parseQuality)
    .option('--iteration <number>', 'which iteration of FreeInit its shots show, as a preview', parseCount);
}
