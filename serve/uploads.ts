import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';
import { PipelineError } from '../errors/pipeline-error.ts';
import { pictureLimits } from '../pictures/limits.ts';
import { readPictureFile } from '../pictures/picture-file.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { fileAnswer } from './answers.ts';
import { RequestError } from './problem.ts';

/** Files that people sent, by the hash of their content. */
const folder = 'files';
/** How a script names one. */
const nameRule = /\bfiles\/([0-9a-f]{64})\.(png|jpg|webp|avif|heic|wav|mp3|flac|ogg|m4a)\b/g;

const soundTypes: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/mp4': 'm4a',
};

const endings = { png: 'png', jpeg: 'jpg', webp: 'webp', avif: 'avif', heic: 'heic' } as const;

/**
 * Takes a picture or sound into the bucket. Its bytes go to a file as they come, so memory does not grow with them.
 * @throws RequestError `TOO_LARGE`, `TYPE_UNKNOWN`; PipelineError `STORAGE_*`.
 */
export async function takeUpload(
  objects: Pick<ObjectStore, 'head' | 'putFile'>,
  body: Readable,
  contentType: string,
): Promise<z.infer<typeof fileAnswer>> {
  const dir = await mkdtemp(join(tmpdir(), 'shotline-upload-'));
  try {
    const file = join(dir, 'upload');
    const hash = createHash('sha256');
    let bytes = 0;
    const counted = new Transform({
      transform(part: Buffer, _encoding, done) {
        bytes += part.length;
        hash.update(part);
        if (bytes <= pictureLimits.bytes) done(null, part);
        else
          done(new RequestError('TOO_LARGE', `a file has at most ${pictureLimits.bytes} bytes`, 'send a smaller one'));
      },
    });
    await pipeline(body, counted, createWriteStream(file));
    const sha256 = hash.digest('hex');
    const { kind, ending } = kindOf(await readFile(file), contentType);
    const id = `${folder}/${sha256}.${ending}`;
    if ((await objects.head(id)) === null) await objects.putFile(id, file, { contentType, sha256 });
    return { object: 'file', id, bytes, kind };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function kindOf(bytes: Buffer, contentType: string): { kind: 'picture' | 'sound'; ending: string } {
  const [type = ''] = contentType.split(';');
  const sound = soundTypes[type.trim().toLowerCase()];
  // Whether it is one shows when a script uses it, as with a file on a disk.
  if (sound !== undefined) return { kind: 'sound', ending: sound };
  try {
    return { kind: 'picture', ending: endings[readPictureFile(bytes).format] };
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'SCRIPT_INVALID') throw error;
    throw new RequestError(
      'TYPE_UNKNOWN',
      `the file ${error.message}`,
      `send a picture (PNG, JPEG, WebP, AVIF, HEIC), or a sound with its Content-Type (${Object.keys(soundTypes).join(', ')})`,
    );
  }
}

/**
 * Works with a folder that holds the uploaded files which a script names; it is gone when `use` has settled. So a script finds them as
 * if they lay beside it, and nothing else of this machine.
 * @throws PipelineError `STORAGE_*`.
 */
export async function withUploads<T>(
  objects: Pick<ObjectStore, 'get'>,
  script: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'shotline-script-'));
  try {
    const names = new Set(Array.from(script.matchAll(nameRule), ([name]) => name));
    if (names.size > 0) await mkdir(join(dir, folder));
    for (const name of names) {
      const found = await objects.get(name);
      // What is not there is told by whoever reads the script, with its line.
      if (found !== null) await writeFile(join(dir, name), await buffer(found.body));
    }
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
