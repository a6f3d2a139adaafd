import {
  type CancellationToken,
  CancellationTokenSource,
  type ClientCapabilities,
  type Connection,
  type Diagnostic,
  DidChangeWatchedFilesNotification,
  type Disposable,
  type MessageConnection,
  NotificationType,
  RAL,
  RequestType,
  WatchKind,
  type WorkDoneProgressReporter,
} from 'vscode-languageserver'
import { documentEndings } from '../engine/format.ts'
import { type Fault, faultToString } from '../engine/index.ts'
import type { Machine } from './server.ts'
import {
  type Folder,
  type Found,
  foundNotification,
  type Progress,
  type Scan,
  type Scanned,
  scanRequest,
} from './workspacethread.ts'

/** The command that has all documents of the workspace linted, in every editor. Its answer is a `Summary`. */
export const lintAllCommand = 'silolint.lintAllDocuments'

/** Who owns documents (URIs), for an editor that sorts findings by it: the names in the same order. */
export const ownersRequest = new RequestType<string[], string[][], void>('silolint/owners')

/**
 * No tab shows a document (URI) any more, though it is still open: VS Code keeps some for minutes, and drops what it was told
 * of them.
 */
export const hiddenNotification = new NotificationType<string>('silolint/hidden')

/** What came of linting all documents. */
export interface Summary {
  /** Documents that were linted. */
  documents: number
  /** Those that were not looked at, because somebody stopped it. */
  left: number
  /** Folders that lie on no disk that the server can read. */
  unreached: number
  findings: number
  /** Findings that are shown: an editor with hundreds of thousands would be of no use. */
  shown: number
}

/** So many findings are shown in documents that are not open. */
export const mostShown = 10_000

/** What has changed within so many milliseconds is linted together: a checkout changes hundreds of files. */
const rest = 300
/** And after so many milliseconds at the latest. */
const longestRest = 2000
/** The thread ends when nothing has been asked of it for so long, in ms; starting it anew takes half a second. */
const idle = 60_000

/** What is found in documents that are not open, once somebody has asked for it, and kept up to date from then on. */
export interface Workspace {
  /** Lints all documents. What is found is published as it comes; rejects where the thread fails. */
  lintAll(token: CancellationToken, progress: WorkDoneProgressReporter): Promise<Summary>
  /** Files or folders (URIs) were written, made or deleted. */
  changed(uris: readonly string[]): void
  /** Configuration, rules, settings or folders may be others now. */
  startOver(): void
  /** A document was closed or hidden, and what its file holds counts again. */
  closed(uri: string): void
  /** What is known of a document that is not open. */
  of(uri: string): readonly Diagnostic[]
  /** What is wrong with configuration and rules, and with documents that cannot be read. */
  faults(): Fault[]
  /** Whether anybody has asked for it. */
  readonly isOn: boolean
  /** Whether it needs the thread, now or in a moment. */
  readonly isAtWork: boolean
}

/** What a document holds that is not open; of most nothing. */
interface Known {
  uri: string
  stamp: string
  diagnostics: readonly Diagnostic[]
  clean: string | undefined
  faults: readonly Fault[]
  /** Findings, of which none are shown where there are too many. */
  count: number
}

/** What the workspace needs of the server. */
export interface Server {
  connection: Connection
  machine: Machine
  client(): ClientCapabilities
  trusted(): boolean
  /** The folders that are open and in which the editor does not switch Silolint off. */
  folders(): Promise<Folder[]>
  /** The thread, which is started where there is none. */
  openThread(): MessageConnection
  /** Ends the thread, unless somebody else needs it. */
  leaveThread(): void
  /** Publishes what is known of a file. */
  publish(uri: string): void
  reportFaults(): void
  /** Hears of what a scan met besides findings. */
  met(scanned: Scanned): void
  log(error: unknown): void
}

