import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';

/** Alert rules and the dashboard ask for metrics that there are, in expressions that Prometheus understands. */

const root = join(import.meta.dirname, '../..');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const rules = async (): Promise<readonly Rule[]> =>
  (
    parse(await readFile(join(root, 'infra/prometheus/alerts.yaml'), 'utf8')) as { groups: { rules: Rule[] }[] }
  ).groups.flatMap((group) => group.rules);

const panelExpressions = async (): Promise<readonly string[]> =>
  (
    JSON.parse(await readFile(join(root, 'infra/grafana/shotline.json'), 'utf8')) as {
      panels: { targets: { expr: string }[] }[];
    }
  ).panels.flatMap((panel) => panel.targets.map(({ expr }) => expr));

/** Metrics that an expression asks for; `null` when it is none. */
function metricsIn(expression: string): readonly string[] | null {
  const metrics: string[] = [];
  const errors: number[] = [];
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError) errors.push(node.from);
      if (node.name !== 'VectorSelector') return;
      const name = node.node.getChild('Identifier');
      if (name !== null) metrics.push(expression.slice(name.from, name.to));
    },
  });
  return errors.length === 0 ? metrics : null;
}

/** What our workers record, from their code. */
async function recorded(): Promise<ReadonlySet<string>> {
  const files = (await readdir(join(root, 'workers'), { recursive: true })).filter((file) => file.endsWith('.ts'));
  const sources = await Promise.all(files.map((file) => readFile(join(root, 'workers', file), 'utf8')));
  return new Set(
    sources.flatMap((source) =>
      [...source.matchAll(/\.create(?:Counter|Histogram|Gauge)\('(\w+)'/g)].map(([, name]) => name!),
    ),
  );
}

/** The native part of Temporal's SDK, which has the names of its own metrics in it. */
async function nativeCode(): Promise<Buffer> {
  const releases = join(root, 'node_modules/@temporalio/core-bridge/releases');
  const [first] = (await readdir(releases)).sort();
  return readFile(join(releases, first!, 'index.node'));
}

describe('what is asked of Prometheus', () => {
  test('can be parsed', async () => {
    expect(metricsIn('sum by (le) (rate(x[5m])')).toBeNull();
    for (const expression of [...(await rules()).map(({ expr }) => expr), ...(await panelExpressions())])
      expect([expression, metricsIn(expression)]).not.toEqual([expression, null]);
  });

  test('names only metrics that workers have', async () => {
    const [ours, native] = await Promise.all([recorded(), nativeCode()]);
    const named = [...(await rules()).map(({ expr }) => expr), ...(await panelExpressions())].flatMap(
      (expression) => metricsIn(expression) ?? [],
    );
    expect(named.length).toBeGreaterThan(20);
    for (const name of new Set(named.map((each) => each.replace(/_(bucket|sum|count)$/, '')))) {
      const isKnown = name.startsWith('temporal_') ? native.includes(name.slice('temporal_'.length)) : ours.has(name);
      expect([name, isKnown]).toEqual([name, true]);
    }
  });

  test('wakes nobody without a runbook', async () => {
    const page = await readFile(join(root, 'docs/production.md'), 'utf8');
    for (const { alert, labels, annotations } of await rules()) {
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.runbook).toBe(`docs/production.md#${alert.toLowerCase()}`);
      const [, text = ''] = new RegExp(`^### ${alert}\n\n(.+?)(?=\n#|$(?![^]))`, 'ms').exec(page) ?? [];
      expect([alert, text.length > 150]).toEqual([alert, true]);
    }
  });
});
