import type { VFileMessage } from 'vfile-message'
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic,
  type SnippetTextEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { editOf } from '../engine/fix.ts'
import { placeholdersOf } from '../engine/index.ts'
import { findingToDiagnostic, source, spanOf } from './diagnostic.ts'

/** Longest rewrite shown in full in a menu, in characters. */
const titleLength = 80

/** True if the client asks for quick fixes: for all kinds, for `quickfix` or for a kind above it, but not for one below. */
export function wantsQuickFixes({ only }: CodeActionParams['context']): boolean {
  return !only || only.some((kind) => kind === CodeActionKind.Empty || kind === CodeActionKind.QuickFix)
}

/**
 * One quick fix for each rewrite of each finding that touches the range. What to fix comes from the document as it is
 * now and not from the diagnostics the client sends along: those may be old, and `data` gets lost in some clients.
 */
export function quickFixes(
  findings: readonly VFileMessage[],
  document: TextDocument,
  { range, context }: CodeActionParams,
  client: ClientCapabilities,
): CodeAction[] {
  const from = document.offsetAt(range.start)
  const to = document.offsetAt(range.end)
  const actions = findings.flatMap((finding) => {
    const { start, end } = spanOf(finding)
    if (start > to || end < from) return []
    const own = findingToDiagnostic(finding, document)
    const diagnostics = context.diagnostics.filter((known) => isSame(known, own))
    return (finding.expected ?? []).map((rewrite) => ({
      title: titleOf(rewrite, finding.actual ?? ''),
      kind: CodeActionKind.QuickFix,
      diagnostics: diagnostics.length ? diagnostics : [own],
      edit: workspaceEditOf(rewrite, finding, document, client),
      whole: placeholdersOf(rewrite, finding.actual ?? '').length === 0,
    }))
  })
  // Auto Fix applies what is preferred without showing it. Of several rewrites only the writer can choose, and
  // one with a place left to fill in is not finished: so a rewrite is preferred where nothing is left to decide.
  const preferred = actions.length === 1
  return actions.map(({ whole, ...action }) => (preferred && whole ? { ...action, isPreferred: true } : action))
}

function isSame(known: Diagnostic, own: Diagnostic): boolean {
  return (
    known.source === source &&
    known.code === own.code &&
    known.range.start.line === own.range.start.line &&
    known.range.start.character === own.range.start.character &&
    known.range.end.line === own.range.end.line &&
    known.range.end.character === own.range.end.character
  )
}

function titleOf(rewrite: string, actual: string): string {
  return rewrite === '' ? `Remove “${shorten(actual)}”` : `Rewrite as “${shorten(rewrite)}”`
}

/** On one line, cut in the middle: alternatives differ at their start or at their end. */
function shorten(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()]
  if (characters.length <= titleLength) return characters.join('')
  const half = titleLength / 2 - 1
  return `${characters.slice(0, half).join('').trimEnd()} … ${characters.slice(-half).join('').trimStart()}`
}

function workspaceEditOf(
  rewrite: string,
  finding: VFileMessage,
  document: TextDocument,
  { workspace }: ClientCapabilities,
): WorkspaceEdit {
  const { start, end, text } = editOf(finding, rewrite, document.getText())
  const range = { start: document.positionAt(start), end: document.positionAt(end) }
  const plain: TextEdit = { range, newText: text }
  if (!workspace?.workspaceEdit?.documentChanges) return { changes: { [document.uri]: [plain] } }
  // Editors indent the further lines of a snippet like its first, which would move the text of a list item.
  const asSnippet = workspace.workspaceEdit.snippetEditSupport && !/[\r\n]/.test(text)
  const value = asSnippet ? snippetOf(text, finding.actual ?? '') : undefined
  const edit: TextEdit | SnippetTextEdit = value === undefined ? plain : { range, snippet: { kind: 'snippet', value } }
  // With its version, so that an editor whose document has moved on refuses the edit.
  return { documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits: [edit] }] }
}

/**
 * The rewrite as a snippet that stops at each placeholder, or undefined where it has none. The brackets stay in the
 * text: a place that nobody filled in shows, as it does without snippets. One name is one place, filled in once.
 */
function snippetOf(rewrite: string, actual: string): string | undefined {
  const placeholders = placeholdersOf(rewrite, actual)
  if (placeholders.length === 0) return undefined
  const stops: string[] = []
  let snippet = ''
  let end = 0
  for (const placeholder of placeholders) {
    snippet += escapeSnippet(rewrite.slice(end, placeholder.start))
    end = placeholder.end
    const known = stops.indexOf(placeholder.name)
    const stop = known < 0 ? stops.push(placeholder.name) : known + 1
    snippet += `\${${stop}:${escapeSnippet(rewrite.slice(placeholder.start, end))}}`
  }
  return snippet + escapeSnippet(rewrite.slice(end))
}

function escapeSnippet(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&')
}
