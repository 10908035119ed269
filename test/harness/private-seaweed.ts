import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackConfigFromEnv } from '../../infra/local/config.ts';
import { logTail, startDaemon, stopDaemon } from '../../infra/local/daemon.ts';
import { choosePorts } from '../../infra/local/ports.ts';
import {
  prepareSeaweed,
  seaweedAnswers,
  seaweedArguments,
  seaweedHomePorts,
  type S3Keys,
} from '../../infra/local/seaweed-server.ts';
import { askWithTls, tlsEnvironment } from '../../infra/local/seaweed-tls.ts';
import { waitUntil } from '../../infra/local/wait-until.ts';
import { ensureProgram } from '../../infra/local/stack-program.ts';
import type { StorageConfig } from '../../storage/config.ts';

/** Those whose keys may do what `infra/s3/<role>-policy.json` says, and no more. */
export type BucketRole = 'client' | 'worker';

/** A SeaweedFS of a test's own, on free ports, with data that goes away. */
export interface PrivateSeaweed {
  /** Settings that reach it, with a key that may do everything; the bucket does not exist yet. */
  readonly config: StorageConfig;
  /** The same with the key of a role. */
  as(role: BucketRole): StorageConfig;
  /** Its scratch folder, for the test's files. */
  readonly dir: string;
  /** Loses all volumes of the bucket, as a dead disk does: objects are listed and cannot be read, and new ones go to new volumes. */
  loseVolumes(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one and waits until it answers. */
export async function startPrivateSeaweed(): Promise<PrivateSeaweed> {
  const program = await ensureProgram('weed', stackConfigFromEnv(process.env));
  const dir = await mkdtemp(join(tmpdir(), 'shotline-s3-'));
  const keys = { accessKeyId: 'TESTKEY', secretAccessKey: 'test-secret-value' };
  await prepareSeaweed(dir, keys);
  await addRoles(join(dir, 's3.json'));
  const ports = await choosePorts({ ...seaweedHomePorts, s3: 0 });
  const logFile = join(dir, 'weed.log');
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir, ...tlsEnvironment(dir) };
  const daemon = await startDaemon({ command: program, args: seaweedArguments(dir, ports), env, cwd: dir, logFile });
  const stop = async (): Promise<void> => {
    await stopDaemon(daemon, 500);
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  const endpoint = `http://127.0.0.1:${String(ports.s3)}`;
  if (!(await waitUntil(() => seaweedAnswers(dir, ports), 60_000))) {
    const log = await logTail(logFile);
    await stop();
    throw new Error(`SeaweedFS did not answer: ${log}`);
  }
  const config = {
    endpoint,
    publicEndpoint: endpoint,
    region: 'us-east-1',
    bucket: 'shotline',
    credentials: keys,
    ca: null,
    cacheDir: join(dir, 'cache'),
  };
  return {
    config,
    as: (role) => ({ ...config, credentials: keysOf(role) }),
    dir,
    async loseVolumes() {
      // Answers with 204, which is no text.
      await askWithTls(dir, ports.master, '/col/delete?collection=shotline', 10_000);
    },
    stop,
  };
}

const keysOf = (role: BucketRole): S3Keys => ({
  accessKeyId: role.toUpperCase(),
  secretAccessKey: `${role}-secret-value`,
});

/** Gives the server the policies of the repository, and for each a key that has no other rights. */
async function addRoles(file: string): Promise<void> {
  const roles = ['client', 'worker'] as const;
  const policies = await Promise.all(
    roles.map(async (name) => ({
      name,
      content: await readFile(join(import.meta.dirname, `../../infra/s3/${name}-policy.json`), 'utf8'),
    })),
  );
  const { identities } = JSON.parse(await readFile(file, 'utf8')) as { readonly identities: readonly unknown[] };
  const added = roles.map((name) => {
    const { accessKeyId: accessKey, secretAccessKey: secretKey } = keysOf(name);
    return { name, credentials: [{ accessKey, secretKey }], policyNames: [name] };
  });
  await writeFile(file, JSON.stringify({ identities: [...identities, ...added], policies }));
}
