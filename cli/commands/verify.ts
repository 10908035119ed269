import { access } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Command } from 'commander';
import { AbsentError } from '../../client/absent-error.ts';
import type { VerifiedFile } from '../../credentials/content-credentials.ts';
import { UsageError } from '../shell/cli-errors.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';

/** `shotline verify`. */
export function addVerifyCommand(program: Command, cli: Cli): void {
  program
    .command('verify')
    .summary('check the Content Credentials of a film')
    .description(
      'Checks what a film says of its making (Content Credentials, C2PA): whether it is as it was signed, by whom, and of which shots. ' +
        'Ends with 4 when it is not, when its certificate has expired, and when the film has no credentials.',
    )
    .argument('<file>', 'a film: MP4 or MOV')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline verify film.mp4', does: 'Who signed a film:' }]))
    .action((file: string, options: { readonly json?: boolean }) =>
      runCommand(cli, options, () => verify(cli, file, options)),
    );
}

const kinds: Readonly<Record<string, string>> = { '.mp4': 'video/mp4', '.m4v': 'video/mp4', '.mov': 'video/quicktime' };

async function verify(cli: Cli, file: string, { json }: { readonly json?: boolean }): Promise<Outcome> {
  const kind = kinds[extname(file).toLowerCase()];
  if (kind === undefined) throw new UsageError(`${file} has no ending of a film; credentials are in MP4 and MOV files`);
  await access(file).catch(() => {
    throw new AbsentError(`there is no file ${file}`);
  });
  const { verifyFile } = await import('../../credentials/content-credentials.ts');
  const found = await verifyFile(file, kind);
  if (json === true) cli.terminal.out(JSON.stringify({ file, ...found }));
  else for (const line of linesOf(file, found)) cli.terminal.out(line);
  return found.state === 'valid' || found.state === 'trusted' ? 'ok' : 'failed';
}

function linesOf(file: string, found: VerifiedFile): string[] {
  const { state, title, signer, issuer, time, generator, shots = [], models = [], problems = [] } = found;
  if (state === 'none') {
    return [`${file} has no Content Credentials; they are added at publish, when the edit worker has a certificate`];
  }
  const words = {
    trusted: 'as it was signed, by somebody on the list of trust',
    valid: 'as it was signed; nobody vouches for who signed it',
    expired: 'as it was signed, by a certificate that has expired since; no stamp of time says that it was used before',
    invalid: 'NOT as it was signed',
  };
  const row = (name: string, value: string | undefined): string[] =>
    value === undefined || value === '' ? [] : [`${name.padEnd(9)} ${value}`];
  return [
    `${file} is ${words[state]}`,
    ...row('title', title),
    ...row('signer', [signer, issuer].filter((part) => part !== undefined).join(', ')),
    ...row('time', time),
    ...row('made by', generator),
    ...row('shots', shots.join(', ')),
    ...models.flatMap((model) => row('model', model)),
    ...problems.flatMap((problem) => row('finding', problem)),
  ];
}
