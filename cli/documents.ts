import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { decodeDocument, documentsIn } from '../engine/disk.ts'
import type { Fault } from '../engine/fault.ts'
import { documentEndings } from '../engine/index.ts'
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

/** What the command line's paths amount to. */
export interface Found {
  /** Each file once. */
  documents: Document[]
  /** Paths that do not exist, globs that match nothing, folders that cannot be read. */
  faults: Fault[]
  /** Folders without documents: worth a word, but nothing went wrong. */
  notes: string[]
}

/**
 * Finds the documents that files, folders and globs stand for. A folder gives the files with a document's ending that
 * git does not ignore; a file is taken as it is, whatever its ending. With `passOnNoFiles` a glob that matches nothing
 * is a note. Throws only where the disk fails in unforeseen ways.
 */
export async function findDocuments(paths: readonly string[], passOnNoFiles = false): Promise<Found> {
  const files = new Map<string, Document>()
  const faults: Fault[] = []
  const notes: string[] = []
  const add = (path: string, named: boolean) => {
    const file = resolve(path)
    const known = files.get(file)
    files.set(file, known ? { ...known, named: known.named || named } : { path: slashed(path), file, named })
  }
  for (const path of paths) {
    const kind = await kindOf(path)
    if (kind === 'file') {
      add(path, true)
    } else if (kind === 'folder') {
      const found = await walk(path, undefined, faults)
      if (!found.length) {
        notes.push(
          `${slashed(path)}: no documents in this folder (${documentEndings.join(', ')}) that git does not ignore.`,
        )
      }
      for (const inside of found) add(join(path, inside), false)
    } else if (magic.test(path)) {
      const parts = slashed(path).split('/')
      const plain = parts.findIndex((part) => magic.test(part))
      const folder = plain ? `${parts.slice(0, plain).join('/')}/` : '.'
      const found = (await walk(folder, parts.slice(plain).join('/'), faults)).filter(isDocument)
      if (!found.length) {
        const cure = `Check the pattern; documents end in ${documentEndings.join(', ')}, and what git ignores is left out.`
        if (passOnNoFiles) notes.push(`${path}: no document matches this glob.`)
        else faults.push({ path: '', value: path, problem: 'no document matches this glob', cure })
      }
      for (const match of found) add(join(folder, match), false)
    } else {
      faults.push({ path: slashed(path) || '""', ...(await whyMissing(path, kind)) })
    }
  }
  return { documents: [...files.values()], faults, notes }
}

/** What makes a path a glob, unless a file of that very name exists. */
const magic = /[*?[{]/
/** Whether a path may be a glob. */
export const isMagic = (path: string): boolean => magic.test(path)

/** `file`, `folder` or the reason why it is neither (`ENOENT`, `EACCES` …). */
async function kindOf(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    return codeOf(error)
  }
}

/** Paths of files below a folder (relative to it, forward slashes) that match a glob and are not ignored. */
async function walk(folder: string, glob: string | undefined, faults: Fault[]): Promise<string[]> {
  try {
    return await documentsIn(folder, glob)
  } catch (error) {
    if (!(error instanceof Error && 'path' in error && ['EACCES', 'EPERM'].includes(codeOf(error)))) throw error
    faults.push({
      path: slashed(join(folder, relative(resolve(folder), String(error.path)))),
      problem: 'this folder cannot be read, so its documents were not linted',
      cure: 'Grant read permission, or name the other folders instead.',
    })
    return await documentsIn(folder, glob, true)
  }
}

/** What to say of a path that cannot be looked at, with the most similar name beside it. */
async function whyMissing(path: string, code: string): Promise<Pick<Fault, 'problem' | 'cure'>> {
  if (code === 'EACCES' || code === 'EPERM') {
    return { problem: 'this path cannot be read', cure: 'Grant read permission.' }
  }
  const near = nearest(basename(path), await readdir(dirname(path)).catch(() => []))
  return {
    problem: 'there is no such file or folder',
    cure: near
      ? `Did you mean "${slashed(join(dirname(path), near))}"?`
      : 'Check the path; it is looked up from the current folder.',
  }
}

/** The text on stdin, under the same conditions as that of a file. */
export async function readStdin(path: string): Promise<{ source: string } | { fault: Fault }> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return decodeDocument(Buffer.concat(chunks), path)
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

/** Whether a path ends like a document. */
export function isDocument(path: string): boolean {
  return documentEndings.includes(extname(path).toLowerCase())
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
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}
