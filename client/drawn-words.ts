import { planProblem } from '../story/script/plan-problem.ts';
import type { ScriptProblem } from '../story/script/read-script.ts';
import type { Card, StoryScript } from '../story/script/script.ts';

/** Words of a script that are drawn into pictures, and where it has them. */
function drawnWords({
  opening,
  closing,
  shots,
  output,
  outputs = [],
}: StoryScript): readonly (readonly [path: string, text: string])[] {
  const ofCard = (path: string, card: Card | undefined): (readonly [string, string])[] =>
    card === undefined
      ? []
      : [
          [path, card.text],
          [`${path}.subtitle`, card.subtitle ?? ''],
        ];
  const burns = [output, ...outputs].some((file) => 'captions' in file && file.captions === 'burn');
  return [
    ...ofCard('opening', opening),
    ...shots.flatMap(({ card, captions = [] }, index) => [
      ...ofCard(`shots[${index}].card`, card),
      ...(burns ? captions.map(({ text }) => [`shots[${index}].caption`, text] as const) : []),
    ]),
    ...ofCard('closing', closing),
  ];
}

/** Words with signs that no font has, each with the signs. Fonts are looked at only when a script has words to draw. */
export async function fontProblems(script: StoryScript): Promise<ScriptProblem[]> {
  const drawn = drawnWords(script).filter(([, text]) => text !== '');
  if (drawn.length === 0) return [];
  const { missingSigns } = await import('../words/fonts.ts');
  return drawn.flatMap(([path, text]) => {
    const missing = missingSigns(text);
    if (missing.length === 0) return [];
    const named = missing
      .slice(0, 5)
      .map((sign) => `${sign} (U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')})`);
    const finding = `has ${named.join(', ')}, which none of the fonts can draw; write it in other signs`;
    return [planProblem(path, finding)];
  });
}
