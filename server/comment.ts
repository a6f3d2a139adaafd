import { type CompletionItem, CompletionItemKind, type Position } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { type Linter, suppressionKinds } from '../engine/index.ts'

/** The rules that a comment which hides findings can name, where one is being written. */
export function completeComment(document: TextDocument, position: Position, rules: Linter['rules']): CompletionItem[] {
  const start = { line: position.line, character: 0 }
  const before = document.getText({ start, end: position })
  const typed = comment.exec(before)?.groups?.id
  if (typed === undefined) return []
  const range = { start: { line: position.line, character: position.character - typed.length }, end: position }
  return rules.map(({ id, title }) => ({
    ...{ label: id, kind: CompletionItemKind.Reference, detail: title },
    textEdit: { range, newText: id },
  }))
}

const comment = new RegExp(
  `silolint-(?:${[...suppressionKinds].sort((a, b) => b.length - a.length).join('|')})\\s(?:(?! -- ).)*?(?<id>[\\w-]*)$`,
)
