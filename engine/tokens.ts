import type { Block } from './block.ts'
import { type Lexicon, token } from './lexicon.ts'

export { Lexicon, token } from './lexicon.ts'

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
  ids: number[]
  start: number[]
  end: number[]
  looks: number[]
  /** Where sentences begin, as token positions; the last entry is the number of tokens. */
  sentences: number[]
}

const subordinators = new Set(
  'if when whenever which who whom whose that but unless until because while whereas although though where wherever whether since as'.split(
    ' ',
  ),
)
/** Words before a full stop that do not end a sentence. */
const abbreviations = new Set(
  'e.g i.e etc vs cf mr mrs ms dr prof st no nos fig approx inc ltd co dept div ext est p pp vol al ref para sec art jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri'.split(
    ' ',
  ),
)
const address =
  /(?:https?:\/\/|www\.)[^\s<>()"]*[^\s<>()".,;:!?]|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+|\+?\(?\d[\d ()-]{6,30}\d/y
const period = /^\d{4} ?- ?\d{4}$|^\d{4}-\d\d-\d\d/
const word = /[\p{L}\p{N}\p{M}_]+(?:[.&](?=[\p{L}\p{N}])[\p{L}\p{N}\p{M}]+)*(?:['’](?=\p{L})[\p{L}]+)*/uy
const irregularNegations: Record<string, string> = { wo: 'will', ca: 'can', sha: 'shall' }
const clitics: Record<string, string> = { re: 'are', ll: 'will', ve: 'have', m: 'am' }

/** Characters that never matter, tested before the costlier expressions. */
const isBlank = (code: number) => code === 32 || (code >= 9 && code <= 13) || code === 160

/** Reads a block's prose into tokens and sentences. Linear in its length. */
export function tokenise(block: Block, lexicon: Lexicon): Tokens {
  const { prose } = block
  const tokens: Tokens = { ids: [], start: [], end: [], looks: [], sentences: [0] }
  const holes = block.marks
    .filter((mark) => mark.start === mark.end && mark.kind !== 'other')
    .sort((a, b) => a.start - b.start)
  let hole = 0
  let sentenceOpen = true

  const push = (id: number, start: number, end: number, look: number): void => {
    if (sentenceOpen && look & looks.word) {
      look |= looks.first
      sentenceOpen = false
    }
    tokens.ids.push(id)
    tokens.start.push(start)
    tokens.end.push(end)
    tokens.looks.push(look)
  }
  const endSentence = (): void => {
    if (tokens.ids.length > (tokens.sentences.at(-1) ?? 0)) tokens.sentences.push(tokens.ids.length)
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

  let at = 0
  while (at <= prose.length) {
    while (hole < holes.length && (holes[hole]?.start ?? 0) <= at) {
      const kind = holes[hole++]?.kind
      if (kind === 'break') endSentence()
      else if (kind === 'link') push(token.hole, at, at, looks.word | looks.address)
      else push(token.hole, at, at, looks.word | (kind === 'image' ? looks.picture : 0))
    }
    if (at === prose.length) break
    const code = prose.charCodeAt(at)
    if (isBlank(code)) {
      at++
      continue
    }
    const limit = hole < holes.length ? (holes[hole]?.start ?? prose.length) : prose.length
    // an address holds "://", "@" or many digits; only then is the costly expression tried
    if ((code > 47 && code < 58) || code === 43 || code === 40 || /[a-z]/i.test(prose[at] as string)) {
      address.lastIndex = at
      const found = address.exec(prose)
      if (found && at + found[0].length <= limit && !period.test(found[0])) {
        push(token.hole, at, at + found[0].length, looks.word | looks.address)
        at += found[0].length
        continue
      }
    }
    word.lastIndex = at
    const found = word.exec(prose)
    if (found) {
      const text = at + found[0].length > limit ? prose.slice(at, limit) : found[0]
      pushWords(text, at)
      at += text.length
      continue
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
          while (close < prose.length && '.!?…"”’\')]»'.includes(prose[close] as string)) {
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
  if (tokens.sentences.at(-1) !== tokens.ids.length) tokens.sentences.push(tokens.ids.length)
  else if (tokens.sentences.length === 1) tokens.sentences.push(0)
  return tokens
}

/** Whether the full stop, exclamation or question mark at `at` ends a sentence. */
function endsSentence(prose: string, at: number): boolean {
  const after = /^[.!?…"”’')\]»]*(?:\s+|$)/.exec(prose.slice(at + 1, at + 20))
  if (!after) return false
  if (prose[at] !== '.') return true
  const before = /[\p{L}\p{N}.]+$/u.exec(prose.slice(Math.max(0, at - 12), at))?.[0].toLowerCase() ?? ''
  const next = prose[at + 1 + after[0].length]
  if (next === undefined) return true
  // "No. 5" is a number, "No. The decision stands" an answer
  if (/^nos?$/.test(before) && !/[\d#]/.test(next)) return true
  if (abbreviations.has(before) || /^(?:\p{L}\.)+\p{L}$/u.test(before)) return before === 'etc' && /\p{Lu}/u.test(next)
  if (/^\p{L}$/u.test(before) && /\p{Lu}/u.test(next)) return false // an initial
  return !/\p{Ll}/u.test(next)
}
