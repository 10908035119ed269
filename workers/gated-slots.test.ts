import { expect, test } from '@jest/globals';
import type { SlotReserveContext } from '@temporalio/worker';
import { gatedSlots } from './gated-slots.ts';

const context = {} as SlotReserveContext;
const never = new AbortController().signal;

/** A gate that a test opens and closes. */
function gate() {
  let open = true;
  const waiting: (() => void)[] = [];
  return {
    get isOpen() {
      return open;
    },
    whenOpen: async (signal: AbortSignal): Promise<void> => {
      while (!open && !signal.aborted) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          signal.addEventListener('abort', () => {
            resolve();
          });
        });
      }
    },
    close: (): void => void (open = false),
    open: (): void => {
      open = true;
      for (const wake of waiting.splice(0)) wake();
    },
  };
}

/** Whether a promise has settled by now. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  const now = new Promise((resolve) => setImmediate(resolve, pending));
  return (await Promise.race([promise, now])) === pending;
}

const release = { permit: {} };

test('no more slots are given out than there are', async () => {
  const slots = gatedSlots(1, gate());
  await slots.reserveSlot(context, never);
  const second = slots.reserveSlot(context, never);
  expect(await isPending(second)).toBe(true);
  expect(slots.tryReserveSlot(context)).toBeNull();
  slots.releaseSlot(release);
  await second;
});

test('none is given out while the gate is closed', async () => {
  const door = gate();
  door.close();
  const slots = gatedSlots(2, door);
  const first = slots.reserveSlot(context, never);
  expect(await isPending(first)).toBe(true);
  expect(slots.tryReserveSlot(context)).toBeNull();
  door.open();
  await first;
  expect(slots.tryReserveSlot(context)).not.toBeNull();
});

test('a gate that closes while a slot is waited for holds that slot back', async () => {
  const door = gate();
  const slots = gatedSlots(1, door);
  await slots.reserveSlot(context, never);
  const second = slots.reserveSlot(context, never);
  expect(await isPending(second)).toBe(true);
  door.close();
  slots.releaseSlot(release);
  expect(await isPending(second)).toBe(true);
  door.open();
  await second;
});

test('a reservation that is given up ends with the reason, and takes no slot', async () => {
  const slots = gatedSlots(1, gate());
  await slots.reserveSlot(context, never);
  const stop = new AbortController();
  const given = slots.reserveSlot(context, stop.signal);
  const reason = new Error('drained');
  stop.abort(reason);
  await expect(given).rejects.toBe(reason);
  slots.releaseSlot(release);
  expect(slots.tryReserveSlot(context)).not.toBeNull();
});
