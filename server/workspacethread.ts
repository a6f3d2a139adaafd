import type { VFileMessage } from 'vfile-message'
import { type CancellationToken, type Diagnostic, NotificationType, RequestType } from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { Project, Resolved } from '../engine/disk.ts'
import type { Fault } from '../engine/fault.ts'
import { ownersIn, readCodeOwners } from '../engine/owner.ts'
import { findingToDiagnostic } from './diagnostic.ts'
import type { Settings } from './server.ts'
import { type Thread, uriIn } from './thread.ts'

/** A folder that is open in the editor, and what the editor says of the rules there. */
export interface Folder {
  uri: string
  rules: Settings['rules']
}

/** What is to be linted: all documents of folders, or those of these URIs and what lies below them. */
export interface Scan {
  folders: Folder[]
  trusted: boolean
  only?: string[]
  /** What a thread that has ended knew of documents in which nothing is found. */
  clean?: Array<{ uri: string; stamp: string; key: string }>
}

/** What was found in a document as it lies on the disk. */
export interface Found {
  uri: string
  /** What tells that the file has been written anew; missing where it is gone, or configuration leaves it out. */
  stamp?: string
  diagnostics: Diagnostic[]
  /** Where nothing at all is found in the text: what was in force. */
  clean?: string
  /** What went wrong with this document alone: that it cannot be read, or what a plugin did. */
  faults: Fault[]
  /** A bug of ours that cost the document its findings. */
  bug?: string
}

/** Documents that are done, and how many of how many are. */
export interface Progress {
  found: Found[]
  done: number
  total: number
}

/** What a scan met besides findings. */
export interface Scanned {
  /** Of configuration and rule files. */
  faults: Fault[]
  notes: Resolved['notes']
  /** Configuration and rule files that were read, to be watched, and folders of rule files. */
  files: string[]
  ruleFolders: string[]
}

/** Lints documents of folders. What is found comes in notifications before the answer. */
export const scanRequest = new RequestType<Scan, Scanned, void>('silolint/scan')
export const foundNotification = new NotificationType<Progress>('silolint/found')

/** Who owns documents, by what they say or by CODEOWNERS; of those that are open with their text. */
export const ownersRequest = new RequestType<Array<{ uri: string; text?: string }>, string[][], void>('silolint/owners')

/** Of so many findings the thread keeps what it takes to look at a document again without linting it. */
const mostKept = 20_000

