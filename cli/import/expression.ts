import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { isCommon } from '../../engine/english.ts'

/** What a regular expression finds, as far as words can say it. */
export interface Variant {
  /** The words in a row: each as it is written, or a sign of the phrase syntax (`$word`, `…`, `!(…)`, `,`). */
  words: string[]
  /** What the groups in parentheses hold, by their number; `behind` and `ahead` what only has to stand beside. */
  groups: ReadonlyMap<number, string>
  /** Rows of words before the first that make it something else: “not” in `(?<!not )done`. */
  barred?: readonly string[][]
}

/** Numbers of what an expression looks at before and after what it finds. */
export const behind = -1
export const ahead = -2

/** An expression that cannot be said in words. The message says why, the cure what to do. */
export class ExpressionError extends Error {
  readonly cure: string

  constructor(why: string, cure = 'Write a phrase by hand.') {
    super(why)
    this.cure = cure
  }
}

/** How an expression is meant. */
export interface Meaning {
  /** Capitals make no difference, so that "IT" is "it". */
  ignoreCase: boolean
  /** It may begin and end within a word. */
  withinWords: boolean
  /** Told what the words find more or less than the expression. */
  note?: (difference: string) => void
  /** Told of each alternative that cannot be said in words, where others can; without it, none of them is taken. */
  leave?: (error: ExpressionError, alternative: string) => void
}

/** Characters for private use stand for what is no letter while forms are put together. */
export const sign = {
  word: '\uE000',
  number: '\uE001',
  gap: '\uE002',
  edge: '\uE003',
  not: '\uE100',
  behind: '\uE400',
} as const
const mostVariants = 256
/** More characters than this are "any letter", and no list of words. */
const mostCharacters = 12
/** A form that is longer is none that anybody looks for, and putting them together takes their length squared. */
const longest = 400

/** Past participles in -ed that are too short for `$participle`. */
const shortParticiples = 'used owed tied led fed bred sued aged died shed'

/** What an expression looks at beside what it finds. */
interface Beside {
  /** Phrases that must not follow. */
  negatives: string[]
  /** Texts that must not stand before. */
  barred: string[][]
  leave: Meaning['leave']
}

interface Piece {
  text: string
  groups: ReadonlyMap<number, string>
}

/**
 * The rows of words that a regular expression finds, at most 256. Alternatives, letters in brackets and repetitions of
 * known length are written out; `\w+` as a word of its own is any word, `.*` a gap, `(?! x)` at the end "not followed by x".
 *
 * @param source as Vale, prh and proselint take it: of JavaScript's kind, with `(?i)` in front
 * @throws {ExpressionError} when words cannot say it
 */
