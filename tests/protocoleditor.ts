import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeAll, expect } from 'vitest'
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionRequest,
  type CompletionItem,
  CompletionRequest,
  ConfigurationRequest,
  createConnection,
  createProtocolConnection,
  type Diagnostic,
  DiagnosticRefreshRequest,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  FileChangeType,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  IPCMessageReader,
  IPCMessageWriter,
  LogMessageNotification,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  type Registration,
  RegistrationRequest,
  ShowMessageNotification,
  ShowMessageRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentContentChangeEvent,
  UnregistrationRequest,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { openProject } from '../engine/disk.ts'
import { codeOwnersAbove, documentsIn, isFolder, readDocument, stampOf } from '../engine/files.ts'
import type { Linter, Session } from '../engine/index.ts'
import { serve } from '../server/server.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
export const serverFile = join(root, 'dist/server.cjs')

/** What VS Code says it can do, as far as the server asks. */
export const modern: ClientCapabilities = {
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true },
    diagnostics: { refreshSupport: true },
    workspaceEdit: {
      documentChanges: true,
      snippetEditSupport: true,
      resourceOperations: ['create', 'rename', 'delete'],
    },
  },
  textDocument: {
    codeAction: { resolveSupport: { properties: ['edit'] } },
    diagnostic: { dynamicRegistration: true },
    hover: { contentFormat: ['markdown', 'plaintext'] },
    publishDiagnostics: { versionSupport: true },
  },
}

/** An editor that cannot pull diagnostics, be asked for settings, or put snippets into a document. */
export const older: ClientCapabilities = {
  workspace: {
    workspaceFolders: true,
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceEdit: { documentChanges: true },
  },
  textDocument: { hover: { contentFormat: ['plaintext'] }, publishDiagnostics: { versionSupport: true } },
}

export interface Options {
  transport?: '--stdio' | '--node-ipc'
  /** What Node is to run, in place of the server with a transport. */
  args?: string[]
  capabilities?: ClientCapabilities
  folders?: string[]
  settings?: Record<string, unknown>
  trusted?: boolean
  /** Languages in which the editor uses the schema of configuration files by itself. */
  schemas?: string[]
  /** The editor is VS Code with Silolint's extension, whose commands hovers and actions may name. */
  extension?: boolean
}

/** An editor with one language server process, as far as the protocol goes. */
export class Editor {
  readonly documents = new Map<string, TextDocument>()
  readonly published: PublishDiagnosticsParams[] = []
  readonly log: string[] = []
  /** What would have jumped into the writer's face. */
  readonly toasts: string[] = []
  readonly registrations = new Map<string, Registration>()
  settings: Record<string, unknown>
  refreshes = 0
  initialized!: InitializeResult
  readonly connection: ProtocolConnection
  readonly process: ChildProcess | undefined
  private readonly watchers = new Set<() => void>()

