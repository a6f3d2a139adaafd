import type { Kind } from './network.ts'
import type { Pattern } from './phrase.ts'

/** What a phrase cannot do without: a class of tokens, all of some things or one of them. */
type Need = number | { all: Need[] } | { any: Need[] }

/** What a phrase is made of, and what it is made of, by a number, since that is compared millions of times. */
const shape = { labels: 0, sequence: 1, either: 2, optional: 3, gap: 4, not: 5, clauseStart: 6, clauseEnd: 7 } as const

/** A phrase made of classes of tokens. */
interface Shape {
  is: (typeof shape)[keyof typeof shape]
  /** One of these classes; behind `not` none of them. */
  labels: readonly number[]
  items: readonly Shape[]
  /** The words of a gap at most. */
  most: number
}
const nothing: readonly never[] = []
const make = (is: Shape['is'], labels: readonly number[], items: readonly Shape[] = nothing, most = 0): Shape => ({
  is,
  labels,
  items,
  most,
})

/** What the classes of tokens are, to those who put phrases together. */
export interface Labels {
  /** The class of a word's forms, of a mark, or of a vocabulary's entries. */
  labelOf(pattern: Pattern & { type: 'word' | 'vocabulary' | 'punctuation' }): number
  /** How likely something of the class stands in a sentence, from 0 to 1. */
  likelihoodOf(label: number): number
  /** 0 for classes that one token shows; above those of all that their longer entries are made of. */
  levelOf(label: number): number
}

/** Phrases that are looked for together. */
interface Group {
  /** The phrases for which it is worth looking closer where a label is there. */
  readonly triggers: Lists
  /** Phrases of which nothing is known but that they may stand anywhere. */
  readonly anywhere: number[]
}

/** Lists of numbers by label, one behind the other in one array once they are read: few labels have any. */
class Lists {
  private lists: Map<number, number[]> | undefined = new Map()
  private highest = -1
  private begins = new Int32Array(0)
  private numbers = new Int32Array(0)

  /** Adds a number to the list of a label, unless it is its last one. */
  add(label: number, number: number): void {
    if (!this.lists) throw new Error('Nothing can be added once lists were read.')
    this.highest = Math.max(this.highest, label)
    const known = this.lists.get(label)
    if (!known) this.lists.set(label, [number])
    else if (known.at(-1) !== number) known.push(number)
  }

  /** Where the list of a label begins in `all`; it ends where that of the next label begins. */
  begin(label: number): number {
    if (this.lists) this.finish(this.lists)
    return this.begins[label] ?? this.numbers.length
  }

  get all(): Int32Array {
    return this.numbers
  }

  private finish(lists: Map<number, number[]>): void {
    this.lists = undefined
    this.begins = new Int32Array(this.highest + 2)
    const numbers: number[] = []
    for (let label = 0; label < this.begins.length; label++) {
      this.begins[label] = numbers.length
      for (const number of lists.get(label) ?? []) numbers.push(number)
    }
    this.numbers = Int32Array.from(numbers)
  }
}

/** Tokens that are looked at together: a sentence, or as much of a long one as fits; positions count from its first token. */
export interface Window {
  /** Where it stands in its sentence, the end exclusive. */
  readonly from: number
  readonly to: number
  /** The labels of its tokens and longer entries, each once. */
  readonly labels: number[]
  /** The longer entries of vocabularies that may stand in it, by the vocabulary's label. */
  readonly entries: Map<number, number[]>
  /** Of vocabularies with longer entries that may stand there: the label, and for each word the masks and the ends. */
  readonly longer: number[]
}

/** The integers that hold a bit for each position of a window and one behind the last. */
const mostWords = 4
/** The tokens of a window at most. */
const longestWindow = 32 * mostWords - 1

/**
 * Finds out which phrases may stand in a sentence, for all of them at once. Of each phrase the rarest part is known; where
 * that stands, and all others that it cannot do without, its tokens are followed from all positions at the same time, a
 * bit for each. Only longer entries of vocabularies are not told apart by where they begin, and what must not follow only
 * by its first word, so that nothing is missed and hardly anything found that is not there.
 */
