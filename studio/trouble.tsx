import type { JSX } from 'preact';
import type { ApiError } from './api.ts';
import { Mark } from './marks.tsx';

/** What went wrong and what to do, in the server's words. */
export function Trouble({ error }: { readonly error: Pick<ApiError, 'message' | 'next'> }): JSX.Element {
  return (
    <div class="trouble" role="alert">
      <Mark name="warn" />
      <div>
        <p>{error.message}</p>
        {error.next !== null && <p class="soft">{error.next}</p>}
      </div>
    </div>
  );
}
