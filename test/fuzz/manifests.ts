import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { parseCampaign, parsePrompt } from '../../eval/campaign/campaign-file.ts';
import { compareCampaigns } from '../../eval/campaign/compare.ts';
import type { CampaignRecord } from '../../eval/campaign/record.ts';
import { parseClipReport } from '../../eval/clip-report-file.ts';
import { reportHtml } from '../../eval/report/report-html.ts';
import { shownClips } from '../../eval/report/strips.ts';
import { parseSuite } from '../../eval/suite.ts';
import { loadModelSet } from '../../storage/model-library.ts';
import { parseJson } from '../../storage/package-folder.ts';
import { planStory } from '../../story/plan/plan-story.ts';
import { exampleCampaign } from './example-campaign.ts';
import { exampleStory } from '../fakes/example-story.ts';
import { edited, edits, grafted, grafts } from './mutations.ts';
import type { FuzzTarget } from './target.ts';

const root = resolve(import.meta.dirname, '../..');
const packages = readdirSync(join(root, 'models', 'packages'));
const text = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

/** A folder of models in which every file of the real one is a link, but for manifests and sets. */
const models = mkdtempSync(join(tmpdir(), 'shotline-fuzz-'));
cpSync(join(root, 'models', 'sets'), join(models, 'sets'), { recursive: true });
for (const name of packages) {
  mkdirSync(join(models, 'packages', name), { recursive: true });
  const from = join(root, 'models', 'packages', name);
  for (const file of readdirSync(from)) {
    if (file !== 'model.json') symlinkSync(join(from, file), join(models, 'packages', name, file));
  }
  writeFileSync(join(models, 'packages', name, 'model.json'), text('models', 'packages', name, 'model.json'));
}

/** Loads the pocket set with another file in one place, and plans a story with it. */
async function planWith(path: readonly string[], content: string): Promise<void> {
  const file = join(models, ...path);
  writeFileSync(file, content);
  try {
    const { ref } = await loadModelSet(models, 'pocket');
    planStory(exampleStory([{ kind: 'cut' }, { kind: 'dissolve' }]), ref);
  } finally {
    rmSync(file);
    writeFileSync(file, text('models', ...path));
  }
}

function reportOn(record: CampaignRecord): void {
  const differences = [{ label: record.label, rows: compareCampaigns(exampleCampaign, record) }];
  const strips = shownClips(record).map((clip) => ({ clip, source: 'a.jpg' }));
  reportHtml({ records: [exampleCampaign, record], differences, strips });
}

/** What reads each kind of file; the kind is the first line of an input. */
const readers: Readonly<Record<string, (content: string) => Promise<void> | void>> = {
  ...Object.fromEntries(
    packages.map((name) => [
      `package ${name}`,
      (content: string) => planWith(['packages', name, 'model.json'], content),
    ]),
  ),
  set: (content) => planWith(['sets', 'pocket.json'], content),
  campaign: (content) => {
    reportOn(parseCampaign({ key: 'campaigns/a/campaign.json', text: content }));
  },
  prompt: (content) => void parsePrompt({ key: 'campaigns/a/prompts/0.json', text: content }),
  measure: (content) => void parseClipReport({ key: 'measure.json', text: content }),
  suite: (content) => void parseSuite('suite', parseJson(content, 'suite.json')),
};

const measure = {
  format: 1,
  frames: 16,
  width: 64,
  height: 36,
  fps: 8,
  missing: [],
  words: {},
  said: {},
  seen: [],
  scores: [{ dimension: 'color', model: 'ours', score: { score: 0.5, weight: 1 } }],
  eyes: { frames: null, clip: null },
};
const originals: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    packages.map((name) => [`package ${name}`, JSON.parse(text('models', 'packages', name, 'model.json')) as unknown]),
  ),
  set: JSON.parse(text('models', 'sets', 'pocket.json')),
  campaign: exampleCampaign,
  prompt: exampleCampaign.prompts[0],
  measure,
  suite: (JSON.parse(text('eval', 'suites', 'pocket.json')) as unknown[]).slice(0, 3),
};

function keysIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(keysIn)];
}
const keys = [...new Set([...keysIn(Object.values(originals)), '__proto__', 'constructor'])];
const words = [
  'pocket',
  '../x',
  '/etc/passwd',
  'model.json',
  'weights.onnx',
  'base',
  'ddim',
  'a'.repeat(64),
  '<img src=x>',
  '\u001b[31m',
];

const kinds = fc.constantFrom(...Object.keys(originals));
const withKind = (kind: string, content: Uint8Array | string): Buffer =>
  Buffer.concat([Buffer.from(`${kind}\n`), Buffer.from(content)]);
const jsonOf = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));
const asText = (kind: string): Buffer => Buffer.from(JSON.stringify(originals[kind]));

/** Manifests of packages, files of sets, campaigns, measures and suites. */
export const manifests: FuzzTarget = {
  inputs: fc.oneof(
    fc.tuple(kinds, grafts(keys, words)).map(([kind, all]) => withKind(kind, jsonOf(grafted(originals[kind], all)))),
    fc.tuple(kinds, edits([...keys, ...words])).map(([kind, changes]) => withKind(kind, edited(asText(kind), changes))),
  ),
  extension: 'txt',
  async run(input) {
    const all = Buffer.from(input).toString('utf8');
    const end = all.indexOf('\n');
    const kind = all.slice(0, end);
    await readers[kind]?.(all.slice(end + 1));
    return `ok ${kind.split(' ')[0] ?? ''}`;
  },
};
