import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { goTo, useAddress } from './location.ts';
import { Mark } from './marks.tsx';
import { ScriptPage } from './script-page.tsx';
import { StoryList } from './story-list.tsx';
import { StoryPage } from './story-page.tsx';
import { chosenTheme, nextTheme } from './theme.ts';

/** The page: what is shown follows from the address. */
export function App(): JSX.Element {
  const address = useAddress();
  useEffect(() => {
    const followed = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href]') : null;
      const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (link?.origin !== location.origin || !isPlain || link.target !== '' || link.dataset['load'] !== undefined)
        return;
      event.preventDefault();
      goTo(link.pathname + link.search);
      scrollTo(0, 0);
    };
    addEventListener('click', followed);
    return () => {
      removeEventListener('click', followed);
    };
  }, []);
  return (
    <>
      <a class="skip" href="#main" data-load>
        To the content
      </a>
      <header class="top">
        <a class="brand" href="/" aria-label="Shotline: all stories">
          <Logo />
          <span>Shotline</span>
        </a>
        <nav aria-label="Main">
          <a href="/" aria-current={address.pathname === '/' ? 'page' : undefined}>
            Stories
          </a>
          <a href="/docs" data-load target="_blank" rel="noreferrer">
            API
          </a>
        </nav>
        <div class="top-end">
          <ThemeButton />
          <a class="button" href="/new">
            <Mark name="plus" />
            <span>New story</span>
          </a>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Shown address={address} />
      </main>
    </>
  );
}

function Shown({ address }: { readonly address: URL }): JSX.Element {
  const [, first = '', id = ''] = address.pathname.split('/');
  if (first === 'stories' && id !== '')
    return <StoryPage key={id} id={decodeURIComponent(id)} item={address.searchParams.get('item')} />;
  if (first === 'new') return <ScriptPage from={address.searchParams.get('from')} />;
  return <StoryList />;
}

/** Three shots and the way between them. */
function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 24 16" aria-hidden="true">
      <rect x="0.500" y="2" width="7" height="12" rx="1.500" />
      <rect class="mid" x="9.500" y="6" width="5" height="4" rx="2" />
      <rect x="16.500" y="2" width="7" height="12" rx="1.500" />
    </svg>
  );
}

const themeMarks = { auto: 'auto', light: 'sun', dark: 'moon' } as const;

function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <button
      type="button"
      class="button quiet"
      title={`Colours: ${theme}`}
      aria-label={`Colours: ${theme}. Change`}
      onClick={() => {
        setTheme(nextTheme());
      }}
    >
      <Mark name={themeMarks[theme]} />
    </button>
  );
}
