import type { z } from 'zod';
import type { manifestSchema } from './manifest-schema.ts';
import { piperFile } from './piper-voice.ts';

type Manifest = z.infer<typeof manifestSchema>;

/** Something wrong in a manifest and where. */
export interface ManifestProblem {
  /** Keys joined by dots: `graphs.denoiser.file`. */
  readonly path: string;
  readonly message: string;
}

interface Needs {
  readonly files: readonly string[];
  readonly graphs: Readonly<
    Record<string, { readonly inputs: readonly string[]; readonly outputs: readonly string[] }>
  >;
}

const denoiserInputs = ['sample', 'timestep', 'context', 'freeu', 'windows', 'window_weights'];
const denoiser: Needs = {
  files: [],
  graphs: { denoiser: { inputs: denoiserInputs, outputs: ['prediction'] } },
};

/** Of a model that looks at frames and reads words. */
const readsWords = {
  files: ['tokenizer.json'],
  graphs: { words: { inputs: ['input_ids'], outputs: ['features'] } },
} as const satisfies Needs;

/** The graphs and files that a package of each role must bring, from the tables of `docs/model-packages.md`. */
const needsOfRole: Readonly<Record<Manifest['role'], Needs>> = {
  text: {
    files: ['tokenizer.json'],
    graphs: { encoder: { inputs: ['input_ids'], outputs: ['context'] } },
  },
  vae: {
    files: [],
    graphs: {
      encoder: { inputs: ['frames'], outputs: ['latents'] },
      decoder: { inputs: ['latents'], outputs: ['frames'] },
    },
  },
  base: denoiser,
  subject: {
    files: [],
    graphs: {
      vision: { inputs: ['picture'], outputs: ['tokens'] },
      denoiser: {
        inputs: [...denoiserInputs, 'exemplar', 'has_exemplar'],
        outputs: ['prediction'],
      },
    },
  },
  interp: denoiser,
  transition: denoiser,
  enhance: {
    files: [],
    graphs: {
      enhancer: {
        inputs: ['sample', 'timestep', 'context', 'hint', 'keys', 'hint_timestep', 'scale', 'picture'],
        outputs: ['prediction'],
      },
    },
  },
  upscale: { files: [], graphs: { upscaler: { inputs: ['frames', 'size'], outputs: ['y', 'u', 'v'] } } },
  voice: { files: [], graphs: {} },
  probe: { files: [], graphs: { probe: { inputs: ['frames'], outputs: [] } } },
  detector: {
    files: [],
    graphs: {
      detector: {
        inputs: ['frames'],
        outputs: ['presence', 'object', 'colour', 'box', 'place', 'sky', 'subject', 'background'],
      },
    },
  },
  features: looks('features', ['frames'], 'features'),
  'image-text': looks('image', ['frames'], 'features'),
  aesthetic: looks('aesthetic', ['frames'], 'scores'),
  imaging: looks('imaging', ['frames', 'small', 'large'], 'scores'),
  flow: looks('flow', ['before', 'after'], 'flow'),
  finder: {
    files: ['tokenizer.json'],
    graphs: { finder: { inputs: ['frames', 'words'], outputs: ['found'] }, words: readsWords.graphs.words },
  },
};

/** Of a model that looks at frames: one graph with one output. */
function looks(graph: string, inputs: readonly string[], output: string): Needs {
  return { files: [], graphs: { [graph]: { inputs, outputs: [output] } } };
}

/** Of an upscaler that denoises. */
const diffusionUpscaler: Needs = {
  files: [],
  graphs: {
    denoiser: { inputs: [...denoiserInputs, 'noise_level'], outputs: ['prediction'] },
    decoder: { inputs: ['latents'], outputs: ['frames'] },
  },
};

/** Of a voice that is a model. */
const piperVoice: Needs = {
  files: [piperFile],
  graphs: { voice: { inputs: ['input', 'input_lengths', 'scales'], outputs: ['output'] } },
};

/** Of a denoiser with a text encoder of its own, beside what it needs without. */
const ownText: Needs = {
  files: ['tokenizer.json'],
  graphs: { text: { inputs: ['input_ids'], outputs: ['context'] } },
};

