import { type Match, trace } from './automaton.ts'
import type { Lexicon } from './lexicon.ts'
import type { Pattern } from './phrase.ts'
import type { Window } from './presence.ts'
import { type Entries, type Place, Vocabularies, type VocabularyTables } from './vocabularies.ts'

/** A phrase and who asks for it. */
export interface Entry {
  readonly pattern: Pattern
  /** Phrases of one family are matched together, when one of them is asked for. */
  family: string
  /** Families of one set are looked for together, when one of them is asked for; those of none each by itself. */
  set: string | undefined
  /** The vocabularies whose captures are asked for, above others that hold the same words. */
  readonly wanted?: ReadonlySet<string> | undefined
}

/** Phrases as they were when the program was built. */
export interface PhraseTables extends VocabularyTables {
  /** How many entries they hold. */
  count: number
  sets: string[]
}

/**
 * All phrases of all rules and guards. Of a set of them together it is known which may stand in a sentence, since all is
 * there that they cannot do without; only those are looked for. Phrases have the number of their entry.
 */
export class Phrases {
  private readonly vocabularies: Vocabularies
  private readonly entries: ReadonlyArray<Entry | undefined>
  /** By the family's name, its set. */
  private readonly setOf = new Map<string, number>()
  /** By the names of families without a set, the numbers of their phrases in the presence. */
  private alone: Map<string, number[]> | undefined
  private readonly sets: Map<string, number>

  /**
   * @param vocabularies must hold every name that the phrases use, without circles
   * @param entries the first of them are those of the tables; in place of one that nobody asks for any more stands nothing
   * @param known what was made of them before, and the vocabularies that have more entries now
   */
  constructor(
    lexicon: Lexicon,
    vocabularies: Entries,
    entries: ReadonlyArray<Entry | undefined>,
    known?: { tables: PhraseTables; extended: Iterable<string> },
  ) {
    this.entries = entries
    this.vocabularies = new Vocabularies(lexicon, vocabularies, (index) => entries[index] as Entry, known?.tables)
    // the first group holds the entries of vocabularies
    this.sets = new Map(known?.tables.sets.map((name, index) => [name, index + 1]))
    for (const name of known?.extended ?? []) this.vocabularies.extend(name)
    for (const [index, entry] of entries.entries()) {
      if (!entry) continue
      const set = entry.set === undefined ? undefined : this.addSet(entry.set)
      if (set !== undefined) this.setOf.set(entry.family, set)
      if (index >= (known?.tables.count ?? 0)) this.vocabularies.add(set, entry.pattern, index)
    }
  }

  private addSet(name: string): number {
    const known = this.sets.get(name)
    if (known !== undefined) return known
    const set = this.vocabularies.presence.addGroup()
    this.sets.set(name, set)
    return set
  }

  /** The phrases of a family without a set. */
  private numbersOf(family: string): readonly number[] {
    if (!this.alone) {
      this.alone = new Map()
      for (const [number, source] of this.vocabularies.added()) {
        const entry = this.entries[source]
        if (!entry || entry.set !== undefined) continue
        const own = this.alone.get(entry.family)
        if (own) own.push(number)
        else this.alone.set(entry.family, [number])
      }
    }
    return this.alone.get(family) ?? nothing
  }

  /** What the constructor takes to begin with the same phrases. */
  toTables(): PhraseTables {
    return { ...this.vocabularies.toTables(), count: this.entries.length, sets: [...this.sets.keys()] }
  }

  /** What has been done since the beginning, which does not depend on the machine. */
  get work(): Readonly<{ tried: number; followed: number; stood: number }> {
    return this.vocabularies.presence.work
  }

  /** The families of a set of which a phrase may stand at the place: hardly ever more than one or two. */
  familiesAt(name: string, place: Place): Iterable<string> {
    const set = this.sets.get(name)
    return set === undefined || place.from >= place.to ? [] : this.likelyIn(place, set).keys()
  }

  /** Every phrase of a family at the place; `noMatches` where that is known without looking. */
  match(family: string, place: Place): readonly Match[] {
    if (place.from >= place.to) return noMatches
    const set = this.setOf.get(family)
    const likely = set === undefined ? this.likelyOf(family, place) : this.likelyIn(place, set).get(family)
    if (!likely?.length) return noMatches
    const chart = this.vocabularies.chartOf(place)
    const found: Match[] = []
    // of matches alike the phrase that comes first in its file counts
    for (const { number, window } of likely.length > 1 ? [...likely].sort((a, b) => a.number - b.number) : likely) {
      const phrase = this.vocabularies.sourceAt(number)
      for (const { from, last } of this.vocabularies.matches(number, chart.windows[window] as Window, chart))
        found.push({ phrase, from, to: last.at, ...trace(last) })
    }
    if (chart.windows.length === 1) return found
    // where windows lie over each other both find the same
    const seen = new Set<string>()
    return found.filter(({ phrase, from, to }) => {
      const key = `${phrase} ${from} ${to}`
      return !seen.has(key) && seen.add(key)
    })
  }

  /** The phrases of a family without a set that may stand at the place. */
  private likelyOf(family: string, place: Place): ReadonlyArray<{ number: number; window: number }> {
    if (place.absent?.includes(family)) return nothing
    const numbers = this.numbersOf(family)
    const found = this.vocabularies
      .standingAt(this.vocabularies.chartOf(place), numbers)
      .flatMap((standing, window) => standing.map((number) => ({ number, window })))
    if (!found.length) {
      place.absent ??= []
      place.absent.push(family)
    }
    return found
  }

  private likelyIn(place: Place, set: number): Likely {
    place.likely ??= []
    const known = place.likely[set]
    if (known) return known
    let found: Map<string, Array<{ number: number; window: number }>> | undefined
    const chart = this.vocabularies.chartOf(place)
    for (let window = 0; window < chart.windows.length; window++)
      for (const number of this.vocabularies.phrasesIn(chart, window, set)) {
        const family = this.entries[this.vocabularies.sourceAt(number)]?.family
        if (family === undefined) continue
        found ??= new Map()
        const own = found.get(family)
        if (own) own.push({ number, window })
        else found.set(family, [{ number, window }])
      }
    // most sentences have nothing, and a document may have a million of them
    const likely = found ?? none
    place.likely[set] = likely
    return likely
  }
}

/** By family, the phrases that may stand in a sentence, by their numbers in the presence, and in which window of it. */
export type Likely = ReadonlyMap<string, Array<{ number: number; window: number }>>
const none: Likely = new Map()
const nothing: readonly never[] = []
/** What `match` gives where no phrase of the family can stand. */
export const noMatches: readonly Match[] = []
