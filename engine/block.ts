import type { Comment } from './comment.ts'
import { lastUpTo } from './numbers.ts'
import type { SourceText } from './rope.ts'
import type { Tokens } from './tokens.ts'

/** What a block is in its document. */
export type BlockKind = 'heading' | 'paragraph' | 'item' | 'cell' | 'quotation'

/** What a block is for, as its headings, lead-ins, table headers and front matter say. */
export type Role =
  | 'purpose'
  | 'objective'
  | 'measure'
  | 'scope'
  | 'responsibilities'
  | 'reporting'
  | 'procedure'
  | 'handoff'
  | 'exception'
  | 'example'
  | 'glossary'
  | 'change'
  | 'none'

/** Something in a block that is not prose itself: prose offsets, `start === end` where nothing of it is prose. */
export interface Mark {
  kind: 'link' | 'strong' | 'emphasis' | 'code' | 'template' | 'image' | 'break' | 'other'
  start: number
  end: number
  /** The source range with its markup, counted from the block's `start`; what stands before that is negative. */
  from: number
  to: number
}

/** A run of prose that stands as it is in the source, or one character reference that stands for it. */
interface Segment {
  prose: number
  /** Counted from the block's `start`, so that a block moves without them. */
  source: number
  sourceLength: number
  /** A character reference: its characters share the whole source range. */
  whole: boolean
}

/** A heading and what stands below it. */
export interface Section {
  title: string
  /** 1 to 6; 0 is the document before its first heading. */
  level: number
  parent?: Section
  heading?: Block
  role: Role
}

/** The place of a list item. Items of one list share `list`. */
export interface ListPlace {
  list: number
  ordered: boolean
  /** 0 for an outermost list. */
  depth: number
  /** Position in its list, from 0. */
  index: number
  /** The block that leads in to the list. */
  lead?: Block
}

/** The place of a table cell. Cells of one table share `table`; row 0 holds the headers. */
export interface TablePlace {
  table: number
  row: number
  column: number
  /** The prose of the header cell of this column. */
  header: string
}

/**
 * One stretch of prose: a heading, paragraph, list item, table cell or quotation. Offsets into
 * `prose` and into the source are UTF-16 units; `sourceOf` maps exactly, never by searching.
 */
export interface Block {
  kind: BlockKind
  prose: string
  /** Position among the document's blocks. */
  index: number
  /** The source range of the block's own text. */
  start: number
  end: number
  role: Role
  section: Section
  list?: ListPlace
  table?: TablePlace
  /** Within a block quotation. */
  quoted: boolean
  marks: readonly Mark[]
  /** None where the prose stands in the source as one run, as it mostly does. */
  segments: readonly Segment[]
  /** Made when first asked for. */
  tokens?: Tokens
  /** What `factOf` has found out about it, by the numbers of the facts. */
  facts?: unknown[] | undefined
}

/**
 * Something to find out about a block by itself: from its prose, marks and kind and from what stands in its sentences.
 * What can change while the block stays as it is must not go in: its role and place, its section, other blocks.
 */
export interface Fact<T, Context> {
  readonly number: number
  readonly find: (block: Block, context: Context) => T
}

let facts = 0
/** A fact that can be asked for; there is one for each question, made when the program starts. */
export const fact = <T, Context>(find: (block: Block, context: Context) => T): Fact<T, Context> => ({
  number: facts++,
  find,
})

/** What a fact finds out about a block: asked once, as long as the block is not edited. */
export function factOf<T, Context>(block: Block, { number, find }: Fact<T, Context>, context: Context): T {
  block.facts ??= []
  const known = block.facts[number]
  if (known !== undefined) return (known === isUndefined ? undefined : known) as T
  const found = find(block, context)
  block.facts[number] = found === undefined ? isUndefined : found
  return found
}
const isUndefined = Symbol()

/** Whether a fact has been asked of a block, so that it costs nothing to ask again. */
export const isKnown = ({ facts }: Block, { number }: Fact<unknown, never>): boolean => facts?.[number] !== undefined

/** A document as its rules see it. */
export interface Document {
  /** The text that it was read from. Of one that is edited `source` is a copy of it, made when somebody asks for it. */
  text: SourceText
  readonly source: string
  blocks: Block[]
  sections: Section[]
  /** What is said to Silolint in comments, in source order. */
  comments: Comment[]
}

/** One change of a text: its range `[from, to)` became `length` other characters. Offsets are UTF-16 units. */
export interface Change {
  from: number
  to: number
  length: number
}

/** Which blocks an edit read anew: `removed` of them at `from` gave way to `added`; all others are the same objects. */
export interface Reread {
  from: number
  removed: number
  added: number
}

/** A document that is kept open, read once and then again where it is edited. */
export interface OpenDocument {
  /** Always the same object, brought up to date in place. */
  readonly document: Document
  /**
   * Reads again what a change concerns, and leaves the document as if the text had been read anew.
   *
   * @param text the whole text after the change
   * @param change offsets in the text before it; of several changes each is an edit of its own
   */
  edit(text: SourceText, change: Change): Reread
}

const none: readonly never[] = Object.freeze([])

/** What the text of a block says, and where. */
export type Reading = Pick<Block, 'prose' | 'marks' | 'segments' | 'start' | 'end'>

/** Text that is prose from its first character to its last, without the white space around it. */
export function readPlain(source: SourceText, from: number, to: number): Reading | undefined {
  const text = source.slice(from, to)
  const prose = text.trimStart()
  const start = to - prose.length
  const trimmed = prose.trimEnd()
  return trimmed === ''
    ? undefined
    : { prose: trimmed, marks: none, segments: none, start, end: start + trimmed.length }
}

