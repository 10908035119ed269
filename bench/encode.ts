/**
 * Speed, size and memory of x264's presets at 4K. Run: `npx tsx bench/encode.ts [preset …]`. Prints a table and writes
 * bench/results/encode.json. Processor seconds hold on a busy machine, frames per second need an idle one.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultEncoderSettings, type EncoderSettings, openSegmentEncoder } from '../media/segment-encoder.ts';
import { cartoonFrame } from './cartoon-frame.ts';
import { report, type Row } from './report.ts';

const numFrames = 24;
const size = { width: 3840, height: 2160, fps: 24 };
const presets = [
  'ultrafast',
  'superfast',
  'veryfast',
  'faster',
] as const satisfies readonly EncoderSettings['preset'][];

/** One preset per process, so that its peak of memory is its own. */
async function measure(preset: EncoderSettings['preset']): Promise<Row> {
  const frames = Array.from({ length: numFrames }, (_, n) => cartoonFrame(size.width, size.height, n));
  const before = process.resourceUsage().maxRSS;
  const folder = await mkdtemp(join(tmpdir(), 'shotline-bench-'));
  try {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const settings = { ...defaultEncoderSettings, preset };
    const encoder = await openSegmentEncoder({ file: join(folder, 'segment.mp4'), ...size, settings });
    for (const frame of frames) await encoder.write(frame);
    const { bytes } = await encoder.close();
    const wallSeconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return {
      preset,
      'frames/s': Number((numFrames / wallSeconds).toFixed(1)),
      'cpu ms/frame': Math.round((user + system) / 1000 / numFrames),
      'kbit/frame': Math.round((bytes * 8) / 1000 / numFrames),
      'encoder MiB': Math.round((process.resourceUsage().maxRSS - before) / 1024),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const chosen = process.argv.slice(2);
if (process.send === undefined) {
  const rows: Row[] = [];
  for (const preset of presets.filter((name) => chosen.length === 0 || chosen.includes(name))) {
    const child = fork(fileURLToPath(import.meta.url), [preset]);
    const [row] = (await once(child, 'message')) as [Row];
    rows.push(row);
  }
  await report('encode', { frames: numFrames, ...size, ...defaultEncoderSettings }, rows);
} else {
  for (const preset of presets.filter((name) => chosen.includes(name))) process.send(await measure(preset));
  process.disconnect();
}
