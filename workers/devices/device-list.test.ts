import { expect, test } from '@jest/globals';
import { devicesOf } from './device-list.ts';

const host = (numGpus: number, visible: string | null = null) => ({ visible, numGpus: () => Promise.resolve(numGpus) });

test.each([
  ['auto', host(3), ['cuda:0', 'cuda:1', 'cuda:2']],
  // CUDA numbers what it is shown from 0 on.
  ['auto', host(8, '4,5'), ['cuda:0', 'cuda:1']],
  ['auto', host(8, 'GPU-aa'), ['cuda:0']],
  ['0, cuda:2', host(0), ['cuda:0', 'cuda:2']],
  ['cpu,cpu', host(0), ['cpu', 'cpu']],
])('%s comes to one device for each worker', async (list, on, devices) => {
  expect(await devicesOf(list, on)).toEqual(devices);
});

test.each([
  ['auto', host(0), /is auto, and this host shows no GPU/],
  ['auto', host(8, '-1'), /CUDA_VISIBLE_DEVICES \("-1"\) shows no GPU/],
  ['0,cuda:0', host(1), /names cuda:0 twice/],
  ['gpu', host(1), /names "gpu"; a device is a number/],
  ['', host(1), /names ""/],
])('%s is refused', async (list, on, message) => {
  await expect(devicesOf(list, on)).rejects.toMatchObject({
    code: 'SETTING_INVALID',
    message: expect.stringMatching(message),
  });
});
