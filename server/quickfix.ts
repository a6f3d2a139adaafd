import type { VFileMessage } from 'vfile-message'
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  CodeActionTriggerKind,
  type Diagnostic,
  type SnippetTextEdit,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { type Edit, editOf } from '../engine/fix.ts'
import { type Linter, placeholdersOf } from '../engine/index.ts'
import { severities } from '../engine/severity.ts'
import { findingToDiagnostic, source, spanOf } from './diagnostic.ts'
import type { Level, Scope } from './projectfiles.ts'

/** Longest rewrite shown in full in a menu, in characters. */
const titleLength = 80

/** What hides a finding, or makes its rule weigh otherwise, is offered behind its rewrites. */
export const suppressKind: CodeActionKind = 'quickfix.suppress'
export const configureKind: CodeActionKind = 'quickfix.configure'

/** With more findings than these at once only rewrites are offered: whoever marks a page is not after comments. */
const mostFindings = 3

/** Whether a client asks for actions of a kind: for all kinds, for this one or for one above it. */
export function asksFor({ only }: CodeActionParams['context'], kind: CodeActionKind): boolean {
  return !only || only.some((one) => one === CodeActionKind.Empty || one === kind || kind.startsWith(`${one}.`))
}

/** What is done about a finding beside rewriting it. */
export type Measure = { do: 'here' | 'file' | 'accept' } | { do: 'weigh'; level: Level; scope: Scope }

/** What an action is to do once it is chosen: its finding, in the version of the document that it was offered for. */
export interface Chosen {
  uri: string
  version: number
  rule: string
  /** The place of the finding, as offsets. */
  start: number
  end: number
  measure: Measure
}

/** What beside rewrites can be done, and by whom. */
export interface Offer {
  /** The editor has commands of its own for it: it asks which weight a rule is to have, and saves what is written. */
  commands: boolean
  /** The document belongs to a project whose files can be written. */
  hasProject: boolean
  /** The edits of an action are asked for once it is chosen; else they are wanted at once. */
  resolves: boolean
  levels: Linter['levels']
}

/**
 * One quick fix for each rewrite of each finding that touches the range, and behind them what else can be done. What to fix
 * comes from the document as it is now and not from the diagnostics the client sends along: those may be old, and `data`
 * gets lost in some clients. Actions with `data`, which is a `Chosen`, have no edit yet.
 */
export function quickFixes(
  findings: readonly VFileMessage[],
  document: TextDocument,
  { range, context }: CodeActionParams,
  client: ClientCapabilities,
  offer: Offer,
): CodeAction[] {
  const from = document.offsetAt(range.start)
  const to = document.offsetAt(range.end)
  const touched = findings.filter((finding) => {
    const { start, end } = spanOf(finding)
    return start <= to && end >= from
  })
  const diagnosticsOf = (finding: VFileMessage): Diagnostic[] => {
    const own = findingToDiagnostic(finding, document)
    const known = context.diagnostics.filter((known) => isSame(known, own))
    return known.length ? known : [own]
  }
  const rewrites = asksFor(context, CodeActionKind.QuickFix)
    ? touched.flatMap((finding) =>
        (finding.expected ?? []).map((rewrite) => ({
          title: titleOf(rewrite, finding.actual ?? ''),
          kind: CodeActionKind.QuickFix,
          diagnostics: diagnosticsOf(finding),
          edit: workspaceEditOf([editOf(finding, rewrite, document.getText())], document, client, finding.actual),
          whole: placeholdersOf(rewrite, finding.actual ?? '').length === 0,
        })),
      )
    : []
  // Auto Fix applies what is preferred without showing it. Of several rewrites only the writer can choose, and
  // one with a place left to fill in is not finished: so a rewrite is preferred where nothing is left to decide.
  const preferred = rewrites.length === 1
  // where the edits are wanted at once they are worked out only for who asks, and not at each move of the cursor
  const isIdle = !offer.resolves && context.triggerKind === CodeActionTriggerKind.Automatic
  const others =
    touched.length > mostFindings || isIdle
      ? []
      : touched.flatMap((finding) => measuresFor(finding, document, offer).map((action) => ({ ...action, finding })))
  return [
    ...rewrites.map(({ whole, ...action }) => (preferred && whole ? { ...action, isPreferred: true } : action)),
    ...others
      .filter(({ kind }) => kind && asksFor(context, kind))
      .map(({ finding, ...action }) => ({ ...action, diagnostics: diagnosticsOf(finding) })),
  ]
}