/** Collects the prose of one block with its map back to the source. */
export class Prose {
  text = ''
  marks: Mark[] = []
  segments: Segment[] = []
  readonly source: SourceText

  constructor(source: SourceText) {
    this.source = source
  }

  /** Source text that is prose as it stands. */
  add(from: number, to: number): void {
    if (to <= from) return
    const last = this.segments.at(-1)
    if (last && !last.whole && last.source + last.sourceLength === from) last.sourceLength += to - from
    else this.segments.push({ prose: this.text.length, source: from, sourceLength: to - from, whole: false })
    this.text += this.source.slice(from, to)
  }

  /** A character reference and the characters it stands for. */
  addReference(from: number, to: number, characters: string): void {
    this.segments.push({ prose: this.text.length, source: from, sourceLength: to - from, whole: true })
    this.text += characters
  }

  /** Source that is not prose; it parts the words on its two sides. */
  skip(kind: Mark['kind'], from: number, to: number): void {
    this.marks.push({ kind, start: this.text.length, end: this.text.length, from, to })
  }

  /** The prose without white space at either end, or `undefined` where nothing is left to read. */
  finish(): Reading | undefined {
    const leading = this.text.length - this.text.trimStart().length
    const prose = this.text.trim()
    const { length } = prose
    const { marks } = this
    if (length === 0 && marks.every((mark) => mark.kind === 'other' || mark.kind === 'break')) return undefined
    const segments: Segment[] = []
    for (const [index, segment] of this.segments.entries()) {
      const next = this.segments[index + 1]
      const proseLength = segment.whole ? (next?.prose ?? this.text.length) - segment.prose : segment.sourceLength
      const from = Math.max(segment.prose, leading)
      const to = Math.min(segment.prose + proseLength, leading + length)
      if (from >= to) continue
      const cut = segment.whole ? 0 : from - segment.prose
      segments.push({
        prose: from - leading,
        source: segment.source + cut,
        sourceLength: segment.whole ? segment.sourceLength : to - from,
        whole: segment.whole,
      })
    }
    const clamp = (offset: number) => Math.min(Math.max(offset - leading, 0), length)
    const first = segments[0]
    const last = segments.at(-1)
    const start = first?.source ?? marks[0]?.from ?? 0
    const end = last ? last.source + last.sourceLength : (marks.at(-1)?.to ?? 0)
    for (const segment of segments) segment.source -= start
    return {
      prose,
      marks: marks.length
        ? marks.map(({ kind, start: markStart, end: markEnd, from, to }) => ({
            kind,
            start: clamp(markStart),
            end: clamp(markEnd),
            from: from - start,
            to: to - start,
          }))
        : none,
      segments: segments.length === 1 && !first?.whole ? none : segments,
      start,
      end,
    }
  }
}

/** The segment that holds the prose character at `offset`. */
function segmentAt(block: Block, offset: number): Segment | undefined {
  const { segments } = block
  return segments[lastUpTo(offset, segments.length, (index) => (segments[index] as Segment).prose)]
}

/** The source range of the prose range `[start, end)`, markup between its words included. */
export function sourceOf(block: Block, start: number, end: number): { start: number; end: number } {
  const first = segmentAt(block, start)
  const last = segmentAt(block, Math.max(start, end - 1))
  const origin = block.start
  if (!first || !last)
    return block.prose ? { start: origin + start, end: origin + end } : { start: origin, end: origin }
  return {
    start: origin + (first.whole ? first.source : first.source + (start - first.prose)),
    end: origin + (last.whole ? last.source + last.sourceLength : last.source + (end - last.prose)),
  }
}

/**
 * The source range to mark for the prose range `[start, end)`, widened to whole emphasis, links and code
 * so that the range never holds half of one. Not `editable` where a replacement would break or lose
 * something: a link, code or templating in the range, emphasis that only partly overlaps it, or characters
 * that are written otherwise in the source (`\\*`, `&lt;`) and would come back as markup.
 */
export function spanOf(block: Block, start: number, end: number): { start: number; end: number; editable: boolean } {
  const span = sourceOf(block, start, end)
  let editable = !block.segments.some(({ whole, prose }) => whole && prose >= start && prose < end)
  const widen = (mark: Mark): void => {
    span.start = Math.min(span.start, block.start + mark.from)
    span.end = Math.max(span.end, block.start + mark.to)
  }
  for (const mark of block.marks) {
    if (mark.start === mark.end) {
      const inside = mark.start > start && mark.start < end
      // what is matched at an end of the range is code or a link: the words reach up to a blank before it
      const atEnd = mark.start === end && isBlankAt(block, end - 1)
      const atStart = mark.start === start && (isBlankAt(block, start) || mark.kind === 'other')
      if (!inside && !atEnd && !atStart) continue
      if (mark.kind !== 'other' && mark.kind !== 'break') widen(mark)
      editable = false
      continue
    }
    const around = mark.start <= start && mark.end >= end
    const apart = mark.end <= start || mark.start >= end
    if (around || apart) continue
    if (mark.start >= start && mark.end <= end) {
      widen(mark)
      if (mark.kind === 'link') editable = false
    } else {
      if (mark.kind === 'link') widen(mark)
      editable = false
    }
  }
  return { ...span, editable }
}

const isBlankAt = (block: Block, offset: number): boolean => /\s/.test(block.prose[offset] ?? '')
