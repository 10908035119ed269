import { readSource } from '../sources/read-source.ts';
import type { FileSources } from '../sources/read-source.ts';
import { fetchHttps } from './fetch-https.ts';
import type { HttpsRules } from './fetch-https.ts';
import { pictureLimits } from './limits.ts';

/** Where pictures may come from: what every file may, and the web. */
export interface PictureSources extends FileSources {
  readonly https: HttpsRules;
}

/**
 * Reads the bytes behind the name of a picture in a script: a path, `s3://<bucket>/<key>` or `https://…`.
 * @throws PipelineError `SCRIPT_INVALID` when there is nothing to read, `STORAGE_UNAVAILABLE` when S3 does not answer.
 */
export async function readPicture(source: string, sources: PictureSources): Promise<Uint8Array> {
  if (/^https:\/\//i.test(source)) return fetchHttps(source, sources.https);
  return readSource(source, sources, { noun: 'picture', bytes: pictureLimits.bytes });
}
