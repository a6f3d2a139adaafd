import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  ConfigurationRequest,
  createProtocolConnection,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  LogMessageNotification,
  type Registration,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  UnregistrationRequest,
} from 'vscode-languageserver/node'

const program = fileURLToPath(new URL('../dist/server.cjs', import.meta.url))

/** The built language server as a process, for the documents of a folder, and an editor that asks for diagnostics. */
export async function openServer(folder: string, { trusted }: { trusted: boolean }) {
  const server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const editor = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin))
  const log: string[] = []
  const registrations: Registration[] = []
  editor.onNotification(LogMessageNotification.type, ({ message }) => {
    log.push(message)
  })
  editor.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => ({})))
  editor.onRequest(RegistrationRequest.type, (params) => {
    registrations.push(...params.registrations)
  })
  editor.onRequest(UnregistrationRequest.type, () => {})
  editor.listen()
  await editor.sendRequest(InitializeRequest.type, {
    processId: null,
    rootUri: pathToFileURL(folder).href,
    initializationOptions: { trusted },
    capabilities: {
      textDocument: { diagnostic: {}, hover: { contentFormat: ['markdown'] } },
      workspace: {
        workspaceEdit: { documentChanges: true },
        didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true },
      },
    },
  })
  await editor.sendNotification(InitializedNotification.type, {})
  /** Opens a document and gives its diagnostics. */
  const check = async (path: string, text: string) => {
    const uri = pathToFileURL(join(folder, path)).href
    await editor.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'markdown', version: 1, text },
    })
    const report = await editor.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } })
    const items = 'items' in report ? report.items : []
    return { uri, items, codes: items.map(({ code }) => code) }
  }
  const close = async (): Promise<void> => {
    await editor.sendRequest(ShutdownRequest.type)
    await editor.sendNotification(ExitNotification.type)
    editor.dispose()
  }
  return { editor, log, registrations, check, close }
}
