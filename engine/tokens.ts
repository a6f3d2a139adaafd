import type { Block } from './block.ts'
import { hashEnd, hashOf, hashStart, hashWith, isWordAt, type Lexicon, token } from './lexicon.ts'

/** What a token looks like, whatever its word: bits of `Tokens.looks`. */
export const looks = {
  word: 1,
  capital: 2,
  number: 4,
  participle: 8,
  subordinator: 16,
  address: 32,
  /** A picture: something stands here, and it is neither words nor code. */
  picture: 128,
  first: 64,
} as const

/**
 * The words and punctuation of a block, in arrays of one length. `start` and `end` are offsets into
 * its prose; a contraction is two tokens ("is", "n't" read as "not"), a hyphen parts words silently.
 */
export interface Tokens {
  readonly ids: readonly number[]
  readonly start: readonly number[]
  readonly end: readonly number[]
  readonly looks: readonly number[]
  /** Where sentences begin, as token positions; the last entry is the number of tokens. */
  readonly sentences: readonly number[]
}

const subordinators = new Set(
  'if when whenever which who whom whose that but unless until because while whereas although though where wherever whether since as'.split(
    ' ',
  ),
)

/** The same by their hash, open to the next place. */
const subordinatorSlots: string[] = []
for (const one of subordinators) {
  let slot = hashOf(one) & 255
  while (subordinatorSlots[slot]) slot = (slot + 1) & 255
  subordinatorSlots[slot] = one
}

/** Whether the word of a text that has a hash is a subordinator. */
function isSubordinator(text: string, start: number, end: number, hash: number): boolean {
  for (let slot = hash & 255; ; slot = (slot + 1) & 255) {
    const one = subordinatorSlots[slot]
    if (one === undefined) return false
    if (isWordAt(text, start, end, one)) return true
  }
}

