import { type ExtensionContext, type LogOutputChannel, Uri, workspace } from 'vscode'
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
  const client = quieten(
    leftOut,
    new LanguageClient('silolint', 'Silolint', start, clientOptions(documentSelector, outputChannel, leftOut)),
  )
  client.onDidChangeState(({ newState }) => {
    // unlike a process it does not end with the connection
    if (newState === State.Stopped) worker?.terminate()
  })
  return client
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
