import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Document, Section } from '../engine/block.ts'

/** The longest name of a step, in UTF-16 units; an outline is narrow. */
const longestName = 70

/** The headings of a process document, each with those below it and with its numbered steps, in source order. */
export function outlineOf({ blocks }: Document, document: TextDocument): DocumentSymbol[] {
  const outline: DocumentSymbol[] = []
  /** Of each section with a heading its symbol and the offset at which its last block ends. */
  const entries = new Map<Section, { symbol: DocumentSymbol; end: number }>()
  for (const { kind, prose, start, end, section, list } of blocks) {
    let parent: DocumentSymbol | undefined
    for (let around: Section | undefined = section; around; around = around.parent) {
      const entry = entries.get(around)
      if (!entry) continue
      parent ??= entry.symbol
      entry.end = end
    }
    const isHeading = kind === 'heading'
    if (!isHeading && !(list?.ordered && list.depth === 0)) continue
    const selectionRange = { start: document.positionAt(start), end: document.positionAt(end) }
    const range = { start: { line: selectionRange.start.line, character: 0 }, end: selectionRange.end }
    const number = document.getText({ start: range.start, end: selectionRange.start })
    const symbol: DocumentSymbol = {
      name: oneLine(number + prose.slice(0, 2 * longestName)),
      kind: isHeading ? SymbolKind.String : SymbolKind.Event,
      range,
      selectionRange,
    }
    const siblings = parent ? (parent.children ??= []) : outline
    siblings.push(symbol)
    if (isHeading) entries.set(section, { symbol, end })
  }
  for (const { symbol, end } of entries.values()) symbol.range.end = document.positionAt(end)
  return outline
}

function oneLine(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ')
  if (line.length <= longestName) return line || '…'
  return `${line.slice(0, longestName).replace(/\s+\S*$/, '')}…`
}
