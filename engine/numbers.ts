/** Whole numbers, in an array of which each takes as many bits as the largest needs. */
export type Ints = Int8Array | Int16Array | Uint16Array | Int32Array

/** Whole numbers in one array, to which more can be added: thousands of small arrays take far more room and time. */
export class Numbers {
  /** The first `length` count. */
  data: Ints
  length: number

  /** @param data what it begins with; it is not written to */
  constructor(data: Ints = new Int32Array(0)) {
    this.data = data
    this.length = data.length
  }

  /** Adds a number: its position. */
  push(number: number): number {
    if (this.length === this.data.length) this.data = lengthened(this.data, Math.max(64, 2 * this.length))
    this.data[this.length] = number
    return this.length++
  }

  /** The numbers, and nothing else. */
  toArray(): Ints {
    return this.data.subarray(0, this.length)
  }
}

/** A copy with room for more. */
export function lengthened(array: Ints, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length)
  longer.set(array)
  return longer
}

/** Lists of numbers by a number, one behind the other in one array, to which more can be added. */
export class Lists {
  /** What was added since the array was made. */
  private readonly added = new Map<number, number[]>()
  private begins: Int32Array
  private numbers: Ints
  private ofAll: { readonly begins: Int32Array; readonly numbers: Ints } | undefined

  /**
   * @param counts how many numbers the list of each key has
   * @param numbers the lists, one behind the other
   */
  constructor(counts: Ints = new Int32Array(0), numbers: Ints = new Int32Array(0)) {
    this.begins = beginsOf(counts)
    this.numbers = numbers
  }

  /** Adds a number to the list of a key, unless it is its last one. */
  add(key: number, number: number): void {
    const known = this.added.get(key)
    if (known) {
      if (known.at(-1) !== number) known.push(number)
    } else if (this.lastOf(key) !== number) this.added.set(key, [number])
  }

  /** Adds two numbers that belong together to the list of a key. */
  addPair(key: number, first: number, second: number): void {
    const known = this.added.get(key)
    if (known) known.push(first, second)
    else this.added.set(key, [first, second])
  }

  /** Whether a number is in the list of a key. */
  has(key: number, number: number): boolean {
    if (this.added.get(key)?.includes(number)) return true
    const from = this.begins[key]
    return from !== undefined && this.numbers.subarray(from, this.begins[key + 1]).includes(number)
  }

  /** The numbers of all lists, and where that of each key begins; it ends where the next one does. Keys behind the last have none. */
  get all(): { readonly begins: Int32Array; readonly numbers: Ints } {
    if (this.added.size) this.merge()
    this.ofAll ??= { begins: this.begins, numbers: this.numbers }
    return this.ofAll
  }

  /** What the constructor takes. */
  toArrays(): { counts: Ints; numbers: Ints } {
    if (this.added.size) this.merge()
    return { counts: countsOf(this.begins), numbers: this.numbers }
  }

  private lastOf(key: number): number | undefined {
    const end = this.begins[key + 1]
    return end !== undefined && end > (this.begins[key] as number) ? this.numbers[end - 1] : undefined
  }

  private merge(): void {
    const { added } = this
    const count = [...added.keys()].reduce((most, key) => Math.max(most, key + 1), this.begins.length - 1)
    const size = [...added.values()].reduce((sum, { length }) => sum + length, this.numbers.length)
    const begins = new Int32Array(count + 1)
    const numbers = new Int32Array(size)
    let at = 0
    for (let key = 0; key < count; key++) {
      begins[key] = at
      const from = this.begins[key] ?? this.numbers.length
      const to = this.begins[key + 1] ?? this.numbers.length
      numbers.set(this.numbers.subarray(from, to), at)
      at += to - from
      const more = added.get(key)
      if (!more) continue
      numbers.set(more, at)
      at += more.length
    }
    begins[count] = at
    added.clear()
    this.ofAll = undefined
    this.begins = begins
    this.numbers = numbers
  }
}

/** Of so many things in the order of their offsets, the last that begins at an offset or before it; 0 where none does. */
export function lastUpTo(offset: number, count: number, beginOf: (index: number) => number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (beginOf(middle) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/** Where lists of such lengths begin that stand one behind the other, and where the last one ends. */
export function beginsOf(counts: Ints): Int32Array {
  const begins = new Int32Array(counts.length + 1)
  let at = 0
  for (let key = 0; key < counts.length; key++) {
    at += counts[key] as number
    begins[key + 1] = at
  }
  return begins
}

/** The reverse of `beginsOf`; small numbers take less room than growing ones. */
export const countsOf = (begins: Int32Array): Int32Array =>
  begins.subarray(1).map((end, key) => end - (begins[key] as number))
