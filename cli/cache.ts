import { createHash } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { VFile } from 'vfile'
import { VFileMessage } from 'vfile-message'
import { nearestAbove, repositoryRoot } from '../engine/files.ts'
import type { RuleInfo } from '../engine/linter.ts'
import manifest from '../package.json' with { type: 'json' }
import { codeOf } from './documents.ts'

/** What a linter says of a document: its findings, and what else it gives along. */
export type Linted = Pick<VFile, 'messages' | 'data'>

/** The file of a cache, in its folder. */
const fileName = 'findings.jsonl'
const header = 'silolint cache 1'
const noCache = 'this is not a cache that this version of silolint can read'
/** What was not asked for in so many days goes, so that old states of a document do not pile up. */
const daysKept = 30
/** A use is written down when it is so many days later than the last: a run that finds everything need not write. */
const daysBetweenUses = 7
/** A file that grows above this loses what was used longest ago. */
const mostBytes = 2 ** 30
/** So much is held back before it is written, which a crash would lose. */
const mostPending = 2 ** 16
/** How much of the file is looked at together: documents come in the order in which they were linted. */
const windowBytes = 2 ** 16

/** Where the parts of a line begin, after the key: the day of its last use, a check sum and what was linted. */
const [dayAt, sumAt, textAt] = [44, 55, 67] as const
const sumLength = 11
const [lineFeed, blank, brace] = [10, 32, 123] as const

/**
 * Findings by all that they depend on. One file of lines to which each run adds, so that runs side by side and those that
 * are ended lose a few entries at most; it holds no paths and no times of files, so that machines can share it. In memory
 * stands where the lines begin, by 48 bits of their keys.
 */
export class Cache {
  private readonly path: string
  /** Where the line of a key begins, by the first bits of the key. */
  private readonly lines = new Map<number, number>()
  /** What the file does not have yet, by key. */
  private readonly pending = new Map<string, string>()
  private pendingLength = 0
  private file: number | undefined
  private size = 0
  /** Bytes of lines that nobody will ask for any more. */
  private dead = 0
  /** Bytes of all others by the day of their last use. */
  private readonly days = new Map<string, number>()
  /** Part of the file, and where it begins there. */
  private window = Buffer.alloc(0)
  private windowFrom = 0
  /** There is no cache in the file yet. */
  private isNew = true
  /** The file ends in the middle of a line, where a write broke off. */
  private isBroken = false
  private readonly today = new Date().toISOString().slice(0, 10)
  /** Why nothing could be written. */
  private problem: string | undefined
  /** Why the file was of no use, for the person; nothing is lost but time. */
  readonly note: string | undefined

  /** Opens the cache in a folder, which need not exist. Never throws: a cache that cannot be read is empty. */
  constructor(folder: string) {
    this.path = join(folder, fileName)
    let problem: string | undefined
    try {
      problem = this.scan()
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') problem = `the cache cannot be read (${codeOf(error)})`
    }
    this.close()
    this.note = problem && `${this.path}: ${problem}, so it is made anew.`
  }

  /** What was kept under a key, as `pack` gave it. A damaged entry is no entry. */
  get(key: string): string | undefined {
    const pending = this.pending.get(key)
    if (pending !== undefined) return pending
    const from = this.lines.get(bitsOf(key))
    if (from === undefined) return undefined
    let line: Buffer | undefined
    try {
      line = this.line(from)
    } catch {
      // gone, or on a disk that fails: the document is linted again
    }
    if (!line || line.toString('latin1', 0, dayAt - 1) !== key) return undefined
    const text = line.toString('utf8', textAt)
    if (line.toString('latin1', sumAt, sumAt + sumLength) !== sumOf(text)) return undefined
    if (daysFrom(line.toString('latin1', dayAt, sumAt - 1), this.today) >= daysBetweenUses) this.set(key, text)
    return text
  }

