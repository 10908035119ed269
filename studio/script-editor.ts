import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import type { Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { ScriptProblemAnswer } from '../serve/answers.ts';

/** An editor in a page. */
export interface ScriptEditor {
  /** Replaces the whole text. */
  setText(text: string): void;
  /** Puts text where the cursor is. */
  insert(text: string): void;
  /** Shows problems and warnings at their lines. */
  show(problems: readonly ScriptProblemAnswer[], warnings: readonly ScriptProblemAnswer[]): void;
  /** Puts the cursor at the beginning of a line, counted from 1. */
  goToLine(line: number): void;
  /** Lets go of the element. */
  close(): void;
}

/** Colours come from the page, which knows the theme. */
const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--sheet)', color: 'var(--ink)', fontSize: '13.500px' },
  '.cm-content': { fontFamily: 'var(--mono)', padding: '12px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 16px 0 8px' },
  '.cm-scroller': { lineHeight: '1.650', overflow: 'auto' },
  '&.cm-focused': { outline: 'none' },
  '.cm-gutters': { backgroundColor: 'var(--sheet)', color: 'var(--ink-3)', border: 'none', fontFamily: 'var(--mono)' },
  '.cm-activeLine': { backgroundColor: 'var(--line-soft)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--select) !important' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--sheet)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    maxWidth: '46ch',
  },
  '.cm-diagnostic': { padding: '6px 10px', fontFamily: 'var(--sans)' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--warn)' },
});

const signs = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-value)' },
  { tag: tags.comment, color: 'var(--ink-3)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.punctuation, tags.bracket, tags.squareBracket, tags.brace], color: 'var(--ink-3)' },
]);

/** Opens an editor in an element. `onChange` hears the text after each change; `onSubmit` when somebody presses Ctrl+Enter. */
export function openEditor(
  parent: HTMLElement,
  text: string,
  on: {
    readonly change: (text: string) => void;
    readonly submit: () => void;
    readonly files: (files: readonly File[]) => void;
  },
): ScriptEditor {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorView.cspNonce.of(nonce),
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        indentOnInput(),
        yaml(),
        syntaxHighlighting(signs),
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': 'Script of the story', spellcheck: 'false' }),
        keymap.of([
          {
            key: 'Mod-Enter',
            run: () => {
              on.submit();
              return true;
            },
          },
          indentWithTab,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) on.change(state.doc.toString());
        }),
        EditorView.domEventHandlers({
          drop: (event) => {
            const files = [...(event.dataTransfer?.files ?? [])];
            if (files.length === 0) return false;
            event.preventDefault();
            on.files(files);
            return true;
          },
        }),
      ],
    }),
  });
  const diagnostic =
    (severity: Diagnostic['severity']) =>
    (problem: ScriptProblemAnswer): Diagnostic => {
      const { doc } = view.state;
      const line = doc.line(Math.max(1, Math.min(doc.lines, problem.line ?? 1)));
      const indent = /^\s*(?:- )?/.exec(line.text)?.[0].length ?? 0;
      return { from: Math.min(line.to, line.from + indent), to: line.to, severity, message: problem.message };
    };
  return {
    setText(next) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
    },
    insert(added) {
      view.dispatch(view.state.replaceSelection(added));
      view.focus();
    },
    show(problems, warnings) {
      const found = [...problems.map(diagnostic('error')), ...warnings.map(diagnostic('warning'))];
      found.sort((a, b) => a.from - b.from);
      view.dispatch(setDiagnostics(view.state, found));
    },
    goToLine(line) {
      const { from } = view.state.doc.line(Math.max(1, Math.min(view.state.doc.lines, line)));
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
      view.focus();
    },
    close() {
      view.destroy();
    },
  };
}
