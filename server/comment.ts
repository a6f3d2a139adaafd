import { type CompletionItem, CompletionItemKind, type Position } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { type Linter, suppressionKinds } from '../engine/index.ts'
import { patternsOf } from '../engine/suppression.ts'

const kindsSaid: Record<(typeof suppressionKinds)[number], string> = {
  disable: 'Hides findings from here on, to the next silolint-enable.',
  enable: 'Shows findings again from here on.',
  'disable-line': 'Hides findings on this line.',
  'disable-next-line': 'Hides findings in the next paragraph, list item or row.',
  'disable-file': 'Hides findings in the whole document.',
}

/** What can be written in a comment that hides findings: what it does, the rules that it is about, and their patterns. */
export function completeComment(
  document: TextDocument,
  position: Position,
  { catalogue, levels }: Linter,
): CompletionItem[] {
  const start = { line: position.line, character: 0 }
  const before = document.getText({ start, end: position })
  const item = (label: string, kind: CompletionItemKind, detail: string, typed: string): CompletionItem => {
    const range = { start: { line: position.line, character: position.character - typed.length }, end: position }
    return { label, kind, detail, textEdit: { range, newText: label } }
  }
  const word = opening.exec(before)?.groups?.word
  if (word !== undefined)
    return suppressionKinds.map((kind) => item(`silolint-${kind}`, CompletionItemKind.Keyword, kindsSaid[kind], word))
  const { id, pattern } = comment.exec(before)?.groups ?? {}
  if (id === undefined) return []
  // what is off hides nothing
  const rules = catalogue.rules.filter((rule) => levels.has(rule.id))
  if (pattern === undefined)
    return rules.map(({ id: own, title }) => item(own, CompletionItemKind.Reference, title, id))
  const rule = rules.find((rule) => rule.id === id)
  return (rule ? patternsOf(rule) : []).map((name) =>
    item(`${id}:${name}`, CompletionItemKind.Reference, rule?.title ?? '', `${id}${pattern}`),
  )
}

/** A comment that has but begun. */
const opening = /(?:<!--|\{\/\*|^[ \t]*(?:\/\/|\.\.|#))[ \t]*(?<word>silo[\w-]*)$/
const comment = new RegExp(
  `silolint-(?:${[...suppressionKinds].sort((a, b) => b.length - a.length).join('|')})\\s(?:(?! -- ).)*?(?<id>[\\w/-]*)(?<pattern>:[\\w-]*)?$`,
)
