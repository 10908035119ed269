import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { cmxEditList, otioTimeline } from '../../story/film/edit-list.ts';
import { planStory } from '../../story/plan/plan-story.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { exampleModels } from '../fakes/example-models.ts';

const run = promisify(execFile);
/** A Python with the packages opentimelineio and otio-cmx3600-adapter. */
const python = process.env['SHOTLINE_OTIO_PYTHON'] ?? 'python3';
const reads = await run(python, ['-c', 'import opentimelineio, otio_cmx3600_adapter']).then(
  () => true,
  () => false,
);
const script = `
import json, sys
import opentimelineio as otio
def clips(timeline):
    return [[clip.name, clip.duration().value, clip.duration().rate] for track in timeline.video_tracks() for clip in track.find_clips()]
timeline = otio.adapters.read_from_file(sys.argv[1])
edl = otio.adapters.read_from_file(sys.argv[2], rate=25)
files = [clip.media_reference.target_url for clip in timeline.video_tracks()[0].find_clips()]
print(json.dumps({
    'name': timeline.name, 'frames': timeline.duration().value, 'clips': clips(timeline), 'files': files,
    'sound': [clip.duration().value for track in timeline.audio_tracks() for clip in track.find_clips()],
    'edl': clips(edl),
}))
`;

/** Skipped where that Python is absent. */
const withOtio = reads ? test : test.skip;

withOtio('OpenTimelineIO reads a story as it is', async () => {
  const plan = planStory(
    parseScript(
      [
        'title: Été',
        'output: { height: 360, fps: 25 }',
        'closing: The end',
        'shots:',
        '  - { id: dawn, prompt: a red boat, seconds: 2 }',
        '  - { id: night, prompt: a house, seconds: 2, join: dissolve }',
      ].join('\n'),
      { fileName: 'story.yaml' },
    ),
    exampleModels,
  );
  const files = new Map(plan.timeline.map(({ item }, index) => [item, `été-media/${String(index + 1)}.mp4`]));
  const folder = await mkdtemp(path.join(tmpdir(), 'shotline-otio-'));
  try {
    const [otio, edl] = [path.join(folder, 'a.otio'), path.join(folder, 'a.edl')];
    await writeFile(otio, otioTimeline(plan, { files, sound: 'été-media/sound.m4a' }));
    await writeFile(edl, cmxEditList(plan, { files }));
    const { stdout } = await run(python, ['-c', script, otio, edl]);
    const runs = plan.timeline.map(({ numFrames }) => numFrames);
    expect(JSON.parse(stdout)).toEqual({
      name: 'Été',
      frames: plan.numFrames,
      clips: plan.timeline.map(({ item, numFrames }) => [item, numFrames, 25]),
      files: [1, 2, 3, 4].map((number) => `%C3%A9t%C3%A9-media/${String(number)}.mp4`),
      sound: [plan.numFrames * 1920],
      edl: runs.map((frames, index) => [`été-media/${String(index + 1)}.mp4`, frames, 25]),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
