import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeModelSet } from './describe-model-set.ts';
import { exampleManifests } from '../../test/fakes/example-manifests.ts';
import { denoiserManifest, parseManifest } from './model-manifest.ts';

type Role = keyof typeof exampleManifests;
const roles = Object.keys(exampleManifests) as Role[];

/** A copy of a JSON value with the value at a path (`files.0.path`) replaced, or taken out when it is `undefined`. */
function withValue<T extends object>(json: T, path: string, value: unknown): T {
  const copy = structuredClone(json);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<Record<string, unknown>>(
    (object, key) => object[key] as Record<string, unknown>,
    copy as Record<string, unknown>,
  );
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return copy;
}

function failureOf(json: unknown): string[] {
  try {
    parseManifest(json);
  } catch (error) {
    expect(error).toMatchObject({ code: 'MODEL_INVALID' });
    const { problems } = (error as { details: { problems: { path: string; message: string }[] } }).details;
    return problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('a model manifest', () => {
  test.each(roles)('of role %s is read as it is written', (role) => {
    expect(parseManifest(structuredClone(exampleManifests[role]))).toEqual(exampleManifests[role]);
  });

  test.each<[string, Role, string, unknown, RegExp]>([
    ['another format', 'vae', 'format', 2, /^format: /],
    ['an unknown role', 'vae', 'role', 'magic', /^role: /],
    ['a field that nobody knows', 'base', 'freeU', {}, /freeU/],
    ['no latent where latents are made', 'vae', 'latent', undefined, /^latent: /],
    ['a path that leaves the package', 'vae', 'files.0.path', '../x.onnx', /^files\.0\.path: .*inside/],
    ['an absolute path', 'vae', 'files.0.path', '/etc/passwd', /^files\.0\.path: /],
    ['a path with a backslash', 'vae', 'files.0.path', 'a\\b', /^files\.0\.path: /],
    ['itself among its files', 'vae', 'files.0.path', 'model.json', /^files\.0\.path: .*model\.json/],
    ['a file twice', 'vae', 'files.2', exampleManifests.vae.files[0], /^files\.2\.path: encoder\.onnx is listed twice/],
    ['a hash in capitals', 'vae', 'files.0.sha256', 'A'.repeat(64), /sha256: /],
    ['a graph without its file', 'vae', 'graphs.decoder.file', 'no.onnx', /^graphs\.decoder\.file: no\.onnx/],
    ['a graph too few', 'vae', 'graphs.decoder', undefined, /^graphs: a vae package has a graph decoder/],
    ['an input too few', 'base', 'graphs.denoiser.inputs.5.name', 'weights', /inputs: missing window_weights/],
    ['a probe without the output of an attribute', 'probe', 'attributes.sky', ['day'], /missing sky/],
    ['a text package without a tokenizer', 'text', 'files.1.path', 'words.json', /tokenizer\.json/],
    [
      'words but no tokenizer',
      'image-text',
      'files.2.path',
      'words.json',
      /^files: a image-text package has tokenizer\.json/,
    ],
    ['no words to find by', 'finder', 'graphs.words', undefined, /^graphs: a finder package has a graph words/],
    ['a sentence without a place for a name', 'finder', 'find.prompt', 'a photo', /^find\.prompt: /],
    ['words of no length', 'image-text', 'context', undefined, /^context: a package that reads words/],
    ['a size off the latent grid', 'base', 'native.width', 250, /^native\.width: 250 is not a multiple/],
    ['epsilon at zero signal', 'base', 'prediction', 'epsilon', /^prediction: /],
    ['a type that graphs do not have', 'vae', 'graphs.encoder.inputs.0.type', 'float16', /type: /],
    ['numbers that are none', 'base', 'sampler.guidance', Number.NaN, /^sampler\.guidance: /],
  ])('with %s is MODEL_INVALID', (_name, role, path, value, expected) => {
    expect(failureOf(withValue(exampleManifests[role], path, value))).toEqual([expect.stringMatching(expected)]);
  });

  test('may say how FreeInit suits a denoiser, and which qualities have it', () => {
    const freeinit = { iterations: 3, filter: 'gaussian', order: 4, spatial: 0.25, temporal: 0.25, coarseToFine: true };
    const base = { ...exampleManifests.base, freeinit, presets: { high: { freeinit: true } } };
    expect(parseManifest(base)).toMatchObject({ freeinit, presets: { high: { freeinit: true } } });
    expect(failureOf(withValue(base, 'freeinit.iterations', 1))).toHaveLength(1);
    expect(failureOf(withValue(base, 'freeinit.spatial', 0))).toHaveLength(1);
  });

  test('anything else that is JSON is MODEL_INVALID and nothing worse', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(failureOf(json).length).toBeGreaterThan(0);
      }),
    );
  });

  test('is narrowed to a denoiser by its role', () => {
    expect(denoiserManifest(parseManifest(exampleManifests.interp)).native.frames).toBe(61);
    expect(() => denoiserManifest(parseManifest(exampleManifests.vae))).toThrow(
      expect.objectContaining({ code: 'MODEL_INVALID' }),
    );
  });
});

