import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Document, Section } from '../engine/block.ts'

/** The longest name of a step, in UTF-16 units; an outline is narrow. */
const longestName = 70

/** The headings of a process document, each with those below it and with its numbered steps, in source order. */
export function outlineOf({ blocks }: Document, document: TextDocument): DocumentSymbol[] {
  const outline: DocumentSymbol[] = []
  const symbols = new Map<Section, DocumentSymbol>()
  for (const { kind, prose, start, end, section, list } of blocks) {
    const above = sectionsAround(section).flatMap((around) => symbols.get(around) ?? [])
    // a section reaches as far as its last block
    for (const symbol of above) symbol.range.end = document.positionAt(end)
    const isHeading = kind === 'heading'
    if (!isHeading && !(list?.ordered && list.depth === 0)) continue
    const selectionRange = { start: document.positionAt(start), end: document.positionAt(end) }
    const range = { start: { line: selectionRange.start.line, character: 0 }, end: selectionRange.end }
    const number = document.getText({ start: range.start, end: selectionRange.start })
    const symbol: DocumentSymbol = {
      name: oneLine(number + prose),
      kind: isHeading ? SymbolKind.String : SymbolKind.Event,
      range,
      selectionRange,
    }
    const parent = above[0]
    if (parent) (parent.children ??= []).push(symbol)
    else outline.push(symbol)
    if (isHeading) symbols.set(section, symbol)
  }
  return outline
}

/** The section and those that it is part of, the innermost first. */
function sectionsAround(section: Section): Section[] {
  const around: Section[] = []
  for (let at: Section | undefined = section; at; at = at.parent) around.push(at)
  return around
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line.length <= longestName) return line || '…'
  return `${line.slice(0, longestName).replace(/\s+\S*$/, '')}…`
}
