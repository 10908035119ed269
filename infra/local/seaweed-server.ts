import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loopback } from './ports.ts';

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

/** Lays out the server's folder: data, and a file with one identity that may do everything, for the owner alone. */
export async function prepareSeaweed(dir: string, keys: S3Keys): Promise<void> {
  await mkdir(join(dir, 'data'), { recursive: true });
  const credentials = [{ accessKey: keys.accessKeyId, secretKey: keys.secretAccessKey }];
  const actions = ['Admin', 'Read', 'Write', 'List', 'Tagging'];
  await writeFile(identityFile(dir), JSON.stringify({ identities: [{ name: 'shotline', credentials, actions }] }), {
    mode: 0o600,
  });
}

const identityFile = (dir: string): string => join(dir, 's3.json');

/** Small volumes give space back soon after a delete, and nothing is reserved in advance. */
const volumeMegabytes = 128;

/** Arguments of the `weed` program. `dir` is as `prepareSeaweed` leaves it. */
export function seaweedArguments(dir: string, ports: SeaweedPorts): string[] {
  const p = (name: keyof SeaweedPorts) => String(ports[name]);
  return [
    ...['-logtostderr=true', 'server', `-dir=${join(dir, 'data')}`, `-ip=${loopback}`, `-ip.bind=${loopback}`],
    // One master needs no election; a short time-out makes it ready in a second or two.
    ...[`-master.port=${p('master')}`, `-master.port.grpc=${p('masterGrpc')}`, '-master.electionTimeout=1s'],
    // Ports may move between two starts, and the saved state would look for the master at the former ones.
    ...['-master.resumeState=false', '-master.telemetry=false', `-master.volumeSizeLimitMB=${String(volumeMegabytes)}`],
    ...['-volume.id=shotline', `-volume.port=${p('volume')}`, `-volume.port.grpc=${p('volumeGrpc')}`],
    // 0: as many volumes as the free disk holds.
    ...['-volume.max=0', '-volume.preStopSeconds=0'],
    ...['-filer=true', `-filer.port=${p('filer')}`, `-filer.port.grpc=${p('filerGrpc')}`],
    ...['-s3=true', `-s3.port=${p('s3')}`, `-s3.port.grpc=${p('s3Grpc')}`, '-s3.port.iceberg=0', '-s3.port.lance=0'],
    // A misspelt bucket is a mistake, not a wish.
    ...[`-s3.config=${identityFile(dir)}`, '-s3.iam=false', '-s3.autoCreateBucket=false'],
  ];
}

const answerMs = 2_000;

/**
 * Whether SeaweedFS answers and can give back what it holds. Its S3 server is ready before the volumes of a former life are registered
 * with the master, and until then it answers reads of them with HTTP 500.
 */
export async function seaweedAnswers({ s3, master }: Pick<SeaweedPorts, 's3' | 'master'>): Promise<boolean> {
  const [gate, topology] = await Promise.all([ask(s3, '/healthz'), ask(master, '/dir/status')]);
  if (gate === null || topology === null) return false;
  const { Topology } = (await topology.json()) as { readonly Topology?: { readonly DataCenters?: unknown[] | null } };
  return (Topology?.DataCenters ?? []).length > 0;
}

/** An answer of one of the servers, or `null` where there is none or a refusal. */
async function ask(port: number, path: string): Promise<Response | null> {
  try {
    const answer = await fetch(`http://${loopback}:${String(port)}${path}`, { signal: AbortSignal.timeout(answerMs) });
    return answer.ok ? answer : null;
  } catch {
    return null;
  }
}
