import type { Form } from './english.ts'

/** A phrase as its author wrote it, taken apart. Positions are offsets into the written phrase. */
export type Pattern =
  | { type: 'word'; word: string; form: Form }
  | { type: 'vocabulary'; name: string; form: Form; at: number }
  | { type: 'sequence'; items: Pattern[] }
  | { type: 'either'; items: Pattern[] }
  | { type: 'optional'; item: Pattern }
  | { type: 'gap'; most: number }
  | { type: 'not'; item: Pattern }
  | { type: 'clauseStart' }
  | { type: 'clauseEnd' }
  | { type: 'punctuation'; mark: ',' | ';' | ':' | '–' }

/** A phrase that cannot be read: what is wrong and where in it. */
export class PhraseError extends Error {
  readonly at: number
  readonly value: string
  readonly cure: string

  constructor(problem: string, at: number, value: string, cure: string) {
    super(problem)
    this.at = at
    this.value = value
    this.cure = cure
  }
}

/** The most words that `…` passes over. A longer gap joins things that have nothing to do with each other. */
const longestGap = 8
const deepest = 20
/** Longer than anybody reads, and what a phrase costs grows with it. */
const longestPhrase = 4000
/**
 * Each gap can end in eight places, what must not follow is tried in all its combinations, and from each word that may
 * be left out all the others can be reached: without these bounds a phrase would cost more than its length.
 */