export class Presence {
  private readonly labels: Labels
  private readonly groups: Group[] = []
  /** By the number of a phrase: itself, and its shape, made when it is first followed, which few ever are. */
  private readonly phrases: Array<{ pattern: Pattern; shape?: Shape }> = []
  /** By the label, the vocabularies of which the whole of that vocabulary is an entry. */
  private readonly includedIn = new Lists()
  /** By the number of a phrase, where in `needs` it stands. */
  private readonly begins: number[] = []
  /** By the number of a phrase, the vocabulary that it is an entry of, or -1. */
  private readonly entryOf: number[] = []
  /** What phrases need, in Polish notation: labels, and `all` and `any` with where they end. */
  private readonly needs: number[] = []

  /** How many phrases were tried, of how many all parts were there, and how many may stand somewhere. */
  readonly work = { tried: 0, followed: 0, stood: 0 }
  /** The window looked at; how many integers hold its positions. */
  private window: Window | undefined
  private words = 1
  private turn = 0
  /** By the label, the turn in which it was there. */
  private there = new Int32Array(4096)
  /** By the label and word: the positions where a token has the label, and where a longer entry ends. */
  private masks = new Int32Array(4096 * mostWords)
  private ends = new Int32Array(4096 * mostWords)
  private readonly fills = new Int32Array(mostWords)
  private readonly starts = new Int32Array(mostWords)
  private readonly stops = new Int32Array(mostWords)
  /** Sets of positions while a phrase is followed, `words` integers each, and where the next one goes. */
  private sets = new Int32Array(1024)
  private height = 0
  /** By the phrase, the turn in which it was looked at. */
  private seen = new Int32Array(4096)
  /** By the level, the entries to look at, and in pairs the vocabularies to be included in others. */
  private readonly levels: Array<{ entries: number[]; included: number[] }> = []

  constructor(labels: Labels) {
    this.labels = labels
  }

  /** The number of a new group of phrases. The first one holds the longer entries of vocabularies. */
  addGroup(): number {
    return this.groups.push({ triggers: new Lists(), anywhere: [] }) - 1
  }

  /** Adds a phrase to a group: its number. An entry has the label of its vocabulary. */
  add(group: number, pattern: Pattern, entryOf = -1): number {
    // first of all, since vocabularies that were not known yet add their entries meanwhile
    const need = this.needOf(pattern)
    const phrase = this.begins.push(this.needs.length) - 1
    this.entryOf.push(entryOf)
    this.phrases.push({ pattern })
    const { triggers, anywhere } = this.groups[group] as Group
    if (entryOf >= 0 && pattern.type === 'vocabulary') {
      // what stands for one stands for the other, without following any words
      const label = this.labels.labelOf(pattern)
      this.includedIn.add(label, entryOf)
    } else if (need === undefined) anywhere.push(phrase)
    else {
      this.write(need)
      for (const label of this.triggersOf(need)) triggers.add(label, phrase)
    }
    return phrase
  }

  private shapeAt(phrase: number): Shape {
    const known = this.phrases[phrase] as { pattern: Pattern; shape?: Shape }
    known.shape ??= this.shapeOf(known.pattern)
    return known.shape
  }

  private shapeOf(pattern: Pattern): Shape {
    switch (pattern.type) {
      case 'word':
      case 'vocabulary':
      case 'punctuation':
        return make(shape.labels, [this.labels.labelOf(pattern)])
      case 'sequence':
        return make(
          shape.sequence,
          nothing,
          pattern.items.map((item) => this.shapeOf(item)),
        )
      case 'either': {
        const items = pattern.items.map((item) => this.shapeOf(item))
        const single = make(
          shape.labels,
          items.flatMap((item) => (item.is === shape.labels ? item.labels : [])),
        )
        const longer = items.filter((item) => item.is !== shape.labels)
        if (!longer.length) return single
        return make(shape.either, nothing, single.labels.length ? [single, ...longer] : longer)
      }
      case 'optional':
        return make(shape.optional, nothing, [this.shapeOf(pattern.item)])
      case 'gap':
        return make(shape.gap, nothing, nothing, pattern.most)
      case 'not': {
        const item = this.shapeOf(pattern.item)
        // longer ones are left to those who look closer
        const single = item.is === shape.either ? (item.items[0] as Shape) : item
        return make(shape.not, single.is === shape.labels ? single.labels : nothing)
      }
      case 'clauseStart':
        return make(shape.clauseStart, nothing)
      case 'clauseEnd':
        return make(shape.clauseEnd, nothing)
    }
  }

