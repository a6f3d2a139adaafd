import { automatonOf } from './automaton.ts'
import { isVerb } from './english.ts'
import { Lexicon } from './lexicon.ts'
import { type Pattern, PhraseError, parsePhrase, vocabulariesOf } from './phrase.ts'
import { readText } from './text.ts'
import { tokenise } from './tokens.ts'
import type { Entries } from './vocabularies.ts'

/** A word of a sentence, as phrases are made of it. */
export interface Word {
  /** As it is written. */
  text: string
  /** As a phrase would write it. */
  base: string
  kind: 'noun' | 'verb' | 'adjective' | 'small' | 'other'
  /** Punctuation or the end of a sentence stands before it, over which no phrase goes. */
  breaks: boolean
  /** The name of somebody or something, which the next sentence will not have. */
  isName: boolean
  /** The vocabulary that it is of, where it is somebody served or a function by its name. */
  party?: 'served' | 'function' | undefined
}

/** What a rule could look for. */
export interface Proposal {
  phrases: string[]
  /** What tells the sentences apart that must be left alone, where phrases cannot. */
  unless: string[]
}

/**
 * Proposes phrases that stand in each of the sentences to find and in none of those to leave alone: what two of them have
 * in common where they have something, and what is most of its own in each where they have not.
 *
 * @param wordsOf the words of a sentence with their base forms
 * @param vocabularies with "served" and "function", so that tenants and patients can be `$served`
 * @param rewrites what could stand in place of the words found: where one begins with a verb, words with a verb come first
 */
export function propose(
  find: readonly string[],
  leave: readonly string[],
  wordsOf: (sentence: string) => Word[],
  vocabularies: Entries = new Map(),
  rewrites: readonly string[] = [],
): Proposal {
  const stands = finderOf(vocabularies)
  const partyOf = ({ text, kind }: Word, index: number): Word['party'] => {
    if (kind === 'noun' && vocabularies.get('served') !== undefined && stands('$served', text)) return 'served'
    // "support" and "stores" are functions by their capital
    return index > 0 && /^\p{Lu}/u.test(text) && vocabularies.get('function') !== undefined && stands('$function', text)
      ? 'function'
      : undefined
  }
  const read = (sentence: string): Word[] =>
    wordsOf(sentence).map((word, index) => ({ ...word, party: partyOf(word, index) }))
  const phrases: string[] = []
  const unless: string[] = []
  const isFound = (sentence: string): boolean => phrases.some((phrase) => stands(phrase, sentence))
  const asksForVerb = rewrites.some((rewrite) => {
    const [first] = wordsOf(rewrite)
    return first !== undefined && rewrite.startsWith(first.text) && (first.kind === 'verb' || isVerb(first.base))
  })
  for (const [index, sentence] of find.entries()) {
    if (isFound(sentence)) continue
    const words = read(sentence)
    const others = find.filter((_, other) => other !== index).map(read)
    const shared = others.flatMap((other) => common(words, other))
    const several = shared.filter(({ text }) => text.includes(' '))
    const ordered = [
      ...several.filter(({ hasVerb }) => hasVerb || !asksForVerb),
      ...several.filter(({ hasVerb }) => !hasVerb && asksForVerb),
      // one word is a phrase where it is all that they share
      ...shared.filter(({ text }) => !text.includes(' ')),
    ]
    const candidates = [...ordered.map(({ text }) => text), ...alone(words)].filter((one) => stands(one, sentence))
    const clear = candidates
      .flatMap((one) => [one, ...narrowed(one, leave, wordsOf, stands)])
      .find((one) => stands(one, sentence) && !leave.some((other) => stands(one, other)))
    const phrase = clear ?? candidates[0]
    if (!phrase) continue
    phrases.push(phrase)
    for (const other of clear ? [] : leave) {
      if (!stands(phrase, other) || unless.some((one) => stands(one, other))) continue
      const telling = alone(wordsOf(other)).find((one) => !find.some((found) => stands(one, found)))
      if (telling) unless.push(telling)
    }
  }
  return { phrases, unless }
}

