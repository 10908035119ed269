import { styleText } from 'node:util';

/** The meanings that have a colour; nothing is said by colour alone. */
export type Tone = 'title' | 'quiet' | 'good' | 'warn' | 'bad' | 'active';

const styles = {
  title: 'bold',
  quiet: 'dim',
  good: 'green',
  warn: 'yellow',
  bad: 'red',
  active: 'cyan',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Colours text by its meaning. */
export type Paint = (tone: Tone, text: string) => string;

/** The painter of a terminal; the identity where colour is off. */
export function painter(colour: boolean): Paint {
  // The terminal has decided about colour; styleText must not ask the stream a second time.
  if (!colour) return (_tone, text) => text;
  return (tone, text) => (text === '' ? '' : styleText(styles[tone], text, { validateStream: false }));
}