  private constructor(connection: ProtocolConnection, process?: ChildProcess) {
    this.connection = connection
    this.process = process
    this.settings = {}
    connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(({ section }) => (section === 'silolint' ? this.settings : null)),
    )
    connection.onRequest(DiagnosticRefreshRequest.type, () => {
      this.refreshes++
      this.changed()
    })
    connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      for (const registration of registrations) this.registrations.set(registration.id, registration)
      this.changed()
    })
    connection.onRequest(UnregistrationRequest.type, ({ unregisterations }) => {
      for (const { id } of unregisterations) this.registrations.delete(id)
    })
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.published.push(params)
      this.changed()
    })
    connection.onNotification(LogMessageNotification.type, ({ message }) => {
      this.log.push(message)
      this.changed()
    })
    connection.onNotification(ShowMessageNotification.type, ({ message }) => void this.toasts.push(message))
    connection.onRequest(ShowMessageRequest.type, ({ message }) => {
      this.toasts.push(message)
      return null
    })
    connection.listen()
  }

  /** Starts the server as a process of its own. */
  static async start({
    transport = '--stdio',
    args = [serverFile, transport],
    ...options
  }: Options = {}): Promise<Editor> {
    const child =
      transport === '--node-ipc'
        ? fork(serverFile, [transport], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
        : spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const connection =
      child.stdout && child.stdin
        ? createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin))
        : createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child))
    // A server that dies fails the test at once; without this, every request would wait for ever.
    child.once('exit', () => connection.dispose())
    return new Editor(connection, child).initialize(options)
  }

  /** Serves within the tests' own process, with a linter that fails on documents which say "boom". */
  static async startFailing(options: Options): Promise<Editor> {
    const [there, back] = [new PassThrough(), new PassThrough()]
    serve(createConnection(new StreamMessageReader(there), new StreamMessageWriter(back)), {
      openProject(options) {
        const project = openProject(options)
        return {
          ...project,
          async resolve(path) {
            const resolved = await project.resolve(path)
            const open: Linter['open'] = (source, options) => {
              const session = resolved.linter.open(source, options)
              const findings: Session['findings'] = (options) => {
                if (session.source.includes('boom')) throw new Error('boom')
                return session.findings(options)
              }
              return { ...session, edit: session.edit.bind(session), findings }
            }
            return { ...resolved, linter: { ...resolved.linter, open } }
          },
        }
      },
      documentsIn,
      readDocument,
      stampOf,
      isFolder,
      codeOwnersAbove: async (folder) => codeOwnersAbove(folder),
      startThread() {
        throw new Error('no rule file is opened here')
      },
      pathOf: (uri) => fileURLToPath(uri),
      uriOf: (path) => pathToFileURL(path).href,
    })
    const connection = createProtocolConnection(new StreamMessageReader(back), new StreamMessageWriter(there))
    return new Editor(connection).initialize(options)
  }

  private async initialize({
    capabilities = modern,
    folders = [],
    settings = {},
    trusted,
    schemas,
    extension,
  }: Options): Promise<Editor> {
    editors.push(this)
    this.settings = settings
    this.initialized = await this.connection.sendRequest(InitializeRequest.type, {
      processId: this.process ? process.pid : null,
      rootUri: null,
      capabilities,
      workspaceFolders: folders.map((folder) => ({ uri: pathToFileURL(folder).href, name: folder })),
      ...(trusted === undefined && !schemas && !extension
        ? {}
        : { initializationOptions: { trusted, schemas, extension } }),
    })
    await this.connection.sendNotification(InitializedNotification.type, {})
    return this
  }

  /** Leaves as an editor does: the server goes in good order and has troubled nobody meanwhile. */
  async close(): Promise<void> {
    try {
      expect(this.toasts).toEqual([])
      await this.connection.sendRequest(ShutdownRequest.type)
      if (!this.process) return
      expect(this.process.exitCode).toBeNull()
      const exit = once(this.process, 'exit')
      await this.connection.sendNotification(ExitNotification.type)
      expect((await exit)[0]).toBe(0)
    } finally {
      this.connection.dispose()
      this.process?.kill()
    }
  }

  /** Resolves with the first thing `find` finds, now or after whatever the server says next. */
  until<T>(find: () => T | undefined | false): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = find()
        if (!found) return
        this.watchers.delete(look)
        resolve(found)
      }
      this.watchers.add(look)
      look()
    })
  }

  private changed(): void {
    for (const look of [...this.watchers]) look()
  }

  async open(uri: string, text: string, languageId = 'markdown'): Promise<TextDocument> {
    const document = TextDocument.create(uri, languageId, 1, text)
    this.documents.set(uri, document)
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId, version: 1, text },
    })
    return document
  }

  /** Replaces the first occurrence of `old`, as one incremental change. */
  async replace(document: TextDocument, old: string, text: string): Promise<void> {
    const offset = document.getText().indexOf(old)
    expect(offset).toBeGreaterThanOrEqual(0)
    const range = { start: document.positionAt(offset), end: document.positionAt(offset + old.length) }
    await this.change(document, [{ range, text }])
  }

  async change(document: TextDocument, contentChanges: TextDocumentContentChangeEvent[]): Promise<void> {
    const version = document.version + 1
    TextDocument.update(document, contentChanges, version)
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: document.uri, version },
      contentChanges,
    })
  }

  async closeDocument({ uri }: TextDocument): Promise<void> {
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } })
  }

  /** All there is to say of a document: of a rule file, whose tests take their time, once they are done. */
  async pull({ uri }: { uri: string }): Promise<Diagnostic[]> {
    for (;;) {
      const before = this.refreshes
      const report = await this.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } })
      if (report.kind !== 'full') return []
      if (report.resultId !== undefined) return report.items
      await this.until(() => this.refreshes > before)
    }
  }

  /** The diagnostics pushed for this version. */
  async pushed({ uri, version }: { uri: string; version: number }): Promise<Diagnostic[]> {
    const params = await this.until(() => this.published.findLast((p) => p.uri === uri && p.version === version))
    return params.diagnostics
  }

  async actions(document: TextDocument, diagnostic: Diagnostic, only?: string[]): Promise<CodeAction[]> {
    const answer = await this.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: document.uri },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic], ...(only ? { only } : {}) },
    })
    return (answer ?? []) as CodeAction[]
  }

  /** What is offered behind the text, which stands in the file once. */
  async completions(document: TextDocument, text: string): Promise<CompletionItem[]> {
    const answer = await this.connection.sendRequest(CompletionRequest.type, {
      textDocument: { uri: document.uri },
      position: document.positionAt(document.getText().indexOf(text) + text.length),
    })
    return Array.isArray(answer) ? answer : (answer?.items ?? [])
  }

  /** What is said over the text, and what of the file it is said of. */
  async explained(document: TextDocument, text: string): Promise<[marked: string, said: string]> {
    const hover = await this.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri: document.uri },
      position: document.positionAt(document.getText().indexOf(text) + 1),
    })
    const contents = hover?.contents
    return [
      hover?.range ? document.getText(hover.range) : '',
      contents && typeof contents === 'object' && 'value' in contents ? contents.value : '',
    ]
  }

  async configure(settings: Record<string, unknown>): Promise<void> {
    this.settings = settings
    const asked = [...this.registrations.values()].some(
      ({ method }) => method === DidChangeConfigurationNotification.method,
    )
    await this.connection.sendNotification(DidChangeConfigurationNotification.type, {
      settings: asked ? null : { silolint: settings },
    })
  }

  /** Writes a file and tells the server, as the editor's watcher does. */
  async write(path: string, text: string): Promise<void> {
    await writeFile(path, text)
    await this.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: [{ uri: pathToFileURL(path).href, type: FileChangeType.Changed }],
    })
  }

  /** Does it and waits until the server asks to pull anew because of it. */
  async refreshedBy(act: () => Promise<void>): Promise<void> {
    const before = this.refreshes
    await act()
    await this.until(() => this.refreshes > before)
  }
}

const editors: Editor[] = []

afterEach(async () => {
  for (const editor of editors.splice(0)) await editor.close()
})

/** The only one there is. */
export function one<T>(items: readonly T[]): T {
  expect(items).toHaveLength(1)
  return items[0] as T
}

export const uriIn = (folder: string, name: string): string => pathToFileURL(join(folder, name)).href
/** The text each diagnostic underlines, with its rule. */
export const marks = (document: TextDocument, diagnostics: Diagnostic[]): string[] =>
  diagnostics.map(({ code, range }) => `${code}: ${document.getText(range)}`)

beforeAll(async () => {
  // A missing build would show as a server that never answers.
  await readFile(serverFile)
})
