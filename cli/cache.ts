import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { VFile } from 'vfile'
import { VFileMessage } from 'vfile-message'
import writeFileAtomic from 'write-file-atomic'
import { nearestAbove, repositoryRoot } from '../engine/disk.ts'
import type { RuleInfo } from '../engine/index.ts'
import manifest from '../package.json' with { type: 'json' }
import { codeOf } from './documents.ts'

/** What a linter says of a document: its findings, and what else it gives along. */
export type Linted = Pick<VFile, 'messages' | 'data'>

/** The file of a cache, in its folder. */
const fileName = 'findings.jsonl'
const header = 'silolint cache 1'
/** What was not asked for in so many days goes, so that old states of a document do not pile up. */
const daysKept = 30
/** A use is written down when it is so many days later than the last: a run that finds everything need not write. */
const daysBetweenUses = 7
/** The cache is held in memory while a run lasts; above this many characters what was used longest ago goes. */
const mostCharacters = 64 * 2 ** 20

/**
 * Findings by all that they depend on. One file of lines, each a key, the day of its last use, a check sum
 * and what was linted; it holds no paths and no times of files, so that machines can share it.
 */
export class Cache {
  private readonly path: string
  private readonly known: Map<string, string>
  /** Lines that the file does not have as they are now. */
  private readonly changed = new Map<string, string>()
  private readonly today = new Date().toISOString().slice(0, 10)
  /** Why the file was of no use, for the person; nothing is lost but time. */
  readonly note: string | undefined

  /** Opens the cache in a folder, which need not exist. Never throws: a cache that cannot be read is empty. */
  constructor(folder: string) {
    this.path = join(folder, fileName)
    const { lines, problem } = readLines(this.path)
    this.known = lines
    this.note = problem && `${this.path}: ${problem}, so it is made anew.`
  }

  /** What was kept under a key, as `pack` gave it. A damaged entry is no entry. */
  get(key: string): string | undefined {
    const line = this.known.get(key)
    if (line === undefined) return undefined
    const [day = '', sum] = line.split(' ', 2)
    const text = line.slice(day.length + sumLength + 2)
    if (sum !== sumOf(text)) {
      this.known.delete(key)
      return undefined
    }
    if (daysFrom(day, this.today) >= daysBetweenUses) this.set(key, text)
    return text
  }

  /** Keeps what was linted; it is written by `save`. */
  set(key: string, text: string): void {
    const line = `${this.today} ${sumOf(text)} ${text}`
    this.known.set(key, line)
    this.changed.set(key, line)
  }

  /**
   * Writes what is new, whole or not at all, with what other runs have written since.
   *
   * @returns why it could not be written
   */
  async save(): Promise<string | undefined> {
    if (!this.changed.size) return undefined
    const { lines } = readLines(this.path)
    for (const [key, line] of this.changed) lines.set(key, line)
    const kept: string[] = []
    let characters = 0
    const newestFirst = [...lines].sort(([, a], [, b]) => (a.slice(0, 10) < b.slice(0, 10) ? 1 : -1))
    for (const [key, line] of newestFirst) {
      characters += key.length + line.length + 2
      if (characters > mostCharacters || daysFrom(line.slice(0, 10), this.today) > daysKept) break
      kept.push(`${key} ${line}\n`)
    }
    try {
      await mkdir(dirname(this.path), { recursive: true })
      // git must not see it, wherever it lies
      const ignored = join(dirname(this.path), '.gitignore')
      if (!existsSync(ignored)) await writeFile(ignored, '*\n')
      await writeFileAtomic(this.path, `${header}\n${kept.sort().join('')}`)
      this.changed.clear()
      return undefined
    } catch (error) {
      return `${this.path}: the cache cannot be written (${codeOf(error)}), so the next run reads everything anew.`
    }
  }
}

function readLines(path: string): { lines: Map<string, string>; problem?: string } {
  const lines = new Map<string, string>()
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? { lines } : { lines, problem: `the cache cannot be read (${codeOf(error)})` }
  }
  const [first, ...others] = text.split('\n')
  if (first !== header) return { lines, problem: 'this is not a cache that this version of silolint can read' }
  for (const line of others) {
    if (/^[\w-]{43} \d{4}-\d\d-\d\d [\w-]{11} \{/.test(line.slice(0, 70))) lines.set(line.slice(0, 43), line.slice(44))
  }
  return { lines }
}

const sumLength = 11
const sumOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, sumLength)

const daysFrom = (day: string, today: string): number => (Date.parse(today) - Date.parse(day)) / 86_400_000

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
/** Changes with every build of Silolint, rules included: the parts of the bundle name each other by their content. */
function programKey(): string {
  program ??= createHash('sha256')
    .update(manifest.version)
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .digest('base64url')
  return program
}

/**
 * The key for a document: all that its findings depend on.
 *
 * @param path decides the format by its ending; where it lies does not matter
 * @param configuration what `Resolved.key` says of rules and settings
 */
export function keyOf(source: string, format: string, configuration: string): string {
  const hash = createHash('sha256').update(JSON.stringify([programKey(), configuration, format]))
  // what a comment hides until a day depends on the day
  if (/\buntil=/i.test(source)) hash.update(new Date().toDateString())
  return hash.update(source).digest('base64url')
}

/** The mark of a finding among other data, in what `pack` gives. */
const mark = '$finding'

/** What was linted as text, without its path and the addresses of its rules, which other machines have elsewhere. */
export function pack({ messages, data }: Linted, rules: readonly RuleInfo[]): string {
  const urls = new Map(rules.map(({ id, url }) => [id, url]))
  return JSON.stringify({ messages, data }, (_, value: unknown) => {
    if (!(value instanceof VFileMessage)) return value
    const { place, ruleId, source, fatal, actual, expected, note, url, reason } = value
    const own: Partial<VFileMessage> = {}
    for (const key of Object.keys(value) as Array<keyof VFileMessage>)
      if (!(key in template)) Object.assign(own, { [key]: value[key] })
    const packed = { reason, place, ruleId, source, fatal, actual, expected, note, ...own }
    return { [mark]: url === urls.get(ruleId ?? '') ? packed : { ...packed, url } }
  })
}

/** The properties that every message has, whatever a rule adds. */
const template = new VFileMessage('')
template.name = ''

/** What was packed, as of a document at a path. @throws {SyntaxError} when it is none */
export function unpack(text: string, path: string, rules: readonly RuleInfo[]): Linted {
  const urls = new Map(rules.map(({ id, url }) => [id, url]))
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(mark in value)) return value
    const { reason, ...own } = value[mark] as Pick<VFileMessage, 'reason' | 'place' | 'ruleId' | 'source'>
    const { place, ruleId, source } = own
    const message = new VFileMessage(reason, { place, ruleId, source })
    Object.assign(message, { url: urls.get(ruleId ?? '') }, own, { file: path })
    if (place && 'start' in place) message.name = `${path}:${place.start.line}:${place.start.column}`
    return message
  }) as Linted
}
