import type { VFileMessage } from 'vfile-message'
import type { Block, Document } from './block.ts'
import { rangeOf } from './finding.ts'
import { applyEdits, type Edit } from './fix.ts'
import { formatOf } from './format.ts'
import { type LintOptions, type ReadingOptions, type Session, tryOut } from './linter.ts'
import type { SuppressionKind } from './suppression.ts'

/** Where a reason is to be written in a comment, as a placeholder of a rewrite is. */
export const reasonPlace = '[reason]'

/** How a document writes comments: on a line of their own, and within a line. */
interface Style {
  line(text: string): string
  inline(text: string): string
  /** A blank line must follow, or what stands below belongs to the comment. */
  needsBlank?: boolean
}

const between =
  (open: string, close: string): Style['line'] =>
  (text) =>
    `${open} ${text} ${close}`
const html: Style = { line: between('<!--', '-->'), inline: between('<!--', '-->') }
const mdx: Style = { line: between('{/*', '*/}'), inline: between('{/*', '*/}') }
const script: Style = { line: (text) => `# ${text}`, inline: (text) => `# ${text}` }

const lineMarks: ReadonlyArray<[endings: RegExp, mark: string]> = [
  [/\.(?:rst|rest)$/i, '..'],
  [/\.org$/i, '#'],
]

function styleOf({ path = '', format = formatOf(path) }: ReadingOptions): Style {
  if (format === 'markdown') return /\.mdx$/i.test(path) ? mdx : html
  const mark = lineMarks.find(([endings]) => endings.test(path))?.[1] ?? '//'
  return { ...html, line: (text) => `${mark} ${text}`, needsBlank: mark === '..' }
}

/**
 * The edits that put in a comment which hides a finding, in the way the document writes comments, with `reasonPlace` where
 * the reason goes. Of the places for a comment the first is taken at which it hides this finding and no other, and at
 * which the document stays what it is: each is tried before it is offered. Nothing but a comment is put in.
 *
 * @param session the open document, as it was read with `path` and `format`
 * @param scope `here` for the finding alone, `file` for all of its rule in the document
 * @returns undefined where no comment does it
 */
export function hide(
  finding: VFileMessage,
  session: Session,
  scope: 'here' | 'file',
  { today, remarks, ...reading }: ReadingOptions & LintOptions,
): Edit[] | undefined {
  const { source, document } = session
  const rule = finding.ruleId ?? ''
  const { start, end } = rangeOf(finding)
  const key = `${rule} ${start.offset} ${end.offset}`
  const outline = outlineOf(document)
  const places = [
    ...placesFor({ blocks: document.blocks, source, rule, start: start.offset, end: end.offset }, reading)[scope](),
  ]
  return tryOut(session, { today, remarks }, (lint) => {
    /** The findings with these insertions made, each by its rule and its place in the source. */
    const found = (edits: readonly Edit[]): string[] => {
      const back = (offset: number): number => {
        let made = 0
        for (const { start, text } of edits) if (start + made + text.length <= offset) made += text.length
        return offset - made
      }
      return lint(applyEdits(source, edits).source).map((message) => {
        const { start, end } = rangeOf(message)
        return `${message.ruleId} ${back(start.offset)} ${back(end.offset)}`
      })
    }
    const before = found([]).filter((one) => one !== key)
    const others = scope === 'file' ? before.filter((one) => !one.startsWith(`${rule} `)) : before
    let best: { edits: Edit[]; lost: number } | undefined
    for (const edits of places) {
      const after = new Set(found(edits))
      if (after.has(key) || outlineOf(session.document) !== outline) continue
      const lost = others.filter((one) => !after.has(one)).length
      const isNew = [...after].some((one) => !before.includes(one))
      if (!lost && !isNew) return edits
      if (!isNew && (!best || lost < best.lost)) best = { edits, lost }
    }
    return best?.edits
  })
}

/** A finding in its document. */
interface Spot {
  blocks: readonly Block[]
  source: string
  rule: string
  start: number
  end: number
}

