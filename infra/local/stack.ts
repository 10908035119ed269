import { join } from 'node:path';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { Environment } from '../../storage/config.ts';
import { serverEnvironment, stackConfigFromEnv } from './config.ts';
import type { StackConfig } from './config.ts';
import { isRunning, logTail, startDaemon, stopDaemon } from './daemon.ts';
import type { Daemon } from './daemon.ts';
import { knownStack } from './known-stack.ts';
import { seaweedLaunch, temporalLaunch } from './launch.ts';
import { choosePorts, loopback } from './ports.ts';
import { presenceOf, serverSilent } from './presence.ts';
import type { Presence } from './presence.ts';
import {
  newS3Keys,
  prepareSeaweed,
  readS3Keys,
  seaweedAnswers,
  seaweedArguments,
  seaweedHomePorts,
} from './seaweed-server.ts';
import type { S3Keys } from './seaweed-server.ts';
import { tlsEnvironment } from './seaweed-tls.ts';
import { withStackLock } from './stack-lock.ts';
import { endLeftovers } from './leftovers.ts';
import { rewriteStackRecord, writeStackRecord } from './stack-record.ts';
import type { StackRecord } from './stack-record.ts';
import { readDynamicConfig, temporalAnswers, temporalArguments, temporalHomePorts } from './temporal-server.ts';
import { waitUntil } from './wait-until.ts';
import { ensureProgram } from './stack-program.ts';

/**
 * The servers of the local stack. Invariants:
 *
 * L1. At most one Temporal and one SeaweedFS per cache folder: starts and stops hold the stack lock.
 * L2. A server counts as there only when its process is the one we started and it answers.
 * L3. A server's process is recorded before it is waited for.
 * L4. An address in the environment wins; the stack then neither starts nor stops that part.
 * L5. A server that another release started otherwise counts as not there, and is replaced.
 * L6. Any other server whose process runs is never replaced, whatever a probe says: only `stopStack` ends it.
 * L7. A record that is lost makes no process a stranger: servers and workers are found in the folder of the stack.
 */

/** What every function of the local stack needs. */
export interface StackOptions {
  /** The environment that says where the cache is and which parts are replaced. */
  readonly env: Environment;
  /** Gets a line at what takes a while: a download, a start. */
  readonly say?: (line: string) => void;
}

/** A stack that answers. Holds the keys of the local S3 server: never log it whole. */
export interface StackState {
  readonly temporalAddress: string;
  readonly namespace: string;
  /** `null` for a Temporal that is not ours. */
  readonly uiUrl: string | null;
  readonly s3: {
    readonly endpoint: string;
    readonly bucket: string;
    readonly region: string;
    /** `null` for a server that is not ours: its keys stay in the environment. */
    readonly keys: S3Keys | null;
  };
  /** What workers and clients need in their environment to use this stack. */
  readonly env: Readonly<Record<string, string>>;
}

/** One part of the stack in {@link stackStatus}. */
export interface PartStatus {
  /** `external`: named by the environment, not ours to start. */
  readonly state: Presence | 'external';
  readonly address: string | null;
  readonly pid: number | null;
  readonly logFile: string;
}

/** Answer of {@link stackStatus}. */
export interface StackStatus {
  readonly temporal: PartStatus;
  readonly uiUrl: string | null;
  readonly s3: PartStatus;
  readonly stackDir: string;
}

const startLimitMs = 60_000;
/** How long a look at the stack waits for a server that runs. */
const busyLimitMs = 20_000;
const stopGraceMs = 10_000;
/**
 * SeaweedFS stops serving at once and then waits, for ever, for streams between its own parts to end. What it has answered
 * is in the hands of the operating system by then, so an end by force loses nothing.
 */
const seaweedGraceMs = 1_500;
const temporalLog = 'temporal.log';
const seaweedLog = 'seaweedfs.log';

/**
 * Starts what is missing of Temporal and S3 and waits until both answer. The bucket exists afterwards.
 * @throws `STACK_UNAVAILABLE` with the last lines of the server's log.
 */