export function variantsOf(source: string, { ignoreCase, withinWords, note, leave }: Meaning): Variant[] {
  const flags = /^\(\?([a-z]+)\)/.exec(source)?.[1]
  const plain = source.slice(flags ? flags.length + 3 : 0).replaceAll('(?P<', '(?<')
  if (plain.length > 4000) throw new ExpressionError('the expression is longer than 4,000 characters')
  if (/\[\[:/.test(plain)) throw new ExpressionError('it names a class of letters, and not words')
  let pattern: AST.Pattern
  try {
    pattern = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(plain, 0, plain.length, { unicode: false })
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*?\/: /, '') : 'it cannot be read'
    throw new ExpressionError(`it is no regular expression that can be read: ${why}`, 'Mend it where it stands.')
  }
  const beside: Beside = { negatives: [], barred: [], leave }
  const isAnyCase = ignoreCase || flags?.includes('i') === true
  const variants = new Map<string, Variant>()
  const notes = new Set<string>()
  const failed: Array<[ExpressionError, string]> = []
  for (const { text, groups } of alternativesOf(pattern.alternatives, beside)) {
    // the edge of a word cannot stand between two letters
    if (/[\p{L}\p{N}\uE000]\uE003+[\p{L}\p{N}\uE000]/u.test(text)) continue
    if (new RegExp(`[^${sign.edge}\\s${sign.behind}-\uE4FF].*[${sign.behind}-\uE4FF]`, 's').test(text))
      throw new ExpressionError('it looks back in the middle of its words')
    const rows = [...text].flatMap((one) => beside.barred[one.charCodeAt(0) - sign.behind.charCodeAt(0)] ?? [])
    let words: string[]
    try {
      words = wordsOf(text.replace(/[\uE400-\uE4FF]/g, ''), beside.negatives, isAnyCase)
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      failed.push([error, legible(text)])
      continue
    }
    if (withinWords && words.length === 1) {
      const [opens, ends] = [isParted(text.at(0)), isParted(text.at(-1))]
      if (!opens && !ends)
        throw new ExpressionError(
          'it also finds parts of words, and Silolint finds whole words',
          'Write the words out.',
        )
      if (!opens || !ends) notes.add('it also finds parts of words, and the phrase finds whole words')
    }
    if (groups.has(behind) || groups.has(ahead))
      notes.add('what must stand beside the words is now a part of what is found')
    if (withinWords && text.endsWith(' '))
      notes.add('it wants a blank behind its words, and the phrase does not mind what follows')
    const barred = rows.map((row) => wordsOf(row, [], true))
    const known = variants.get(words.join(' '))
    if (!known) variants.set(words.join(' '), { words, groups, ...(barred.length && { barred }) })
    // where one way to find the words bars nothing, nothing is barred
    else if (known.barred && !barred.length) variants.set(words.join(' '), { words, groups })
  }
  const [first] = failed
  if (first && (!leave || !variants.size)) throw first[0]
  if (!variants.size) throw new ExpressionError('no text can be as it wants')
  for (const [error, alternative] of failed) leave?.(error, alternative)
  for (const key of variants.keys()) {
    // at the start of a clause it is what it is elsewhere, and “we’re” begins with the “we” that is found anyway
    const plain = key.replace(/^\^ /, '')
    if ((plain !== key && variants.has(plain)) || isContracted(key, variants)) variants.delete(key)
  }
  const all = [...variants.values()]
  if (all.some(({ words }) => words[0] === '^')) notes.add('it wants a capital, and the phrase the start of a clause')
  for (const one of notes) note?.(one)
  return all
}

/** Whether a text ends in a short form, and is found without it as well. */
const isContracted = (key: string, variants: ReadonlyMap<string, unknown>): boolean =>
  /'(?:re|ve|ll|m)$/.test(key) && variants.has(key.replace(/'\w+$/, ''))

/** A text with signs as an expression has them. */
const legible = (text: string): string =>
  text
    .replaceAll(sign.word, '\\w+')
    .replaceAll(sign.number, '\\d+')
    .replaceAll(sign.gap, '.*')
    .replace(/[\uE000-\uF8FF]/g, '')
    .trim()

const isParted = (character: string | undefined): boolean =>
  character !== undefined && !/[\p{L}\p{N}]/u.test(character) && character !== sign.word && character !== sign.gap

const none: ReadonlyMap<number, string> = new Map()

function alternativesOf(alternatives: readonly AST.Alternative[], beside: Beside): Piece[] {
  const all: Piece[] = []
  const failed: Array<[ExpressionError, string]> = []
  for (const alternative of alternatives) {
    try {
      let pieces: Piece[] = [{ text: '', groups: none }]
      for (const element of alternative.elements) {
        const next = piecesOf(element, beside)
        if (pieces.length * next.length > mostVariants) tooMany()
        pieces = pieces.flatMap((one) => next.map((other) => joined(one, other)))
      }
      all.push(...pieces)
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      failed.push([error, alternative.raw])
    }
    if (all.length > mostVariants) tooMany()
  }
  const [first] = failed
  if (first && (!beside.leave || !all.length)) throw first[0]
  for (const [error, raw] of failed) beside.leave?.(error, raw)
  return all
}

function joined(one: Piece, other: Piece): Piece {
  // digits in a row are one number
  const isNumber = one.text.endsWith(sign.number) && other.text.startsWith(sign.number)
  const text = one.text + (isNumber ? other.text.slice(1) : other.text)
  if (text.length > longest) throw new ExpressionError('it stands for texts of more than 400 characters')
  return { text, groups: other.groups.size ? new Map([...one.groups, ...other.groups]) : one.groups }
}

function tooMany(): never {
  throw new ExpressionError(`it stands for more than ${mostVariants} different texts`, 'Write out those that you need.')
}