/** The edits that put a comment in each of the places where it may hide a finding, the best first. */
function placesFor(
  { blocks, source, rule, start, end }: Spot,
  reading: ReadingOptions,
): { here(): Generator<Edit[]>; file(): Generator<Edit[]> } {
  const newline = source.includes('\r\n') ? '\r\n' : '\n'
  const own = styleOf(reading)
  const lineStart = (offset: number): number => source.lastIndexOf('\n', offset - 1) + 1
  const lineEnd = (offset: number): number => {
    const at = source.indexOf('\n', offset)
    return at < 0 ? source.length : at
  }
  const frontMatter = reading.format === 'text' ? 0 : frontMatterEnd(source)
  const say = (kind: SuppressionKind, rule: string): string => `silolint-${kind} ${rule} -- ${reasonPlace}`
  const insert = (at: number, text: string): Edit => ({ start: at, end: at, text })

  function* here(): Generator<Edit[]> {
    const block = blockAt(blocks, start)
    const style = start < frontMatter ? script : own
    const [blockStart, blockEnd] = block ? extentOf(block) : [start, end]
    const first = lineStart(blockStart)
    const [marks = ''] = /^[ \t>]*/.exec(source.slice(first)) ?? []
    const gap = style.needsBlank ? newline + newline : newline
    const above = insert(first, `${marks}${style.line(say('disable-next-line', rule))}${gap}`)
    const line = style.inline(say('disable-line', rule))
    // what stands at the end of a line means something in Markdown: two blanks or a backslash break it
    const last = lineEnd(Math.max(start, end - 1))
    const [tail = ''] = /[ \t\r]*\\?[ \t\r]*$/.exec(source.slice(lineStart(last), last)) ?? []
    const behind = insert(last - tail.length, ` ${line}`)
    const within = insert(blockEnd, ` ${line}`)
    if (block?.table) yield* [[within], [above]]
    // a comment between items would part their list
    else if (block?.kind === 'item')
      yield* style === own && own.line('') !== own.inline('') ? [[above], [behind]] : [[behind], [above]]
    else yield* [[above], [behind], [within]]
    if (style === script) return
    const [open, close] = [style.inline(say('disable', rule)), style.inline(`silolint-enable ${rule}`)]
    yield [insert(start, open), insert(end, close)]
    yield [insert(first, `${marks}${style.line(say('disable', rule))}${gap}`), insert(end, close)]
  }

  function* file(): Generator<Edit[]> {
    const comment = own.line(say('disable-file', rule))
    const isApart = /^[ \t]*\r?\n/.test(source.slice(frontMatter))
    const needsBreak = frontMatter > 0 && source[frontMatter - 1] !== '\n'
    yield [insert(frontMatter, `${needsBreak ? newline : ''}${comment}${newline}${isApart ? '' : newline}`)]
    const isEnded = /\n$/.test(source)
    yield [insert(source.length, `${isEnded ? '' : newline}${newline}${comment}${newline}`)]
  }

  return { here, file }
}

/** Where the front matter of a document ends, its last line included; 0 where it has none. */
function frontMatterEnd(source: string): number {
  const [all = ''] =
    /^\uFEFF?(---|\+\+\+)[ \t]*\r?\n(?:[\s\S]*?\r?\n)?(?:\1|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(source) ?? []
  return all.length
}

/** Where a block stands with what is no prose of it at either end. */
function extentOf({ start, end, marks }: Block): [start: number, end: number] {
  const starts = marks.map(({ from }) => start + from)
  const ends = marks.map(({ to }) => start + to)
  return [Math.min(start, ...starts), Math.max(end, ...ends)]
}

const blockAt = (blocks: readonly Block[], offset: number): Block | undefined =>
  blocks.find((block) => {
    const [start, end] = extentOf(block)
    return start <= offset && offset < end
  })

/** What a document is to its reader, apart from its comments: the same before and after one is put in. */
const outlineOf = ({ blocks }: Document): string =>
  JSON.stringify(
    blocks.map(({ kind, prose, role, section, list, table, quoted }) => [
      ...[kind, prose.replace(/\s+/g, ' ').trim(), role, quoted, section.title, section.level],
      ...(list ? [list.list, list.ordered, list.depth, list.index, list.lead?.index] : []),
      ...(table ? [table.table, table.row, table.column] : []),
    ]),
  )
