import type { Match } from './automaton.ts'
import type { Block } from './block.ts'
import { conjugate, formOf, isCommon, isInflected, isVerb } from './english.ts'
import { looks } from './tokens.ts'

/** The form a match's first verb stands in, so that a rewrite's verbs can take it over. */
interface VerbForm {
  form: 'base' | 's' | 'ed' | 'ing'
  /** Simple past ("threw"), not participle ("thrown"). */
  past: boolean
  /** The form of "be" as it stands, where the verb is one. */
  be?: string
  /** Behind "must", "to" and their like. */
  modal?: boolean
  /** The modal verb that the match begins with, or has behind its subject: a rewrite would lose it. */
  carried?: string
}

const formsOfBe: Record<string, VerbForm['form']> = {
  be: 'base',
  am: 'base',
  are: 'base',
  is: 's',
  "'s": 's',
  '’s': 's',
  was: 'ed',
  were: 'ed',
  been: 'ed',
  being: 'ing',
  "'re": 'base',
  '’re': 'base',
}
/** The form of "be" where the match has another verb. */
const beIn: Record<VerbForm['form'], string> = { base: 'are', s: 'is', ed: 'was', ing: 'being' }
const modals = /^(?:to|will|would|shall|should|can|could|may|might|must|not)$/i
/** Modal verbs that a rewrite's verb can stand behind. */
const carriedModals = /^(?:will|would|shall|should|can|could|may|might|must)$/i
const auxiliaries = /^(?:be|am|is|are|was|were|been|being|have|has|had|get|gets|got)$/i

/**
 * A rewrite as it stands in its sentence. `$name` and `…` carry over what the phrase captured, the
 * first verb and every verb after "and" take the form of the match's first verb, `be` the matched form
 * of it, and the first letter its capital. A modal verb that the match
 * begins with stays before them, unless it is denied. `[words]` stay for the author to fill in.
 *
 * @returns `undefined` where the match has not captured what the rewrite needs
 */
export function applyRewrite(template: string, match: Match, block: Block): string | undefined {
  const { tokens } = block
  if (!tokens) return undefined
  const slice = (from: number, to: number): string =>
    from < to ? block.prose.slice(tokens.start[from], tokens.end[to - 1]).replace(/\s+/g, ' ') : ''
  const verb = verbForm(template, match, slice)
  const taken = new Map<string, number>()
  let missing = false
  let inflectNext = true
  // only before the first verb, and behind a subject
  let modal = verb?.carried ? `${verb.carried} ` : ''
  const withModal = (word: string): string => {
    const before = modal
    modal = ''
    return before + word
  }
  // "The claims desk" at the start of a sentence is "the claims desk" further in; a name keeps its capital
  const carryOver = ({ from, to }: { from: number; to: number }, at: number): string => {
    const words = slice(from, to)
    const opens = ((tokens.looks[from] as number) & (looks.first | looks.capital)) === (looks.first | looks.capital)
    const first = /^\p{L}+/u.exec(words)?.[0] ?? ''
    return at > 0 && opens && first !== 'I' && isCommon(first.toLowerCase())
      ? words.replace(/^\p{Lu}/u, (letter) => letter.toLowerCase())
      : words
  }
  const capture = (name: string, at: number): string => {
    const nth = taken.get(name) ?? 0
    taken.set(name, nth + 1)
    const all = match.captures.filter((one) => one.name === name)
    // a name used twice in a rewrite stands for the same words when the phrase has it once
    const found = all[nth] ?? (name === '…' ? undefined : all.at(-1))
    if (!found) missing = true
    return found ? carryOver(found, at) : ''
  }
  const text = template.replace(/\[[^\]]*\]|\$[a-z][a-z0-9-]*|…|\p{L}[\p{L}’'-]*/gu, (part, at: number) => {
    const inflectThis = inflectNext
    // words carried over at the start are the subject; the verb comes after them
    inflectNext = part === 'and' || part === 'then' || (at === 0 && part.startsWith('$'))
    if (part.startsWith('[')) return part
    if (part === '$match') return carryOver(match, at)
    if (part.startsWith('$')) return capture(part.slice(1), at)
    if (part === '…') return capture('…', at)
    if (part === 'be' && verb && inflectThis) return withModal(verb.be ?? (verb.modal ? 'be' : beIn[verb.form]))
    if (verb && inflectThis && isVerb(part)) return withModal(conjugate(part, verb.form, verb.past))
    // a rewrite that begins otherwise has a verb of its own, or none
    modal = ''
    return part
  })
  if (missing) return undefined
  const tidy = text
    .replace(/\s+/g, ' ')
    .replace(/ ([,.;:])/g, '$1')
    .replace(/(?<!\p{L})(a|an) (?=(\p{L}[\p{L}-]*))/gu, (_, _article, next: string) => `${articleOf(next)} `)
    .trim()
  const first = block.prose[tokens.start[match.from] as number] ?? ''
  const capital = first !== first.toLowerCase() && ((tokens.looks[match.from] as number) & looks.first) !== 0
  // a clitic ("That's") hangs on the word before it; the words that replace it must not
  const hangs = /['’]/.test(first) && /\S/.test(block.prose[(tokens.start[match.from] as number) - 1] ?? ' ')
  return (hangs ? ' ' : '') + (capital ? capitalise(tidy) : tidy)
}

