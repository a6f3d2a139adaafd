import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Block, Document } from '../engine/block.ts'

/** What can be folded away in a process document: sections, items with what belongs to them, tables and comments. */
export function foldingRangesOf({ source, blocks, sections }: Document, document: TextDocument): FoldingRange[] {
  const ranges: FoldingRange[] = []
  const lineAt = (offset: number): number => document.positionAt(offset).line
  const fold = (from: number, to: number, kind?: FoldingRangeKind): void => {
    const within = source.slice(from, to)
    if (!within.includes('\n') && !within.includes('\r')) return
    const [startLine, endLine] = [lineAt(from), lineAt(to)]
    ranges.push({ startLine, endLine, ...(kind && { kind }) })
  }
  /** The end of the last block before the first one from `index` on that no longer belongs to the block. */
  const endOf = (index: number, belongs: (block: Block) => boolean): number => {
    let last = index
    while (last + 1 < blocks.length && belongs(blocks[last + 1] as Block)) last++
    return (blocks[last] as Block).end
  }
  for (const { heading, level } of sections) {
    if (heading)
      fold(
        heading.start,
        endOf(heading.index, ({ kind, section }) => kind !== 'heading' || section.level > level),
      )
  }
  for (const { index, start, list, table } of blocks) {
    if (list)
      fold(
        start,
        endOf(index, (next) => next.list !== undefined && next.list.depth > list.depth),
      )
    else if (table?.row === 0 && blocks[index - 1]?.table?.table !== table.table)
      fold(
        start,
        endOf(index, (next) => next.table?.table === table.table),
      )
  }
  for (const { index, 0: comment } of source.matchAll(/<!--[\s\S]*?-->/g))
    fold(index, index + comment.length, FoldingRangeKind.Comment)
  return ranges
}
