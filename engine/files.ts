// Documents and folders on the disk: found, read and looked at. Nothing of rules or configuration is loaded for it, so that
// a run which has only to look up what it knows begins at once.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import { documentEndings } from './format.ts'
import { Patterns } from './patterns.ts'

/** The names of configuration files that are code, the first of which counts in a folder. Run only where it is trusted. */
export const codePlaces = [
  'silolint.config.js',
  'silolint.config.mjs',
  'silolint.config.cjs',
  'silolint.config.ts',
  'silolint.config.mts',
]
/** The names of those that are data. */
export const dataPlaces = [
  'package.json',
  '.silolintrc',
  '.silolintrc.json',
  '.silolintrc.jsonc',
  '.silolintrc.yaml',
  '.silolintrc.yml',
  'silolint.config.json',
  'silolint.config.yaml',
  'silolint.config.yml',
]
/** The names of configuration files, in any folder; a `package.json` is one where it has the key `silolint`. */
export const configurationPlaces: readonly string[] = [...codePlaces, ...dataPlaces]
/** What leaves out documents, in gitignore syntax. */
export const ignorePlace = '.silolintignore'
/** Where a baseline lies, relative to the folder whose documents it speaks of. */
export const baselinePlace = join('.silolint', 'baseline.json')
/** Where a team's own rules lie, relative to the folder for whose documents they are in force. */
export const rulesPlace = join('.silolint', 'rules')

const ownFiles = new Set([...configurationPlaces, ignorePlace].filter((name) => name !== 'package.json'))
/** Whether a file (absolute path) is one of Silolint's own, which are never linted. */
export const isOwnFile = (path: string): boolean =>
  ownFiles.has(basename(path)) || (path.includes('.silolint') && path.split(/[\\/]/).includes('.silolint'))

/** The folder that holds `.git`, at or above a folder; the outermost folder where there is none. */
export function repositoryRoot(folder: string): string {
  for (let here = folder; ; here = dirname(here)) {
    if (existsSync(join(here, '.git')) || dirname(here) === here) return here
  }
}

/** The nearest file or folder of a name at or above a folder, up to the repository's root. */
export function nearestAbove(folder: string, name: string): string | undefined {
  const root = repositoryRoot(folder)
  for (let here = folder; ; here = dirname(here)) {
    const candidate = join(here, name)
    if (existsSync(candidate)) return candidate
    if (here === root || dirname(here) === here) return undefined
  }
}

/**
 * Tells whether anything decides how the documents of a folder are linted: a configuration, rules or words of a team's own,
 * an ignore file, a baseline, in it or above. In doubt it says so. It keeps what it has seen.
 */
export class Configured {
  private readonly known = new Map<string, boolean>()
  /** The names that decide in folders that somebody has listed, until they are asked for. */
  private readonly listed = new Map<string, string[]>()

  /** Hears of what is in a folder (absolute path), so that it need not be listed again. */
  saw(folder: string, names: readonly string[]): void {
    if (this.listed.size >= mostKept) this.listed.clear()
    this.listed.set(
      folder,
      names.filter((name) => decisive.has(name)),
    )
  }

  /** Whether anything is configured for the documents of a folder (absolute path). */
  in(folder: string): boolean {
    const before = this.known.get(folder)
    if (before !== undefined) return before
    const names = this.listed.get(folder) ?? namesIn(folder)
    this.listed.delete(folder)
    const own = names.some((name) => {
      if (name === '.git') return false
      if (name === '.silolint') return [baselinePlace, rulesPlace].some((place) => existsSync(join(folder, place)))
      return name !== 'package.json' || saysSomething(join(folder, name))
    })
    const above = dirname(folder)
    const is = own || (!names.includes('.git') && above !== folder && this.in(above))
    // a run goes through folders in their order, and never comes back to most of them
    if (this.known.size >= mostKept) this.known.clear()
    this.known.set(folder, is)
    return is
  }
}

const decisive = new Set([...configurationPlaces, ignorePlace, '.silolint', '.git'])

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => decisive.has(name))
  } catch {
    // a folder that cannot be listed may still be asked for files by name
    return [...decisive].filter((name) => existsSync(join(folder, name)))
  }
}

const mostKept = 10_000

/** Whether a package.json has a word for Silolint, or cannot be understood. */
function saysSomething(path: string): boolean {
  try {
    const text = readFileSync(path, 'utf8')
    return text.includes('"silolint"') && (JSON.parse(text) as { silolint?: unknown }).silolint !== undefined
  } catch {
    return true
  }
}

/** Patterns of a .gitignore, and how paths from the folder that is walked become paths from its own. */
interface GitIgnore {
  patterns: Patterns
  before: string
  cut: number
}

function gitIgnoreIn(folder: string, before: string, cut: number): GitIgnore[] {
  try {
    const text = readFileSync(join(folder, '.gitignore'), 'utf8')
    return [{ patterns: new Patterns(text.replace(/^\uFEFF/, '')), before, cut }]
  } catch {
    return []
  }
}