/** What says whether a phrase stands in a text; of a phrase that cannot be read it says no. */
export function finderOf(vocabularies: Entries): (phrase: string, text: string) => boolean {
  const lexicon = new Lexicon()
  const known = new Map<string, ReturnType<typeof automatonOf> | undefined>()
  const open = (phrase: string): ReturnType<typeof automatonOf> | undefined => {
    try {
      const pattern = parsePhrase(phrase)
      // all others would be learnt for nothing
      const needed = new Map<string, ReadonlyArray<{ pattern: Pattern }>>()
      const names = vocabulariesOf(pattern).map(({ name }) => name)
      for (const name of names) {
        const entries = vocabularies.get(name)
        if (needed.has(name) || !entries) continue
        needed.set(name, entries)
        names.push(...entries.flatMap((entry) => vocabulariesOf(entry.pattern)).map(({ name }) => name))
      }
      return automatonOf(lexicon, needed, [[0, pattern]])
    } catch (error) {
      if (error instanceof PhraseError) return undefined
      throw error
    }
  }
  return (phrase, text) => {
    if (!known.has(phrase)) known.set(phrase, open(phrase))
    const match = known.get(phrase)
    return (
      match !== undefined &&
      readText(text).blocks.some((block) => {
        const tokens = tokenise(block, lexicon)
        return tokens.sentences
          .slice(0, -1)
          .some((from, index) => match(tokens, from, tokens.sentences[index + 1] as number).length > 0)
      })
    )
  }
}

const isSmall = ({ kind }: Word): boolean => kind === 'small'
/** A step of an alignment: the word of the one sentence, of the other, or of both. */
type Step = [one: Word | undefined, other: Word | undefined]

/** How well two words go together; words of one kind can stand for each other. */
function affinity(one: Word, other: Word): number {
  if (one.base === other.base) return isSmall(one) ? 2 : 5
  if (isParty([one, other])) return 3
  return one.kind === other.kind && !isSmall(one) ? 1 : -3
}

/** A phrase that could be proposed. */
interface Candidate {
  text: string
  hasVerb: boolean
}

const isSame = ([a, b]: Step): boolean => a !== undefined && b !== undefined && a.base === b.base
/** Both are somebody served, or a function, by other words. */
const isParty = ([a, b]: Step): boolean => a?.party !== undefined && a.party === b?.party && a.base !== b.base
const tells = (step: Step): boolean => isSame(step) && !isSmall(step[0] as Word)

/** The phrases for what two sentences have in common, the likeliest first; none where that is too little. */
function common(one: readonly Word[], other: readonly Word[]): Candidate[] {
  const best = align(one, other)
  if (!best.some(tells)) {
    const isReplaced = ([a, b]: Step): boolean => a !== undefined && b !== undefined && a.base !== b.base
    // "the appropriate team" and "the relevant department" have their shape in common
    const run = withoutGaps(best)
    return run.filter(isReplaced).length < 2 ? [] : [candidate(trimmed(parts(withoutLead(run), true)))]
  }
  // what they have in common in another order is left when the best is taken
  const used = new Set(best.flat())
  const rest = align(
    one.filter((word) => !used.has(word)),
    other.filter((word) => !used.has(word)),
  )
  const found = [best, rest].flatMap((steps) => {
    const end = steps.findLastIndex(isSame) + 1
    const core = steps.slice(steps.findIndex(isSame), end + (isParty(steps[end] ?? [undefined, undefined]) ? 1 : 0))
    if (!core.some(tells)) return []
    // a lead may be what tells a phrase from those to leave alone
    return [parts(withoutLead(core), false), parts(core, false)].map((list) => candidate(trimmed(list)))
  })
  return found.filter(({ text }, index) => text && found.findIndex((two) => two.text === text) === index)
}

