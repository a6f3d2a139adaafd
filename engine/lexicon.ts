import { isCommon } from './english.ts'
import { beginsOf } from './numbers.ts'

/** Ids of the tokens that are no words of a pattern. Pattern words have ids from `firstWord` on. */
export const token = {
  unknown: 0,
  comma: 1,
  semicolon: 2,
  colon: 3,
  dash: 4,
  open: 5,
  close: 6,
  quote: 7,
  slash: 8,
  stop: 9,
  hole: 10,
  /** Ids from here on are words. */
  firstWord: 16,
} as const

/** The words of a lexicon, as they were when the program was built. */
export interface LexiconTables {
  /** All words, one behind the other, in UTF-8. */
  text: Uint8Array
  /** How many UTF-16 units each has. */
  lengths: Int32Array
  /** By the hash of a word the place of a word, counted from 1, or of the next one that has no place of its own. */
  slots: Int32Array
}

/** The words that patterns know. Others are all alike, so a document cannot make it grow. */
export class Lexicon {
  private readonly tables: { text: string; begins: Int32Array; slots: Int32Array }
  private readonly inTables: number
  /** The words behind those of the tables. */
  private readonly ids = new Map<string, number>()
  private readonly words: string[] = []
  /** Ids of words in capitals, with the word in lower case. */
  private readonly capitals = new Map<number, string>()

  /** @param tables the words that it begins with */
  constructor({ text, lengths, slots }: LexiconTables = none) {
    this.tables = { text: new TextDecoder().decode(text), begins: beginsOf(lengths), slots }
    this.inTables = lengths.length
  }

  /** The id of a pattern's word, in lower case. */
  add(word: string): number {
    const known = this.get(word)
    if (known !== token.unknown) return known
    const id = token.firstWord + this.inTables + this.words.length
    this.ids.set(word, id)
    this.words.push(word)
    return id
  }

  /** What a word in capitals is as well: "HR" is found by the pattern "hr" too, but "IT" never by "it". */
  lowerOf(id: number): number | undefined {
    if (id < token.firstWord || !this.isInCapitals(id)) return undefined
    let lower = this.capitals.get(id)
    if (lower === undefined) {
      lower = this.wordOf(id).slice(1).toLowerCase()
      this.capitals.set(id, lower)
    }
    return lower === '' || isCommon(lower) ? undefined : this.get(lower) || undefined
  }

  /** The id of a document's word, `token.unknown` where no pattern has it. */
  get(word: string): number {
    return this.find(word) || (this.ids.get(word) ?? token.unknown)
  }

  /** The word of an id. */
  wordOf(id: number): string {
    const { text, begins } = this.tables
    const place = id - token.firstWord
    return place < this.inTables
      ? text.slice(begins[place], begins[place + 1])
      : (this.words[place - this.inTables] as string)
  }

  /** What the constructor takes. */
  toTables(): LexiconTables {
    const count = this.inTables + this.words.length
    const lengths = new Int32Array(count)
    // at most three quarters full, so that few words are looked for in more than a place or two
    const slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(2, count / 0.75))))
    let text = ''
    for (let place = 0; place < count; place++) {
      const word = this.wordOf(token.firstWord + place)
      text += word
      lengths[place] = word.length
      let slot = hash(word) & (slots.length - 1)
      while (slots[slot]) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = place + 1
    }
    return { text: new TextEncoder().encode(text), lengths, slots }
  }

  private isInCapitals(id: number): boolean {
    const place = id - token.firstWord
    return place < this.inTables
      ? this.tables.text.charCodeAt(this.tables.begins[place] as number) === equals
      : this.words[place - this.inTables]?.charCodeAt(0) === equals
  }

  private find(word: string): number {
    const { text, begins, slots } = this.tables
    const mask = slots.length - 1
    for (let slot = hash(word) & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot] as number
      if (!place) return token.unknown
      const begin = begins[place - 1] as number
      if ((begins[place] as number) - begin !== word.length) continue
      let at = 0
      while (at < word.length && text.charCodeAt(begin + at) === word.charCodeAt(at)) at++
      if (at === word.length) return token.firstWord + place - 1
    }
  }
}

const none: LexiconTables = { text: new Uint8Array(0), lengths: new Int32Array(0), slots: new Int32Array(1) }

/** What a word in capitals begins with in patterns: `=HR`. */
const equals = 61

/** FNV-1a over UTF-16 units, in 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
function hash(word: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < word.length; at++) value = Math.imul(value ^ word.charCodeAt(at), 0x01000193)
  return value ^ (value >>> 15)
}