  /** Keeps what was linted; it is written soon, and by `save` at the latest. */
  set(key: string, text: string): void {
    this.pending.set(key, text)
    this.pendingLength += text.length + textAt
    if (this.pendingLength > mostPending) this.write()
  }

  /**
   * Writes what is not written yet, and clears the file up where much of it is out of use.
   *
   * @returns why it could not be written
   */
  save(): string | undefined {
    this.write()
    const { problem } = this
    // a third: then clearing up writes no more than a few times what has been added since
    if (!this.isNew && !problem && (3 * this.dead > this.size || this.size > mostBytes)) this.clearUp()
    this.close()
    this.problem = undefined
    return problem && `${this.path}: the cache cannot be written (${problem}), so the next run reads everything anew.`
  }

  /** Adds what is pending to the file. */
  private write(): void {
    // tried once a run: a disk that is full need not be asked a thousand times
    if (this.pending.size && !this.problem) {
      const lines = [...this.pending].map(([key, text]) => ({
        key,
        line: Buffer.from(`${key} ${this.today} ${sumOf(text)} ${text}\n`),
      }))
      try {
        this.begin()
        const before = this.isBroken ? [Buffer.from('\n')] : []
        this.isBroken = true
        // in one piece, behind what other runs add at the same time
        appendFileSync(this.path, Buffer.concat([...before, ...lines.map(({ line }) => line)]))
        this.isBroken = false
        this.size = statSync(this.path).size
        this.window = this.window.subarray(0, 0)
        let from = this.size
        // where somebody else was faster a line with another key stands there, which is no entry
        for (const { key, line } of lines.reverse()) {
          from -= line.length
          this.lines.set(bitsOf(key), from)
        }
      } catch (error) {
        this.problem = codeOf(error)
      }
    }
    this.pending.clear()
    this.pendingLength = 0
  }

  /** Makes the file where there is none. */
  private begin(): void {
    if (!this.isNew) return
    mkdirSync(dirname(this.path), { recursive: true })
    // git must not see it, wherever it lies
    const ignored = join(dirname(this.path), '.gitignore')
    if (!existsSync(ignored)) writeFileSync(ignored, '*\n')
    try {
      writeFileSync(this.path, `${header}\n`, { flag: this.note || this.size === 0 ? 'w' : 'wx' })
    } catch (error) {
      // another run has made it meanwhile
      if (codeOf(error) !== 'EEXIST') throw error
    }
    this.isNew = false
  }

