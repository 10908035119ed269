import type { ActivitySlotInfo, CustomSlotSupplier } from '@temporalio/worker';

/** Says whether a worker may take tasks. */
export interface Gate {
  readonly isOpen: boolean;
  /** Resolves when it is open, or when the signal has fired. */
  whenOpen(signal: AbortSignal): Promise<void>;
}

/** Slots for activities, of which none is given out while a gate is closed: a worker without a slot asks for no task. */
export function gatedSlots(slots: number, gate: Gate): CustomSlotSupplier<ActivitySlotInfo> {
  let free = slots;
  const waiting = new Set<() => void>();

  /** Waits until a slot is given back, or nobody wants one any more. */
  const change = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });

  return {
    type: 'custom',
    async reserveSlot(_context, signal) {
      for (;;) {
        await gate.whenOpen(signal);
        signal.throwIfAborted();
        if (free > 0 && gate.isOpen) break;
        if (free === 0) await change(signal);
      }
      free -= 1;
      return {};
    },
    tryReserveSlot() {
      if (free === 0 || !gate.isOpen) return null;
      free -= 1;
      return {};
    },
    markSlotUsed: () => undefined,
    releaseSlot() {
      free += 1;
      for (const wake of waiting) wake();
    },
  };
}
