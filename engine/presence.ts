import type { Kind } from './network.ts'
import { type Ints, Lists, lengthened, Numbers } from './numbers.ts'
import type { Pattern } from './phrase.ts'

/** What a phrase cannot do without: a class of tokens, all of some things or one of them. */
type Need = number | { all: Need[] } | { any: Need[] }

/**
 * What a phrase is made of: each part is a number, its kind and eight times how many numbers it takes in all, and then
 * what it is made of. Labels are classes of tokens of which one stands there, behind `not` of which none does; a gap has
 * the words that it passes over at most.
 */
const part = { labels: 0, sequence: 1, either: 2, optional: 3, gap: 4, not: 5, clauseStart: 6, clauseEnd: 7 } as const

/** What the classes of tokens are, to those who put phrases together. */
export interface Labels {
  /** The class of a word's forms, of a mark, or of a vocabulary's entries. */
  labelOf(pattern: Pattern & { type: 'word' | 'vocabulary' | 'punctuation' }): number
  /** How likely something of the class stands in a sentence, from 0 to 1. */
  likelihoodOf(label: number): number
  /** How likely it is looked for in a sentence: an entry of several words is where its rarest one stands. */
  alarmOf(label: number): number
  /** Whether it has entries that are longer than one token. */
  isLong(label: number): boolean
  /** How many classes there are; each is told by a number below it. */
  readonly count: number
  /** Whether it never gets any: one token tells whether it is there, whatever is added to vocabularies. */
  isFixed(label: number): boolean
}

/** Where a vocabulary stands that is not seen from one token: positions in a window, the end exclusive. */
export interface Stretch {
  label: number
  from: number
  to: number
}

/** Tokens that are looked at together: a sentence, or as much of a long one as fits; positions count from its first token. */
export interface Window {
  /** Where it stands in its sentence, the end exclusive. */
  readonly from: number
  readonly to: number
  readonly stretches: readonly Stretch[]
}

/** Everything known of phrases, as it was made when the program was built. */
export interface PresenceTables {
  groups: Array<{ counts: Ints; numbers: Ints }>
  includedCounts: Ints
  includedNumbers: Ints
  entryOf: Ints
  needs: Ints
  parts: Ints
}

/** The integers that hold a bit for each position of a window and one behind the last. */
const mostWords = 4
/** The tokens of a window at most. */
const longestWindow = 32 * mostWords - 1

/**
 * Finds out which phrases may stand in a sentence, for all of them at once. Of each phrase the rarest part is known; where
 * that stands, and all others that it cannot do without, its tokens are followed from all positions at the same time, a
 * bit for each. Entries of several words that a vocabulary has are followed when a phrase asks for the vocabulary. Only
 * these are not told apart by where they begin, and what must not follow only by its first word, so that nothing is
 * missed and hardly anything found that is not there.
 */
export class Presence {
  private readonly labels: Labels
  /**
   * Phrases that are looked for together: by the label, those for which it is worth looking closer where it is there, each
   * with another label that they cannot do without, or `whatever`.
   */
  private readonly groups: Lists[]
  /** By the label, the vocabularies of which the whole of that vocabulary is an entry. */
  private readonly includedIn: Lists
  /** By the number of a phrase, the vocabulary that it is an entry of, or -1. */
  private readonly entryOf: Numbers
  /** By the number of a phrase, where in `needs` it stands. */
  private readonly needsAt: Numbers
  /** What phrases need, in Polish notation: labels, and `all` and `any` with how many numbers they take. */
  private readonly needs: Numbers
  /** By the number of a phrase, where in `parts` it stands. */
  private readonly partsAt: Numbers
  private readonly parts: Numbers

