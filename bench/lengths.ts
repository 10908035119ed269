/**
 * Lengths asked for and got: a story with every kind of join at five rates, planned, its segments encoded, joined to a file with its sound, and read
 * again. Run: `npx tsx bench/lengths.ts`. Prints a table and writes bench/results/lengths.json. Segments are grey: no model and no server works, so it takes seconds.
 *
 * `asked` counts the frames that the script asks for, `film` those of the file, each join those of its segments. `late` is where the sound ends behind the pictures, in samples at 48 kHz; an
 * AAC frame has 1024.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawCard } from '../activities/edit/card.ts';
import { mixSound } from '../activities/edit/mix-sound.ts';
import { stitchFilm } from '../activities/edit/stitch.ts';
import type { StageJob } from '../activities/stage/maker.ts';
import { probeVideo } from '../media/probe.ts';
import { openSegmentEncoder } from '../media/segment-encoder.ts';
import { SoundTrack } from '../media/sound/sound-track.ts';
import { planStory } from '../story/plan/plan-story.ts';
import { tasksOf } from '../story/plan/task-list.ts';
import type { StageTask } from '../story/plan/task.ts';
import { parseScript } from '../story/script/parse-script.ts';
import { exampleModels } from '../test/fakes/example-models.ts';
import { report } from './report.ts';

const rates = ['24', '25', '30', '60', '23.976'];
const [width, height] = [128, 72];
/** Seconds of each shot, the join before it, and the frames that the join adds to the film or takes from it. */
const shots = [
  { id: 'first', seconds: 1.5, join: '', adds: () => 0 },
  { id: 'cut', seconds: 1, join: 'cut', adds: () => 0 },
  { id: 'seine', seconds: 1.3, join: '{ kind: seine, seconds: 0.7 }', adds: (fps: number) => Math.round(0.7 * fps) },
  {
    id: 'dissolve',
    seconds: 1.2,
    join: '{ kind: dissolve, seconds: 0.4 }',
    adds: (fps: number) => -Math.round(0.4 * fps),
  },
  { id: 'fade', seconds: 1.4, join: '{ kind: fade, seconds: 0.5 }', adds: () => 0 },
  { id: 'wipe', seconds: 1.1, join: '{ kind: wipe, seconds: 0.3 }', adds: (fps: number) => -Math.round(0.3 * fps) },
];
const cardSeconds = 1.25;

const script = (rate: string): string =>
  [
    `title: Lengths at ${rate}`,
    `output: { width: ${String(width)}, height: ${String(height)}, fps: ${rate}, audio: silent }`,
    `closing: { text: The end, seconds: ${String(cardSeconds)} }`,
    'shots:',
    ...shots.map(
      ({ id, seconds, join: kind }) =>
        `  - { id: ${id}, prompt: a house, seconds: ${String(seconds)}${kind === '' ? '' : `, join: ${kind}`} }`,
    ),
  ].join('\n');

const folder = await mkdtemp(join(tmpdir(), 'shotline-lengths-'));
try {
  const rows = [];
  for (const rate of rates) {
    const plan = planStory(parseScript(script(rate), { fileName: 'story.yaml' }), exampleModels);
    const { fps } = plan.output;
    const files = new Map<string, string>();
    for (const { task } of tasksOf(plan)) {
      const file = join(folder, `${task.key}.mp4`);
      if (await make(task, file, files)) files.set(task.key, file);
    }
    const file = files.get(plan.film.key) ?? '';
    const { frames } = await probeVideo(file);
    const asked =
      shots.reduce((sum, { seconds, adds }) => sum + Math.round(seconds * fps) + adds(fps), 0) +
      Math.round(cardSeconds * fps);
    const [seine, dissolve, fade, wipe] = plan.timeline.flatMap(({ kind, numFrames }) =>
      kind === 'join' ? [numFrames] : [],
    );
    const track = await SoundTrack.open(files.get(plan.sound?.mix.key ?? '') ?? '');
    const late = track.samples - Math.round((frames * 48_000) / fps);
    await track.close();
    rows.push({
      fps: rate,
      asked,
      film: frames,
      seine: seine ?? 0,
      dissolve: dissolve ?? 0,
      fade: fade ?? 0,
      wipe: wipe ?? 0,
      late,
    });
    if (frames !== asked || Math.abs(late) > 1024) process.exitCode = 1;
  }
  await report('lengths', { shots: shots.length }, rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Makes what a film is put together from; says whether it did. */
async function make(task: StageTask, file: string, made: ReadonlyMap<string, string>): Promise<boolean> {
  const inputFiles = task.inputs.map(({ key }) => made.get(key) ?? '');
  const job = { inputFiles, outputFile: file, scratchDir: folder } as unknown as StageJob;
  const quiet = (): void => undefined;
  switch (task.stage) {
    case 'segment':
      await greySegment(file, task.params);
      return true;
    case 'card':
      await drawCard(task, job, quiet);
      return true;
    case 'sound':
      await mixSound(task, job, quiet);
      return true;
    case 'film':
      await stitchFilm(task, job, quiet);
      return true;
    default:
      return false;
  }
}

async function greySegment(
  file: string,
  { count, fps }: { readonly count: number; readonly fps: number },
): Promise<void> {
  const encoder = await openSegmentEncoder({ file, width, height, fps });
  const chroma = new Uint8Array((width * height) / 4).fill(128);
  for (let frame = 0; frame < count; frame += 1)
    await encoder.write({ y: new Uint8Array(width * height).fill(60 + frame), u: chroma, v: chroma });
  await encoder.close();
}