const bounds = [
  { sign: /…|\.\.\./g, most: 12, what: 'gaps' },
  { sign: /!/g, most: 8, what: 'words that must not follow' },
  { sign: /\?/g, most: 40, what: 'words that may be left out' },
]
const wordCharacters = /[\p{L}\p{N}\p{M}_][\p{L}\p{N}\p{M}_'’-]*/uy
/** The same in ASCII, which most words are: the one above takes V8 a millisecond to make ready. */
const plainCharacters = /\w[\w'’-]*/y

/** The word that begins at a place of a phrase. */
function wordIn(text: string, at: number): string | undefined {
  plainCharacters.lastIndex = at
  const plain = plainCharacters.exec(text)?.[0]
  if (!(text.charCodeAt(at + (plain?.length ?? 0)) > 127)) return plain
  wordCharacters.lastIndex = at
  return wordCharacters.exec(text)?.[0]
}
const forms = new Set<Form>(['ed', 'ing', 's', 'base'])

/**
 * Reads one phrase. `throw/toss … over the wall/fence`: words in all their forms, `a/b` either,
 * `x?` optional, `( )` groups with alternatives between ` / `, `…` a gap of at most eight words that
 * stops at punctuation and at words such as if, which and but, `$name` a vocabulary, `"as is"` exact
 * words, `send+ed` only that form, `!x` not followed by x, `^` start and `.` end of a clause.
 *
 * @throws {PhraseError} with the offset of what cannot be read.
 */
export function parsePhrase(text: string): Pattern {
  let at = 0
  let depth = 0
  /** Choices between single words; beside other words in a group most writers mean something else by them. */
  const tight = new Set<Pattern>()

  const fail = (problem: string, value: string, cure: string, where = at): never => {
    throw new PhraseError(problem, where, value, cure)
  }
  const skipBlanks = (): void => {
    while (at < text.length && /\s/.test(text[at] as string)) at++
  }

  const readForm = (): Form => {
    if (text[at] !== '+') return 'any'
    const from = at
    const name = /^[a-z]+/.exec(text.slice(at + 1))?.[0] ?? ''
    if (!forms.has(name as Form)) fail('no such word form', `+${name}`, 'Write +ed, +ing, +s or +base.', from)
    at += 1 + name.length
    return name as Form
  }

  const readAtom = (): Pattern => {
    const from = at
    const character = text[at]
    if (character === '(') {
      if (++depth > deepest)
        fail('groups are nested too deep', text, `Use at most ${deepest} groups inside each other.`)
      at++
      const alternatives: Pattern[] = [readSequence(true)]
      while (text[at] === '/') {
        at++
        alternatives.push(readSequence(true))
      }
      if (text[at] !== ')') fail('a group is not closed', text.slice(from), 'Add the missing ).', from)
      at++
      depth--
      const [only] = alternatives
      if (alternatives.length === 1 && only?.type === 'sequence' && only.items.some((item) => tight.has(item)))
        fail(
          'words and a / without blanks stand side by side in one group',
          text.slice(from, at),
          'Put blanks around the / between alternatives of several words, (buy into / see), or brackets around those of one, (our (claims/billing) desk).',
          from,
        )
      if (only) tight.delete(only)
      return alternatives.length === 1 ? (alternatives[0] as Pattern) : { type: 'either', items: alternatives }
    }
    if (character === '$') {
      at++
      const name = /^[a-z][a-z0-9-]*/.exec(text.slice(at))?.[0]
      if (!name)
        return fail(
          '$ without the name of a vocabulary',
          text.slice(from),
          'Write a name such as $function after it.',
          from,
        )
      at += name.length
      const vocabulary: Pattern = { type: 'vocabulary', name, form: readForm(), at: from }
      const genitive = /^['’]s?(?![\p{L}])/u.exec(text.slice(at))
      if (!genitive) return vocabulary
      at += genitive[0].length
      if (text[at] !== '?') return { type: 'sequence', items: [vocabulary, exact("'s")] }
      at++ // "$function's?": what may be left out is the genitive, not the function
      return { type: 'sequence', items: [vocabulary, { type: 'optional', item: exact("'s") }] }
    }
    if (character === '"' || character === '“') {
      const close = text.slice(at + 1).search(/["”]/)
      if (close < 0) return fail('a quotation is not closed', text.slice(from), 'Add the missing ".', from)
      const words = text
        .slice(at + 1, at + 1 + close)
        .split(/[\s-]+/)
        .filter(Boolean)
      if (!words.length) return fail('nothing is quoted', '""', 'Put a word between the quotation marks.', from)
      at += close + 2
      return sequence(words.flatMap((one) => splitWord(one, 'exact')))
    }
    const found = wordIn(text, at)
    if (found === undefined)
      return fail(
        'unexpected character',
        character ?? 'the end of the phrase',
        'See docs/writing-a-rule.md for what a phrase may hold.',
      )
    const written = found.replace(/[-'’]+$/, '')
    at += written.length
    const parts = written.split('-').filter(Boolean)
    const form = readForm()
    return sequence(parts.flatMap((part, index) => splitWord(part, index === 0 ? form : 'any')))
  }

  const readItem = (): Pattern => {
    const alternatives = [readAtom()]
    while (text[at] === '/' && at + 1 < text.length && !/[\s)]/.test(text[at + 1] as string)) {
      at++
      alternatives.push(readAtom())
    }
    const item: Pattern =
      alternatives.length === 1 ? (alternatives[0] as Pattern) : { type: 'either', items: alternatives }
    if (alternatives.length > 1) tight.add(item)
    if (text[at] === '?') {
      // read as "an, or nothing", it would silently leave out "a"
      if (item.type === 'word' && item.word === 'an')
        fail('"an?" leaves out "a"', 'an?', 'Write (a/an)? instead.', at - 2)
      at++
      const optional: Pattern = { type: 'optional', item }
      if (tight.has(item)) tight.add(optional)
      return optional
    }
    return item
  }

  const readSequence = (inGroup: boolean): Pattern => {
    const items: Pattern[] = []
    for (;;) {
      skipBlanks()
      const character = text[at]
      if (character === undefined || (inGroup && (character === ')' || character === '/'))) break
      if (character === ')') fail('a ) without its (', ')', 'Remove it or open the group before it.')
      if (text.startsWith('...', at) || character === '…') {
        at += character === '…' ? 1 : 3
        items.push({ type: 'gap', most: longestGap })
      } else if (character === '-' && items.length) {
        at++ // "(first/second)-line": a hyphen parts words, here as in a document
      } else if (character === '^') {
        at++
        items.push({ type: 'clauseStart' })
      } else if (character === '.') {
        at++
        items.push({ type: 'clauseEnd' })
      } else if (',;:–—'.includes(character)) {
        at++
        const mark = character === '—' ? '–' : (character as ',' | ';' | ':' | '–')
        items.push(
          text[at] === '?' ? { type: 'optional', item: { type: 'punctuation', mark } } : { type: 'punctuation', mark },
        )
        if (text[at] === '?') at++
      } else if (character === '!') {
        at++
        skipBlanks()
        items.push({ type: 'not', item: readItem() })
      } else items.push(readItem())
    }
    if (!items.length)
      fail(
        inGroup ? 'an alternative is empty' : 'the phrase is empty',
        text,
        'Write at least one word; x? makes a word optional.',
      )
    return items.length === 1 ? (items[0] as Pattern) : { type: 'sequence', items }
  }

  if (text.length > longestPhrase)
    fail(
      `the phrase is longer than ${longestPhrase.toLocaleString('en')} characters`,
      `${text.slice(0, 40)}…`,
      'Write several phrases, or put its words into a vocabulary.',
    )
  for (const { sign, most, what } of bounds) {
    const beyond = [...text.matchAll(sign)][most]
    if (beyond) fail(`the phrase has more than ${most} ${what}`, beyond[0], 'Write several phrases.', beyond.index)
  }
  const pattern = readSequence(false)
  if (!holdsWord(pattern))
    fail('the phrase has no word that must occur', text, 'Add a word or a vocabulary that is not optional.', 0)
  return pattern
}

const sequence = (items: Pattern[]): Pattern =>
  items.length === 1 ? (items[0] as Pattern) : { type: 'sequence', items }

/** "Sales'" and "don't" are two tokens in a document, so they are two in a pattern. */
function splitWord(word: string, form: Form): Pattern[] {
  // "IT" in a pattern is never "it" in a document
  if (word.length > 1 && word === word.toUpperCase() && /^\p{Lu}{2,}$/u.test(word))
    return [{ type: 'word', word: `=${word}`, form: 'exact' }]
  const plain = word.toLowerCase().replace('’', "'")
  if (plain === "'s") return [exact(plain)]
  if (plain === 'cannot') return [exact('can'), exact('not')]
  const negated = /^(.+)n't$/.exec(plain)
  if (negated)
    return [
      exact(
        ({ wo: 'will', ca: 'can', sha: 'shall' } as Record<string, string>)[negated[1] as string] ??
          (negated[1] as string),
      ),
      exact('not'),
    ]
  const clitic = /^(.+)'(s|re|ll|ve|m|d|t)$/.exec(plain)
  if (clitic) {
    const tail = clitic[2] as string
    const full = ({ re: 'are', ll: 'will', ve: 'have', m: 'am', s: "'s" } as Record<string, string>)[tail] ?? tail
    return [{ type: 'word', word: clitic[1] as string, form }, exact(full)]
  }
  return [{ type: 'word', word: plain.replaceAll("'", ''), form }]
}

const exact = (word: string): Pattern => ({ type: 'word', word, form: 'exact' })

/** Whether every match of the pattern holds at least one word; without one it would match everywhere. */
function holdsWord(pattern: Pattern): boolean {
  switch (pattern.type) {
    case 'word':
    case 'vocabulary':
      return true
    case 'sequence':
      return pattern.items.some(holdsWord)
    case 'either':
      return pattern.items.every(holdsWord)
    default:
      return false
  }
}

/** The vocabularies that a pattern names. */
export function vocabulariesOf(pattern: Pattern): Array<{ name: string; form: Form; at: number }> {
  switch (pattern.type) {
    case 'vocabulary':
      return [pattern]
    case 'sequence':
    case 'either':
      return pattern.items.flatMap(vocabulariesOf)
    case 'optional':
    case 'not':
      return vocabulariesOf(pattern.item)
    default:
      return []
  }
}

/** The pattern with the form asked for on its first word: `$send+ed` over the entry "pass on" is "passed on". */
export function withForm(pattern: Pattern, form: Form): Pattern {
  switch (pattern.type) {
    case 'word':
    case 'vocabulary':
      return pattern.form === 'any' ? { ...pattern, form } : pattern
    case 'sequence':
      return { ...pattern, items: pattern.items.map((item, index) => (index === 0 ? withForm(item, form) : item)) }
    case 'either':
      return { ...pattern, items: pattern.items.map((item) => withForm(item, form)) }
    case 'optional':
      return { ...pattern, item: withForm(pattern.item, form) }
    default:
      return pattern
  }
}
