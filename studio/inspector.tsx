import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ItemAnswer, StageAnswer, StoryAnswer } from '../serve/answers.ts';
import { api, apiErrorOf } from './api.ts';
import type { ApiError } from './api.ts';
import { clock, isLive, stageWords, stateWords } from './format.ts';
import { joinMark, Mark, StateMark } from './marks.tsx';

/** What is known of the chosen item, and what can be done with it. */
export function Inspector({
  story,
  item,
  onFail,
  onChanged,
}: {
  readonly story: StoryAnswer;
  readonly item: ItemAnswer;
  readonly onFail: (error: ApiError | null) => void;
  readonly onChanged: (storyId: string) => void;
}): JSX.Element {
  const [words, setWords] = useState<string | null>(null);
  const [busy, setBusy] = useState<'reword' | 'reroll' | null>(null);
  const { fps } = story.output;
  const start = (item.first_frame ?? 0) / fps;
  const change = async (kind: 'reword' | 'reroll'): Promise<void> => {
    setBusy(kind);
    onFail(null);
    try {
      const { story_id: id } =
        kind === 'reroll' ? await api.reroll(story.id, item.id) : await api.reword(story.id, item.id, words ?? '');
      setWords(null);
      onChanged(id);
    } catch (error) {
      onFail(apiErrorOf(error));
    } finally {
      setBusy(null);
    }
  };
  const written = words ?? item.prompt ?? '';
  const isChanged = words !== null && words.trim() !== '' && words !== item.prompt;
  return (
    <aside class="inspector" aria-label={`About ${item.name}`}>
      <header>
        <h2>
          {item.kind === 'join' && <Mark name={joinMark(item.join)} />}
          {item.id}
        </h2>
        <StateMark state={item.state} />
      </header>
      {item.trouble !== null && (
        <p class="hint">
          <Mark name="warn" /> {item.trouble}
        </p>
      )}
      {item.kind === 'shot' ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isChanged) void change('reword');
          }}
        >
          <label for="words">Words</label>
          <textarea
            id="words"
            rows={3}
            value={written}
            readOnly={!item.editable}
            maxLength={400}
            onInput={(event) => {
              setWords(event.currentTarget.value);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && isChanged) void change('reword');
              if (event.key === 'Escape') setWords(null);
            }}
          />
          {!item.editable && <p class="soft small">This shot has several prompts; change them in the script.</p>}
          <div class="buttons">
            <button type="submit" class="button primary" disabled={!isChanged || busy !== null}>
              {busy === 'reword' ? 'Changing…' : 'Make it again'}
            </button>
            <button
              type="button"
              class="button"
              disabled={busy !== null}
              onClick={() => void change('reroll')}
              title="Another seed"
            >
              <Mark name="dice" /> {busy === 'reroll' ? 'Rolling…' : 'Reroll'}
            </button>
          </div>
          {!isLive(story) && (
            <p class="soft small">This story is over. A change begins a new one, which keeps all other shots.</p>
          )}
        </form>
      ) : (
        <p class="words">
          {item.kind === 'join' ? (item.prompt ?? `A ${item.join ?? 'join'} of frames`) : (item.prompt ?? '')}
        </p>
      )}
      <dl>
        {item.seed !== null && (
          <>
            <dt>Seed</dt>
            <dd>{item.seed}</dd>
          </>
        )}
        {item.join !== null && (
          <>
            <dt>Join</dt>
            <dd>{item.join}</dd>
          </>
        )}
        <dt>In the film</dt>
        <dd>
          {clock(start)} · {((item.frames ?? 0) / fps).toFixed(1)} s · {item.frames} frames
        </dd>
      </dl>
      <ul class="stages" aria-label="Stages">
        {item.stages.map((stage) => (
          <Stage key={stage.stage} stage={stage} />
        ))}
      </ul>
    </aside>
  );
}

function Stage({ stage: { stage, state, done, of, note } }: { readonly stage: StageAnswer }): JSX.Element {
  const share = of === 0 ? 0 : Math.min(1, done / of);
  return (
    <li class={state}>
      <span>{stageWords[stage] ?? stage}</span>
      <span class="bar" aria-hidden="true">
        <b style={{ width: `${String(100 * share)}%` }} />
      </span>
      <span class="soft">
        {state === 'running' && note !== null
          ? note
          : of > 1 && state === 'running'
            ? `${String(Math.floor(done))} of ${String(of)}`
            : (stateWords[state] ?? state)}
      </span>
    </li>
  );
}
