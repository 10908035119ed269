import { pocketCosts, secondsOf } from '../../story/plan/estimate.ts';
import { soundItem, soundTasks } from '../../story/plan/plan-sound.ts';
import { givenWords, itemName, joinWords } from '../../story/plan/item-words.ts';
import { tasksOf } from '../../story/plan/task-list.ts';
import { frameAt } from '../../story/plan/frame-runs.ts';
import { isMade } from '../../story/plan/plan.ts';
import type { JoinPlan, ShotPlan, StoryPlan } from '../../story/plan/plan.ts';
import type { SoundCue, StageTask } from '../../story/plan/task.ts';
import { plainPrompt } from '../../story/script/placeholders.ts';
import { counted } from '../../errors/counted.ts';
import type { Column } from '../shell/text-table.ts';

/** Which artifacts are made already, by key; `null` when the storage cannot be asked. */
export type MadeKeys = ReadonlySet<string> | null;

/** Columns of the plan. */
export const planColumns: readonly Column[] = [
  { title: 'ITEM' },
  { title: 'FRAMES', align: 'right' },
  { title: 'FROM', align: 'right' },
  { title: 'TASKS' },
  { title: 'SAMPLING' },
  { title: 'COST', align: 'right' },
  { title: 'MADE', align: 'right' },
  { title: 'PROMPT' },
];

/** Rows of the plan in film order, the film itself last. */
export function planRows(plan: StoryPlan, made: MadeKeys): string[][] {
  const items = [...plan.shots, ...plan.joins];
  const rows = plan.timeline.map(({ item, firstFrame, numFrames, ofFrames }) => {
    const found = items.find((candidate) => itemName(candidate) === item || candidate.id === item);
    const tasks = tasksOfItem(plan, found === undefined ? item : itemName(found));
    return [
      found === undefined ? item : itemName(found),
      ofFrames === undefined ? String(numFrames) : `${String(numFrames)} of ${String(ofFrames)}`,
      String(firstFrame),
      taskCounts(tasks),
      samplingOf(tasks),
      costOf(tasks),
      madeCount(tasks, made),
      found === undefined ? '' : promptOf(found),
    ];
  });
  const film = tasksOfItem(plan, 'film');
  return [
    ...rows,
    ...soundRows(plan, made),
    ['film', String(plan.numFrames), '0', taskCounts(film), '', costOf(film), madeCount(film, made), ''],
    ...(plan.outputs ?? []).map(({ name, codec, width, height, task }) => {
      const item = `output ${name}`;
      const tasks = tasksOfItem(plan, item);
      const row = [item, String(task.params.frames), '0', taskCounts(tasks), '', costOf(tasks), madeCount(tasks, made)];
      return [...row, `${codec} ${String(width)}x${String(height)}`];
    }),
  ];
}

function soundRows({ sound, ...plan }: StoryPlan, made: MadeKeys): string[][] {
  if (sound === undefined) return [];
  const tasks = soundTasks({ sound });
  const { cues, codec, loudness } = sound.mix.params;
  const count = (kind: SoundCue['kind'], noun: string): string[] => {
    const number = cues.filter((cue) => cue.kind === kind).length;
    return number === 0 ? [] : [counted(number, noun)];
  };
  const what = [...count('music', 'soundtrack'), ...count('scene', 'sound'), ...count('voice', 'voice')];
  const words = `${what.length === 0 ? 'silence' : what.join(', ')} in ${codec}`;
  const level = loudness === null || cues.length === 0 ? '' : `, ${String(loudness)} LUFS`;
  const row = [String(plan.numFrames), '0', taskCounts(tasks), '', costOf(tasks), madeCount(tasks, made)];
  return [[soundItem, ...row, `${words}${level}`]];
}

function tasksOfItem(plan: StoryPlan, item: string): StageTask[] {
  return tasksOf(plan).flatMap((planned) => (planned.item === item ? [planned.task] : []));
}

/** `base, interp, 3 segments` */
function taskCounts(tasks: readonly StageTask[]): string {
  const counts = new Map<string, number>();
  for (const { stage } of tasks) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  const methods = methodsOf(tasks);
  return [...counts]
    .map(([stage, count]) => {
      if (stage === 'base') return methods.length > 0 ? `base with ${methods.join(' and ')}` : stage;
      if (count === 1 || stage === 'speech') return count === 1 ? stage : `${String(count)} ${stage}`;
      return `${String(count)} ${stage}s`;
    })
    .join(', ');
}

