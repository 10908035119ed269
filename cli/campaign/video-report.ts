import type { VideoReport } from '../../eval/score-video.ts';
import { comparableWithLeaderboard } from '../../eval/perception/roles.ts';
import { textTable } from '../shell/text-table.ts';

/** What `shotline eval video` prints. */
export function videoReport(measure: VideoReport): string[] {
  const { file, width, height, fps, frames, clips, looked, dimensions, missing, comparable } = measure;
  const number = (value: number | null): string => (value === null ? 'too short' : value.toFixed(4));
  const table = textTable(
    [
      { title: 'dimension' },
      { title: 'score', align: 'right' },
      { title: 'of range', align: 'right' },
      { title: 'model' },
    ],
    dimensions.map(({ dimension, score, normalized, model }) => [
      dimension,
      number(score),
      normalized === null ? '' : `${(100 * normalized).toFixed(1)} %`,
      model,
    ]),
  );
  const published = dimensions.flatMap(({ dimension, model }) =>
    model !== 'none' && comparableWithLeaderboard([{ dimension, model }]) ? [dimension] : [],
  );
  const why = comparableWithLeaderboard(dimensions)
    ? `frames were looked at as ${String(looked.width)}x${String(looked.height)}`
    : 'its models are others';
  const reasons = [...new Set(missing.map(({ reason }) => reason))];
  return [
    `${file}: ${String(width)}x${String(height)}, ${String(frames)} frames at ${String(fps)} fps${clips > 1 ? `, in ${String(clips)} clips` : ''}`,
    '',
    ...table,
    '',
    ...reasons.map(
      (reason) =>
        `not measured, ${reason}: ${missing
          .filter((each) => each.reason === reason)
          .map(({ dimension }) => dimension)
          .join(', ')}`,
    ),
    ...(published.length === 0 ? [] : [`by the model of the public leaderboard: ${published.join(', ')}`]),
    comparable ? 'comparable with the public leaderboard' : `not comparable with the public leaderboard: ${why}`,
  ];
}