export async function ensureStack({ env, say }: StackOptions): Promise<StackState> {
  const config = stackConfigFromEnv(env);
  return withStackLock(
    config.stackDir,
    async () => {
      const { record: before, found } = await knownStack(config.stackDir);
      if (found.length > 0) {
        say?.(`${found.join(', ')} of this stack ran and ${found.length === 1 ? 'was' : 'were'} not in its record`);
        await writeStackRecord(config.stackDir, before);
      }
      let record = before;
      let written = Promise.resolve();
      const remember = (change: Partial<StackRecord>): Promise<void> => {
        record = { ...record, ...change };
        const snapshot = record;
        written = written.then(() => writeStackRecord(config.stackDir, snapshot));
        return written;
      };
      const starts = await Promise.allSettled([
        config.temporalAddress === null
          ? ensureTemporal(config, before, (temporal) => remember({ temporal }), say)
          : null,
        config.s3Endpoint === null ? ensureSeaweed(config, before, (seaweed) => remember({ seaweed }), say) : null,
      ]);
      for (const start of starts) if (start.status === 'rejected') throw start.reason;
      const state = stateOf(config, record);
      if (config.s3Endpoint === null) await makeBucket(state, config);
      return state;
    },
    say,
  );
}

/** The stack that runs, or `null` when a part of it does not. Starts nothing. @throws `STACK_UNAVAILABLE` when a part is silent. */
export async function findStack({ env }: StackOptions): Promise<StackState | null> {
  const config = stackConfigFromEnv(env);
  const { record } = await knownStack(config.stackDir);
  const { temporal, s3 } = await presences(config, record, busyLimitMs);
  if (temporal === 'silent') throw silentTemporal(config, record);
  if (s3 === 'silent') throw silentSeaweed(config, record);
  return temporal === 'down' || s3 === 'down' ? null : stateOf(config, record);
}

async function presences(
  config: StackConfig,
  record: StackRecord,
  limitMs: number,
): Promise<Record<'temporal' | 's3', PartStatus['state']>> {
  const [temporal, s3] = await Promise.all([
    config.temporalAddress === null ? temporalPresence(config, record, limitMs) : ('external' as const),
    config.s3Endpoint === null ? seaweedPresence(config, record, limitMs) : ('external' as const),
  ]);
  return { temporal, s3 };
}

/** What runs where. Starts nothing. */
export async function stackStatus({ env }: StackOptions): Promise<StackStatus> {
  const config = stackConfigFromEnv(env);
  const { record } = await knownStack(config.stackDir);
  const part = (
    state: PartStatus['state'],
    external: string | null,
    daemon: Daemon | null | undefined,
    address: string,
    log: string,
  ): PartStatus => ({
    state,
    address: external ?? (state === 'down' ? null : address),
    pid: state === 'up' || state === 'silent' ? (daemon?.pid ?? null) : null,
    logFile: join(config.stackDir, log),
  });
  const are = await presences(config, record, busyLimitMs);
  const { temporal, seaweed } = record;
  return {
    temporal: part(are.temporal, config.temporalAddress, temporal?.daemon, temporalAddress(record), temporalLog),
    uiUrl: are.temporal === 'up' ? uiUrl(record) : null,
    s3: part(are.s3, config.s3Endpoint, seaweed?.daemon, s3Endpoint(record), seaweedLog),
    stackDir: config.stackDir,
  };
}

/**
 * Stops both servers, and whatever else of them lives in the folder of the stack; their data stays. Does nothing to servers that the
 * environment names.
 * @throws `STACK_UNAVAILABLE` that names what could not be stopped.
 */