describe('a model set', () => {
  const described = roles.map((role, index) => ({
    manifest: parseManifest(exampleManifests[role]),
    digest: String(index).repeat(64),
  }));
  const withChange = (role: Role, path: string, value: unknown) =>
    described.map((entry) =>
      entry.manifest.role === role ? { ...entry, manifest: withValue(entry.manifest, path, value) } : entry,
    );

  test('is described by what planning needs', () => {
    const set = describeModelSet('example', described);
    expect(set).toMatchObject({
      name: 'example',
      native: { width: 256, height: 144 },
      latent: { channels: 16, downscale: 16 },
      denoisers: {
        base: { frames: 16, sampler: { kind: 'ddim', steps: 25, guidance: 3 }, freeu: { b1: 1.1 } },
        interp: { frames: 61, freeu: null },
      },
      packages: { vae: { name: 'example-vae', version: '1', digest: '1'.repeat(64) } },
    });
  });

  test.each<[string, typeof described, string]>([
    ['a role twice', [...described, ...described.slice(0, 1)], 'two text packages'],
    ['no upscaler', described.filter(({ manifest }) => manifest.role !== 'upscale'), 'lacks packages for upscale'],
    ['nothing', [], 'lacks packages for text, vae, base, interp, upscale'],
    ['another latent scale in the VAE', withChange('vae', 'latent.scale', 1), 'latent.scale 0.5'],
    ['another text width', withChange('text', 'context.width', 65), 'context.width 64'],
  ])('with %s is MODEL_INVALID', (_name, packages, reason) => {
    expect(() => describeModelSet('example', packages)).toThrow(
      expect.objectContaining({ code: 'MODEL_INVALID', message: expect.stringContaining(reason) as unknown }),
    );
  });

  test('offers further sizes of clips, which must fit its latents', () => {
    const shapes = [{ width: 144, height: 256 }];
    expect(describeModelSet('example', described, shapes).shapes).toEqual(shapes);
    expect(describeModelSet('example', described)).not.toHaveProperty('shapes');
    expect(() => describeModelSet('example', described, [{ width: 144, height: 250 }])).toThrow(
      'offers clips of 144x250; both must be multiples of 16',
    );
  });

  const textPort = (name: string) => ({ name, type: 'float32', shape: ['B', 3] });
  const ownText = { file: 'text.onnx', inputs: [textPort('input_ids')], outputs: [textPort('context')] };

  test('a denoiser with a text encoder of its own need not agree on the text', () => {
    const { files, graphs, ...rest } = exampleManifests.base;
    const more = ['text.onnx', 'tokenizer.json'].map((path) => ({ ...files[0], path }));
    const base = {
      ...rest,
      files: [...files, ...more],
      graphs: { ...graphs, text: ownText },
      context: { width: 4096, tokens: 120, trim: true },
    };
    const set = described.map((entry) =>
      entry.manifest.role === 'base' ? { ...entry, manifest: parseManifest(base) } : entry,
    );
    expect(describeModelSet('example', set).denoisers.base?.frames).toBe(16);
    const other = set.map((entry) =>
      entry.manifest.role === 'interp' ? { ...entry, manifest: withValue(entry.manifest, 'context.width', 65) } : entry,
    );
    expect(() => describeModelSet('example', other)).toThrow(
      'context.width 64 in example-text and 65 in example-interp',
    );
    expect(failureOf({ ...base, files: [...files, more[0]] })).toEqual(['files: a base package has tokenizer.json']);
  });

  const upscaler = {
    ...withValue(exampleManifests.upscale, 'graphs', {}),
    files: ['denoiser.onnx', 'decoder.onnx', 'text.onnx', 'tokenizer.json'].map((path) => ({
      ...exampleManifests.upscale.files[0],
      path,
    })),
    graphs: {
      denoiser: {
        ...exampleManifests.base.graphs.denoiser,
        inputs: [...exampleManifests.base.graphs.denoiser.inputs, textPort('noise_level')],
      },
      decoder: exampleManifests.vae.graphs.decoder,
      text: ownText,
    },
    latent: { channels: 4, downscale: 4, scale: 0.08333 },
    native: { width: 512, height: 320, frames: 8 },
    context: { width: 64, tokens: 32 },
    diffusion: {
      prediction: 'v',
      schedule: exampleManifests.base.schedule,
      sampler: exampleManifests.base.sampler,
      noiseLevel: 50,
      noiseSchedule: exampleManifests.base.schedule,
      negative: 'blur',
    },
  };

  test('an upscaler that denoises has latents of its own, and says how', () => {
    const set = described.map((entry) =>
      entry.manifest.role === 'upscale' ? { ...entry, manifest: parseManifest(upscaler) } : entry,
    );
    expect(describeModelSet('example', set).upscaler).toEqual({
      frames: 8,
      sampler: { kind: 'ddim', steps: 25, guidance: 3 },
      noiseLevel: 50,
      negative: 'blur',
    });
    expect(describeModelSet('example', described)).not.toHaveProperty('upscaler');
  });

  test.each([
    ['latent', 'latent: an upscaler with diffusion says it'],
    ['graphs.decoder', 'graphs: a upscale package has a graph decoder'],
    ['graphs.text', 'graphs: a upscale package has a graph text'],
    ['diffusion.negative', 'diffusion.negative: Invalid input: expected string, received undefined'],
  ])('an upscaler that denoises without its %s is MODEL_INVALID', (path, problem) => {
    expect(failureOf(withValue(upscaler, path, undefined))).toContain(problem);
  });
});
