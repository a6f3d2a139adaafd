import { commonness, inflect } from './english.ts'
import type { Pattern } from './phrase.ts'
import { type Lexicon, type Tokens, token } from './tokens.ts'

/** A sentence: a range of tokens. What has been found out about one is known by the object. */
export interface Place {
  readonly tokens: Tokens
  readonly from: number
  readonly to: number
  /** The words of patterns that are in it, each once: `wordsAt`. */
  readonly words: readonly number[]
}

/** The words of patterns in `[from, to)`, each once; a word in capitals counts as the one in small letters too. */
export function wordsAt(tokens: Tokens, from: number, to: number, lexicon: Lexicon): number[] {
  const words = new Set<number>()
  for (let at = from; at < to; at++) {
    const id = tokens.ids[at] as number
    if (id < token.firstWord) continue
    words.add(id)
    const lower = lexicon.lowerOf(id)
    if (lower !== undefined) words.add(lower)
  }
  return [...words]
}

/** Something that may be in a sentence: one of some words, or one of some combinations of others. */
export class Presence {
  /** How common the words are, of which one is there wherever this is. */
  common = 0
  /** Whether nothing certain can be said, so that it may be anywhere. */
  anywhere = false
  /** Words that need nothing beside them. */
  readonly plain = new Set<number>()
  /** What is needed beside the rarest part of a combination, the rarer first, so that one question settles most. */
  readonly combinations = new Map<Presence, Presence[][]>()
  /** Set when it is first asked for. */
  number: number | undefined

  /** Adds a word that is enough by itself. */
  addWord(word: number): void {
    this.plain.add(word)
  }

  /** Adds a combination of parts that are all needed. */
  add(parts: readonly Presence[]): void {
    const [rarest, ...others] = [...parts].sort((a, b) => a.common - b.common)
    if (!rarest) {
      this.anywhere = true
      return
    }
    if (!others.length && !rarest.combinations.size) {
      const before = this.plain.size
      for (const word of rarest.plain) this.plain.add(word)
      if (this.plain.size > before) this.common += rarest.common
      return
    }
    const known = this.combinations.get(rarest)
    if (known) {
      // what one of them needs nothing more for, the longer ones need not be asked for
      if (known.some((list) => !list.length)) return
      if (!others.length) known.length = 0
      if (!known.some((list) => list.length === others.length && list.every((part, at) => part === others[at])))
        known.push(others)
      return
    }
    this.combinations.set(rarest, [others])
    this.common += rarest.common
  }
}

/**
 * Makes presences of patterns, of which equal words and vocabularies share one, and finds out which are in a sentence.
 * What the sentence's words say at once is marked when the first is asked for; combinations are tried when they are.
 */
export class Presences {
  private readonly lexicon: Lexicon
  private readonly vocabularies: ReadonlyMap<string, readonly Pattern[]>
  private readonly words = new Map<string, Presence>()
  private readonly named = new Map<string, Presence>()
  private count = 0
  /** By the word, the presences for which it is enough. */
  private readonly byWord = new Map<number, number[]>()
  /** By number, where its combinations begin and end in `parts`; nowhere for words alone. */
  private readonly begin: number[] = []
  private readonly end: number[] = []
  /**
   * Combinations by their rarest part: its number, where the next rarest part stands, and what is needed beside it,
   * each time the count of the others and their numbers. Words alone have their number below zero, as -1 - number.
   */
  private readonly parts: number[] = []
  /** The sentence asked about last. */
  private place: Place | undefined
  /** Goes up with each sentence, so that what was known of the last one is void. */
  private turn = 0
  /** By number: the turn in which it was found, or the turn below zero in which it was found missing. */
  private found = new Int32Array(1024)

  constructor(lexicon: Lexicon, vocabularies: ReadonlyMap<string, readonly Pattern[]>) {
    this.lexicon = lexicon
    this.vocabularies = vocabularies
  }

  anyOf(patterns: readonly Pattern[]): Presence {
    const presence = new Presence()
    for (const pattern of patterns) presence.add(this.partsOf(pattern))
    return presence
  }