/** "a" or "an" before a word as it is spoken: an hour, a user, an SLA, a KPI. */
export function articleOf(next: string): 'a' | 'an' {
  if (/^\p{Lu}{2,}s?$/u.test(next)) return /^[AEFHILMNORSX]/.test(next) ? 'an' : 'a'
  if (/^(?:hour|honest|honou?r|heir)/i.test(next)) return 'an'
  if (/^(?:uni(?!n|m)|use|usu|util|eu|one\b|once\b|ubi|ewe)/i.test(next)) return 'a'
  return /^[aeiou]/i.test(next) ? 'an' : 'a'
}

/** The text with its first letter in upper case, a placeholder's letter left alone. */
const capitalise = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())

function verbForm(template: string, match: Match, slice: (from: number, to: number) => string): VerbForm | undefined {
  // a vocabulary at the start is the verb to replace, unless the rewrite carries its words over: then the verb comes after
  const opening = match.captures.find(
    ({ name, from, base }) => from === match.from && base !== undefined && !template.includes(`$${name}`),
  )
  const at = match.bases.has(match.from)
    ? match.from
    : opening
      ? opening.from
      : [...match.bases].find(([, one]) => isInflected(one))?.[0]
  const base = at === undefined ? undefined : (match.bases.get(at) ?? opening?.base)
  if (at === undefined || base === undefined) return undefined
  const modal = modalOf(template, match, slice)
  if (modal && !modal.isDenied) return { form: 'base', past: false, modal: true, carried: modal.word }
  // what was denied ("cannot be read") happens after all; "will" goes with one and with many
  if (modal) return { form: 'base', past: false, be: 'will be' }
  const word = slice(at, at + 1)
  const be = formsOfBe[word.toLowerCase()]
  if (base === 'be' || (be && base === word.toLowerCase()))
    return {
      form: be ?? 'base',
      past: be === 'ed',
      be: word.startsWith("'") || word.startsWith('’') ? (be === 's' ? 'is' : 'are') : word.toLowerCase(),
    }
  const form = formOf(word, base)
  if (!form) return undefined
  const before = at > 0 ? slice(at - 1, at) : ''
  // "gets thrown back" keeps its "gets" where a rewrite says "be"
  return {
    form,
    past: form === 'ed' && !auxiliaries.test(before),
    be: base === 'get' ? word.toLowerCase() : undefined,
    modal: modals.test(before),
  }
}

/** The modal verb at the start of a match, or behind a subject that the rewrite carries over, and whether it is denied. */
function modalOf(
  template: string,
  match: Match,
  slice: (from: number, to: number) => string,
): { word: string; isDenied: boolean } | undefined {
  const subject = match.captures.find(({ name, from }) => from === match.from && template.startsWith(`$${name}`))
  const at = subject ? subject.to : match.from
  const word = match.bases.has(at) ? slice(at, at + 1).toLowerCase() : ''
  if (!carriedModals.test(word)) return undefined
  return { word, isDenied: /^(?:not|never|n?['’]t)$/i.test(slice(at + 1, at + 2)) }
}

/** A placeholder of a rewrite, with offsets into it in UTF-16 units. */
export interface Placeholder {
  start: number
  end: number
  name: string
}

/** The placeholders of a rewrite. Brackets that stand in the text it replaces are the author's own. */
export function placeholdersOf(rewrite: string, actual: string): Placeholder[] {
  return [...rewrite.matchAll(/\[([^\][]+)\](?!\()/g)]
    .filter(([whole]) => !actual.includes(whole))
    .map((found) => ({ start: found.index, end: found.index + found[0].length, name: found[1] as string }))
}
