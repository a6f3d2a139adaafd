import { lastUpTo } from './numbers.ts'

/** What a reader asks of a text, be it a string or a rope; offsets are UTF-16 units. */
export interface SourceText {
  readonly length: number
  slice(from: number, to?: number): string
  charCodeAt(at: number): number
  /** The next place of one character, -1 where there is none. */
  indexOf(character: string, from: number): number
  /** The last place of one character, up to an offset and with it; -1 where there is none. */
  lastIndexOf(character: string, from: number): number
  toString(): string
}

/** So long are leaves as a rule: a change makes one anew, and copies the list of all. */
const usual = 4096

/**
 * A long text that is edited. It never changes: an edit gives another one, which has all leaves of this one but those that
 * the edit concerns. As a string each change would copy the whole, a megabyte in memory that is new each time.
 */
export class Rope implements SourceText {
  readonly length: number
  private readonly leaves: readonly string[]
  /** Where each leaf begins. */
  private readonly starts: readonly number[]
  /** The leaf that was read last: who reads on finds it there. */
  private last = 0
  private whole: string | undefined
  /** About how long its leaves are. */
  private readonly leaf: number

  private constructor(leaves: readonly string[], starts: readonly number[], length: number, leaf: number) {
    this.leaves = leaves
    this.starts = starts
    this.length = length
    this.leaf = leaf
  }

  /**
   * The rope of a text.
   *
   * @param leaf about how long each of its leaves is
   */
  static of(text: string, leaf = usual): Rope {
    const leaves = cut(text, leaf)
    const starts: number[] = []
    let start = 0
    for (const one of leaves) {
      starts.push(start)
      start += one.length
    }
    const rope = new Rope(leaves, starts, text.length, leaf)
    rope.whole = text
    return rope
  }

  /** The text in which `[from, to)` has become another. */
  replace(from: number, to: number, text: string): Rope {
    const { leaves, starts, leaf } = this
    const first = this.leafAt(from)
    const end = this.leafAt(to) + 1
    const start = starts[first] as number
    const made = this.slice(start, from) + text + this.slice(to, starts[end] ?? this.length)
    // one that has become small is written together with the next, so that there are never many of them
    const isSmall = made.length < leaf / 4 && end < leaves.length
    const news = cut(isSmall ? made + leaves[end] : made, leaf)
    const behind = isSmall ? end + 1 : end
    const difference = text.length - (to - from)
    const all = leaves.slice(0, first)
    const begins = starts.slice(0, first)
    let at = start
    for (const one of news) {
      all.push(one)
      begins.push(at)
      at += one.length
    }
    for (let index = behind; index < leaves.length; index++) {
      all.push(leaves[index] as string)
      begins.push((starts[index] as number) + difference)
    }
    return new Rope(all, begins, this.length + difference, leaf)
  }

  slice(from: number, to: number = this.length): string {
    const [start, end] = [Math.max(0, from), Math.min(to, this.length)]
    if (start >= end) return ''
    let index = this.leafAt(start)
    const begin = this.starts[index] as number
    const leaf = this.leaves[index] as string
    if (end <= begin + leaf.length) return leaf.slice(start - begin, end - begin)
    let text = leaf.slice(start - begin)
    for (index++; start + text.length < end; index++)
      text += (this.leaves[index] as string).slice(0, end - start - text.length)
    return text
  }

  charCodeAt(at: number): number {
    if (at < 0 || at >= this.length) return Number.NaN
    const index = this.leafAt(at)
    return (this.leaves[index] as string).charCodeAt(at - (this.starts[index] as number))
  }

  indexOf(character: string, from: number): number {
    if (from >= this.length) return -1
    for (let index = this.leafAt(from); index < this.leaves.length; index++) {
      const start = this.starts[index] as number
      const found = (this.leaves[index] as string).indexOf(character, from - start)
      if (found >= 0) return start + found
    }
    return -1
  }

  lastIndexOf(character: string, from: number): number {
    for (let index = this.leafAt(from); index >= 0; index--) {
      const start = this.starts[index] as number
      const found = (this.leaves[index] as string).lastIndexOf(character, from - start)
      if (found >= 0) return start + found
    }
    return -1
  }

  /** The whole text as a string, made when it is first asked for. */
  toString(): string {
    this.whole ??= this.leaves.join('')
    return this.whole
  }

  /** The number of the leaf that holds an offset. */
  private leafAt(offset: number): number {
    const { starts, last } = this
    const next = starts[last + 1]
    if ((starts[last] as number) > offset || (next !== undefined && next <= offset))
      this.last = lastUpTo(offset, starts.length, (index) => starts[index] as number)
    return this.last
  }
}

/** A text in leaves; one at least, and none that holds nothing beside others. */
function cut(text: string, leaf: number): string[] {
  if (text.length <= 2 * leaf) return [text]
  const leaves: string[] = []
  for (let at = 0; at < text.length; at += leaf) leaves.push(text.slice(at, at + leaf))
  return leaves
}
