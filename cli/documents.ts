import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { Fault } from '../engine/fault.ts'
import { isDocument, walk } from '../engine/files.ts'
import { documentEndings } from '../engine/format.ts'
import { nearest } from '../engine/nearest.ts'

/** A document to lint: a file, or what arrives on stdin. */
export interface Document {
  /** The path as the person would say it, with forward slashes; what reports show. */
  path: string
  /** The absolute path; for stdin the one whose configuration is in force, which need not exist. */
  file: string
  /** Named as such on the command line, not found in a folder or by a glob. */
  named: boolean
  /** Its text is read from stdin, not from `file`. */
  stdin?: boolean
  /** Its text, where somebody has it already. */
  source?: string
}

/** Documents one by one, as they are found; nothing now and then, so that whoever asks can do something else. */
export type Documents = Iterable<Document | undefined>

/** Who is told of what is met while documents are looked for. */
export interface Met {
  /** Whether a glob that matches nothing is a note, not a fault. */
  passOnNoFiles?: boolean | undefined
  /** Told of paths that do not exist, globs that match nothing, folders that cannot be read. */
  onFault?: ((fault: Fault) => void) | undefined
  /** Told of folders without documents: worth a word, but nothing went wrong. */
  onNote?: ((note: string) => void) | undefined
  /** Told of what is in a folder (absolute path) that is walked. */
  onListed?: ((folder: string, names: readonly string[]) => void) | undefined
}

/** A folder to walk. */
interface Walked {
  /** As it was named. */
  path: string
  /** What its documents match: as it was named, as a test of paths from the folder, and how deep they can lie. */
  glob?: { whole: string; isWanted(path: string): boolean; deepest: number }
}

/**
 * Finds the documents that files, folders and globs stand for, each file once, sorted by path. A folder gives the files
 * with a document's ending that git does not ignore; a file is taken as it is, whatever its ending. They come as they are
 * found, so that memory does not grow with them, unless folders lie in each other. Throws only where the disk fails in
 * unforeseen ways.
 */
export async function findDocuments(paths: readonly string[], met: Met = {}): Promise<Documents> {
  const files = new Map<string, Document>()
  const folders: Walked[] = []
  for (const path of paths) {
    const kind = kindOf(path)
    if (kind === 'file') {
      const file = resolve(path)
      if (!files.has(file)) files.set(file, { path: slashed(path), file, named: true })
    } else if (kind === 'folder') folders.push({ path })
    else if (magic.test(path)) folders.push(await globOf(path))
    else met.onFault?.({ path: slashed(path) || '""', ...whyMissing(path, kind) })
  }
  return all(files, folders, met)
}

function* all(files: Map<string, Document>, folders: readonly Walked[], met: Met): Generator<Document | undefined> {
  const found = folders.map((folder) => documentsOf(folder, met))
  if (!overlap(folders)) return yield* merged([inOrder(files.values()), ...found], files)
  for (const documents of found)
    for (const document of documents) {
      if (!document) yield document
      else if (!files.has(document.file)) files.set(document.file, document)
    }
  yield* inOrder(files.values())
}

/** Documents sorted by path: by code unit, since the order must not change with the machine's language. */
export const inOrder = (documents: Iterable<Document>): Document[] =>
  [...documents].sort((a, b) => (a.path < b.path ? -1 : 1))

