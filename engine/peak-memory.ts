import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Peak resident memory of this process. `getrusage` cannot be used on Linux: its value survives `exec`, so a forked engine
 * would report the size of the worker it was forked from. The kernel's per-address-space high-water mark starts anew, and
 * writing 5 to `clear_refs` resets it (proc_pid_clear_refs(5)).
 */

/** Starts a new measurement where the system allows it; elsewhere the peak counts from the start of the process. */
export function resetPeakMemory(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // No /proc or not allowed: the value is an upper bound then, which is what a peak is for.
  }
}

/** Peak resident memory since the last reset, bytes. */
export function peakMemoryBytes(): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** Resident memory at this moment, bytes. */
export function residentBytes(): number {
  return process.memoryUsage.rss();
}
