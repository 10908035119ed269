import { expect, test } from '@jest/globals';
import { parseScript } from '../story/script/parse-script.ts';
import { codecWarnings, type MissingEncoder } from './codec-warnings.ts';

const script = parseScript(
  `output: { codec: av1, audio: opus }
outputs: { web: { codec: vp9 }, look: { codec: webp }, live: { ladder: true } }
shots: [{ id: a, prompt: a red boat }]`,
  { fileName: 'story.yaml' },
);

test('a codec that FFmpeg here cannot write is told with its place, its encoder and what to do', async () => {
  const lacks: MissingEncoder = (codec) =>
    ({ av1: 'libsvtav1', webp: 'libwebp_anim', opus: 'libopus' })[codec as string] ?? null;
  const warnings = await codecWarnings(script, lacks);
  expect(warnings.map(({ path }) => path)).toEqual(['output.codec', 'outputs.look.codec', 'output.audio.codec']);
  expect(warnings[0]?.message).toBe(
    'output.codec is av1, and FFmpeg on this machine has no encoder for it (libsvtav1): a worker here cannot make the file; ' +
      'install node-av with its prebuilt binary (`npm ci`), or say another codec',
  );
});

test('the build that is installed with Shotline has them all', async () => {
  expect(await codecWarnings(script)).toEqual([]);
});

test('a script that says nothing of codecs asks nobody', async () => {
  const plain = parseScript('shots: [{ id: a, prompt: a red boat }]', { fileName: 'story.yaml' });
  const asked: string[] = [];
  await codecWarnings(plain, (codec) => {
    asked.push(codec);
    return null;
  });
  expect(asked).toEqual([]);
});
