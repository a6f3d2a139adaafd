import { Automaton, type Match } from './automaton.ts'
import type { Pattern } from './phrase.ts'
import { type Place, type Presence, Presences } from './presence.ts'
import type { Lexicon } from './tokens.ts'
import { Vocabularies } from './vocabularies.ts'

/** A phrase and who asks for it. */
export interface Entry {
  pattern: Pattern
  /** Phrases of one family are matched together, when one of them is asked for. */
  family: string
  /** Sounds where a phrase of this name may stand. A family has one or several. */
  alarm: string
}

/**
 * All phrases of all rules and guards. Whether a phrase may stand in a sentence is first asked of
 * single words, which settles most sentences; only then is its family matched. Automata are made
 * when first needed. Phrases have the number of their entry.
 */
export class Phrases {
  private readonly vocabularies: Vocabularies
  private readonly families = new Map<string, Array<[number, Pattern]>>()
  private readonly automata = new Map<string, Automaton>()
  /** By the alarm: its family, and what its phrases cannot do without; made when first asked for. */
  private readonly alarms = new Map<string, { family: string; patterns: Pattern[]; presence?: Presence }>()
  private readonly presences: Presences

  /** `vocabularies` must hold every name that the phrases use, without circles. */
  constructor(lexicon: Lexicon, vocabularies: ReadonlyMap<string, readonly Pattern[]>, entries: ReadonlyArray<Entry>) {
    this.presences = new Presences(lexicon, vocabularies)
    this.vocabularies = new Vocabularies(lexicon, vocabularies, this.presences)
    for (const [index, { pattern, family, alarm }] of entries.entries()) {
      this.vocabularies.learn(pattern)
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
    return this.presences.isAt(known.presence, place)
  }

  /** The family whose phrases sound an alarm. */
  familyOf(alarm: string): string | undefined {
    return this.alarms.get(alarm)?.family
  }

  /** Every phrase of a family at the place; `links` says whether a token is part of a link. */
  match(family: string, place: Place, links: (at: number) => boolean): Match[] {
    let automaton = this.automata.get(family)
    if (!automaton) {
      automaton = new Automaton(this.vocabularies, this.families.get(family) ?? [])
      this.automata.set(family, automaton)
    }
    return automaton.match(place, links)
  }
}
