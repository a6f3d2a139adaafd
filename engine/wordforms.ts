import nlp from 'compromise/two'
import type { OtherForm } from './ruletest.ts'

interface Transform {
  noun: { toPlural(word: string, model: object): string }
  verb: {
    toInfinitive(word: string, model: object, tense: string): string
    conjugate(word: string, model: object): { Infinitive?: string; PresentTense?: string; PastTense?: string }
  }
}
const model = nlp.model()
const { noun, verb } = (nlp.methods() as { two: { transform: Transform } }).two.transform

/**
 * The nouns of a sentence in the plural and its verbs in the past, as a dictionary has them and not as the rules' own
 * tables do: that is what makes them a test. Plurals, participles, auxiliaries and names are left out, and so is what may
 * be a noun in the plural and no verb: "hearts and minds".
 */
export function otherForms(sentence: string): OtherForm[] {
  const found: OtherForm[] = []
  for (const { terms } of nlp(sentence).json({ offset: true, terms: { tags: true, offset: true } }) as Sentence[]) {
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

interface Sentence {
  terms: Array<{ text: string; tags: string[]; offset: { start: number; length: number } }>
}
