import { inflect, isInflected } from './english.ts'
import type { Pattern } from './phrase.ts'

/** What the classes of words that need no list are, in words. */
const classes: Record<string, string> = {
  name: 'a name (capitalised words)',
  number: 'a number',
  participle: 'a word in -ed',
  link: 'a link, an address or a phone number',
  code: 'a code',
  word: 'any one word',
}
const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const marks = { ',': 'a comma', ';': 'a semicolon', ':': 'a colon', '–': 'a dash' } as const

/**
 * A phrase in plain words, for people who did not write it: `throw/toss … over the wall` is “throw” or “toss” in any form,
 * then up to eight words, then “over the wall”. Without a full stop.
 *
 * @param titleOf what a vocabulary is called; its name alone where there is no such vocabulary
 */
export function explainPhrase(
  pattern: Pattern,
  titleOf: (name: string) => string | undefined = () => undefined,
): string {
  const steps = (items: readonly Pattern[]): string => {
    const said: string[] = []
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as Pattern
      const words = wordsFrom(items, index)
      if (words.length > 1) {
        said.push(say({ type: 'sequence', items: words }))
        index += words.length - 1
      } else if (item.type === 'not') {
        // what must not follow belongs to what stands before it
        const before = said.pop()
        said.push(before === undefined ? `not ${say(item.item)}` : `${before}, but not before ${say(item.item)}`)
      } else said.push(say(item))
    }
    return said.join(', then ')
  }
  const say = (pattern: Pattern): string => {
    switch (pattern.type) {
      case 'word':
        return sayWords([pattern])
      case 'vocabulary': {
        const known = Object.hasOwn(classes, pattern.name) ? classes[pattern.name] : undefined
        if (known) return known
        const title = titleOf(pattern.name)
        const form = pattern.form === 'any' ? '' : `, ${formNames[pattern.form]}`
        return `any of $${pattern.name}${title && title.toLowerCase() !== pattern.name ? ` (${title})` : ''}${form}`
      }
      case 'sequence':
        return isWords(pattern.items) ? sayWords(pattern.items) : steps(pattern.items)
      case 'either': {
        const alternatives = pattern.items
        // one remark on the forms does for all of them
        if (alternatives.every((one) => one.type === 'word' && one.form === 'any')) {
          const inflected = alternatives.some((one) => one.type === 'word' && changes(one.word))
          return `${listed(alternatives.map((one) => quote([one as Word])))}${inflected ? ' in any form' : ''}`
        }
        const isLong = alternatives.some((one) => one.type === 'sequence' && !isWords(one.items))
        return isLong ? `(${listed(alternatives.map(say), '; ')})` : listed(alternatives.map(say))
      }
      case 'optional':
        return `perhaps ${say(pattern.item)}`
      case 'gap':
        return `up to ${numbers[pattern.most] ?? pattern.most} words`
      case 'not':
        return `not ${say(pattern.item)}`
      case 'clauseStart':
        return 'at the start of a clause'
      case 'clauseEnd':
        return 'the end of the clause'
      case 'punctuation':
        return marks[pattern.mark]
    }
  }
  const parts = pattern.type === 'sequence' ? pattern.items : [pattern]
  const [first, ...rest] = parts
  return first?.type === 'clauseStart' && rest.length ? `at the start of a clause: ${steps(rest)}` : steps(parts)
}

type Word = Extract<Pattern, { type: 'word' }>

const formNames = {
  base: 'not inflected',
  s: 'with -s',
  ed: 'in the past',
  ing: 'in -ing',
  exact: 'as it stands',
} as const

/** The words in a row from `index` on, in any form or as they stand: they are said as one. */
function wordsFrom(items: readonly Pattern[], index: number): Word[] {
  const end = items.findIndex((item, at) => at >= index && !isPlain(item))
  return items.slice(index, end < 0 ? undefined : end) as Word[]
}

const isPlain = (item: Pattern): boolean => item.type === 'word' && (item.form === 'any' || item.form === 'exact')
const isWords = (items: readonly Pattern[]): items is readonly Word[] => items.every(isPlain)
const changes = (word: string): boolean => !word.startsWith('=') && isInflected(word)

const quote = (words: readonly Word[]): string =>
  `“${words
    .map(({ word }) => word.replace(/^=/, ''))
    .join(' ')
    .replaceAll(" 's", '’s')}”`

function sayWords(words: readonly Word[]): string {
  const [only] = words
  if (words.length === 1 && only && only.form !== 'any' && only.form !== 'exact')
    return listed(inflect(only.word, only.form).map((word) => `“${word}”`))
  if (words.length === 1 && only?.word.startsWith('=')) return `${quote(words)} in capitals`
  const inflected = words.some(({ word, form }) => form === 'any' && changes(word))
  const exactly = words.length === 1 && only?.form === 'exact' && changes(only.word)
  return `${quote(words)}${inflected ? ' in any form' : exactly ? ' exactly so' : ''}`
}

/** "a, b or c" */
function listed(texts: readonly string[], separator = ', '): string {
  if (texts.length < 2) return texts.join('')
  return `${texts.slice(0, -1).join(separator)} or ${texts.at(-1)}`
}
