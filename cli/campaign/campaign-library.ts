import { parseCampaign } from '../../eval/campaign/campaign-file.ts';
import type { CampaignRecord } from '../../eval/campaign/record.ts';
import { type ArtifactStore, createArtifactStore } from '../../storage/artifact-store.ts';
import { type CampaignStore, createCampaignStore } from '../../storage/campaign-store.ts';
import { AbsentError } from '../../client/absent-error.ts';
import type { Environment } from '../../storage/config.ts';
import { withBucket } from '../../client/bucket.ts';

/** The finished campaigns of a bucket, and their clips. */
export interface CampaignLibrary {
  readonly campaigns: CampaignStore;
  readonly artifacts: ArtifactStore;
  /** The campaign of an id, the beginning of one, or a label. @throws AbsentError when none or several fit. */
  find(name: string): Promise<CampaignRecord>;
  all(): Promise<readonly CampaignRecord[]>;
}

/** Works with the campaigns of the environment's bucket. @throws PipelineError `STORAGE_*`. */
export async function withCampaigns<T>(env: Environment, work: (library: CampaignLibrary) => Promise<T>): Promise<T> {
  return withBucket(env, (objects) => {
    const campaigns = createCampaignStore(objects);
    const all = async (): Promise<readonly CampaignRecord[]> => {
      const records: CampaignRecord[] = [];
      for (const id of await campaigns.listCampaigns()) {
        const file = await campaigns.loadCampaign(id);
        if (file !== null) records.push(parseCampaign(file));
      }
      return records;
    };
    return work({
      campaigns,
      artifacts: createArtifactStore(objects),
      all,
      find: async (name) => {
        const records = await all();
        const exact = records.filter(({ id, label }) => id === name || label === name);
        const fitting = exact.length > 0 ? exact : records.filter(({ id }) => id.includes(name));
        const [found] = fitting;
        if (found !== undefined && fitting.length === 1) return found;
        const known = (found === undefined ? records : fitting).map(({ id, label }) => `  ${id}  ${label}`);
        throw new AbsentError(
          [
            `${found === undefined ? 'no finished campaign' : 'more than one campaign'} is named ${JSON.stringify(name)}; there ${known.length === 0 ? 'is none yet' : 'are'}`,
            ...known,
          ].join('\n'),
        );
      },
    });
  });
}
