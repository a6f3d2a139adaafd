/** Serves in a web worker, where no disk can be read: the editor is asked for what is in the folders that are open. */
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  createConnection,
  createMessageConnection,
  ProposedFeatures,
  RequestType,
} from 'vscode-languageserver/browser'
import { openProject, type Resolved } from '../engine/disk.ts'
import { codeOwnersAbove, decodeDocument, walk, within } from '../engine/files.ts'
import {
  type Entry,
  type Files,
  forget,
  isFolder,
  openFolders,
  settled,
  settledLater,
  stampOf,
  trusting,
} from './memorydisk.ts'
import { type Machine, serve } from './server.ts'
import { serveThread } from './thread.ts'
import { serveWorkspace } from './workspacethread.ts'

/** What the editor is asked for, by URI. */
const listRequest = new RequestType<string, Entry[] | null, void>('silolint/list')
const readRequest = new RequestType<string, Uint8Array | null, void>('silolint/read')

const scope = globalThis as unknown as ConstructorParameters<typeof BrowserMessageReader>[0]
const connection = createConnection(
  ProposedFeatures.all,
  new BrowserMessageReader(scope),
  new BrowserMessageWriter(scope),
)

/** The URIs of the folders that are open, by their path. */
let folders = new Map<string, string>()

/** What is in force, as it is wrapped here. */
const wrapped = new WeakMap<Resolved, Resolved>()

const machine: Machine = {
  openProject({ overrides }) {
    // nothing of a team's own is run in a browser
    const project = openProject({ trusted: false, overrides })
    return {
      ...project,
      async resolve(path) {
        const resolved = await settledLater(
          () => project.resolve(path),
          () => project.clear(),
        )
        const known = wrapped.get(resolved)
        if (known) return known
        const one: Resolved = Object.create(resolved, {
          // whether another document is gone is not asked for now, and most are not
          part: { value: (...args: Parameters<Resolved['part']>) => trusting(() => resolved.part(...args)) },
        })
        wrapped.set(resolved, one)
        return one
      },
      // rule files hold the very phrases that they look for
      ruleFile: async () => undefined,
    }
  },
  opened(uris, canAsk) {
    folders = new Map(uris.map((uri) => [machine.pathOf(uri) ?? uri, uri]))
    const ask: Files = {
      list: (path) => connection.sendRequest(listRequest, machine.uriOf(path)),
      read: (path) => connection.sendRequest(readRequest, machine.uriOf(path)),
    }
    openFolders([...folders.keys()], canAsk ? ask : undefined)
  },
  changed: (uris) => forget(uris.flatMap((uri) => machine.pathOf(uri) ?? [])),
  documentsIn: (folder, only) =>
    settled(() => [...walk(folder, only && within(only))].filter((path) => path !== undefined)),
  async readDocument(path) {
    const bytes = await connection.sendRequest(readRequest, machine.uriOf(path))
    const fault = { path, problem: 'there is no such file', cure: 'Check the path.' }
    return bytes ? decodeDocument(bytes, path) : { fault }
  },
  stampOf,
  isFolder,
  codeOwnersAbove: (folder) => settled(() => codeOwnersAbove(folder)),
  pathOf(uri) {
    // never saved ones have none, whatever the scheme of the others is
    const path = /^[\w+.-]+:(?:\/\/[^/]*)?(?<path>\/.*)$/.exec(uri)?.groups?.path
    if (path === undefined) return undefined
    const plain = path.replace(/(?<=.)\/$/, '')
    try {
      return decodeURIComponent(plain)
    } catch {
      // a % that begins no character: the path as it stands is as good a name as any
      return plain
    }
  },
  uriOf(path) {
    const [above] = [...folders].filter(([root]) => path === root || path.startsWith(`${root.replace(/\/$/, '')}/`))
    if (!above) return path
    const [root, uri] = above
    const below = path.slice(root.replace(/\/$/, '').length)
    return `${uri.replace(/\/$/, '')}${below.split('/').map(encodeURIComponent).join('/')}`
  },
  startThread() {
    // in turns with everything else: a worker of its own would have to be told of all files anew
    const { port1, port2 } = new MessageChannel()
    const [here, there] = [port1, port2].map((port) =>
      createMessageConnection(new BrowserMessageReader(port), new BrowserMessageWriter(port)),
    ) as [ReturnType<typeof createMessageConnection>, ReturnType<typeof createMessageConnection>]
    serveThread(there, machine, [serveWorkspace])
    here.listen()
    const end = (): void => {
      for (const one of [here, there]) one.dispose()
      for (const port of [port1, port2]) port.close()
    }
    return { connection: here, end }
  },
}

serve(connection, machine)