/** Opens the documents of a workspace; does nothing until it is asked. */
export function openWorkspace(server: Server): Workspace {
  const { connection, machine, log } = server
  /** By path, or by URI where there is none. */
  const known = new Map<string, Known>()
  let shown = 0
  let scanFaults: Fault[] = []
  let isOn = false
  /** Whether somebody stopped it: what was not looked at then is left alone until it is asked for again. */
  let isStopped = false
  /** What is to be looked at next: everything, or documents and folders by their URI. */
  let everything = false
  const changed = new Set<string>()
  let firstChange = 0
  let resting: Disposable | undefined
  let idling: Disposable | undefined
  let watching: Promise<unknown> | undefined
  /** The scan that runs, one after the other. */
  let running: Promise<unknown> = Promise.resolve()
  let scans = 0
  let current: CancellationTokenSource | undefined
  let onProgress: ((progress: Progress) => void) | undefined
  /** The thread that tells what it finds. */
  let listening: MessageConnection | undefined
  /** The thread that has been told what the one before it knew. */
  let informed: MessageConnection | undefined

  const keyOf = (uri: string): string => machine.pathOf(uri) ?? uri

  const thread = (): MessageConnection => {
    const opened = server.openThread()
    if (listening !== opened) opened.onNotification(foundNotification, (progress) => onProgress?.(progress))
    listening = opened
    return opened
  }

  /** Takes over what was found in a document, and publishes what has changed. */
  const take = ({ uri, stamp, diagnostics, clean, faults, bug }: Found): void => {
    if (bug) log(bug)
    const key = keyOf(uri)
    const last = known.get(key)
    shown -= last?.diagnostics.length ?? 0
    const isRoom = shown + diagnostics.length <= mostShown
    if (stamp === undefined) known.delete(key)
    else
      known.set(key, { uri, stamp, diagnostics: isRoom ? diagnostics : [], clean, faults, count: diagnostics.length })
    const now = known.get(key)
    shown += now?.diagnostics.length ?? 0
    if ((last?.faults.length ?? 0) + faults.length) server.reportFaults()
    if (JSON.stringify(last?.diagnostics ?? []) !== JSON.stringify(now?.diagnostics ?? [])) server.publish(uri)
  }

  const cleanOnes = (): Scan['clean'] =>
    [...known.values()].flatMap(({ uri, stamp, clean }) => (clean === undefined ? [] : [{ uri, stamp, key: clean }]))

  const drop = (key: string): void => {
    const one = known.get(key)
    if (one) take({ uri: one.uri, diagnostics: [], faults: [] })
  }

  /** Looks at everything, or at some documents and what lies below folders. */
  const scan = async (only: string[] | undefined, token: CancellationToken, tell?: (progress: Progress) => void) => {
    idling?.dispose()
    const folders = await server.folders()
    const visited = new Set<string>()
    let last: Progress | undefined
    onProgress = (progress) => {
      last = progress
      for (const found of progress.found) {
        visited.add(keyOf(found.uri))
        take(found)
      }
      tell?.(progress)
    }
    try {
      const connection = thread()
      const clean = !only && informed !== connection ? cleanOnes() : undefined
      if (!only) informed = connection
      const scanned = await connection.sendRequest(
        scanRequest,
        { folders, trusted: server.trusted(), ...(only && { only }), ...(clean && { clean }) },
        token,
      )
      server.met(scanned)
      if (!only) scanFaults = scanned.faults
      const gone = new Set(only?.map(keyOf))
      for (const key of [...known.keys()]) {
        if (visited.has(key) || (only && !gone.has(key) && !foldersOf(key).some((folder) => gone.has(folder)))) continue
        drop(key)
      }
      server.reportFaults()
    } finally {
      onProgress = undefined
      idling = RAL().timer.setTimeout(() => server.leaveThread(), idle)
    }
    return last
  }

  /** Of what has changed what may hold documents of the folders that are open. */
  const matter = async (uris: readonly string[]): Promise<string[]> => {
    const roots = (await server.folders()).map(({ uri }) => keyOf(uri).replace(/[\\/]$/, ''))
    const paths = new Set([...known.keys()].flatMap(foldersOf))
    const some = await Promise.all(
      uris.map(async (uri) => {
        const key = keyOf(uri)
        if (known.has(key) || paths.has(key)) return [uri]
        if (!roots.some((root) => key === root || foldersOf(key).includes(root))) return []
        return isDocument(uri) || (await machine.isFolder(key)) ? [uri] : []
      }),
    )
    return some.flat()
  }

  /** One scan after the other. */
  const afterLast = <T>(run: () => Promise<T>): Promise<T> => {
    scans++
    const next = running.then(run).finally(() => scans--)
    running = next.catch(() => undefined)
    return next
  }

  /** Looks at what has changed, once no more changes come. */
  const lookSoon = (): void => {
    if (!isOn) return
    firstChange ||= Date.now()
    resting?.dispose()
    const wait = Math.max(0, Math.min(rest, firstChange + longestRest - Date.now()))
    resting = RAL().timer.setTimeout(() => {
      resting = undefined
      firstChange = 0
      afterLast(look).catch(log)
    }, wait)
  }
  const look = async (): Promise<void> => {
    const all = everything && !isStopped
    const some = everything ? [...known.values()].map(({ uri }) => uri) : [...changed]
    everything = false
    changed.clear()
    const only = all ? [] : await matter(some)
    if (!all && !only.length) return
    current = new CancellationTokenSource()
    const { token } = current
    try {
      await scan(all ? undefined : only, token)
    } catch (error) {
      // whoever broke it off has it done anew
      if (!token.isCancellationRequested) throw error
    } finally {
      current = undefined
    }
  }

  const watch = (): void => {
    if (watching || !server.client().workspace?.didChangeWatchedFiles?.dynamicRegistration) return
    const endings = documentEndings.map((ending) =>
      ending.slice(1).replace(/[a-z]/g, (a) => `[${a}${a.toUpperCase()}]`),
    )
    watching = connection.client
      .register(DidChangeWatchedFilesNotification.type, {
        watchers: [
          { globPattern: `**/*.{${endings.join(',')}}` },
          // folders that come and go take their documents along, of which nothing is said
          { globPattern: '**/*', kind: WatchKind.Create | WatchKind.Delete },
          { globPattern: '**/.gitignore' },
        ],
      })
      .catch(log)
  }

  return {
    async lintAll(token, progress) {
      isOn = true
      isStopped = false
      watch()
      // what runs by itself would only be in the way
      current?.cancel()
      everything = false
      changed.clear()
      let last: Progress | undefined
      let percentage = -1
      const run = async (): Promise<void> => {
        await scan(undefined, token, (next) => {
          last = next
          const now = next.total ? Math.floor((100 * next.done) / next.total) : 0
          if (now !== percentage)
            progress.report(now, `${next.done.toLocaleString('en')} / ${next.total.toLocaleString('en')}`)
          percentage = now
        })
      }
      try {
        await afterLast(run)
      } catch (error) {
        if (!token.isCancellationRequested) throw error
        isStopped = true
      }
      const findings = [...known.values()].reduce((sum, { count }) => sum + count, 0)
      const unreached = (await server.folders()).filter(({ uri }) => machine.pathOf(uri) === undefined).length
      return { documents: known.size, left: (last?.total ?? 0) - (last?.done ?? 0), unreached, findings, shown }
    },
    changed(uris) {
      if (!isOn) return
      for (const uri of uris) {
        if (/\/(?:node_modules|\.git)(?:\/|$)/.test(uri)) continue
        if (uri.endsWith('/.gitignore')) everything = true
        else changed.add(uri)
      }
      if (everything || changed.size) lookSoon()
    },
    startOver() {
      if (!isOn) return
      everything = true
      // what it found so far would be of rules that are not in force any more
      current?.cancel()
      lookSoon()
    },
    closed(uri) {
      const key = keyOf(uri)
      const one = known.get(key)
      const path = machine.pathOf(uri)
      if (!isOn || path === undefined) return
      machine
        .stampOf(path)
        .then((stamp) => {
          if (stamp !== one?.stamp) {
            // what it holds was written meanwhile, and what was found before would stand in the wrong places
            shown -= one?.diagnostics.length ?? 0
            known.delete(key)
            changed.add(uri)
            lookSoon()
          }
          server.publish(uri)
        })
        .catch(log)
    },
    of: (uri) => known.get(keyOf(uri))?.diagnostics ?? [],
    faults: () => {
      const all = [...scanFaults, ...[...known.values()].flatMap(({ faults }) => faults)]
      return [...new Map(all.map((fault) => [faultToString(fault), fault])).values()]
    },
    get isOn() {
      return isOn
    },
    get isAtWork() {
      return scans > 0 || resting !== undefined
    },
  }
}

const isDocument = (uri: string): boolean => documentEndings.some((ending) => uri.toLowerCase().endsWith(ending))

/** The folders above a path or URI, the nearest first. */
function foldersOf(path: string): string[] {
  const folders: string[] = []
  for (let end = path.length; end > 0; ) {
    end = Math.max(path.lastIndexOf('/', end - 1), path.lastIndexOf('\\', end - 1))
    if (end > 0) folders.push(path.slice(0, end))
  }
  return folders
}
