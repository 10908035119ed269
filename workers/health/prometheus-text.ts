/** Metrics of several processes as one text, in Prometheus' exposition format (version 0.0.4). */

interface Family {
  readonly heading: readonly string[];
  readonly samples: string[];
}

/**
 * Merges texts, one by each name, so that each family stands together and under one heading, as the format asks for. Each
 * sample gets the label `worker` with the name of its text, and so none is there twice.
 */
export function mergedMetrics(texts: ReadonlyMap<string, string>): string {
  const families = new Map<string, Family>();
  for (const [worker, text] of texts) {
    let current = '';
    let heading: string[] = [];
    for (const line of text.split('\n')) {
      const [, , name] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
      if (name !== undefined) {
        heading = name === current ? [...heading, line] : [line];
        current = name;
        if (families.get(name)?.samples.length === 0 || !families.has(name))
          families.set(name, { heading, samples: [] });
        continue;
      }
      if (line === '' || line.startsWith('#')) continue;
      const own = /^[^\s{]+/.exec(line)?.[0] ?? '';
      const family = belongsTo(own, current) ? current : own;
      const known = families.get(family) ?? { heading: [], samples: [] };
      known.samples.push(labelled(line, own, worker));
      families.set(family, known);
    }
  }
  const lines = [...families.values()].flatMap(({ heading, samples }) =>
    samples.length === 0 ? [] : [...heading, ...samples],
  );
  return lines.map((line) => `${line}\n`).join('');
}

/** Histograms and summaries have their samples under longer names. */
const belongsTo = (sample: string, family: string): boolean =>
  sample === family ||
  (family !== '' &&
    sample.startsWith(family) &&
    /^_(bucket|sum|count|total|created)$/.test(sample.slice(family.length)));

function labelled(line: string, name: string, worker: string): string {
  const label = `worker="${worker.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  const rest = line.slice(name.length);
  if (!rest.startsWith('{')) return `${name}{${label}}${rest}`;
  return rest.startsWith('{}') ? `${name}{${label}}${rest.slice(2)}` : `${name}{${label},${rest.slice(1)}`;
}