  private needOf(pattern: Pattern): Need | undefined {
    switch (pattern.type) {
      case 'word':
      case 'vocabulary':
      case 'punctuation':
        return this.labels.labelOf(pattern)
      case 'sequence': {
        const parts = pattern.items.map((item) => this.needOf(item)).filter((need) => need !== undefined)
        return parts.length > 1 ? { all: parts } : parts[0]
      }
      case 'either': {
        const parts = pattern.items.map((item) => this.needOf(item))
        return parts.some((need) => need === undefined) ? undefined : { any: parts as Need[] }
      }
      default:
        return undefined
    }
  }

  /** How likely a phrase stands in a sentence, from 0 to 1, as if words had nothing to do with each other. */
  likelihoodOfPhrase(pattern: Pattern): number {
    const need = this.needOf(pattern)
    return need === undefined ? 1 : this.likelihoodOf(need)
  }

  private likelihoodOf(need: Need): number {
    if (typeof need === 'number') return this.labels.likelihoodOf(need)
    if ('all' in need) return need.all.reduce<number>((product, one) => product * this.likelihoodOf(one), 1)
    return 1 - need.any.reduce<number>((product, one) => product * (1 - this.likelihoodOf(one)), 1)
  }

  /** The labels of which one is there wherever the need is met: those of its rarest part. */
  private triggersOf(need: Need): number[] {
    if (typeof need === 'number') return [need]
    if ('any' in need) return need.any.flatMap((one) => this.triggersOf(one))
    const [rarest] = [...need.all].sort((a, b) => this.likelihoodOf(a) - this.likelihoodOf(b))
    return this.triggersOf(rarest as Need)
  }

  private write(need: Need): void {
    const { needs } = this
    if (typeof need === 'number') {
      needs.push(need)
      return
    }
    const at = needs.push('all' in need ? all : any, 0) - 1
    // what is rare is missing most often, what is common is found first
    const order = ('all' in need ? need.all : need.any).map((one) => ({ one, likelihood: this.likelihoodOf(one) }))
    order.sort((a, b) => ('all' in need ? a.likelihood - b.likelihood : b.likelihood - a.likelihood))
    for (const { one } of order) this.write(one)
    needs[at] = needs.length
  }

  /**
   * The windows of a sentence, made from the kinds of its tokens and from `spans`, where vocabularies stand that are not
   * seen from one token. They lie over each other by `overlap` tokens.
   */
  windowsOf(
    kinds: readonly Kind[],
    spans: ReadonlyArray<{ label: number; from: number; to: number }>,
    overlap: number,
  ): Window[] {
    const windows: Window[] = []
    for (let from = 0; ; from += longestWindow - overlap) {
      const to = Math.min(kinds.length, from + longestWindow)
      const window: Window = { from, to, labels: [], entries: new Map(), longer: [] }
      this.read(window, kinds, spans)
      windows.push(window)
      if (to === kinds.length) return windows
    }
  }

  /** The phrases of a group that may stand in a window of a sentence with such kinds of tokens, by their numbers. */
  phrasesIn(window: Window, kinds: readonly Kind[], group: number): number[] {
    if (this.window !== window) this.turnTo(window, kinds)
    const { triggers, anywhere } = this.groups[group] as Group
    const found = anywhere.filter((phrase) => this.stands(phrase))
    for (const label of window.labels) {
      const end = triggers.begin(label + 1)
      for (let at = triggers.begin(label); at < end; at++) {
        const phrase = triggers.all[at] as number
        if (this.isNew(phrase) && this.stands(phrase)) found.push(phrase)
      }
    }
    return found
  }

