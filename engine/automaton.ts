import type { Lexicon } from './lexicon.ts'
import type { Step } from './network.ts'
import type { Pattern } from './phrase.ts'
import { Phrases } from './phrases.ts'
import type { Tokens } from './tokens.ts'
import type { Entries } from './vocabularies.ts'

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

/** A matcher of its own for a few phrases that no rule shares. `vocabularies` must hold every name they use. */
export function automatonOf(
  lexicon: Lexicon,
  vocabularies: Entries,
  list: Iterable<readonly [number, Pattern]>,
): (tokens: Tokens, from: number, to: number) => Match[] {
  const own = [...list]
  const phrases = new Phrases(
    lexicon,
    vocabularies,
    own.map(([, pattern]) => ({ pattern, family: '', set: '' })),
  )
  return (tokens, from, to) =>
    phrases.match('', { tokens, from, to }).map((match) => ({ ...match, phrase: own[match.phrase]?.[0] as number }))
}

/** The captures and base words on the way to a step, in order. */
export function trace(last: Step): Pick<Match, 'captures' | 'bases'> {
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
