import type { JSX } from 'preact';
import type { ApiError } from './api.ts';
import { Mark } from './marks.tsx';

/** What went wrong and what to do, in the server's words. */
export function Trouble({ error }: { readonly error: Pick<ApiError, 'message' | 'next'> }): JSX.Element {
  return (
    <div class="trouble" role="alert">
      <Mark name="warn" />
      <div>
        <p>
          <Words text={error.message} />
        </p>
        {error.next !== null && (
          <p class="soft">
            <Words text={error.next} />
          </p>
        )}
      </div>
    </div>
  );
}

/** Text of the server, in which commands stand between backticks. */
export function Words({ text }: { readonly text: string }): JSX.Element {
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>;
}
