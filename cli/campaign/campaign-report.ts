import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareCampaigns } from '../../eval/campaign/compare.ts';
import type { CampaignRecord } from '../../eval/campaign/record.ts';
import { type HtmlStrip, reportHtml } from '../../eval/report/report-html.ts';
import { reportPicture } from '../../eval/report/report-picture.ts';
import { drawStrip, type ShownClip, shownClips, type Strip } from '../../eval/report/strips.ts';
import { FrameFile } from '../../media/frame-file.ts';
import { encodeImage, type PictureFormat, type RgbPicture } from '../../media/picture.ts';
import type { ArtifactStore } from '../../storage/artifact-store.ts';
import { fetchClip } from './campaign-export.ts';
import { withCampaigns } from './campaign-library.ts';
import type { Environment } from '../../storage/config.ts';

/** How a report is written. */
export interface ReportOptions {
  /** Folder, made where it is missing. */
  readonly out: string;
  readonly strips: boolean;
  readonly picture: PictureFormat;
}

/** Where a report was written. */
export interface ReportFiles {
  readonly page: string;
  readonly picture: string;
}

/** Writes the report of some campaigns into a folder. @throws AbsentError, PipelineError `STORAGE_*`, `MEDIA_FAILED`. */
export async function writeReport(
  env: Environment,
  names: readonly string[],
  { out, strips: wantsStrips, picture: format }: ReportOptions,
): Promise<ReportFiles> {
  return withCampaigns(env, async (library) => {
    const records: CampaignRecord[] = [];
    for (const name of names) records.push(await library.find(name));
    await mkdir(out, { recursive: true });
    const strips = wantsStrips ? await drawStrips(records, library.artifacts) : [];
    const shown: HtmlStrip[] = [];
    for (const { clip, picture } of strips) {
      // One clip may be the worst or the best of several dimensions.
      const source = `clip-${clip.clipKey.slice(0, 12)}.jpg`;
      if (!shown.some((other) => other.source === source))
        await writeFile(join(out, source), await encodeImage(picture, 'jpeg'));
      shown.push({ clip, source });
    }
    const [first, ...others] = records;
    const differences = others.map((record) => ({
      label: `${record.label} against ${first?.label ?? ''}`,
      rows: first === undefined ? [] : compareCampaigns(first, record),
    }));
    const files = { page: join(out, 'report.html'), picture: join(out, `report.${format === 'png' ? 'png' : 'jpg'}`) };
    await writeFile(files.page, reportHtml({ records, differences, strips: shown }));
    const picture = reportPicture(records, strips);
    await writeFile(files.picture, await encodeImage(picture, format));
    return files;
  });
}

/** The strips of the worst and best clips, each clip fetched once; a clip whose frames are gone has none. */
async function drawStrips(records: readonly CampaignRecord[], artifacts: ArtifactStore): Promise<readonly Strip[]> {
  const folder = await mkdtemp(join(tmpdir(), 'shotline-report-'));
  const drawn = new Map<string, RgbPicture | null>();
  try {
    const strips: Strip[] = [];
    for (const clip of records.flatMap(shownClips)) {
      const picture = drawn.get(clip.clipKey) ?? (await drawClip(clip, artifacts, join(folder, 'clip.safetensors')));
      drawn.set(clip.clipKey, picture);
      if (picture !== null) strips.push({ clip, picture });
    }
    return strips;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function drawClip(clip: ShownClip, artifacts: ArtifactStore, file: string): Promise<RgbPicture | null> {
  if ((await fetchClip(artifacts, clip, file)) === null) return null;
  const frames = await FrameFile.open(file);
  try {
    return await drawStrip(frames);
  } finally {
    await frames.close();
    await rm(file);
  }
}
