import { useEffect, useState } from 'preact/hooks';

/** Goes to another address of the page without loading it again. */
export function goTo(address: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Puts a value of the query into the address, or takes it out. */
export function setQuery(name: string, value: string | null): void {
  const url = new URL(location.href);
  if (value === null) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  goTo(url.pathname + url.search, 'replace');
}

/** The address as it is, and as it changes. */
export function useAddress(): URL {
  const [address, setAddress] = useState(() => new URL(location.href));
  useEffect(() => {
    const changed = (): void => {
      setAddress(new URL(location.href));
    };
    addEventListener('popstate', changed);
    return () => {
      removeEventListener('popstate', changed);
    };
  }, []);
  return address;
}