  /** Makes the tokens of a window the ones that are looked at. */
  private turnTo(window: Window, kinds: readonly Kind[]): void {
    this.window = window
    this.turn++
    const { from, to, labels, longer } = window
    const isFirst = labels.length === 0
    const count = to - from
    this.words = (count >> 5) + 1
    this.fills.fill(0)
    this.starts.fill(0)
    this.stops.fill(0)
    for (let at = 0; at < count; at++) {
      const { labels: own, fillsGap, parts } = kinds[from + at] as Kind
      const word = at >> 5
      const bit = 1 << (at & 31)
      if (fillsGap) this.fills[word] = (this.fills[word] as number) | bit
      if (parts) {
        this.stops[word] = (this.stops[word] as number) | bit
        this.starts[(at + 1) >> 5] = (this.starts[(at + 1) >> 5] as number) | (1 << ((at + 1) & 31))
      }
      for (const label of own) {
        if (this.put(label) && isFirst) labels.push(label)
        const index = label * mostWords + word
        this.masks[index] = (this.masks[index] as number) | bit
      }
    }
    // the ends of the sentence part clauses, and so may those of the window
    this.starts[0] = (this.starts[0] as number) | 1
    this.stops[count >> 5] = (this.stops[count >> 5] as number) | (1 << (count & 31))
    for (let at = 0; at < longer.length; ) {
      const label = longer[at++] as number
      this.put(label)
      for (let index = label * mostWords; index < label * mostWords + this.words; index++) {
        this.masks[index] = longer[at++] as number
        this.ends[index] = longer[at++] as number
      }
    }
  }

  /** Reads a window for the first time: also which longer entries may stand in it. */
  private read(
    window: Window,
    kinds: readonly Kind[],
    spans: ReadonlyArray<{ label: number; from: number; to: number }>,
  ): void {
    this.turnTo(window, kinds)
    const { labels, entries, longer, from, to } = window
    const ended = new Set<number>()
    for (const span of spans) {
      if (span.from < from || span.to > to) continue
      if (this.put(span.label)) labels.push(span.label)
      const end = span.to - from
      const index = span.label * mostWords + (end >> 5)
      this.ends[index] = (this.ends[index] as number) | (1 << (end & 31))
      ended.add(span.label)
    }
    const { anywhere } = this.groups[0] as Group
    const { levels } = this
    for (const phrase of anywhere) this.wait(phrase)
    for (const label of labels) this.wake(label)
    for (const { entries: waiting, included } of levels) {
      for (let at = 0; at < included.length; at += 2) {
        const vocabulary = included[at] as number
        this.grant(vocabulary, labels, ended)
        const base = vocabulary * mostWords
        const other = (included[at + 1] as number) * mostWords
        for (let word = 0; word < this.words; word++) {
          this.masks[base + word] = (this.masks[base + word] as number) | (this.masks[other + word] as number)
          this.ends[base + word] = (this.ends[base + word] as number) | (this.ends[other + word] as number)
        }
      }
      included.length = 0
      for (const phrase of waiting) {
        if (!this.stands(phrase)) continue
        const vocabulary = this.entryOf[phrase] as number
        const known = entries.get(vocabulary)
        if (known) known.push(phrase)
        else entries.set(vocabulary, [phrase])
        this.grant(vocabulary, labels, ended)
        const base = vocabulary * mostWords
        for (let word = 0; word < this.words; word++)
          this.ends[base + word] = (this.ends[base + word] as number) | (this.reached[word] as number)
      }
      waiting.length = 0
    }
    for (const label of ended) {
      longer.push(label)
      for (let index = label * mostWords; index < label * mostWords + this.words; index++)
        longer.push(this.masks[index] as number, this.ends[index] as number)
    }
  }

  /** Takes note that a vocabulary's longer entries may stand here, and has what depends on it looked at. */
  private grant(vocabulary: number, labels: number[], ended: Set<number>): void {
    ended.add(vocabulary)
    if (!this.put(vocabulary)) return
    labels.push(vocabulary)
    this.wake(vocabulary)
  }

  /** Takes note that a label is there; whether it was not known yet. */
  private put(label: number): boolean {
    if (label >= this.there.length) {
      this.there = lengthened(this.there, 2 * label)
      this.masks = lengthened(this.masks, 2 * label * mostWords)
      this.ends = lengthened(this.ends, 2 * label * mostWords)
    }
    if (this.there[label] === this.turn) return false
    this.there[label] = this.turn
    const base = label * mostWords
    for (let index = base; index < base + this.words; index++) {
      this.masks[index] = 0
      this.ends[index] = 0
    }
    return true
  }

