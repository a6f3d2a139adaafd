import { Automaton, isBuiltIn, type Match } from './automaton.ts'
import { commonness, inflect } from './english.ts'
import { type Pattern, vocabulariesOf } from './phrase.ts'
import { type Lexicon, type Tokens, token } from './tokens.ts'

/** A phrase and who asks for it. */
export interface Entry {
  pattern: Pattern
  /** Phrases of one family are matched together, when one of them is asked for. */
  family: string
  /** Sounds where a phrase of this name may stand. A family has one or several. */
  alarm: string
}

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
 * All phrases of all rules and guards. Whether a phrase may stand in a sentence is first asked of
 * single words, which settles most sentences; only then is its family matched. Automata are made
 * when first needed. Phrases have the number of their entry.
 */
export class Phrases {
  private readonly lexicon: Lexicon
  private readonly vocabularies: ReadonlyMap<string, readonly Pattern[]>
  private readonly families = new Map<string, Array<[number, Pattern]>>()
  private readonly automata = new Map<string, Automaton>()
  /** By the alarm: its family, and what its phrases cannot do without; made when first asked for. */
  private readonly alarms = new Map<string, { family: string; patterns: Pattern[]; presence?: Presence }>()
  private readonly presences: Presences

  /** `vocabularies` must hold every name that the phrases use, without circles. */
  constructor(lexicon: Lexicon, vocabularies: ReadonlyMap<string, readonly Pattern[]>, entries: ReadonlyArray<Entry>) {
    this.lexicon = lexicon
    this.vocabularies = vocabularies
    this.presences = new Presences(lexicon, vocabularies)
    // a word that only an automaton of later knew would be unknown in what has been read by then
    const learnt = new Set<string>()
    const learn = (pattern: Pattern): void => {
      for (const form of wordsOf(pattern)) lexicon.add(form)
      for (const { name } of vocabulariesOf(pattern)) {
        if (learnt.has(name)) continue
        learnt.add(name)
        for (const entry of vocabularies.get(name) ?? []) learn(entry)
      }
    }
    for (const [index, { pattern, family, alarm }] of entries.entries()) {
      learn(pattern)
      const own = this.families.get(family)
      if (own) own.push([index, pattern])
      else this.families.set(family, [[index, pattern]])
      const known = this.alarms.get(alarm)
      if (known) known.patterns.push(pattern)
      else this.alarms.set(alarm, { family, patterns: [pattern] })
    }
  }

  /** Whether a phrase with this alarm may stand at the place: of what it cannot do without, all is there. */
  sounds(alarm: string, place: Place): boolean {
    const known = this.alarms.get(alarm)
    if (!known || place.from >= place.to) return false
    known.presence ??= this.presences.anyOf(known.patterns)
    return known.presence.isAt(place)
  }

  /** The family whose phrases sound an alarm. */
  familyOf(alarm: string): string | undefined {
    return this.alarms.get(alarm)?.family
  }

  /** Every phrase of a family at the place; `links` says whether a token is part of a link. */
  match(family: string, { tokens, from, to }: Place, links: (at: number) => boolean): Match[] {
    let automaton = this.automata.get(family)
    if (!automaton) {
      automaton = new Automaton(this.lexicon, this.vocabularies, this.families.get(family) ?? [])
      this.automata.set(family, automaton)
    }
    return automaton.match(tokens, from, to, links)
  }
}

/** The words of a pattern itself in all their forms. */
function wordsOf(pattern: Pattern): readonly string[] {
  switch (pattern.type) {
    case 'word':
      return inflect(pattern.word, pattern.form === 'exact' ? 'exact' : 'any')
    case 'sequence':
    case 'either':
      return pattern.items.flatMap(wordsOf)
    case 'optional':
    case 'not':
      return wordsOf(pattern.item)
    default:
      return []
  }
}

/**
 * Something that may be in a sentence: one of some words, or one of some combinations, each filed
 * under the rarest of its parts so that the others are asked for only where that one is there.
 */
class Presence {
  /** Words of which one is there wherever this is. */
  readonly words = new Set<number>()
  /** How common those words are together. */
  common = 0
  /** Whether nothing certain can be said, so that it may be anywhere. */
  anywhere = false
  /** The rarest parts by their words; empty where the words alone make it. */
  private readonly anchors = new Map<number, Presence[]>()
  private readonly combinations = new Map<Presence, Presence[][]>()
  private place: Place | undefined
  private isThere = false

  /** Adds a combination of parts that are all needed. */
  add(parts: readonly Presence[]): void {
    const [rarest, ...others] = [...parts].sort((a, b) => a.common - b.common)
    if (!rarest) {
      this.anywhere = true
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
    for (const word of rarest.words) {
      this.words.add(word)
      const anchors = this.anchors.get(word)
      if (anchors) anchors.push(rarest)
      else this.anchors.set(word, [rarest])
    }
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
    if (!this.combinations.size) return place.words.some((word) => this.words.has(word))
    for (const word of place.words) {
      const anchors = this.anchors.get(word)
      if (!anchors) continue
      for (const anchor of anchors) {
        if (!anchor.isAt(place)) continue
        for (const others of this.combinations.get(anchor) as Presence[][])
          if (others.every((other) => other.isAt(place))) return true
      }
    }
    return false
  }
}

/** Makes presences of patterns; equal words and vocabularies share one. */
class Presences {
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
        if (isBuiltIn(pattern.name)) return []
        let presence = this.named.get(pattern.name)
        if (!presence) {
          presence = this.anyOf(this.vocabularies.get(pattern.name) ?? [])
          this.named.set(pattern.name, presence)
        }
        return certain(presence)
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
      for (const one of inflect(word, form)) presence.words.add(this.lexicon.add(one))
      presence.common = commonness(word)
      this.words.set(key, presence)
    }
    return presence
  }
}

const certain = (presence: Presence): Presence[] => (presence.anywhere ? [] : [presence])
