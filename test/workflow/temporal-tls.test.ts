import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { connectTemporal } from '../../client/connect.ts';
import { explainSilence } from '../../workers/temporal/explain-silence.ts';
import { openNativeConnection } from '../../workers/temporal/native-connection.ts';
import type { TemporalSettings, TlsFiles } from '../../workers/temporal/temporal-settings.ts';
import { readTlsFiles } from '../../workers/temporal/tls-files.ts';
import { installQuietRuntime, patienceMs } from '../fakes/farm.ts';
import { makeAuthority } from '../harness/certificates.ts';
import { startKeyProxy, startTlsProxy } from '../harness/tls-proxy.ts';
import type { TlsProxy } from '../harness/tls-proxy.ts';

/** The real server behind doors of TLS, for the client of the command and for that of the workers. */

jest.setTimeout(patienceMs);
installQuietRuntime();

const target = process.env['SHOTLINE_TEST_TEMPORAL'] ?? '';
let dir: string;
const file = (name: string): string => join(dir, name);
const doors: TlsProxy[] = [];
const door = (name: 'tls' | 'mutual' | 'expired' | 'named' | 'keyed'): string => addresses[name]!;
const addresses: Record<string, string> = {};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-doors-'));
  const [ours, theirs] = await Promise.all([makeAuthority('Company CA'), makeAuthority('Another CA')]);
  const local = { name: 'temporal', addresses: ['127.0.0.1'] };
  const server = await ours.issue(local);
  for (const [name, authority] of [
    ['worker', ours],
    ['stranger', theirs],
  ] as const) {
    const { cert, key } = await authority.issue({ name });
    await writeFile(file(`${name}.crt`), cert);
    await writeFile(file(`${name}.key`), key);
  }
  await writeFile(file('ca.pem'), ours.cert);
  await writeFile(file('other-ca.pem'), theirs.cert);
  const made = {
    tls: await startTlsProxy({ target, identity: server }),
    mutual: await startTlsProxy({ target, identity: server, callers: ours.cert }),
    expired: await startTlsProxy({ target, identity: await ours.issue({ ...local, days: -1 }) }),
    named: await startTlsProxy({ target, identity: await ours.issue({ name: 'temporal', hosts: ['temporal.test'] }) }),
    keyed: await startKeyProxy(target, server, 'right'),
  };
  for (const [name, proxy] of Object.entries(made)) {
    doors.push(proxy);
    addresses[name] = proxy.address;
  }
});
afterAll(async () => {
  for (const proxy of doors) proxy.close();
  await rm(dir, { recursive: true });
});

const settings = (address: string, tls: Partial<TlsFiles> | null, apiKey: string | null = null): TemporalSettings => ({
  address,
  namespace: 'default',
  apiKey,
  tls: tls === null ? null : { ca: null, cert: null, key: null, serverName: null, ...tls },
});
const ours = () => ({ ca: file('ca.pem') });
const as = (name: string) => ({ ...ours(), cert: file(`${name}.crt`), key: file(`${name}.key`) });

/** Both clients ask the server a question: what each gets. */
const clients = {
  command: async (temporal: TemporalSettings): Promise<string> => {
    const client = await connectTemporal({ ...temporal, uiUrl: null, queues: 'shotline' });
    try {
      const answer = await client.connection.workflowService.describeNamespace({ namespace: temporal.namespace });
      return answer.namespaceInfo?.name ?? '';
    } finally {
      await client.connection.close();
    }
  },
  worker: async (temporal: TemporalSettings): Promise<string> => {
    const contents = temporal.tls === null ? {} : await readTlsFiles(temporal.tls);
    try {
      const connection = await openNativeConnection(temporal, contents);
      try {
        const answer = await connection.workflowService.describeNamespace({ namespace: temporal.namespace });
        return answer.namespaceInfo?.name ?? '';
      } finally {
        await connection.close();
      }
    } catch (error) {
      throw await explainSilence(temporal, contents, error);
    }
  },
};

describeFor('command');
describeFor('worker');

function describeFor(who: keyof typeof clients): void {
  const ask = clients[who];
  test.each([
    ['an authority of our own', () => settings(door('tls'), ours())],
    ['certificates on both sides', () => settings(door('mutual'), as('worker'))],
    ['another name than the address', () => settings(door('named'), { ...ours(), serverName: 'temporal.test' })],
    ['a key', () => settings(door('keyed'), ours(), 'right')],
  ])(`the ${who} speaks to a Temporal behind %s`, async (_, given) => {
    expect(await ask(given())).toBe('default');
  });

  test.each([
    [
      'an authority that is not known',
      () => settings(door('tls'), {}),
      /was issued by CN=Company CA, which is none of the authorities of this system; set SHOTLINE_TEMPORAL_TLS_CA/,
    ],
    [
      'another authority',
      () => settings(door('tls'), { ca: file('other-ca.pem') }),
      /was issued by CN=Company CA, which is none of those in ".*other-ca.pem"/,
    ],
    [
      'a certificate that has run out',
      () => settings(door('expired'), ours()),
      /\(CN=temporal\) has expired \(.* GMT\); renew it/,
    ],
    [
      'a certificate of another name',
      () => settings(door('named'), ours()),
      /is for DNS:temporal.test and not for 127.0.0.1; .*SHOTLINE_TEMPORAL_TLS_SERVER_NAME/,
    ],
    [
      'no certificate of ours',
      () => settings(door('mutual'), ours()),
      /the server asks for a certificate of ours, and none is set/,
    ],
    [
      'a certificate of ours that it does not trust',
      () => settings(door('mutual'), as('stranger')),
      /the server (refuses|hangs up after it saw) our certificate ".*stranger.crt"/,
    ],
    [
      'clear text at a door of TLS',
      () => settings(door('tls'), null),
      /the server there speaks TLS; set SHOTLINE_TEMPORAL_TLS=true/,
    ],
    [
      'TLS at a server of clear text',
      () => settings(target, ours()),
      /does not speak TLS; .*SHOTLINE_TEMPORAL_TLS=false/,
    ],
    [
      'a key that is wrong',
      () => settings(door('keyed'), ours(), 'wrong'),
      /refuses this process: .*no such key.*SHOTLINE_TEMPORAL_API_KEY/,
    ],
  ])(`the ${who} says what is wrong: %s`, async (_, given, message) => {
    await expect(ask(given())).rejects.toMatchObject({
      code: 'STACK_UNAVAILABLE',
      message: expect.stringMatching(message),
    });
  });
}
