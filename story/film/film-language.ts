import { iso6392 } from 'iso-639-2';

/** Three letters that say nothing of a language. */
const undetermined = 'und';

/**
 * The three letters of ISO 639-2 for a language by its tag of BCP 47, as MP4 files carry them; `und` where it has none or nothing is
 * said.
 */
export function threeLetters(tag: string | undefined): string {
  const [primary = ''] = (tag ?? '').toLowerCase().split('-');
  const found = iso6392.find(({ iso6391, iso6392B, iso6392T }) =>
    [iso6391, iso6392B, iso6392T].some((letters) => letters === primary),
  );
  return found === undefined ? undetermined : (found.iso6392T ?? found.iso6392B);
}