/** Whether a path is ignored, where none of the folders above it is: the nearest file that speaks of it has the last word. */
function isIgnored(path: string, ignores: readonly GitIgnore[]): boolean {
  for (let at = ignores.length - 1; at >= 0; at--) {
    const { patterns, before, cut } = ignores[at] as GitIgnore
    const { ignored, unignored } = patterns.test(before + path.slice(cut))
    if (ignored || unignored) return ignored
  }
  return false
}

/** The .gitignore files above a folder in its repository; undefined where they leave out the folder itself. */
function gitIgnoresAbove(folder: string): GitIgnore[] | undefined {
  const root = repositoryRoot(folder)
  if (!existsSync(join(root, '.git'))) return []
  const names = relative(root, folder).split(sep).filter(Boolean)
  let ignores: GitIgnore[] = []
  for (let depth = 0; depth < names.length; depth++) {
    const here = join(root, ...names.slice(0, depth))
    // as if paths began here
    ignores = ignores.map((one) => ({ ...one, before: `${one.before}${names[depth - 1]}/` }))
    ignores.push(...gitIgnoreIn(here, '', 0))
    if (isIgnored(`${names[depth]}/`, ignores)) return undefined
  }
  return ignores.map((one) => ({ ...one, before: `${one.before}${names.at(-1)}/` }))
}

/** What is never looked into: it holds no documents, or a team's own rules, which contain the very phrases they look for. */
const passedOver = new Set(['.git', 'node_modules', '.silolint'])
/** So many folders are read before others get their turn, such as Ctrl-C. */
const foldersAtOnce = 64

/** Whether a path ends like a document. */
export function isDocument(path: string): boolean {
  const name = path.toLowerCase()
  return documentEndings.some((ending) => name.endsWith(ending))
}

/**
 * Walks a folder for files: paths from it with forward slashes, sorted by code units, as they are found, so that it costs
 * no memory how many there are. Left out is what git ignores. Links are not followed: one to a folder above would be
 * walked until the path is too long. What goes away meanwhile is passed over. Now and then it gives nothing, so that
 * whoever asks can do something else.
 *
 * @param options.isWanted what is asked of paths: that they are those of documents, if left out
 * @param options.leadsTo what is asked of folders (paths that end in a slash) before they are looked into
 * @param options.deepest how many folders down files lie at most
 * @param options.onUnread told of each folder (absolute path) that cannot be read, and why; its documents are missing
 * @param options.onListed told of what is in a folder (absolute path), if it can be read
 */
export function* walk(
  folder: string,
  {
    isWanted = isDocument,
    leadsTo = () => true,
    deepest = Number.POSITIVE_INFINITY,
    onUnread,
    onListed,
  }: {
    isWanted?: (path: string) => boolean
    leadsTo?: (path: string) => boolean
    deepest?: number
    onUnread?: (path: string, code: string) => void
    onListed?: ((path: string, names: readonly string[]) => void) | undefined
  } = {},
): Generator<string | undefined> {
  const root = resolve(folder)
  const above = gitIgnoresAbove(root)
  if (!above) return
  /** The names in a folder that matter, in the order of the paths that they begin; those of folders end in a slash. */
  const open = (path: string, depth: number, above: readonly GitIgnore[]) => {
    const here = path ? join(root, path.slice(0, -1)) : root
    const names: string[] = []
    const all: string[] = []
    try {
      for (const entry of readdirSync(here, { withFileTypes: true })) {
        const { name } = entry
        all.push(name)
        if (entry.isDirectory()) {
          if (!passedOver.has(name) && leadsTo(`${path}${name}/`)) names.push(`${name}/`)
        } else if (entry.isFile() && isWanted(path + name)) names.push(name)
      }
      onListed?.(here, all)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      if (code !== 'ENOENT' && code !== 'ENOTDIR') onUnread?.(here, code)
    }
    const ignores = all.includes('.gitignore') ? [...above, ...gitIgnoreIn(here, '', path.length)] : above
    return { path, depth, names: names.sort(), at: 0, ignores }
  }
  const stack = [open('', 0, above)]
  for (let opened = 1; ; ) {
    const here = stack.at(-1)
    if (!here) return
    const name = here.names[here.at++]
    if (name === undefined) {
      stack.pop()
      continue
    }
    const path = here.path + name
    if (!name.endsWith('/')) {
      if (!isIgnored(path, here.ignores)) yield path
    } else if (here.depth < deepest && !isIgnored(path, here.ignores)) {
      if (opened++ % foldersAtOnce === 0) yield undefined
      stack.push(open(path, here.depth + 1, here.ignores))
    }
  }
}

/**
 * The documents below a folder, as `walk` finds them.
 *
 * @param only paths from the folder, of documents or of folders, which may be gone: those alone and what is below them
 */