function piecesOf(element: AST.Element, beside: Beside): Piece[] {
  switch (element.type) {
    case 'Character':
      return [{ text: character(element.value), groups: none }]
    case 'CharacterSet':
      if (element.kind === 'space' && !element.negate) return [{ text: ' ', groups: none }]
      if (element.kind === 'digit' && !element.negate) return [{ text: sign.number, groups: none }]
      // a point that nobody escaped: "e.g."
      if (element.kind === 'any') return [{ text: '.', groups: none }]
      throw new ExpressionError(`“${element.raw}” stands for single letters, and Silolint finds words`)
    case 'CharacterClass':
      if (element.raw === '[0-9]') return [{ text: sign.number, groups: none }]
      return charactersOf(element).map((text) => ({ text, groups: none }))
    case 'Group':
      return alternativesOf(element.alternatives, beside)
    case 'CapturingGroup': {
      const number = numberOf(element)
      return alternativesOf(element.alternatives, beside).map(({ text, groups }) => ({
        text,
        groups: new Map([...groups, [number, text]]),
      }))
    }
    case 'Quantifier':
      return repeated(element, beside)
    case 'Assertion':
      return besideOf(element, beside)
    default:
      throw new ExpressionError(`“${element.raw}” cannot be said in words`)
  }
}

/** What an expression asks of the text before or after its words. */
function besideOf(element: AST.Assertion, beside: Beside): Piece[] {
  const edge = [{ text: sign.edge, groups: none }]
  if (element.kind === 'word' && !element.negate) return edge
  if (element.kind !== 'lookahead' && element.kind !== 'lookbehind')
    throw new ExpressionError(
      element.kind === 'word'
        ? 'it looks within words, and Silolint finds whole words'
        : `“${element.raw}” is about the start or end of a text, and Silolint knows those of a clause`,
    )
  const isAhead = element.kind === 'lookahead'
  const [open, close] = [element.raw.indexOf(element.negate ? '!' : '=') + 1, -1]
  // letters beside the words would make them other words, which are never found
  if (/^(?:\\w|\[\\w[^\]]*\]|\[(?:a-z|A-Z|0-9)+\]|\\S)\+?$/.test(element.raw.slice(open, close)) && element.negate)
    return edge
  if (/^(?:\\s|\\W|\^|\$|\||\\b|[(?:)])+$/.test(element.raw.slice(open, close)) && !element.negate) return edge
  const texts = alternativesOf(element.alternatives, beside).map(({ text }) => text)
  const isApart = (text: string): boolean => (isAhead ? /^[\s\uE003,;:]/ : /[\s\uE003,;:]$/).test(text)
  if (texts.some((text) => text.includes(sign.gap)))
    throw new ExpressionError(`“${element.raw}” looks at any words beside it`)
  if (!element.negate) {
    if (!texts.every(isApart)) throw new ExpressionError(`“${element.raw}” looks at letters, and Silolint at words`)
    const siblings = element.parent.type === 'Alternative' ? element.parent.elements : []
    const beyond = isAhead
      ? siblings.slice(siblings.indexOf(element) + 1)
      : siblings.slice(0, Math.max(0, siblings.indexOf(element)))
    if (beyond.some(({ type }) => type !== 'Assertion'))
      throw new ExpressionError(`“${element.raw}” looks at words that it finds as well`)
    return texts.map((text) => ({ text, groups: new Map([[isAhead ? ahead : behind, text]]) }))
  }
  const barred = texts.filter(isApart)
  if (isAhead) {
    const phrases = barred.map((text) => phraseOf([{ words: wordsOf(text, [], true), groups: none }], false))
    if (!phrases.length) return edge
    beside.negatives.push(`!(${phrases.join(' / ')})`)
    const at = String.fromCharCode(sign.not.charCodeAt(0) + beside.negatives.length - 1)
    return [{ text: `${sign.edge} ${at} `, groups: none }]
  }
  if (!barred.length) return edge
  for (const text of barred) wordsOf(text, [], true) // says why where it cannot
  beside.barred.push(barred)
  return [{ text: String.fromCharCode(sign.behind.charCodeAt(0) + beside.barred.length - 1), groups: none }]
}

