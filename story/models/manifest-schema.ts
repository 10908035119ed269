import { z } from 'zod';
import { freeInitFilters, samplerKinds } from '../script/script.ts';
import { voicePrograms } from './model-set.ts';
import { scriptLimits as limits } from '../script/script-limits.ts';

/**
 * The manifest of a model package, `model.json`, as `docs/model-packages.md` describes it. Manifests are read strictly: a
 * field that nobody knows is a mistake that should not be found by looking at strange films.
 */

const positive = z.int().min(1).max(1_000_000);
const text = z.string().min(1).max(2000);
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a name has lower-case letters, digits, ".", "_" and "-"');
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 has 64 lower-case hex digits');
const filePath = z
  .string()
  .max(200)
  .regex(
    /^(?!model\.json$)(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/,
    'a file is named by its path inside the package, and is not model.json',
  );

const port = z.strictObject({
  name: text,
  type: z.enum(['float32', 'int64', 'uint8']),
  /** A string is a dynamic axis. */
  shape: z.array(z.union([positive, z.string().min(1).max(40)])).max(8),
});

const graph = z.strictObject({
  file: filePath,
  inputs: z.array(port).min(1).max(32),
  outputs: z.array(port).min(1).max(32),
});

const schedule = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['linear', 'scaled-linear']),
    betaStart: z.number().gt(0).lt(1),
    betaEnd: z.number().gt(0).lt(1),
    trainSteps: positive,
    zeroTerminalSnr: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('squared-cosine'), maxBeta: z.number().gt(0).lt(1), trainSteps: positive }),
  z.strictObject({
    kind: z.literal('logsnr-cosine'),
    logSnrMin: z.number().min(-40).max(0),
    logSnrMax: z.number().min(0).max(40),
    shiftStart: z.number().gt(0).max(100),
    shiftEnd: z.number().gt(0).max(100),
    trainSteps: positive,
    zeroTerminalSnr: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('cosine'), shift: z.number().gt(0).max(100), trainSteps: positive }),
]);

const latent = z.strictObject({
  channels: positive.max(256),
  downscale: positive.max(64),
  /** Multiply by it after encoding, divide before decoding. */
  scale: z.number().gt(0).max(1000),
});

/** Pixels and frames the model was trained at. */
const native = z.strictObject({ width: positive, height: positive, frames: positive });
const context = z.strictObject({
  width: positive,
  tokens: positive,
  /** Of a denoiser: it wants the rows of a prompt alone, without those of padding. */
  trim: z.boolean().optional(),
  /** Of a tokenizer: prompts are cleaned before they are read, as CLIP was trained (`engine/clean-prompt.ts`). */
  clean: z.boolean().optional(),
});
const spare = z.int().min(0).max(1).optional();
const share = z.number().min(0).max(1);
const samplerKind = z.enum(samplerKinds);
/** A tile is halved as the network halves it. */
const tileSide = z.int().min(8).max(1024).multipleOf(2);
const numSteps = positive.max(1000);
const guidance = z.number().min(0).max(100);
const sampler = z.strictObject({
  kind: samplerKind,
  steps: numSteps,
  guidance,
  /** Share of guidance rescale; none when absent. */
  rescale: share.optional(),
  spacing: z.union([
    z.enum(['trailing', 'fractional']),
    z.strictObject({ kind: z.literal('leading'), offset: z.int().min(0).max(1000), spare }),
    z.strictObject({ kind: z.literal('linspace'), spare, between: z.boolean().optional() }),
  ]),
  /** Where the last step ends: at the clean sample, or at the noise of timestep 0. */
  lastAlphaBar: z.enum(['one', 'first']).optional(),
  /** Of `ddim` and `dpmpp-2m-sde`. */
  eta: share.optional(),
  /** Of `ddpm`. */
  variance: z.enum(['small', 'large']).optional(),
});
const preset = z.strictObject({
  kind: samplerKind.optional(),
  steps: numSteps.optional(),
  guidance: guidance.optional(),
  freeu: z.boolean().optional(),
  freeinit: z.boolean().optional(),
});
const factor = z.number().min(0).max(10);
const freeu = z.strictObject({ b1: factor, b2: factor, s1: factor, s2: factor });
const stopFrequency = z.number().min(limits.minStopFrequency).max(1);
const freeinit = z.strictObject({
  iterations: z.int().min(limits.minIterations).max(limits.maxIterations),
  filter: z.enum(freeInitFilters),
  /** Of `butterworth`; the others do not read it. */
  order: z.int().min(1).max(limits.maxFilterOrder),
  spatial: stopFrequency,
  temporal: stopFrequency,
  coarseToFine: z.boolean(),
});

