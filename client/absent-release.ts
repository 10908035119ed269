import type { Client } from '@temporalio/client';
import { PipelineError } from '../errors/pipeline-error.ts';
import { taskQueueOf } from '../story/plan/task-queue.ts';
import { codeOf, Deployment } from '../workers/edit/deployment.ts';
import { livingWorkers } from '../workers/peers.ts';
import { causes } from '../errors/error-causes.ts';

/** `grpc.status.CANCELLED` and `DEADLINE_EXCEEDED`: nobody answered in time. */
const unanswered: ReadonlySet<number | null> = new Set([1, 4]);
/** `FAILED_PRECONDITION`: the server has not seen a worker that could answer a query. */
const unserved = 9;

const hasCode = (error: unknown, codes: ReadonlySet<number | null>): boolean =>
  [...causes(error)].some((link) => codes.has(codeOf(link)));

/** Whether a call ended because no worker answered. */
export const isUnanswered = (error: unknown): boolean => hasCode(error, new Set([...unanswered, unserved]));

/**
 * The failure for a story that nobody answers for although Temporal does: no worker of its release runs, for a new one none of the
 * current release, or none of the pool gives a sign of life or is quick enough; `null` when the server does not say.
 *
 * @param error What the call ended with, see {@link isUnanswered}.
 */
export async function absentRelease(client: Client, id: string, error: unknown): Promise<PipelineError | null> {
  try {
    const { own, queues } = await beginningOf(client, id);
    const deployment = new Deployment(client.connection, client.options.namespace, queues);
    const pollers = await deployment.pollers();
    const isServed = (buildId: string): boolean =>
      !hasCode(error, new Set([unserved])) && pollers.some((poller) => poller.buildId === buildId);
    if (own !== null && !isServed(own)) return storyWithoutWorkers(id, own);
    const current = (await deployment.routing())?.current ?? null;
    if (own === null && current !== null && !isServed(current)) return currentWithoutWorkers(current);
    const living = await livingWorkers(client.connection, client.options.namespace, taskQueueOf(queues, 'edit'));
    return living === null ? null : silentPool(id, living);
  } catch {
    return null;
  }
}

/** The release that a story is pinned to, `null` before it has one, and the prefix of its queues. */
async function beginningOf(client: Client, id: string): Promise<{ own: string | null; queues: string }> {
  const { raw, taskQueue } = await client.workflow.getHandle(id).describe();
  const own = raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? null;
  return { own, queues: taskQueue.replace(/-edit$/, '') };
}

const storyWithoutWorkers = (id: string, release: string): PipelineError =>
  new PipelineError(
    'STACK_UNAVAILABLE',
    `${id} began with release ${release}, and no worker of that release runs yet: \`shotline stack up\` starts those of this machine, \`shotline worker edit\` one of ` +
      `another; only if that release is gone for good, end the story ` +
      `with \`shotline cancel --force ${id}\` and render its script again, which goes on with what was made`,
    { details: { story: id, release } },
  );

const currentWithoutWorkers = (release: string): PipelineError =>
  new PipelineError(
    'STACK_UNAVAILABLE',
    `new stories go to release ${release}, and no worker of it runs: start its \`shotline worker edit\`, or send them to another ` +
      'one with `shotline release use`; `shotline release status` lists them',
    { details: { release } },
  );

function silentPool(id: string, living: readonly string[]): PipelineError {
  const found =
    living.length === 0
      ? 'none gives a sign of life: start one with `shotline worker edit`, or those of this machine with `shotline stack up`'
      : `${living.join(', ')} reported itself in the last half minute: it is busy, hangs, or has just been killed. Ask again in a minute; ` +
        '`shotline stack status` shows the workers of this machine, `shotline stack up` starts what is missing';
  return new PipelineError(
    'STACK_UNAVAILABLE',
    `Temporal answers, and no worker of the pool edit did so for ${id} in time; ${found}`,
    { details: { story: id, pool: 'edit', living } },
  );
}
