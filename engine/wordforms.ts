import nlp from 'compromise/two'
import { isInflected } from './english.ts'
import type { Word } from './propose.ts'
import type { OtherForm } from './ruletest.ts'

interface Transform {
  noun: { toPlural(word: string, model: object): string; toSingular(word: string, model: object): string }
  verb: {
    toInfinitive(word: string, model: object, tense: string): string
    conjugate(word: string, model: object): { Infinitive?: string; PresentTense?: string; PastTense?: string }
  }
}
const model = nlp.model()
const { noun, verb } = (nlp.methods() as { two: { transform: Transform } }).two.transform

/** A word as the tagger sees it, with its place in the text in UTF-16 units. */
export interface Term {
  text: string
  /** What stands before and behind it, such as blanks and punctuation. */
  pre: string
  post: string
  /** Such as `Noun`, `PastTense`, `Modal`. */
  tags: string[]
  offset: { start: number; length: number }
}

/** The words of a text, sentence by sentence. */
export const termsOf = (text: string): Term[][] =>
  (nlp(text).json({ offset: true, terms: { tags: true, offset: true } }) as Array<{ terms: Term[] }>).map(
    ({ terms }) => terms,
  )

/**
 * The nouns of a sentence in the plural and its verbs in the past, as a dictionary has them and not as the rules' own
 * tables do: that is what makes them a test. Plurals, participles, auxiliaries and names are left out, and so is what may
 * be a noun in the plural and no verb: "hearts and minds".
 */
export function otherForms(sentence: string): OtherForm[] {
  const found: OtherForm[] = []
  for (const terms of termsOf(sentence)) {
    for (const [index, { text, tags, offset }] of terms.entries()) {
      const is = (...any: string[]): boolean => any.some((tag) => tags.includes(tag))
      const { start, length } = offset
      if (!/^\p{Ll}{3,}$/u.test(text) || /(?:ing|ed)$/.test(text) || is('Copula', 'Modal', 'Auxiliary')) continue
      const add = (form: OtherForm['form'], other: string | undefined): void => {
        if (other && other !== text) found.push({ start, end: start + length, form, text: other })
      }
      if (is('Singular') && is('Noun') && !is('ProperNoun', 'Uncountable', 'Pronoun'))
        add('plural', noun.toPlural(text, model))
      const before = terms[index - 1]?.tags ?? ['Noun']
      if (is('Infinitive')) add('past', verb.conjugate(text, model).PastTense)
      else if (is('PresentTense') && (before.includes('Noun') || before.includes('Adverb'))) {
        const forms = verb.conjugate(verb.toInfinitive(text, model, 'PresentTense'), model)
        // a guess that does not lead back is a wrong one
        if (forms.PresentTense === text) add('past', forms.PastTense)
      }
    }
  }
  return found
}

/** The words of a text with their base forms and kinds, for those who make phrases of them. */
export function wordsOf(text: string): Word[] {
  return termsOf(text).flatMap((terms, sentence) =>
    unparted(terms).flatMap((term, index, terms) => {
      const breaks =
        (index === 0 && sentence > 0) ||
        /[,;:.!?()–—"“”]/.test(term.pre) ||
        /[,;:.!?()–—"“”]/.test(terms[index - 1]?.post ?? '')
      return wordsOfTerm(term, breaks, index === 0)
    }),
  )
}

/** "term-time" is one word, which the tagger takes apart. */
function unparted(terms: readonly Term[]): Term[] {
  const list: Term[] = []
  for (const term of terms) {
    const before = list.at(-1)
    if (before?.post !== '-') list.push({ ...term })
    else Object.assign(before, { text: `${before.text}-${term.text}`, post: term.post, tags: term.tags })
  }
  return list
}

/** Two of "don't", one of most others, none of what no phrase can hold. */
function wordsOfTerm({ text, tags }: Term, breaks: boolean, isFirst: boolean): Word[] {
  const is = (tag: string): boolean => tags.includes(tag)
  const lower = text.toLowerCase()
  const small = (base: string, text = base): Word => ({ text, base, kind: 'small', breaks, isName: false })
  const denied = /^(\p{L}+)n['’]t$/u.exec(lower)?.[1]
  if (denied) return [small(shortened[denied] ?? denied), { ...small('not'), breaks: false }]
  if (lower === 'cannot') return [small('can'), { ...small('not'), breaks: false }]
  if (/^\d[\d.,]*$/.test(text)) return [{ ...small('$number', text), kind: 'other' }]
  if (!/^\p{L}[\p{L}\p{N}'’-]*$/u.test(text)) return []
  if (/^(?:be|am|is|are|was|were|been|being)$/.test(lower)) return [small('be', text)]
  const kind =
    !isInflected(lower) || is('Copula') || is('Modal') || is('Pronoun')
      ? 'small'
      : is('Adjective')
        ? 'adjective'
        : is('Verb')
          ? 'verb'
          : is('Noun')
            ? 'noun'
            : 'other'
  let base = lower
  if (kind === 'verb')
    base = verb.toInfinitive(lower, model, ['PresentTense', 'PastTense', 'Gerund'].find(is) ?? 'PresentTense') || lower
  else if (kind === 'noun' && is('Plural')) base = noun.toSingular(lower, model) || lower
  // "PDF" is found in capitals only; a name keeps its letters for the reader
  if (/^\p{Lu}{2,}$/u.test(text)) base = text
  else if (is('Infinitive')) base = lower
  // such verbs stand in every second sentence
  if (/^(?:have|do|get|let)$/.test(base)) return [{ ...small(base, text) }]
  return [{ text, base, kind, breaks, isName: is('ProperNoun') && /^\p{Lu}/u.test(text) && !isFirst }]
}

const shortened: Record<string, string> = {
  ca: 'can',
  wo: 'will',
  sha: 'shall',
  is: 'be',
  are: 'be',
  was: 'be',
  were: 'be',
}
