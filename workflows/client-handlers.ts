import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import { planStory } from '../story/plan-story.ts';
import type { StoryPlan } from '../story/plan.ts';
import { rerolled, reworded } from '../story/script-edits.ts';
import type { EditShotRequest, RerollRequest } from '../story/script-edits.ts';
import type { StoryScript } from '../story/script.ts';
import { hashOf } from '../story/task-key.ts';
import type { StoryBoard } from './board.ts';
import type { ChangeReceipt, StoryInput } from './contracts.ts';
import { asFailures } from './failure.ts';
import {
  editShot,
  filmUrl,
  manifest,
  pause,
  plan,
  reroll,
  resume,
  script,
  status,
  storyEnding,
  submit,
} from './messages.ts';

/** What the handlers of a story work on. */
export interface ClientHandlerParts {
  readonly board: StoryBoard;
  readonly input: StoryInput;
  readonly storyId: string;
  /** Says that the board has changed. */
  readonly touch: () => void;
  /** Whether no child and no activity of the story is under way. */
  readonly isIdle: () => boolean;
}

/** Answers a story's queries and updates. Handlers change the board and nothing else. */
export function answerClients({ board, input, storyId, touch, isIdle }: ClientHandlerParts): void {
  setHandler(status, () => board.status(storyId));
  setHandler(plan, () => board.plan);
  setHandler(manifest, () => board.story);
  setHandler(filmUrl, () => board.film);
  setHandler(script, () => board.script);

  setHandler(
    submit,
    () => ({
      storyId,
      frames: board.plan.numFrames,
      seconds: board.plan.seconds,
      tasks: board.tasks.length,
      shots: board.plan.shots.length,
      joins: board.plan.joins.length,
    }),
    {
      validator: (other: StoryInput) => {
        refuseUnless(
          hashOf(other.script) === hashOf(input.script),
          `${storyId} renders another script (title "${input.script.title}"); start each script under the id that its plan names`,
        );
        refuseUnless(
          hashOf(other.models) === hashOf(input.models),
          `${storyId} renders this script with another build of model set "${input.models.name}"; wait for it or cancel it, then submit again`,
        );
        refuseWhenEnding();
      },
    },
  );

  /** An update that rewrites the script: planned by the validator too, so that a refused change leaves no trace. */
  const change = <Request extends { readonly shot: string }>(edited: (request: Request) => StoryScript) => {
    const planned = (request: Request): readonly [StoryScript, StoryPlan] =>
      asFailures(() => {
        const next = edited(request);
        return [next, planStory(next, board.models)];
      });
    const handler = (request: Request): ChangeReceipt => {
      const [next, nextPlan] = planned(request);
      const remade = board.itemsMissingFrom(nextPlan);
      board.rewrite(next, nextPlan);
      touch();
      const shot = next.shots.find(({ id }) => id === request.shot);
      if (shot === undefined) throw new Error(`Shot ${request.shot} is gone after its edit`);
      return { shot: shot.id, seed: shot.sampling.seed, prompt: shot.prompt, remade };
    };
    const validator = (request: Request): void => {
      refuseWhenClosed();
      planned(request);
    };
    return [handler, { validator }] as const;
  };
  setHandler(reroll, ...change<RerollRequest>((request) => rerolled(board.script, request)));
  setHandler(editShot, ...change<EditShotRequest>((request) => reworded(board.script, request)));

  const setPaused = (paused: boolean): void => {
    board.paused = paused;
    touch();
  };
  setHandler(
    pause,
    async () => {
      setPaused(true);
      await condition(() => isIdle() || !board.paused);
      return board.status(storyId);
    },
    { validator: refuseWhenClosed },
  );
  setHandler(
    resume,
    () => {
      setPaused(false);
      return board.status(storyId);
    },
    { validator: refuseWhenClosed },
  );

  function refuseWhenClosed(): void {
    refuseUnless(
      board.film === null,
      `${storyId} has published its film; submit a changed script, which reuses all that it shares with this one`,
    );
    refuseWhenEnding();
  }

  function refuseWhenEnding(): void {
    const goesOn = board.failure === null && !board.cancelled;
    refuseUnless(goesOn, `${storyId} is ending as ${board.state}; submit it again`, storyEnding);
  }
}

function refuseUnless(accepted: boolean, reason: string, type = 'SCRIPT_INVALID'): void {
  if (!accepted) throw ApplicationFailure.nonRetryable(reason, type);
}
