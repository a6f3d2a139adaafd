import {
  type Block,
  type BlockKind,
  type Document,
  type ListPlace,
  Prose,
  type Section,
  type TablePlace,
} from './block.ts'
import { type Comment, commentsIn, lineComment, mayHaveComments } from './comment.ts'

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
export function readText(source: string): Document {
  const sections: Section[] = [{ title: '', level: 0, role: 'none' }]
  const blocks: Block[] = []
  const starts = [0]
  for (const found of source.matchAll(/\r\n|\r|\n/g)) starts.push(found.index + found[0].length)
  const speaks = mayHaveComments(source)
  /** Comments that take a line of their own, by the number of the line; such a line is read as a blank one. */
  const lineComments = new Map<number, Comment>()
  const lines = source.split(/\r\n|\r|\n/)
  const lineAt = (index: number): string | undefined => (lineComments.has(index) ? '' : lines[index])
  if (speaks) {
    for (const [index, start] of starts.entries()) {
      const found = lineComment(lineAt(index) ?? '', start)
      if (found) lineComments.set(index, found)
    }
  }
  let open: { kind: BlockKind; prose: Prose; list?: ListPlace } | undefined
  let list: ListPlace | undefined
  let listCount = 0
  /** Where the text of the line before ends. */
  let lineEnd = 0
  const comments = [...source.matchAll(/<!--[\s\S]*?(?:-->|$)/g)].map(
    (found) => [found.index, found.index + found[0].length] as const,
  )
  let comment = 0
  /** A line as it shows: a comment beside a heading does not make it a paragraph. */
  const bare = (line: string | undefined): string | undefined =>
    comments.length ? line?.replace(/<!--.*?(?:-->|$)/g, '') : line
  /** Adds the part of the source that is no comment; called from the start of the source to its end. */
  const addText = (prose: Prose, from: number, to: number): void => {
    let at = from
    while (comment < comments.length && (comments[comment]?.[1] ?? 0) <= from) comment++
    for (let next = comment; next < comments.length; next++) {
      const [start, end] = comments[next] as readonly [number, number]
      if (start >= to) break
      prose.add(at, start)
      prose.skip('other', Math.max(at, start), Math.min(end, to))
      at = Math.min(end, to)
    }
    prose.add(at, to)
  }
  const add = (kind: BlockKind, prose: Prose, place?: ListPlace, cell?: TablePlace): Block | undefined => {
    const read = prose.finish()
    if (!read) return undefined
    const block: Block = {
      kind,
      index: blocks.length,
      role: 'none',
      section: sections.at(-1) as Section,
      quoted: false,
      ...read,
      list: place,
      ...(cell && { table: cell }),
    }
    blocks.push(block)
    return block
  }
  const close = (): void => {
    if (open) add(open.kind, open.prose, open.list)
    open = undefined
  }
  let table: { table: number; row: number; headers: string[] } | undefined
  let tableCount = 0
  /** Reads the cells of a row; a bar behind a backslash stands for itself. */
  const addRow = (line: string, from: number): void => {
    table = table ? { ...table, row: table.row + 1 } : { table: ++tableCount, row: 0, headers: [] }
    const bars = [...line.matchAll(/(?<!\\)\|/g)].map(({ index }) => index)
    for (const [column, bar] of bars.slice(0, -1).entries()) {
      const prose = new Prose(source)
      addText(prose, from + bar + 1, from + (bars[column + 1] as number))
      if (table.row === 0) table.headers[column] = prose.text.trim()
      add('cell', prose, undefined, {
        table: table.table,
        row: table.row,
        column,
        header: table.headers[column] ?? '',
      })
    }
  }

  for (let index = 0; index < starts.length; index++) {
    const line = lineAt(index) ?? ''
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
      close()
      list = undefined
      const prose = new Prose(source)
      const number = /^[ \t]*\d+(?:\.\d+)*\.?[ \t]+/.exec(line)?.[0] ?? ''
      addText(prose, from + number.length, to)
      const level = Math.min(6, (number.match(/\d+/g)?.length ?? 1) + (blocks.length === 0 || number ? 0 : 1))
      let parent = sections.at(-1) as Section
      while (parent.level >= level && parent.parent) parent = parent.parent
      const section: Section = { title: prose.text.trim(), level, parent, role: 'none' }
      sections.push(section)
      section.heading = add('heading', prose)
      continue
    }
    const mark = item.exec(line)
    if (mark) {
      close()
      const depth = Math.min(8, Math.floor((mark[1] as string).replaceAll('\t', '    ').length / 2))
      const ordered = mark[2] === undefined
      if (!list || list.ordered !== ordered || list.depth !== depth) {
        const last = blocks.at(-1)
        list = { list: listCount++, ordered, depth, index: -1, lead: last?.list ? list?.lead : last }
      }
      list.index++
      const prose = new Prose(source)
      addText(prose, from + mark[0].length, to)
      open = { kind: 'item', prose, list: { ...list } }
      lineEnd = to
      continue
    }
    if (open) {
      // the line break parts the words of two lines, as it does on the page
      addText(open.prose, lineEnd, to)
      lineEnd = to
      continue
    }
    if (!/^\s/.test(line)) list = undefined
    const prose = new Prose(source)
    addText(prose, from, to)
    open = { kind: 'paragraph', prose }
    lineEnd = to
  }
  close()
  const said = comments.flatMap(([from, to]) => (speaks ? commentsIn(source, from, to) : []))
  return {
    source,
    blocks,
    sections,
    comments: [...said, ...lineComments.values()].sort((a, b) => a.start - b.start),
  }
}
