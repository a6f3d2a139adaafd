import { type Input, type NodeSet, type NodeType, type SyntaxNode, type SyntaxNodeRef, Tree } from '@lezer/common'
import {
  Autolink,
  type BlockContext,
  Element,
  InlineContext,
  type LeafBlock,
  type LeafBlockParser,
  type Line,
  type MarkdownConfig,
  parser,
  Strikethrough,
  TaskList,
} from '@lezer/markdown'
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
import { type Comment, commentsIn, mayHaveComments } from './comment.ts'
import { readFrontMatter, readFrontMatterComments } from './frontmatter.ts'
import { decodeEntity, type HtmlPart, readHtml } from './html.ts'
import { areTwoLines, type Before, type Piece, Pieces, parentOf, type Stretch } from './pieces.ts'
import type { SourceText } from './rope.ts'

/**
 * Where front matter ends, 0 where there is none: YAML or TOML between fences at the very start. An unclosed fence is
 * a thematic break, as everywhere else in Markdown, so that a document beginning with one is not swallowed whole.
 */
function frontMatterEnd(source: SourceText): number {
  const fence = frontMatterFence.exec(source.slice(0, source.indexOf('\n', 0) + 1))
  if (!fence) return 0
  const close = fence[1] === '---' ? /\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/g : /\r?\n\+\+\+[ \t]*(?:\r?\n|$)/g
  // it is short as a rule, and the rest of a text is not gone through for nothing
  for (let length = 2000; ; length *= 4) {
    const text = source.slice(0, length)
    const isAll = text.length === source.length
    close.lastIndex = fence[0].length
    const found = close.exec(text)
    const end = found ? found.index + found[0].length : text.length
    if (isAll || end < text.length) return found ? found.index + found[0].trimEnd().length : 0
  }
}
const frontMatterFence = /^\uFEFF?(---|\+\+\+)[^\S\n]*(?=\n)/

const frontMatter: MarkdownConfig = {
  defineNodes: [{ name: 'FrontMatter', block: true }],
  parseBlock: [
    {
      name: 'FrontMatter',
      before: 'LinkReference',
      parse(context: BlockContext, line: Line) {
        if (context.lineStart !== 0) return false
        // the input is not in the published types, yet nothing else can look ahead over many lines
        const end = frontMatterEnd((context as unknown as { input: Lines }).input.source)
        if (!end) return false
        while (context.lineStart + line.text.length < end && context.nextLine()) {}
        context.addElement(context.elt('FrontMatter', 0, context.lineStart + line.text.length))
        context.nextLine()
        return true
      },
    },
  ],
}

/** Lines that are instructions to a site generator: `:::note`, `!!! tip`, MDX imports and exports. */
const directive: MarkdownConfig = {
  defineNodes: [{ name: 'Directive', block: true }],
  parseBlock: [
    {
      name: 'Directive',
      before: 'LinkReference',
      parse(context: BlockContext, line: Line) {
        if (!':!?ie'.includes(line.text[line.pos] ?? ' ')) return false
        const text = line.text.slice(line.pos)
        if (
          !/^(?::{3,}|!!!\+? |\?\?\?\+? |import [^.]* from ['"]|import ['"]|export (?:default|const|let|function|\{) ?)/.test(
            text,
          )
        )
          return false
        const from = context.lineStart + line.pos
        const to = context.lineStart + line.text.length
        context.nextLine()
        context.addElement(context.elt('Directive', from, to))
        return true
      },
      endLeaf: (_, line) => line.text.startsWith(':::', line.pos),
    },
  ],
}

/** `[^1]` in running text, and the note itself, whose text is prose. */
const footnote: MarkdownConfig = {
  defineNodes: [{ name: 'FootnoteReference' }, { name: 'Footnote', block: true }, { name: 'FootnoteLabel' }],
  parseInline: [
    {
      name: 'FootnoteReference',
      before: 'Link',
      parse(context: InlineContext, next: number, at: number) {
        if (next !== 91 || context.char(at + 1) !== 94) return -1
        const found = /^\[\^[^\]\s]+\]/.exec(context.slice(at, Math.min(context.end, at + 100)))
        return found ? context.addElement(context.elt('FootnoteReference', at, at + found[0].length)) : -1
      },
    },
  ],
  parseBlock: [
    {
      name: 'Footnote',
      before: 'LinkReference',
      parse(context: BlockContext, line: Line) {
        if (!line.text.startsWith('[^', line.pos)) return false
        const label = /^\[\^[^\]\s]+\]:[ \t]*/.exec(line.text.slice(line.pos))
        if (!label) return false
        const from = context.lineStart + line.pos
        const textFrom = from + label[0].length
        let to = context.lineStart + line.text.length
        let text = line.text.slice(line.pos + label[0].length)
        // in a quotation the further lines carry marks; they are read as paragraphs of their own
        while (
          context.nextLine() &&
          context.depth === 1 &&
          /\S/.test(line.text) &&
          !/^\[\^|^\S*[#>`|-]/.test(line.text)
        ) {
          text += `\n${line.text}`
          to = context.lineStart + line.text.length
        }
        const label_ = context.elt('FootnoteLabel', from, textFrom)
        context.addElement(context.elt('Footnote', from, to, [label_, ...context.parser.parseInline(text, textFrom)]))
        return true
      },
      endLeaf: (_, line) => line.text.startsWith('[^', line.pos) && /^\[\^[^\]\s]+\]:/.test(line.text.slice(line.pos)),
    },
  ],
}