/** The number of a group: those that open before it, and itself. */
function numberOf(group: AST.CapturingGroup): number {
  let pattern: AST.Node | null = group
  while (pattern.parent && pattern.type !== 'Pattern') pattern = pattern.parent as AST.Node
  const before = (pattern as AST.Pattern).raw.slice(0, group.start - pattern.start)
  return (before.replace(/\\.|\[(?:\\.|[^\]])*\]/g, '').match(/\((?!\?)|\(\?<(?![=!])/g)?.length ?? 0) + 1
}

function repeated({ element, min, max, raw }: AST.Quantifier, beside: Beside): Piece[] {
  if (max <= 4) {
    const once = piecesOf(element, beside)
    const all: Piece[] = []
    for (let times = min; times <= max; times++) {
      let pieces: Piece[] = [{ text: '', groups: none }]
      for (let count = 0; count < times; count++) {
        if (pieces.length * once.length > mostVariants) tooMany()
        pieces = pieces.flatMap((one) => once.map((other) => joined(one, other)))
      }
      all.push(...pieces)
      if (all.length > mostVariants) tooMany()
    }
    return all
  }
  const more = (text: string): Piece[] => [{ text, groups: none }, ...(min === 0 ? [{ text: '', groups: none }] : [])]
  if (element.type === 'CharacterSet') {
    if (element.kind === 'space' && !element.negate) return more(' ')
    if (element.kind === 'digit' && !element.negate) return more(sign.number)
    if (element.kind === 'any') return [{ text: ` ${sign.gap} `, groups: none }]
    if ((element.kind === 'word' && !element.negate) || (element.kind === 'space' && element.negate))
      return more(sign.word)
  }
  if (element.type === 'Character' && element.value === 32) return more(' ')
  if (element.type === 'CharacterClass') {
    if (element.negate) {
      if (/^\[\^\\s\]$/.test(element.raw)) return more(sign.word)
      // all but what ends a sentence, which a gap does not pass over
      if (/^\[\^[.!?,;:\\ns]*\]$/.test(element.raw)) return [{ text: ` ${sign.gap} `, groups: none }]
    } else if (element.raw === '[A-Z]')
      throw new ExpressionError(`“${raw}” stands for any word in capitals, and Silolint looks for words that it knows`)
    else if (/^\[(?:a-z|A-Z|\\w|0-9|['’_-])+\]$/.test(element.raw))
      return more(element.raw === '[0-9]' ? sign.number : sign.word)
    else if (/^\[(?: |\\s|\\t|\\n)+\]$/.test(element.raw)) return more(' ')
  }
  throw new ExpressionError(`“${raw}” goes on for any length, and Silolint finds known words`)
}

function charactersOf({ negate, elements, raw }: AST.CharacterClass): string[] {
  const found = new Set<string>()
  for (const element of elements as AST.CharacterClassElement[]) {
    if (element.type === 'Character') found.add(character(element.value))
    else if (element.type === 'CharacterSet' && element.kind === 'space' && !element.negate) found.add(' ')
    else if (element.type === 'CharacterClassRange' && element.max.value - element.min.value < mostCharacters)
      for (let code = element.min.value; code <= element.max.value; code++) found.add(character(code))
    else throw new ExpressionError(`“${raw}” stands for single letters, and Silolint finds words`)
  }
  if (negate || !found.size)
    throw new ExpressionError(`“${raw}” says what must not stand there, and Silolint what must`)
  const lower = new Set([...found].map((one) => (found.has(one.toLowerCase()) ? one.toLowerCase() : one)))
  if (lower.size > mostCharacters)
    throw new ExpressionError(`“${raw}” stands for single letters, and Silolint finds words`)
  return [...lower]
}

function character(code: number): string {
  if (code >= 0xe000 && code <= 0xf8ff) throw new ExpressionError('it holds characters for private use')
  const text = String.fromCodePoint(code)
  return /\s/.test(text) ? ' ' : text
}

/** A text in words and signs. */
function wordsOf(text: string, negatives: readonly string[], ignoreCase: boolean): string[] {
  const words: string[] = []
  const parts = text
    .replaceAll(sign.edge, '')
    // between blanks a hyphen is a dash
    .replace(/[–—]|-(?=\s)|(?<=\s)-/g, ' – ')
    .replace(/([,;:])(?=\s|$)/g, ' $1 ')
    // a hyphen parts words, there as here
    .split(/[\s-]+/)
    .filter(Boolean)
  for (const part of parts) {
    const negative = negatives[part.charCodeAt(0) - sign.not.charCodeAt(0)]
    if (negative !== undefined) words.push(negative)
    else if (part === `${sign.word}ed`) words.push('$participle')
    else if (part === sign.word) words.push('$word')
    else if (part === sign.number) words.push('$number')
    else if (part === sign.gap) words.push('…')
    else if (/^[,;:–]$/.test(part)) words.push(part)
    else {
      // the point of an abbreviation is no part of it
      const word = part.replace(/\.+$/, '').replaceAll('’', "'")
      const odd = /[^\p{L}\p{N}\p{M}_.&']/u.exec(word)?.[0] ?? (/^['.&]|['.&]$/.exec(word)?.[0] as string | undefined)
      if (odd !== undefined && !/^[\p{L}]+s'$/u.test(word)) {
        const isSign = odd >= sign.word && odd <= '\uF8FF'
        throw new ExpressionError(
          isSign
            ? 'it is about letters within a word, and Silolint finds whole words'
            : `it holds “${odd}”, and Silolint finds words`,
        )
      }
      if (!word) throw new ExpressionError('it is about punctuation, and Silolint finds words')
      // a small word with a capital opens a sentence; of others the capital is their spelling
      if (!ignoreCase && !words.length && /^\p{Lu}\p{Ll}*$/u.test(word) && isSmall(word)) words.push('^')
      words.push(ignoreCase || !/^\p{Lu}{2,}$/u.test(word) ? word.toLowerCase() : word)
    }
  }
  if (!words.some((word) => !isSign(word) || word === '$participle'))
    throw new ExpressionError('it finds any word, and Silolint looks for words that it knows')
  return words
}

const isSign = (word: string): boolean => /^[$…!,;:–^]/.test(word)

const isSmall = (word: string): boolean => word !== 'I' && isCommon(word.toLowerCase())

/**
 * The phrase that finds all of the variants: what they share at their beginnings and ends is written once.
 *
 * @param inAllForms words match in all their forms, and not only as they are written
 */
export function phraseOf(variants: readonly Variant[], inAllForms: boolean): string {
  const rows = variants.map(({ words }) => words)
  const [first = []] = rows
  let before = 0
  while (before < first.length && rows.every((row) => row[before] === first[before])) before++
  let behind = 0
  while (
    rows.every((row) => row.length - behind > before && row.at(-1 - behind) === first.at(-1 - behind)) &&
    behind < first.length
  )
    behind++
  const middles = rows.map((row) => row.slice(before, row.length - behind))
  const written = [...new Set(middles.filter((row) => row.length).map((row) => spelt(row, inAllForms)))]
  const isOptional = middles.some((row) => !row.length)
  const middle = written.length ? `(${written.join(' / ')})${isOptional ? '?' : ''}` : ''
  const only = written.length === 1 && !isOptional
  return [
    spelt(first.slice(0, before), inAllForms),
    only ? (written[0] as string) : middle,
    spelt(first.slice(first.length - behind), inAllForms),
  ]
    .filter(Boolean)
    .join(' ')
}

/** Words in the syntax of phrases. */
function spelt(words: readonly string[], inAllForms: boolean): string {
  let text = ''
  let isOpen = false
  for (const word of words) {
    if (inAllForms || isSign(word)) {
      const sign = word === '$participle' ? `($participle / "${shortParticiples.replaceAll(' ', '" / "')}")` : word
      text += `${isOpen ? '"' : ''} ${sign}`
      isOpen = false
    } else {
      text += isOpen ? ` ${word}` : ` "${word}`
      isOpen = true
    }
  }
  return `${text}${isOpen ? '"' : ''}`.trim()
}

/** A text that the variant finds. */
export const sampleOf = ({ words }: Variant): string =>
  words
    .filter((word) => !/^[!^]/.test(word))
    .map((word) => ({ $word: 'something', $number: '5', $participle: 'painted', '…': 'the same' })[word] ?? word)
    .join(' ')
    .replace(/ ([,;:])/g, '$1')
