import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { FakeObjectStore } from '../test/fakes/fake-object-store.ts';
import { createCampaignStore } from './campaign-store.ts';

test('keeps campaigns and prompts as JSON, and lists what is finished', async () => {
  const objects = new FakeObjectStore();
  const campaigns = createCampaignStore(objects);
  await campaigns.savePrompt('campaign-b', 1, { index: 1 });
  await campaigns.saveCampaign('campaign-b', { id: 'campaign-b' });
  await campaigns.savePrompt('campaign-a', 0, {});
  expect(await campaigns.listCampaigns()).toEqual(['campaign-b']);
  const prompt = await campaigns.loadPrompt('campaign-b', 1);
  expect(prompt?.key).toBe('campaigns/campaign-b/prompts/1.json');
  expect(JSON.parse(prompt?.text ?? '')).toEqual({ index: 1 });
  expect(await campaigns.loadCampaign('campaign-a')).toBeNull();
  await expect(campaigns.loadPrompts('campaign-b', 2)).rejects.toThrow(
    'campaigns/campaign-b/prompts/0.json is gone; run the campaign again',
  );
});

test.each(['', '-a', 'A', '../films', 'a/b', `a${'b'.repeat(81)}`])('%j is no id of a campaign', async (id) => {
  const campaigns = createCampaignStore(new FakeObjectStore());
  await expect((async () => campaigns.loadCampaign(id))()).rejects.toThrow(`'${id}' is no id of a campaign`);
});

test('a folder in a campaign is none', async () => {
  const objects = new FakeObjectStore();
  await objects.putBytes('campaigns/a/b/campaign.json', Buffer.from('{}'), { contentType: 'x/y' });
  expect(await createCampaignStore(objects).listCampaigns()).toEqual([]);
});

test('a file larger than any campaign is not read', async () => {
  const objects = new FakeObjectStore();
  const campaigns = createCampaignStore(objects);
  await campaigns.saveCampaign('campaign-a', {});
  const body = Readable.from(['{}']);
  const stored = (await objects.get('campaigns/campaign-a/campaign.json'))!;
  objects.get = () => Promise.resolve({ info: { ...stored.info, bytes: 2 ** 30 }, body });
  await expect(campaigns.loadCampaign('campaign-a')).rejects.toThrow(
    'campaigns/campaign-a/campaign.json has 1073741824 bytes; the record of a campaign has at most 268435456; delete it',
  );
  expect(body.destroyed).toBe(true);
});