/** Lints the documents of folders as the command line does, and tells who owns them. A piece is a document. */
export function serveWorkspace({ connection, machine, projectFor, pause }: Thread): void {
  /** What was found by path, as long as neither the file nor what is in force for it changes: of most nothing. */
  const kept = new Map<string, { stamp: string; key: string; messages: readonly VFileMessage[] }>()
  let keptFindings = 0
  const keep = (path: string, one: { stamp: string; key: string; messages: readonly VFileMessage[] } | undefined) => {
    keptFindings -= kept.get(path)?.messages.length ?? 0
    kept.delete(path)
    if (!one || keptFindings + one.messages.length > mostKept) return
    keptFindings += one.messages.length
    kept.set(path, one)
  }

  /** The documents to lint, with the folder that each is part of: the innermost of those that are open. */
  const find = async ({ folders, only }: Scan, token: CancellationToken) => {
    const documents = new Map<string, Folder>()
    const isIn = (uri: string, folder: string): boolean => uri.startsWith(`${folder.replace(/\/$/, '')}/`)
    for (const folder of folders) {
      await pause(token, true)
      const root = machine.pathOf(folder.uri)
      if (root === undefined) continue
      const within = folders.filter(({ uri }) => uri !== folder.uri && isIn(uri, folder.uri))
      const paths = only && new Set(only.flatMap((uri) => pathFrom(folder.uri, uri) ?? []))
      if (paths && !paths.size) continue
      for (const name of await machine.documentsIn(root, paths?.has('') ? undefined : paths)) {
        const uri = uriIn(folder.uri, name)
        const path = machine.pathOf(uri)
        // one address for each, however the editor writes that of its folder
        if (path !== undefined && !within.some((other) => isIn(uri, other.uri)))
          documents.set(machine.uriOf(path), folder)
      }
    }
    return documents
  }
  /** The path of a URI from a folder; undefined where it lies elsewhere. */
  const pathFrom = (folder: string, uri: string): string | undefined => {
    const [root, path] = [machine.pathOf(folder), machine.pathOf(uri)]
    if (root === undefined || path === undefined) return undefined
    const [above, below] = [root, path].map((one) => one.replaceAll('\\', '/').replace(/\/$/, ''))
    if (above === below) return ''
    return below?.startsWith(`${above}/`) ? below.slice((above?.length ?? 0) + 1) : undefined
  }

  /** What is found in a document; undefined where there is none to lint. */
  const lint = async (uri: string, project: Project, met: (resolved: Resolved) => void): Promise<Found | undefined> => {
    const path = machine.pathOf(uri)
    if (path === undefined) return undefined
    const resolved = await project.resolve(path)
    met(resolved)
    // a rule file holds the very phrases that it looks for
    if (resolved.ignores(path) || (await project.ruleFile(path))) return undefined
    const stamp = await machine.stampOf(path)
    if (stamp === undefined) return undefined
    const before = kept.get(path)
    let messages = before?.stamp === stamp && before.key === resolved.key ? before.messages : undefined
    // where nothing was found it need not be read again
    if (before && messages && !messages.length) return { uri, stamp, diagnostics: [], faults: [], clean: before.key }
    const read = await machine.readDocument(path)
    if ('fault' in read) return { uri, stamp, diagnostics: [], faults: [read.fault] }
    // editors keep a byte order mark to themselves
    const document = TextDocument.create(uri, '', 0, read.source.replace(/^\uFEFF/, ''))
    const text = document.getText()
    let faults: Fault[] = []
    if (!messages) {
      const plugged = await resolved.plug(text, { path })
      faults = plugged.faults
      messages = resolved.linter.lint(text, { path, remarks: plugged.remarks }).messages
      const { key } = resolved
      keep(path, key === undefined || faults.length ? undefined : { stamp, key, messages })
    }
    const { fresh } = resolved.part(path, messages)
    const diagnostics = fresh.map((finding) => findingToDiagnostic(finding, document))
    const isClean = !messages.length && !faults.length && resolved.key !== undefined
    return { uri, stamp, faults, diagnostics, ...(isClean && { clean: resolved.key }) }
  }

  connection.onRequest(scanRequest, async (scan, token) => {
    const documents = await find(scan, token)
    for (const { uri, stamp, key } of scan.clean ?? []) {
      const path = machine.pathOf(uri)
      if (path !== undefined && !kept.has(path)) keep(path, { stamp, key, messages: [] })
    }
    if (!scan.only) {
      const paths = new Set([...documents.keys()].map((uri) => machine.pathOf(uri)))
      for (const path of [...kept.keys()]) if (!paths.has(path)) keep(path, undefined)
    }
    const seen = new Set<Resolved>()
    let found: Found[] = []
    let done = 0
    const tell = (): void => {
      connection.sendNotification(foundNotification, { found, done, total: documents.size }).catch(console.error)
      found = []
    }
    try {
      tell()
      let told = performance.now()
      for (const [uri, { rules }] of documents) {
        await pause(token)
        const project = projectFor({ trusted: scan.trusted, rules })
        try {
          found.push(
            (await lint(uri, project, (resolved) => seen.add(resolved))) ?? { uri, diagnostics: [], faults: [] },
          )
        } catch (error) {
          const bug = error instanceof Error ? (error.stack ?? error.message) : String(error)
          found.push({ uri, stamp: 'failed', diagnostics: [], faults: [], bug: `${uri}: ${bug}` })
        }
        done++
        if (performance.now() - told < betweenWord) continue
        tell()
        told = performance.now()
      }
    } finally {
      tell()
    }
    const all = [...seen]
    return {
      faults: all.flatMap(({ faults }) => faults),
      notes: all.flatMap(({ notes }) => notes),
      files: [...new Set(all.flatMap(({ files }) => files))],
      ruleFolders: [...new Set(all.flatMap(({ ruleFolders }) => ruleFolders))],
    }
  })

  connection.onRequest(ownersRequest, async (documents, token) => {
    const codeOwners = new Map<string, { root: string; ownersOf: (path: string) => string[] }>()
    const owners: string[][] = []
    for (const { uri, text } of documents) {
      await pause(token)
      const path = machine.pathOf(uri)
      const read = text === undefined && path !== undefined ? await machine.readDocument(path) : { source: text ?? '' }
      const own = 'source' in read ? ownersIn(read.source) : []
      if (own.length || path === undefined) {
        owners.push(own)
        continue
      }
      const slashed = path.replaceAll('\\', '/')
      const above = await machine.codeOwnersAbove(path.slice(0, slashed.lastIndexOf('/')) || '/')
      if (above && !codeOwners.has(above.root))
        codeOwners.set(above.root, { root: above.root, ownersOf: readCodeOwners(above.text) })
      const known = above && codeOwners.get(above.root)
      const root = known?.root.replaceAll('\\', '/').replace(/\/$/, '') ?? ''
      owners.push(known ? known.ownersOf(slashed.slice(root.length + 1)) : [])
    }
    return owners
  })
}

/** Word of what is done comes so often, in ms. */
const betweenWord = 100
