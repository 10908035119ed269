/**
 * The dimensions that ask for things by name, answered by a model that finds what words name.
 *
 * What is not asked for does not compete: a cat is found wherever something fits `cat` well enough, be it a dog. The published model
 * names what it sees among many words, so its scores are others.
 *
 * Color: every colour that counts is asked for together with the object (`red ball`, `blue ball`, …), and a thing has the colour it
 * fits best. The published model describes things and may name no colour; here each has one, so a video counts if its object is found.
 */
import type { Questions } from '../story/models/questions.ts';
import { color, colours } from './formulas/color.ts';
import type { Dimension } from './formulas/dimensions.ts';
import { multipleObjects, namesOf, objectClass } from './formulas/object-class.ts';
import { sideOf } from './formulas/side-of.ts';
import { spatialRelationship } from './formulas/spatial-relationship.ts';
import type { VideoScore } from './formulas/video-score.ts';
import type { MeasuredScore } from './score-clip.ts';
import type { ClipView } from './perception/clip-view.ts';
import type { Finder, FoundObject, Search } from './perception/finder.ts';
import type { Pause } from './perception/roles.ts';

type Frames = readonly (readonly FoundObject[])[];

interface Question {
  readonly dimension: Dimension;
  readonly search: Search;
  readonly score: (found: Frames) => VideoScore | null;
}

/** Scores some frames of a clip in the dimensions that a finder is asked about; none when nothing is asked. */
export async function answerQuestions(
  finder: Finder,
  clip: ClipView,
  { which, asked, pause }: { readonly which: readonly number[]; readonly asked: Questions; readonly pause: Pause },
): Promise<readonly MeasuredScore[]> {
  const questions = questionsOf(asked, clip);
  if (questions.length === 0) return [];
  const searches = questions.map(({ search }) => search);
  const found = await finder.find(clip, which, searches, pause);
  return questions.map(({ dimension, score }, index) => ({
    dimension,
    model: finder.model,
    score: score(found[index] ?? []),
  }));
}

const labelsOf = (found: Frames) => found.map((objects) => new Set(objects.map(({ name }) => name)));

function questionsOf(
  { object_class: one, multiple_objects: several, color: coloured, spatial_relationship: relation }: Questions,
  { frames: { width, height } }: ClipView,
): readonly Question[] {
  const questions: Question[] = [];
  if (one !== undefined) {
    const score: Question['score'] = (found) => objectClass(labelsOf(found), one);
    questions.push({ dimension: 'object_class', search: { names: [one] }, score });
  }
  if (several !== undefined) {
    const score: Question['score'] = (found) => multipleObjects(labelsOf(found), several);
    questions.push({ dimension: 'multiple_objects', search: { names: namesOf(several) }, score });
  }
  if (coloured !== undefined) {
    const { object } = coloured;
    // One colour in two spellings would be a choice between equals.
    const twin = coloured.color === 'grey' ? 'gray' : 'grey';
    const names = new Set([coloured.color, ...colours.filter((each) => each !== twin)]);
    const captions = [...names].map((each) => `${each} ${object}`);
    const score: Question['score'] = (found) =>
      color(
        found.map((objects) => objects.map(({ name }) => ({ label: object, caption: name }))),
        coloured,
      );
    questions.push({ dimension: 'color', search: { names: captions, exclusive: true }, score });
  }
  if (relation !== undefined) {
    const { objectA, objectB } = relation;
    const names = [...new Set(objectB === 'picture' ? [objectA] : [objectA, objectB])];
    const score: Question['score'] = (found) => {
      const boxes = found.map((objects) => objects.map(({ name, box }) => ({ label: name, box })));
      if (relation.sides !== true) return spatialRelationship(boxes, relation);
      return sideOf(
        boxes.map((objects) => ({ objects, width, height })),
        relation,
      );
    };
    questions.push({ dimension: 'spatial_relationship', search: { names }, score });
  }
  return questions;
}
