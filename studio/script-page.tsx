import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CheckAnswer, ScriptProblemAnswer } from '../serve/answers.ts';
import { api, apiErrorOf } from './api.ts';
import type { ApiError } from './api.ts';
import { clock } from './format.ts';
import { counted } from '../errors/counted.ts';
import { goTo } from './location.ts';
import { openEditor } from './script-editor.ts';
import type { ScriptEditor } from './script-editor.ts';
import { Trouble } from './trouble.tsx';

const draftKey = 'shotline-draft';
/** A pause in the typing. */
const quietMs = 350;

const firstScript = `title: The lighthouse
output: 720p
defaults:
  seed: 7
  quality: standard

# One shot after the other. A shot is a sentence.
shots:
  - id: dawn
    prompt: a red boat sails to the right on the sea at sunset

  - id: night
    prompt: a white house stands still on the snow at night
    join: dissolve

  - id: morning
    prompt: an orange balloon rises over the beach by day
`;

/** The script of a new story, checked while it is written. */
export function ScriptPage({ from }: { readonly from: string | null }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<ScriptEditor | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState<string | null>(null);
  const [check, setCheck] = useState<CheckAnswer | null>(null);
  // The text of a story that was not sent to a server is on somebody's machine: what became of it is there to be read.
  const [isNormal, setNormal] = useState(false);
  const [busy, setBusy] = useState<'submit' | 'upload' | null>(null);
  const [trouble, setTrouble] = useState<ApiError | null>(null);
  const submitNow = useRef<() => void>(() => undefined);
  const uploadNow = useRef<(files: readonly File[]) => void>(() => undefined);

  useEffect(() => {
    document.title = `${from === null ? 'New story' : 'Script'} · Shotline`;
    if (from === null) {
      setText(localStorage.getItem(draftKey) ?? firstScript);
      return;
    }
    api.script(from).then(
      (kept) => {
        setNormal(kept.text === null);
        setText(
          kept.text ??
            `# This story was made from a file on somebody's machine. Change it there; this is what became of it, to be read.\n${JSON.stringify(kept.script, null, 2)}\n`,
        );
      },
      (error: unknown) => {
        setTrouble(apiErrorOf(error));
        setText('');
      },
    );
  }, [from]);

  const isReady = text !== null;
  useEffect(() => {
    if (!isReady || place.current === null) return;
    const opened = openEditor(place.current, text, {
      change: setText,
      submit: () => {
        submitNow.current();
      },
      files: (files) => {
        uploadNow.current(files);
      },
    });
    editor.current = opened;
    return () => {
      opened.close();
    };
    // The editor owns the text from then on.
  }, [isReady]);

  useEffect(() => {
    if (text === null || isNormal) return;
    if (from === null) localStorage.setItem(draftKey, text);
    let isOld = false;
    const timer = setTimeout(() => {
      api.check(text).then(
        (answer) => {
          if (isOld) return;
          setCheck(answer);
          setTrouble(null);
          editor.current?.show(answer.problems, answer.warnings);
        },
        (error: unknown) => {
          if (!isOld) setTrouble(apiErrorOf(error));
        },
      );
    }, quietMs);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [text, from, isNormal]);

  const submit = async (): Promise<void> => {
    if (text === null || busy !== null) return;
    setBusy('submit');
    setTrouble(null);
    try {
      const { id } = await api.submit(text);
      if (from === null) localStorage.removeItem(draftKey);
      goTo(`/stories/${encodeURIComponent(id)}`);
    } catch (error) {
      const trouble = apiErrorOf(error);
      setTrouble(trouble);
      editor.current?.show(trouble.problems, []);
      setBusy(null);
    }
  };
  submitNow.current = () => void submit();
  const upload = async (files: readonly File[]): Promise<void> => {
    setBusy('upload');
    setTrouble(null);
    try {
      for (const file of files) editor.current?.insert(await api.upload(file));
    } catch (error) {
      setTrouble(apiErrorOf(error));
    } finally {
      setBusy(null);
    }
  };
  uploadNow.current = (files) => void upload(files);

  return (
    <div class="page writing">
      <div class="page-head">
        <h1>{from === null ? 'New story' : 'Script'}</h1>
        <div class="buttons">
          <input
            ref={picker}
            type="file"
            accept="image/*,audio/*"
            multiple
            hidden
            onChange={(event) => void upload([...(event.currentTarget.files ?? [])])}
          />
          <button type="button" class="button" disabled={busy !== null} onClick={() => picker.current?.click()}>
            {busy === 'upload' ? 'Sending…' : 'Add a picture or sound'}
          </button>
          <button
            type="button"
            class="button primary"
            disabled={busy !== null || check?.valid !== true}
            title="Ctrl+Enter"
            onClick={() => void submit()}
          >
            {busy === 'submit' ? 'Starting…' : 'Make the film'}
          </button>
        </div>
      </div>
      {trouble !== null && <Trouble error={trouble} />}
      <div class="sheet">
        <div class="editor" ref={place} />
        {!isNormal && (
          <CheckPanel
            check={check}
            onLine={(line) => {
              editor.current?.goToLine(line);
            }}
          />
        )}
      </div>
    </div>
  );
}

function CheckPanel({
  check,
  onLine,
}: {
  readonly check: CheckAnswer | null;
  readonly onLine: (line: number) => void;
}): JSX.Element {
  if (check === null) return <aside class="check" aria-busy="true" aria-label="Check" />;
  return (
    <aside class="check" aria-label="Check" aria-live="polite">
      {check.valid ? (
        <>
          <h2>{check.title}</h2>
          <p class="check-facts">
            {counted(check.shots ?? 0, 'shot')} · {clock(check.seconds ?? 0)} · {counted(check.frames ?? 0, 'frame')}
          </p>
        </>
      ) : (
        <h2>{counted(check.problems.length, 'problem')}</h2>
      )}
      <Findings kind="problem" found={check.problems} onLine={onLine} />
      <Findings kind="warning" found={check.warnings} onLine={onLine} />
      {check.valid && check.warnings.length === 0 && <p class="soft">Nothing to object to.</p>}
      <p class="soft small check-foot">
        Everything a script can say: <code>shotline schema</code>, and <code>docs/script.md</code>.
      </p>
    </aside>
  );
}

function Findings({
  kind,
  found,
  onLine,
}: {
  readonly kind: 'problem' | 'warning';
  readonly found: readonly ScriptProblemAnswer[];
  readonly onLine: (line: number) => void;
}): JSX.Element | null {
  if (found.length === 0) return null;
  return (
    <ul class={`findings ${kind}`}>
      {found.map(({ line, message, path }, index) => (
        <li key={`${path}.${String(index)}`}>
          <button
            type="button"
            onClick={() => {
              onLine(line ?? 1);
            }}
          >
            <span class="line">{line === null ? kind : `line ${String(line)}`}</span>
            <span>{message}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