  /** Whether it may be in a sentence: of what it cannot do without, all is there. */
  isAt(presence: Presence, place: Place): boolean {
    if (presence.anywhere) return true
    const number = this.numberOf(presence)
    if (this.place !== place) this.turnTo(place)
    return this.isFound(number)
  }

  private numberOf(presence: Presence): number {
    if (presence.number !== undefined) return presence.number
    const number = this.count++
    presence.number = number
    // the words of the sentence say nothing of this one yet
    this.place = undefined
    for (const word of presence.plain) {
      const known = this.byWord.get(word)
      if (known) known.push(number)
      else this.byWord.set(word, [number])
    }
    const sign = (part: Presence): number => (part.combinations.size ? this.numberOf(part) : -1 - this.numberOf(part))
    const combinations = [...presence.combinations].map(([rarest, lists]) => ({
      rarest: sign(rarest),
      lists: lists.map((others) => others.map(sign)),
    }))
    this.begin[number] = this.parts.length
    for (const { rarest, lists } of combinations) {
      const size = lists.reduce((sum, list) => sum + 1 + list.length, 0)
      this.parts.push(rarest, this.parts.length + 2 + size)
      for (const list of lists) this.parts.push(list.length, ...list)
    }
    this.end[number] = this.parts.length
    return number
  }

  private turnTo(place: Place): void {
    this.place = place
    this.turn++
    if (this.found.length < this.count) this.found = new Int32Array(2 * this.count)
    for (const word of place.words) {
      const numbers = this.byWord.get(word)
      if (numbers) for (const number of numbers) this.found[number] = this.turn
    }
  }

  private isFound(number: number): boolean {
    const known = this.found[number]
    if (known === this.turn) return true
    if (known === -this.turn) return false
    const isThere = this.isCombined(number)
    this.found[number] = isThere ? this.turn : -this.turn
    return isThere
  }

  /** Of a part as it stands in `parts`. */
  private isPartFound(part: number): boolean {
    return part < 0 ? this.found[-1 - part] === this.turn : this.isFound(part)
  }

  private isCombined(number: number): boolean {
    const { parts } = this
    const last = this.end[number] as number
    for (let at = this.begin[number] as number; at < last; ) {
      const next = parts[at + 1] as number
      if (this.isPartFound(parts[at] as number)) {
        at += 2
        while (at < next) {
          const end = at + 1 + (parts[at] as number)
          at++
          while (at < end && this.isPartFound(parts[at] as number)) at++
          if (at === end) return true
          at = end
        }
      }
      at = next
    }
    return false
  }

  /** What the entries of a vocabulary need; none for a class of tokens, which has no entries. */
  private ofVocabulary(name: string): Presence | undefined {
    const known = this.named.get(name)
    if (known) return known
    const entries = this.vocabularies.get(name)
    if (!entries) return undefined
    const presence = this.anyOf(entries)
    this.named.set(name, presence)
    return presence
  }

  /** What a pattern cannot do without. */
  private partsOf(pattern: Pattern): Presence[] {
    switch (pattern.type) {
      case 'word':
        return [this.wordOf(pattern.word, pattern.form)]
      case 'sequence':
        return pattern.items.flatMap((item) => this.partsOf(item))
      case 'either':
        return certain(this.anyOf(pattern.items))
      case 'vocabulary': {
        const presence = this.ofVocabulary(pattern.name)
        return presence ? certain(presence) : []
      }
      default:
        return []
    }
  }

  private wordOf(word: string, form: Parameters<typeof inflect>[1]): Presence {
    const key = `${word}+${form}`
    let presence = this.words.get(key)
    if (!presence) {
      presence = new Presence()
      for (const one of inflect(word, form)) presence.addWord(this.lexicon.add(one))
      presence.common = commonness(word)
      this.words.set(key, presence)
    }
    return presence
  }
}

const certain = (presence: Presence): Presence[] => (presence.anywhere ? [] : [presence])
