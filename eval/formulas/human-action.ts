/**
 * Human action: whether an action classifier sees the action that was asked for.
 *
 * VBench, arXiv:2311.17982, §4.2; Vchitect/VBench @45e79ec, `vbench/human_action.py`. Published: UMT-L/16 on Kinetics-400,
 * 16 frames, sigmoid scores.
 *
 *   1 when the label is among the five best classes with a score, rounded to four digits, of 0.85 or more; else 0
 */
import type { VideoScore } from './video-score.ts';

const best = 5;
const leastTenThousandths = 8_500;

/** The label that a VBench prompt or file name asks for: `A person is riding a bike-0.mp4` is `riding a bike`. */
export function actionOf(fileName: string): string {
  const [beforeDash = ''] = fileName.toLowerCase().split('-');
  const afterPerson = beforeDash.split('person is ').at(-1) ?? '';
  return afterPerson.split('_')[0] ?? '';
}

/**
 * Human action of a video.
 *
 * @param logits - One per class.
 * @param labels - Names of the classes, lower case, in the order of the logits.
 */
export function humanAction(logits: readonly number[], labels: readonly string[], wanted: string): VideoScore {
  const accepted = logits
    .map((logit, index) => ({ score: 1 / (1 + Math.exp(-logit)), label: labels[index] }))
    .sort((left, right) => right.score - left.score)
    .slice(0, best)
    .filter(({ score }) => Math.round(score * 10_000) >= leastTenThousandths);
  return { score: accepted.some(({ label }) => label === wanted) ? 1 : 0, weight: 1 };
}
