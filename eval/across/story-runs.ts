import { z } from 'zod';
import type { StoryRun } from './score-story.ts';

/** What of a film's manifest the runs come from: its timeline, and which shots show what or go on from the one before. */
const manifestSchema = z.object({
  timeline: z
    .array(
      z.object({
        item: z.string(),
        kind: z.enum(['shot', 'join', 'card']),
        firstFrame: z.int().min(0),
        numFrames: z.int().min(1),
      }),
    )
    .min(1),
  script: z.object({
    subjects: z.array(z.object({ name: z.string() })).optional(),
    shots: z.array(
      z.object({
        id: z.string(),
        prompt: z.string().optional(),
        join: z.object({ kind: z.string() }).nullish(),
      }),
    ),
  }),
});

/** The runs of a film from its manifest, JSON; `null` when it is none. */
export function parseStoryRuns(manifest: unknown): readonly StoryRun[] | null {
  const read = manifestSchema.safeParse(manifest);
  if (!read.success) return null;
  const { timeline, script } = read.data;
  const names = (script.subjects ?? []).map(({ name }) => name);
  return timeline.map(({ item, kind, firstFrame, numFrames }) => {
    const shot = kind === 'shot' ? script.shots.find(({ id }) => id === item || item.endsWith(` ${id}`)) : undefined;
    const subject = names.find((name) => shot?.prompt?.includes(`{${name}}`));
    return {
      item,
      kind,
      firstFrame,
      numFrames,
      ...(subject === undefined ? {} : { subject }),
      ...(shot?.join?.kind === 'continue' ? { continues: true } : {}),
    };
  });
}
