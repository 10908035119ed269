import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { exampleModels } from './example-models.ts';
import { exampleJoin, exampleStory } from './example-story.ts';
import { type Pool, pools } from '../../story/plan/stages.ts';
import { taskQueueOf } from '../../story/plan/task-queue.ts';
import type { Join, StoryScript } from '../../story/script/script.ts';
import type { StoryInput, SubmitReceipt } from '../../workflows/contracts.ts';
import { submit } from '../../workflows/messages.ts';
import { storyStart } from '../../workflows/start.ts';
import type { storyWorkflow } from '../../workflows/story.ts';
import { FakeCampaigns } from './fake-campaigns.ts';
import { FakePools } from './fake-pools.ts';

/** Handle of a story. */
export type StoryHandle = WorkflowHandle<typeof storyWorkflow>;

/** Time limit of one test: each takes about a second, on a machine that is busy with other things many times that. */
export const patienceMs = 120_000;

/** Fake pools and real workflow workers on the test server, with task queues of their own. */
export interface Farm {
  readonly client: Client;
  readonly pools: FakePools;
  readonly campaigns: FakeCampaigns;
  readonly queues: string;
  /** Submits as clients do, by update-with-start. */
  submit(
    input: StoryInput,
    workflowId?: string,
  ): Promise<{ readonly handle: StoryHandle; readonly receipt: SubmitReceipt }>;
  /** Replaces the worker that runs the workflows by one whose code was changed so. */
  release(change: (code: string) => string): Promise<void>;
  close(): Promise<void>;
}

/** Settings of a farm. `maxCachedWorkflows: 0` replays each workflow from its beginning at each step. */
export interface FarmOptions {
  readonly maxCachedWorkflows: number;
  /** How long a stage takes that nobody holds; 0 by default. */
  readonly stageMs?: number;
  /** Tasks that each of the pools base, interp and sr does at once; many by default. */
  readonly slots?: number;
  /** Address of another server than that of `temporal-setup.mjs`. */
  readonly address?: string;
}

/** Opens a farm on the server that `temporal-setup.mjs` started. */
export async function openFarm({ maxCachedWorkflows, stageMs, slots, ...options }: FarmOptions): Promise<Farm> {
  installQuietRuntime();
  const address = options.address ?? fromSetup('SHOTLINE_TEST_TEMPORAL');
  const queues = `test-${randomUUID().slice(0, 8)}`;
  const connection = await Connection.connect({ address });
  const nativeConnection = await NativeConnection.connect({ address });
  const client = new Client({ connection });
  const fakes = new FakePools(stageMs);
  const campaigns = new FakeCampaigns();
  const { scoreSamples, fileCampaign, readScores } = campaigns;
  const startWorker = async (pool: Pool, workflowBundle?: WorkflowBundleOption) => {
    const worker = await Worker.create({
      connection: nativeConnection,
      taskQueue: taskQueueOf(queues, pool),
      activities: {
        ...fakes.activitiesOf(pool),
        ...(pool === 'edit' ? { scoreSamples, fileCampaign, readScores } : {}),
      },
      ...(slots === undefined || pool === 'edit'
        ? {}
        : { maxConcurrentActivityTaskExecutions: slots, maxConcurrentActivityTaskPolls: slots }),
      // Cancellation reaches an activity with its next heartbeat.
      maxHeartbeatThrottleInterval: '50ms',
      ...(workflowBundle === undefined ? {} : { workflowBundle, maxCachedWorkflows }),
    });
    return { worker, ended: worker.run() };
  };
  const stop = async ({ worker, ended }: Awaited<ReturnType<typeof startWorker>>): Promise<void> => {
    worker.shutdown();
    await ended;
  };
  const codePath = fromSetup('SHOTLINE_TEST_BUNDLE');
  const others = await Promise.all(pools.filter((pool) => pool !== 'edit').map((pool) => startWorker(pool)));
  let edit = await startWorker('edit', { codePath });

  return {
    client,
    pools: fakes,
    campaigns,
    queues,
    async submit(input, workflowId) {
      const startWorkflowOperation = new WithStartWorkflowOperation<typeof storyWorkflow>('storyWorkflow', {
        ...storyStart(input, queues),
        ...(workflowId === undefined ? {} : { workflowId }),
        workflowIdConflictPolicy: 'USE_EXISTING',
      });
      const receipt = await client.workflow.executeUpdateWithStart(submit, {
        startWorkflowOperation,
        args: [input],
      });
      return { receipt, handle: await startWorkflowOperation.workflowHandle() };
    },
    async release(change) {
      await stop(edit);
      edit = await startWorker('edit', { code: change(await readFile(codePath, 'utf8')) });
    },
    async close() {
      await Promise.all([...others, edit].map(stop));
      await nativeConnection.close();
      await connection.close();
    },
  };
}

/** A story that no other test renders: its artifact keys are its own. Shots are `shot-0`, `shot-1`…; joins all alike. */
export function freshStory(numShots: number, join: Join = exampleJoin): StoryInput {
  const take = randomUUID().slice(0, 8);
  const script = exampleStory(Array.from({ length: numShots }, () => join));
  const shots = script.shots.map((shot) => ({ ...shot, prompt: `${shot.prompt} ${take}` }));
  const fresh: StoryScript = { ...script, title: `Test ${take}`, shots };
  return { script: fresh, models: exampleModels };
}

function fromSetup(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; run this test in the Jest project "workflow"`);
  return value;
}

let isRuntimeInstalled = false;

/** Cancelled and failed activities are what these tests are about; their warnings would bury a real one. */
export function installQuietRuntime(): void {
  if (isRuntimeInstalled) return;
  isRuntimeInstalled = true;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}
