import { expect, test } from '@jest/globals';
import { cliConfigFromEnv, terminalSettings } from './config.ts';
import { workflowPage } from '../../client/workflow-page.ts';
import { UsageError } from './cli-errors.ts';

/** TLS with the authorities of the system and no certificate of ours. */
const bareTls = { ca: null, cert: null, key: null, serverName: null };

test('an empty environment means the local stack', () => {
  expect(cliConfigFromEnv({ SHOTLINE_S3_ENDPOINT: '' }, '/shotline')).toEqual({
    temporal: {
      address: '127.0.0.1:7233',
      namespace: 'default',
      apiKey: null,
      tls: null,
      uiUrl: null,
      queues: 'shotline',
    },
    external: false,
    pictureBuckets: [],
    pictureHosts: [],
    vbenchSuite: null,
    modelsDir: '/shotline/models',
  });
});

test('an address means that nothing is started here', () => {
  expect(cliConfigFromEnv({ SHOTLINE_TEMPORAL_ADDRESS: 'temporal:7233' }, '/').external).toBe(true);
  expect(cliConfigFromEnv({ SHOTLINE_S3_ENDPOINT: 'http://s3:9000' }, '/').external).toBe(true);
});

test('an API key never travels in clear text, unless TLS is turned off by name', () => {
  const key = { SHOTLINE_TEMPORAL_API_KEY: 'key' };
  expect(cliConfigFromEnv(key, '/').temporal.tls).toEqual(bareTls);
  expect(cliConfigFromEnv({ ...key, SHOTLINE_TEMPORAL_TLS: 'false' }, '/').temporal.tls).toBeNull();
});

test('names every wrong variable and shows no value', () => {
  const wrong = { SHOTLINE_TEMPORAL_ADDRESS: 'https://secret@host', SHOTLINE_TEMPORAL_TLS: 'secret' };
  expect(() => cliConfigFromEnv(wrong, '/')).toThrow(UsageError);
  expect(() => cliConfigFromEnv(wrong, '/')).toThrow(/SHOTLINE_TEMPORAL_ADDRESS.*SHOTLINE_TEMPORAL_TLS/);
  expect(() => cliConfigFromEnv(wrong, '/')).not.toThrow(/secret/);
});

test('links to the page of a workflow where the UI is known', () => {
  const { temporal } = cliConfigFromEnv({ SHOTLINE_TEMPORAL_UI: 'http://127.0.0.1:8233/' }, '/');
  expect(workflowPage(temporal, 'story-a/b')).toBe('http://127.0.0.1:8233/namespaces/default/workflows/story-a%2Fb');
  expect(workflowPage({ ...temporal, uiUrl: null }, 'story-a')).toBeNull();
});

test('NO_COLOR counts when it is not empty', () => {
  expect(terminalSettings({ NO_COLOR: '1', TERM: 'dumb' })).toEqual({ noColor: true, dumb: true });
  expect(terminalSettings({ NO_COLOR: '', TERM: 'xterm' })).toEqual({ noColor: false, dumb: false });
});

test('buckets of pictures are names with commas between them, or *', () => {
  const bucketsOf = (value: string): readonly string[] =>
    cliConfigFromEnv({ SHOTLINE_PICTURE_BUCKETS: value }, '/').pictureBuckets;
  expect(bucketsOf('films, stills-2')).toEqual(['films', 'stills-2']);
  expect(bucketsOf('*')).toEqual(['*']);
  expect(() => bucketsOf('s3://films')).toThrow(/SHOTLINE_PICTURE_BUCKETS.*: must be names of buckets/);
});
