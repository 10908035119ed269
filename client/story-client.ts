import { WithStartWorkflowOperation, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { StoryPlan } from '../story/plan/plan.ts';
import type { EditShotRequest, RerollRequest } from '../story/script/script-edits.ts';
import type { StoryScript } from '../story/script/script.ts';
import type {
  ChangeReceipt,
  PlanOutline,
  StoryInput,
  StoryRecord,
  StoryResult,
  StoryStatus,
  SubmitReceipt,
} from '../workflows/contracts.ts';
import * as messages from '../workflows/messages.ts';
import { storySearchAttributes } from '../workflows/search-attributes.ts';
import { storyStart } from '../workflows/start.ts';
import { AbsentError } from './absent-error.ts';
import { absentRelease, isUnanswered } from './absent-release.ts';
import type { TemporalConfig } from './temporal-config.ts';
import { type AnswerName, checkedAnswer, planFrom } from './story-answers.ts';

/**
 * How long a question may take. A query runs on a worker of the edit pool, which may have to replay the story first; one
 * that takes longer than this has no worker.
 */
const queryTimeoutMs = 10_000;
/** An update waits for a workflow worker; on a fresh stack that one may still be loading its code. */
const updateTimeoutMs = 120_000;
/** `pause` answers when every pool has stopped at a checkpoint: one denoising step, and the upload of its latents. */
const pauseTimeoutMs = 300_000;

/** One story in Temporal, by the names of its messages. Every method throws AbsentError when there is no such story. */
export interface StoryHandle {
  readonly id: string;
  /** What Temporal itself knows of it; needs no worker. */
  describe(): Promise<WorkflowExecutionDescription>;
  /** How far it is. */
  status(): Promise<StoryStatus>;
  /** Its plan as it stands, edits included. */
  plan(): Promise<StoryPlan>;
  /** Its plan in short. */
  outline(): Promise<PlanOutline>;
  /** Its script as it stands, edits included, and what follows from it. */
  recipe(): Promise<{ readonly script: StoryScript; readonly plan: StoryPlan }>;
  /** Its script as it stands, edits included. */
  script(): Promise<StoryScript>;
  /** Every task run so far. */
  record(): Promise<StoryRecord>;
  /** Where the film is; its URLs may have expired. `null` before it is published. */
  film(): Promise<StoryResult | null>;
  /** Waits for the end. @throws what `explainFailure` explains. */
  result(): Promise<StoryResult>;
  /** Makes a shot again with another seed. */
  reroll(request: RerollRequest): Promise<ChangeReceipt>;
  /** Gives a shot other words, and makes it again. */
  editShot(request: EditShotRequest): Promise<ChangeReceipt>;
  /** Stops its work at a checkpoint; answers when every pool is free of it. */
  pause(): Promise<StoryStatus>;
  /** Goes on where `pause` stopped. */
  resume(): Promise<StoryStatus>;
  /** Asks it to end; what is done stays. */
  cancel(): Promise<void>;
  /** Ends the story and its shots without asking their workflows; what they are doing is cancelled. */
  end(): Promise<void>;
}

/** Speaks to the story with this workflow id; its latest run, or the given one. */
export function storyHandle(client: Client, id: string, runId?: string): StoryHandle {
  const handle = client.workflow.getHandle(id, runId);
  const within = async <T>(timeoutMs: number, call: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + timeoutMs, call);
    } catch (error) {
      if (isUnanswered(error)) throw (await absentRelease(client, id, error)) ?? error;
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      const found = await client.withDeadline(Date.now() + queryTimeoutMs, () => handle.describe()).catch(() => null);
      throw found === null ? explainAbsence(error, id) : storyOver(id, found.status.name);
    }
  };
  const asked = async <T>(name: AnswerName, call: () => Promise<T>, timeoutMs = queryTimeoutMs): Promise<T> =>
    checkedAnswer(id, name, await within(timeoutMs, call));
  return {
    id,
    describe: () => within(queryTimeoutMs, () => handle.describe()),
    status: () => asked('status', () => handle.query(messages.status)),
    plan: async () => planFrom(id, await within(queryTimeoutMs, () => handle.query(messages.recipe))),
    outline: () => within(queryTimeoutMs, () => handle.query(messages.outline)),
    recipe: async () => {
      const recipe = await within(queryTimeoutMs, () => handle.query(messages.recipe));
      return { script: recipe.script, plan: planFrom(id, recipe) };
    },
    script: () => asked('script', () => handle.query(messages.script)),
    record: () => within(queryTimeoutMs, () => handle.query(messages.record)),
    film: async () => {
      // The result of a story that is over needs no worker, and its release may have none any more.
      const { status } = await within(queryTimeoutMs, () => handle.describe());
      if (status.name === 'COMPLETED') return asked('film', () => handle.result() as Promise<StoryResult>);
      return asked('film', () => handle.query(messages.film));
    },
    result: async () => {
      try {
        return checkedAnswer(id, 'film', (await handle.result()) as StoryResult);
      } catch (error) {
        throw explainAbsence(error, id);
      }
    },
    reroll: (request) =>
      asked('change', () => handle.executeUpdate(messages.reroll, { args: [request] }), updateTimeoutMs),
    editShot: (request) =>
      asked('change', () => handle.executeUpdate(messages.editShot, { args: [request] }), updateTimeoutMs),
    pause: () => asked('status', () => handle.executeUpdate(messages.pause), pauseTimeoutMs),
    resume: () => asked('status', () => handle.executeUpdate(messages.resume), updateTimeoutMs),
    cancel: async () => {
      await within(queryTimeoutMs, () => handle.cancel());
    },
    end: async () => {
      await within(queryTimeoutMs, () => handle.terminate(endReason));
      // The server asks them to cancel, which those of a release without workers never hear; and a new run waits for their ids.
      await endChildren(client, id);
    },
  };
}

