/** A text on one line, without space at its ends. */
export function foldSpaces(value: string): string {
  return value.replace(/\s+/gu, ' ').trim();
}

/** Whether a text is free of control characters and of halves of surrogate pairs, which no model and no file name bears. */
export function isPlainText(value: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(value);
}