const candidate = (list: readonly Part[]): Candidate => ({
  text: list.map(({ text }) => text).join(' '),
  hasVerb: list.some(({ words }) => words.some(({ kind }) => kind === 'verb')),
})

/** The part behind the last place where only one of the sentences has a word. */
const withoutGaps = (steps: readonly Step[]): Step[] => steps.slice(steps.findLastIndex(([a, b]) => !a || !b) + 1)

/** Words that lead up to a phrase and are no part of it. */
const leads = new Set('to and or but of that which who if when so then also please we you they it i'.split(' '))
/** Words that lead on to others, which a phrase has not got. */
const trails = new Set(
  'a an the this these any all each every no our your their its my his her and or but which who if when be will would shall should can could may might must'.split(
    ' ',
  ),
)

function withoutLead(steps: readonly Step[]): Step[] {
  const baseAt = (at: number): string | undefined => (steps[at]?.[0] ?? steps[at]?.[1])?.base
  // "it is the duty of" is about no "it" that came before
  const from = steps.findIndex(
    (_, at) => !leads.has(baseAt(at) ?? '') || (baseAt(at) === 'it' && baseAt(at + 1) === 'be'),
  )
  return steps.slice(Math.max(0, from))
}

/** What each word costs that only one of the sentences has: a word in common far off is in common by chance. */
const skipping = 1

/** The best alignment of parts of two sentences, as biologists align sequences; parts are not broken by punctuation. */
function align(one: readonly Word[], other: readonly Word[]): Step[] {
  const width = other.length + 1
  const scores = new Float64Array((one.length + 1) * width)
  let best = 0
  for (let i = 1; i <= one.length; i++) {
    for (let j = 1; j <= other.length; j++) {
      const [a, b] = [one[i - 1] as Word, other[j - 1] as Word]
      const isFresh = a.breaks || b.breaks
      const score = Math.max(
        0,
        (isFresh ? 0 : (scores[(i - 1) * width + j - 1] as number)) + affinity(a, b),
        isFresh ? 0 : (scores[(i - 1) * width + j] as number) - skipping,
        isFresh ? 0 : (scores[i * width + j - 1] as number) - skipping,
      )
      scores[i * width + j] = score
      if (score > (scores[best] as number)) best = i * width + j
    }
  }
  const steps: Step[] = []
  for (let at = best; (scores[at] as number) > 0; ) {
    const [i, j] = [Math.floor(at / width), at % width]
    const [a, b] = [one[i - 1] as Word, other[j - 1] as Word]
    const isFresh = a.breaks || b.breaks
    const here = scores[at] as number
    if (Math.abs(here - (isFresh ? 0 : (scores[at - width - 1] as number)) - affinity(a, b)) < 1e-9) {
      steps.unshift([a, b])
      if (isFresh) break
      at -= width + 1
    } else if (Math.abs(here - (scores[at - width] as number) + skipping) < 1e-9) {
      steps.unshift([a, undefined])
      at -= width
    } else {
      steps.unshift([undefined, b])
      at--
    }
  }
  return steps
}

/** A part of a phrase, with the words of the one sentence it was made of; none for a gap. */
interface Part {
  text: string
  words: Word[]
  /** It says something by itself, as small words do not. */
  tells: boolean
}