export async function stopStack({ env }: StackOptions): Promise<void> {
  const { stackDir } = stackConfigFromEnv(env);
  const stop = async (): Promise<void> => {
    const { record } = await knownStack(stackDir);
    const { temporal, seaweed } = record;
    await Promise.all([stopIfAny(temporal?.daemon, stopGraceMs), stopIfAny(seaweed?.daemon, seaweedGraceMs)]);
    await rewriteStackRecord(stackDir, {
      ...record,
      temporal: temporal && { ...temporal, daemon: null },
      seaweed: seaweed && { ...seaweed, daemon: null },
    });
    await endLeftovers(stackDir, ['temporal', 'seaweed'], stopGraceMs);
  };
  await withStackLock(stackDir, stop, undefined, { onFullDisk: true });
}

/** Keeps a server's process in the record as soon as it exists, so that no crash of ours can make it a stranger. */
type Remember<Part extends 'temporal' | 'seaweed'> = (part: StackRecord[Part]) => Promise<void>;

async function ensureTemporal(
  config: StackConfig,
  record: StackRecord,
  remember: Remember<'temporal'>,
  say: StackOptions['say'],
): Promise<void> {
  const found = await temporalPresence(config, record, startLimitMs);
  if (found === 'up') return;
  if (found === 'silent') throw silentTemporal(config, record);
  const program = await ensureProgram('temporal', config, say);
  await stopIfAny(record.temporal?.daemon, stopGraceMs);
  say?.('Starting Temporal');
  const ports = await choosePorts({ ...(record.temporal?.ports ?? temporalHomePorts) });
  const dbFile = join(config.stackDir, 'temporal.db');
  const settings = await readDynamicConfig();
  const args = temporalArguments({ ports, namespace: config.namespace, dbFile, ui: true, settings });
  const daemon = await startServer(config, temporalLog, program, args);
  await remember({ daemon, launch: await temporalLaunch(), ports });
  const address = `${loopback}:${String(ports.grpc)}`;
  await untilUp('Temporal', config, temporalLog, daemon, () => temporalAnswers(address, config.namespace));
}

async function ensureSeaweed(
  config: StackConfig,
  record: StackRecord,
  remember: Remember<'seaweed'>,
  say: StackOptions['say'],
): Promise<void> {
  const found = await seaweedPresence(config, record, startLimitMs);
  if (found === 'up') return;
  if (found === 'silent') throw silentSeaweed(config, record);
  const program = await ensureProgram('weed', config, say);
  await stopIfAny(record.seaweed?.daemon, seaweedGraceMs);
  say?.('Starting SeaweedFS');
  const dir = seaweedDir(config);
  const keys = record.seaweed?.keys ?? (await readS3Keys(dir)) ?? newS3Keys();
  await prepareSeaweed(dir, keys);
  const ports = await choosePorts({ ...(record.seaweed?.ports ?? seaweedHomePorts) });
  const daemon = await startServer(config, seaweedLog, program, seaweedArguments(dir, ports), tlsEnvironment(dir));
  await remember({ daemon, launch: seaweedLaunch(), ports, keys });
  await untilUp('SeaweedFS', config, seaweedLog, daemon, () => seaweedAnswers(dir, ports));
}

const stopIfAny = async (daemon: Daemon | null | undefined, graceMs: number): Promise<void> => {
  if (daemon != null) await stopDaemon(daemon, graceMs);
};

const seaweedDir = (config: StackConfig): string => join(config.stackDir, 'seaweedfs');

const startServer = (
  config: StackConfig,
  log: string,
  command: string,
  args: readonly string[],
  own: Readonly<Record<string, string>> = {},
): Promise<Daemon> =>
  startDaemon({
    command,
    args,
    env: { ...serverEnvironment(config), ...own },
    cwd: config.stackDir,
    logFile: join(config.stackDir, log),
  });

