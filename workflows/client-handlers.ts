import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';
import { PipelineError } from '../errors/pipeline-error.ts';
import { rerolled, reworded } from '../story/script/script-edits.ts';
import type { EditShotRequest, RerollRequest } from '../story/script/script-edits.ts';
import type { StoryScript } from '../story/script/script.ts';
import { hashOf } from '../story/script/content-hash.ts';
import type { PlannedScript, StoryLedger } from './ledger.ts';
import type { ChangeReceipt, StoryInput } from './contracts.ts';
import { asFailure, asFailures } from './failure.ts';
import { planOutline } from './plan-outline.ts';
import {
  editShot,
  film,
  outline,
  pause,
  recipe,
  record,
  reroll,
  resume,
  script,
  status,
  storyEnding,
  submit,
} from './messages.ts';

/** What the handlers of a story work on. */
export interface ClientHandlerParts {
  readonly ledger: StoryLedger;
  readonly input: StoryInput;
  readonly storyId: string;
  /** Says that the ledger has changed. */
  readonly touch: () => void;
  /** Whether no child and no activity of the story is under way. */
  readonly isIdle: () => boolean;
}

/** Answers a story's queries and updates. Handlers change the ledger and nothing else. */
export function answerClients({ ledger, input, storyId, touch, isIdle }: ClientHandlerParts): void {
  setHandler(status, () => ledger.status(storyId));
  setHandler(outline, () => planOutline(ledger));
  setHandler(recipe, () => ({ script: ledger.script, models: ledger.models }));
  setHandler(record, () => ledger.story);
  setHandler(film, () => ledger.film);
  setHandler(script, () => ledger.script);

  setHandler(
    submit,
    () => ({
      storyId,
      frames: ledger.plan.numFrames,
      seconds: ledger.plan.seconds,
      tasks: ledger.tasks.length,
      shots: ledger.plan.shots.length,
      joins: ledger.plan.joins.length,
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
    const planned = (request: Request): PlannedScript => asFailures(() => ledger.planned(edited(request)));
    const handler = (request: Request): ChangeReceipt => {
      const next = planned(request);
      const remade = ledger.itemsMissingFrom(next);
      ledger.rewrite(next);
      touch();
      const shot = next.script.shots.find(({ id }) => id === request.shot);
      if (shot === undefined)
        throw asFailure(new PipelineError('INTERNAL', `shot ${request.shot} is gone by its edit`));
      return { shot: shot.id, seed: shot.sampling.seed, prompt: shot.prompt, remade };
    };
    const validator = (request: Request): void => {
      refuseWhenClosed();
      planned(request);
    };
    return [handler, { validator }] as const;
  };
  setHandler(reroll, ...change<RerollRequest>((request) => rerolled(ledger.script, request)));
  setHandler(editShot, ...change<EditShotRequest>((request) => reworded(ledger.script, request)));

  const setPaused = (paused: boolean): void => {
    ledger.paused = paused;
    touch();
  };
  setHandler(
    pause,
    async () => {
      setPaused(true);
      await condition(() => isIdle() || !ledger.paused);
      return ledger.status(storyId);
    },
    { validator: refuseWhenClosed },
  );
  setHandler(
    resume,
    () => {
      setPaused(false);
      return ledger.status(storyId);
    },
    { validator: refuseWhenClosed },
  );

  function refuseWhenClosed(): void {
    refuseUnless(
      ledger.film === null,
      `${storyId} has published its film; submit a changed script, which reuses all that it shares with this one`,
    );
    refuseWhenEnding();
  }

  function refuseWhenEnding(): void {
    const goesOn = ledger.failure === null && !ledger.cancelled;
    refuseUnless(goesOn, `${storyId} is ending as ${ledger.state}; submit it again`, storyEnding);
  }
}

function refuseUnless(accepted: boolean, reason: string, type = 'SCRIPT_INVALID'): void {
  if (!accepted) throw ApplicationFailure.nonRetryable(reason, type);
}