/** Steps as parts of a phrase. Adjectives stand for each other; whatever else differs is words between, unless `all` of it counts. */
function parts(steps: readonly Step[], all: boolean): Part[] {
  const list: Part[] = []
  for (const [index, [a, b]] of steps.entries()) {
    const word = (a ?? b) as Word
    const tells = !isSmall(word)
    if (a && b && a.base === b.base) {
      const [before] = steps[index - 1] ?? []
      list.push({ text: formOf(a, b, before), words: [a], tells })
    } else if (isParty([a, b])) list.push({ text: `$${word.party}`, words: [word], tells: false })
    else if (a && b && (all || a.kind === 'adjective')) list.push({ text: `${a.base}/${b.base}`, words: [a], tells })
    else if (!(a && b) && isAlone(steps, index)) list.push({ text: `${word.base}?`, words: [word], tells: false })
    else if (list.at(-1)?.text !== '…') list.push({ text: '…', words: [], tells: false })
  }
  // what may be left out beside a gap is part of the gap
  return list.filter(
    ({ text }, index) => !(text.endsWith('?') && (list[index - 1]?.text === '…' || list[index + 1]?.text === '…')),
  )
}

/** A word as a phrase has it: in its base form, but "be submitted" in both sentences is no other form. */
const formOf = (a: Word, b: Word, before: Word | undefined): string =>
  before?.base === 'be' && isPassive(a) && a.text.toLowerCase() === b.text.toLowerCase() ? a.text.toLowerCase() : a.base

const isPassive = ({ text, base, kind }: Word): boolean =>
  kind === 'verb' && text.toLowerCase() !== base && !/(?:ing|s)$/i.test(text)

/** Parts without what tells nothing: small words on their own beside a gap, and those at the end that lead on to others. */
function trimmed(list: readonly Part[]): Part[] {
  const runs: Part[][] = [[]]
  for (const part of list) {
    if (part.text === '…') runs.push([])
    else (runs.at(-1) as Part[]).push(part)
  }
  const kept = runs.filter((run) => run.some(({ tells }) => tells))
  const last = kept.at(-1) ?? []
  while (last.length && isTrail(last.at(-1) as Part)) last.pop()
  const gap: Part = { text: '…', words: [], tells: false }
  return kept.flatMap((run, index) => (index ? [gap, ...run] : run))
}

const isTrail = ({ text, tells }: Part): boolean => !tells && trails.has(text.replace(/\?$/, ''))

/** Whether one word only stands between words that both sentences have. */
const isAlone = (steps: readonly Step[], index: number): boolean =>
  [index - 1, index + 1].every((at) => {
    const [a, b] = steps[at] ?? []
    return a !== undefined && b !== undefined && a.base === b.base
  })

/** Runs of words that are most of a sentence's own: without names, three to five words, two of which tell something. */
function alone(words: readonly Word[]): string[] {
  const runs: Array<{ text: string; score: number }> = []
  for (let from = 0; from < words.length; from++) {
    for (let length = 2; length <= 5 && from + length <= words.length; length++) {
      const run = words.slice(from, from + length)
      const telling = run.filter((word) => !isSmall(word)).length
      if (run.some(({ isName }) => isName) || run.slice(1).some(({ breaks }) => breaks) || telling < 2) continue
      const edges = (isSmall(run[0] as Word) ? 1 : 0) + (isSmall(run.at(-1) as Word) ? 1 : 0)
      const verbs = run.some(({ kind }) => kind === 'verb') ? 1 : 0
      runs.push({
        text: run.map((word, index) => formOf(word, word, run[index - 1])).join(' '),
        score: telling + verbs - edges - Math.abs(length - 3) / 2,
      })
    }
  }
  return runs.sort((a, b) => b.score - a.score).map(({ text }) => text)
}

/** The phrase not followed by what follows it in the sentences to leave alone. */
function narrowed(
  phrase: string,
  leave: readonly string[],
  wordsOf: (sentence: string) => Word[],
  stands: ReturnType<typeof finderOf>,
): string[] {
  const next = new Set<string>()
  for (const sentence of leave) {
    if (!stands(phrase, sentence)) continue
    const words = wordsOf(sentence)
    for (const { base } of words) if (stands(`${phrase} ${base}`, sentence)) next.add(base)
  }
  return next.size ? [`${phrase} ${next.size === 1 ? `!${[...next][0]}` : `!(${[...next].join('/')})`}`] : []
}
