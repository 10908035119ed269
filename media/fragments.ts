import { open } from 'node:fs/promises';

import { mediaFailed } from './ffmpeg.ts';
import { listMp4Boxes } from './mp4-boxes.ts';
import { boxAt, type BoxNode, readBoxes } from './mp4-tree.ts';
import { readFully } from './read-fully.ts';

/** A fragmented MP4 (CMAF track file) as players fetch it: a header, and fragments behind it. */
export interface FragmentedFile {
  /** Bytes of the header, from the first byte on. */
  readonly header: number;
  readonly fragments: readonly Fragment[];
}

/** A run of samples that can be fetched alone. */
interface Fragment {
  /** First byte. */
  readonly offset: number;
  readonly bytes: number;
  /** Pictures, or packets of sound. */
  readonly samples: number;
}

/** More boxes than the longest film has: two for each second of it. */
const maxBoxes = 20_000;

/** Lists the fragments of a file. @throws PipelineError `MEDIA_FAILED` when it has none, or is damaged. */
export async function listFragments(file: string): Promise<FragmentedFile> {
  const boxes = await listMp4Boxes(file, maxBoxes);
  const first = boxes.findIndex(({ type }) => type === 'moof');
  if (first < 0 || !boxes.slice(0, first).some(({ type }) => type === 'moov')) {
    throw mediaFailed(`${file} has no fragments with an index before them; make it again`, { file });
  }
  const handle = await open(file);
  try {
    const fragments: Fragment[] = [];
    for (const [index, moof] of boxes.entries()) {
      const data = boxes[index + 1];
      if (moof.type !== 'moof') continue;
      if (data?.type !== 'mdat') throw mediaFailed(`${file} has a fragment without samples; make it again`, { file });
      const bytes = Buffer.alloc(moof.bytes);
      await readFully(handle, bytes, moof.offset, (byte) =>
        mediaFailed(`${file} ends at byte ${byte}, inside a fragment; make it again`, { file }),
      );
      fragments.push({ offset: moof.offset, bytes: moof.bytes + data.bytes, samples: samplesIn(readBoxes(bytes)[0]) });
    }
    return { header: boxes[first]?.offset ?? 0, fragments };
  } finally {
    await handle.close();
  }
}

/** `sample_count` of the one run of a fragment (ISO/IEC 14496-12, 8.8.8). */
function samplesIn(moof: BoxNode | undefined): number {
  const run = moof === undefined ? null : boxAt(moof, 'traf', 'trun');
  return run !== null && 'body' in run ? Buffer.from(run.body).readUInt32BE(4) : 0;
}
