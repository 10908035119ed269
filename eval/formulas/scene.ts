/**
 * Scene: in how many frames a tagger's caption has all words of the scene that was asked for.
 *
 * VBench, arXiv:2311.17982, §4.2; Vchitect/VBench @45e79ec, `vbench/scene.py`. Published: Tag2Text Swin-B, 16 frames; frames
 * pool. A word is looked for anywhere in the caption, so `bar` is also found in `barn`.
 */
import type { VideoScore } from './video-score.ts';

/** Scene of a video from the captions of its frames; `null` without frames. */
export function scene(captions: readonly string[], wanted: string): VideoScore | null {
  if (captions.length === 0) return null;
  const words = wanted.split(' ');
  const found = captions.filter((caption) => words.every((word) => caption.includes(word))).length;
  return { score: found / captions.length, weight: captions.length };
}