/** What can be done about a finding without changing its words, in the order of how far it reaches. */
function measuresFor(
  finding: VFileMessage,
  document: TextDocument,
  { commands, hasProject, levels }: Offer,
): CodeAction[] {
  const { uri, version } = document
  const { ruleId: rule = '' } = finding
  const { start, end } = spanOf(finding)
  const action = (title: string, kind: CodeActionKind, measure: Measure): CodeAction => ({
    ...{ title, kind },
    data: { uri, version, rule, start, end, measure } satisfies Chosen,
  })
  const command = (title: string, kind: CodeActionKind, command: string): CodeAction => ({
    ...{ title, kind },
    command: { title, command, arguments: [uri, rule, document.positionAt(start)] },
  })
  // what is said about comments is hidden by none
  const isAboutComments = rule.startsWith('silolint/')
  const accept = 'Not for now: accept this one in the baseline of the project'
  return [
    ...(isAboutComments
      ? []
      : [
          action(`Not here: hide ${rule}, and say why`, suppressKind, { do: 'here' }),
          action(`Not in this document: hide ${rule}, and say why`, suppressKind, { do: 'file' }),
          ...(hasProject && commands ? [command(accept, suppressKind, 'silolint.accept')] : []),
          ...(hasProject && !commands ? [action(accept, suppressKind, { do: 'accept' })] : []),
        ]),
    ...(hasProject && commands
      ? [command(`Not in this folder, or milder: change how much ${rule} weighs …`, configureKind, 'silolint.weigh')]
      : []),
    ...(hasProject && !commands
      ? [
          ...(['off', ...severities.toReversed()] as const)
            .filter((level) => level !== levels.get(rule))
            .map((level) => action(levelTitles[level](rule), configureKind, { do: 'weigh', level, scope: 'folder' })),
          action(`Never in this project: switch ${rule} off`, configureKind, {
            do: 'weigh',
            level: 'off',
            scope: 'project',
          }),
        ]
      : []),
  ]
}

const levelTitles: Record<Level, (rule: string) => string> = {
  off: (rule) => `Not in this folder: switch ${rule} off`,
  info: (rule) => `In this folder: ${rule} is information`,
  warning: (rule) => `In this folder: ${rule} is a warning`,
  error: (rule) => `In this folder: ${rule} is an error`,
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

/** On one line, cut in the middle between words: alternatives differ at their start or at their end. */
function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const characters = [...line]
  if (characters.length <= titleLength) return line
  const half = titleLength / 2 - 1
  const whole = (part: string, cut: RegExp): string => part.replace(cut, '') || part
  const head = whole(characters.slice(0, half).join(''), /\s*\S*$/)
  const tail = whole(characters.slice(-half).join(''), /^\S*\s*/)
  return `${head} … ${tail}`
}

/**
 * Edits of a document as an editor makes them, with the version that they are for, so that an editor whose document has
 * moved on refuses them. A text with places to fill in becomes a snippet where the editor takes one.
 *
 * @param replaced the text that is replaced, in which brackets are the author's own
 */
export function workspaceEditOf(
  edits: readonly Edit[],
  document: TextDocument,
  { workspace }: ClientCapabilities,
  replaced = '',
): WorkspaceEdit {
  const plain = edits.map(({ start, end, text }): TextEdit => {
    return { range: { start: document.positionAt(start), end: document.positionAt(end) }, newText: text }
  })
  if (!workspace?.workspaceEdit?.documentChanges) return { changes: { [document.uri]: plain } }
  const takesSnippets = workspace.workspaceEdit.snippetEditSupport
  const made = plain.map((edit): TextEdit | SnippetTextEdit => {
    // Editors indent the further lines of a snippet like its first, which would move the text of a list item.
    const isSafe = !/[\r\n]/.test(edit.newText) || edit.range.start.character === 0
    const value = takesSnippets && isSafe ? snippetOf(edit.newText, replaced) : undefined
    return value === undefined ? edit : { range: edit.range, snippet: { kind: 'snippet', value } }
  })
  return { documentChanges: [{ textDocument: { uri: document.uri, version: document.version }, edits: made }] }
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