const anyRole = {
  format: z.literal(1),
  name,
  version: text.max(64),
  licence: text,
  source: text,
  files: z
    .array(z.strictObject({ path: filePath, bytes: z.int().min(0), sha256: digest }))
    .min(1)
    .max(1000),
  graphs: z.record(z.string().max(64), graph),
  native: native.optional(),
  latent: latent.optional(),
  context: context.optional(),
  /** How the weights were made: for people, not for the pipeline. */
  provenance: z.record(z.string(), z.unknown()).optional(),
};

const sampled = {
  ...anyRole,
  prediction: z.enum(['epsilon', 'v', 'sample']),
  schedule,
  latent,
  native,
  context,
  sampler,
};

/** How the authors sample their model, where the package samples otherwise by itself: what `as: paper` means. */
const paper = z.strictObject({
  sampler,
  /** Put behind every prompt. */
  suffix: z.string().max(400).optional(),
  /** What clips go away from that say nothing else. */
  negative: z.string().max(400).optional(),
  /** Channels that guidance acts on; the others are those of the prediction with the prompt. All when absent. */
  guidedChannels: positive.max(256).optional(),
  /** Of a subject whose picture is noised: the noise is fresh in each step. */
  freshNoise: z.literal(true).optional(),
});

const denoiser = {
  ...sampled,
  paper: paper.optional(),
  /** What each quality of a script changes of `sampler`. */
  presets: z
    .strictObject({ draft: preset.optional(), standard: preset.optional(), high: preset.optional() })
    .optional(),
  /** What `freeu: true` means; `false` when the model has nothing that FreeU works on. */
  freeu: z.union([freeu, z.literal(false)]).optional(),
  freeinit: freeinit.optional(),
};

/** A model that says what pictures show. */
const perceiver = {
  /** The classes of each attribute, in the order of its logits. */
  attributes: z.record(z.string().max(64), z.array(text).min(1).max(1000)),
  /** Share of right answers by head, on pictures that training never saw. */
  accuracy: z.record(z.string().max(64), share).optional(),
};

/** A model that looks at frames of any film and scores a dimension of VBench. */
const perceptionModel = {
  /** What the public leaderboard calls the model; scores of a package without it are not comparable with that. */
  leaderboard: text.max(100).optional(),
};
const pixels = positive.max(8192);
const resizeFilter = z.enum(['bilinear', 'bicubic']);
/** Frames whose shorter side is so long, by a filter without antialiasing; `square` cuts them to their middle. */
const shorterView = z.strictObject({ shorter: pixels, filter: resizeFilter, square: z.boolean().optional() });

/** Frames of a call, and how many of them it shares with the next. */
const decodeWindows = z
  .strictObject({ frames: z.int().min(1).max(64), overlap: z.int().min(0).max(32) })
  .refine(({ frames, overlap }) => 2 * overlap <= frames, 'windows share at most half their frames');

