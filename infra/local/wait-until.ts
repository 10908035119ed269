import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 50;

/** Asks again and again until the answer is yes; `false` when the time is over. */
export async function waitUntil(answer: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (!(await answer())) {
    if (Date.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}
