import { Network, type Step } from './network.ts'
import type { Pattern } from './phrase.ts'
import { type Place, Presences, wordsAt } from './presence.ts'
import type { Lexicon, Tokens } from './tokens.ts'
import { Vocabularies } from './vocabularies.ts'

/** A stretch of a match that a rewrite can carry over: token positions, the end exclusive. */
export interface Capture {
  /** The vocabulary's name, or `…` for a gap. */
  name: string
  from: number
  to: number
  /** The base form of a vocabulary entry's first word: "send" for "sent off". */
  base?: string
}

/** One place where a phrase stands: token positions, the end exclusive. */
export interface Match {
  /** The number under which the phrase was added. */
  phrase: number
  from: number
  to: number
  captures: Capture[]
  /** The base words of the pattern at the matched tokens, by token position. */
  bases: Map<number, string>
}

/**
 * Phrases as one automaton over tokens, merged at their common beginnings; they step over a vocabulary in
 * one move. No phrase can take more than linear time: a match is at most 48 tokens long and no place is
 * visited twice.
 */
export class Automaton {
  private readonly vocabularies: Vocabularies
  private readonly network: Network
  private readonly needs: number[]

  /** A match has the number that came with its phrase. */
  constructor(vocabularies: Vocabularies, phrases: Iterable<readonly [number, Pattern]>) {
    this.vocabularies = vocabularies
    this.network = new Network(vocabularies)
    const needs = new Set<number>()
    for (const [number, pattern] of phrases) {
      this.network.add(pattern, number)
      for (const need of vocabularies.neededBy(pattern)) needs.add(need)
    }
    this.needs = [...needs]
  }

  /** Every phrase at the place; `links` says whether a token is part of a link. */
  match(place: Place, links: (at: number) => boolean): Match[] {
    const chart = this.vocabularies.find(this.needs, place, links)
    return this.network
      .matches(chart)
      .map(({ phrase, from: start, last }) => ({ phrase, from: start, to: last.at, ...trace(last) }))
  }
}

/** An automaton of its own for a few phrases that no rule shares. `vocabularies` must hold every name they use. */
export function automatonOf(
  lexicon: Lexicon,
  vocabularies: ReadonlyMap<string, readonly Pattern[]>,
  phrases: Iterable<readonly [number, Pattern]>,
): (tokens: Tokens, from: number, to: number) => Match[] {
  const shared = new Vocabularies(lexicon, vocabularies, new Presences(lexicon, vocabularies))
  const list = [...phrases]
  for (const [, pattern] of list) shared.learn(pattern)
  const automaton = new Automaton(shared, list)
  return (tokens, from, to) =>
    automaton.match({ tokens, from, to, words: wordsAt(tokens, from, to, lexicon) }, () => false)
}

/** The captures and base words on the way to a step, in order. */
function trace(last: Step): Pick<Match, 'captures' | 'bases'> {
  const steps: Step[] = []
  for (let step: Step | undefined = last; step; step = step.before) steps.push(step)
  const captures: Capture[] = []
  const bases = new Map<number, string>()
  let gap: Capture | undefined
  for (const { at, before, route, base } of steps.reverse()) {
    if (!before || !route) continue
    for (let count = 0; count < route.gaps; count++) {
      gap = { name: '…', from: before.at, to: before.at }
      captures.push(gap)
    }
    if (route.name !== undefined) captures.push({ name: route.name, from: before.at, to: at, base })
    else if (base !== undefined) bases.set(before.at, base)
    else if (gap && route.isGap) gap.to = at
  }
  return { captures, bases }
}