/** What a base clip is made with beside its sampler; every iteration of FreeInit is a task. */
function methodsOf(tasks: readonly StageTask[]): string[] {
  const bases = tasks.filter((task) => task.stage === 'base');
  return [
    ...(bases.length > 1 ? [`FreeInit (${String(bases.length)} iterations)`] : []),
    ...(bases.some(({ params }) => params.freenoise !== undefined) ? ['FreeNoise'] : []),
  ];
}

/**
 * `dpmpp-2m 8 + freeu; interp ddim 6`: what the clip's own model runs, and then the others by stage. The iterations of FreeInit
 * are `ddim 25, 25, 25`; enhanced segments are all made alike.
 */
function samplingOf(tasks: readonly StageTask[]): string {
  const loops = tasks.flatMap((task) => ('sampler' in task.params ? [{ stage: task.stage, params: task.params }] : []));
  const stages = new Map(loops.map(({ stage, params }) => [stage, params]));
  return [...stages]
    .map(([stage, params]) => {
      const ofStage = loops.filter((loop) => loop.stage === stage).map((loop) => String(loop.params.steps));
      // All parts of a clip are enhanced alike.
      const steps = stage === 'enhance' ? ofStage.slice(0, 1) : ofStage;
      const isPlain = !('freeu' in params) || Object.values(params.freeu).every((factor) => factor === 1);
      const name = stage === 'interp' || stage === 'enhance' ? `${stage} ` : '';
      return `${name}${params.sampler} ${steps.join(', ')}${isPlain ? '' : ' + freeu'}`;
    })
    .join('; ');
}

/** Seconds of work on two processor cores, made or not. */
function costOf(tasks: readonly StageTask[]): string {
  const seconds = tasks.reduce((sum, task) => sum + secondsOf(task, pocketCosts[task.stage]), 0);
  return `${seconds < 9.95 ? seconds.toFixed(1) : seconds.toFixed(0)} s`;
}

function madeCount(tasks: readonly StageTask[], made: MadeKeys): string {
  if (made === null) return '?';
  return `${String(tasks.filter(({ key }) => made.has(key)).length)}/${String(tasks.length)}`;
}

function promptOf(item: ShotPlan | JoinPlan): string {
  const given = item.kind === 'shot' ? givenWords(item) : null;
  const notes = [given, enhancerWords(item), rateWords(item)].filter((note) => note !== null);
  const prompt = item.kind === 'shot' ? item.prompt : joinWords(item);
  return notes.length === 0 ? prompt : `${prompt} (${notes.join(', ')})`;
}

/** What an enhancer is told beside the prompt of the item, by its set or by the script; `null` when nothing. */
function enhancerWords(item: ShotPlan | JoinPlan): string | null {
  const params = item.enhance?.[0]?.params;
  if (params?.loop === undefined) return null;
  const made = item.kind === 'shot' ? ('base' in item ? item.base.params : null) : null;
  const prompt = made === null ? params.prompt : plainPrompt(made.prompt);
  const suffix = params.prompt.startsWith(prompt) ? params.prompt.slice(prompt.length).trim() : params.prompt;
  const away = params.negative === made?.negative ? '' : params.negative;
  const words = [...(suffix === '' ? [] : [`is also told "${suffix}"`]), ...(away === '' ? [] : [`avoids "${away}"`])];
  return words.length === 0 ? null : `the enhancer ${words.join(' and ')}`;
}

/** What becomes of the frames of a clip in a film of another rate: some are shown again, or left out; `null` when all are shown once. */
function rateWords(item: ShotPlan | JoinPlan): string | null {
  if (item.kind === 'shot' && !isMade(item)) return null;
  const shown = item.segments.flatMap((segment, index) => {
    if (segment.stage !== 'segment' || segment.params.pace === undefined) return [];
    const { pace, from, count } = segment.params;
    const first = item.enhance?.[index]?.params.from ?? 0;
    return Array.from({ length: count }, (_, frame) => first + frameAt(pace, from + frame));
  });
  const steps = shown.slice(1).map((frame, index) => frame - (shown[index] ?? 0));
  const again = steps.filter((step) => step === 0).length;
  const leftOut = steps.reduce((sum, step) => sum + Math.max(0, step - 1), 0);
  const words = [
    ...(again === 0 ? [] : [`${String(again)} frames show the one before again`]),
    ...(leftOut === 0 ? [] : [`${String(leftOut)} frames left out`]),
  ];
  return words.length === 0 ? null : words.join(', ');
}