  /** Has what depends on a label looked at. */
  private wake(label: number): void {
    const { includedIn } = this
    const lastIncluded = includedIn.begin(label + 1)
    for (let at = includedIn.begin(label); at < lastIncluded; at++) {
      const other = includedIn.all[at] as number
      this.levelOf(other).included.push(other, label)
    }
    const { triggers } = this.groups[0] as Group
    const last = triggers.begin(label + 1)
    for (let at = triggers.begin(label); at < last; at++) this.wait(triggers.all[at] as number)
  }

  /** Has an entry looked at when all below its level is known. */
  private wait(phrase: number): void {
    if (this.isNew(phrase)) this.levelOf(this.entryOf[phrase] as number).entries.push(phrase)
  }

  private levelOf(vocabulary: number): { entries: number[]; included: number[] } {
    const level = this.labels.levelOf(vocabulary)
    while (this.levels.length <= level) this.levels.push({ entries: [], included: [] })
    return this.levels[level] as { entries: number[]; included: number[] }
  }

  /** Whether a phrase was not looked at in this window; it is from now on. */
  private isNew(phrase: number): boolean {
    if (phrase >= this.seen.length) this.seen = lengthened(this.seen, 2 * this.begins.length)
    if (this.seen[phrase] === this.turn) return false
    this.seen[phrase] = this.turn
    return true
  }

  /** Whether a phrase may stand in the window. Where it may end is then in `reached`. */
  private stands(phrase: number): boolean {
    this.work.tried++
    const begin = this.begins[phrase] as number
    if (begin !== (this.begins[phrase + 1] ?? this.needs.length) && !this.isMet(begin)) return false
    this.work.followed++
    const rest = ((this.window as Window).to - (this.window as Window).from) & 31
    // a bit for each token and one for the end
    const full = rest === 31 ? -1 : (1 << (rest + 1)) - 1
    if (this.words === 1) {
      const bits = this.followShort(this.shapeAt(phrase), full)
      this.reached[0] = bits
      if (bits) this.work.stood++
      return bits !== 0
    }
    this.height = 0
    const everywhere = this.take()
    this.sets.fill(-1, everywhere, everywhere + this.words)
    this.sets[everywhere + this.words - 1] = full
    const found = this.follow(this.shapeAt(phrase), everywhere)
    let isThere = false
    for (let word = 0; word < this.words; word++) {
      const bits = this.sets[found + word] as number
      this.reached[word] = bits
      if (bits) isThere = true
    }
    if (isThere) this.work.stood++
    return isThere
  }
  private readonly reached = new Int32Array(mostWords)

  private isMet(at: number): boolean {
    const { needs, there, turn } = this
    const head = needs[at] as number
    if (head >= 0) return there[head] === turn
    const end = needs[at + 1] as number
    for (let next = at + 2; next < end; ) {
      const one = needs[next] as number
      const isMet = one >= 0 ? there[one] === turn : this.isMet(next)
      if (isMet !== (head === all)) return isMet
      next = one >= 0 ? next + 1 : (needs[next + 1] as number)
    }
    return head === all
  }

  /** `follow` for windows whose positions fit into one integer, which most do: sets of positions as integers. */
  private followShort(one: Shape, from: number): number {
    switch (one.is) {
      case shape.labels: {
        const { there, turn, masks, ends } = this
        let mask = 0
        let end = 0
        for (const label of one.labels)
          if (there[label] === turn) {
            mask |= masks[label * mostWords] as number
            end |= ends[label * mostWords] as number
          }
        const taken = (from & mask) << 1
        if (!end) return taken
        const lowest = from & -from
        return taken | (end & ~(lowest | (lowest - 1)))
      }
      case shape.sequence: {
        let at = from
        for (const item of one.items) {
          at = this.followShort(item, at)
          if (!at) return 0
        }
        return at
      }
      case shape.either: {
        let to = 0
        for (const item of one.items) to |= this.followShort(item, from)
        return to
      }
      case shape.optional:
        return from | this.followShort(one.items[0] as Shape, from)
      case shape.gap: {
        const fills = this.fills[0] as number
        let to = from
        let next = from
        for (let length = 0; length < one.most && next; length++) {
          next = (next & fills) << 1
          to |= next
        }
        return to
      }
      case shape.not: {
        let to = from
        for (const label of one.labels)
          if (this.there[label] === this.turn) to &= ~(this.masks[label * mostWords] as number)
        return to
      }
      case shape.clauseStart:
        return from & (this.starts[0] as number)
      case shape.clauseEnd:
        return from & (this.stops[0] as number)
    }
  }