  /** Reads the file once. @returns what is wrong with it as a whole */
  private scan(): string | undefined {
    this.size = -1
    this.file = openSync(this.path, 'r')
    this.size = 0
    let room = Buffer.allocUnsafeSlow(2 ** 20)
    let rest = 0
    for (let isFirst = true; ; ) {
      const read = readSync(this.file, room, rest, room.length - rest, null)
      const text = room.subarray(0, rest + read)
      let from = 0
      for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, from)) {
        const line = text.subarray(from, end)
        if (isFirst && line.toString('latin1') !== header) return noCache
        if (!isFirst) this.add(line, this.size)
        isFirst = false
        this.size += line.length + 1
        from = end + 1
      }
      rest = text.length - from
      if (!read) {
        if (isFirst && rest) return noCache
        this.isNew = isFirst
        this.isBroken = rest > 0
        this.size += rest
        this.dead += rest
        return undefined
      }
      room.copyWithin(0, from, text.length)
      if (rest === room.length) room = Buffer.concat([room, Buffer.allocUnsafeSlow(room.length)])
    }
  }

  /** Takes note of a line of the file. */
  private add(line: Buffer, from: number): void {
    const isEntry =
      line.length > textAt && line[dayAt - 1] === blank && line[sumAt - 1] === blank && line[textAt] === brace
    const day = isEntry ? line.toString('latin1', dayAt, sumAt - 1) : ''
    const isKept = isEntry && daysFrom(day, this.today) <= daysKept
    const bits = bitsOf(line)
    // of two lines with one key the later is in use; that the other was as long is near enough
    if (!isKept || this.lines.has(bits)) this.dead += line.length + 1
    if (!isKept) return
    this.lines.set(bits, from)
    this.days.set(day, (this.days.get(day) ?? 0) + line.length + 1)
  }

  /** The line that begins somewhere in the file, with its end; it lasts until the next is asked for. */
  private line(from: number): Buffer | undefined {
    if (from < this.windowFrom || from >= this.windowFrom + this.window.length) this.look(from, windowBytes)
    for (let length = windowBytes; ; length *= 4) {
      const begin = from - this.windowFrom
      const end = this.window.indexOf(lineFeed, begin)
      if (end >= 0) return this.window.subarray(begin, end)
      if (begin === 0 && this.window.length < length) return undefined
      this.look(from, length * 4)
    }
  }

  private look(from: number, length: number): void {
    this.file ??= openSync(this.path, 'r')
    const { buffer } = this.window
    const room = buffer.byteLength >= length ? Buffer.from(buffer) : Buffer.allocUnsafeSlow(length)
    this.window = room.subarray(0, readSync(this.file, room, 0, length, from))
    this.windowFrom = from
  }

  /** Writes the file anew without what is out of use. Where that fails, or another run adds meanwhile, little is lost. */
  private clearUp(): void {
    const fresh = `${this.path}.${process.pid}`
    // of a file that is too large what was used longest ago goes
    let oldest = ''
    let bytes = 0
    for (const [day, more] of [...this.days].sort(([a], [b]) => (a < b ? 1 : -1))) {
      bytes += more
      if (bytes > mostBytes / 2) oldest = oldest || day
    }
    try {
      this.close()
      const file = openSync(fresh, 'w')
      try {
        let text = `${header}\n`
        // in the order of the file, in which they will be asked for
        for (const from of [...this.lines.values()].sort((a, b) => a - b)) {
          const line = this.line(from)
          if (line && line.toString('latin1', dayAt, sumAt - 1) > oldest) text += `${line.toString()}\n`
          if (text.length > mostPending) {
            writeSync(file, text)
            text = ''
          }
        }
        writeSync(file, text)
      } finally {
        closeSync(file)
        this.close()
      }
      renameSync(fresh, this.path)
    } catch {
      // the file is whole as it was
      rmSync(fresh, { force: true })
      return
    }
    this.lines.clear()
    this.days.clear()
    this.dead = 0
    this.window = this.window.subarray(0, 0)
    try {
      this.scan()
    } catch {
      // somebody took it away: everything is linted anew
    }
  }

  /** Lets go of the file, which some systems let nobody replace otherwise. */
  private close(): void {
    if (this.file !== undefined) closeSync(this.file)
    this.file = undefined
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const digits = new Uint8Array(128)
for (let at = 0; at < alphabet.length; at++) digits[alphabet.charCodeAt(at)] = at

/** The first 48 bits of a key, or of the line that begins with it: of a million keys hardly two have the same. */
function bitsOf(key: string | Buffer): number {
  let bits = 0
  for (let at = 0; at < 8; at++) {
    const code = typeof key === 'string' ? key.charCodeAt(at) : (key[at] ?? 0)
    bits = bits * 64 + (digits[code & 127] as number)
  }
  return bits
}

function sumOf(text: string): string {
  if (text === nothing && sumOfNothing !== undefined) return sumOfNothing
  const sum = createHash('sha256').update(text).digest('base64url').slice(0, sumLength)
  if (text === nothing) sumOfNothing = sum
  return sum
}

const daysFrom = (day: string, today: string): number =>
  day === today ? 0 : (Date.parse(today) - Date.parse(day)) / 86_400_000

/**
 * The folder for the cache of a run in a folder: beside the packages of the npm project, where tools keep theirs, or
 * in the repository's `.silolint`. None outside of both, where nobody would look for it or clear it away.
 */
export function cacheFolder(folder: string): string | undefined {
  const manifestPath = nearestAbove(folder, 'package.json')
  const modules = manifestPath && join(dirname(manifestPath), 'node_modules')
  if (modules && existsSync(modules)) return join(modules, '.cache', 'silolint')
  const root = repositoryRoot(folder)
  return existsSync(join(root, '.git')) ? join(root, '.silolint', 'cache') : undefined
}

let program: string | undefined
/**
 * Changes with every build of Silolint, rules included: what the threads run names the parts of the bundle that it needs
 * by their content, and they name theirs.
 */
function programKey(): string {
  if (program !== undefined) return program
  const beside = fileURLToPath(new URL('./worker.js', import.meta.url))
  const file = existsSync(beside) ? beside : fileURLToPath(import.meta.url)
  program = createHash('sha256').update(manifest.version).update(readFileSync(file)).digest('base64url')
  return program
}

/**
 * The key for a document: all that its findings depend on.
 *
 * @param document its bytes as they were read
 * @param format decided by the ending of its path; where it lies does not matter
 * @param configuration what `Resolved.key` says of rules and settings
 */
export function keyOf(document: Uint8Array, format: string, configuration: string): string {
  const hash = createHash('sha256').update(JSON.stringify([programKey(), configuration, format]))
  // what a comment hides until a day depends on the day
  if (mayExpire(document)) hash.update(new Date().toDateString())
  return hash.update(document).digest('base64url')
}

/** Whether `until=` stands in a document, in capitals or not. */
function mayExpire(document: Uint8Array): boolean {
  // UTF-16 has other bytes, and is rare
  if ((document[0] ?? 0) >= 0xfe) return true
  const word = 'until'
  for (let at = document.indexOf(61); at >= 0; at = document.indexOf(61, at + 1)) {
    let length = 0
    while (length < 5 && ((document[at - 5 + length] ?? 0) | 32) === word.charCodeAt(length)) length++
    if (length === 5) return true
  }
  return false
}

/** The mark of a finding among other data, in what `pack` gives. */
const mark = '$finding'

/** What was linted as text, without its path and the addresses of rules that are files, which other machines have elsewhere. */
export function pack({ messages, data }: Linted): string {
  return JSON.stringify({ messages, data }, (_, value: unknown) => {
    if (!(value instanceof VFileMessage)) return value
    const { place, ruleId, source, fatal, actual, expected, note, url, reason } = value
    const own: Partial<VFileMessage> = {}
    for (const key of Object.keys(value) as Array<keyof VFileMessage>)
      if (!(key in template)) Object.assign(own, { [key]: value[key] })
    const packed = { reason, place, ruleId, source, fatal, actual, expected, note, ...own }
    return { [mark]: url?.startsWith('file:') ? packed : { ...packed, url } }
  })
}

/** The properties that every message has, whatever a rule adds. */
const template = new VFileMessage('')
template.name = ''

/** What `pack` gives of a document in which nothing was found. */
const nothing = '{"messages":[],"data":{}}'
let sumOfNothing: string | undefined

/**
 * What was packed, as of a document at a path.
 *
 * @param rules those in force, which say where the page of a team's own rule lies
 * @throws {SyntaxError} when it is none
 */
export function unpack(text: string, path: string, rules: () => readonly RuleInfo[]): Linted {
  if (text === nothing) return { messages: [], data: {} }
  const urlOf = (ruleId: string | undefined): string | undefined => rules().find(({ id }) => id === ruleId)?.url
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(mark in value)) return value
    const { reason, ...own } = value[mark] as Pick<VFileMessage, 'reason' | 'place' | 'ruleId' | 'source' | 'url'>
    const { place, ruleId, source } = own
    const message = new VFileMessage(reason, { place, ruleId, source })
    Object.assign(message, own, { url: 'url' in own ? own.url : urlOf(ruleId), file: path })
    if (place && 'start' in place) message.name = `${path}:${place.start.line}:${place.start.column}`
    return message
  }) as Linted
}
