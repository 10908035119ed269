import { type ClipReport, distrust, type MissingScore } from './clip-report.ts';
import { appearanceStyle } from './formulas/appearance-style.ts';
import { color, coloredObject } from './formulas/color.ts';
import { cosineSimilarity } from './formulas/cosine.ts';
import type { Dimension } from './formulas/dimensions.ts';
import { actionOf, humanAction } from './formulas/human-action.ts';
import { multipleObjects, objectClass } from './formulas/object-class.ts';
import { scene } from './formulas/scene.ts';
import { sideOf } from './formulas/side-of.ts';
import { type Relationship, spatialRelationship } from './formulas/spatial-relationship.ts';
import { videoText } from './formulas/video-text.ts';
import type { VideoScore } from './formulas/video-score.ts';
import type { MeasuredScore } from './score-clip.ts';
import { conceptFeatures } from './perception/concepts.ts';
import { likeliest, type SeenFrame } from './perception/seen.ts';
import type { SuitePrompt } from './suite.ts';

/** A score, or why there is none. */
export type DimensionOutcome = MeasuredScore | MissingScore;

/** The scores of a clip in the dimensions that its prompt is there for. */
export function scorePrompt(measure: ClipReport, prompt: SuitePrompt): readonly DimensionOutcome[] {
  return prompt.dimension.map((dimension) => {
    const labelFree =
      measure.scores.find((each) => each.dimension === dimension) ??
      measure.missing.find((each) => each.dimension === dimension);
    return labelFree ?? scoreLabels(measure, dimension, prompt);
  });
}

function scoreLabels(measure: ClipReport, dimension: Dimension, prompt: SuitePrompt): DimensionOutcome {
  const rule = dimension === 'spatial_relationship' ? spatialRule(measure, prompt) : labelRules[dimension];
  if (rule === undefined) return { dimension, reason: 'no formula scores it without labels' };
  const eye = measure.eyes[rule.eye];
  const role = rule.eye === 'clip' ? 'probe' : 'detector';
  const reason = distrust(eye, rule.heads, role) ?? rule.lacks?.(measure, prompt) ?? null;
  if (reason !== null || eye === null) return { dimension, reason: reason ?? '' };
  return { dimension, model: eye.model, score: rule.score(measure, prompt) };
}

interface LabelRule {
  readonly eye: 'frames' | 'clip';
  /** Heads that the score rests on. */
  readonly heads: readonly string[];
  /** What the measure or the prompt lacks; `null` when nothing. */
  readonly lacks?: (measure: ClipReport, prompt: SuitePrompt) => string | null;
  readonly score: (measure: ClipReport, prompt: SuitePrompt) => VideoScore | null;
}

const labelsOf = ({ objects }: SeenFrame): ReadonlySet<string> => new Set(objects.map(({ label }) => label));
const info = ({ auxiliary_info }: SuitePrompt) => auxiliary_info ?? {};

/** Only boxes show where something is, and that there are two. */
const needsBoxes = ({ seen }: ClipReport): string | null =>
  seen.some(({ objects }) => objects.some(({ box }) => box === null))
    ? 'the model that looks says what there is and not where'
    : null;

const labelRules: Readonly<Partial<Record<Dimension, LabelRule>>> = {
  object_class: {
    eye: 'frames',
    heads: ['object'],
    score: ({ seen }, prompt) => objectClass(seen.map(labelsOf), info(prompt).object ?? ''),
  },
  multiple_objects: {
    eye: 'frames',
    heads: ['object', 'objects'],
    lacks: needsBoxes,
    score: ({ seen }, prompt) => multipleObjects(seen.map(labelsOf), info(prompt).object ?? ''),
  },
  human_action: {
    eye: 'clip',
    heads: ['motion'],
    score: ({ words }, prompt) => {
      const motion = Object.entries(words['motion'] ?? {});
      // The formula takes logits of independent classes.
      const logits = motion.map(([, share]) => Math.log(share) - Math.log1p(-share));
      const labels = motion.map(([label]) => label);
      return humanAction(logits, labels, info(prompt).action ?? actionOf(prompt.prompt_en));
    },
  },
  color: {
    eye: 'frames',
    heads: ['object', 'colour'],
    score: ({ seen }, prompt) => {
      const wanted = info(prompt).color ?? '';
      const regions = seen.map(({ objects }) =>
        objects.map(({ label, colour }) => ({ label, caption: `a ${colour} ${label}` })),
      );
      const object = info(prompt).object ?? coloredObject(prompt.prompt_en, wanted);
      return color(regions, { object, color: wanted });
    },
  },
  scene: {
    eye: 'frames',
    heads: ['place', 'sky'],
    score: ({ seen }, prompt) =>
      scene(
        seen.map(({ place, sky }) => `${likeliest(place)} ${likeliest(sky)}`),
        info(prompt).scene?.scene.scene ?? '',
      ),
  },
  appearance_style: {
    eye: 'frames',
    heads: ['sky'],
    score: ({ seen }, prompt) => {
      const style = info(prompt).appearance_style ?? '';
      return appearanceStyle(
        seen.map(({ sky }) => {
          const { picture, text } = conceptFeatures({ sky }, { sky: [style] });
          return 100 * cosineSimilarity(picture, text);
        }),
      );
    },
  },
  temporal_style: {
    eye: 'clip',
    heads: ['motion'],
    lacks: ({ said }) => (said['motion'] === undefined ? 'the prompt names no motion that the models know' : null),
    score: ({ words, said }) => {
      const { picture, text } = conceptFeatures(words, { motion: said['motion'] ?? [] });
      return videoText(picture, text);
    },
  },
};

const boxRule: LabelRule = {
  eye: 'frames',
  heads: ['object', 'box'],
  lacks: needsBoxes,
  score: ({ seen, width, height }, prompt) => {
    const wanted = relationOf(prompt);
    const frames = seen.map(({ objects }) => ({
      width,
      height,
      objects: objects.flatMap(({ label, box }) => (box === null ? [] : [{ label, box }])),
    }));
    if (info(prompt).sides === true) return sideOf(frames, wanted);
    return spatialRelationship(
      frames.map(({ objects }) => objects),
      wanted,
    );
  },
};

/** The side of the picture that an object is on, by a model that sees the whole clip and no boxes. */
const positionRule: LabelRule = {
  eye: 'clip',
  heads: ['object', 'position'],
  score: ({ words }, prompt) => {
    const { objectA, relationship } = relationOf(prompt);
    const isThere = likeliest(words['object'] ?? {}) === objectA;
    const side = likeliest(words['position'] ?? {});
    return { score: isThere && side !== '' && relationship.includes(side) ? 1 : 0, weight: 1 };
  },
};

function spatialRule(measure: ClipReport, prompt: SuitePrompt): LabelRule {
  const isOfPicture = info(prompt).sides === true && relationOf(prompt).objectB === 'picture';
  return isOfPicture && needsBoxes(measure) !== null ? positionRule : boxRule;
}

function relationOf(prompt: SuitePrompt): Relationship {
  const {
    object_a = '',
    object_b = '',
    relationship = '',
  } = info(prompt).spatial_relationship?.spatial_relationship ?? {};
  return { objectA: object_a, objectB: object_b, relationship };
}