const endReason = 'shotline cancel --force';

/** Ends the shots, joins and gates of a story that still run. What they are doing is cancelled with its next heartbeat. */
async function endChildren(client: Client, id: string): Promise<void> {
  const query = `RootWorkflowId = ${JSON.stringify(id)} AND ExecutionStatus = "Running"`;
  const children = client.workflow.list({ query });
  await client.withDeadline(Date.now() + updateTimeoutMs, async () => {
    for await (const { workflowId, runId } of children) {
      await client.workflow
        .getHandle(workflowId, runId)
        .terminate(endReason)
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
    }
  });
}

/** A story that was started or found. */
export interface Submitted {
  readonly story: StoryHandle;
  readonly receipt: SubmitReceipt;
}

/**
 * Starts the story, or finds the one with this id that runs: update-with-start, so that validation, plan and id come back
 * in one call. A finished story with the same id is no obstacle: its artifacts make the new run short. One that is ending
 * without its film is waited for.
 */
export async function submitStory(
  client: Client,
  temporal: Pick<TemporalConfig, 'namespace' | 'queues'>,
  input: StoryInput,
): Promise<Submitted> {
  const indexed = await knowsSearchAttributes(client, temporal.namespace);
  const { args, workflowId, ...options } = storyStart({ ...input, indexed }, temporal.queues);
  const submit = (): Promise<SubmitReceipt> => {
    const start = new WithStartWorkflowOperation('storyWorkflow', {
      ...options,
      args,
      workflowId,
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    return client.withDeadline(Date.now() + updateTimeoutMs, () =>
      client.workflow.executeUpdateWithStart(messages.submit, { args, startWorkflowOperation: start }),
    );
  };
  const receipt = await submit().catch(async (error: unknown) => {
    if (isUnanswered(error)) throw (await absentRelease(client, workflowId, error)) ?? error;
    if (!isEnding(error)) throw error;
    const { runId } = await client.workflow.getHandle(workflowId).describe();
    // How it ends is of no interest, nor whether it takes longer than this: then the second answer says so.
    await client
      .withDeadline(Date.now() + updateTimeoutMs, () => client.workflow.getHandle(workflowId, runId).result())
      .catch(() => undefined);
    return submit();
  });
  return { story: storyHandle(client, workflowId), receipt: checkedAnswer(workflowId, 'submit', receipt) };
}

function isEnding(error: unknown): boolean {
  const { cause } = error instanceof WorkflowUpdateFailedError ? error : { cause: undefined };
  return cause instanceof ApplicationFailure && cause.type === messages.storyEnding;
}

/** To set a search attribute that the namespace does not know would block the story; the story must be told. */
async function knowsSearchAttributes(client: Client, namespace: string): Promise<boolean> {
  try {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
    return Object.values(storySearchAttributes).every(({ name }) => Object.hasOwn(customAttributes, name));
  } catch {
    // Servers with restricted operator calls, such as Temporal Cloud, refuse the question; then nothing is indexed.
    return false;
  }
}

/** The error for a story that can be told nothing any more. */
function storyOver(id: string, state: string): AbsentError {
  const over = { COMPLETED: 'is finished', CANCELLED: 'was cancelled', FAILED: 'has failed' }[state] ?? 'is over';
  return new AbsentError(
    `the story '${id}' ${over}; \`shotline status ${id}\` shows it, and to render its script again goes on with what was made`,
  );
}

function explainAbsence(error: unknown, id: string): unknown {
  if (!(error instanceof WorkflowNotFoundError)) return error;
  return new AbsentError(
    `there is no story '${id}' on this server; \`shotline status\` lists the ones it knows, a script that has changed since, or was rendered with --output, --models, --seed or --quality, is another story: name that one by its id, or render the script, which finds what was made`,
  );
}
