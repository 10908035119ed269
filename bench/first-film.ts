/**
 * The first film: rendered, rendered again unchanged, and rendered with the prompt of its middle shot changed.
 * Run: `npx tsx bench/first-film.ts [options of shotline render]`. Prints a table and writes bench/results/first-film.json.
 *
 * Servers and workers of its own are up before the clock starts. Times need an idle machine; the counts hold on any.
 */
import { readFile } from 'node:fs/promises';
import { estimateStory } from '../story/plan/estimate.ts';
import { parseScript } from '../story/script/parse-script.ts';
import { PrivateStack } from '../test/harness/private-stack.ts';
import { filmRow, renderMeasured } from './film.ts';
import { report } from './report.ts';
import { Workbench } from '../test/harness/workbench.ts';

const example = 'examples/first-film.yaml';
const options = process.argv.slice(2);
const otherPrompt = 'a pink balloon rises over the beach in the middle at sunset';

const stack = await PrivateStack.create();
try {
  const up = await stack.shotline('stack', 'up');
  if (up.code !== 0) throw new Error(up.stderr);
  const text = await readFile(example, 'utf8');
  const { shots } = parseScript(text, { fileName: example });
  const changed = await stack.writeStory('changed.yaml', text.replace(shots[1]!.prompt, otherPrompt));
  const rows = [
    filmRow('first', await renderMeasured(stack, example, ...options)),
    filmRow('again, unchanged', await renderMeasured(stack, example, ...options)),
    filmRow('one prompt of three changed', await renderMeasured(stack, changed, ...options)),
  ];
  const bench = await Workbench.open();
  const { wallSeconds } = estimateStory(bench.plan, { shared: true });
  await bench.close();
  await report(
    'first-film',
    { story: example, options: options.join(' '), 'estimate s': Math.round(wallSeconds) },
    rows,
  );
} finally {
  await stack.destroy();
}
