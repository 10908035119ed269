/** An error and its causes, outermost first. */
export function* causes(error: unknown): Generator {
  const seen = new Set<unknown>();
  for (let link = error; link !== undefined && link !== null && !seen.has(link);) {
    seen.add(link);
    yield link;
    link = link instanceof Error ? link.cause : undefined;
  }
}