/** Words before a full stop that do not end a sentence. */
const abbreviations = new Set(
  'e.g i.e etc vs cf mr mrs ms dr prof st no nos fig approx inc ltd co dept div ext est p pp vol al ref para sec art jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri'.split(
    ' ',
  ),
)
const longestAbbreviation = 6
const address =
  /(?:https?:\/\/|www\.)[^\s<>()"]*[^\s<>()".,;:!?]|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+|\+?\(?\d[\d ()-]{6,30}\d/y
const period = /^\d{4} ?- ?\d{4}$|^\d{4}-\d\d-\d\d/
const word = /[\p{L}\p{N}\p{M}_]+(?:[.&](?=[\p{L}\p{N}])[\p{L}\p{N}\p{M}]+)*(?:['’](?=\p{L})[\p{L}]+)*/uy
const irregularNegations: Record<string, string> = { wo: 'will', ca: 'can', sha: 'shall' }
const clitics: Record<string, string> = { re: 'are', ll: 'will', ve: 'have', m: 'am' }

/** Characters that never matter, tested before the costlier expressions. */
const isBlank = (code: number) => code === 32 || (code >= 9 && code <= 13) || code === 160

/** Kinds of the characters of ASCII that make words; 0 for the others. */
const [small, capital, digit, underscore] = [1, 2, 3, 4]
const kinds = new Uint8Array(128)
for (let code = 48; code < 58; code++) kinds[code] = digit
for (let code = 65; code < 91; code++) {
  kinds[code] = capital
  kinds[code + 32] = small
}
kinds[95] = underscore

/**
 * Texts up to this many characters are read once however often they stand in documents. The engine of JavaScript copies
 * them; a longer one would keep the whole document from which it was cut.
 */
const short = 12
let repeated: { lexicon: Lexicon | undefined; size: number; tokens: Map<string, Tokens> } = {
  lexicon: undefined,
  size: 0,
  tokens: new Map(),
}

/** The tokens of the block that is being read. They are copied, of the right length, once it is read. */
const ids: number[] = []
const starts: number[] = []
const ends: number[] = []
const looksOf: number[] = []
/** `[0, n]`, for blocks of one sentence. */
const oneSentence: Array<readonly number[]> = []

/** Reads a block's prose into tokens and sentences. Linear in its length. */
export function tokenise(block: Pick<Block, 'prose' | 'marks'>, lexicon: Lexicon): Tokens {
  const { prose, marks } = block
  if (marks.length || prose.length > short) return read(prose, marks, lexicon)
  if (lexicon !== repeated.lexicon || lexicon.size !== repeated.size || repeated.tokens.size > 10_000)
    repeated = { lexicon, size: lexicon.size, tokens: new Map() }
  let tokens = repeated.tokens.get(prose)
  if (!tokens) {
    tokens = read(prose, marks, lexicon)
    repeated.tokens.set(prose, tokens)
  }
  return tokens
}

function read(prose: string, marks: Block['marks'], lexicon: Lexicon): Tokens {
  const holes = marks.length
    ? marks.filter((mark) => mark.start === mark.end && mark.kind !== 'other').sort((a, b) => a.start - b.start)
    : marks
  let hole = 0
  let count = 0
  const sentences = [0]
  let sentenceOpen = true
  const { length } = prose
  // an address holds "://", "@" or many digits; only then is the costly expression tried
  const hasAddress = prose.includes('@') || prose.includes('www.') || prose.includes('://')

  const push = (id: number, start: number, end: number, look: number): void => {
    if (sentenceOpen && look & looks.word) {
      look |= looks.first
      sentenceOpen = false
    }
    ids[count] = id
    starts[count] = start
    ends[count] = end
    looksOf[count++] = look
  }
  const endSentence = (): void => {
    if (count > (sentences[sentences.length - 1] as number)) sentences.push(count)
    sentenceOpen = true
  }
  const pushWord = (text: string, start: number, end: number): void => {
    const lower = text.toLowerCase()
    let look: number = looks.word
    const code = text.charCodeAt(0)
    if (code > 64 && code < 91) look |= looks.capital
    else if (code > 127 && text[0] !== lower[0]) look |= looks.capital
    if (code > 47 && code < 58) look |= looks.number
    if (lower.endsWith('ed') && lower.length > 4) look |= looks.participle
    if (subordinators.has(lower)) look |= looks.subordinator
    const capitals =
      look & looks.capital && text.length > 1 && text === text.toUpperCase() ? lexicon.get(`=${text}`) : token.unknown
    push(capitals || lexicon.get(lower), start, end, look)
  }
  const pushWords = (text: string, start: number): void => {
    const apostrophe = text.search(/['’]/)
    const end = start + text.length
    if (apostrophe < 0) {
      // "cannot" is "can not", so that negations are found in either spelling
      if (text.length === 6 && text.toLowerCase() === 'cannot') {
        pushWord(text.slice(0, 3), start, start + 3)
        pushWord(text.slice(3), start + 3, end)
      } else pushWord(text, start, end)
      return
    }
    const tail = text.slice(apostrophe + 1).toLowerCase()
    if (tail === 't' && /n$/i.test(text.slice(0, apostrophe))) {
      const stem = text.slice(0, apostrophe - 1)
      const cut = start + stem.length
      const whole = irregularNegations[stem.toLowerCase()]
      if (whole)
        push(lexicon.get(whole), start, cut, looks.word | (stem[0] !== stem[0]?.toLowerCase() ? looks.capital : 0))
      else pushWord(stem, start, cut)
      push(lexicon.get('not'), cut, end, looks.word)
      return
    }
    pushWord(text.slice(0, apostrophe), start, start + apostrophe)
    const clitic = clitics[tail]
    push(lexicon.get(clitic ?? (tail === 's' ? "'s" : tail)), start + apostrophe, end, looks.word)
  }
  /** Reads the word at `start` if it is a plain one of ASCII; says where it ends, `start` if it is none. */
  const readPlainWord = (start: number, limit: number): number => {
    let hash = hashStart
    let seen = 0
    let isJoined = false
    let isGenitive = false
    let at = start
    for (; at < limit; at++) {
      const code = prose.charCodeAt(at)
      const kind = code < 128 ? (kinds[code] as number) : 0
      if (kind === 0 || (kind === underscore && isJoined)) {
        const next = at + 1 < length ? prose.charCodeAt(at + 1) : 32
        if (code === 39 || code === 0x2019) {
          if (!isInner(next)) break
          isGenitive =
            (next | 32) === 115 && at + 2 <= limit && (at + 2 === length || endsWord(prose.charCodeAt(at + 2)))
          if (!isGenitive) return start
          break
        }
        // "e.g" and "R&D" are one word, if letters or digits stand on both sides
        if ((code !== 46 && code !== 38) || !isInner(next)) {
          if (code > 127 && !endsWord(code)) return start
          break
        }
        if (next > 127) return start
        isJoined = true
      } else seen |= 1 << kind
      hash = hashWith(hash, kind === capital ? code + 32 : code)
    }
    const first = prose.charCodeAt(start)
    const last = prose.charCodeAt(at - 1) | 32
    const size = at - start
    let look: number = looks.word
    if (kinds[first] === capital) look |= looks.capital
    else if (kinds[first] === digit) look |= looks.number
    if (size > 4 && last === 100 && (prose.charCodeAt(at - 2) | 32) === 101) look |= looks.participle
    else if (size === 6 && last === 116 && isWordAt(prose, start, at, 'cannot')) return start
    hash = hashEnd(hash)
    if (isSubordinator(prose, start, at, hash)) look |= looks.subordinator
    const capitals =
      look & looks.capital && size > 1 && !(seen & (1 << small))
        ? lexicon.get(`=${prose.slice(start, at)}`)
        : token.unknown
    push(capitals || lexicon.find(prose, start, at, hash), start, at, look)
    if (!isGenitive) return at
    push(lexicon.get("'s"), at, at + 2, looks.word)
    return at + 2
  }

  let at = 0
  while (at <= length) {
    while (hole < holes.length && (holes[hole]?.start ?? 0) <= at) {
      const kind = holes[hole++]?.kind
      if (kind === 'break') endSentence()
      else if (kind === 'link') push(token.hole, at, at, looks.word | looks.address)
      else push(token.hole, at, at, looks.word | (kind === 'image' ? looks.picture : 0))
    }
    if (at === length) break
    const code = prose.charCodeAt(at)
    if (isBlank(code)) {
      at++
      continue
    }
    const limit = hole < holes.length ? (holes[hole]?.start ?? length) : length
    const kind = code < 128 ? (kinds[code] as number) : 0
    if (
      kind === digit || code === 43 || code === 40
        ? hasAddress || isDialled(prose, at)
        : hasAddress && kind !== 0 && kind !== underscore
    ) {
      address.lastIndex = at
      const found = address.exec(prose)
      if (found && at + found[0].length <= limit && !period.test(found[0])) {
        push(token.hole, at, at + found[0].length, looks.word | looks.address)
        at += found[0].length
        continue
      }
    }
    if (kind !== 0) {
      const end = readPlainWord(at, limit)
      if (end > at) {
        at = end
        continue
      }
    }
    if (kind !== 0 || code > 127) {
      word.lastIndex = at
      const found = word.exec(prose)
      if (found) {
        const text = at + found[0].length > limit ? prose.slice(at, limit) : found[0]
        pushWords(text, at)
        at += text.length
        continue
      }
    }
    const end = at + 1
    switch (prose[at]) {
      case ',':
        push(token.comma, at, end, 0)
        break
      case ';':
        push(token.semicolon, at, end, 0)
        break
      case ':':
        push(token.colon, at, end, 0)
        break
      case '–':
      case '—':
      case '→':
        push(token.dash, at, end, 0)
        break
      case '-':
        // between letters it joins a compound, which patterns write as two words
        if (isBlank(prose.charCodeAt(at - 1)) || isBlank(prose.charCodeAt(end))) push(token.dash, at, end, 0)
        break
      case '(':
      case '[':
        push(token.open, at, end, 0)
        break
      case ')':
      case ']':
        push(token.close, at, end, 0)
        break
      case '"':
      case '“':
      case '”':
      case '«':
      case '»':
      case '‘':
        push(token.quote, at, end, 0)
        break
      case "'":
      case '’':
        // behind an s it is a genitive ("Sales' failure"), elsewhere a quotation mark
        if (/s/i.test(prose[at - 1] ?? '')) push(lexicon.get("'s"), at, end, looks.word)
        else push(token.quote, at, end, 0)
        break
      case '/':
        push(token.slash, at, end, 0)
        break
      case '.':
      case '!':
      case '?':
      case '…':
        // the point of an abbreviation parts nothing
        if (endsSentence(prose, at)) {
          push(token.stop, at, end, 0)
          // closing quotes and brackets belong to the sentence they close
          let close = end
          while (close < length && '.!?…"”’\')]»'.includes(prose[close] as string)) {
            push('"”’\'»'.includes(prose[close] as string) ? token.quote : token.close, close, close + 1, 0)
            close++
          }
          endSentence()
          at = close
          continue
        }
        break
    }
    at = end
  }
  if (sentences[sentences.length - 1] !== count || sentences.length === 1) sentences.push(count)
  const tokens = {
    ids: ids.slice(0, count),
    start: starts.slice(0, count),
    end: ends.slice(0, count),
    looks: looksOf.slice(0, count),
    sentences: sentences.length > 2 || count > 255 ? sentences : oneSentenceOf(count),
  }
  // what a block beyond measure took is given back
  if (count > 65_536) for (const array of [ids, starts, ends, looksOf]) array.length = 0
  return tokens
}

function oneSentenceOf(count: number): readonly number[] {
  oneSentence[count] ??= [0, count]
  return oneSentence[count] as readonly number[]
}

/** Whether a word with an apostrophe is over at a character: dashes and quotation marks end it, letters do not. */
const endsWord = (code: number): boolean =>
  code < 128
    ? code !== 39 && kinds[code] !== small && kinds[code] !== capital
    : (code > 0x200f && code < 0x2028 && code !== 0x2019) || code === 160

/** Whether a character may go on a word behind a point, an ampersand or an apostrophe. */
const isInner = (code: number): boolean => code > 127 || (kinds[code] !== 0 && code !== 95)

const isLetter = (code: number): boolean => code < 128 && (kinds[code] === small || kinds[code] === capital)

/** Whether a number of telephone may begin at a digit, plus or bracket: what it is made of goes on for long enough. */
function isDialled(prose: string, from: number): boolean {
  let at = from
  if (prose.charCodeAt(at) === 43) at++
  if (prose.charCodeAt(at) === 40) at++
  const first = at
  for (; at - first < 8; at++) {
    const code = prose.charCodeAt(at)
    if (!((code > 47 && code < 58) || code === 32 || code === 45 || code === 40 || code === 41)) return false
  }
  return true
}

/** Whether the full stop, exclamation or question mark at `at` ends a sentence. */
function endsSentence(prose: string, at: number): boolean {
  if (at + 1 === prose.length) return true
  // most points stand behind a word too long for an abbreviation, and before a blank and a capital
  if (prose.charCodeAt(at + 1) === 32) {
    const next = prose.charCodeAt(at + 2)
    if (next < 128 && !isBlank(next)) {
      if (prose.charCodeAt(at) !== 46) return true
      let from = at
      while (from > 0 && at - from <= longestAbbreviation && isLetter(prose.charCodeAt(from - 1))) from--
      if (at - from > longestAbbreviation) return kinds[next] !== small
    }
  }
  const after = /^[.!?…"”’')\]»]*(?:\s+|$)/.exec(prose.slice(at + 1, at + 20))
  if (!after) return false
  if (prose[at] !== '.') return true
  const before = lettersBefore(prose, at).toLowerCase()
  const next = prose[at + 1 + after[0].length]
  if (next === undefined) return true
  // "No. 5" is a number, "No. The decision stands" an answer
  if (/^nos?$/.test(before) && !/[\d#]/.test(next)) return true
  if (abbreviations.has(before) || (before.includes('.') && /^(?:\p{L}\.)+\p{L}$/u.test(before)))
    return before === 'etc' && isCapital(next)
  if (before.length < 3 && isCapital(next) && /^\p{L}$/u.test(before)) return false // an initial
  return next.charCodeAt(0) < 128 ? kinds[next.charCodeAt(0)] !== small : !/\p{Ll}/u.test(next)
}

/** Letters, digits and points that end before a place, of the twelve characters there. */
function lettersBefore(prose: string, at: number): string {
  let from = at
  while (from > 0 && at - from < 12) {
    const code = prose.charCodeAt(from - 1)
    // what is beyond ASCII is rare, and V8 takes a while to make the expression ready
    if (code > 127) return /[\p{L}\p{N}.]+$/u.exec(prose.slice(Math.max(0, at - 12), at))?.[0] ?? ''
    if (code !== 46 && (kinds[code] === 0 || kinds[code] === underscore)) break
    from--
  }
  return prose.slice(from, at)
}

const isCapital = (letter: string): boolean =>
  letter.charCodeAt(0) < 128 ? kinds[letter.charCodeAt(0)] === capital : /\p{Lu}/u.test(letter)
