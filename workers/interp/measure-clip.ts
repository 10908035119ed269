import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../errors/system-code.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { lookAtClip } from '../../eval/look-at-clip.ts';
import { classicalSet } from '../../eval/perception/classical-set.ts';
import { type Detector, openDetector } from '../../eval/perception/detector.ts';
import { openFinder } from '../../eval/perception/finder.ts';
import { openPerceptionModels } from '../../eval/perception/open-model.ts';
import { packageSet } from '../../eval/perception/package-set.ts';
import { openProbe, type Probe } from '../../eval/perception/probe.ts';
import { FrameFile } from '../../media/frame-file.ts';
import { promptWords, type PromptWords } from '../../story/models/prompt-words.ts';
import type { MeasureTask } from '../../story/plan/task.ts';
import { parseVocabulary } from '../../story/models/vocabulary.ts';
import type { EngineJob, Pipeline } from '../../engine/engine-job.ts';

/** A clip to what is seen in it and its scores; frames are read a few seconds at a time. */
export const runMeasure: Pipeline<MeasureTask> = async (task, job) => {
  const [file] = job.inputFiles;
  if (file === undefined) throw new PipelineError('INTERNAL', 'a measure has no input file; it needs a clip of frames');
  const perception = await openPerceptionModels((role) =>
    task.packages[role] === undefined
      ? null
      : { dir: job.packageDir(role), manifest: job.manifest(role), graph: (name) => job.graphs(role, name) },
  );
  const clip = await FrameFile.open(file);
  try {
    const measure = await lookAtClip(
      {
        numFrames: clip.numFrames,
        width: clip.width,
        height: clip.height,
        fps: task.params.fps,
        read: (from, count) => clip.read(from, count),
      },
      {
        detector: await detectorOf(task, job),
        probe: await probeOf(task, job),
        models: packageSet(perception, classicalSet),
        finder: perception.finder === undefined ? null : openFinder(perception.finder),
        said: await saidBy(task, job),
        asked: task.params.asked ?? {},
        pause: async (done) => {
          job.progress('frame', done, clip.numFrames);
          await job.throwIfCancelled();
        },
      },
    );
    await writeFile(job.outputFile, `${JSON.stringify(measure)}\n`);
  } finally {
    await clip.close();
  }
};

async function detectorOf({ packages }: MeasureTask, job: EngineJob): Promise<Detector | null> {
  if (packages.detector === undefined) return null;
  const manifest = job.manifest('detector');
  return manifest.role === 'detector' ? openDetector(await job.graphs('detector', 'detector'), manifest) : null;
}

async function probeOf({ packages }: MeasureTask, job: EngineJob): Promise<Probe | null> {
  if (packages.probe === undefined) return null;
  const manifest = job.manifest('probe');
  return manifest.role === 'probe' ? openProbe(await job.graphs('probe', 'probe'), manifest) : null;
}

/** What the prompt says in the words of the set; nothing when its text package knows no bounds. */
async function saidBy({ packages, params }: MeasureTask, job: EngineJob): Promise<PromptWords> {
  if (packages.text === undefined) return {};
  const file = join(job.packageDir('text'), 'vocabulary.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  return text === null ? {} : promptWords(params.prompt, parseVocabulary(JSON.parse(text)));
}
