import { buffer } from 'node:stream/consumers';
import { PipelineError } from '../errors/pipeline-error.ts';
import { digestOf } from './file-hash.ts';
import type { ObjectStore } from './object-store.ts';

/** A stored file of text. What it holds is for its reader to check. */
export interface StoredText {
  readonly key: string;
  readonly text: string;
}

/** Campaigns in a bucket, as JSON: `campaigns/<id>/campaign.json`, and `prompts/<n>.json` beside it while they run. */
export interface CampaignStore {
  /** Keeps the record of one prompt. */
  savePrompt(id: string, index: number, record: unknown): Promise<void>;
  /** The record of one prompt; `null` when there is none of use. */
  loadPrompt(id: string, index: number): Promise<StoredText | null>;
  /** Records of the prompts in order. @throws PipelineError `ARTIFACT_MISSING` when one is not there, `ARTIFACT_CORRUPT`. */
  loadPrompts(id: string, count: number): Promise<readonly StoredText[]>;
  /** Keeps the record of the whole campaign. */
  saveCampaign(id: string, record: unknown): Promise<void>;
  /** `null` when there is none of that id, or it is not finished. @throws PipelineError `ARTIFACT_CORRUPT`. */
  loadCampaign(id: string): Promise<StoredText | null>;
  /** Ids of all finished campaigns, sorted. */
  listCampaigns(): Promise<readonly string[]>;
}

/** A campaign's id is part of an object's name. */
const idRule = /^[a-z0-9][a-z0-9-]{0,80}$/;

/** Five thousand prompts with five clips each come to a fifth of it. */
const maxBytes = 2 ** 28;

/** The campaigns in a bucket. */
export function createCampaignStore(objects: ObjectStore): CampaignStore {
  const keyOf = (id: string, file: string): string => {
    if (!idRule.test(id)) {
      throw new PipelineError('INTERNAL', `'${id.slice(0, 90)}' is no id of a campaign; those come from \`eval run\``);
    }
    return `campaigns/${id}/${file}`;
  };
  const save = async (key: string, record: unknown): Promise<void> => {
    const bytes = new TextEncoder().encode(`${JSON.stringify(record, null, 1)}\n`);
    await objects.putBytes(key, bytes, { contentType: 'application/json' });
  };
  const load = async (key: string): Promise<StoredText | null> => {
    const found = await objects.get(key);
    if (found === null) return null;
    const { bytes } = found.info;
    if (bytes > maxBytes) {
      found.body.destroy();
      const rule = `the record of a campaign has at most ${String(maxBytes)}; delete it`;
      throw new PipelineError('ARTIFACT_CORRUPT', `${key} has ${String(bytes)} bytes; ${rule}`, { details: { key } });
    }
    const content = await buffer(found.body);
    const { isBelieved, sha256 } = found.info;
    if (!isBelieved || (sha256 !== null && digestOf(content).sha256 !== sha256)) {
      const what = isBelieved
        ? 'has other bytes than its writer computed'
        : 'carries no seal that this worker believes';
      throw new PipelineError('ARTIFACT_CORRUPT', `${key} ${what}; run the campaign again`, { details: { key } });
    }
    return { key, text: content.toString('utf8') };
  };
  const promptKey = (id: string, index: number): string => keyOf(id, `prompts/${index}.json`);
  return {
    savePrompt: (id, index, record) => save(promptKey(id, index), record),
    async loadPrompt(id, index) {
      try {
        return await load(promptKey(id, index));
      } catch (error) {
        if (error instanceof PipelineError && error.code === 'ARTIFACT_CORRUPT') return null;
        throw error;
      }
    },
    async loadPrompts(id, count) {
      const records: StoredText[] = [];
      for (let index = 0; index < count; index++) {
        const record = await load(promptKey(id, index));
        if (record === null) {
          throw new PipelineError('ARTIFACT_MISSING', `${promptKey(id, index)} is gone; run the campaign again`);
        }
        records.push(record);
      }
      return records;
    },
    saveCampaign: (id, record) => save(keyOf(id, 'campaign.json'), record),
    loadCampaign: (id) => load(keyOf(id, 'campaign.json')),
    async listCampaigns() {
      const found = await objects.list('campaigns/');
      return found.flatMap(({ key }) => /^campaigns\/([^/]+)\/campaign\.json$/.exec(key)?.[1] ?? []).sort();
    },
  };
}
