/**
 * Frames per second of an enhanced film at three sizes. Run: `npx tsx bench/enhance/speed.ts` on an idle machine. Prints a table
 * and writes bench/results/enhance-speed.json. Frames are enhanced to twice their size, as always, and upscaled from there.
 */
import { report, type Row } from '../report.ts';
import { openEnhanced, srEngine } from './enhanced-shot.ts';

const sizes = [
  { film: '1080p', width: 1920, height: 1080 },
  { film: '4K', width: 3840, height: 2160 },
  { film: '8K', width: 7680, height: 4320 },
];
const strengths = [0.25, 0.5, 1];

const rows: Row[] = [];
for (const { film, width, height } of sizes) {
  for (const strength of strengths) {
    // Only the first size needs all strengths: enhancement does not know how large the film is.
    if (film !== sizes[0]!.film && strength !== 0.5) continue;
    const { bench, parts } = await openEnhanced({ width, height, strength });
    try {
      const { enhance, segment } = parts[0]!;
      // The first task of an engine opens the models.
      await bench.run(srEngine, enhance);
      const enhanced = await bench.run(srEngine, enhance);
      const encoded = await bench.run(srEngine, segment);
      const { count } = enhance.params;
      const perFrame = (ms: number): number => Number((ms / 1000 / count).toFixed(3));
      rows.push({
        film,
        strength,
        steps: enhance.params.steps,
        frames: count,
        'enhance s/frame': perFrame(enhanced.busyMs),
        'upscale and encode s/frame': perFrame(encoded.busyMs),
        'frames/s': Number(((count * 1000) / (enhanced.busyMs + encoded.busyMs)).toFixed(2)),
        'engine MiB': Math.round(Math.max(enhanced.peakBytes, encoded.peakBytes) / 2 ** 20),
      });
    } finally {
      await bench.close();
    }
  }
}
await report('enhance-speed', { models: 'pocket', scale: 2 }, rows);
