import { z } from 'zod';
import { stageNames } from '../story/plan/stages.ts';

/**
 * What the server answers, as schemas: `/openapi.json`, the checks of what is sent, and the types of the page come from them. Fields
 * are added and never change their meaning; names are those of HTTP interfaces in this field, in snake case.
 */

const iso = z.iso.datetime().describe('Time in UTC, ISO 8601.');
const path = z.string().describe('Address on this server, relative to its root.');
const count = z.number().int().nonnegative();

/** Something wrong in a script, or hardly meant. */
export const scriptProblem = z
  .object({
    path: z.string().describe('Where: `shots[2].prompt`; empty for the script as a whole.'),
    line: z.number().int().positive().nullable().describe('Line of the text, from 1.'),
    message: z.string().describe('What was found, the rule, and what to do.'),
  })
  .meta({ id: 'ScriptProblem' });

/** An error, by RFC 9457. */
export const problemAnswer = z
  .object({
    type: z.string().describe('Address of the page that explains the code.'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe('What failed, the value seen, the rule, and what to do.'),
    code: z.string().describe('Stable code: one of the pipeline, or one of the server.'),
    path: z.string().nullable().describe('Where in the script or in the request.'),
    line: z.number().int().nullable(),
    next: z.string().nullable().describe('The next step.'),
    problems: z.array(scriptProblem).describe('Every problem of a script.'),
  })
  .meta({ id: 'Problem' });

/** State of a story. */
export const storyState = z.enum([
  'running',
  'paused',
  'stitching',
  'done',
  'failed',
  'cancelled',
  'terminated',
  'timed_out',
]);

/** State of a shot, join or stage. */
export const itemState = z.enum(['waiting', 'queued', 'running', 'done', 'cached', 'failed']);

/** A stage of a shot or join. */
export const stageAnswer = z
  .object({
    stage: z.enum(stageNames),
    state: itemState.describe('`queued`: it may begin, and no worker has taken it.'),
    done: z.number().nonnegative().describe('Tasks that are done, running ones by their share.'),
    of: count,
    note: z.string().nullable().describe('Steps or frames of the task that runs: `12/25`.'),
  })
  .meta({ id: 'Stage' });

/** A shot, join or card of a story, its sound or its film. */
export const itemAnswer = z
  .object({
    name: z.string().describe('`shot dawn`, `join dawn+storm`, `card opening`, `sound`, `film`.'),
    kind: z.enum(['shot', 'join', 'card', 'sound', 'film']),
    id: z.string(),
    prompt: z.string().nullable(),
    seed: count.nullable(),
    editable: z.boolean().describe('Whether its words can be changed by an edit.'),
    join: z.string().nullable().describe('How two shots are joined: `seine`, `dissolve`, …'),
    first_frame: count.nullable().describe('Its first frame in the film.'),
    frames: count.nullable(),
    state: itemState,
    fraction: z.number().min(0).max(1),
    stages: z.array(stageAnswer),
    trouble: z.string().nullable().describe('What is tried again, and why.'),
    poster: path.nullable().describe('A JPEG, as soon as there are frames.'),
    preview: path.nullable().describe('A small MP4 of the clip, as soon as there are frames.'),
  })
  .meta({ id: 'Item' });

/** Why a story ended without its film. */
export const failureAnswer = z
  .object({
    code: z.string(),
    item: z.string().nullable(),
    stage: z.string().nullable(),
    message: z.string(),
    next: z.string().describe('The next step.'),
  })
  .meta({ id: 'Failure' });

/** A finished film. */
export const filmAnswer = z
  .object({
    width: count,
    height: count,
    fps: z.number().positive(),
    frames: count,
    seconds: z.number().nonnegative(),
    bytes: count,
    computed: count.describe('Artifacts that were made for it.'),
    cache_hits: count.describe('Artifacts that were there already.'),
    url: path.describe('Redirects to a signed address of the MP4.'),
    poster: path,
    storyboard: path,
    manifest: path,
    captions: path.nullable().describe('WebVTT; null when the film has none.'),
  })
  .meta({ id: 'Film' });

/** A story. */
export const storyAnswer = z
  .object({
    object: z.literal('story'),
    id: z.string(),
    title: z.string(),
    state: storyState,
    created_at: iso,
    ended_at: iso.nullable(),
    output: z.object({ width: count, height: count, fps: z.number().positive() }),
    models: z.string().describe('Model set.'),
    frames: count,
    seconds: z.number().nonnegative(),
    progress: z.object({ done: count, of: count, cache_hits: count }),
    eta_seconds: z.number().nonnegative().nullable(),
    items: z.array(itemAnswer).describe('In the order of the film; sound and film come last.'),
    film: filmAnswer.nullable(),
    failure: failureAnswer.nullable(),
    temporal: z.string().nullable().describe('Its page in the Temporal UI.'),
  })
  .meta({ id: 'Story' });

/** A story in a list. */
export const listedStoryAnswer = z
  .object({
    object: z.literal('story'),
    id: z.string(),
    title: z.string(),
    state: z.string(),
    created_at: iso,
    elapsed_seconds: count,
    shots: count.nullable(),
    shots_done: count.nullable(),
    poster: path,
  })
  .meta({ id: 'ListedStory' });

/** A page of a list. */
export const storyListAnswer = z
  .object({
    object: z.literal('list'),
    data: z.array(listedStoryAnswer),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .meta({ id: 'StoryList' });

/** A script, checked. */
export const checkAnswer = z
  .object({
    object: z.literal('script.check'),
    valid: z.boolean(),
    story_id: z.string().nullable().describe('Id that its story would have.'),
    title: z.string().nullable(),
    shots: count.nullable(),
    frames: count.nullable(),
    seconds: z.number().nullable(),
    problems: z.array(scriptProblem),
    warnings: z.array(scriptProblem),
  })
  .meta({ id: 'ScriptCheck' });

/** What a render would do. */
export const planAnswer = z
  .object({
    object: z.literal('script.plan'),
    story_id: z.string(),
    title: z.string(),
    output: z.object({ width: count, height: count, fps: z.number().positive() }),
    frames: count,
    seconds: z.number(),
    artifacts: count,
    made: count.nullable().describe('Artifacts that are made already; null when the storage was not asked.'),
    estimate_seconds: z.number().describe('On two processor cores.'),
    items: z.array(
      z.object({
        name: z.string(),
        first_frame: count,
        frames: count,
        tasks: z.record(z.string(), count).describe('Number of tasks by stage.'),
      }),
    ),
    warnings: z.array(scriptProblem),
  })
  .meta({ id: 'ScriptPlan' });

/** What a change of a shot came to. */
export const changeAnswer = z
  .object({
    object: z.literal('story.change'),
    story_id: z.string().describe('The story that shows the change: another one when the first was over.'),
    shot: z.string(),
    seed: count,
    prompt: z.string(),
    remade: z.array(z.string()).describe('Shots and joins that are made again; empty when that is another story.'),
  })
  .meta({ id: 'Change' });

/** An uploaded file. */
export const fileAnswer = z
  .object({
    object: z.literal('file'),
    id: z.string().describe('`files/<sha256>.<ending>`: a script names it so, as if it lay beside it.'),
    bytes: count,
    kind: z.enum(['picture', 'sound']),
  })
  .meta({ id: 'File' });

/** A model set. */
export const modelSetAnswer = z
  .object({
    object: z.literal('model_set'),
    id: z.string(),
    installed: z.boolean(),
    missing: z.array(z.string()).describe('Packages that it lacks on this machine.'),
    bases: z.array(z.string()).describe('Other base models that a script may choose.'),
  })
  .meta({ id: 'ModelSet' });

/** The model sets. */
export const modelSetListAnswer = z
  .object({ object: z.literal('list'), data: z.array(modelSetAnswer), has_more: z.literal(false) })
  .meta({ id: 'ModelSetList' });

/** Whether the server can work. */
export const healthAnswer = z
  .object({
    status: z.enum(['ok', 'degraded']),
    temporal: z.enum(['ok', 'unavailable']),
    storage: z.enum(['ok', 'unavailable']),
  })
  .meta({ id: 'Health' });

/** A story as it is answered. */
export type StoryAnswer = z.infer<typeof storyAnswer>;
/** An item as it is answered. */
export type ItemAnswer = z.infer<typeof itemAnswer>;
/** A stage as it is answered. */
export type StageAnswer = z.infer<typeof stageAnswer>;
/** A row of the list of stories. */
export type ListedStoryAnswer = z.infer<typeof listedStoryAnswer>;
/** A page of the list of stories. */
export type StoryListAnswer = z.infer<typeof storyListAnswer>;
/** A script, checked. */
export type CheckAnswer = z.infer<typeof checkAnswer>;
/** An error. */
export type ProblemAnswer = z.infer<typeof problemAnswer>;
/** What a change came to. */
export type ChangeAnswer = z.infer<typeof changeAnswer>;
/** Something wrong in a script. */
export type ScriptProblemAnswer = z.infer<typeof scriptProblem>;
