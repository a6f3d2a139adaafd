import type { SyntaxNodeRef, Tree } from '@lezer/common'
import { type BlockContext, GFM, type InlineContext, type Line, type MarkdownConfig, parser } from '@lezer/markdown'
import {
  type Block,
  type BlockKind,
  type Document,
  type ListPlace,
  type OpenDocument,
  Prose,
  type Section,
} from './block.ts'
import { type Comment, commentsIn, mayHaveComments } from './comment.ts'
import { readFrontMatter, readFrontMatterComments } from './frontmatter.ts'
import { decodeEntity, type HtmlPart, readHtml } from './html.ts'
import { reopen } from './reopen.ts'

/**
 * YAML or TOML between fences at the very start. An unclosed fence is a thematic break, as
 * everywhere else in Markdown, so that a document beginning with one is not swallowed whole.
 */
const frontMatter: MarkdownConfig = {
  defineNodes: [{ name: 'FrontMatter', block: true }],
  parseBlock: [
    {
      name: 'FrontMatter',
      before: 'LinkReference',
      parse(context: BlockContext, line: Line) {
        const fence = line.text.trimEnd().replace(/^\uFEFF/, '')
        if (context.lineStart !== 0 || (fence !== '---' && fence !== '+++')) return false
        // @ts-expect-error the input is not in the published types, yet nothing else can look ahead over many lines
        const text: string = context.input.read(0, context.input.length)
        const close = fence === '---' ? /\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/ : /\r?\n\+\+\+[ \t]*(?:\r?\n|$)/
        const found = close.exec(text.slice(line.text.length))
        if (!found) return false
        const end = line.text.length + found.index + found[0].trimEnd().length
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
      endLeaf: (_, line) => /^:{3,}/.test(line.text.slice(line.pos)),
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
      endLeaf: (_, line) => /^\[\^[^\]\s]+\]:/.test(line.text.slice(line.pos)),
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

const markdown = parser.configure([hardBreak, GFM, frontMatter, directive, footnote, template, clause])

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
export function readMarkdown(source: string): Document {
  const tree = markdown.parse(source)
  const references = collectReferences(tree, source)
  const sections: Section[] = [{ title: '', level: 0, role: 'none' }]
  const blocks: Block[] = []
  const lists: ListPlace[] = []
  let quotes = 0
  let listCount = 0
  let tableCount = 0
  let headers: string[] = []
  let row = -1
  /** The next paragraph is the first of its list item. */
  let opensItem = false

  const section = (): Section => sections.at(-1) as Section
  const add = (kind: BlockKind, prose: Prose, extra: Partial<Block> = {}): Block | undefined => {
    const read = prose.finish()
    if (!read) return undefined
    const block: Block = {
      kind,
      index: blocks.length,
      role: 'none',
      section: section(),
      quoted: quotes > 0,
      ...read,
      ...extra,
    }
    blocks.push(block)
    return block
  }

  const openSection = (level: number, prose: Prose): void => {
    let parent = section()
    while (parent.level >= level && parent.parent) parent = parent.parent
    const opened: Section = { title: prose.text.trim(), level, parent, role: 'none' }
    sections.push(opened)
    const block = add('heading', prose)
    if (block) opened.heading = block
  }
  const addHtml = (parts: HtmlPart[]): void => {
    const leads = new Map<number, Block | undefined>()
    const titles = new Map<string, string>()
    const [firstList, firstTable] = [listCount, tableCount + 1]
    for (const { kind, prose, level, list, cell } of parts) {
      if (kind === 'heading') openSection(level ?? 1, prose)
      else if (cell) {
        const table = firstTable + cell.table
        const key = `${table} ${cell.column}`
        if (cell.row === 0 && !titles.has(key)) titles.set(key, prose.text.trim())
        add('cell', prose, { table: { ...cell, table, header: titles.get(key) ?? '' } })
        tableCount = Math.max(tableCount, table)
      } else if (list) {
        const last = blocks.at(-1)
        if (!leads.has(list.list)) leads.set(list.list, last?.kind === 'cell' ? undefined : last)
        add(kind, prose, { list: { ...list, list: firstList + list.list, lead: leads.get(list.list) } })
        listCount = Math.max(listCount, firstList + list.list + 1)
      } else add(quotes > 0 ? 'quotation' : kind, prose)
    }
  }

  tree.iterate({
    enter(node) {
      const level = headingLevel[node.name]
      if (level !== undefined) {
        openSection(level, readInline(node, source, references))
        return false
      }
      switch (node.name) {
        case 'Blockquote':
          quotes++
          return
        case 'BulletList':
        case 'OrderedList': {
          const last = blocks.at(-1)
          const lead = last && last.kind !== 'cell' ? last : undefined
          lists.push({ list: listCount++, ordered: node.name === 'OrderedList', depth: lists.length, index: -1, lead })
          return
        }
        case 'ListItem': {
          const list = lists.at(-1)
          if (list) list.index++
          opensItem = true
          return
        }
        case 'Paragraph':
        case 'Task':
        case 'Footnote': {
          const list = lists.at(-1)
          const hasEnumerator = node.name === 'Paragraph' && enumerator.test(source.slice(node.from, node.from + 20))
          const prose = readInline(node, source, references)
          if (opensItem) add('item', prose, { list: list && { ...list } })
          else if (!list && hasEnumerator) add('item', prose)
          else add(quotes > 0 ? 'quotation' : 'paragraph', prose, { list: list && { ...list } })
          opensItem = false
          return false
        }
        case 'Table':
          tableCount++
          headers = []
          row = -1
          return
        case 'TableHeader':
        case 'TableRow':
          row++
          readRow(node)
          return false
        case 'HTMLBlock':
          addHtml(readHtml(node, source))
          return false
        case 'FrontMatter':
          for (const { prose, entries } of readFrontMatter(source, node.from, node.to)) {
            const lead = add('paragraph', prose)
            const list = entries.length ? listCount++ : 0
            for (const [index, entry] of entries.entries())
              add('item', entry, { list: { list, ordered: false, depth: 0, index, lead } })
          }
          return false
        case 'CommentBlock':
          // the line on which a comment ends belongs to it, and may hold words: "- <!-- … --> Post the badge."
          if (!hasWords(source.slice(node.from, node.to))) return false
          for (const { prose } of readHtml(node, source)) {
            const list = lists.at(-1)
            add(opensItem ? 'item' : quotes > 0 ? 'quotation' : 'paragraph', prose, { list: list && { ...list } })
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

  /** Empty cells have no node of their own, so the column is counted by the bars. */
  function readRow(node: SyntaxNodeRef): void {
    let column = 0
    for (let child = node.node.firstChild; child; child = child.nextSibling) {
      if (child.name === 'TableDelimiter') {
        if (child.from > node.from) column++
        continue
      }
      const prose = readInline(child, source, references)
      if (row === 0) headers[column] = prose.text.trim()
      add('cell', prose, { table: { table: tableCount, row, column, header: headers[column] ?? '' } })
    }
  }

  return { source, blocks, sections, comments: mayHaveComments(source) ? collectComments(tree, source) : [] }
}

/** Whether a block that begins with a comment holds more than comments. */
function hasWords(html: string): boolean {
  return /[^\s>]/.test(html.replace(/<!--[\s\S]*?(?:-->|$)/g, ''))
}

/** The comments that speak to Silolint. What stands in code is an example of one and no comment. */
function collectComments(tree: Tree, source: string): Comment[] {
  const comments: Comment[] = []
  tree.iterate({
    enter({ name, from, to }) {
      switch (name) {
        case 'Comment':
        case 'CommentBlock':
        case 'Template':
        case 'HTMLBlock':
          comments.push(...commentsIn(source, from, to))
          return false
        case 'FrontMatter':
          comments.push(...readFrontMatterComments(source, from, to))
          return false
      }
    },
  })
  return comments
}

/** The labels of `[label]: target` lines, since `[words]` without one is no link but words in brackets. */
function collectReferences(tree: Tree, source: string): Set<string> {
  const labels = new Set<string>()
  tree.iterate({
    enter(node) {
      if (node.name === 'LinkReference') {
        const label = node.node.getChild('LinkLabel')
        if (label) labels.add(labelKey(source.slice(label.from + 1, label.to - 1)))
        return false
      }
      return !(node.name in headingLevel) && node.name !== 'Paragraph' && node.name !== 'Table'
    },
  })
  return labels
}

const labelKey = (label: string): string => label.trim().replace(/\s+/g, ' ').toLowerCase()

/** The prose of one leaf block: text as it stands, without marks, targets, code, comments and templating. */
function readInline(block: SyntaxNodeRef, source: string, references: ReadonlySet<string>): Prose {
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
  /** Tags that nothing closes from here on, so that the rest is not searched for each of them again. */
  const unclosed = new Set<string>()
  const closes = (tag: string, from: number): boolean => {
    if (unclosed.has(tag)) return false
    if (source.slice(from, block.to).toLowerCase().includes(`</${tag}`)) return true
    unclosed.add(tag)
    return false
  }
  const upTo = (offset: number): void => {
    if (offset <= at) return
    if (!literal) prose.add(at, offset)
    at = offset
  }
  const skip = (kind: 'link' | 'code' | 'template' | 'image' | 'break' | 'other', node: SyntaxNodeRef): false => {
    upTo(node.from)
    if (!literal) prose.skip(kind, node.from, node.to)
    at = node.to
    return false
  }

  block.node.toTree().iterate({
    enter(inner) {
      const node = { name: inner.name, from: block.from + inner.from, to: block.from + inner.to }
      if (inner.node.parent === null) return
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
          at = source[node.from] === ']' ? link.to : Math.max(at, node.to)
          return false
        }
        case 'LinkLabel':
        case 'LinkTitle':
          return false
        case 'URL':
          if (node.from < at) return false
          return skip('link', node as SyntaxNodeRef)
        case 'Autolink':
          return skip('link', node as SyntaxNodeRef)
        case 'Image':
          return skip('image', node as SyntaxNodeRef)
        case 'InlineCode':
          return skip('code', node as SyntaxNodeRef)
        case 'Template':
          return skip(source.startsWith('{/*', node.from) ? 'other' : 'template', node as SyntaxNodeRef)
        case 'FootnoteReference':
        case 'Comment':
        case 'ProcessingInstruction':
          return skip('other', node as SyntaxNodeRef)
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
          return skip(breakingTag.test(tag) ? 'break' : 'other', node as SyntaxNodeRef)
        }
        case 'Escape':
          upTo(node.from)
          if (!literal) prose.skip('other', node.from, node.from + 1)
          at = node.from + 1
          upTo(node.to)
          return false
        case 'HardBreak':
          upTo(node.from)
          if (source[node.from] === '\\') at = node.from + 1
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
          sourceStart: from,
          sourceEnd: to,
        })
      }
    },
  })
  upTo(block.to)
  return prose
}

/** Whether a `Link` node leads somewhere: inline, or to a label that the document defines. */
function isLink(node: SyntaxNodeRef, text: string, references: ReadonlySet<string>): boolean {
  if (node.node.getChild('URL') || /\]\(\s*(?:"[^"]*")?\s*\)$/.test(text)) return true
  const label = node.node.getChild('LinkLabel')
  if (label)
    return (
      references.has(labelKey(text.slice(label.from - node.from + 1, label.to - node.from - 1))) || text.endsWith('[]')
    )
  return references.has(labelKey(text.slice(1, -1)))
}

export const openMarkdown = (source: string): OpenDocument => reopen(source, readMarkdown)
