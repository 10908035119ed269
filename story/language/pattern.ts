/** Writes out a pattern of words: `(a|b)` is either, `[c]` may be left out, both nest. `[very] (red|rosy)` has four readings. */
export function readingsOf(pattern: string): readonly string[] {
  return alternativesOf(pattern).map((text) => text.trim().replaceAll(/\s+/g, ' '));
}

function alternativesOf(pattern: string): string[] {
  const open = pattern.search(/[([]/);
  if (open === -1) return [pattern];
  const close = closeOf(pattern, open);
  const inside = splitAtBars(pattern.slice(open + 1, close));
  const choices = pattern[open] === '[' ? ['', ...inside] : inside;
  const ends = alternativesOf(pattern.slice(close + 1));
  return choices.flatMap(alternativesOf).flatMap((choice) => ends.map((end) => pattern.slice(0, open) + choice + end));
}

/** Index of the bracket that closes the one at `open`; the end of a pattern closes all. */
function closeOf(pattern: string, open: number): number {
  let depth = 0;
  for (let at = open; at < pattern.length; at++) {
    if ('(['.includes(pattern.charAt(at))) depth += 1;
    else if (')]'.includes(pattern.charAt(at))) depth -= 1;
    if (depth === 0) return at;
  }
  return pattern.length;
}

/** The parts between the bars that stand in no brackets. */
function splitAtBars(text: string): string[] {
  const bars: number[] = [];
  let depth = 0;
  for (const [at, sign] of text.split('').entries()) {
    if ('(['.includes(sign)) depth += 1;
    if (')]'.includes(sign)) depth -= 1;
    if (sign === '|' && depth === 0) bars.push(at);
  }
  return [-1, ...bars].map((bar, n) => text.slice(bar + 1, bars[n]));
}
