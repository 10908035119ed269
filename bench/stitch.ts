/**
 * What stitching a minute of 4K costs. Run: `npx tsx bench/stitch.ts`. Prints a table and writes bench/results/stitch.json.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSegmentEncoder } from '../media/segment-encoder.ts';
import { remuxSegments } from '../media/stitch.ts';
import { cartoonFrame } from './cartoon-frame.ts';
import { report } from './report.ts';

const size = { width: 3840, height: 2160, fps: 24 };
const segmentFrames = 24;
const numSegments = 60;
/** A lower rate factor than the film's, so that the segments are as heavy as those of busy pictures. */
const crf = 8;

const folder = await mkdtemp(join(tmpdir(), 'shotline-bench-'));
try {
  const segment = join(folder, 'segment.mp4');
  const settings = { preset: 'superfast', crf, bFrames: 2, threads: 3 } as const;
  const encoder = await openSegmentEncoder({ file: segment, ...size, settings });
  for (let n = 0; n < segmentFrames; n += 1) await encoder.write(cartoonFrame(size.width, size.height, n));
  const { bytes: segmentBytes } = await encoder.close();

  const output = join(folder, 'film.mp4');
  const rows = [];
  for (let run = 0; run < 3; run += 1) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    await remuxSegments({
      segments: Array.from({ length: numSegments }, () => segment),
      output,
      expectedFrames: numSegments * segmentFrames,
    });
    const wallSeconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    rows.push({
      run,
      frames: numSegments * segmentFrames,
      megabytes: Math.round((await stat(output)).size / 1e6),
      'cpu s': Number(((user + system) / 1e6).toFixed(2)),
      'wall s': Number(wallSeconds.toFixed(2)),
    });
  }
  await report('stitch', { segments: numSegments, segmentMegabytes: Math.round(segmentBytes / 1e6) }, rows);
} finally {
  await rm(folder, { recursive: true });
}
