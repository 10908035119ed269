import { z } from 'zod';

/** How a worker ends after SIGTERM. Whoever runs workers must give them this time before a kill. */
export interface DrainTimes {
  /** How long tasks may go on before they are handed back with a checkpoint. Milliseconds. */
  readonly drainMs: number;
  /** How long a cancelled job may go on before its engine is killed; longer than one denoising step. Milliseconds. */
  readonly cancelGraceMs: number;
  /** After this the worker has ended, or never will. Milliseconds. */
  readonly endMs: number;
}

/** On top of drain and grace: saving the last checkpoint and telling the server. */
const handBackMs = 30_000;

/** The variables, for the schema of a worker's environment. */
export const drainFields = {
  SHOTLINE_CANCEL_GRACE_SECONDS: z.coerce.number().min(0.1).max(3600).default(30),
  SHOTLINE_DRAIN_SECONDS: z.coerce.number().min(0).max(3600).default(1),
};

const schema = z.object(drainFields);

/** The times that checked variables come to. */
export function drainTimes(data: z.infer<typeof schema>): DrainTimes {
  const drainMs = data.SHOTLINE_DRAIN_SECONDS * 1000;
  const cancelGraceMs = data.SHOTLINE_CANCEL_GRACE_SECONDS * 1000;
  return { drainMs, cancelGraceMs, endMs: drainMs + cancelGraceMs + handBackMs };
}

/** The times of a worker with this environment. A wrong variable counts as unset: such a worker does not start at all. */
export function drainTimesFromEnv(env: Readonly<Record<string, string | undefined>>): DrainTimes {
  const given = Object.keys(drainFields).filter((name) => (env[name] ?? '') !== '');
  const parsed = schema.safeParse(Object.fromEntries(given.map((name) => [name, env[name]])));
  return drainTimes(parsed.data ?? schema.parse({}));
}
