import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { cliConfigFromEnv } from '../shell/config.ts';
import type { Cli } from '../shell/cli.ts';
import { prepareCampaign } from './campaign-input.ts';

const root = resolve(import.meta.dirname, '../..');
const cli = { root, config: () => cliConfigFromEnv({}, root) } as unknown as Cli;

test.each(['animate=/etc/passwd', 'keyframes={0: /etc/passwd}', 'id=other', 'prompt=a boat'])(
  'a campaign has no shots of a story, so --set %s is refused and reads nothing',
  async (setting) => {
    const wish = { suite: 'pocket', models: 'pocket', samples: 1, set: [setting] };
    await expect(prepareCampaign(cli, wish)).rejects.toThrow('belongs to a shot of a story; a campaign has none');
  },
);
