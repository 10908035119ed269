import type { ConnectionLike } from '@temporalio/client';

type DescribeRequest = Parameters<ConnectionLike['workflowService']['describeTaskQueue']>[0];
type QueueType = NonNullable<DescribeRequest['taskQueueType']>;

// Numbers of Temporal's API: its enums live in a package that the client and the worker use and do not hand on.

/** `TASK_QUEUE_TYPE_WORKFLOW`: who asks for workflow tasks of a queue. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
export const workflowQueue = 1 as QueueType;

/** `TASK_QUEUE_TYPE_ACTIVITY`: who asks for activities of a queue. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
export const activityQueue = 2 as QueueType;
