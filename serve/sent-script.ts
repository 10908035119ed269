import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { prepareScriptText } from '../client/prepare-story.ts';
import type { PreparedStory } from '../client/prepare-story.ts';
import { readScriptText } from '../client/script-text.ts';
import { submitPrepared } from '../client/submit-prepared.ts';
import { storageConfigFromEnv } from '../storage/config.ts';
import { keepScript } from './script-copy.ts';
import type { ServerParts } from './server-parts.ts';
import { withUploads } from './uploads.ts';

/** A script as it is sent. */
export const sentScript = z
  .object({
    script: z
      .union([z.string(), z.record(z.string(), z.unknown())])
      .describe('The script: its text (YAML or JSON), or the object itself. docs/script.md describes it.'),
  })
  .meta({ id: 'SentScript' });

/** What messages call a script that was sent. */
const fileName = 'story.yaml';

/** Lets the text of a script be the whole body: `curl --data-binary @story.yaml -H 'Content-Type: application/yaml'`. */
export function takeYaml(server: FastifyInstance): void {
  server.addContentTypeParser(
    ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/plain'],
    { parseAs: 'string' },
    (_request, body, done) => {
      done(null, { script: body });
    },
  );
}

/** The text of a script that was sent. */
export function textOf({ script }: z.infer<typeof sentScript>): string {
  return typeof script === 'string' ? script : JSON.stringify(script, null, 2);
}

/**
 * Checks and plans a script that was sent, as the command line does it. Paths in it lead to uploaded files and nowhere else.
 * @throws PipelineError `SCRIPT_*`, `MODEL_*`, `STORAGE_*`.
 */
export function prepareSentScript(parts: ServerParts, sent: z.infer<typeof sentScript>): Promise<PreparedStory> {
  return withPrepared(parts, sent, (story) => Promise.resolve(story));
}

/**
 * Prepares and submits a script that was sent, and keeps its text. Gives the id of its story.
 * @throws as {@link prepareSentScript}; PipelineError `STACK_UNAVAILABLE`.
 */
export function submitSent(parts: ServerParts, sent: z.infer<typeof sentScript>): Promise<string> {
  return withPrepared(parts, sent, async (story) => {
    await submitPrepared(parts, story);
    await keepScript(parts.objects, story.workflowId, textOf(sent));
    return story.workflowId;
  });
}

/** Works with a prepared script while the files that it names lie there: a submission reads each once more, when it sends it. */
function withPrepared<T>(
  parts: ServerParts,
  sent: z.infer<typeof sentScript>,
  use: (story: PreparedStory) => Promise<T>,
): Promise<T> {
  const text = textOf(sent);
  const { modelsDir, pictureBuckets: buckets, pictureHosts: hosts, env, objects } = parts;
  return withUploads(objects, text, async (folder) =>
    use(
      await prepareScriptText(readScriptText(new TextEncoder().encode(text), fileName), {
        modelsDir,
        sources: {
          folder,
          allowOutside: false,
          buckets,
          https: { hosts },
          storage: () => Promise.resolve(storageConfigFromEnv(env)),
        },
      }),
    ),
  );
}
