import {
  type Block,
  type BlockKind,
  type Change,
  type Document,
  type ListPlace,
  type OpenDocument,
  Prose,
  type Reading,
  type Reread,
  readPlain,
  type Section,
  type TablePlace,
} from './block.ts'
import { type Comment, commentsIn, lineComment, mayHaveComments } from './comment.ts'
import { areTwoLines, type Before, type Piece, Pieces, parentOf, type Stretch } from './pieces.ts'
import type { SourceText } from './rope.ts'

const item = /^([ \t]*)(?:([-*•‣◦–])|(?:step[ \t]+)?(\d{1,3}|[a-z]|[ivx]{1,5})[.):])[ \t]+(?=\S)/i
/** A row of a table, drawn with bars as in Markdown; it needs a second one beside it. */
const tableRow = /^[ \t]*\|.*\|[ \t]*$/
/** The line under the header of a table. */
const tableRule = /^[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$/
const underline = /^[ \t]*(?:={3,}|-{3,}|~{3,}|\*{3,}|_{3,})[ \t]*$/

/** Whether a line of plain text by itself is a heading: short, no full stop, capitals or numbered like one. */
function isHeading(
  line: string,
  next: string | undefined,
  before: string | undefined,
  below: string | undefined,
): boolean {
  const text = line.trim()
  if (!text || text.length > 80 || /[.;,]$/.test(text)) return false
  if (next !== undefined && underline.test(next) && next.trim().length > 2) return true
  const alone = (before === undefined || before.trim() === '') && (next === undefined || next.trim() === '')
  if (!alone) return false
  if (/\p{L}/u.test(text) && text === text.toUpperCase()) return true
  // "2. Pay the driver" over "3. Close the gate" are steps with blank lines between them, not headings; over "1. Ask" it is one
  const number = /^(\d+)\.[ \t]/.exec(text)?.[1]
  const numberBelow = /^[ \t]*(\d+)\.[ \t]/.exec(below ?? '')?.[1]
  if (number && (below === undefined || (numberBelow && (numberBelow !== '1' || number === '1')))) return false
  return /^\d+(?:\.\d+)*\.?[ \t]+\p{Lu}/u.test(text) && text.split(/\s+/).length <= 10 && !/[:?!]$/.test(text)
}

/** Reads plain text into blocks: headings by their looks, lists and tables by their marks, paragraphs between blank lines. */
export const readText = (source: string): Document => openText(source).document

/** Reads plain text into a document that can be edited. */
export const openText = (source: string): OpenDocument => new OpenText(source)

/** Whether a text may hold comments, of any kind. They may reach over anything, so such a text is read as a whole. */
const isCommented = (source: string): boolean => source.includes('<!--') || mayHaveComments(source)

class OpenText implements OpenDocument {
  private readonly pieces = new Pieces(leadOf)
  private isCommented: boolean

  constructor(source: string) {
    this.isCommented = isCommented(source)
    this.document.text = source
    this.pieces.replace(0, 0, readLines(source, 0, this.pieces.before(0), this.isCommented), 0)
  }

  get document(): Document {
    return this.pieces.document
  }

  edit(source: SourceText, { from, to, length }: Change): Reread {
    const { document, pieces } = this
    const { all } = pieces
    const old = document.text
    const delta = length - (to - from)
    const wasCommented = this.isCommented
    // where there was no comment, one can only have come about around the change
    this.isCommented = isCommented(
      wasCommented ? `${source}` : source.slice(Math.max(0, from - 10), from + length + 10),
    )
    document.text = source
    if (wasCommented || this.isCommented)
      return pieces.replace(0, all.length, readLines(source, 0, pieces.before(0), true), delta)
    let first = pieces.at(from)
    // how far a piece reaches depends on the lines behind it: what follows makes a line a heading
    while (first > 0 && !areTwoLines(old, all[first]?.from ?? 0, from)) first--
    let end = first
    const meets = (at: number, isFirst: boolean): boolean => {
      while (end < all.length && (all[end]?.from ?? 0) + delta < at) end++
      // the first block of a text is a heading of another level
      return at > to + delta && all[end]?.from === at - delta && !isFirst && pieces.before(end).last !== undefined
    }
    const read = readLines(source, all[first]?.from ?? 0, pieces.before(first), false, meets)
    if (read.isWhole) end = all.length
    // paragraphs beside the change that reach as far as before are left
    const isAlike = (now: Piece | undefined, before: Piece | undefined, moved: number): boolean =>
      now !== undefined &&
      before !== undefined &&
      now.from === before.from + moved &&
      now.to === before.to + moved &&
      now.blocks === before.blocks &&
      ![now, before].some(({ sections, lists, tables }) => sections + lists + tables)
    for (; first < end && (all[first] as Piece).to < from && isAlike(read.pieces[0], all[first], 0); first++)
      read.blocks.splice(0, (read.pieces.shift() as Piece).blocks)
    for (; end > first && (all[end - 1] as Piece).from > to && isAlike(read.pieces.at(-1), all[end - 1], delta); end--)
      read.blocks.length -= (read.pieces.pop() as Piece).blocks
    return pieces.replace(first, end, read, delta)
  }
}

/** The block that leads in to a list behind it; a list leads in to none. */
const leadOf = (last: Block | undefined): Block | undefined => (last?.list ? undefined : last)

/** The end of the line that begins at an offset, without its line break. */
function lineEndOf(source: SourceText, from: number): number {
  let at = from
  for (; at < source.length; at++) {
    const code = source.charCodeAt(at)
    if (code === 10 || code === 13) break
  }
  return at
}

/**
 * Reads lines, from the beginning of a piece to the beginning of one that `meets` accepts, or to the end: then it is
 * the whole. A piece begins with a heading or a paragraph that is not set in, behind a blank line or none.
 */
function readLines(
  source: SourceText,
  start: number,
  before: Before,
  mayBeCommented: boolean,
  meets: (at: number, isFirst: boolean) => boolean = () => false,
): Stretch & { isWhole: boolean } {
  const sections: Section[] = []
  const blocks: Block[] = []
  const pieces: Stretch['pieces'] = []
  const starts = [start]
  const lines: string[] = []
  const lineAt = (index: number): string | undefined => {
    while (lines.length <= index && lines.length < starts.length) {
      const from = starts[lines.length] as number
      const end = lineEndOf(source, from)
      lines.push(source.slice(from, end))
      if (end < source.length) starts.push(source.slice(end, end + 2) === '\r\n' ? end + 2 : end + 1)
    }
    return lineComments.has(index) ? '' : lines[index]
  }
  const whole = mayBeCommented ? `${source}` : ''
  const speaks = mayHaveComments(whole)
  /** Comments that take a line of their own, by the number of the line; such a line is read as a blank one. */
  const lineComments = new Map<number, Comment>()
  if (speaks) {
    for (let index = 0; lineAt(index) !== undefined; index++) {
      const found = lineComment(lineAt(index) ?? '', starts[index] as number)
      if (found) lineComments.set(index, found)
    }
  }
  let open: { kind: BlockKind; from: number; list?: ListPlace } | undefined
  let list: ListPlace | undefined
  /** What leads in to the list stands before the piece. */
  let isLed = false
  let listCount = before.lists
  let section = before.section
  /** Where the text of the line before ends. */
  let lineEnd = 0
  const comments = [...whole.matchAll(/<!--[\s\S]*?(?:-->|$)/g)].map(
    (found) => [found.index, found.index + found[0].length] as const,
  )
  let comment = 0
  /** A line as it shows: a comment beside a heading does not make it a paragraph. */
  const bare = (line: string | undefined): string | undefined =>
    comments.length ? line?.replace(/<!--.*?(?:-->|$)/g, '') : line
  /** Reads a range of the source without its comments; called from the start of the source to its end. */
  const read = (from: number, to: number): Reading | undefined => {
    if (!comments.length) return readPlain(source, from, to)
    const prose = new Prose(source)
    let at = from
    while (comment < comments.length && (comments[comment]?.[1] ?? 0) <= from) comment++
    for (let next = comment; next < comments.length; next++) {
      const [commentStart, commentEnd] = comments[next] as readonly [number, number]
      if (commentStart >= to) break
      prose.add(at, commentStart)
      prose.skip('other', Math.max(at, commentStart), Math.min(commentEnd, to))
      at = Math.min(commentEnd, to)
    }
    prose.add(at, to)
    return prose.finish()
  }
  const last = (): Block | undefined => blocks.at(-1) ?? before.last
  const add = (
    kind: BlockKind,
    reading: Reading | undefined,
    place?: ListPlace,
    cell?: TablePlace,
  ): Block | undefined => {
    if (!reading) return undefined
    const block: Block = {
      kind,
      index: 0,
      role: 'none',
      section,
      quoted: false,
      prose: reading.prose,
      start: reading.start,
      end: reading.end,
      marks: reading.marks,
      segments: reading.segments,
      list: place,
      table: cell,
      tokens: undefined,
      facts: undefined,
    }
    blocks.push(block)
    return block
  }
  const close = (): void => {
    if (open) add(open.kind, read(open.from, lineEnd), open.list)
    open = undefined
  }

  let table: { row: number; headers: string[] } | undefined
  let tableCount = before.tables
  /** Reads the cells of a row; a bar behind a backslash stands for itself. */
  const addRow = (line: string, from: number): void => {
    if (!table) tableCount++
    table = table ? { ...table, row: table.row + 1 } : { row: 0, headers: [] }
    const bars = [...line.matchAll(/(?<!\\)\|/g)].map(({ index }) => index)
    for (const [column, bar] of bars.slice(0, -1).entries()) {
      const reading = read(from + bar + 1, from + (bars[column + 1] as number))
      if (table.row === 0) table.headers[column] = reading?.prose ?? ''
      const header = table.headers[column] ?? ''
      add('cell', reading, undefined, { table: tableCount, row: table.row, column, header })
    }
  }

  let led: ListPlace[] = []
  /** What there was before the piece that is read. */
  let [firstBlock, firstSection, firstList, firstTable] = [0, 0, listCount, tableCount]
  let pieceFrom = start
  const endPiece = (to: number): void => {
    pieces.push({
      from: pieceFrom,
      to,
      kind: 'text',
      blocks: blocks.length - firstBlock,
      sections: sections.length - firstSection,
      comments: 0,
      lists: listCount - firstList,
      tables: tableCount - firstTable,
      led,
      defined: nothing,
      asked: nothing,
    })
    ;[firstBlock, firstSection, firstList, firstTable] = [blocks.length, sections.length, listCount, tableCount]
    pieceFrom = to
    led = []
  }
  /** Whether another piece begins with a line and is to be read. */
  const begins = (index: number): boolean => {
    const at = starts[index] as number
    if (index === 0 || lineAt(index - 1)?.trim() !== '') return true
    close()
    endPiece(at)
    return !meets(at, !last())
  }

  let isWhole = true
  for (let index = 0; ; index++) {
    const line = lineAt(index)
    if (line === undefined) break
    const from = starts[index] as number
    const to = from + line.length
    const isRow =
      tableRow.test(line) &&
      (table !== undefined || tableRow.test(lineAt(index + 1) ?? '')) &&
      !(table === undefined && tableRule.test(line))
    if (!isRow) table = undefined
    if (!line.trim()) {
      close()
      continue
    }
    if (isRow) {
      close()
      list = undefined
      if (!tableRule.test(line)) addRow(line, from)
      continue
    }
    if (underline.test(line)) {
      close()
      continue
    }
    let below = index + 1
    while (lineAt(below)?.trim() === '') below++
    if (
      isHeading(
        bare(line) ?? '',
        bare(lineAt(index + 1)),
        index > 0 ? bare(lineAt(index - 1)) : undefined,
        bare(lineAt(below)),
      )
    ) {
      isWhole = begins(index)
      if (!isWhole) break
      close()
      list = undefined
      const number = /^[ \t]*\d+(?:\.\d+)*\.?[ \t]+/.exec(line)?.[0] ?? ''
      const reading = read(from + number.length, to)
      const level = Math.min(6, (number.match(/\d+/g)?.length ?? 1) + (!last() || number ? 0 : 1))
      section = { title: reading?.prose ?? '', level, parent: parentOf(section, level), role: 'none' }
      sections.push(section)
      const heading = add('heading', reading)
      if (heading) section.heading = heading
      continue
    }
    const mark = item.exec(line)
    if (mark) {
      close()
      const depth = Math.min(8, Math.floor((mark[1] as string).replaceAll('\t', '    ').length / 2))
      const ordered = mark[2] === undefined
      if (!list || list.ordered !== ordered || list.depth !== depth) {
        isLed = list ? isLed && last()?.list !== undefined : blocks.length === firstBlock
        list = { list: listCount++, ordered, depth, index: -1, lead: last()?.list ? list?.lead : last() }
      }
      list.index++
      open = { kind: 'item', from: from + mark[0].length, list: { ...list } }
      if (isLed && open.list) led.push(open.list)
      lineEnd = to
      continue
    }
    if (open) {
      // the line break parts the words of two lines, as it does on the page
      lineEnd = to
      continue
    }
    if (!/^\s/.test(line)) {
      isWhole = begins(index)
      if (!isWhole) break
      list = undefined
    }
    open = { kind: 'paragraph', from }
    lineEnd = to
  }
  if (isWhole) {
    close()
    endPiece(source.length)
  }
  const said = comments.flatMap(([from, to]) => (speaks ? commentsIn(source, from, to) : []))
  const all = [...said, ...lineComments.values()].sort((a, b) => a.start - b.start)
  // comments are read with all of a text, whose first piece may as well have them
  if (pieces[0]) pieces[0].comments = all.length
  return { pieces, blocks, sections, comments: all, isWhole }
}

const nothing: readonly never[] = []
