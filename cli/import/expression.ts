import { type AST, RegExpParser } from '@eslint-community/regexpp'

/** What a regular expression finds, as far as words can say it. */
export interface Variant {
  /** The words in a row: each as it is written, or a sign of the phrase syntax (`$word`, `…`, `!(…)`, `,`). */
  words: string[]
  /** What the groups in parentheses hold, by their number. */
  groups: ReadonlyMap<number, string>
}

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
}

/** Characters for private use stand for what is no letter while forms are put together. */
const sign = { word: '\uE000', number: '\uE001', gap: '\uE002', edge: '\uE003', not: '\uE100' } as const
const mostVariants = 256
/** More characters than this are "any letter", and no list of words. */
const mostCharacters = 12
/** A form that is longer is none that anybody looks for, and putting them together takes their length squared. */
const longest = 400

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
export function variantsOf(source: string, { ignoreCase, withinWords }: Meaning): Variant[] {
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
  const negatives: string[] = []
  const pieces = alternativesOf(pattern.alternatives, negatives)
  const variants = new Map<string, Variant>()
  for (const { text, groups } of pieces) {
    // the edge of a word cannot stand between two letters
    if (/[\p{L}\p{N}\uE000]\uE003+[\p{L}\p{N}\uE000]/u.test(text)) continue
    const words = wordsOf(text, negatives, ignoreCase || flags?.includes('i') === true)
    if (withinWords && words.length === 1 && !(isParted(text.at(0)) && isParted(text.at(-1))))
      throw new ExpressionError('it also finds parts of words, and Silolint finds whole words', 'Write the words out.')
    if (!variants.has(words.join(' '))) variants.set(words.join(' '), { words, groups })
  }
  if (!variants.size) throw new ExpressionError('no text can be as it wants')
  return [...variants.values()]
}

const isParted = (character: string | undefined): boolean =>
  character !== undefined && !/[\p{L}\p{N}]/u.test(character) && character !== sign.word && character !== sign.gap

const none: ReadonlyMap<number, string> = new Map()

function alternativesOf(alternatives: readonly AST.Alternative[], negatives: string[]): Piece[] {
  const all: Piece[] = []
  for (const alternative of alternatives) {
    let pieces: Piece[] = [{ text: '', groups: none }]
    for (const element of alternative.elements) {
      const next = piecesOf(element, negatives)
      if (pieces.length * next.length > mostVariants) tooMany()
      pieces = pieces.flatMap((one) => next.map((other) => joined(one, other)))
    }
    all.push(...pieces)
    if (all.length > mostVariants) tooMany()
  }
  return all
}

function joined(one: Piece, other: Piece): Piece {
  const text = one.text + other.text
  if (text.length > longest) throw new ExpressionError('it stands for texts of more than 400 characters')
  return { text, groups: other.groups.size ? new Map([...one.groups, ...other.groups]) : one.groups }
}

function tooMany(): never {
  throw new ExpressionError(`it stands for more than ${mostVariants} different texts`, 'Write out those that you need.')
}

function piecesOf(element: AST.Element, negatives: string[]): Piece[] {
  switch (element.type) {
    case 'Character':
      return [{ text: character(element.value), groups: none }]
    case 'CharacterSet':
      if (element.kind === 'space' && !element.negate) return [{ text: ' ', groups: none }]
      // a point that nobody escaped: "e.g."
      if (element.kind === 'any') return [{ text: '.', groups: none }]
      throw new ExpressionError(`“${element.raw}” stands for single letters, and Silolint finds words`)
    case 'CharacterClass':
      return charactersOf(element).map((text) => ({ text, groups: none }))
    case 'Group':
      return alternativesOf(element.alternatives, negatives)
    case 'CapturingGroup': {
      const number = numberOf(element)
      return alternativesOf(element.alternatives, negatives).map(({ text, groups }) => ({
        text,
        groups: new Map([...groups, [number, text]]),
      }))
    }
    case 'Quantifier':
      return repeated(element, negatives)
    case 'Assertion':
      if (element.kind === 'word' && !element.negate) return [{ text: sign.edge, groups: none }]
      if (element.kind === 'lookahead' && element.negate) {
        const barred = alternativesOf(element.alternatives, negatives)
        if (barred.some(({ text }) => !/^[\s\uE003]/.test(text)))
          throw new ExpressionError(`“${element.raw}” looks at letters, and Silolint at words`)
        const phrases = barred.map(({ text }) => phraseOf([{ words: wordsOf(text, [], true), groups: none }], false))
        negatives.push(`!(${phrases.join(' / ')})`)
        return [{ text: ` ${String.fromCharCode(sign.not.charCodeAt(0) + negatives.length - 1)} `, groups: none }]
      }
      throw new ExpressionError(
        element.kind === 'start' || element.kind === 'end'
          ? `“${element.raw}” is about the start or end of a text, and Silolint knows those of a clause`
          : `“${element.raw}” looks at what stands beside it`,
      )
    default:
      throw new ExpressionError(`“${element.raw}” cannot be said in words`)
  }
}

/** The number of a group: those that open before it, and itself. */
function numberOf(group: AST.CapturingGroup): number {
  let pattern: AST.Node | null = group
  while (pattern.parent && pattern.type !== 'Pattern') pattern = pattern.parent as AST.Node
  const before = (pattern as AST.Pattern).raw.slice(0, group.start - pattern.start)
  return (before.replace(/\\.|\[(?:\\.|[^\]])*\]/g, '').match(/\((?!\?)|\(\?<(?![=!])/g)?.length ?? 0) + 1
}

function repeated({ element, min, max, raw }: AST.Quantifier, negatives: string[]): Piece[] {
  if (max <= 4) {
    const once = piecesOf(element, negatives)
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
    } else if (/^\[(?:a-z|A-Z|\\w|0-9|['’_-])+\]$/.test(element.raw))
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
    .replace(/[–—]/g, ' – ')
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
      words.push(ignoreCase || !/^\p{Lu}{2,}$/u.test(word) ? word.toLowerCase() : word)
    }
  }
  if (!words.some((word) => !isSign(word) || word === '$participle'))
    throw new ExpressionError('it finds any word, and Silolint looks for words that it knows')
  return words
}

const isSign = (word: string): boolean => /^[$…!,;:–]/.test(word)

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
      text += `${isOpen ? '"' : ''} ${word}`
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
    .filter((word) => !word.startsWith('!'))
    .map((word) => ({ $word: 'something', $number: '5', $participle: 'painted', '…': 'the same' })[word] ?? word)
    .join(' ')
    .replace(/ ([,;:])/g, '$1')