/** What a template engine puts in later: `{{ name }}`, `{% if %}`, `<%= name %>`, `{/* MDX comment *\/}`, math. */
const template: MarkdownConfig = {
  defineNodes: [{ name: 'Template' }],
  parseInline: [
    {
      name: 'Template',
      before: 'Escape',
      parse(context: InlineContext, next: number, at: number) {
        if (next !== 123 && next !== 60) return -1 // { <
        const close = { '{{': '}}', '{%': '%}', '{/': '/}', '{#': '#}', '<%': '%>' }[
          context.slice(at, Math.min(context.end, at + 2))
        ]
        if (!close) return -1
        const end = context.slice(at, Math.min(context.end, at + 2000)).indexOf(close, 2)
        return end < 0 ? -1 : context.addElement(context.elt('Template', at, at + end + 2))
      },
    },
  ],
}

/** "a.", "iv)" or "12." at the start of a line: items of a list in word processors and in Pandoc. */
const enumerator = /^[ \t]*(?:[a-z]|[ivxl]{1,6}|\d{1,3})[.)][ \t]+(?=\S)/

/** A clause set four blanks in below another is no code: "    ii. Records must be kept." */
const clause: MarkdownConfig = {
  parseBlock: [
    {
      name: 'Clause',
      before: 'IndentedCode',
      parse(context: BlockContext, line: Line) {
        if (line.indent < line.baseIndent + 4 || !enumerator.test(line.text.slice(line.pos))) return false
        const from = context.lineStart + line.pos
        let text = line.text.slice(line.pos)
        while (
          context.nextLine() &&
          context.depth === 1 &&
          /\S/.test(line.text) &&
          !enumerator.test(line.text) &&
          !/^\s*(?:[-*+#>`|]|~~~)/.test(line.text)
        )
          text += `\n${line.text}`
        context.addElement(context.elt('Paragraph', from, from + text.length, context.parser.parseInline(text, from)))
        return true
      },
    },
  ],
}

/** The parser's own looks ahead from every blank of a run, which a line of 40,000 of them makes a matter of seconds. */
const hardBreak: MarkdownConfig = {
  remove: ['HardBreak'],
  parseInline: [
    {
      name: 'HardBreakOnce',
      before: 'Link',
      parse(context: InlineContext, next: number, at: number) {
        if (next === 92 && context.char(at + 1) === 10) return context.addElement(context.elt('HardBreak', at, at + 2))
        if (next !== 32) return -1
        let end = at + 1
        while (context.char(end) === 32) end++
        if (context.char(end) === 10 && end > at + 1) return context.addElement(context.elt('HardBreak', at, end + 1))
        return end
      },
    },
  ],
}

/**
 * Visits the cells of a table's row that are not empty, each with its column, and says how many cells there are. Bars
 * part them, but for those behind a backslash.
 */
function splitRow(
  text: SourceText,
  rowFrom: number,
  rowTo: number,
  visit?: (column: number, from: number, to: number) => void,
): number {
  let count = 0
  let column = 0
  let isFirst = true
  let from = -1
  let to = -1
  let isEscaped = false
  for (let at = rowFrom; at < rowTo; at++) {
    const code = text.charCodeAt(at)
    if (code === 124 && !isEscaped) {
      if (!isFirst || from > -1) count++
      isFirst = false
      if (from > -1) visit?.(column, from, to)
      if (at > rowFrom) column++
      from = -1
    } else if (isEscaped || (code !== 32 && code !== 9 && code !== 13)) {
      if (from < 0) from = at
      to = at + 1
    }
    isEscaped = !isEscaped && code === 92
  }
  if (from > -1) {
    count++
    visit?.(column, from, to)
  }
  return count
}

const countCells = (row: string, from = 0): number => splitRow(row, from, row.length)
/** Blanks behind the last bar are allowed, as GitHub allows them. */
const delimiterRow = /^[>\s]*\|?(\s*:?-+:?\s*\|)+(\s*:?-+:?)?\s*$/

/** Rows of a table without their cells, which are parsed one by one as they are read: a table may have millions. */
class TableRows implements LeafBlockParser {
  private rows: Element[] | false | undefined

  nextLine(context: BlockContext, line: Line, leaf: LeafBlock): boolean {
    const from = context.lineStart + line.pos
    const to = context.lineStart + line.text.length
    if (this.rows === undefined) {
      this.rows = false
      const text = line.text.slice(line.pos)
      if (/[-:|]/.test(text[0] ?? '') && delimiterRow.test(text) && countCells(leaf.content) === countCells(text))
        this.rows = [context.elt('TableHeader', leaf.start, leaf.start + leaf.content.length)]
    } else if (this.rows) this.rows.push(context.elt('TableRow', from, to))
    return false
  }

  finish(context: BlockContext, leaf: LeafBlock): boolean {
    if (!this.rows) return false
    context.addLeafElement(leaf, context.elt('Table', leaf.start, leaf.start + leaf.content.length, this.rows))
    return true
  }
}

/** Whether a bar stands in a line that no backslash takes away. */
function hasBar(text: string, from: number): boolean {
  for (let at = text.indexOf('|', from); at >= 0; at = text.indexOf('|', at + 1)) {
    let escapes = 0
    while (at - escapes > from && text.charCodeAt(at - escapes - 1) === 92) escapes++
    if (escapes % 2 === 0) return true
  }
  return false
}

/** What the parser has within and its types do not say. */
interface Within {
  inlineParsers: ReadonlyArray<((context: InlineContext, next: number, at: number) => number) | undefined>
  leafBlockParsers: ReadonlyArray<((context: BlockContext, leaf: LeafBlock) => LeafBlockParser | null) | undefined>
  blockNames: readonly string[]
}
const { leafBlockParsers, blockNames } = parser as unknown as Within
const linkReference = leafBlockParsers[blockNames.indexOf('LinkReference')] ?? (() => null)

/** What a definition of a link reference may take at most; the parser reads it again with each line that it goes on. */
const longestReference = 5000

/** Nests more deeply than anybody writes, and than others read: each line has to be held against every level of it. */
const deepest = 100

const measured: MarkdownConfig = {
  parseBlock: [
    {
      name: 'Deepest',
      before: 'LinkReference',
      parse(context, line) {
        if (context.depth <= deepest) return false
        const from = context.lineStart + line.pos
        const text = line.text.slice(line.pos)
        context.nextLine()
        context.addElement(context.elt('Paragraph', from, from + text.length, context.parser.parseInline(text, from)))
        return true
      },
    },
    {
      name: 'LinkReference',
      leaf(context, leaf) {
        const reference = linkReference(context, leaf)
        if (!reference) return null
        let isShort = true
        return {
          nextLine(lineContext, line, own) {
            isShort &&= own.content.length < longestReference
            return isShort && reference.nextLine(lineContext, line, own)
          },
          finish: (lineContext, own) => isShort && reference.finish(lineContext, own),
        }
      },
    },
  ],
}

/** Paragraphs that are words and nothing else, as most are: of them there is nothing to make a tree of. */
const plain: MarkdownConfig = {
  parseBlock: [
    {
      name: 'Plain',
      after: 'TaskList',
      leaf: () => ({
        nextLine: () => false,
        finish(context, leaf) {
          if (markup.test(leaf.content)) return false
          // in a quotation the marks of its lines belong to the paragraph
          for (let depth = context.depth - 1; depth > 0; depth--)
            if (context.parentType(depth).name === 'Blockquote') return false
          context.addElement(context.elt(new Tree(paragraph, [], [], leaf.content.length), leaf.start))
          return true
        },
      }),
    },
  ],
}

/** As GitHub has them, read as the parser's own does. */
const table: MarkdownConfig = {
  defineNodes: [{ name: 'Table', block: true }, 'TableHeader', 'TableRow', 'TableCell'],
  parseBlock: [
    {
      name: 'Table',
      before: 'SetextHeading',
      leaf: (_, leaf) => (hasBar(leaf.content, 0) ? new TableRows() : null),
      endLeaf(context, line, leaf) {
        if (!hasBar(line.text, line.basePos) || leaf.parsers.some((one) => one instanceof TableRows)) return false
        const next = context.peekLine()
        return delimiterRow.test(next) && countCells(line.text, line.basePos) === countCells(next, line.basePos)
      },
    },
  ],
}

/** The parser of Markdown, with what process documents have beside it. */
export const markdown = parser.configure([
  hardBreak,
  table,
  TaskList,
  Strikethrough,
  Autolink,
  frontMatter,
  directive,
  footnote,
  template,
  clause,
  plain,
  measured,
])
const paragraph = markdown.nodeSet.types.find(({ name }) => name === 'Paragraph') as NodeType

const Inline = InlineContext as unknown as new (
  owner: typeof markdown,
  text: string,
  offset: number,
) => InlineContext & { resolveMarkers(from: number): Element[] }
const TreeElement = Element as unknown as new (
  type: number,
  from: number,
  to: number,
  children: readonly Element[],
) => Element & { toTree(nodeSet: NodeSet): Tree }
const { inlineParsers } = markdown as unknown as Within
const noElements = Object.freeze([]) as unknown as Element[]

/**
 * What the characters weigh at which inline markup may begin, by their code; 0 for those at which none ever does. Those
 * that make the parser look ahead for the other end weigh more.
 */
const weights = new Uint8Array(128)
for (const character of '\\&_*[]!~') weights[character.charCodeAt(0)] = 1
for (const character of '`<{') weights[character.charCodeAt(0)] = 5

/**
 * How much markup is parsed as one. The parser looks for the other end of each mark among all of them, so that a text
 * of nothing but marks would take it the square of its length; no paragraph that somebody wrote has as many.
 */
const heaviest = 1000

/** What a text has to hold for any of the parser's parts to find something in it. */
const markup = /[\\&_*[\]!~`<{@]| {2}|www\.|:\/\/|mailto:|xmpp:/

/** How much the markup of a text weighs. */
function weightOf(text: string): number {
  let weight = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 128) weight += weights[code] as number
  }
  return weight
}

/** Letters, digits, and what else an address of mail may begin with. */
const isAddressCode = (code: number): boolean =>
  (code > 47 && code < 58) ||
  (code > 64 && code < 91) ||
  (code > 96 && code < 123) ||
  code === 43 ||
  code === 45 ||
  code === 46
const isWordCode = (code: number): boolean =>
  (code > 47 && code < 58) || (code > 64 && code < 91) || (code > 96 && code < 123) || code === 95

/** Where a stretch ends that begins at `from` and weighs no more than is parsed as one: behind a blank if it can. */
function stretchEnd(text: string, from: number): number {
  let weight = 0
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 128) weight += weights[code] as number
    if (weight > heaviest) break
  }
  if (at === text.length) return at
  for (let end = at; end > from; end--) if (text.charCodeAt(end - 1) === 10) return end
  for (let end = at; end > from; end--) if (text.charCodeAt(end - 1) === 32) return end
  return at
}

/**
 * The inline markup of a text. The parser's own asks each of its parts at each character; most characters concern none
 * of them, and most texts have no other.
 */
markdown.parseInline = (text, offset) => {
  if (!markup.test(text)) return noElements
  const hasAddress = /@|www\.|:\/\/|mailto:|xmpp:/.test(text)
  if (text.length < heaviest / 5 || weightOf(text) <= heaviest) return parseStretch(text, offset, hasAddress)
  const elements: Element[] = []
  for (let from = 0, to = 0; from < text.length; from = to) {
    to = stretchEnd(text, from)
    for (const element of parseStretch(text.slice(from, to), offset + from, hasAddress)) elements.push(element)
  }
  return elements
}

function parseStretch(text: string, offset: number, hasAddress: boolean): Element[] {
  const context = new Inline(markdown, text, offset)
  let at = 0
  next: while (at < text.length) {
    const code = text.charCodeAt(at)
    const isMark = code < 128 && weights[code] !== 0
    if (
      !isMark &&
      (code !== 32 || text.charCodeAt(at + 1) !== 32) &&
      // an address begins where no word goes on
      !(hasAddress && isAddressCode(code) && (at === 0 || !isWordCode(text.charCodeAt(at - 1))))
    ) {
      at++
      continue
    }
    for (const parse of inlineParsers) {
      const end = parse ? parse(context, code, offset + at) : -1
      if (end < 0) continue
      at = end - offset
      continue next
    }
    at++
  }
  return context.resolveMarkers(0)
}

const cell = markdown.nodeSet.types.find(({ name }) => name === 'TableCell')?.id as number

/** The inline nodes of a range of the source, `null` where there are none. */
function inlineTree(source: SourceText, from: number, to: number): Tree | null {
  const elements = markdown.parseInline(source.slice(from, to), from)
  return elements.length ? new TreeElement(cell, from, to, elements).toTree(markdown.nodeSet) : null
}

const headingLevel: Record<string, number> = {
  ATXHeading1: 1,
  ATXHeading2: 2,
  ATXHeading3: 3,
  ATXHeading4: 4,
  ATXHeading5: 5,
  ATXHeading6: 6,
  SetextHeading1: 1,
  SetextHeading2: 2,
}
const breakingTag = /^<\/?(?:br|p|div|li|ul|ol|tr|td|th|table|h[1-6]|hr|details|summary|section|dt|dd)\b/i
const literalTag = /^<(code|kbd|samp|pre|script|style|var|svg|math)\b[^>]*[^/]?>$/i

/** Reads Markdown (CommonMark with GitHub's tables, task lists and footnotes) into blocks. Never throws. */
export const readMarkdown = (source: string): Document => openMarkdown(source).document

/** Reads Markdown into a document that can be edited. Never throws. */
export const openMarkdown = (source: string): OpenDocument => new OpenMarkdown(source)

/**
 * A text as the parser takes it, line by line, its lines ended by a newline alone: to the parser a carriage return is no
 * white space everywhere, so that in a document from Windows no table with bars around it and no end of HTML was seen.
 */
class Lines implements Input {
  readonly lineChunks = true
  readonly source: SourceText

  constructor(source: SourceText) {
    this.source = source
  }

  get length(): number {
    return this.source.length
  }

  chunk(from: number): string {
    const newline = this.source.indexOf('\n', from)
    if (newline === from) return '\n'
    const end = newline < 0 ? this.source.length : newline
    return this.source.charCodeAt(end - 1) === 13 && newline > 0
      ? `${this.source.slice(from, end - 1)} `
      : this.source.slice(from, end)
  }

  read(from: number, to: number): string {
    return this.source.slice(from, to)
  }
}

class OpenMarkdown implements OpenDocument {
  private readonly pieces = new Pieces(leadOf)
  private readonly references = new References()
  /** Where front matter ends. */
  private frontMatter: number

  constructor(source: string) {
    this.frontMatter = frontMatterEnd(source)
    this.document.text = source
    this.put(0, 0, markdown.parse(new Lines(source)), 0, 0)
    this.references.toggled()
  }

  get document(): Document {
    return this.pieces.document
  }

  edit(source: SourceText, { from, to, length }: Change): Reread {
    const { document, pieces, references } = this
    const { all } = pieces
    const old = document.text
    const total = document.blocks.length
    const frontMatter = frontMatterEnd(source)
    let first = 0
    if (frontMatter === this.frontMatter && from > frontMatter) {
      first = pieces.at(from)
      // how far a piece reaches, its parser decides by up to two lines behind it
      while (first > 0 && !areTwoLines(old, (all[first] as Piece).from, from)) first--
      while (first > 0 && lineStart(old, (all[first] as Piece).from) < (all[first - 1] as Piece).to) first--
    }
    document.text = source
    const isKnown = frontMatter === this.frontMatter
    const reread = this.reread(old, first, to, length - (to - from), isKnown ? from : 0)
    this.frontMatter = frontMatter
    const toggled = references.toggled()
    if (!toggled.size) return reread
    // words in brackets elsewhere become links, or are none any more
    let start = reread.from
    let kept = total - reread.from - reread.removed
    for (let index = 0; index < all.length; index++) {
      const piece = all[index] as Piece
      if (!piece.asked.some((label) => toggled.has(label))) continue
      const again = this.reread(source, index, piece.to, 0)
      start = Math.min(start, again.from)
      kept = Math.min(kept, document.blocks.length - again.from - again.added)
    }
    return { from: start, removed: total - start - kept, added: document.blocks.length - start - kept }
  }

  /**
   * Reads pieces anew from one of them on, until what is read meets the beginning of an old piece behind a change.
   * `document.text` is the new text already, the pieces stand where they stood.
   *
   * @param old the text before
   * @param to where the change ends in it
   * @param delta by how much the text behind that moves
   * @param from where the change begins
   */
  private reread(old: SourceText, first: number, to: number, delta: number, from = 0): Reread {
    const { all } = this.pieces
    const { text: source } = this.document
    const restart = first > 0 ? lineStart(source, (all[first] as Piece).from) : 0
    const parse = markdown.startParse(new Lines(source), [], [{ from: restart, to: source.length }])
    // what was front matter at the start of the old text may be none elsewhere
    let end = Math.max(first, this.frontMatter ? 1 : 0)
    while (end < all.length && lineStart(old, (all[end] as Piece).from) < to) end++
    let tree = parse.advance()
    for (; !tree; tree = parse.advance()) {
      const at = parse.parsedPos
      if (at < to + delta || (parse as BlockContext).depth > 1) continue
      while (end < all.length && (all[end] as Piece).from + delta < at) end++
      const next = all[end]
      if (next && at > restart && isBlank(source, at, next.from + delta)) parse.stopAt(at - 1)
    }
    return this.put(first, parse.stoppedAt === null ? all.length : end, tree, restart, delta, { from, to })
  }

  /** Puts what a tree holds in the place of some pieces. Those beside a change that reach as far as before are left. */
  private put(
    first: number,
    end: number,
    tree: Tree,
    offset: number,
    delta: number,
    change: { from: number; to: number } = { from: 0, to: Number.POSITIVE_INFINITY },
  ): Reread {
    const { document, pieces, references } = this
    const nodes = outermost(tree)
    const isAlike = (node: SyntaxNode | undefined, piece: Piece | undefined, moved: number): boolean =>
      node !== undefined &&
      piece !== undefined &&
      node.name === piece.kind &&
      offset + node.from === piece.from + moved &&
      offset + node.to === piece.to + moved
    for (; first < end && (pieces.all[first] as Piece).to < change.from; first++) {
      if (!isAlike(nodes[0], pieces.all[first], 0)) break
      nodes.shift()
    }
    // one that begins in the line of the change may be set in more or less than before
    const isBehind = (piece: Piece): boolean =>
      piece.from > change.to && lineStart(document.text, piece.from + delta) > change.to + delta
    for (; end > first && isBehind(pieces.all[end - 1] as Piece); end--) {
      if (!isAlike(nodes.at(-1), pieces.all[end - 1], delta)) break
      nodes.pop()
    }
    const defined = nodes.map((node) => labelsIn(node, offset, document.text))
    for (const labels of defined) references.add(labels)
    for (let index = first; index < end; index++) references.remove((pieces.all[index] as Piece).defined)
    const read = readNodes(nodes, offset, document.text, defined, references, pieces.before(first))
    return pieces.replace(first, end, read, delta)
  }
}

/** Where the line begins that holds an offset. */
const lineStart = (source: SourceText, offset: number): number =>
  offset ? source.lastIndexOf('\n', offset - 1) + 1 : 0

function isBlank(source: SourceText, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = source.charCodeAt(at)
    if (code !== 32 && (code < 9 || code > 13)) return false
  }
  return true
}

/** The block that leads in to a list behind it. */
const leadOf = (last: Block | undefined): Block | undefined => (last && last.kind !== 'cell' ? last : undefined)

/** The outermost nodes of a tree. */
function outermost(tree: Tree): SyntaxNode[] {
  const nodes: SyntaxNode[] = []
  for (let node = tree.topNode.firstChild; node; node = node.nextSibling) nodes.push(node)
  return nodes
}

/** The labels of `[label]: target` lines, since `[words]` without one is no link but words in brackets. */
class References {
  private readonly counts = new Map<string, number>()
  private readonly before = new Map<string, boolean>()
  /** What was asked for since this was last emptied. */
  asked: string[] = []

  add(labels: readonly string[]): void {
    for (const label of labels) this.count(label, 1)
  }

  remove(labels: readonly string[]): void {
    for (const label of labels) this.count(label, -1)
  }

  private count(label: string, by: number): void {
    const count = this.counts.get(label) ?? 0
    if (!this.before.has(label)) this.before.set(label, count > 0)
    this.counts.set(label, count + by)
  }

  /** The labels that came or went since this was last asked. */
  toggled(): ReadonlySet<string> {
    const labels = new Set<string>()
    for (const [label, was] of this.before) {
      const count = this.counts.get(label) ?? 0
      if (count > 0 !== was) labels.add(label)
      if (count === 0) this.counts.delete(label)
    }
    this.before.clear()
    return labels
  }

  has(label: string): boolean {
    this.asked.push(label)
    return (this.counts.get(label) ?? 0) > 0
  }
}

/** The labels that an outermost node defines. */
function labelsIn({ tree, from }: SyntaxNode, offset: number, source: SourceText): readonly string[] {
  if (!tree || !(tree.type.name === 'LinkReference' || tree.type.is('BlockContext'))) return nothing
  const labels: string[] = []
  let isReference = false
  tree.iterate({
    enter(node) {
      if (node.name === 'LinkReference') {
        isReference = true
        return
      }
      if (isReference && node.name === 'LinkLabel') {
        labels.push(labelKey(source.slice(offset + from + node.from + 1, offset + from + node.to - 1)))
        isReference = false
      }
      return !(node.name in headingLevel) && node.name !== 'Paragraph' && node.name !== 'Table'
    },
    leave(node) {
      if (node.name === 'LinkReference') isReference = false
    },
  })
  return labels
}

const nothing: readonly never[] = []

/**
 * Reads outermost nodes.
 *
 * @param offset where the tree of the nodes begins in the source
 * @param defined the labels of link references that each node defines
 */
function readNodes(
  nodes: readonly SyntaxNode[],
  offset: number,
  source: SourceText,
  defined: ReadonlyArray<readonly string[]>,
  references: References,
  before: Before,
): Stretch {
  const sections: Section[] = []
  const blocks: Block[] = []
  const comments: Comment[] = []
  const pieces: Piece[] = []
  const lists: ListPlace[] = []
  let quotes = 0
  let listCount = before.lists
  let tableCount = before.tables
  let headers: string[] = []
  let row = -1
  /** The next paragraph is the first of its list item. */
  let opensItem = false
  /** Where the blocks of the piece begin, and its lists before them. */
  let firstBlock = 0
  let led: ListPlace[] = []
  let current = before.section

  const last = (): Block | undefined => blocks.at(-1) ?? before.last
  const add = (
    kind: BlockKind,
    read: Reading | undefined,
    list?: ListPlace,
    table?: TablePlace,
    isLed = false,
  ): Block | undefined => {
    if (!read) return undefined
    const block: Block = {
      kind,
      index: 0,
      role: 'none',
      section: current,
      quoted: quotes > 0,
      prose: read.prose,
      start: read.start,
      end: read.end,
      marks: read.marks,
      segments: read.segments,
      list,
      table,
      tokens: undefined,
      facts: undefined,
    }
    blocks.push(block)
    if (list && isLed) led.push(list)
    return block
  }
  /** Lists of the piece that were open before its first block. */
  const early = new Set<number>()
  const addItem = (kind: BlockKind, read: Reading | undefined): void => {
    const list = lists.at(-1)
    add(kind, read, list && { ...list }, undefined, list && early.has(list.list))
  }

  const openSection = (level: number, read: Reading | undefined): void => {
    const opened: Section = { title: read?.prose ?? '', level, parent: parentOf(current, level), role: 'none' }
    current = opened
    sections.push(opened)
    const block = add('heading', read)
    if (block) opened.heading = block
  }
  const addHtml = (parts: HtmlPart[]): void => {
    const leads = new Map<number, Block | undefined>()
    const titles = new Map<string, string>()
    const [firstList, firstTable] = [listCount, tableCount + 1]
    for (const { kind, prose, level, list, cell } of parts) {
      if (kind === 'heading') openSection(level ?? 1, prose.finish())
      else if (cell) {
        const table = firstTable + cell.table
        const key = `${table} ${cell.column}`
        if (cell.row === 0 && !titles.has(key)) titles.set(key, prose.text.trim())
        add('cell', prose.finish(), undefined, { ...cell, table, header: titles.get(key) ?? '' })
        tableCount = Math.max(tableCount, table)
      } else if (list) {
        const number = firstList + list.list
        if (!leads.has(list.list)) {
          leads.set(list.list, leadOf(last()))
          if (blocks.length === firstBlock) early.add(number)
        }
        add(kind, prose.finish(), { ...list, list: number, lead: leads.get(list.list) }, undefined, early.has(number))
        listCount = Math.max(listCount, number + 1)
      } else add(quotes > 0 ? 'quotation' : kind, prose.finish())
    }
  }

  /** Reads a block of running text, if it is one. */
  const readLeaf = (name: string, from: number, to: number, tree: Tree | null): boolean => {
    const level = headingLevel[name]
    if (level !== undefined) openSection(level, readInline({ name, from, to, tree }, source, references))
    else if (name === 'Paragraph' || name === 'Task' || name === 'Footnote') {
      const read = readInline({ name, from, to, tree }, source, references)
      if (opensItem) addItem('item', read)
      else if (!lists.length && name === 'Paragraph' && isEnumerated(source, from)) add('item', read)
      else addItem(quotes > 0 ? 'quotation' : 'paragraph', read)
      opensItem = false
    } else return false
    return true
  }
  const readNode = (tree: Tree, start: number): void =>
    tree.iterate({
      enter(node) {
        const { name } = node
        const from = start + node.from
        const to = start + node.to
        if (readLeaf(name, from, to, node.tree)) return false
        switch (name) {
          case 'Blockquote':
            quotes++
            return
          case 'BulletList':
          case 'OrderedList': {
            if (blocks.length === firstBlock) early.add(listCount)
            lists.push({
              list: listCount++,
              ordered: name === 'OrderedList',
              depth: lists.length,
              index: -1,
              lead: leadOf(last()),
            })
            return
          }
          case 'ListItem': {
            const list = lists.at(-1)
            if (list) list.index++
            opensItem = true
            return
          }
          case 'Table':
            tableCount++
            headers = []
            row = -1
            return
          case 'TableHeader':
          case 'TableRow':
            row++
            readRow(from, to)
            return false
          case 'HTMLBlock':
            addHtml(readHtml(from, to, holesIn(node, start), source))
            return false
          case 'FrontMatter':
            for (const { prose, entries } of readFrontMatter(source, from, to)) {
              const lead = add('paragraph', prose.finish())
              const list = entries.length ? listCount++ : 0
              for (const [index, entry] of entries.entries())
                add('item', entry.finish(), { list, ordered: false, depth: 0, index, lead })
            }
            return false
          case 'CommentBlock':
            // the line on which a comment ends belongs to it, and may hold words: "- <!-- … --> Post the badge."
            if (!hasWords(source.slice(from, to))) return false
            for (const { prose } of readHtml(from, to, holesIn(node, start), source)) {
              addItem(opensItem ? 'item' : quotes > 0 ? 'quotation' : 'paragraph', prose.finish())
              opensItem = false
            }
            return false
          case 'FencedCode':
          case 'CodeBlock':
          case 'ProcessingInstructionBlock':
          case 'LinkReference':
          case 'Directive':
            opensItem = false
            return false
        }
      },
      leave(node) {
        if (node.name === 'Blockquote') quotes--
        else if (node.name === 'ListItem') opensItem = false
        else if (node.name === 'BulletList' || node.name === 'OrderedList') lists.pop()
      },
    })

  const readRow = (rowFrom: number, rowTo: number): void => {
    splitRow(source, rowFrom, rowTo, (column, from, to) => {
      const tree = inlineTree(source, from, to)
      const read = readInline({ name: 'TableCell', from, to, tree }, source, references)
      if (row === 0) headers[column] = read?.prose ?? ''
      add('cell', read, undefined, { table: tableCount, row, column, header: headers[column] ?? '' })
    })
  }

  const speaks = nodes.length > 0 && mayHaveComments(source.slice(offset, offset + (nodes.at(-1) as SyntaxNode).to))
  for (const [index, node] of nodes.entries()) {
    const [from, to] = [offset + node.from, offset + node.to]
    const tree = node.tree as Tree
    const [sectionCount, commentCount, firstList, firstTable] = [
      sections.length,
      comments.length,
      listCount,
      tableCount,
    ]
    firstBlock = blocks.length
    led = []
    early.clear()
    opensItem = false
    if (!readLeaf(tree.type.name, from, to, tree)) readNode(tree, from)
    if (speaks) collectComments(tree, from, source, comments)
    pieces.push({
      from,
      to,
      kind: tree.type.name,
      blocks: blocks.length - firstBlock,
      sections: sections.length - sectionCount,
      comments: comments.length - commentCount,
      lists: listCount - firstList,
      tables: tableCount - firstTable,
      led,
      defined: defined[index] ?? nothing,
      asked: references.asked.length ? references.asked : nothing,
    })
    if (references.asked.length) references.asked = []
  }
  return { pieces, blocks, sections, comments }
}

/** The nodes within a block of HTML: the marks of a quotation around it, which are none of it. */
function holesIn(node: SyntaxNodeRef, start: number): Array<[number, number]> {
  const holes: Array<[number, number]> = []
  for (let child = node.node.firstChild; child; child = child.nextSibling)
    holes.push([start + child.from, start + child.to])
  return holes
}

/** The comments that speak to Silolint. What stands in code is an example of one and no comment. */
function collectComments(tree: Tree, start: number, source: SourceText, comments: Comment[]): void {
  if (!mayHaveComments(source.slice(start, start + tree.length))) return
  tree.iterate({
    enter(node) {
      const [from, to] = [start + node.from, start + node.to]
      switch (node.name) {
        case 'Comment':
        case 'CommentBlock':
        case 'Template':
        case 'HTMLBlock':
          comments.push(...commentsIn(source, from, to))
          return false
        case 'FrontMatter':
          comments.push(...readFrontMatterComments(source, from, to))
          return false
        case 'TableHeader':
        case 'TableRow':
          splitRow(source, from, to, (_, cellFrom, cellTo) => {
            const cell = inlineTree(source, cellFrom, cellTo)
            if (cell) collectComments(cell, cellFrom, source, comments)
          })
          return false
      }
    },
  })
}

/** Whether a paragraph begins with an enumerator, as few do: hardly any begins with a small letter, a digit or a blank. */
function isEnumerated(source: SourceText, from: number): boolean {
  const code = source.charCodeAt(from)
  if (code > 122 || (code > 57 && code < 97) || (code > 32 && code < 48)) return false
  return enumerator.test(source.slice(from, from + 20))
}

/** Whether a block that begins with a comment holds more than comments. */
function hasWords(html: string): boolean {
  return /[^\s>]/.test(html.replace(/<!--[\s\S]*?(?:-->|$)/g, ''))
}

const labelKey = (label: string): string => label.trim().replace(/\s+/g, ' ').toLowerCase()

/** A leaf block with its inline nodes; the tree counts from `from`. */
interface Leaf {
  name: string
  from: number
  to: number
  tree: Tree | null
}

/** The prose of one leaf block: text as it stands, without marks, targets, code, comments and templating. */
function readInline(block: Leaf, source: SourceText, references: References): Reading | undefined {
  // most blocks are words and nothing else
  if (!block.tree?.children.length && !(block.name === 'Paragraph' && isEnumerated(source, block.from)))
    return readPlain(source, block.from, block.to)
  const prose = new Prose(source)
  let at = block.from
  // GitHub's alerts name their kind in the first line of a quotation: > [!NOTE]
  const alert = /^\[!\w+\][+-]?/.exec(source.slice(at, at + 40))
  if (alert) {
    at += alert[0].length
    prose.skip('break', block.from, at)
  }
  const label = block.name === 'Paragraph' ? enumerator.exec(source.slice(at, at + 20)) : undefined
  if (label) {
    at += label[0].length
    prose.skip('break', block.from, at)
  }
  /** Marks that are open, with the node that closes them. */
  const open: Array<{ kind: 'link' | 'strong' | 'emphasis'; name: string; start: number; from: number; to: number }> =
    []
  /** Inside `<code>` and the like nothing is prose. */
  let literal: { tag: string; from: number } | undefined
  /** Where tags are closed next, so that the rest is not searched for each of them again; Infinity if nowhere. */
  const closings = new Map<string, number>()
  let text: string | undefined
  const closes = (tag: string, from: number): boolean => {
    let at = closings.get(tag) ?? -1
    if (at < from) {
      const closing = new RegExp(`</${tag}`, 'gi')
      closing.lastIndex = from - block.from
      text ??= source.slice(block.from, block.to)
      at = block.from + (closing.exec(text)?.index ?? Number.POSITIVE_INFINITY)
      closings.set(tag, at)
    }
    return at < Number.POSITIVE_INFINITY
  }
  const upTo = (offset: number): void => {
    if (offset <= at) return
    if (!literal) prose.add(at, offset)
    at = offset
  }
  const skip = (
    kind: 'link' | 'code' | 'template' | 'image' | 'break' | 'other',
    node: { from: number; to: number },
  ): false => {
    upTo(node.from)
    if (!literal) prose.skip(kind, node.from, node.to)
    at = node.to
    return false
  }

  let isTop = true
  block.tree?.iterate({
    enter(inner) {
      if (isTop) {
        isTop = false
        return
      }
      const node = { name: inner.name, from: block.from + inner.from, to: block.from + inner.to }
      switch (node.name) {
        case 'HeaderMark':
        case 'QuoteMark':
        case 'TaskMarker':
        case 'FootnoteLabel':
        case 'EmphasisMark':
        case 'StrikethroughMark':
        case 'SuperscriptMark':
        case 'SubscriptMark':
          upTo(node.from)
          at = node.to
          return false
        case 'Link':
        case 'Emphasis':
        case 'Strikethrough':
        case 'Superscript':
        case 'Subscript':
        case 'StrongEmphasis': {
          if (node.name === 'Link' && !isLink(inner, source.slice(node.from, node.to), references)) return
          upTo(node.from)
          const kind = node.name === 'Link' ? 'link' : node.name === 'StrongEmphasis' ? 'strong' : 'emphasis'
          open.push({ kind, name: node.name, start: prose.text.length, from: node.from, to: node.to })
          return
        }
        case 'LinkMark': {
          const link = open.findLast((mark) => mark.kind === 'link' && mark.to >= node.to)
          if (!link) return
          upTo(node.from)
          // everything behind the closing bracket is target
          at = source.charCodeAt(node.from) === 93 ? link.to : Math.max(at, node.to)
          return false
        }
        case 'LinkLabel':
        case 'LinkTitle':
          return false
        case 'URL':
          if (node.from < at) return false
          return skip('link', node)
        case 'Autolink':
          return skip('link', node)
        case 'Image':
          return skip('image', node)
        case 'InlineCode':
          return skip('code', node)
        case 'Template':
          return skip(source.slice(node.from, node.from + 3) === '{/*' ? 'other' : 'template', node)
        case 'FootnoteReference':
        case 'Comment':
        case 'ProcessingInstruction':
          return skip('other', node)
        case 'HTMLTag': {
          const tag = source.slice(node.from, node.to)
          if (literal) {
            upTo(node.from)
            at = node.to
            if (tag.toLowerCase().startsWith(`</${literal.tag}`)) {
              prose.skip('code', literal.from, node.to)
              literal = undefined
            }
            return false
          }
          const opens = literalTag.exec(tag)
          if (opens && closes((opens[1] as string).toLowerCase(), node.to)) {
            upTo(node.from)
            at = node.to
            literal = { tag: (opens[1] as string).toLowerCase(), from: node.from }
            return false
          }
          return skip(breakingTag.test(tag) ? 'break' : 'other', node)
        }
        case 'Escape':
          upTo(node.from)
          if (!literal) prose.skip('other', node.from, node.from + 1)
          at = node.from + 1
          upTo(node.to)
          return false
        case 'HardBreak':
          upTo(node.from)
          if (source.charCodeAt(node.from) === 92) at = node.from + 1
          upTo(node.to)
          return false
        case 'Entity': {
          upTo(node.from)
          const characters = decodeEntity(source.slice(node.from + 1, node.to - 1))
          if (literal || characters === undefined) upTo(node.to)
          else prose.addReference(node.from, node.to, characters)
          at = node.to
          return false
        }
      }
    },
    leave(inner) {
      const to = block.from + inner.to
      const from = block.from + inner.from
      const last = open.at(-1)
      if (last && last.from === from && last.to === to && last.name === inner.name) {
        upTo(to)
        open.pop()
        prose.marks.push({
          kind: last.kind,
          start: last.start,
          end: prose.text.length,
          from,
          to,
        })
      }
    },
  })
  upTo(block.to)
  return prose.finish()
}

/** Whether a `Link` node leads somewhere: inline, or to a label that the document defines. */
function isLink(node: SyntaxNodeRef, text: string, references: References): boolean {
  if (node.node.getChild('URL') || /\]\(\s*(?:"[^"]*")?\s*\)$/.test(text)) return true
  const label = node.node.getChild('LinkLabel')
  if (label)
    return (
      references.has(labelKey(text.slice(label.from - node.from + 1, label.to - node.from - 1))) || text.endsWith('[]')
    )
  return references.has(labelKey(text.slice(1, -1)))
}
