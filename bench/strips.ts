/**
 * Strips of pictures for the documentation: what the base pool makes of examples, six frames of each shot in a row.
 * Run: `npx tsx bench/strips.ts [animate continue keyframes subject latte]`. Writes docs/pictures/strip-<example>.jpg.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RgbFrames } from '../media/frame-file.ts';
import { encodeImage, type RgbPicture } from '../media/picture.ts';
import { collectPictures } from '../pictures/collect.ts';
import { parseScript } from '../story/script/parse-script.ts';
import { pictureTasks } from '../story/plan/task-list.ts';
import { planMadeStory } from '../story/plan/plan-story.ts';
import type { ArtifactName, StageTask } from '../story/plan/task.ts';
import { runPicture } from '../workers/base/encode-picture.ts';
import { runBase, runCompletion } from '../workers/base/pipeline.ts';
import { readLatents } from '../workers/sampling/clip-files.ts';
import { ClipEngine } from '../test/harness/clip-engine.ts';

const examples = ['animate', 'continue', 'keyframes', 'subject', 'latte'];
const root = join(import.meta.dirname, '..');
const shown = [0, 3, 6, 9, 12, 15];
/** Pixels of white between two frames. */
const gap = 4;

const chosen = process.argv.slice(2);
for (const example of chosen.length > 0 ? chosen : examples) {
  const file = join(root, 'docs', 'pictures', `strip-${example}.jpg`);
  await writeFile(file, await encodeImage(tiled(await clipsOf(example)), 'jpeg'));
  process.stdout.write(`${file}\n`);
}

/** The decoded clip of every shot of an example. */
async function clipsOf(example: string): Promise<RgbFrames[]> {
  const fileName = `${example}.yaml`;
  const written = parseScript(await readFile(join(root, 'examples', fileName), 'utf8'), { fileName });
  const sources = {
    folder: join(root, 'examples'),
    https: { hosts: [] },
    allowOutside: false,
    buckets: [],
    storage: () => Promise.resolve(null),
  };
  const { script, pictures, findings } = await collectPictures(written, sources);
  if (findings.length > 0) throw new Error(findings.map(({ message }) => message).join('\n'));
  const engine = await ClipEngine.open(script.alternatives);
  try {
    const files = new Map<string, string>();
    for (const { key, content } of pictures) {
      files.set(key, join(engine.dir, `${key}.upload`));
      await writeFile(files.get(key)!, await content());
    }
    const inputsOf = (names: readonly ArtifactName[]): string[] => names.map(({ key }) => files.get(key)!);
    const keep = async (task: StageTask, made: Promise<string>): Promise<string> => {
      files.set(task.key, await made);
      return files.get(task.key)!;
    };
    const clips: RgbFrames[] = [];
    for (const shot of planMadeStory(script, engine.models).shots) {
      for (const task of pictureTasks(shot)) {
        await keep(task, engine.run(runPicture, task, inputsOf(task.inputs)));
      }
      const { base } = shot;
      const made =
        base.stage === 'base'
          ? engine.run(runBase, base, inputsOf(base.inputs))
          : engine.run(runCompletion, base, inputsOf(base.inputs));
      clips.push(await engine.decode(await readLatents(await keep(base, made), [1, null, null, null, null])));
    }
    return clips;
  } finally {
    await engine.close();
  }
}

/** Frames side by side, clips one below the other. */
function tiled(clips: readonly RgbFrames[]): RgbPicture {
  const { width, height } = clips[0]!;
  const sheet = { width: shown.length * (width + gap) - gap, height: clips.length * (height + gap) - gap };
  const data = new Uint8Array(3 * sheet.width * sheet.height).fill(255);
  const plane = width * height;
  clips.forEach((clip, row) => {
    shown.forEach((frame, column) => {
      for (let pixel = 0; pixel < plane; pixel++) {
        const y = row * (height + gap) + Math.floor(pixel / width);
        const x = column * (width + gap) + (pixel % width);
        for (let colour = 0; colour < 3; colour++) {
          data[3 * (y * sheet.width + x) + colour] = clip.data[(frame * 3 + colour) * plane + pixel]!;
        }
      }
    });
  });
  return { ...sheet, data };
}
