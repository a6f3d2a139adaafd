import type { SyntaxNodeRef } from '@lezer/common'
import { parser } from '@lezer/html'
import { decodeNamedCharacterReference } from 'decode-named-character-reference'
import { decodeNumericCharacterReference } from 'micromark-util-decode-numeric-character-reference'
import { type ListPlace, Prose, type TablePlace } from './block.ts'
import type { SourceText } from './rope.ts'

/** One stretch of prose in HTML, with its place in the lists and tables of the same piece of HTML. */
export interface HtmlPart {
  kind: 'heading' | 'paragraph' | 'item' | 'cell'
  prose: Prose
  /** Of a heading: 1 to 6. */
  level?: number
  /** Lists and tables are counted from 0 within the piece; what leads in to a list is not known here. */
  list?: Omit<ListPlace, 'lead'>
  cell?: Omit<TablePlace, 'header'>
}

const breaking =
  /^(?:p|div|li|td|th|h[1-6]|dt|dd|dl|blockquote|summary|caption|figcaption|section|article|main|aside|header|footer|tr|table|thead|tbody|tfoot|ul|ol|details|body|html|br)$/
const literal = /^(?:script|style|pre|code|kbd|samp|textarea|svg|math|head|template)$/

/**
 * The prose of a piece of HTML: the text of its elements, one part for each heading, paragraph, cell or item.
 * A term of a definition list comes as a bold line, so that "Purpose" says what its definition is.
 *
 * @param pieceFrom where the piece begins in `source`
 * @param holes ranges of the source that are no HTML (the marks of a quotation around it), nor are the comments of MDX
 */
export function readHtml(
  pieceFrom: number,
  pieceTo: number,
  holes: Array<[number, number]>,
  source: SourceText,
): HtmlPart[] {
  const text = source.slice(pieceFrom, pieceTo)
  if (text.includes('{/*')) {
    for (const found of text.matchAll(/\{\/\*[\s\S]*?\*\/\}/g))
      holes.push([pieceFrom + found.index, pieceFrom + found.index + found[0].length])
    holes.sort(([a], [b]) => a - b)
  }
  const parts: HtmlPart[] = []
  const lists: Array<Omit<ListPlace, 'lead'>> = []
  const tables: Array<Omit<TablePlace, 'header'>> = []
  let listCount = 0
  let tableCount = 0
  let level: number | undefined
  let isTerm = false
  let isCell = false
  /** The next stretch is the first of its list item. */
  let opensItem = false
  let prose = new Prose(source)

  const end = (): void => {
    const own = prose
    if (own.text.trim() === '' && own.marks.every(({ kind }) => kind === 'other' || kind === 'break')) return
    prose = new Prose(source)
    if (isTerm) {
      const first = own.segments[0]
      const last = own.segments.at(-1)
      if (first && last)
        own.marks.push({
          kind: 'strong',
          start: 0,
          end: own.text.length,
          from: first.source,
          to: last.source + last.sourceLength,
        })
    }
    const list = lists.at(-1)
    const table = tables.at(-1)
    if (level !== undefined) parts.push({ kind: 'heading', prose: own, level })
    else if (isCell && table) parts.push({ kind: 'cell', prose: own, cell: { ...table } })
    else parts.push({ kind: opensItem ? 'item' : 'paragraph', prose: own, list: list && { ...list } })
    opensItem = false
  }
  const addText = (from: number, to: number): void => {
    let at = from
    for (const [holeFrom, holeTo] of holes) {
      if (holeTo <= at || holeFrom >= to) continue
      prose.add(at, Math.max(at, holeFrom))
      at = Math.max(at, holeTo)
    }
    prose.add(at, to)
  }
  const nameOf = (inner: SyntaxNodeRef): string => {
    const tag = inner.node.firstChild?.getChild('TagName')
    return tag ? text.slice(tag.from, tag.to).toLowerCase() : ''
  }
  const open = (name: string): void => {
    if (/^h[1-6]$/.test(name)) level = Number(name[1])
    else if (name === 'dt') isTerm = true
    else if (name === 'ul' || name === 'ol')
      lists.push({ list: listCount++, ordered: name === 'ol', depth: lists.length, index: -1 })
    else if (name === 'li') {
      const list = lists.at(-1)
      if (list) list.index++
      opensItem = true
    } else if (name === 'table') tables.push({ table: tableCount++, row: -1, column: -1 })
    const table = tables.at(-1)
    if (!table) return
    if (name === 'tr') {
      table.row++
      table.column = -1
    } else if (name === 'td' || name === 'th') {
      table.column++
      isCell = table.row >= 0
    }
  }
  const close = (name: string): void => {
    if (/^h[1-6]$/.test(name)) level = undefined
    else if (name === 'dt') isTerm = false
    else if (name === 'ul' || name === 'ol') lists.pop()
    else if (name === 'li') opensItem = false
    else if (name === 'table') tables.pop()
    else if (name === 'td' || name === 'th') isCell = false
  }

  parser.parse(text).iterate({
    enter(inner) {
      const from = pieceFrom + inner.from
      const to = pieceFrom + inner.to
      switch (inner.name) {
        case 'Element': {
          const name = nameOf(inner)
          if (literal.test(name)) {
            prose.skip('code', from, to)
            return false
          }
          if (breaking.test(name)) end()
          open(name)
          return
        }
        case 'Text':
          addText(from, to)
          return false
        case 'EntityReference':
        case 'CharacterReference': {
          const characters = decodeEntity(source.slice(from + 1, to - 1))
          if (characters === undefined) addText(from, to)
          else prose.addReference(from, to, characters)
          return false
        }
        case 'OpenTag':
        case 'CloseTag':
        case 'SelfClosingTag':
        case 'MismatchedCloseTag':
        case 'Comment':
        case 'ProcessingInst':
        case 'DoctypeDecl': {
          const name = /^<\/?([a-z0-9]+)/i.exec(source.slice(from, to))?.[1]?.toLowerCase() ?? ''
          if (breaking.test(name)) end()
          else prose.skip('other', from, to)
          return false
        }
      }
    },
    leave(inner) {
      if (inner.name !== 'Element') return
      const name = nameOf(inner)
      if (breaking.test(name)) end()
      close(name)
    },
  })
  end()
  return parts
}

/** The characters that a reference such as `amp` or `#8217` stands for, `undefined` where it stands for none. */
export function decodeEntity(name: string): string | undefined {
  if (name.startsWith('#')) {
    const hexadecimal = /^#x/i.test(name)
    return decodeNumericCharacterReference(name.slice(hexadecimal ? 2 : 1), hexadecimal ? 16 : 10)
  }
  return decodeNamedCharacterReference(name) || undefined
}