export async function documentsIn(folder: string, only?: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = []
  for (const path of walk(folder, only && within(only))) {
    if (path === undefined) await nextTurn()
    else found.push(path)
  }
  return found
}

/** What `walk` is asked for where only some paths and what is below them matter. */
export function within(
  only: ReadonlySet<string>,
): Pick<NonNullable<Parameters<typeof walk>[1]>, 'isWanted' | 'leadsTo'> {
  const above = new Set<string>()
  for (const path of only)
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) above.add(path.slice(0, end + 1))
  const isBelow = (path: string): boolean => {
    for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1))
      if (only.has(path.slice(0, end))) return true
    return false
  }
  return {
    isWanted: (path) => isDocument(path) && (only.has(path) || isBelow(path)),
    leadsTo: (path) => above.has(path) || isBelow(path),
  }
}

/** Where a file lies that says who owns what, in the order in which they count. */
const ownersPlaces = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS']

/** The CODEOWNERS of the repository that a folder (absolute path) is part of, and that repository's folder. */
export function codeOwnersAbove(folder: string): { root: string; text: string } | undefined {
  const root = repositoryRoot(folder)
  for (const place of ownersPlaces) {
    try {
      return { root, text: readFileSync(join(root, place), 'utf8') }
    } catch {
      // most repositories have none
    }
  }
  return undefined
}

/** Room to read into; a document that does not fit gets its own. */
let room: Buffer | undefined

/** The bytes of a file, which last until the next is read. @throws what the disk says */
function bytesOf(path: string): Buffer {
  room ??= Buffer.allocUnsafeSlow(65_536)
  const file = openSync(path, 'r')
  try {
    let length = 0
    for (;;) {
      const read = readSync(file, room, length, room.length - length, null)
      length += read
      if (!read) return room.subarray(0, length)
      // two reads and no question of its size for most
      if (length === room.length) return Buffer.concat([room, readFileSync(file)])
    }
  } finally {
    closeSync(file)
  }
}

/**
 * Reads what is known to be a file, neither a folder nor a pipe. What is missing or cannot be read is a fault.
 *
 * @returns its bytes, which last until the next file is read: most are looked at once
 */
export function readFound(path: string): { bytes: Buffer } | { fault: Fault } {
  try {
    return { bytes: bytesOf(path) }
  } catch (error) {
    return { fault: whyUnread(path, error) }
  }
}

/** The same with bytes that last, for those who wait before they look at them: meanwhile others may read. */
export function readOwn(path: string): { bytes: Buffer } | { fault: Fault } {
  const read = readFound(path)
  return 'bytes' in read ? { bytes: Buffer.from(read.bytes) } : read
}

/** Reads what may be a file. What is missing, a folder or cannot be read is a fault. */
export async function readBytes(path: string): Promise<{ bytes: Buffer } | { fault: Fault }> {
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) return { fault: { path, problem: 'this is a folder', cure: 'Name a document in it.' } }
    // a pipe may keep its reader waiting, who must hear of Ctrl-C
    return stats.isFile() ? readOwn(path) : { bytes: await readFile(path) }
  } catch (error) {
    return { fault: whyUnread(path, error) }
  }
}

function whyUnread(path: string, error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code
  // Node puts this character where a name is no text, and then the name is another one
  if (code === 'ENOENT' && path.includes('\uFFFD'))
    return { path, problem: 'the name of this file is not valid UTF-8', cure: 'Rename it.' }
  return {
    path,
    problem: code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`,
    cure: code === 'ENOENT' ? 'Check the path.' : 'Check its permissions.',
  }
}

/** Reads a document. A file that is missing, binary or not valid text is a fault. */
export async function readDocument(path: string): Promise<{ source: string } | { fault: Fault }> {
  const read = await readBytes(path)
  return 'fault' in read ? read : decodeDocument(read.bytes, path)
}

/** Whether there is a folder at a path. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

/** What is another whenever a file has been written anew; undefined where there is none. */
export async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, ctimeMs, size } = await stat(path)
    return `${mtimeMs} ${ctimeMs} ${size}`
  } catch {
    return undefined
  }
}

/** The text of a document's bytes: UTF-8, or UTF-16 with its mark, which is kept so that offsets hold. */
export function decodeDocument(bytes: Uint8Array, path: string): { source: string } | { fault: Fault } {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (!wide && bytes.subarray(0, 8192).includes(0)) {
    return {
      fault: {
        path,
        problem: 'this is a binary file',
        cure: 'Name a text document, or leave the file out with "ignores".',
      },
    }
  }
  try {
    return { source: decode(bytes) }
  } catch {
    return { fault: { path, problem: 'the file is not valid UTF-8', cure: 'Save it as UTF-8.' } }
  }
}

/** The text of a file, a byte order mark kept so that offsets hold. @throws {TypeError} when it is no valid text */
export function decode(bytes: Uint8Array): string {
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined
  return new TextDecoder(utf16 ?? 'utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}