  /** How many phrases were tried, of how many all parts were there, and how many may stand somewhere. */
  readonly work = { tried: 0, followed: 0, stood: 0 }
  /** The window looked at; how many integers hold its positions. */
  private window: Window | undefined
  private words = 1
  /** All positions of the last integer of the window. */
  private full = 0
  private turn = 0
  /** The labels that may be in the window, each once: of tokens, and of vocabularies whose longer entries have an alarm. */
  private present = new Int32Array(0)
  private presentCount = 0
  /** By the label, the turn in which it was there. */
  private there = new Int32Array(0)
  /** By the label, the turn in which longer entries of it wait to be looked at; the same below zero when they have been. */
  private pending = new Int32Array(0)
  /** By the label, where in `waiting` the last of these entries stands. */
  private lastWaiting = new Int32Array(0)
  /** Pairs: an entry, or as `~label` a vocabulary that is one; and where the one before it stands, or -1. */
  private waiting = new Int32Array(0)
  private waitingCount = 0
  /** By the label, the longer entries of it that may stand. */
  private readonly standing: Array<{ turn: number; entries: number[] } | undefined> = []
  /** By the label and word, as many words as the window has: where a token has the label, and where a longer entry ends. */
  private masks = new Int32Array(0)
  private ends = new Int32Array(0)
  private readonly fills = new Int32Array(mostWords)
  private readonly starts = new Int32Array(mostWords)
  private readonly stops = new Int32Array(mostWords)
  /** Sets of positions while a phrase is followed, `words` integers each, and where the next one goes. */
  private sets = new Int32Array(1024)
  private height = 0
  /** By the phrase, the turn in which it was looked at. */
  private seen = new Int32Array(0)

  /** @param tables the phrases that it begins with; their labels are those of `labels` */
  constructor(labels: Labels, tables?: PresenceTables) {
    this.labels = labels
    this.groups = (tables?.groups ?? []).map(({ counts, numbers }) => new Lists(counts, numbers))
    this.includedIn = new Lists(tables?.includedCounts, tables?.includedNumbers)
    this.entryOf = new Numbers(tables?.entryOf)
    this.needsAt = new Numbers()
    this.needs = new Numbers(tables?.needs)
    this.partsAt = new Numbers()
    this.parts = new Numbers(tables?.parts)
    for (let at = 0; at < this.needs.length; at = this.behindNeed(at)) this.needsAt.push(at)
    for (let at = 0; at < this.parts.length; at += (this.parts.data[at] as number) >> 3) this.partsAt.push(at)
  }

  /** What the constructor takes. */
  toTables(): PresenceTables {
    const { counts, numbers } = this.includedIn.toArrays()
    return {
      groups: this.groups.map((group) => group.toArrays()),
      includedCounts: counts,
      includedNumbers: numbers,
      entryOf: this.entryOf.toArray(),
      needs: this.needs.toArray(),
      parts: this.parts.toArray(),
    }
  }

  /** The number of a new group of phrases. The first one holds the longer entries of vocabularies. */
  addGroup(): number {
    return this.groups.push(new Lists()) - 1
  }

  /** Whether a phrase is an entry of a vocabulary. */
  isEntry(phrase: number): boolean {
    return (this.entryOf.data[phrase] as number) >= 0
  }

  /** Adds a phrase to a group, or to none: its number. An entry has the label of its vocabulary. */
  add(group: number | undefined, pattern: Pattern, entryOf = -1): number {
    // first of all, since vocabularies that were not known yet add their entries meanwhile
    const need = this.needOfPhrase(pattern)
    const phrase = this.entryOf.push(entryOf)
    this.needsAt.push(this.needs.length)
    this.writeNeed(need)
    // what stands for one stands for the other, without following any words
    if (entryOf >= 0 && pattern.type === 'vocabulary') this.includedIn.add(this.labels.labelOf(pattern), entryOf)
    else if (group !== undefined)
      for (const [trigger, second] of this.triggersOf(need, (label) => entryOf < 0 || this.labels.isFixed(label)))
        (this.groups[group] as Lists).addPair(trigger, phrase, second)
    this.partsAt.push(this.parts.length)
    this.writePart(pattern)
    return phrase
  }

