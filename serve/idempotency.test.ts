import { describe, expect, test } from '@jest/globals';
import { FakeObjectStore } from '../test/fakes/fake-object-store.ts';
import { submitOnce } from './idempotency.ts';

const body = { script: 'title: A' };

describe('a request with an Idempotency-Key', () => {
  test('that is sent twice is done once', async () => {
    const objects = new FakeObjectStore();
    let count = 0;
    const submit = (): Promise<string> => Promise.resolve(`story-${String(++count)}`);
    expect(await submitOnce(objects, 'k', body, submit)).toBe('story-1');
    expect(await submitOnce(objects, 'k', body, submit)).toBe('story-1');
    expect(await submitOnce(objects, 'other', body, submit)).toBe('story-2');
  });

  test('is refused with another body', async () => {
    const objects = new FakeObjectStore();
    await submitOnce(objects, 'k', body, () => Promise.resolve('story-1'));
    const again = submitOnce(objects, 'k', { script: 'title: B' }, () => Promise.resolve('story-2'));
    await expect(again).rejects.toMatchObject({ code: 'KEY_REUSED' });
  });

  test('is refused while the first is under way', async () => {
    const objects = new FakeObjectStore();
    let finish: (id: string) => void = () => undefined;
    const first = submitOnce(objects, 'k', body, () => new Promise((resolve) => (finish = resolve)));
    await new Promise((resolve) => setImmediate(resolve));
    await expect(submitOnce(objects, 'k', body, () => Promise.resolve('story-2'))).rejects.toMatchObject({
      code: 'KEY_BUSY',
    });
    finish('story-1');
    expect(await first).toBe('story-1');
  });

  test('that failed may be sent again at once', async () => {
    const objects = new FakeObjectStore();
    const failed = submitOnce(objects, 'k', body, () => Promise.reject(new Error('no server')));
    await expect(failed).rejects.toThrow('no server');
    expect(await submitOnce(objects, 'k', body, () => Promise.resolve('story-1'))).toBe('story-1');
  });

  test('is answered with its story, or its own error, although the note of it cannot be written', async () => {
    const objects = new FakeObjectStore();
    let writes = 0;
    const failing = {
      get: objects.get.bind(objects),
      putBytes: (...given: Parameters<FakeObjectStore['putBytes']>) =>
        ++writes % 2 === 0 ? Promise.reject(new Error('storage full')) : objects.putBytes(...given),
    };
    expect(await submitOnce(failing, 'k', body, () => Promise.resolve('story-1'))).toBe('story-1');
    const failed = submitOnce(failing, 'other', body, () => Promise.reject(new Error('no server')));
    await expect(failed).rejects.toThrow('no server');
  });
});
