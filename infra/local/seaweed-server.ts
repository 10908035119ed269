import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWholeFile } from '../../storage/whole-file.ts';
import { makeClosedFolder } from './closed-folder.ts';
import { loopback } from './ports.ts';
import { askWithTls, prepareTls } from './seaweed-tls.ts';

/** Ports of a SeaweedFS that runs all its servers in one process. Only `s3` is for others. */
export interface SeaweedPorts {
  readonly s3: number;
  readonly s3Grpc: number;
  readonly master: number;
  readonly masterGrpc: number;
  readonly volume: number;
  readonly volumeGrpc: number;
  readonly filer: number;
  readonly filerGrpc: number;
}

/** Where the S3 server would like to be; the others are nobody's habit. */
export const seaweedHomePorts: SeaweedPorts = {
  s3: 8333,
  s3Grpc: 0,
  master: 0,
  masterGrpc: 0,
  volume: 0,
  volumeGrpc: 0,
  filer: 0,
  filerGrpc: 0,
};

/** Keys of the local S3 server, made once on this machine. Secret. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Lays out the server's folder, for the owner alone: data, the certificate of its parts, and one identity that may do everything. */
export async function prepareSeaweed(dir: string, keys: S3Keys): Promise<void> {
  await makeClosedFolder(dir);
  await makeClosedFolder(join(dir, 'data'));
  await prepareTls(dir);
  const credentials = [{ accessKey: keys.accessKeyId, secretKey: keys.secretAccessKey }];
  const actions = ['Admin', 'Read', 'Write', 'List', 'Tagging'];
  await writeWholeFile(identityFile(dir), JSON.stringify({ identities: [{ name: 'shotline', credentials, actions }] }));
}

const identities = z.object({
  identities: z.array(z.object({ credentials: z.array(z.object({ accessKey: z.string(), secretKey: z.string() })) })),
});

/** The keys in a server's folder; `null` when there are none. */
export async function readS3Keys(dir: string): Promise<S3Keys | null> {
  try {
    const found = identities.parse(JSON.parse(await readFile(identityFile(dir), 'utf8'))).identities[0]?.credentials[0];
    return found === undefined ? null : { accessKeyId: found.accessKey, secretAccessKey: found.secretKey };
  } catch {
    return null;
  }
}

/** Fresh keys. */
export const newS3Keys = (): S3Keys => ({
  accessKeyId: randomBytes(10).toString('hex').toUpperCase(),
  secretAccessKey: randomBytes(30).toString('base64url'),
});

const identityFile = (dir: string): string => join(dir, 's3.json');

/** Small volumes give space back soon after a delete, and nothing is reserved in advance. */
const volumeMegabytes = 128;

/** Arguments of the `weed` program. `dir` is as `prepareSeaweed` leaves it. */
export function seaweedArguments(dir: string, ports: SeaweedPorts): string[] {
  const p = (name: keyof SeaweedPorts) => String(ports[name]);
  return [
    '-logtostderr=true',
    'server',
    `-dir=${join(dir, 'data')}`,
    `-ip=${loopback}`,
    `-ip.bind=${loopback}`,
    // One master needs no election; a short time-out makes it ready in a second or two.
    `-master.port=${p('master')}`,
    `-master.port.grpc=${p('masterGrpc')}`,
    '-master.electionTimeout=1s',
    // Ports may move between two starts, and the saved state would look for the master at the former ones.
    '-master.resumeState=false',
    '-master.telemetry=false',
    `-master.volumeSizeLimitMB=${String(volumeMegabytes)}`,
    '-volume.id=shotline',
    `-volume.port=${p('volume')}`,
    `-volume.port.grpc=${p('volumeGrpc')}`,
    // 0: as many volumes as the free disk holds.
    '-volume.max=0',
    '-volume.preStopSeconds=0',
    '-filer=true',
    `-filer.port=${p('filer')}`,
    `-filer.port.grpc=${p('filerGrpc')}`,
    '-s3=true',
    `-s3.port=${p('s3')}`,
    `-s3.port.grpc=${p('s3Grpc')}`,
    '-s3.port.iceberg=0',
    '-s3.port.lance=0',
    // A misspelt bucket is a mistake, not a wish.
    `-s3.config=${identityFile(dir)}`,
    '-s3.iam=false',
    '-s3.autoCreateBucket=false',
    // Films play in a tab of their own, which is no matter of origins; no page reads them from within.
    '-s3.allowedOrigins=null',
  ];
}

const answerMs = 2_000;

/**
 * Whether the SeaweedFS of a folder answers and can give back what it holds. Its S3 server is ready before the volumes of a former
 * life are registered with the master, and until then it answers reads of them with HTTP 500.
 */
export async function seaweedAnswers(
  dir: string,
  { s3, master }: Pick<SeaweedPorts, 's3' | 'master'>,
): Promise<boolean> {
  const [gate, topology] = await Promise.all([isGateOpen(s3), askWithTls(dir, master, '/dir/status', answerMs)]);
  if (!gate || topology === null) return false;
  return hasVolumes(topology);
}

const clusterStatus = z.object({ Topology: z.object({ DataCenters: z.array(z.unknown()).nullish() }) });

/** Whether the status that a master tells names a data centre, that is, a server with volumes; `false` for what is no status. */
function hasVolumes(status: string): boolean {
  try {
    return (clusterStatus.parse(JSON.parse(status)).Topology.DataCenters ?? []).length > 0;
  } catch {
    return false;
  }
}

/** Whether the S3 server says that it is well. */
function isGateOpen(s3: number): Promise<boolean> {
  return new Promise((resolve) => {
    // An agent of its own: the one that all share, and `fetch`, may go through a proxy of the environment.
    const options = { host: loopback, port: s3, path: '/healthz', agent: false, signal: AbortSignal.timeout(answerMs) };
    get(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).once('error', () => {
      resolve(false);
    });
  });
}
