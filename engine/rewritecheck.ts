import { isVerb } from './english.ts'
import { type Term, termsOf, wordsOf } from './wordforms.ts'

/** A sentence with a rewrite put into it. Offsets are UTF-16 units, the ends exclusive. */
export interface Rewritten {
  /** The sentence as it was, and the words found in it. */
  before: string
  start: number
  end: number
  /** The sentence as it is now, and the rewrite in it. */
  after: string
  from: number
  to: number
}

/**
 * Why a sentence is no English with a rewrite in it, as far as the kinds of its words tell; undefined where they tell
 * nothing. What the words found did wrong too is not held against the rewrite.
 *
 * @returns a clause such as `“an” has no noun behind it`
 */
export function brokenBy({ before, start, end, after, from, to }: Rewritten): string | undefined {
  const was = see(before, start, end)
  const now = see(after, from, to)
  const known = new Set(faultsOf(was, was).map(({ kind }) => kind))
  return faultsOf(now, was).find(({ kind }) => !known.has(kind))?.why
}

/**
 * What a rewrite loses of a sentence, in words for its author: a negation, a number, and words that the phrase passes over.
 *
 * @param phrase the phrase that found them, whose own words the rewrite is there to replace
 */
export function lostBy({ before, start, end, after, from, to }: Rewritten, phrase: string): string[] {
  const found = wordsOf(before.slice(start, end))
  const put = new Set(wordsOf(after.slice(from, to)).flatMap(({ text, base }) => [text.toLowerCase(), base]))
  const replaced = new Set(phrase.toLowerCase().match(/[\p{L}\p{N}'’-]+/gu))
  const isKept = ({ text, base }: { text: string; base: string }): boolean =>
    [text.toLowerCase(), base.toLowerCase()].some((word) => put.has(word) || replaced.has(word))
  const denial = found.find(({ base }) => negations.has(base))
  const numbers = found.filter(({ base, text }) => base === '$number' && !put.has(text))
  const passed = found.filter((word) => word.kind !== 'small' && word.base !== '$number' && !isKept(word))
  return [
    ...(denial && ![...put].some((word) => negations.has(word)) ? [`the negation “${denial.text}”`] : []),
    ...(numbers.length ? [`the number “${numbers.map(({ text }) => text).join(' ')}”`] : []),
    ...(passed.length ? [`“${passed.map(({ text }) => text).join(' ')}”`] : []),
  ]
}

const negations = new Set('not no never nobody none nothing neither nor without'.split(' '))

/** The words at a place, and those beside it that no punctuation parts from it. */
interface Seen {
  all: Term[]
  inside: Term[]
  left: Term | undefined
  right: Term | undefined
}

/** What the tagger sees in place of `[words]` to fill in, which may be anything. */
const anything = 'Xx'
const isAnything = (term: Term | undefined): boolean => /^Xx+$/.test(term?.text ?? '')

function see(text: string, start: number, end: number): Seen {
  const plain = text.replace(/\[[^\]]*\]/g, ({ length }) => anything.padEnd(length, 'x'))
  const all = termsOf(plain).flat()
  const parts = (from: number, to: number): boolean => /[,;:.!?()–—]/.test(plain.slice(from, to))
  const left = all.findLast(({ offset }) => offset.start < start)
  const right = all.find(({ offset }) => offset.start >= end)
  return {
    all,
    inside: all.filter(({ offset }) => offset.start >= start && offset.start < end),
    left: left && !parts(left.offset.start + left.offset.length, start) ? left : undefined,
    right: right && !parts(Math.max(start, end - 1), right.offset.start) ? right : undefined,
  }
}

/** What is wrong where the words at a place meet those around them. */
function faultsOf({ all, inside, left, right }: Seen, was: Seen): Array<{ kind: string; why: string }> {
  const [first, last] = [inside[0], inside.at(-1)]
  const found: Array<{ kind: string; why: string }> = []
  const wrong = (kind: string, isWrong: boolean, why: string): void => void (isWrong && found.push({ kind, why }))
  // "it [who] makes sure" has two subjects
  const fillsSubject = isAnything(first) && isPronoun(left) && isVerbal(was.inside[0]) && isTensed(inside[1])
  wrong('subject', fillsSubject, `${quoted(left)} has lost its verb`)
  if (first && left && !isAnything(first)) {
    wrong('twice', lower(left) === lower(first), `${quoted(left)} stands there twice`)
    wrong(
      'article',
      isArticle(left) && !leadsToNoun(all.slice(all.indexOf(left) + 1)),
      `${quoted(left)} has no noun behind it`,
    )
    wrong(
      'modal',
      isModal(left) && !isBase(first) && !is(first, 'Adverb', 'Negative'),
      `${quoted(left)} has no verb behind it`,
    )
    wrong('please', lower(first) === 'please' && isNamed(left), `“please” cannot stand behind ${quoted(left)}`)
    wrong(
      'subject',
      isNamed(left) &&
        !isVerbal(first) &&
        ((isVerbal(was.inside[0]) && opensNoun(first)) ||
          ((isAuxiliary(was.inside[0]) || is(was.inside[0], 'PresentTense')) && isJoint(first))),
      `${quoted(left)} has lost its verb`,
    )
    wrong(
      'agreement',
      /^(?:he|she|it)$/.test(lower(left)) && isBase(first) && !isBase(was.inside[0]),
      `${quoted(first)} does not go with ${quoted(left)}`,
    )
  }
  // "for further information" stands in a sentence that has its verb already
  wrong(
    'verb',
    isPreposition(was.inside[0]) && !was.inside.some(isTensed) && isBase(first),
    `${quoted(first)} is a verb, and stands where “${was.inside.map(({ text }) => text).join(' ')}” stood`,
  )
  if (last && !isAnything(last)) {
    wrong('twice', right !== undefined && lower(last) === lower(right), `${quoted(last)} stands there twice`)
    wrong(
      'end',
      (isPreposition(last) && !(right ? isNamed(right) || !isAuxiliary(right) : isParticle(last))) ||
        (isArticle(last) && !right),
      `nothing fits behind ${quoted(last)}`,
    )
    wrong(
      'clause',
      isConjunction(last) && (!right || (!isNamed(right) && (isPast(right) || isJoint(right)))),
      `nobody does anything behind ${quoted(last)}`,
    )
    wrong(
      'object',
      isWhole(last) && !isWhole(was.inside.at(-1)) && opensNoun(right),
      `${quoted(right)} hangs on nothing behind ${quoted(last)}`,
    )
    wrong(
      'verbs',
      isTensed(last) && !isAuxiliary(last) && isAuxiliary(right) && inside.length < 3,
      `${quoted(last)} and ${quoted(right)} are two verbs in a row`,
    )
  }
  wrong(
    'no verb',
    was.all.some(isTensed) && !all.some((term) => isTensed(term) || isBase(term) || isAnything(term)),
    'the sentence has lost its verb',
  )
  return found
}

const lower = (term: Term | undefined): string => term?.text.toLowerCase() ?? ''
const quoted = (term: Term | undefined): string => `“${term?.text ?? ''}”`
const is = (term: Term | undefined, ...tags: string[]): boolean => term?.tags.some((tag) => tags.includes(tag)) ?? false

const isOneOf = (words: string): ((term: Term | undefined) => boolean) => {
  const list = new Set(words.split(' '))
  return (term) => list.has(lower(term))
}
const isArticle = isOneOf('a an the our your their its my his every each any')
const isPreposition = isOneOf(
  'of to in on at by for from with without within into onto under between through against toward towards during before after until about via per due',
)
/** They can stand at the end: "she takes it on", "as the manager who looks in". */
const isParticle = isOneOf('on in about through after by')
const isConjunction = isOneOf('that because if when while unless although whether')
const isPronoun = isOneOf('i you he she it we they this these those')
const isObject = isOneOf('me us him them it itself ourselves yourselves themselves')
const isModal = isOneOf('will would shall should can could may might must')
const isForm = isOneOf('am is are was were has have had does do did')
const isAuxiliary = (term: Term | undefined): boolean => isModal(term) || isForm(term)
const isJoint = (term: Term | undefined): boolean => isPreposition(term) || isConjunction(term)

/** A verb in a form that makes a sentence: "waits", "wait", "will", but not "waiting". */
const isTensed = (term: Term | undefined): boolean =>
  isAuxiliary(term) || (is(term, 'PresentTense', 'PastTense', 'Infinitive', 'Imperative') && !is(term, 'Gerund'))
const isVerbal = (term: Term | undefined): boolean => is(term, 'Verb') || isTensed(term) || isBase(term)
const isPast = (term: Term | undefined): boolean => is(term, 'PastTense', 'Participle', 'Negative') || isForm(term)
const isBase = (term: Term | undefined): boolean =>
  lower(term) === 'be' ||
  (!isForm(term) && !isModal(term) && (is(term, 'Infinitive', 'Imperative') || isVerb(lower(term)))) ||
  /^(?:have|do)$/.test(lower(term))
/** Somebody or something that a verb can be said of. */
const isNamed = (term: Term | undefined): boolean =>
  (is(term, 'Noun') || isPronoun(term)) && !isJoint(term) && !isArticle(term)
/** Nothing more is needed behind it. */
const isWhole = (term: Term | undefined): boolean =>
  isObject(term) || (is(term, 'Noun') && !isJoint(term) && !isArticle(term))
const opensNoun = (term: Term | undefined): boolean =>
  isArticle(term) ||
  isPronoun(term) ||
  isAnything(term) ||
  is(term, 'Determiner') ||
  (is(term, 'Noun', 'Adjective', 'Value') && !is(term, 'Verb') && !isJoint(term))

/** Whether a noun comes before anything that ends the words about one. */
function leadsToNoun(terms: readonly Term[]): boolean {
  for (const term of terms) {
    if (isAnything(term) || (is(term, 'Noun', 'Gerund', 'Value') && !isJoint(term))) return true
    if (isJoint(term) || isAuxiliary(term) || isArticle(term)) return false
    if (!is(term, 'Adjective', 'Adverb', 'PastTense', 'Participle') || /[,;:.!?]/.test(term.post)) return false
  }
  return false
}
