import { createHash } from 'node:crypto';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { ScriptPath } from '../story/script/read-script.ts';
import type { GivenPicture, StoryScript, Subject } from '../story/script/script.ts';
import type { Finding } from '../story/script/script-problems.ts';
import { writtenPath } from '../story/script/script-problems.ts';
import { encodeSafetensors } from '../tensor/safetensors.ts';
import { pictureFault } from './fault.ts';
import { preparePicture, prepareSubject } from './prepare-picture.ts';
import type { PreparedPicture } from './prepared-picture.ts';
import { readPictureFile } from './picture-file.ts';
import { readPicture } from './read-picture.ts';
import type { PictureSources } from './read-picture.ts';

/** A picture of a script that was read and found good. */
export interface CollectedPicture {
  /** Key of its artifact: sha256 of what is uploaded, so a worker that reads it needs to trust nobody. */
  readonly key: string;
  /**
   * Makes what is uploaded, again: the pixels of a hundred pictures are not kept until then.
   * @throws PipelineError `SCRIPT_INVALID` when its file was changed or lost since.
   */
  readonly content: () => Promise<Uint8Array>;
}

/** A script whose pictures were all read. */
export interface CollectedScript {
  /** The script with the key of each picture in it. */
  readonly script: StoryScript;
  /** Its different pictures. */
  readonly pictures: readonly CollectedPicture[];
  /** What was wrong with the others; then the script is not complete. */
  readonly findings: readonly Finding[];
}

/**
 * Reads, checks and prepares the pictures of a script, each source once. Pictures that have a key are left alone.
 * @throws PipelineError `STORAGE_UNAVAILABLE` when an `s3://` picture cannot be asked for; what is wrong with a picture is
 * a finding.
 */
export async function collectPictures(script: StoryScript, sources: PictureSources): Promise<CollectedScript> {
  const bySource = new Map<string, CollectedPicture | string>();
  const findings: Finding[] = [];
  for (const [index, shot] of script.shots.entries()) {
    for (const given of shot.pictures ?? []) {
      const { source, key } = given.picture;
      if (key !== null) continue;
      const found = bySource.get(source) ?? (await collect(source, sources));
      bySource.set(source, found);
      if (typeof found !== 'string') continue;
      const path = pathOf(index, given);
      findings.push({ path, message: `${writtenPath(path)} is ${JSON.stringify(labelOf(source))}, which ${found}` });
    }
  }
  const subjects: Subject[] = [];
  const pictures = new Map<string, CollectedPicture>();
  for (const subject of script.subjects ?? []) {
    const { picture, mask } = subject;
    const found = picture.key === null ? await collectSubject(subject, sources) : null;
    if (found === null || 'path' in found) {
      subjects.push(subject);
      if (found !== null) findings.push(found);
      continue;
    }
    pictures.set(found.key, found);
    subjects.push({
      ...subject,
      picture: { source: labelOf(picture.source), key: found.key },
      ...(mask === undefined ? {} : { mask: labelOf(mask) }),
    });
  }
  for (const found of bySource.values()) if (typeof found !== 'string') pictures.set(found.key, found);
  const named = (given: GivenPicture): GivenPicture => {
    const { source, key } = given.picture;
    const found = bySource.get(source);
    if (key !== null || found === undefined || typeof found === 'string') return given;
    return { ...given, picture: { source: labelOf(source), key: found.key } };
  };
  return {
    script: {
      ...script,
      ...(script.subjects === undefined ? {} : { subjects }),
      shots: script.shots.map((shot) =>
        shot.pictures === undefined ? shot : { ...shot, pictures: shot.pictures.map(named) },
      ),
    },
    pictures: [...pictures.values()],
    findings,
  };
}

/** A subject cut out of its picture, or what is wrong with picture or mask. */
async function collectSubject(
  { name, picture, mask }: Subject,
  sources: PictureSources,
): Promise<CollectedPicture | Finding> {
  const finding = (key: string, source: string, error: unknown): Finding => {
    if (!(error instanceof PipelineError) || error.code !== 'SCRIPT_INVALID') throw error;
    const path = ['subjects', name, key];
    return { path, message: `${writtenPath(path)} is ${JSON.stringify(labelOf(source))}, which ${error.message}` };
  };
  let maskBytes: Uint8Array | null = null;
  try {
    maskBytes = mask === undefined ? null : await readPicture(mask, sources);
    if (maskBytes !== null) readPictureFile(maskBytes);
  } catch (error) {
    return finding('mask', mask ?? '', error);
  }
  try {
    const bytes = await readPicture(picture.source, sources);
    const subjectAgain = againOf(picture.source, bytes, sources);
    const maskAgain = mask === undefined || maskBytes === null ? null : againOf(mask, maskBytes, sources);
    return {
      key: sha256Of(uploadOf(await prepareSubject(bytes, maskBytes))),
      content: async () =>
        uploadOf(await prepareSubject(await subjectAgain(), maskAgain === null ? null : await maskAgain())),
    };
  } catch (error) {
    return finding('image', picture.source, error);
  }
}

/**
 * Reads a source a second time and holds it against the first. What comes from the web is kept instead: it is not large before it is
 * decoded, and its server may give another picture or none.
 */
function againOf(source: string, bytes: Uint8Array, sources: PictureSources): () => Promise<Uint8Array> {
  if (/^https:\/\//i.test(source)) return () => Promise.resolve(bytes);
  const expected = sha256Of(bytes);
  return async () => {
    const again = await readPicture(source, sources);
    if (sha256Of(again) === expected) return again;
    throw pictureFault(`${JSON.stringify(source)} was changed while the story was submitted; submit it again`);
  };
}

/** What workers read: safetensors with `picture` uint8 `[3, H, W]`. */
function uploadOf({ width, height, planes }: PreparedPicture): Uint8Array {
  return encodeSafetensors({ picture: { type: 'uint8', shape: [3, height, width], data: planes } });
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The picture behind a source, or what is wrong with it. */
async function collect(source: string, sources: PictureSources): Promise<CollectedPicture | string> {
  try {
    const bytes = await readPicture(source, sources);
    const again = againOf(source, bytes, sources);
    return {
      key: sha256Of(uploadOf(await preparePicture(bytes))),
      content: async () => uploadOf(await preparePicture(await again())),
    };
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'SCRIPT_INVALID') return error.message;
    throw error;
  }
}

function pathOf(index: number, { from, frame }: GivenPicture): ScriptPath {
  return from === 'animate' ? ['shots', index, 'animate'] : ['shots', index, 'keyframes', String(frame)];
}

/** A source as it may be kept: the query of an address may carry a signature. */
function labelOf(source: string): string {
  return /^https:\/\//i.test(source) ? source.replace(/[?#].*$/s, '') : source;
}
