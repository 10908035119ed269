const hash = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

/**
 * Every hash of 64 hex digits in a text: each key of an artifact or an upload that a manifest, a plan or a history mentions in
 * whatever place, also one written by another release. It takes hashes of contents along, which are no keys and do no harm:
 * to keep too much costs bytes, to keep too little costs work.
 */
export function namedKeys(text: string): ReadonlySet<string> {
  return new Set(text.match(hash) ?? []);
}
