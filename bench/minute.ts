/**
 * A minute of 4K: renders `examples/minute.yaml` once, into an empty bucket, and checks the film against its plan.
 * Run: `npx tsx bench/minute.ts [options of shotline render]`. Prints a table and writes bench/results/minute.json.
 */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { probeVideo } from '../media/probe.ts';
import { PrivateStack } from '../test/harness/private-stack.ts';
import { filmRow, renderMeasured } from './film.ts';
import { report } from './report.ts';

const options = process.argv.slice(2);
const stack = await PrivateStack.create();
try {
  const up = await stack.shotline('stack', 'up');
  if (up.code !== 0) throw new Error(up.stderr);
  const film = await renderMeasured(stack, 'examples/minute.yaml', ...options);
  const file = join(stack.dir, 'minute.mp4');
  const { body } = await fetch(film.report.filmUrl);
  if (body === null) throw new Error('the film has no bytes');
  await pipeline(Readable.fromWeb(body), createWriteStream(file));
  const { codec, width, height, fps, frames, fastStart, bytes } = await probeVideo(file);
  const planned = film.manifest.timeline.reduce((sum, entry) => sum + entry.numFrames, 0);
  const settings = {
    story: 'examples/minute.yaml',
    options: options.join(' '),
    codec,
    width,
    height,
    fps,
    frames,
    planned,
    fastStart: String(fastStart),
    megabytes: Math.round(bytes / 1e6),
  };
  await report('minute', settings, [filmRow('first', film)]);
  if (frames !== planned) process.exitCode = 1;
} finally {
  await stack.destroy();
}
