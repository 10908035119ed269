import { condition } from '@temporalio/workflow';

/** Lets work pass that weighs no more than its capacity at a time; what weighs more than all of it passes alone. */
export type Turnstile = <Result>(weight: number, work: () => Promise<Result>) => Promise<Result>;

/** A turnstile of one workflow. Work passes in the order in which it came. */
export function createTurnstile(capacity: number): Turnstile {
  const waiting: symbol[] = [];
  let inside = 0;
  return async (weight, work) => {
    const fits = (): boolean => inside === 0 || inside + weight <= capacity;
    if (waiting.length > 0 || !fits()) {
      const ticket = Symbol();
      waiting.push(ticket);
      try {
        await condition(() => waiting[0] === ticket && fits());
      } finally {
        waiting.splice(waiting.indexOf(ticket), 1);
      }
    }
    inside += weight;
    try {
      return await work();
    } finally {
      inside -= weight;
    }
  };
}
