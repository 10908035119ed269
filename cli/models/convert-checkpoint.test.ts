import { describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import type { Cli } from '../shell/cli.ts';
import { convertCheckpoint, flagsOf } from './convert-checkpoint.ts';
import { UsageError } from '../shell/cli-errors.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const options = {
  family: 'lavie-base',
  checkpoint: '/nowhere/lavie.pt',
  out: '/nowhere/out',
  precision: 'fp16',
  engine: 'onnx',
};
const cliWith = (python: string) => ({ env: { SHOTLINE_PYTHON: python }, root }) as unknown as Cli;

describe('convertCheckpoint', () => {
  test('says what to set when there is no Python', async () => {
    const run = convertCheckpoint(cliWith('/nowhere/python'), options);
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.toThrow('set SHOTLINE_PYTHON to a Python that has the packages');
  });

  test.each([
    ['/bin/true', 'ok'],
    ['/bin/false', 'internal'],
  ])('a Python that ends like `%s` makes it end as %s', async (program, outcome) => {
    expect(await convertCheckpoint(cliWith(program), options)).toBe(outcome);
  });
});

describe('flagsOf', () => {
  test('hands on every file by its whole path, and what else is said', () => {
    const flags = flagsOf({ ...options, family: 'lavie-vsr', text: '/x/text', vae: '/x/vae', size: '512x288', freeu: '1' });
    expect(flags.join(' ')).toBe(
      '--family lavie-vsr --checkpoint /nowhere/lavie.pt --text /x/text --vae /x/vae --out /nowhere/out --precision fp16 --engine onnx --size 512x288 --freeu 1',
    );
    expect(flagsOf({ ...options, checkpoint: 'lavie.pt', acceptLicence: true })).toEqual(
      expect.arrayContaining(['--accept-licence', `${process.cwd()}/lavie.pt`]),
    );
  });
});
