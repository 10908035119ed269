import type { FilmText, FilmWords } from './film-words.ts';

/** Captions as files that players read beside the film. */

type Captions = Pick<FilmWords, 'captions' | 'rate'>;

/** Captions as WebVTT (https://www.w3.org/TR/webvtt1/). */
export function webVtt({ captions, rate }: Captions): string {
  const cues = captions.map(
    ({ from, until, text }, index) =>
      `${index + 1}\n${timeOf(from, rate, '.')} --> ${timeOf(until, rate, '.')}\n${escaped(text)}\n`,
  );
  return ['WEBVTT\n', ...cues].join('\n');
}

/** Captions as SubRip, which most players and editors read. */
export function subRip({ captions, rate }: Captions): string {
  return captions
    .map(({ from, until, text }: FilmText, index) =>
      [`${index + 1}`, `${timeOf(from, rate, ',')} --> ${timeOf(until, rate, ',')}`, ...text.split('\n'), ''].join(
        '\r\n',
      ),
    )
    .join('\r\n');
}

/** `00:01:02.500`: the time of a frame, to the millisecond. */
function timeOf(frame: number, { num, den }: Captions['rate'], point: string): string {
  const ms = Math.round((frame * den * 1000) / num);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const clock = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map(two).join(':');
  return `${clock}${point}${String(ms % 1000).padStart(3, '0')}`;
}

/** Text of a cue: what WebVTT would take for a mark is none. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
