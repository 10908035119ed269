/**
 * The campaigns of docs/evaluation.md: the pocket suite, two clips a prompt, by the base model plain, with FreeU and with FreeInit, and by
 * Latte; all with twelve steps and the same noise. Run: `npx tsx bench/campaigns.ts [labels]`. It may be stopped and run again:
 * what is made is found. At the end it writes docs/pictures/campaigns.png and docs/pictures/campaigns-with-clips.jpg.
 *
 * Everything goes through the command line as a user's would. SHOTLINE_CACHE chooses where servers and clips live.
 */
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sampling = ['--set', 'sampler=dpmpp-2m', '--set', 'steps=12'];

/** In the order of their worth, should time run out; the first is what the others are compared with. */
const campaigns: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  FreeU: ['--set', 'freeu=true'],
  Latte: ['--base', 'latte'],
  FreeInit: ['--set', 'freeinit=true'],
};

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command of shotline and waits for it. */
async function shotline(...words: readonly string[]): Promise<void> {
  console.log(`\n$ shotline ${words.join(' ')}`);
  const child = spawn(process.execPath, [join(root, 'cli/shotline.mjs'), ...words], { cwd: root, stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve));
  if (code !== 0) throw new Error(`shotline ${words.join(' ')} ended with code ${String(code)}`);
}

const asked = process.argv.slice(2);
const unknown = asked.find((label) => !Object.hasOwn(campaigns, label));
if (unknown !== undefined)
  throw new Error(`there is no campaign ${unknown}; there are ${Object.keys(campaigns).join(', ')}`);
const labels = Object.keys(campaigns).filter((label) => asked.length === 0 || asked.includes(label));

for (const label of labels)
  await shotline(
    'eval',
    'run',
    '--suite',
    'pocket',
    '--samples',
    '2',
    ...sampling,
    ...campaigns[label]!,
    '--label',
    label,
  );
const [first, ...others] = labels;
for (const other of others) await shotline('eval', 'compare', first!, other);
await shotline('eval', 'leaderboard');

const folder = await mkdtemp(join(tmpdir(), 'shotline-campaigns-'));
try {
  const pictures = join(root, 'docs/pictures');
  await shotline('eval', 'report', ...labels, '--no-strips', '--out', join(folder, 'chart'));
  await copyFile(join(folder, 'chart/report.png'), join(pictures, 'campaigns.png'));
  await shotline('eval', 'report', ...labels, '--picture', 'jpeg', '--out', join(folder, 'whole'));
  await copyFile(join(folder, 'whole/report.jpg'), join(pictures, 'campaigns-with-clips.jpg'));
} finally {
  await rm(folder, { recursive: true });
}