/** Schema of `model.json`; `checkReferences` finds what it cannot see. */
export const manifestSchema = z.discriminatedUnion('role', [
  z.strictObject({ ...anyRole, role: z.literal('text'), context }),
  z.strictObject({
    ...anyRole,
    role: z.literal('vae'),
    latent,
    /** Of a decoder that looks at neighbouring frames: which it is given together, of a clip and of an enhanced clip. */
    temporal: z.strictObject({ clip: decodeWindows, enhanced: decodeWindows }).optional(),
  }),
  z.strictObject({ ...denoiser, role: z.literal('base') }),
  z.strictObject({
    ...denoiser,
    role: z.literal('subject'),
    subject: z.strictObject({
      /** Side of the square picture that the vision encoder sees, pixels; a multiple of `latent.downscale`. */
      picture: positive.max(4096),
      /** Rows of text context that the vision encoder makes of it. */
      tokens: positive.max(256),
      /** Whether the exemplar gets the noise of the timestep before the model sees it. */
      noised: z.boolean().optional(),
    }),
  }),
  z.strictObject({ ...denoiser, role: z.literal('interp') }),
  z.strictObject({
    ...denoiser,
    role: z.literal('transition'),
    /** What the masked latents of unknown frames are: those of a mid-grey picture, or zeros when absent. */
    unknown: z.literal('grey').optional(),
  }),
  z.strictObject({
    ...sampled,
    role: z.literal('enhance'),
    enhance: z.strictObject({
      /** Timestep that frames are noised to at strength 1. */
      start: z.int().min(1).max(1_000_000),
      /** Timestep of the noise on hints at strength 1. */
      hintNoise: z.int().min(0).max(1_000_000),
      /** Steps at full strength: VEnhancer's fixed list, or spread evenly. */
      list: z.enum(['fast', 'even']),
      /** All frames of a clip get the same noise; each gets its own when absent. */
      sharedNoise: z.literal(true).optional(),
      /** By how much frames may have been enlarged, and how many frames may be made of one. */
      maxScale: z.number().min(1).max(64),
      maxTime: positive.max(64),
      /**
       * Runs as VEnhancer's September code: a start that is scaled, few chunks of which the last may grow, guidance and rescaling in each
       * chunk by itself, and frames that are enlarged by a straight line.
       */
      loop: z.literal('venhancer').optional(),
      /** By how much the model is told that frames were enlarged; as much as they were when absent. */
      told: z.number().min(1).max(64).optional(),
      /** Cells of a tile that the model sees at once. */
      tile: z.strictObject({ width: tileSide, height: tileSide }).optional(),
      /** Put behind every prompt. */
      suffix: z.string().max(2000).optional(),
      /** What stories go away from that say nothing else. */
      negative: z.string().max(2000).optional(),
    }),
  }),
  z.strictObject({
    ...anyRole,
    role: z.literal('upscale'),
    /** Frames on each side of a frame that its result depends on; none when absent. */
    temporalContext: z.int().min(0).max(16).optional(),
    /** Of an upscaler that denoises, `native.frames` at a time. */
    diffusion: z
      .strictObject({
        prediction: z.enum(['epsilon', 'v', 'sample']),
        schedule,
        sampler,
        /** Timestep of the noise on the frames that it is shown, by a schedule of their own. */
        noiseLevel: z.int().min(0).max(1_000_000),
        noiseSchedule: schedule,
        /** Words that it always goes away from. */
        negative: z.string().max(2000),
        /** Cells of a tile that the model sees at once; 640 by 640 when absent. */
        tile: z.strictObject({ width: tileSide, height: tileSide }).optional(),
      })
      .optional(),
  }),
  z.strictObject({
    ...anyRole,
    role: z.literal('voice'),
    voice: z.strictObject({
      /** What speaks: a program of the worker, or the graph of the package. */
      program: z.enum(voicePrograms),
      /** Voice that speaks when a script names none: of `espeak-ng` a language, of `piper` a speaker. */
      voice: text.max(200),
      /** Names that scripts may use, when they are not the program's own. */
      voices: z.array(text.max(200)).min(1).max(1000).optional(),
    }),
  }),
  z.strictObject({ ...anyRole, ...perceiver, role: z.literal('probe') }),
  z.strictObject({ ...anyRole, ...perceiver, role: z.literal('detector') }),
  z.strictObject({ ...anyRole, ...perceptionModel, role: z.literal('features'), view: shorterView }),
  z.strictObject({ ...anyRole, ...perceptionModel, role: z.literal('image-text'), view: shorterView }),
  z.strictObject({ ...anyRole, ...perceptionModel, role: z.literal('aesthetic'), view: shorterView }),
  z.strictObject({
    ...anyRole,
    ...perceptionModel,
    role: z.literal('imaging'),
    /** Frames as they are judged, and with longer sides of `small` and `large`; all filled up to whole patches. */
    view: z.strictObject({ small: pixels, large: pixels, patch: positive.max(256) }),
  }),
  z.strictObject({
    ...anyRole,
    ...perceptionModel,
    role: z.literal('flow'),
    /** Whole frames, filled up to sides that are multiples. */
    view: z.strictObject({ multiple: positive.max(256) }),
  }),
  z.strictObject({
    ...anyRole,
    role: z.literal('finder'),
    context,
    /** What scores call the model; name and version of its package when absent. No leaderboard has such a model. */
    model: text.max(100).optional(),
    /** Frames as squares of that side, black on the right and below. */
    view: z.strictObject({ square: pixels }),
    find: z.strictObject({
      /** The sentence that names what is looked for, at `{}`. */
      prompt: text.max(200).includes('{}'),
      /** Least certainty of what counts as found. */
      certainty: share,
      /** Shared part of two boxes, of their union, above which they are one. */
      overlap: share,
    }),
  }),
]);
