import type { Ints } from './numbers.ts'

/**
 * Plain data with arrays of whole numbers and with bytes, as bytes: a length, JSON in ASCII of so many bytes, and the
 * arrays behind it, each in as few bits as its numbers need. Numbers in JSON would take three times the room and thirty
 * times the time. Long texts are best given as bytes, since they are not even read until somebody wants them.
 */

/** How an array is written: what it is, where behind the JSON it begins in bytes, how many numbers it has. */
interface Placed {
  int: keyof typeof kinds | 'bytes'
  at: number
  length: number
}

const kinds = { i8: Int8Array, i16: Int16Array, u16: Uint16Array, i32: Int32Array } as const
const bounds = { i8: [-(2 ** 7), 2 ** 7], i16: [-(2 ** 15), 2 ** 15], u16: [0, 2 ** 16] } as const

/** Bytes from which `readTables` makes the same data again. */
export function writeTables(data: unknown): Uint8Array {
  const arrays: Array<{ at: number; bytes: Uint8Array }> = []
  let at = 0
  const json = JSON.stringify(data, (_, value: unknown) => {
    const isBytes = value instanceof Uint8Array
    if (!isBytes && !isInts(value)) return value
    const int = isBytes ? 'bytes' : kindOf(value)
    const bytes = int === 'bytes' ? (value as Uint8Array) : lowestFirst(kinds[int].from(value))
    at = aligned(at)
    arrays.push({ at, bytes })
    const placed: Placed = { int, at, length: value.length }
    at += bytes.length
    return placed
  })
  // of ASCII alone it is read into half the memory
  const ascii = json.replace(/[^\0-\x7f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const text = new TextEncoder().encode(ascii)
  const begin = aligned(4 + text.length)
  const all = new Uint8Array(begin + at)
  new DataView(all.buffer).setUint32(0, text.length, true)
  all.set(text, 4)
  for (const one of arrays) all.set(one.bytes, begin + one.at)
  return all
}

/**
 * The data that was written. Arrays are looked for in the objects and lists that `within` leads to, since looking
 * everywhere would take longer than reading the rest.
 *
 * @param within the key of what holds arrays
 */
export function readTables<T extends Record<string, unknown>>(all: Uint8Array, within: keyof T): T {
  const length = new DataView(all.buffer, all.byteOffset).getUint32(0, true)
  const data = JSON.parse(new TextDecoder().decode(all.subarray(4, 4 + length))) as T
  const begin = aligned(4 + length)
  // what was read may begin anywhere in memory, and numbers may not
  const placed = all.byteOffset % 4 === 0 ? all : Uint8Array.from(all)
  const restore = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(restore)
    if (!isPlaced(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, restore(one)]))
    const from = begin + value.at
    if (value.int === 'bytes') return all.subarray(from, from + value.length)
    const array = new kinds[value.int](placed.buffer as ArrayBuffer, placed.byteOffset + from, value.length)
    return isHighestFirst ? new kinds[value.int](lowestFirst(array).buffer) : array
  }
  return { ...data, [within]: restore(data[within]) }
}

const isInts = (value: unknown): value is Ints => Object.values(kinds).some((kind) => value instanceof kind)

const isPlaced = (value: object): value is Placed => 'int' in value && 'at' in value && 'length' in value

function kindOf(array: Ints): keyof typeof kinds {
  let least = 0
  let most = 0
  for (const number of array) {
    if (number < least) least = number
    if (number > most) most = number
  }
  for (const [int, [from, to]] of Object.entries(bounds))
    if (least >= from && most < to) return int as keyof typeof kinds
  return 'i32'
}

/** Whether this processor stores the highest byte of a number first, as those of s390x do. */
const isHighestFirst = new Uint8Array(Int16Array.of(1).buffer)[0] === 0

/** The bytes of numbers, of each the lowest first; where that is not how they are stored, the same the other way round. */
function lowestFirst(array: Ints): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  const size = array.BYTES_PER_ELEMENT
  if (isHighestFirst) for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse()
  return bytes
}

/** Arrays begin where their numbers can be read as they are. */
const aligned = (at: number): number => (at + 3) & ~3
