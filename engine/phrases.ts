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

/** Words of which one must occur wherever a phrase matches, and how common they are together. */
interface Needed {
  words: Set<string>
  common: number
}

/** What a phrase cannot do without: the rarest set of words is looked for, the others only where it was found. */
interface Demand {
  alarm: number
  others: number[]
}

/** More sets than this tell little more about a phrase. */
const mostSets = 5

/**
 * All phrases of all rules and guards. In a sentence first single words are looked for, which settles
 * most phrases; only families of which a phrase may stand there are matched, and their automata are
 * made when first needed. Phrases have the number of their entry.
 */
export class Phrases {
  private readonly lexicon: Lexicon
  private readonly vocabularies: ReadonlyMap<string, readonly Pattern[]>
  private readonly families = new Map<string, Array<[number, Pattern]>>()
  private readonly familyOf = new Map<string, string>()
  private readonly automata = new Map<string, Automaton>()
  private readonly alarms: string[] = []
  /** Sets of words, as ids of the lexicon. */
  private readonly sets: Array<Set<number>> = []
  /** By a word's id the sets for which phrases are filed. */
  private readonly anchors = new Map<number, number[]>()
  private readonly demands: Demand[][] = []
  /** Alarms of which a phrase needs no certain word. */
  private readonly always: string[] = []
  /** What is known of each set in the sentence at hand: its number, doubled, and whether a word of it is there. */
  private readonly known: number[] = []
  private sentence = 0

  /** `vocabularies` must hold every name that the phrases use, without circles. */
  constructor(lexicon: Lexicon, vocabularies: ReadonlyMap<string, readonly Pattern[]>, entries: ReadonlyArray<Entry>) {
    this.lexicon = lexicon
    this.vocabularies = vocabularies
    const needs = new NeededWords(vocabularies)
    const setOf = new Map<Needed, number>()
    const setOfWords = new Map<string, number>()
    const alarmNumbers = new Map<string, number>()
    const always = new Set<string>()
    const filed = new Set<string>()

    const number = (needed: Needed): number => {
      let set = setOf.get(needed)
      if (set === undefined) {
        const key = [...needed.words].sort().join(' ')
        set = setOfWords.get(key) ?? this.sets.push(new Set([...needed.words].map((word) => lexicon.add(word)))) - 1
        setOfWords.set(key, set)
        setOf.set(needed, set)
      }
      return set
    }
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
      this.familyOf.set(alarm, family)
      let alarmNumber = alarmNumbers.get(alarm)
      if (alarmNumber === undefined) {
        alarmNumber = this.alarms.push(alarm) - 1
        alarmNumbers.set(alarm, alarmNumber)
      }
      const [rarest, ...others] = needs
        .all(pattern)
        .sort((a, b) => a.common - b.common)
        .slice(0, mostSets)
        .map(number)
      if (rarest === undefined) {
        always.add(alarm)
        continue
      }
      const key = `${alarmNumber} ${rarest} ${others.join(' ')}`
      if (filed.has(key)) continue
      filed.add(key)
      const list = this.demands[rarest]
      if (list) list.push({ alarm: alarmNumber, others })
      else {
        this.demands[rarest] = [{ alarm: alarmNumber, others }]
        for (const word of this.sets[rarest] as Set<number>) {
          const sets = this.anchors.get(word)
          if (sets) sets.push(rarest)
          else this.anchors.set(word, [rarest])
        }
      }
    }
    this.always = [...always]
  }

  /** The alarms that sound in `[from, to)`. Where one does not, none of its phrases can stand. */
  sounded(tokens: Tokens, from: number, to: number): ReadonlySet<string> {
    if (from >= to) return silence
    this.sentence++
    let sounded: Set<string> | undefined = this.always.length ? new Set(this.always) : undefined
    const hear = (word: number): void => {
      const anchors = this.anchors.get(word)
      if (!anchors) return
      for (const set of anchors) {
        // asked by another word of the set already
        if (this.known[set] === -this.sentence) continue
        this.known[set] = -this.sentence
        for (const { alarm, others } of this.demands[set] as Demand[]) {
          const name = this.alarms[alarm] as string
          if (sounded?.has(name)) continue
          if (others.every((other) => this.has(other, tokens, from, to))) {
            sounded ??= new Set()
            sounded.add(name)
          }
        }
      }
    }
    for (let at = from; at < to; at++) {
      const id = tokens.ids[at] as number
      if (id === token.unknown) continue
      hear(id)
      const lower = this.lexicon.lowerOf(id)
      if (lower !== undefined) hear(lower)
    }
    return sounded ?? silence
  }

  /** Whether a word of the set is in the sentence at hand. */
  private has(set: number, tokens: Tokens, from: number, to: number): boolean {
    const known = this.known[set]
    // a set whose phrases were asked for is there
    if (known === -this.sentence || known === 2 * this.sentence + 1) return true
    if (known === 2 * this.sentence) return false
    const words = this.sets[set] as Set<number>
    let found = false
    for (let at = from; at < to && !found; at++) {
      const id = tokens.ids[at] as number
      found = words.has(id) || words.has(this.lexicon.lowerOf(id) ?? token.none)
    }
    this.known[set] = 2 * this.sentence + (found ? 1 : 0)
    return found
  }

  /** The family whose phrases sound an alarm. */
  family(alarm: string): string | undefined {
    return this.familyOf.get(alarm)
  }

  /** Every phrase of a family in `[from, to)`; `links` says whether a token is part of a link. */
  match(family: string, tokens: Tokens, from: number, to: number, links: (at: number) => boolean): Match[] {
    let automaton = this.automata.get(family)
    if (!automaton) {
      automaton = new Automaton(this.lexicon, this.vocabularies, this.families.get(family) ?? [])
      this.automata.set(family, automaton)
    }
    return automaton.match(tokens, from, to, links)
  }
}
const silence: ReadonlySet<string> = new Set()

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

/** Finds out which words a pattern cannot do without; vocabularies are asked once. */
class NeededWords {
  private readonly vocabularies: ReadonlyMap<string, readonly Pattern[]>
  private readonly known = new Map<string, Needed | undefined>()

  constructor(vocabularies: ReadonlyMap<string, readonly Pattern[]>) {
    this.vocabularies = vocabularies
  }

  /** One set for each part of the pattern that has one. */
  all(pattern: Pattern): Needed[] {
    if (pattern.type === 'sequence') return pattern.items.flatMap((item) => this.all(item))
    const needed = this.best(pattern)
    return needed ? [needed] : []
  }

  /** The rarest set. */
  private best(pattern: Pattern): Needed | undefined {
    switch (pattern.type) {
      case 'word':
        return { words: new Set(inflect(pattern.word, pattern.form)), common: commonness(pattern.word) }
      case 'either':
        return this.anyOf(pattern.items)
      case 'sequence':
        return this.all(pattern).sort((a, b) => a.common - b.common)[0]
      case 'vocabulary': {
        if (isBuiltIn(pattern.name)) return undefined
        if (!this.known.has(pattern.name))
          this.known.set(pattern.name, this.anyOf(this.vocabularies.get(pattern.name) ?? []))
        return this.known.get(pattern.name)
      }
      default:
        return undefined
    }
  }

  private anyOf(patterns: readonly Pattern[]): Needed | undefined {
    const all: Needed = { words: new Set(), common: 0 }
    for (const one of patterns) {
      const needed = this.best(one)
      if (!needed) return undefined
      for (const word of needed.words) all.words.add(word)
      all.common += needed.common
    }
    return all
  }
}
