import type { Block, Document, ListPlace, Reread, Section } from './block.ts'
import type { Comment } from './comment.ts'
import { lastUpTo } from './numbers.ts'
import type { SourceText } from './rope.ts'

/**
 * A part of a document that is read without regard to what stands around it: in Markdown an outermost node (a
 * paragraph, a list with all in it). A document is these, one after another, and an edit replaces some of them.
 */
export interface Piece {
  /** Where it begins in the source, and where what stands in it ends. */
  from: number
  to: number
  /** What it is to the parser; two of one extent may be different things. */
  kind: string
  /** How many of the document's blocks, sections, comments, lists and tables are its own. */
  blocks: number
  sections: number
  comments: number
  lists: number
  tables: number
  /** Its lists before which it has no block: what leads in to them stands in a piece before. */
  led: readonly ListPlace[]
  /** Labels of link references that it defines, and those that it asked for. */
  defined: readonly string[]
  asked: readonly string[]
}

/** Pieces with all that was read into them. */
export interface Stretch {
  pieces: Piece[]
  blocks: Block[]
  sections: Section[]
  comments: Comment[]
}

/** What stands before a stretch: the section that is open, the last block, and the numbers of lists and tables. */
export interface Before {
  section: Section
  last: Block | undefined
  lists: number
  tables: number
}

/** The section that one of a level belongs to, behind another. */
export function parentOf(last: Section, level: number): Section {
  let parent = last
  while (parent.level >= level && parent.parent) parent = parent.parent
  return parent
}

type Counts = Pick<Piece, 'blocks' | 'sections' | 'comments' | 'lists' | 'tables'>

const none: Counts = Object.freeze({ blocks: 0, sections: 0, comments: 0, lists: 0, tables: 0 })

/** A document with the pieces that it consists of. Its offsets are those of the text that was read last. */
export class Pieces {
  readonly document: Document
  readonly all: Piece[] = []
  /** How much stands before one of the pieces. */
  private counted = { before: 0, counts: none }
  private readonly leadOf: (last: Block | undefined) => Block | undefined

  /** @param leadOf what leads in to a list that stands behind a block */
  constructor(leadOf: (last: Block | undefined) => Block | undefined) {
    this.leadOf = leadOf
    this.document = {
      text: '',
      get source() {
        return `${this.text}`
      },
      blocks: [],
      sections: [{ title: '', level: 0, role: 'none' }],
      comments: [],
    }
  }

  /** The number of the last piece that begins at an offset or before it, 0 where there is none. */
  at(offset: number): number {
    return lastUpTo(offset, this.all.length, (index) => (this.all[index] as Piece).from)
  }

  /** What stands before a piece. */
  before(piece: number): Before {
    const { blocks, sections, lists, tables } = this.countBefore(piece)
    const document = this.document
    return { section: document.sections[sections] as Section, last: document.blocks[blocks - 1], lists, tables }
  }

  /** Replaces the pieces of a range, and moves what stands behind them by `delta`. */
  replace(first: number, end: number, read: Stretch, delta: number): Reread {
    const { blocks, sections, comments } = this.document
    const head = this.countBefore(first)
    this.counted = { before: first, counts: head }
    const gone = this.count(first, end)
    const lastSection = sections[head.sections + gone.sections] as Section
    splice(blocks, head.blocks, gone.blocks, read.blocks)
    splice(sections, head.sections + 1, gone.sections, read.sections)
    splice(comments, head.comments, gone.comments, read.comments)
    splice(this.all, first, end - first, read.pieces)

    const behind = first + read.pieces.length
    const come = this.count(first, behind)
    const section = sections[head.sections + come.sections] as Section
    const lists = come.lists - gone.lists
    const tables = come.tables - gone.tables
    const firstBehind = head.blocks + come.blocks
    for (let index = head.blocks; index < firstBehind; index++) (blocks[index] as Block).index = index
    const isBuiltAlike = come.blocks === gone.blocks && section === lastSection && !lists && !tables
    for (let index = firstBehind; index < blocks.length; index++) {
      const block = blocks[index] as Block
      block.start += delta
      block.end += delta
      if (isBuiltAlike) continue
      block.index = index
      if (block.section === lastSection) block.section = section
      if (lists && block.list) block.list.list += lists
      if (tables && block.table) block.table.table += tables
    }
    const firstSection = gone.sections + come.sections ? head.sections + come.sections + 1 : sections.length
    for (let index = firstSection; index < sections.length; index++) {
      const { level } = sections[index] as Section
      ;(sections[index] as Section).parent = parentOf(sections[index - 1] as Section, level)
    }
    for (let index = head.comments + come.comments; index < comments.length; index++) {
      const comment = comments[index] as Comment
      comment.start += delta
      comment.end += delta
      comment.textStart += delta
      comment.textEnd += delta
    }
    const lead = this.leadOf(blocks[firstBehind - 1])
    let isLed = true
    for (let index = behind; index < this.all.length; index++) {
      const piece = this.all[index] as Piece
      piece.from += delta
      piece.to += delta
      if (!isLed) continue
      for (const place of piece.led) place.lead = lead
      isLed = piece.blocks === 0
    }
    return { from: head.blocks, removed: gone.blocks, added: come.blocks }
  }

  /** What stands before a piece, counted on from where the last edit was: the next one is beside it as a rule. */
  private countBefore(piece: number): Counts {
    const { before, counts } = this.counted
    return piece < before ? this.count(piece, before, counts, -1) : this.count(before, piece, counts)
  }

  private count(from: number, to: number, before = none, by = 1): Counts {
    const counts = { ...before }
    for (let index = from; index < to; index++) {
      const piece = this.all[index] as Piece
      counts.blocks += by * piece.blocks
      counts.sections += by * piece.sections
      counts.comments += by * piece.comments
      counts.lists += by * piece.lists
      counts.tables += by * piece.tables
    }
    return counts
  }
}

/** As `Array.splice`, of any number of elements. */
function splice<T>(array: T[], from: number, removed: number, added: readonly T[]): void {
  if (added.length < 10_000) array.splice(from, removed, ...added)
  else {
    const rest = array.slice(from + removed)
    array.length = from
    for (const one of added) array.push(one)
    for (const one of rest) array.push(one)
  }
}

/** Whether two lines that are not blank end between two offsets. */
export function areTwoLines(source: SourceText, from: number, to: number): boolean {
  let lines = 0
  let isBlank = true
  for (let at = from; at < to; at++) {
    const code = source.charCodeAt(at)
    if (code === 10 || code === 13) {
      if (!isBlank && ++lines === 2) return true
      isBlank = true
    } else if (code !== 32 && code !== 9) isBlank = false
  }
  return false
}
