/** What a person chose; `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

const key = 'shotline-theme';
const order: readonly Theme[] = ['auto', 'light', 'dark'];

/** The theme that was chosen in this browser. */
export function chosenTheme(): Theme {
  const kept = localStorage.getItem(key);
  return order.find((theme) => theme === kept) ?? 'auto';
}

/** Shows the page in the theme that was chosen. */
export function applyTheme(): void {
  document.documentElement.dataset['theme'] = chosenTheme();
}

/** Chooses the next theme, and returns it. */
export function nextTheme(): Theme {
  const next = order[(order.indexOf(chosenTheme()) + 1) % order.length] ?? 'auto';
  localStorage.setItem(key, next);
  applyTheme();
  return next;
}