/** The folder above the first part of a path that is a pattern, and what the documents below it match. */
async function globOf(path: string): Promise<Walked> {
  const parts = slashed(path).split('/')
  const plain = parts.findIndex((part) => magic.test(part))
  const glob = parts.slice(plain).join('/')
  const { default: picomatch } = await import('picomatch')
  const matches = picomatch(glob, { dot: true, nocase: true })
  const isDeep = /\*\*|[{(]/.test(glob)
  return {
    path: plain ? `${parts.slice(0, plain).join('/')}/` : '.',
    glob: {
      whole: path,
      isWanted: (path) => isDocument(path) && matches(path),
      deepest: isDeep ? Number.POSITIVE_INFINITY : parts.length - plain - 1,
    },
  }
}

/** Whether a folder is, or lies in, another. */
function overlap(folders: readonly Walked[]): boolean {
  const ways = folders.map(({ path }) => withSlash(resolve(path)))
  return ways.some((way, at) => ways.some((other, index) => index !== at && way.startsWith(other)))
}

const withSlash = (path: string): string => (path.endsWith(sep) ? path : path + sep)

/** Sorted documents of several places as one; of those that are named as such none comes twice. */
function* merged(places: readonly Documents[], named: ReadonlyMap<string, Document>): Generator<Document | undefined> {
  const [first = [], second] = places.filter((place) => !Array.isArray(place) || place.length)
  if (!second) return yield* first
  const runs = places.map((place) => place[Symbol.iterator]())
  const heads: Array<Document | undefined> = runs.map(() => undefined)
  for (const left = new Set(runs.keys()); left.size; ) {
    for (const at of left) {
      while (!heads[at]) {
        const next = runs[at]?.next()
        if (!next || next.done) {
          left.delete(at)
          break
        }
        if (next.value) heads[at] = next.value
        else yield undefined
      }
    }
    const least = [...left].reduce(
      (a, b) => ((heads[b]?.path ?? '') < (heads[a]?.path ?? '') ? b : a),
      [...left][0] ?? 0,
    )
    const document = heads[least]
    heads[least] = undefined
    if (document && (document.named || !named.has(document.file))) yield document
  }
}

/** The documents of a folder that match, sorted. */
function* documentsOf(
  { path: folder, glob }: Walked,
  { passOnNoFiles, onFault, onNote, onListed }: Met,
): Generator<Document | undefined> {
  const said = slashed(join(folder, 'x')).slice(0, -1)
  const lies = withSlash(resolve(folder))
  let count = 0
  const onUnread = (unread: string, code: string): void => {
    const isDenied = code === 'EACCES' || code === 'EPERM'
    onFault?.({
      path: slashed(join(folder, relative(resolve(folder), unread))),
      problem: `this folder cannot be read${isDenied ? '' : ` (${code})`}, so its documents were not linted`,
      cure: isDenied
        ? 'Grant read permission, or name the other folders instead.'
        : 'Check the disk, or name the other folders instead.',
    })
  }
  for (const inside of walk(folder, { ...glob, onUnread, onListed })) {
    if (inside !== undefined) count++
    yield inside === undefined
      ? undefined
      : { path: said + inside, file: lies + (sep === '\\' ? inside.replaceAll('/', sep) : inside), named: false }
  }
  if (count) return
  const endings = documentEndings.join(', ')
  if (!glob) onNote?.(`${slashed(folder)}: no documents in this folder (${endings}) that git does not ignore.`)
  else if (passOnNoFiles) onNote?.(`${glob.whole}: no document matches this glob.`)
  else
    onFault?.({
      path: '',
      value: glob.whole,
      problem: 'no document matches this glob',
      cure: `Check the pattern; documents end in ${endings}, and what git ignores is left out.`,
    })
}

/** What makes a path a glob, unless a file of that very name exists. */
const magic = /[*?[{]/
/** Whether a path may be a glob. */
export const isMagic = (path: string): boolean => magic.test(path)

/** `file`, `folder` or the reason why it is neither (`ENOENT`, `EACCES` …). */
function kindOf(path: string): string {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    return codeOf(error)
  }
}

/** What to say of a path that cannot be looked at, with the most similar name beside it. */
function whyMissing(path: string, code: string): Pick<Fault, 'problem' | 'cure'> {
  if (code === 'EACCES' || code === 'EPERM') {
    return { problem: 'this path cannot be read', cure: 'Grant read permission.' }
  }
  const near = nearest(basename(path), names(dirname(path)))
  return {
    problem: 'there is no such file or folder',
    cure: near
      ? `Did you mean "${slashed(join(dirname(path), near))}"?`
      : 'Check the path; it is looked up from the current folder.',
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** What arrives on stdin. */
export async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** One part of the documents of a run, counted from 1. */
export interface Shard {
  index: number
  count: number
}

/**
 * Whether a document is in a shard. That hangs on its path alone, as it would be reported: machines that do not
 * agree on what other documents there are still lint each once between them.
 */
export function isIn({ index, count }: Shard): (document: Document) => boolean {
  return ({ path }) => {
    const digest = createHash('sha256').update(path.normalize('NFC')).digest()
    return digest.readUInt32BE() % count === index - 1
  }
}

/** The path as reports show it, the same on every system. */
export function slashed(path: string): string {
  return sep === '\\' ? path.replaceAll('\\', '/') : path
}

/** Why the disk refused, as a code (`ENOENT`, `ENOSPC`), or what else went wrong. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

/** "1 document", "2,000 documents". */
export function count(number: number, noun: string): string {
  // toLocaleString loads what Node knows of all languages, 15 ms at the end of each run
  return `${String(number).replace(/\B(?=(?:\d{3})+$)/g, ',')} ${noun}${number === 1 ? '' : 's'}`
}