  /** Room for a set of positions: where it begins in `sets`. */
  private take(): number {
    const at = this.height
    this.height += this.words
    if (this.height > this.sets.length) this.sets = lengthened(this.sets, 2 * this.height)
    return at
  }

  /** The positions behind a shape that begins at one of a set of positions; sets are told by where they begin in `sets`. */
  private follow(one: Shape, from: number): number {
    const { words } = this
    switch (one.is) {
      case shape.labels:
        return this.step(one.labels, from)
      case shape.sequence: {
        let at = from
        for (const item of one.items) {
          at = this.follow(item, at)
          if (this.isEmpty(at)) return at
        }
        return at
      }
      case shape.either: {
        const to = this.take()
        this.sets.fill(0, to, to + words)
        for (const item of one.items) this.join(to, this.follow(item, from))
        return to
      }
      case shape.optional: {
        const to = this.take()
        this.sets.copyWithin(to, from, from + words)
        this.join(to, this.follow(one.items[0] as Shape, from))
        return to
      }
      case shape.gap: {
        const to = this.take()
        const next = this.take()
        const { sets } = this
        sets.copyWithin(to, from, from + words)
        sets.copyWithin(next, from, from + words)
        for (let length = 0; length < one.most; length++) {
          let carry = 0
          let rest = 0
          for (let word = 0; word < words; word++) {
            const bits = (sets[next + word] as number) & (this.fills[word] as number)
            sets[next + word] = (bits << 1) | carry
            carry = bits >>> 31
            rest |= bits
          }
          if (!rest) break
          this.join(to, next)
        }
        return to
      }
      case shape.not: {
        const to = this.take()
        const { sets } = this
        sets.copyWithin(to, from, from + words)
        for (const label of one.labels)
          if (this.there[label] === this.turn)
            for (let word = 0; word < words; word++)
              sets[to + word] = (sets[to + word] as number) & ~(this.masks[label * mostWords + word] as number)
        return to
      }
      case shape.clauseStart:
        return this.keep(from, this.starts)
      case shape.clauseEnd:
        return this.keep(from, this.stops)
    }
  }

  private step(labels: readonly number[], from: number): number {
    const { words } = this
    const to = this.take()
    const { sets, masks, ends } = this
    sets.fill(0, to, to + words)
    for (const label of labels) {
      if (this.there[label] !== this.turn) continue
      const base = label * mostWords
      let carry = 0
      /** What stands behind the first position of the set, where longer entries may end. */
      let above = 0
      for (let word = 0; word < words; word++) {
        const bits = sets[from + word] as number
        const taken = bits & (masks[base + word] as number)
        const isFirst = above === 0 && bits !== 0
        const lowest = bits & -bits
        if (isFirst) above = ~(lowest | (lowest - 1))
        sets[to + word] = (sets[to + word] as number) | (taken << 1) | carry | ((ends[base + word] as number) & above)
        if (isFirst) above = -1
        carry = taken >>> 31
      }
    }
    return to
  }

  private keep(from: number, which: Int32Array): number {
    const to = this.take()
    for (let word = 0; word < this.words; word++)
      this.sets[to + word] = (this.sets[from + word] as number) & (which[word] as number)
    return to
  }

  private join(to: number, other: number): void {
    const { sets } = this
    for (let word = 0; word < this.words; word++)
      sets[to + word] = (sets[to + word] as number) | (sets[other + word] as number)
  }

  private isEmpty(at: number): boolean {
    for (let word = 0; word < this.words; word++) if (this.sets[at + word]) return false
    return true
  }
}
/** Stand for "all of" and "one of" in `needs`, followed by the position behind the last of them. */
const all = -1
const any = -2

function lengthened(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length)
  longer.set(array)
  return longer
}
