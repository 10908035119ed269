import type { Client } from '@temporalio/client';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { codeOf, Deployment } from '../../workers/edit/deployment.ts';
import { causes } from '../shell/error-causes.ts';

/** `grpc.status.CANCELLED` and `DEADLINE_EXCEEDED`: nobody answered in time. */
const unanswered: ReadonlySet<number | null> = new Set([1, 4]);
/** `FAILED_PRECONDITION`: the server has not seen a worker that could answer a query. */
const unserved = 9;

const hasCode = (error: unknown, codes: ReadonlySet<number | null>): boolean =>
  [...causes(error)].some((link) => codes.has(codeOf(link)));

/** Whether a call ended because no worker answered. */
export const isUnanswered = (error: unknown): boolean => hasCode(error, new Set([...unanswered, unserved]));

/**
 * The failure for a story that nobody answers for because no worker of its release runs, or for a new one because none of the
 * current release does; `null` when that is not the reason, or the server does not say.
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
    if (own !== null) return isServed(own) ? null : storyWithoutWorkers(id, own);
    const current = (await deployment.routing())?.current ?? null;
    return current === null || isServed(current) ? null : currentWithoutWorkers(current);
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
    `${id} began with release ${release}, and no worker of that release runs: start its \`shotline worker edit\`, or end the story ` +
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
