import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { pools } from '../../story/plan/stages.ts';
import { taskQueueOf } from '../../story/plan/task-queue.ts';
import { metricsAddressesOf } from '../../workers/config.ts';
import { drainTimesFromEnv } from '../../workers/drain-time.ts';

/** The manifests for Kubernetes say what the code expects. `infra/kubernetes/check.sh` holds them against its schemas. */

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'infra/kubernetes');

interface Deployment {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: { readonly runAsNonRoot: boolean };
        readonly volumes: readonly { readonly name: string }[];
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly ports: readonly { readonly containerPort: number }[];
          readonly securityContext: { readonly readOnlyRootFilesystem: boolean };
          readonly volumeMounts: readonly { readonly name: string }[];
          readonly livenessProbe: { readonly httpGet: { readonly path: string } };
          readonly readinessProbe: { readonly httpGet: { readonly path: string } };
        }[];
      };
    };
  };
}

async function documentsOf(file: string): Promise<readonly unknown[]> {
  const text = await readFile(file, 'utf8');
  return parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as unknown;
  });
}

const deployments = async (): Promise<Deployment[]> =>
  (await Promise.all(['edit', 'pools'].map((name) => documentsOf(join(folder, `base/${name}.yaml`)))))
    .flat()
    .map((each) => each as Deployment);

describe('the manifests for Kubernetes', () => {
  test('have a Deployment for each pool, at the port that its worker listens at', async () => {
    const found = await deployments();
    expect(found.map(({ metadata }) => metadata.name).sort()).toEqual(pools.map((pool) => `shotline-${pool}`).sort());
    for (const { spec } of found) {
      const [container] = spec.template.spec.containers;
      const pool = pools.find((each) => each === container!.args[1])!;
      expect(container!.args).toEqual(['worker', pool]);
      const [address] = metricsAddressesOf({ metricsAddress: '0.0.0.0:9464' }, pool);
      expect(container!.ports[0]!.containerPort).toBe(Number(address!.split(':')[1]));
      expect(container!.livenessProbe.httpGet.path).toBe('/livez');
      expect(container!.readinessProbe.httpGet.path).toBe('/readyz');
    }
  });

  test('give each worker the time that it takes to hand its task back, and nothing to write to but its volumes', async () => {
    for (const { spec } of await deployments()) {
      const { terminationGracePeriodSeconds, securityContext, volumes, containers } = spec.template.spec;
      expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(drainTimesFromEnv({}).endMs);
      expect(securityContext.runAsNonRoot).toBe(true);
      expect(containers[0]!.securityContext.readOnlyRootFilesystem).toBe(true);
      expect(containers[0]!.volumeMounts.map(({ name }) => name)).toEqual(volumes.map(({ name }) => name));
    }
  });

  test('scale each pool by the task queue that its workers serve, in both forms', async () => {
    const scalers = (await documentsOf(join(folder, 'components/keda/scalers.yaml'))) as {
      metadata: { name: string };
      spec: { scaleTargetRef: { name: string }; triggers: { metadata: { taskQueue: string } }[] };
    }[];
    const values = parse(await readFile(join(root, 'infra/helm/shotline/values.yaml'), 'utf8')) as {
      pools: Record<string, { port: number; queue: string }>;
    };
    const scaled = pools.filter((pool) => pool !== 'edit');
    expect(scalers.map(({ spec }) => spec.scaleTargetRef.name)).toEqual(scaled.map((pool) => `shotline-${pool}`));
    expect(scalers.map(({ spec }) => spec.triggers[0]!.metadata.taskQueue)).toEqual(
      scaled.map((pool) => taskQueueOf('shotline', pool)),
    );
    expect(Object.entries(values.pools).map(([pool, { queue, port }]) => [pool, queue, port])).toEqual(
      scaled.map((pool) => [
        pool,
        taskQueueOf('shotline', pool),
        Number(metricsAddressesOf({ metricsAddress: '0.0.0.0:9464' }, pool)[0]!.split(':')[1]),
      ]),
    );
  });

  test('set only variables that docs/operations.md has, and are all of them YAML', async () => {
    const documented = await readFile(join(root, 'docs/operations.md'), 'utf8');
    const files = [
      ...(await filesUnder(folder)).map((file) => join(folder, file)),
      ...(await filesUnder(join(root, 'infra/helm'))).map((file) => join(root, 'infra/helm', file)),
    ];
    expect(files.length).toBeGreaterThan(15);
    for (const file of files) {
      const text = await readFile(file, 'utf8');
      if (file.endsWith('.yaml') && !file.includes('/templates/')) await documentsOf(file);
      for (const [name] of text.matchAll(/\bSHOTLINE_[A-Z0-9_]+\b/g)) expect(documented).toContain(`\`${name}\``);
    }
  });
});

const filesUnder = async (dir: string): Promise<string[]> =>
  (await readdir(dir, { recursive: true })).filter((file) => /\.(ya?ml|tpl)$/.test(file));