/** Waits for a server. One that ends before it answers is told at once, with its own words. */
async function untilUp(
  name: string,
  config: StackConfig,
  log: string,
  daemon: Daemon,
  answers: () => Promise<boolean>,
): Promise<void> {
  await waitUntil(async () => !(await isRunning(daemon)) || answers(), startLimitMs);
  const ended = !(await isRunning(daemon));
  if (!ended && (await answers())) return;
  await stopDaemon(daemon, stopGraceMs);
  const logFile = join(config.stackDir, log);
  const what = ended ? 'ended while it started' : `did not answer within ${String(startLimitMs / 1000)} s`;
  throw new PipelineError(
    'STACK_UNAVAILABLE',
    `${name} ${what}. Its log ${logFile} ends with:\n${await logTail(logFile)}`,
    {
      details: { server: name, logFile },
    },
  );
}

async function temporalPresence(config: StackConfig, { temporal }: StackRecord, limitMs: number): Promise<Presence> {
  if (temporal?.launch !== (await temporalLaunch())) return 'down';
  const address = `${loopback}:${String(temporal.ports.grpc)}`;
  return presenceOf(temporal.daemon, () => temporalAnswers(address, config.namespace), limitMs);
}

async function seaweedPresence(config: StackConfig, { seaweed }: StackRecord, limitMs: number): Promise<Presence> {
  if (seaweed?.launch !== seaweedLaunch()) return 'down';
  return presenceOf(seaweed.daemon, () => seaweedAnswers(seaweedDir(config), seaweed.ports), limitMs);
}

const silentTemporal = ({ stackDir }: StackConfig, { temporal }: StackRecord): PipelineError =>
  serverSilent('Temporal', temporal?.daemon, join(stackDir, temporalLog));
const silentSeaweed = ({ stackDir }: StackConfig, { seaweed }: StackRecord): PipelineError =>
  serverSilent('SeaweedFS', seaweed?.daemon, join(stackDir, seaweedLog));

const temporalAddress = ({ temporal }: StackRecord): string =>
  `${loopback}:${String(temporal?.ports.grpc ?? temporalHomePorts.grpc)}`;
const uiUrl = ({ temporal }: StackRecord): string =>
  `http://${loopback}:${String(temporal?.ports.ui ?? temporalHomePorts.ui)}`;
const s3Endpoint = ({ seaweed }: StackRecord): string =>
  `http://${loopback}:${String(seaweed?.ports.s3 ?? seaweedHomePorts.s3)}`;

function stateOf(config: StackConfig, record: StackRecord): StackState {
  const ownTemporal = config.temporalAddress === null;
  const keys = config.s3Endpoint === null ? (record.seaweed?.keys ?? null) : null;
  const address = config.temporalAddress ?? temporalAddress(record);
  const endpoint = config.s3Endpoint ?? s3Endpoint(record);
  return {
    temporalAddress: address,
    namespace: config.namespace,
    uiUrl: ownTemporal ? uiUrl(record) : null,
    s3: { endpoint, bucket: config.bucket, region: config.region, keys },
    env: {
      SHOTLINE_CACHE: config.cacheDir,
      SHOTLINE_TEMPORAL_ADDRESS: address,
      SHOTLINE_TEMPORAL_NAMESPACE: config.namespace,
      ...(ownTemporal ? { SHOTLINE_TEMPORAL_UI: uiUrl(record) } : {}),
      SHOTLINE_S3_ENDPOINT: endpoint,
      SHOTLINE_S3_BUCKET: config.bucket,
      SHOTLINE_S3_REGION: config.region,
      ...(keys === null
        ? {}
        : { SHOTLINE_S3_ACCESS_KEY_ID: keys.accessKeyId, SHOTLINE_S3_SECRET_ACCESS_KEY: keys.secretAccessKey }),
    },
  };
}

async function makeBucket({ s3 }: StackState, config: StackConfig): Promise<void> {
  const { connectObjectStore } = await import('../../storage/object-store.ts');
  const objects = connectObjectStore({
    endpoint: s3.endpoint,
    publicEndpoint: s3.endpoint,
    region: s3.region,
    bucket: s3.bucket,
    credentials: s3.keys,
    ca: null,
    cacheDir: config.cacheDir,
  });
  try {
    await objects.ensureBucket();
  } finally {
    objects.close();
  }
}
