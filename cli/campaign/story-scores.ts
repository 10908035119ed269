import type { ScoredJoin, StoryScores } from '../../eval/across/score-story.ts';
import { textTable } from '../shell/text-table.ts';

const columns = ['flash', 'duplicates', 'jump', 'pace', 'dissolve', 'sharpness'] as const;

/** What `shotline eval story` prints. */
export function storyScoreLines({
  file,
  frames,
  fps,
  joins,
  subjects,
  style,
  subjectModel,
  pacing,
}: StoryScores): string[] {
  const { shots, meanSeconds, cuts, unseen, unsaid } = pacing;
  const list = (of: readonly number[]): string => (of.length === 0 ? 'none' : of.join(', '));
  return [
    `${file}: ${String(frames)} frames at ${String(fps)} fps, ${String(shots)} shots of ${meanSeconds.toFixed(2)} s`,
    '',
    ...(joins.length === 0 ? ['no joins'] : textTable(joinColumns(), joins.map(joinRow))),
    '',
    ...(subjects.length === 0
      ? ['no subject is shown in two shots']
      : subjects.map(
          ({ subject, shots: shown, score }) =>
            `subject ${subject} over ${shown.join(', ')}: ${score.toFixed(4)} (${subjectModel ?? 'no model'})`,
        )),
    style === null ? 'style: there is one shot' : `style over all shots: ${style.score.toFixed(4)} (${style.model})`,
    `cuts of the script at ${list(cuts)}; not seen in the film: ${list(unseen)}; scene changes without a cut: ${list(unsaid)}`,
  ];
}

function joinColumns(): { title: string; align?: 'right' }[] {
  return [
    { title: 'join' },
    { title: 'frames', align: 'right' },
    ...columns.map((title) => ({ title, align: 'right' as const })),
  ];
}

function joinRow({ item, numFrames, faults }: ScoredJoin): string[] {
  const numbers = columns.map((name) => (faults === null ? 'too short' : faults[name].toFixed(3)));
  return [item, String(numFrames), ...numbers];
}
