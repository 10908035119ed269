import type { BaseTask, CompletionTask, InterpTask, TransitionTask } from '../../story/plan/task.ts';

/** A task that denoises a clip. */
export type ClipTask = BaseTask | CompletionTask | TransitionTask | InterpTask;
