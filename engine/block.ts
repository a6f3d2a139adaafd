import type { Comment } from './comment.ts'
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
  /** The source range with its markup. */
  sourceStart: number
  sourceEnd: number
}

/** A run of prose that stands as it is in the source, or one character reference that stands for it. */
interface Segment {
  prose: number
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
  marks: Mark[]
  segments: Segment[]
  /** Made when first asked for. */
  tokens?: Tokens
  /** What `factOf` has found out about it. */
  facts?: Map<unknown, unknown>
}

/**
 * What `fact` finds out about a block by itself, from its prose, marks and tokens and not from where it stands: found out
 * once, as long as the block is not edited.
 */
export function factOf<T, Context>(block: Block, fact: (block: Block, context: Context) => T, context: Context): T {
  block.facts ??= new Map()
  const known = block.facts.get(fact)
  if (known !== undefined || block.facts.has(fact)) return known as T
  const found = fact(block, context)
  block.facts.set(fact, found)
  return found
}

/** A document as its rules see it. */
export interface Document {
  source: string
  blocks: Block[]
  sections: Section[]
  /** What is said to Silolint in comments, in source order. */
  comments: Comment[]
}

/** What an edit made of the blocks: `[from, from + removed)` of before are `[from, from + added)` now. */
export interface Changed {
  from: number
  removed: number
  added: number
}

/** A document that is kept open: read once, then brought up to date by each edit. */
export interface OpenDocument {
  /** Always the same object; its source, blocks, sections and comments are brought up to date in place. */
  readonly document: Document
  /** One change of the text: `[from, to)` of the text before became `length` characters of `source`, the whole text after. */
  edit(source: string, change: { from: number; to: number; length: number }): Changed
}

/** Collects the prose of one block with its map back to the source. */
export class Prose {
  text = ''
  marks: Mark[] = []
  segments: Segment[] = []
  readonly source: string

  constructor(source: string) {
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
    this.marks.push({ kind, start: this.text.length, end: this.text.length, sourceStart: from, sourceEnd: to })
  }

  /** The prose without white space at either end, or `undefined` where nothing is left to read. */
  finish(): Pick<Block, 'prose' | 'marks' | 'segments' | 'start' | 'end'> | undefined {
    const leading = this.text.length - this.text.trimStart().length
    const length = this.text.trim().length
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
    return {
      prose: this.text.slice(leading, leading + length),
      marks: marks.map((mark) => ({ ...mark, start: clamp(mark.start), end: clamp(mark.end) })),
      segments,
      start: first?.source ?? marks[0]?.sourceStart ?? 0,
      end: last ? last.source + last.sourceLength : (marks.at(-1)?.sourceEnd ?? 0),
    }
  }
}

/** The segment that holds the prose character at `offset`. */
function segmentAt(block: Block, offset: number): Segment | undefined {
  let low = 0
  let high = block.segments.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((block.segments[middle] as Segment).prose <= offset) low = middle
    else high = middle - 1
  }
  return block.segments[low]
}

/** The source range of the prose range `[start, end)`, markup between its words included. */
export function sourceOf(block: Block, start: number, end: number): { start: number; end: number } {
  const first = segmentAt(block, start)
  const last = segmentAt(block, Math.max(start, end - 1))
  if (!first || !last) return { start: block.start, end: block.start }
  return {
    start: first.whole ? first.source : first.source + (start - first.prose),
    end: last.whole ? last.source + last.sourceLength : last.source + (end - last.prose),
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
    span.start = Math.min(span.start, mark.sourceStart)
    span.end = Math.max(span.end, mark.sourceEnd)
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
