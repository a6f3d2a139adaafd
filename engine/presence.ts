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

/**
 * Something that may be in a sentence: one of some words, or one of some combinations, each filed
 * under the rarest of its parts so that the others are asked for only where that one is there.
 */
export class Presence {
  /** How common the words are, of which one is there wherever this is. */
  common = 0
  /** Whether nothing certain can be said, so that it may be anywhere. */
  anywhere = false
  /** Words that need nothing beside them. */
  private readonly plain = new Set<number>()
  /** The rarest parts by their words, and what each needs beside it; none where plain words make it all. */
  private anchors: Map<number, Presence[]> | undefined
  private combinations: Map<Presence, Presence[][]> | undefined
  private place: Place | undefined
  private isThere = false

  /** Adds a word that is enough by itself. */
  addWord(word: number): void {
    this.plain.add(word)
  }

  /** Adds a combination of parts that are all needed. */
  add(parts: readonly Presence[]): void {
    let [rarest, ...others] = parts
    if (!rarest) {
      this.anywhere = true
      return
    }
    for (const [index, part] of others.entries()) {
      if (part.common >= rarest.common) continue
      others[index] = rarest
      rarest = part
    }
    if (!others.length && !rarest.combinations) {
      const before = this.plain.size
      for (const word of rarest.plain) this.plain.add(word)
      if (this.plain.size > before) this.common += rarest.common
      return
    }
    this.combinations ??= new Map()
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
    this.anchors ??= new Map()
    for (const word of rarest.words()) {
      const anchors = this.anchors.get(word)
      if (anchors) anchors.push(rarest)
      else this.anchors.set(word, [rarest])
    }
  }

  /** Words of which one is there wherever this is. */
  *words(): Iterable<number> {
    yield* this.plain
    if (this.anchors) yield* this.anchors.keys()
  }

  isAt(place: Place): boolean {
    if (this.anywhere) return true
    if (this.place !== place) {
      this.isThere = this.isFound(place)
      this.place = place
    }
    return this.isThere
  }

  private isFound(place: Place): boolean {
    for (const word of place.words) if (this.plain.has(word)) return true
    if (!this.anchors) return false
    for (const word of place.words) {
      const anchors = this.anchors.get(word)
      if (!anchors) continue
      for (const anchor of anchors) {
        if (!anchor.isAt(place)) continue
        for (const others of this.combinations?.get(anchor) ?? [])
          if (others.every((other) => other.isAt(place))) return true
      }
    }
    return false
  }
}

/** Makes presences of patterns; equal words and vocabularies share one. */
export class Presences {
  private readonly lexicon: Lexicon
  private readonly vocabularies: ReadonlyMap<string, readonly Pattern[]>
  private readonly words = new Map<string, Presence>()
  private readonly named = new Map<string, Presence>()

  constructor(lexicon: Lexicon, vocabularies: ReadonlyMap<string, readonly Pattern[]>) {
    this.lexicon = lexicon
    this.vocabularies = vocabularies
  }

  anyOf(patterns: readonly Pattern[]): Presence {
    const presence = new Presence()
    for (const pattern of patterns) presence.add(this.partsOf(pattern))
    return presence
  }

  /** What the entries of a vocabulary need; none for a class of tokens, which has no entries. */
  ofVocabulary(name: string): Presence | undefined {
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
