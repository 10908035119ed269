/** The words of a text, lower case, without punctuation. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}'-]+/gu) ?? [];
}

/** The words of a kind whose phrases stand in a prompt. A phrase inside a longer one that also stands there does not count. */
export function namedIn(prompt: string, kind: Readonly<Record<string, readonly string[]>>): string[] {
  const text = ` ${wordsOf(prompt).join(' ')} `;
  const found = Object.entries(kind).flatMap(([word, phrases]) =>
    phrases
      .map((phrase) => ({ word, phrase: ` ${wordsOf(phrase).join(' ')} ` }))
      .filter(({ phrase }) => text.includes(phrase)),
  );
  const longest = found.filter(
    ({ phrase }) => !found.some((other) => other.phrase !== phrase && other.phrase.includes(phrase)),
  );
  return [...new Set(longest.map(({ word }) => word))];
}
