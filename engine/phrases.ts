import { type Match, trace } from './automaton.ts'
import type { Pattern } from './phrase.ts'
import type { Window } from './presence.ts'
import type { Lexicon } from './tokens.ts'
import { type Place, Vocabularies } from './vocabularies.ts'

/** A phrase and who asks for it. */
export interface Entry {
  pattern: Pattern
  /** Phrases of one family are matched together, when one of them is asked for. */
  family: string
  /** Families of one set are looked for together, when one of them is asked for. */
  set: string
  /** The vocabularies whose captures are asked for, above others that hold the same words. */
  wanted?: ReadonlySet<string>
}

/**
 * All phrases of all rules and guards. Of a set of them together it is known which may stand in a sentence, since all is
 * there that they cannot do without; only those are looked for. Phrases have the number of their entry.
 */
export class Phrases {
  private readonly vocabularies: Vocabularies
  /** By the family's name, its set. */
  private readonly setOf = new Map<string, number>()
  private readonly sets = new Map<string, number>()
  /** By the number in the presence. */
  private readonly entries = new Map<number, { index: number; family: string }>()
  /** `vocabularies` must hold every name that the phrases use, without circles. */
  constructor(lexicon: Lexicon, vocabularies: ReadonlyMap<string, readonly Pattern[]>, entries: ReadonlyArray<Entry>) {
    this.vocabularies = new Vocabularies(lexicon, vocabularies)
    const { sets } = this
    for (const [index, { pattern, family, set: name, wanted }] of entries.entries()) {
      let set = sets.get(name)
      if (set === undefined) {
        set = this.vocabularies.presence.addGroup()
        sets.set(name, set)
      }
      this.setOf.set(family, set)
      this.entries.set(this.vocabularies.add(set, pattern, wanted ? { wanted } : {}), { index, family })
    }
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
    const set = this.setOf.get(family)
    if (set === undefined || place.from >= place.to) return noMatches
    const likely = this.likelyIn(place, set).get(family)
    if (!likely) return noMatches
    const chart = this.vocabularies.chartOf(place)
    // of matches alike the phrase that comes first in its file counts
    const found = likely
      .sort((a, b) => a.number - b.number)
      .flatMap(({ number, window }) => {
        const phrase = this.entries.get(number)?.index as number
        return this.vocabularies
          .matches(number, chart.windows[window] as Window, chart)
          .map(({ from, last }) => ({ phrase, from, to: last.at, ...trace(last) }))
      })
    if (chart.windows.length === 1) return found
    // where windows lie over each other both find the same
    const seen = new Set<string>()
    return found.filter(({ phrase, from, to }) => {
      const key = `${phrase} ${from} ${to}`
      return !seen.has(key) && seen.add(key)
    })
  }

  private likelyIn(place: Place, set: number): Likely {
    place.likely ??= []
    const known = place.likely[set]
    if (known) return known
    const found = new Map<string, Array<{ number: number; window: number }>>()
    for (const [window, numbers] of this.vocabularies.phrasesIn(this.vocabularies.chartOf(place), set).entries())
      for (const number of numbers) {
        const family = this.entries.get(number)?.family as string
        const own = found.get(family)
        if (own) own.push({ number, window })
        else found.set(family, [{ number, window }])
      }
    // most sentences have nothing, and a document may have a million of them
    const likely = found.size ? found : none
    place.likely[set] = likely
    return likely
  }
}

/** By family, the phrases that may stand in a sentence, by their numbers in the presence, and in which window of it. */
export type Likely = ReadonlyMap<string, Array<{ number: number; window: number }>>
const none: Likely = new Map()
/** What `match` gives where no phrase of the family can stand. */
export const noMatches: readonly Match[] = []
