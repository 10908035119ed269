import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareCampaigns } from '../eval/campaign/compare.ts';
import type { CampaignRecord } from '../eval/campaign/record.ts';
import { reportHtml } from '../eval/report/report-html.ts';
import { reportPicture } from '../eval/report/report-picture.ts';
import { shownClips, type Strip, stripOf } from '../eval/report/strips.ts';
import { FrameFile } from '../media/frame-file.ts';
import { encodePicture } from '../media/picture.ts';
import type { ArtifactStore } from '../storage/artifact-store.ts';
import { fetchClip } from './campaign-export.ts';
import { withCampaigns } from './campaign-library.ts';
import type { Environment } from './config.ts';

/** Where a report was written. */
export interface ReportFiles {
  readonly page: string;
  readonly picture: string;
}

/** Strips in the one picture: as many as fit on a screen or two; the page has all. */
const picturedStrips = 8;

/** Writes the report of some campaigns into a folder. @throws AbsentError, PipelineError `STORAGE_*`, `MEDIA_FAILED`. */
export async function writeReport(
  env: Environment,
  names: readonly string[],
  { out, strips: wantsStrips }: { readonly out: string; readonly strips: boolean },
): Promise<ReportFiles> {
  return withCampaigns(env, async (library) => {
    const records: CampaignRecord[] = [];
    for (const name of names) records.push(await library.find(name));
    await mkdir(out, { recursive: true });
    const strips = wantsStrips ? await drawStrips(records, library.artifacts) : [];
    const shown: { caption: string; source: string }[] = [];
    for (const [index, { caption, picture }] of strips.entries()) {
      const source = `strip-${String(index).padStart(2, '0')}.jpg`;
      await writeFile(join(out, source), await encodePicture(picture, 'jpeg'));
      shown.push({ caption, source });
    }
    const [first, ...others] = records;
    const differences = others.map((record) => ({
      label: `${record.label} against ${first?.label ?? ''}`,
      rows: first === undefined ? [] : compareCampaigns(first, record),
    }));
    const files = { page: join(out, 'report.html'), picture: join(out, 'report.png') };
    await writeFile(files.page, reportHtml({ records, differences, strips: shown }));
    const picture = reportPicture(records, strips.slice(0, picturedStrips));
    await writeFile(files.picture, await encodePicture(picture, 'png'));
    return files;
  });
}

/** The strips of the worst and best clips; a clip whose frames are gone has none. */
async function drawStrips(records: readonly CampaignRecord[], artifacts: ArtifactStore): Promise<readonly Strip[]> {
  const folder = await mkdtemp(join(tmpdir(), 'shotline-report-'));
  try {
    const strips: Strip[] = [];
    for (const clip of records.flatMap(shownClips)) {
      const file = await fetchClip(artifacts, clip.clipKey, join(folder, 'clip.safetensors'));
      if (file === null) continue;
      const frames = await FrameFile.open(file);
      try {
        strips.push(await stripOf(clip, frames));
      } finally {
        await frames.close();
        await rm(file);
      }
    }
    return strips;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