/** Whether a package brings the text encoder that its denoiser was trained with. */
export function hasOwnText({ role, graphs }: Pick<Manifest, 'role' | 'graphs'>): boolean {
  return role !== 'text' && Object.hasOwn(graphs, 'text');
}

/** What a package must bring, by its role and what its manifest says. */
function needsOf(model: Manifest): readonly Needs[] {
  if (model.role === 'upscale' && model.diffusion !== undefined) return [diffusionUpscaler, ownText];
  if (model.role === 'voice' && model.voice.program === 'piper') return [piperVoice];
  if (Object.hasOwn(model.graphs, 'words')) return [needsOfRole[model.role], readsWords];
  return hasOwnText(model) ? [needsOfRole[model.role], ownText] : [needsOfRole[model.role]];
}

/** Checks what a schema cannot: that the parts of a manifest which name each other agree. */
export function checkReferences(model: Manifest): ManifestProblem[] {
  return [...fileProblems(model), ...graphProblems(model), ...numberProblems(model)];
}

function fileProblems(model: Manifest): ManifestProblem[] {
  const paths = model.files.map((file) => file.path);
  const problems = paths.flatMap((path, index) =>
    paths.indexOf(path) < index ? [{ path: `files.${index}.path`, message: `${path} is listed twice` }] : [],
  );
  for (const [name, graph] of Object.entries(model.graphs)) {
    if (!paths.includes(graph.file)) {
      problems.push({ path: `graphs.${name}.file`, message: `${graph.file} is not among files` });
    }
  }
  for (const file of needsOf(model).flatMap(({ files }) => files)) {
    if (!paths.includes(file)) problems.push({ path: 'files', message: `a ${model.role} package has ${file}` });
  }
  return problems;
}

function graphProblems(model: Manifest): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  for (const [name, needs] of needsOf(model).flatMap(({ graphs }) => Object.entries(graphs))) {
    const graph = Object.hasOwn(model.graphs, name) ? model.graphs[name] : undefined;
    if (graph === undefined) {
      problems.push({ path: 'graphs', message: `a ${model.role} package has a graph ${name}` });
      continue;
    }
    for (const side of ['inputs', 'outputs'] as const) {
      const present = graph[side].map((port) => port.name);
      const missing = [...needs[side], ...attributesOn(model, side)].filter((port) => !present.includes(port));
      if (missing.length > 0) {
        problems.push({ path: `graphs.${name}.${side}`, message: `missing ${missing.join(', ')}` });
      }
    }
  }
  return problems;
}

/** A probe has one output per attribute. */
function attributesOn(model: Manifest, side: 'inputs' | 'outputs'): string[] {
  return model.role === 'probe' && side === 'outputs' ? Object.keys(model.attributes) : [];
}

function numberProblems(model: Manifest): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  if (model.latent !== undefined && model.native !== undefined) {
    for (const side of ['width', 'height'] as const) {
      if (model.native[side] % model.latent.downscale !== 0) {
        const rule = `${model.native[side]} is not a multiple of latent.downscale ${model.latent.downscale}`;
        problems.push({ path: `native.${side}`, message: rule });
      }
    }
  }
  if (model.role === 'upscale' && model.diffusion !== undefined) {
    for (const field of ['latent', 'native', 'context'] as const) {
      if (model[field] === undefined) problems.push({ path: field, message: 'an upscaler with diffusion says it' });
    }
  }
  if (Object.hasOwn(model.graphs, 'words') && model.context === undefined) {
    problems.push({ path: 'context', message: 'a package that reads words says how many tokens it reads' });
  }
  if (model.role === 'subject' && model.subject.picture % model.latent.downscale !== 0) {
    const rule = `${model.subject.picture} is not a multiple of latent.downscale ${model.latent.downscale}`;
    problems.push({ path: 'subject.picture', message: rule });
  }
  if ('schedule' in model && endsWithoutSignal(model.schedule) && model.prediction === 'epsilon') {
    const message = 'the schedule ends without signal, where epsilon says nothing; use v or sample';
    problems.push({ path: 'prediction', message });
  }
  return problems;
}

function endsWithoutSignal(schedule: Extract<Manifest, { role: 'base' }>['schedule']): boolean {
  return schedule.kind === 'cosine' || ('zeroTerminalSnr' in schedule && schedule.zeroTerminalSnr === true);
}
