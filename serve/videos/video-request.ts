import { z } from 'zod';
import { scriptLimits } from '../../story/script/script-limits.ts';

/** What clients of OpenAI's video interface send. Unknown fields are let pass: clients add their own. */

const wholeNumber = z.coerce.number().int();

/** A picture that a video begins with, when it is no file of the request itself. */
export const pictureReference = z
  .object({
    file_id: z.string().max(200).optional().describe('Id of `POST /v1/files`.'),
    image_url: z.string().optional().describe('A `data:` address, or one that scripts may name.'),
  })
  .refine(({ file_id: file, image_url: url }) => (file === undefined) !== (url === undefined), {
    message: 'names a picture by file_id or by image_url, and not by both',
  });

/** `POST /v1/videos`. */
export const videoRequest = z
  .object({
    prompt: z
      .string()
      .max(2 * scriptLimits.promptLength)
      .optional()
      .describe('What the video shows. Required without `story`.'),
    model: z.string().max(40).optional().describe('Model set; `GET /v1/model-sets` lists them.'),
    seconds: z.coerce.number().positive().optional().describe('Length, to the frame; without it, one clip.'),
    size: z.string().max(20).optional().describe('`1280x720`, `1080p`, `9:16`.'),
    seed: wholeNumber
      .min(0)
      .max(scriptLimits.maxSeed)
      .optional()
      .describe('The same seed makes the same video; without it, another each time.'),
    input_reference: z
      .union([z.string(), pictureReference])
      .optional()
      .describe('The picture that the video begins with.'),
    story: z
      .union([z.string(), z.record(z.string(), z.unknown())])
      .optional()
      .describe('A whole script in place of a prompt: its text, or the object.'),
  })
  .refine(({ prompt, story }) => (prompt === undefined) !== (story === undefined), {
    message: 'needs a prompt, or a story in its place',
    path: ['prompt'],
  })
  .meta({ id: 'VideoRequest' });

/** What a video is asked to be. */
export type VideoRequest = z.infer<typeof videoRequest>;

/** `POST /v1/videos/{id}/remix`. */
export const remixRequest = z
  .object({ prompt: z.string().max(2 * scriptLimits.promptLength) })
  .meta({ id: 'VideoRemix' });

/** `POST /v1/videos/edits` and `/v1/videos/extensions`. */
export const followRequest = remixRequest
  .extend({
    video: z.union([z.string(), z.object({ id: z.string().max(300) })]).describe('The video, or its id.'),
    seconds: z.coerce.number().positive().optional().describe('Length of what is added.'),
  })
  .meta({ id: 'VideoFollow' });

/** Size of a video when nothing is said: 4K of everything is not what clients of small clips wait for. */
const usualSize = '1280x720';
const titleLength = 80;

/**
 * The script of a video: a story of one shot, or the story that was sent. Pure.
 * @param picture How the script names the picture that it begins with; `null` for none.
 */
export function scriptOf(request: VideoRequest, seed: number, picture: string | null): string {
  const { prompt = '', story } = request;
  if (story !== undefined) return typeof story === 'string' ? story : JSON.stringify(story, null, 2);
  const shot = {
    id: 'video',
    prompt,
    seed,
    ...(request.seconds === undefined ? {} : { seconds: request.seconds }),
    ...(picture === null ? {} : { animate: picture }),
  };
  const script = {
    title: titleOf(prompt),
    output: request.size ?? usualSize,
    ...(request.model === undefined ? {} : { models: request.model }),
    shots: [shot],
  };
  return JSON.stringify(script, null, 2);
}

/** The first words of a prompt, on one line. */
function titleOf(prompt: string): string {
  const words = prompt.replaceAll(/\s+/g, ' ').trim();
  if (words.length <= titleLength) return words === '' ? 'Video' : words;
  const cut = words.slice(0, titleLength);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), titleLength / 2)).trim()} …`;
}

/**
 * The script of a longer video: one more shot that goes on with the last one. Pure.
 * @param script A script that {@link scriptOf} made, or the normal form of another one.
 */
export function extendedScript(
  script: { readonly shots: readonly { readonly id: string }[] } & Readonly<Record<string, unknown>>,
  { prompt, seconds }: Pick<z.infer<typeof followRequest>, 'prompt' | 'seconds'>,
): string {
  const ids = new Set(script.shots.map(({ id }) => id));
  let part = script.shots.length + 1;
  while (ids.has(`part-${String(part)}`)) part += 1;
  const shot = {
    id: `part-${String(part)}`,
    prompt,
    continue: true,
    ...(seconds === undefined ? {} : { seconds }),
  };
  return JSON.stringify({ ...script, shots: [...script.shots, shot] }, null, 2);
}