  private writePart(pattern: Pattern): void {
    const { parts } = this
    const at = parts.length
    const labels = this.labelsOf(pattern)
    let kind: (typeof part)[keyof typeof part]
    if (labels) {
      kind = part.labels
      parts.push(0)
      for (const label of labels) parts.push(label)
    } else
      switch (pattern.type) {
        case 'sequence':
          kind = part.sequence
          parts.push(0)
          for (const item of pattern.items) this.writePart(item)
          break
        case 'optional':
          kind = part.optional
          parts.push(0)
          this.writePart(pattern.item)
          break
        case 'gap':
          kind = part.gap
          parts.push(0)
          parts.push(pattern.most)
          break
        case 'not': {
          kind = part.not
          parts.push(0)
          // longer ones are left to those who look closer
          const { item } = pattern
          const single =
            item.type === 'either' ? item.items.flatMap((one) => this.labelsOf(one) ?? []) : this.labelsOf(item)
          for (const label of single ?? []) parts.push(label)
          break
        }
        case 'either': {
          kind = part.either
          parts.push(0)
          const single = pattern.items.flatMap((item) => this.labelsOf(item) ?? [])
          if (single.length) {
            parts.push(part.labels | ((single.length + 1) << 3))
            for (const label of single) parts.push(label)
          }
          for (const item of pattern.items) if (!this.labelsOf(item)) this.writePart(item)
          break
        }
        default:
          kind = pattern.type === 'clauseStart' ? part.clauseStart : part.clauseEnd
          parts.push(0)
      }
    parts.data[at] = kind | ((parts.length - at) << 3)
  }

