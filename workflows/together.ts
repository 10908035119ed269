import { CancellationScope, isCancellation } from '@temporalio/workflow';

/**
 * Does work side by side and returns when all of it has ended. The first failure cancels the rest, and is thrown once the
 * rest has confirmed: whoever sees it knows that no pool is busy with this any more.
 */
export async function together(work: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  const scope = new CancellationScope();
  await scope.run(() =>
    Promise.all(
      work.map(async (start) => {
        try {
          await start();
        } catch (error) {
          failures.push(error);
          if (!isCancellation(error)) scope.cancel();
        }
      }),
    ),
  );
  if (failures.length > 0) throw failures.find((error) => !isCancellation(error)) ?? failures[0];
}
