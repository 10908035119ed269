import type { ConnectionLike } from '@temporalio/client';
import { workflowQueue } from '../queue-type.ts';
import { deploymentNameOf } from './release.ts';

/** One release that the server knows. */
export interface DeployedRelease {
  readonly buildId: string;
  /** New stories go to it. */
  readonly isCurrent: boolean;
  /** Stories and campaigns that began with it and are not over. The server's index lags by a second or so. */
  readonly open: number;
  /** Workers that have asked for its work in the last minute. */
  readonly workers: number;
}

/** A worker with a free slot asks again within a minute (Temporal's long poll). */
const silenceMs = 75_000;
const answerMs = 10_000;
/** `grpc.status.NOT_FOUND`. */
const notFound = 5;

/**
 * The releases of the `edit` pool as Temporal knows them: a worker deployment with one version per release.
 *
 * Every method throws what the client throws when the server does not answer or refuses.
 */
export class Deployment {
  readonly name: string;
  readonly #connection: ConnectionLike;
  readonly #namespace: string;
  readonly #queue: string;

  /** @param queues Prefix of the task queues. */
  constructor(connection: ConnectionLike, namespace: string, queues: string) {
    this.name = deploymentNameOf(queues);
    this.#connection = connection;
    this.#namespace = namespace;
    this.#queue = `${queues}-edit`;
  }

  /** The releases that a worker has asked for, the latest first, and the one that new stories go to; `null` before any worker has. */
  async routing(): Promise<{ readonly buildIds: readonly string[]; readonly current: string | null } | null> {
    try {
      const { workerDeploymentInfo: info } = await this.#ask((service) =>
        service.describeWorkerDeployment({ namespace: this.#namespace, deploymentName: this.name }),
      );
      const buildIds = (info?.versionSummaries ?? []).map(({ deploymentVersion }) => deploymentVersion?.buildId ?? '');
      return { buildIds, current: info?.routingConfig?.currentDeploymentVersion?.buildId ?? null };
    } catch (error) {
      if (codeOf(error) === notFound) return null;
      throw error;
    }
  }

  /** All releases with what needs and serves them. */
  async releases(): Promise<readonly DeployedRelease[]> {
    const routing = await this.routing();
    if (routing === null) return [];
    const polls = await this.pollers();
    return Promise.all(
      routing.buildIds.map(async (buildId) => ({
        buildId,
        isCurrent: buildId === routing.current,
        open: await this.#count(
          buildId,
          "ExecutionStatus = 'Running' AND WorkflowType IN ('storyWorkflow', 'campaignWorkflow')",
        ),
        workers: polls.filter((poll) => poll.buildId === buildId).length,
      })),
    );
  }

  /** Who has asked for the workflows of which release in the last minute. */
  async pollers(): Promise<readonly { readonly identity: string; readonly buildId: string }[]> {
    const request = { namespace: this.#namespace, taskQueue: { name: this.#queue }, taskQueueType: workflowQueue };
    const { pollers } = await this.#ask((service) => service.describeTaskQueue(request));
    const since = Date.now() - silenceMs;
    return pollers
      .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > since)
      .map(({ identity, deploymentOptions }) => ({
        identity: identity ?? '',
        buildId: deploymentOptions?.buildId ?? '',
      }));
  }

  /** Whether the server remembers any workflow of a release, running or over. */
  async isRemembered(buildId: string): Promise<boolean> {
    return (await this.#count(buildId)) > 0;
  }

  /** Sends new stories to a release. Those that have begun stay where they are. */
  async use(buildId: string): Promise<void> {
    const { name: deploymentName } = this;
    await this.#ask((service) =>
      service.setWorkerDeploymentCurrentVersion({ namespace: this.#namespace, deploymentName, buildId }),
    );
  }

  async #count(buildId: string, also?: string): Promise<number> {
    const version = `TemporalWorkerDeploymentVersion = '${this.name}:${buildId}'`;
    const query = also === undefined ? version : `${version} AND ${also}`;
    const { count } = await this.#ask((service) =>
      service.countWorkflowExecutions({ namespace: this.#namespace, query }),
    );
    return Number(count);
  }

  #ask<T>(call: (service: ConnectionLike['workflowService']) => Promise<T>): Promise<T> {
    return this.#connection.withDeadline(Date.now() + answerMs, () => call(this.#connection.workflowService));
  }
}

/** Number of the gRPC status of an error of the client, or `null`. */
export function codeOf(error: unknown): number | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'number' ? code : null;
}