  /** The classes of which one token must have one, where that is all that a pattern says. */
  private labelsOf(pattern: Pattern): number[] | undefined {
    switch (pattern.type) {
      case 'word':
      case 'vocabulary':
      case 'punctuation':
        return [this.labels.labelOf(pattern)]
      case 'either': {
        const labels: number[] = []
        for (const item of pattern.items) {
          const own = this.labelsOf(item)
          if (!own) return undefined
          labels.push(...own)
        }
        return labels
      }
      default:
        return undefined
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

  /** What a whole phrase needs, which is something: `parsePhrase` takes none without a word that must occur. */
  private needOfPhrase(pattern: Pattern): Need {
    const need = this.needOf(pattern)
    if (need === undefined) throw new Error('A phrase without a word that must occur cannot be looked for.')
    return need
  }

  /** How likely a phrase stands in a sentence, and how likely it is looked for there, as if words had nothing to do with each other. */
  likelihoodOfPhrase(pattern: Pattern): { likelihood: number; alarm: number } {
    const need = this.needOfPhrase(pattern)
    return { likelihood: this.likelihoodOf(need), alarm: this.alarmOf(need) }
  }

  private likelihoodOf(need: Need): number {
    if (typeof need === 'number') return this.labels.likelihoodOf(need)
    if ('all' in need) return need.all.reduce<number>((product, one) => product * this.likelihoodOf(one), 1)
    return 1 - need.any.reduce<number>((product, one) => product * (1 - this.likelihoodOf(one)), 1)
  }

  private alarmOf(need: Need): number {
    if (typeof need === 'number') return this.labels.alarmOf(need)
    if ('all' in need) return Math.min(...need.all.map((one) => this.alarmOf(one)))
    return 1 - need.any.reduce<number>((product, one) => product * (1 - this.alarmOf(one)), 1)
  }

  private isLong(need: Need): boolean {
    if (typeof need === 'number') return this.labels.isLong(need)
    return ('all' in need ? need.all : need.any).some((one) => this.isLong(one))
  }

  /**
   * The labels of which one is there wherever the need is met: those of its rarest part. Each comes with another one that
   * is there as well, the rarest of those that `isKnown` takes, or `whatever`.
   */
  private triggersOf(
    need: Need,
    isKnown: (label: number) => boolean,
    second: number = whatever,
  ): Array<[trigger: number, second: number]> {
    if (typeof need === 'number') return [[need, second]]
    if ('any' in need) return need.any.flatMap((one) => this.triggersOf(one, isKnown, second))
    const [rarest, ...others] = [...need.all].sort((a, b) => this.alarmOf(a) - this.alarmOf(b))
    const other = others.find((one) => typeof one === 'number' && isKnown(one)) as number | undefined
    const isRarer = other !== undefined && (second === whatever || this.alarmOf(other) < this.alarmOf(second))
    return this.triggersOf(rarest as Need, isKnown, isRarer ? other : second)
  }

  private writeNeed(need: Need): void {
    const { needs } = this
    if (typeof need === 'number') {
      needs.push(need)
      return
    }
    const at = needs.push('all' in need ? all : any)
    needs.push(0)
    const isAll = 'all' in need
    const order = (isAll ? need.all : need.any).map((one) => ({
      one,
      likelihood: this.likelihoodOf(one),
      isLong: this.isLong(one),
    }))
    // what is known without looking for it comes first; what is rare is missing most often, what is common found first
    order.sort(
      (a, b) =>
        Number(a.isLong) - Number(b.isLong) || (isAll ? a.likelihood - b.likelihood : b.likelihood - a.likelihood),
    )
    for (const { one } of isAll ? order.slice(0, mostNeeds) : order) this.writeNeed(one)
    needs.data[at + 1] = needs.length - at
  }

  /** Where in `needs` the next one begins. */
  private behindNeed(at: number): number {
    const head = this.needs.data[at] as number
    return at + (head < 0 ? (this.needs.data[at + 1] as number) : 1)
  }

  /**
   * The windows of a sentence of so many tokens, with where vocabularies stand in it that are not seen from one token.
   * They lie over each other by `overlap` tokens.
   */
  windowsOf(length: number, stretches: readonly Stretch[], overlap: number): Window[] {
    if (length <= longestWindow) return [{ from: 0, to: length, stretches }]
    const windows: Window[] = []
    for (let from = 0; ; from += longestWindow - overlap) {
      const to = Math.min(length, from + longestWindow)
      const own = stretches.filter((one) => one.from >= from && one.to <= to)
      windows.push({ from, to, stretches: own.map((one) => ({ ...one, from: one.from - from, to: one.to - from })) })
      if (to === length) return windows
    }
  }

  /** The phrases of a group that may stand in a window of a sentence with such kinds of tokens, by their numbers. */
  phrasesIn(window: Window, kinds: readonly Kind[], group: number): number[] {
    if (this.window !== window) this.turnTo(window, kinds)
    const found: number[] = []
    const { begins, numbers } = (this.groups[group] as Lists).all
    const { present } = this
    for (let next = 0; next < this.presentCount; next++) {
      const label = present[next] as number
      const end = begins[label + 1] as number
      for (let at = begins[label] as number; at < end; at += 2) {
        if (!this.mayBeThere(numbers[at + 1] as number)) continue
        const phrase = numbers[at] as number
        if (this.isNew(phrase) && this.stands(phrase)) found.push(phrase)
      }
    }
    return found
  }

  /** Of some phrases those that may stand in a window. */
  standingIn(window: Window, kinds: readonly Kind[], phrases: readonly number[]): number[] {
    if (this.window !== window) this.turnTo(window, kinds)
    return phrases.filter((phrase) => this.stands(phrase))
  }

  /** The longer entries of a vocabulary that may stand in a window, by their numbers. */
  entriesIn(window: Window, kinds: readonly Kind[], vocabulary: number): readonly number[] {
    if (this.window !== window) this.turnTo(window, kinds)
    if (this.pending[vocabulary] === this.turn) this.evaluate(vocabulary)
    const standing = this.standing[vocabulary]
    return standing?.turn === this.turn ? standing.entries : none
  }

  /** Makes the tokens of a window the ones that are looked at. */
  private turnTo(window: Window, kinds: readonly Kind[]): void {
    this.window = window
    this.turn++
    const { from, to, stretches } = window
    const count = to - from
    const words = (count >> 5) + 1
    this.words = words
    // a bit for each token and one for the end
    this.full = (count & 31) === 31 ? -1 : (1 << ((count & 31) + 1)) - 1
    this.presentCount = 0
    const { masks, ends, fills, starts, stops } = this.withRoom()
    for (let word = 0; word < words; word++) {
      fills[word] = 0
      starts[word] = 0
      stops[word] = 0
    }
    for (let at = 0; at < count; at++) {
      const { labels, fillsGap, parts } = kinds[from + at] as Kind
      const word = at >> 5
      const bit = 1 << (at & 31)
      if (fillsGap) fills[word] = (fills[word] as number) | bit
      if (parts) {
        stops[word] = (stops[word] as number) | bit
        starts[(at + 1) >> 5] = (starts[(at + 1) >> 5] as number) | (1 << ((at + 1) & 31))
      }
      for (let next = 0; next < labels.length; next++) {
        const label = labels[next] as number
        this.put(label)
        const index = label * words + word
        masks[index] = (masks[index] as number) | bit
      }
    }
    // the ends of the sentence part clauses, and so may those of the window
    starts[0] = (starts[0] as number) | 1
    stops[count >> 5] = (stops[count >> 5] as number) | (1 << (count & 31))
    for (const { label, to: end } of stretches) {
      this.put(label)
      const index = label * words + (end >> 5)
      ends[index] = (ends[index] as number) | (1 << (end & 31))
    }
    this.deferEntries()
  }

  /** Has the longer entries of vocabularies wait until somebody asks for them, all that may stand in the window. */
  private deferEntries(): void {
    const [entries] = this.groups
    if (!entries) return
    const { present } = this
    const triggers = entries.all
    const included = this.includedIn.all
    const entryOf = this.entryOf.data
    this.waitingCount = 0
    // it grows on the way: what may be there wakes what is made of it
    for (let next = 0; next < this.presentCount; next++) {
      const label = present[next] as number
      const lastIncluded = included.begins[label + 1] as number
      for (let at = included.begins[label] as number; at < lastIncluded; at++)
        this.defer(included.numbers[at] as number, ~label)
      const last = triggers.begins[label + 1] as number
      for (let at = triggers.begins[label] as number; at < last; at += 2) {
        if (!this.mayBeThere(triggers.numbers[at + 1] as number)) continue
        const entry = triggers.numbers[at] as number
        if (this.isNew(entry)) this.defer(entryOf[entry] as number, entry)
      }
    }
  }

  /** Has an entry of a vocabulary wait until somebody asks for it. */
  private defer(vocabulary: number, entry: number): void {
    const { waiting, lastWaiting, pending, turn } = this
    const at = this.waitingCount
    this.waitingCount = at + 2
    waiting[at] = entry
    if (pending[vocabulary] === turn) waiting[at + 1] = lastWaiting[vocabulary] as number
    else {
      waiting[at + 1] = -1
      pending[vocabulary] = turn
      if (this.there[vocabulary] !== turn) this.present[this.presentCount++] = vocabulary
    }
    lastWaiting[vocabulary] = at
  }

  /** Looks at what waits of a vocabulary: where its longer entries may end, and which they are. */
  private evaluate(vocabulary: number): void {
    const { words, turn } = this
    this.pending[vocabulary] = -turn
    const base = vocabulary * words
    for (let at = this.lastWaiting[vocabulary] as number; at >= 0; at = this.waiting[at + 1] as number) {
      const entry = this.waiting[at] as number
      if (entry < 0) {
        const other = ~entry
        if (this.pending[other] === turn) this.evaluate(other)
        if (this.there[other] !== turn) continue
        this.put(vocabulary)
        for (let word = 0; word < words; word++) {
          const index = other * words + word
          this.masks[base + word] = (this.masks[base + word] as number) | (this.masks[index] as number)
          this.ends[base + word] = (this.ends[base + word] as number) | (this.ends[index] as number)
        }
        continue
      }
      if (!this.stands(entry)) continue
      this.put(vocabulary)
      for (let word = 0; word < words; word++)
        this.ends[base + word] = (this.ends[base + word] as number) | (this.reached[word] as number)
      const known = this.standing[vocabulary]
      if (known?.turn === turn) known.entries.push(entry)
      else this.standing[vocabulary] = { turn, entries: [entry] }
    }
  }

  /** Takes note that a label is there. */
  private put(label: number): void {
    if (this.there[label] === this.turn) return
    this.there[label] = this.turn
    // what waits, or has waited, has been added already
    if (this.pending[label] !== this.turn && this.pending[label] !== -this.turn)
      this.present[this.presentCount++] = label
    const base = label * this.words
    for (let index = base; index < base + this.words; index++) {
      this.masks[index] = 0
      this.ends[index] = 0
    }
  }

  /** Itself, with room for every label and phrase that there is by now. */
  private withRoom(): this {
    const labels = this.labels.count
    if (this.there.length < labels) {
      const room = Math.max(4096, 2 * labels)
      this.there = lengthened(this.there, room)
      this.pending = lengthened(this.pending, room)
      this.lastWaiting = lengthened(this.lastWaiting, room)
      this.present = lengthened(this.present, room)
      this.masks = lengthened(this.masks, room * mostWords)
      this.ends = lengthened(this.ends, room * mostWords)
    }
    const phrases = this.entryOf.length
    if (this.seen.length < phrases) {
      this.seen = lengthened(this.seen, 2 * phrases)
      // each of them waits once at most
      this.waiting = lengthened(this.waiting, 2 * this.seen.length)
    }
    return this
  }

  /** Whether a label is there, once what waits of it has been looked at. */
  private isThere(label: number): boolean {
    if (this.pending[label] === this.turn) this.evaluate(label)
    return this.there[label] === this.turn
  }

  /** Whether a label is there, or may be once what waits of it has been looked at. */
  private mayBeThere(label: number): boolean {
    return label === whatever || this.there[label] === this.turn || this.pending[label] === this.turn
  }

  /** Whether a phrase was not looked at in this window; it is from now on. */
  private isNew(phrase: number): boolean {
    if (this.seen[phrase] === this.turn) return false
    this.seen[phrase] = this.turn
    return true
  }

  /** Whether a phrase may stand in the window. Where it may end is then in `reached`. */
  private stands(phrase: number): boolean {
    this.work.tried++
    const need = this.needsAt.data[phrase] as number
    if (!this.isMet(need)) return false
    this.work.followed++
    const at = this.partsAt.data[phrase] as number
    if (this.words === 1) {
      const bits = this.followShort(at, this.full)
      this.reached[0] = bits
      if (bits) this.work.stood++
      return bits !== 0
    }
    // a phrase may be followed while another one is, for a vocabulary that it asks for
    const { height } = this
    const everywhere = this.take()
    this.sets.fill(-1, everywhere, everywhere + this.words)
    this.sets[everywhere + this.words - 1] = this.full
    const found = this.follow(at, everywhere)
    let stands = false
    for (let word = 0; word < this.words; word++) {
      const bits = this.sets[found + word] as number
      this.reached[word] = bits
      if (bits) stands = true
    }
    this.height = height
    if (stands) this.work.stood++
    return stands
  }
  private readonly reached = new Int32Array(mostWords)

  private isMet(at: number): boolean {
    const needs = this.needs.data
    const head = needs[at] as number
    if (head >= 0) return this.isThere(head)
    const end = at + (needs[at + 1] as number)
    for (let next = at + 2; next < end; ) {
      const one = needs[next] as number
      const isMet = one >= 0 ? this.isThere(one) : this.isMet(next)
      if (isMet !== (head === all)) return isMet
      next = one >= 0 ? next + 1 : next + (needs[next + 1] as number)
    }
    return head === all
  }

  /** `follow` for windows whose positions fit into one integer, which most do: sets of positions as integers. */
  private followShort(at: number, from: number): number {
    const parts = this.parts.data
    const head = parts[at] as number
    const end = at + (head >> 3)
    switch (head & 7) {
      case part.labels: {
        let mask = 0
        let ends = 0
        for (let next = at + 1; next < end; next++) {
          const label = parts[next] as number
          if (!this.isThere(label)) continue
          mask |= this.masks[label] as number
          ends |= this.ends[label] as number
        }
        const taken = (from & mask) << 1
        if (!ends) return taken
        const lowest = from & -from
        return taken | (ends & ~(lowest | (lowest - 1)))
      }
      case part.sequence: {
        let set = from
        for (let next = at + 1; next < end && set; next += (parts[next] as number) >> 3)
          set = this.followShort(next, set)
        return set
      }
      case part.either: {
        let to = 0
        for (let next = at + 1; next < end; next += (parts[next] as number) >> 3) to |= this.followShort(next, from)
        return to
      }
      case part.optional:
        return from | this.followShort(at + 1, from)
      case part.gap: {
        const fills = this.fills[0] as number
        const most = parts[at + 1] as number
        let to = from
        let next = from
        for (let length = 0; length < most && next; length++) {
          next = (next & fills) << 1
          to |= next
        }
        return to
      }
      case part.not: {
        let to = from
        for (let next = at + 1; next < end; next++) {
          const label = parts[next] as number
          if (this.isThere(label)) to &= ~(this.masks[label] as number)
        }
        return to
      }
      case part.clauseStart:
        return from & (this.starts[0] as number)
      default:
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

  /** The positions behind a part that begins at one of a set of positions; sets are told by where they begin in `sets`. */
  private follow(at: number, from: number): number {
    const { words } = this
    const parts = this.parts.data
    const head = parts[at] as number
    const end = at + (head >> 3)
    switch (head & 7) {
      case part.labels: {
        const to = this.take()
        this.sets.fill(0, to, to + words)
        for (let next = at + 1; next < end; next++) {
          const label = parts[next] as number
          if (this.isThere(label)) this.step(label, from, to)
        }
        return to
      }
      case part.sequence: {
        let set = from
        for (let next = at + 1; next < end; next += (parts[next] as number) >> 3) {
          set = this.follow(next, set)
          if (this.isEmpty(set)) return set
        }
        return set
      }
      case part.either: {
        const to = this.take()
        this.sets.fill(0, to, to + words)
        for (let next = at + 1; next < end; next += (parts[next] as number) >> 3) this.join(to, this.follow(next, from))
        return to
      }
      case part.optional: {
        const to = this.take()
        this.sets.copyWithin(to, from, from + words)
        this.join(to, this.follow(at + 1, from))
        return to
      }
      case part.gap: {
        const to = this.take()
        const next = this.take()
        const most = parts[at + 1] as number
        const { sets } = this
        sets.copyWithin(to, from, from + words)
        sets.copyWithin(next, from, from + words)
        for (let length = 0; length < most; length++) {
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
      case part.not: {
        const to = this.take()
        this.sets.copyWithin(to, from, from + words)
        for (let next = at + 1; next < end; next++) {
          const label = parts[next] as number
          if (!this.isThere(label)) continue
          for (let word = 0; word < words; word++)
            this.sets[to + word] = (this.sets[to + word] as number) & ~(this.masks[label * this.words + word] as number)
        }
        return to
      }
      case part.clauseStart:
        return this.keep(from, this.starts)
      default:
        return this.keep(from, this.stops)
    }
  }

  /** Adds to a set the positions behind a label that begins at one of another set. */
  private step(label: number, from: number, to: number): void {
    const { words, sets, masks, ends } = this
    const base = label * words
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
/** Stand for "all of" and "one of" in `needs`, followed by how many numbers they take. */
const all = -1
const any = -2
/** Of what a phrase needs so much is asked for before it is followed; the rest hardly ever decides. */
const mostNeeds = 3
/** Stands for a label that is always there. */
const whatever = -1
const none: readonly number[] = []
