import type { FastifyRequest } from 'fastify';
import { pictureLimits } from '../../pictures/limits.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { RequestError } from '../problem.ts';
import { takeUpload } from '../uploads.ts';

/** Fields of a form, besides the file. */
export const formLimits = { files: 1, fields: 20, fieldSize: 256 * 1024, fileSize: pictureLimits.bytes } as const;

/**
 * A form as the object that it stands for; a picture in it goes to the bucket as it comes.
 * @throws RequestError `REQUEST_INVALID`, `TYPE_UNKNOWN`, `TOO_LARGE`; PipelineError `STORAGE_*`.
 */
export async function takeForm(request: FastifyRequest, objects: Pick<ObjectStore, 'head' | 'putFile'>): Promise<void> {
  if (!request.isMultipart()) return;
  const body: Record<string, unknown> = {};
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      if (part.fieldname !== 'input_reference')
        throw new RequestError(
          'REQUEST_INVALID',
          `the form has a file as ${JSON.stringify(part.fieldname.slice(0, 40))}; only input_reference is one`,
          'a video is named by its id',
        );
      body['input_reference'] = { file_id: (await takeUpload(objects, part.file, part.mimetype)).id };
      continue;
    }
    // Clients write an object of a form as `video[id]`.
    const [, name = part.fieldname, inner] = /^(\w+)\[(\w+)\]$/.exec(part.fieldname) ?? [];
    if (inner === undefined) body[name] = part.value;
    else body[name] = { ...(body[name] as object | undefined), [inner]: part.value };
  }
  request.body = body;
}
