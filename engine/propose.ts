import { automatonOf } from './automaton.ts'
import { PhraseError, parsePhrase } from './phrase.ts'
import { readText } from './text.ts'
import { Lexicon, tokenise } from './tokens.ts'

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
 */
export function propose(
  find: readonly string[],
  leave: readonly string[],
  wordsOf: (sentence: string) => Word[],
): Proposal {
  const phrases: string[] = []
  const unless: string[] = []
  const isFound = (sentence: string): boolean => phrases.some((phrase) => stands(phrase, sentence))
  for (const [index, sentence] of find.entries()) {
    if (isFound(sentence)) continue
    const words = wordsOf(sentence)
    const others = find.filter((_, other) => other !== index).map(wordsOf)
    const candidates = [...others.flatMap((other) => common(words, other)), ...alone(words)].filter((one) =>
      stands(one, sentence),
    )
    const clear = candidates
      .flatMap((one) => [one, ...narrowed(one, leave, wordsOf)])
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

/** Whether a phrase without vocabularies stands in a text. */
export function stands(phrase: string, text: string): boolean {
  try {
    const lexicon = new Lexicon()
    const match = automatonOf(lexicon, new Map(), [[0, parsePhrase(phrase)]])
    return readText(text).blocks.some((block) => {
      const tokens = tokenise(block, lexicon)
      return tokens.sentences
        .slice(0, -1)
        .some((from, index) => match(tokens, from, tokens.sentences[index + 1] as number).length > 0)
    })
  } catch (error) {
    if (error instanceof PhraseError) return false
    throw error
  }
}

const isSmall = ({ kind }: Word): boolean => kind === 'small'
/** A step of an alignment: the word of the one sentence, of the other, or of both. */
type Step = [one: Word | undefined, other: Word | undefined]

/** How well two words go together; words of one kind can stand for each other. */
function affinity(one: Word, other: Word): number {
  if (one.base === other.base) return isSmall(one) ? 2 : 5
  return one.kind === other.kind && !isSmall(one) ? 1 : -3
}

/** The phrases for what two sentences have in common, the likeliest first; none where that is too little. */
function common(one: readonly Word[], other: readonly Word[]): string[] {
  const steps = align(one, other)
  const isSame = ([a, b]: Step): boolean => a !== undefined && b !== undefined && a.base === b.base
  const tells = (step: Step): boolean => isSame(step) && !isSmall(step[0] as Word)
  const isReplaced = ([a, b]: Step): boolean => a !== undefined && b !== undefined && a.base !== b.base
  if (!steps.some(tells)) {
    // "the appropriate team" and "the relevant department" have their shape in common
    const run = withoutGaps(steps)
    return run.filter(isReplaced).length < 2 ? [] : [written(withoutLead(run), true)]
  }
  let [from, to] = [0, steps.length]
  while (from < to && !isSame(steps[from] as Step)) from++
  while (to > from && !isSame(steps[to - 1] as Step)) to--
  const core = steps.slice(from, to)
  return [...new Set([withoutLead(core), core].filter((list) => list.length > 1).map((list) => written(list, false)))]
}

/** The part behind the last place where only one of the sentences has a word. */
const withoutGaps = (steps: readonly Step[]): Step[] => steps.slice(steps.findLastIndex(([a, b]) => !a || !b) + 1)

/** Words that lead up to a phrase and are no part of it. */
const leads = new Set('to and or but that which who if when so then also please we you they it i'.split(' '))

function withoutLead(steps: readonly Step[]): Step[] {
  const from = steps.findIndex(([a, b]) => !leads.has((a ?? b)?.base ?? ''))
  return steps.slice(Math.max(0, Math.min(from, steps.length - 2)))
}

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
        isFresh ? 0 : (scores[(i - 1) * width + j] as number) - 0.8,
        isFresh ? 0 : (scores[i * width + j - 1] as number) - 0.8,
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
    } else if (Math.abs(here - (scores[at - width] as number) + 0.8) < 1e-9) {
      steps.unshift([a, undefined])
      at -= width
    } else {
      steps.unshift([undefined, b])
      at--
    }
  }
  return steps
}

/** Steps as a phrase. Adjectives stand for each other; whatever else differs is words between, unless `all` of it counts. */
function written(steps: readonly Step[], all: boolean): string {
  const parts: string[] = []
  for (const [index, [a, b]] of steps.entries()) {
    if (a && b && a.base === b.base) parts.push(a.base)
    else if (a && b && (all || a.kind === 'adjective')) parts.push(`${a.base}/${b.base}`)
    else if (!(a && b) && isAlone(steps, index)) parts.push(`${((a ?? b) as Word).base}?`)
    else if (parts.at(-1) !== '…') parts.push('…')
  }
  // what may be left out beside a gap is part of the gap
  return parts
    .filter((part, index) => !(part.endsWith('?') && (parts[index - 1] === '…' || parts[index + 1] === '…')))
    .join(' ')
}

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
        text: run.map(({ base }) => base).join(' '),
        score: telling + verbs - edges - Math.abs(length - 3) / 2,
      })
    }
  }
  return runs.sort((a, b) => b.score - a.score).map(({ text }) => text)
}

/** The phrase not followed by what follows it in the sentences to leave alone. */
function narrowed(phrase: string, leave: readonly string[], wordsOf: (sentence: string) => Word[]): string[] {
  const next = new Set<string>()
  for (const sentence of leave) {
    if (!stands(phrase, sentence)) continue
    const words = wordsOf(sentence)
    for (const { base } of words) if (stands(`${phrase} ${base}`, sentence)) next.add(base)
  }
  return next.size ? [`${phrase} ${next.size === 1 ? `!${[...next][0]}` : `!(${[...next].join('/')})`}`] : []
}
