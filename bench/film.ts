import type { FilmJson } from '../cli/story/film-report.ts';
import type { FilmManifest, ManifestTask } from '../story/film/film-manifest.ts';
import type { PrivateStack } from '../test/harness/private-stack.ts';
import type { Row } from './report.ts';

/** A film and how it was made. */
export interface MeasuredFilm {
  readonly report: FilmJson;
  readonly manifest: FilmManifest;
  /** From the start of the command to its end, seconds. */
  readonly wallSeconds: number;
}

/** Runs `shotline render` as a user does and reads the manifest of the film. */
export async function renderMeasured(
  stack: PrivateStack,
  story: string,
  ...args: readonly string[]
): Promise<MeasuredFilm> {
  const startMs = performance.now();
  const report = await stack.render(story, ...args);
  const wallSeconds = (performance.now() - startMs) / 1000;
  const manifest = (await (await fetch(report.manifestUrl)).json()) as FilmManifest;
  return { report, manifest, wallSeconds };
}

/** The measures of a film as a line of a table; all times in seconds. */
export function filmRow(run: string, { report, manifest, wallSeconds }: MeasuredFilm): Row {
  const { makespanMs, criticalPath, busyMs, efficiency } = manifest.measures;
  const busy = (pool: string): number => seconds(busyMs[pool] ?? 0);
  return {
    run,
    computed: report.computed,
    found: report.cacheHits,
    'wall s': Number(wallSeconds.toFixed(1)),
    'makespan s': seconds(makespanMs),
    'critical path s': seconds(criticalPath.ms),
    'busy base s': busy('base'),
    'busy interp s': busy('interp'),
    'busy sr s': busy('sr'),
    'busy edit s': busy('edit'),
    efficiency: Number(efficiency.toFixed(2)),
  };
}

/** All tasks of a film that ran. */
export function tasksOfFilm(manifest: FilmManifest): readonly ManifestTask[] {
  return [...manifest.timeline.flatMap((entry) => entry.tasks), manifest.assembly];
}

const seconds = (ms: number): number => Number((ms / 1000).toFixed(1));
