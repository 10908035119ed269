// A program that makes a film with Shotline as a library. It speaks to a `shotline serve`:
//   URL=http://127.0.0.1:4700 KEY=slk_… node make-film.js boat.mp4
// or to Temporal and the storage themselves:
//   TEMPORAL=127.0.0.1:7233 S3=http://127.0.0.1:8333 S3_KEY=… S3_SECRET=… node make-film.js boat.mp4
import { ShotlineError, connect, createClient } from 'shotline';
import type { StoryAnswer } from 'shotline';

const { URL: url, KEY: key, TEMPORAL: temporal, S3: s3, S3_KEY: s3Key, S3_SECRET: s3Secret } = process.env;
const [, , file = 'film.mp4'] = process.argv;

const shotline =
  url !== undefined && key !== undefined
    ? createClient({ url, key })
    : await connect({
        temporal: { address: temporal ?? '127.0.0.1:7233' },
        s3: { endpoint: s3 ?? 'http://127.0.0.1:8333', accessKeyId: s3Key ?? '', secretAccessKey: s3Secret ?? '' },
      });

const script = {
  title: 'By a program',
  output: '320x180',
  defaults: { quality: 'draft', seed: 7 },
  shots: [{ id: 'boat', seconds: 1, prompt: 'a red boat sails to the right on the sea at sunset' }],
};

/** One line for each change: `running 2 of 5`. */
function line({ state, progress }: StoryAnswer): string {
  return `${state} ${String(progress.done)} of ${String(progress.of)}`;
}

try {
  const { valid, problems } = await shotline.validate(script);
  if (!valid) throw new Error(problems.map(({ message }) => message).join('\n'));
  const story = await shotline.submit(script);
  let last = '';
  for await (const answer of story.watch()) {
    if (line(answer) !== last) console.log((last = line(answer)));
  }
  const { film } = await story.finished();
  await story.download(file);
  console.log(`${file}: ${String(film?.frames)} frames`);
} catch (error) {
  if (!(error instanceof ShotlineError)) throw error;
  console.error(`${error.code}: ${error.message}`, error.next ?? '');
  process.exitCode = 1;
} finally {
  await shotline.close();
}
