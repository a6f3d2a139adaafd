import { type ExtensionContext, FileType, type LogOutputChannel, Uri, workspace } from 'vscode'
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  type DocumentSelector,
  LanguageClient,
  type MessageTransports,
  State,
  WorkDoneProgress,
} from 'vscode-languageclient/browser'
import { clientOptions, quieten } from './clientoptions.ts'
import { LeftOut } from './leftout.ts'

export { LeftOut, State, WorkDoneProgress }

/** The same in a browser: a client of a language server that runs in a worker of the page. */
export function createClient(
  context: ExtensionContext,
  documentSelector: DocumentSelector,
  outputChannel: LogOutputChannel,
  leftOut: LeftOut,
): LanguageClient {
  const file = (name: string): Uri => Uri.joinPath(context.extensionUri, 'dist', name)
  let worker: Worker | undefined
  const start = async (): Promise<MessageTransports> => {
    // a worker reads no files, and the rules as part of its program would be in the package twice
    const rules = await workspace.fs.readFile(file('rules.bin'))
    worker = new Worker(file('server.web.js').toString(true))
    worker.postMessage(rules)
    // not the worker itself: it is of another class than the Worker that a web extension sees
    const reader = new WorkerReader(worker)
    const begun = worker
    begun.addEventListener('error', () => {
      begun.terminate()
      reader.end()
    })
    return { reader, writer: new BrowserMessageWriter(begun) }
  }
  const options = clientOptions(documentSelector, outputChannel, leftOut)
  const initializationOptions = { ...options.initializationOptions, files: true }
  const client = quieten(
    leftOut,
    new LanguageClient('silolint', 'Silolint', start, { ...options, initializationOptions }),
  )
  client.onRequest('silolint/list', (uri: string) => list(Uri.parse(uri)))
  client.onRequest('silolint/read', (uri: string) => read(Uri.parse(uri)))
  client.onDidChangeState(({ newState }) => {
    // unlike a process it does not end with the connection
    if (newState === State.Stopped) worker?.terminate()
  })
  return client
}

/** What stands in a folder, as the server wants to hear it; of a link what it leads to. Null where there is none. */
async function list(folder: Uri): Promise<Array<{ name: string; kind: 'file' | 'folder'; isLink: boolean }> | null> {
  try {
    const entries = await workspace.fs.readDirectory(folder)
    return entries.map(([name, type]) => ({
      name,
      kind: type & FileType.Directory ? 'folder' : 'file',
      isLink: Boolean(type & FileType.SymbolicLink),
    }))
  } catch {
    return null
  }
}

/** What is in a file; null where there is none. */
async function read(file: Uri): Promise<Uint8Array | null> {
  try {
    return await workspace.fs.readFile(file)
  } catch {
    return null
  }
}

/** A worker that fails goes on without a word, where a process ends: it is ended here, so that another one is started. */
class WorkerReader extends BrowserMessageReader {
  end(): void {
    this.fireClose()
  }
}

/** As far as it is used here; the names of a browser are not those of Node. */
type Worker = ConstructorParameters<typeof BrowserMessageReader>[0] & {
  postMessage(message: unknown): void
  terminate(): void
}
declare const Worker: new (url: string) => Worker
