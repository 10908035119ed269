/**
 * What measuring a clip costs beside making it, as a campaign does both: base clip, decoding, measuring, with the pipelines of the
 * workers in one process. Run: `npx tsx bench/measure.ts [clips]`. Prints a table and writes bench/results/measure.json. All
 * stages run side by side with whatever else the machine does, so their ratio holds on a busy one, too.
 */
import { readFile } from 'node:fs/promises';
import { keyClip, planMeasure } from '../story/plan/plan-measure.ts';
import type { DecodeTask } from '../story/plan/task.ts';
import { runMeasure } from '../workers/interp/measure-clip.ts';
import { runDecode } from '../workers/interp/pipeline.ts';
import { ClipEngine } from '../test/harness/clip-engine.ts';
import { report } from './report.ts';

const settings = { sampler: 'dpmpp-2m', steps: 12 } as const;
const filmFps = 24;
const numClips = Number(process.argv[2] ?? '6');
const { prompts } = JSON.parse(await readFile(new URL('./prompts.json', import.meta.url), 'utf8')) as {
  prompts: readonly { readonly prompt: string }[];
};

interface Cost {
  readonly wallMs: number;
  readonly processorMs: number;
}

async function timed<T>(costs: Cost[], work: () => Promise<T>): Promise<T> {
  const [startedMs, before] = [performance.now(), process.cpuUsage()];
  const made = await work();
  const { user, system } = process.cpuUsage(before);
  costs.push({ wallMs: performance.now() - startedMs, processorMs: (user + system) / 1000 });
  return made;
}

const engine = await ClipEngine.open();
const costs = { base: [] as Cost[], decode: [] as Cost[], measure: [] as Cost[] };
try {
  // The first clip opens the models and warms the code up.
  for (let clip = 0; clip <= numClips; clip++) {
    const { prompt } = prompts[clip % prompts.length]!;
    const { sampler, steps } = settings;
    const shot = engine.plan(`prompt: ${prompt}, sampler: ${sampler}, steps: ${String(steps)}, seed: ${String(clip)}`);
    const keys = keyClip(shot, filmFps, engine.models);
    const base = await timed(costs.base, () => engine.base(shot));
    const frames = await timed(costs.decode, () => engine.run(runDecode, keys.frames as DecodeTask, [base.file]));
    await timed(costs.measure, () => engine.run(runMeasure, planMeasure(keys, prompt, engine.models), [frames]));
  }
} finally {
  await engine.close();
}

const mean = (own: readonly Cost[], of: keyof Cost): number =>
  own.slice(1).reduce((sum, cost) => sum + cost[of], 0) / Math.max(1, own.length - 1);
const share = (of: keyof Cost): string =>
  `${((100 * mean(costs.measure, of)) / (mean(costs.base, of) + mean(costs.decode, of))).toFixed(1)} %`;
await report('measure', { models: 'pocket', clips: numClips, ...settings }, [
  ...Object.entries(costs).map(([stage, own]) => ({
    stage,
    'wall ms': Math.round(mean(own, 'wallMs')),
    'processor ms': Math.round(mean(own, 'processorMs')),
  })),
  { stage: 'measuring of making', 'wall ms': share('wallMs'), 'processor ms': share('processorMs') },
]);
