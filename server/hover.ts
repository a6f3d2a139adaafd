import type { VFileMessage } from 'vfile-message'
import { type ClientCapabilities, type Hover, MarkupKind, type Position } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Linter } from '../engine/index.ts'
import { rangeOf, spanOf } from './diagnostic.ts'

/** What is to be known about the findings at a place: message, note and the page of the rule; null where there are none. */
export function hoverAt(
  position: Position,
  findings: readonly VFileMessage[],
  document: TextDocument,
  rules: Linter['rules'],
  client: ClientCapabilities,
): Hover | null {
  const offset = document.offsetAt(position)
  const here = findings.filter((finding) => {
    const { start, end } = spanOf(finding)
    return start <= offset && (offset < end || start === end)
  })
  const [first] = here
  if (!first) return null
  const formats = client.textDocument?.hover?.contentFormat ?? [MarkupKind.PlainText]
  const kind = formats.includes(MarkupKind.Markdown) ? MarkupKind.Markdown : MarkupKind.PlainText
  const value = here.map((finding) => describe(finding, rules, kind)).join('\n\n---\n\n')
  return { range: rangeOf(first, document), contents: { kind, value } }
}

function describe(finding: VFileMessage, rules: Linter['rules'], kind: MarkupKind): string {
  const rule = rules.find(({ id }) => id === finding.ruleId)
  // The message quotes the document, whose characters must not turn into markup of ours.
  const message = kind === MarkupKind.Markdown ? `**${escapeMarkdown(finding.reason)}**` : finding.reason
  const url = rule?.url ?? finding.url
  const link = url && (kind === MarkupKind.Markdown ? `[${finding.ruleId}](${url})` : `${finding.ruleId}: ${url}`)
  const page = rule?.page.trim() ?? ''
  // The note is a paragraph of the page as a rule; said twice it would only be longer.
  const note = page.replace(/\s+/g, ' ').includes(finding.note ?? '') ? '' : finding.note
  return [message, note, page, link].filter(Boolean).join('\n\n')
}

/** Text whose characters must not turn into markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>&~|]/g, '\\$&')
}
