import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { drainTimesFromEnv } from '../../workers/drain-time.ts';
import { isRunning } from './daemon.ts';
import type { Daemon } from './daemon.ts';
import { seaweedLaunch, temporalLaunch } from './launch.ts';
import { newS3Keys, readS3Keys, seaweedArguments } from './seaweed-server.ts';
import type { SeaweedPorts } from './seaweed-server.ts';
import { stackProcesses } from './stack-processes.ts';
import type { StackProcess } from './stack-processes.ts';
import { readStackRecord } from './stack-record.ts';
import type { StackRecord } from './stack-record.ts';
import { readDynamicConfig, temporalArguments, temporalHomePorts } from './temporal-server.ts';
import { pools } from '../../story/plan/stages.ts';

/** What is known of a stack: its record, and what lives in its folder although the record does not say so. */
export interface KnownStack {
  readonly record: StackRecord;
  /** What the record did not know: `Temporal (process 12)`. */
  readonly found: readonly string[];
}

/**
 * What runs of a stack. A record that was lost, damaged or put back from a copy does not make processes strangers: they are found
 * in the folder of the stack, and say themselves at which ports they are. One that cannot be gone on with, for another release started it or its
 * folder was deleted, has no `launch`, so that it is replaced.
 */
export async function knownStack(stackDir: string): Promise<KnownStack> {
  const record = await readStackRecord(stackDir);
  const runs = async (daemon: Daemon | null | undefined): Promise<boolean> =>
    daemon != null && (await isRunning(daemon));
  const [temporal, seaweed, ...workers] = await Promise.all([
    runs(record.temporal?.daemon),
    runs(record.seaweed?.daemon),
    ...pools.map((pool) => runs(record.pools[pool]?.daemon)),
  ]);
  if (temporal && seaweed && workers.every(Boolean)) return { record, found: [] };
  const living = await stackProcesses(stackDir);
  const lost = (part: StackProcess['part'], isKnown: boolean | undefined): StackProcess | undefined =>
    isKnown === true ? undefined : living.find((each) => each.part === part);
  const lostTemporal = lost('temporal', temporal);
  const lostSeaweed = lost('seaweed', seaweed);
  const lostWorkers = pools.flatMap((pool, index) => {
    const process = lost(pool, workers[index]);
    return process === undefined ? [] : [{ pool, process }];
  });
  const { endMs } = drainTimesFromEnv({});
  return {
    record: {
      ...record,
      temporal: lostTemporal === undefined ? record.temporal : await temporalOf(lostTemporal),
      seaweed: lostSeaweed === undefined ? record.seaweed : await seaweedOf(lostSeaweed, record, stackDir),
      pools: {
        ...record.pools,
        // Nobody knows its settings any more: without a fingerprint it counts as out of date, and is started anew.
        ...Object.fromEntries(
          lostWorkers.map(({ pool, process }) => [pool, { daemon: process.daemon, fingerprint: '', endMs }]),
        ),
      },
    },
    found: [
      ...(lostTemporal === undefined ? [] : [nameOf(lostTemporal)]),
      ...(lostSeaweed === undefined ? [] : [nameOf(lostSeaweed)]),
      ...lostWorkers.map(({ process }) => nameOf(process)),
    ],
  };
}

const names = { temporal: 'Temporal', seaweed: 'SeaweedFS', engine: 'an engine' } as const;

/** How a process of a stack is called in messages. */
export function nameOf({ part, daemon }: Pick<StackProcess, 'part' | 'daemon'>): string {
  const name = part === 'temporal' || part === 'seaweed' || part === 'engine' ? names[part] : `the ${part} worker`;
  return `${name} (process ${String(daemon.pid)})`;
}

async function temporalOf({ daemon, args, isStranded }: StackProcess): Promise<StackRecord['temporal']> {
  const after = (flag: string): string => args[args.indexOf(flag) + 1] ?? '';
  const ports = portsFrom({
    grpc: after('--port'),
    ui: after('--ui-port'),
    http: after('--http-port'),
    metrics: after('--metrics-port'),
  });
  const namespace = args.includes('--namespace') ? after('--namespace') : 'default';
  const settings = await readDynamicConfig();
  const own = temporalArguments({ ports, namespace, dbFile: after('--db-filename'), ui: true, settings });
  return { daemon, launch: !isStranded && endsWith(args, own) ? await temporalLaunch() : '', ports };
}

async function seaweedOf(
  { daemon, args, isStranded }: StackProcess,
  record: StackRecord,
  stackDir: string,
): Promise<StackRecord['seaweed']> {
  const dir = join(stackDir, 'seaweedfs');
  const after = (flag: string): string => args.find((arg) => arg.startsWith(`-${flag}=`))?.slice(flag.length + 2) ?? '';
  const found = await readS3Keys(dir);
  const keys = found ?? record.seaweed?.keys ?? newS3Keys();
  const ports = portsFrom<keyof SeaweedPorts>({
    s3: after('s3.port'),
    s3Grpc: after('s3.port.grpc'),
    master: after('master.port'),
    masterGrpc: after('master.port.grpc'),
    volume: after('volume.port'),
    volumeGrpc: after('volume.port.grpc'),
    filer: after('filer.port'),
    filerGrpc: after('filer.port.grpc'),
  });
  const isOurs = !isStranded && found !== null && endsWith(args, seaweedArguments(dir, ports));
  return { daemon, launch: isOurs ? seaweedLaunch() : '', ports, keys };
}

/** Ports as text, as numbers. What is no port is that of Temporal: a server of such arguments is one of another release, and is replaced. */
function portsFrom<Name extends string>(given: Readonly<Record<Name, string>>): Record<Name, number> {
  const ports = Object.entries<string>(given).map(([name, text]) => {
    const port = Number(text);
    return [name, Number.isInteger(port) && port > 0 && port <= 65_535 ? port : temporalHomePorts.grpc] as const;
  });
  return Object.fromEntries(ports) as Record<Name, number>;
}

const endsWith = (args: readonly string[], own: readonly string[]): boolean =>
  isDeepStrictEqual(args.slice(-own.length), own);
