import { type ChildProcess, execFile, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionKind,
  CodeActionRequest,
  ConfigurationRequest,
  createConnection,
  createProtocolConnection,
  type Diagnostic,
  DiagnosticRefreshRequest,
  DiagnosticSeverity,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  type DidChangeWatchedFilesRegistrationOptions,
  DidChangeWorkspaceFoldersNotification,
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
  type SnippetTextEdit,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentContentChangeEvent,
  type TextEdit,
  UnregistrationRequest,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { openProject } from '../engine/disk.ts'
import type { Linter } from '../engine/index.ts'
import { serve } from '../server/server.ts'
import { command, folderWith as freshFolder } from './command.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const serverFile = join(root, 'dist/server.cjs')

/** What VS Code says it can do, as far as the server asks. */
const modern: ClientCapabilities = {
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true },
    diagnostics: { refreshSupport: true },
    workspaceEdit: { documentChanges: true, snippetEditSupport: true },
  },
  textDocument: {
    diagnostic: { dynamicRegistration: true },
    hover: { contentFormat: ['markdown', 'plaintext'] },
    publishDiagnostics: { versionSupport: true },
  },
}

/** An editor that cannot pull diagnostics, be asked for settings, or put snippets into a document. */
const older: ClientCapabilities = {
  workspace: {
    workspaceFolders: true,
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceEdit: { documentChanges: true },
  },
  textDocument: { hover: { contentFormat: ['plaintext'] }, publishDiagnostics: { versionSupport: true } },
}

/** A rule of a team's own, so that what these tests expect does not change with the catalogue. */
const lobbing = `---
severity: error
message: "“$match” ends our part while the customer still waits."
phrases:
  - zap … across
rewrites:
  - pass … on and stay with [customer] until [customer] has [outcome]
  - keep …
---

# Lobbing

A handover that says who stops caring.
`

interface Options {
  transport?: '--stdio' | '--node-ipc'
  capabilities?: ClientCapabilities
  folders?: string[]
  settings?: Record<string, unknown>
  trusted?: boolean
}

/** An editor with one language server process, as far as the protocol goes. */
class Editor {
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
  static async start({ transport = '--stdio', ...options }: Options = {}): Promise<Editor> {
    const child =
      transport === '--node-ipc'
        ? fork(serverFile, [transport], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
        : spawn(process.execPath, [serverFile, transport], { stdio: ['pipe', 'pipe', 'inherit'] })
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
            const lint: Linter['lint'] = (source, options) => {
              if (source.includes('boom')) throw new Error('boom')
              return resolved.linter.lint(source, options)
            }
            return { ...resolved, linter: { ...resolved.linter, lint } }
          },
        }
      },
      pathOf: (uri) => fileURLToPath(uri),
      uriOf: (path) => pathToFileURL(path).href,
    })
    const connection = createProtocolConnection(new StreamMessageReader(back), new StreamMessageWriter(there))
    return new Editor(connection).initialize(options)
  }

  private async initialize({ capabilities = modern, folders = [], settings = {}, trusted }: Options): Promise<Editor> {
    editors.push(this)
    this.settings = settings
    this.initialized = await this.connection.sendRequest(InitializeRequest.type, {
      processId: this.process ? process.pid : null,
      rootUri: null,
      capabilities,
      workspaceFolders: folders.map((folder) => ({ uri: pathToFileURL(folder).href, name: folder })),
      ...(trusted === undefined ? {} : { initializationOptions: { trusted } }),
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

  async pull({ uri }: { uri: string }): Promise<Diagnostic[]> {
    const report = await this.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri } })
    return report.kind === 'full' ? report.items : []
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

/** A folder on disk with these files, and with the team's rule unless told otherwise. */
const folderWith = (files: Record<string, string> = {}, rule: string | null = lobbing): Promise<string> =>
  freshFolder(
    { '.silolintrc.json': '{}', ...(rule ? { '.silolint/rules/lobbing.md': rule } : {}), ...files },
    'silolint server ',
  )

/** The only one there is. */
function one<T>(items: readonly T[]): T {
  expect(items).toHaveLength(1)
  return items[0] as T
}

const uriIn = (folder: string, name: string): string => pathToFileURL(join(folder, name)).href
/** The text each diagnostic underlines, with its rule. */
const marks = (document: TextDocument, diagnostics: Diagnostic[]): string[] =>
  diagnostics.map(({ code, range }) => `${code}: ${document.getText(range)}`)

beforeAll(async () => {
  // A missing build would show as a server that never answers.
  await readFile(serverFile)
})

describe.each(['--stdio', '--node-ipc'] as const)('a writer whose editor starts the server with %s', (transport) => {
  test('sees findings where they stand, while typing and with any characters', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ transport, folders: [folder] })
    const document = await editor.open(
      uriIn(folder, 'handover.md'),
      '# Handover 🏗️\r\n\r\n- 🧑‍🔧 We zap the build across to Support.\r\n- Done.\r\n',
    )
    expect(one(await editor.pull(document))).toMatchObject({
      range: { start: { line: 2, character: 11 }, end: { line: 2, character: 31 } },
      severity: DiagnosticSeverity.Error,
      source: 'silolint',
      code: 'lobbing',
      message: '“zap the build across” ends our part while the customer still waits.',
      data: {
        rewrites: ['pass the build on and stay with [customer] until [customer] has [outcome]', 'keep the build'],
      },
    })

    await editor.replace(document, '# Handover', '# 🧱🧱 Our\r\nHandover')
    await editor.replace(document, 'Done.', 'Then 𝓌𝑒 zap\r\n  every ticket across, 🎉.')
    expect(marks(document, await editor.pull(document))).toEqual([
      'lobbing: zap the build across',
      'lobbing: zap\r\n  every ticket across',
    ])

    await editor.replace(document, 'We zap the build across to Support', 'We help')
    expect(marks(document, await editor.pull(document))).toEqual(['lobbing: zap\r\n  every ticket across'])
  })
})

describe('a writer whose editor cannot pull', () => {
  test('gets findings pushed with the version they belong to, and none that are out of date', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ capabilities: older, folders: [folder] })
    expect(editor.initialized.capabilities.diagnosticProvider).toBeUndefined()
    const document = await editor.open(uriIn(folder, 'handover.md'), 'They zap it across.\n')
    expect(marks(document, await editor.pushed(document))).toEqual(['lobbing: zap it across'])

    const texts = new Map<number, string>()
    for (let count = 0; count < 200; count++) {
      await editor.change(document, [
        { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: 'Oh! ' },
      ])
      texts.set(document.version, document.getText())
    }
    expect(marks(document, await editor.pushed(document))).toEqual(['lobbing: zap it across'])
    const later = editor.published.filter(({ uri, version }) => uri === document.uri && version !== 1)
    expect(later.length).toBeLessThan(20)
    for (const { version, diagnostics } of later) {
      const then = TextDocument.create(document.uri, 'markdown', 0, texts.get(version ?? 0) ?? '')
      expect(marks(then, diagnostics)).toEqual(['lobbing: zap it across'])
    }

    await editor.closeDocument(document)
    await editor.until(() => editor.published.at(-1)?.diagnostics.length === 0)
  })

  test('gets plain rewrites, plain hovers and configuration changes all the same', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ capabilities: older, folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), 'They zap it across.\n')
    const finding = one(await editor.pushed(document))
    const [action] = await editor.actions(document, finding)
    expect(applied(document, action)).toBe('They pass it on and stay with [customer] until [customer] has [outcome].\n')
    const hover = await editor.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri: document.uri },
      position: finding.range.start,
    })
    expect(hover?.contents).toMatchObject({ kind: 'plaintext' })

    await editor.configure({ rules: { lobbing: 'off' } })
    await editor.until(() => editor.published.at(-1)?.diagnostics.length === 0)
    await editor.configure({ rules: { lobbing: 'info' } })
    const again = await editor.until(() => editor.published.at(-1)?.diagnostics[0])
    expect(again.severity).toBe(DiagnosticSeverity.Information)
  })

  test('sees the faults of an open rule file beside its findings', async () => {
    const folder = await folderWith({
      '.silolint/rules/lobbing.md': lobbing.replace('severity: error', 'severity: grave'),
    })
    const editor = await Editor.start({ capabilities: older, folders: [folder] })
    const rule = join(folder, '.silolint/rules/lobbing.md')
    const document = await editor.open(pathToFileURL(rule).href, await readFile(rule, 'utf8'))
    const here = await editor.until(() =>
      editor.published
        .findLast(({ uri, version }) => uri === document.uri && version === 1)
        ?.diagnostics.map(({ range }) => document.getText(range)),
    )
    expect(here).toContain('grave')
  })
})

describe('a writer who accepts a rewrite', () => {
  const text = 'We zap the build across to Support.\n'

  test('is offered each one, in an order and with titles to choose by, for this version of the text', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    const stale = one(await editor.pull(document))
    await editor.replace(document, 'We', '🏗️ Please, we')
    const finding = one(await editor.pull(document))
    const { data, ...withoutData } = finding
    expect(data).toBeDefined()
    const actions = await editor.actions(document, withoutData)
    expect(actions.map(({ title, kind, isPreferred }) => ({ title, kind, isPreferred }))).toEqual([
      {
        title: 'Rewrite as “pass the build on and stay with [customer] until [customer] has [outcome]”',
        kind: CodeActionKind.QuickFix,
        isPreferred: undefined,
      },
      { title: 'Rewrite as “keep the build”', kind: CodeActionKind.QuickFix, isPreferred: undefined },
    ])
    expect(actions.map(({ diagnostics }) => diagnostics)).toEqual([[withoutData], [withoutData]])
    expect(applied(document, actions[1])).toBe('🏗️ Please, we keep the build to Support.\n')
    const versions = actions.map(({ edit }) => edit?.documentChanges?.map((c) => 'textDocument' in c && c.textDocument))
    expect(versions).toEqual([[{ uri: document.uri, version: 2 }], [{ uri: document.uri, version: 2 }]])
    // An editor that still shows the old version may ask with its old diagnostic: the edits fit the new one.
    expect(applied(document, (await editor.actions(document, stale))[1])).toBe(
      '🏗️ Please, we keep the build to Support.\n',
    )
  })

  test('steps through what is left to fill in, each name once', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), 'We zap the $5 plan across.\n')
    const finding = one(await editor.pull(document))
    const [action] = await editor.actions(document, finding)
    const changes = action?.edit?.documentChanges ?? []
    expect(changes.flatMap((change) => ('edits' in change ? change.edits : []))).toEqual([
      {
        range: finding.range,
        snippet: {
          kind: 'snippet',
          // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a snippet
          value: 'pass the \\$5 plan on and stay with ${1:[customer]} until ${1:[customer]} has ${2:[outcome]}',
        },
      } satisfies SnippetTextEdit,
    ])
  })

  test('has one keystroke for a sole rewrite that is finished', async () => {
    const folder = await folderWith({}, lobbing.replace(/ {2}- pass .*\n/, ''))
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    const finding = one(await editor.pull(document))
    const actions = await editor.actions(document, finding)
    expect(actions.map(({ isPreferred }) => isPreferred)).toEqual([true])
  })

  test('costs nothing where other kinds of action are asked for', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    const finding = one(await editor.pull(document))
    const count = async (only: string[]): Promise<number> => (await editor.actions(document, finding, only)).length
    expect(await count(['source.fixAll'])).toBe(0)
    expect(await count(['quickfix.other', 'refactor'])).toBe(0)
    expect(await count([])).toBe(0)
    expect(await count(['source', 'quickfix'])).toBe(2)
    expect(await count([''])).toBe(2)
  })

  test('reads in the hover what is wrong, why, and the page of the rule', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), 'We zap *the* <b>build</b> across.\n')
    const finding = one(await editor.pull(document))
    const hover = (position: { line: number; character: number }) =>
      editor.connection.sendRequest(HoverRequest.type, { textDocument: { uri: document.uri }, position })
    const here = await hover({ line: 0, character: 5 })
    expect(here?.range).toEqual(finding.range)
    expect(here?.contents).toMatchObject({
      kind: 'markdown',
      value: expect.stringContaining('ends our part while the customer still waits'),
    })
    expect(here?.contents).toMatchObject({
      value: expect.stringContaining('# Lobbing\n\nA handover that says who stops caring.'),
    })
    expect(await hover({ line: 0, character: 1 })).toBeNull()
    expect(await hover(finding.range.end)).toBeNull()
  })
})

describe('a writer who hides a finding with a comment', () => {
  test('sees it go, hears when the comment hides nothing any more, and can take the comment out', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(
      uriIn(folder, 'handover.md'),
      'We zap the build across, and zap it across again.\n',
    )
    expect(marks(document, await editor.pull(document))).toEqual([
      'lobbing: zap the build across',
      'lobbing: zap it across',
    ])
    await editor.replace(document, 'again.', 'again. <!-- silolint-disable-line lobbing -- as it was -->')
    expect(await editor.pull(document)).toEqual([])

    await editor.replace(document, 'We zap the build across, and zap it across again', 'We help')
    const finding = one(await editor.pull(document))
    expect(finding).toMatchObject({
      code: 'silolint/unused-suppression',
      severity: DiagnosticSeverity.Warning,
      message: 'This comment hides nothing of “lobbing”. Remove it.',
    })
    const [action] = await editor.actions(document, finding)
    expect(action?.title).toMatch(/^Remove “<!-- silolint-disable-line/)
    expect(action?.isPreferred).toBe(true)
    expect(applied(document, action)).toBe('We help.\n')
    const hover = await editor.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri: document.uri },
      position: { line: 0, character: finding.range.start.character + 1 },
    })
    expect(hover?.contents).toMatchObject({ value: expect.stringContaining('# Unused suppression') })

    await editor.refreshedBy(() => editor.configure({ rules: { 'silolint/unused-suppression': 'off' } }))
    expect(await editor.pull(document)).toEqual([])
  })
})

describe('a team that changes its mind', () => {
  const text = 'We zap the build across.\n'

  test('in the settings of the editor is heard without a restart', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder], settings: { enable: true, rules: {} } })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    expect(await editor.pull(document)).toHaveLength(1)
    await editor.refreshedBy(() => editor.configure({ enable: true, rules: { lobbing: 'off' } }))
    expect(await editor.pull(document)).toEqual([])
    await editor.refreshedBy(() => editor.configure({ enable: true, rules: { lobbing: 'warning' } }))
    expect(await editor.pull(document)).toMatchObject([{ severity: DiagnosticSeverity.Warning }])
    await editor.refreshedBy(() => editor.configure({ enable: false }))
    expect(await editor.pull(document)).toEqual([])
  })

  test('in a setting that means nothing is told in the output, and the rest holds', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder], settings: { rules: { lobbing: 'fatal', lobbin: 'off' } } })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    expect(await editor.pull(document)).toMatchObject([{ severity: DiagnosticSeverity.Error }])
    expect(editor.log.filter((line) => line.includes('fatal'))).toHaveLength(1)
    expect(editor.log.filter((line) => line.includes('lobbin') && line.includes('lobbing'))).toHaveLength(2)
  })

  test('in a configuration or rule file on disk is heard without a restart', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    expect(await editor.pull(document)).toHaveLength(1)
    const configuration = join(folder, '.silolintrc.json')
    await editor.refreshedBy(() => editor.write(configuration, '{ "rules": { "lobbing": "off" } }'))
    expect(await editor.pull(document)).toEqual([])
    await editor.refreshedBy(() => editor.write(configuration, '{}'))
    const rule = join(folder, '.silolint/rules/lobbing.md')
    await editor.refreshedBy(() => editor.write(rule, lobbing.replace('ends our part', 'is our end')))
    expect((await editor.pull(document))[0]?.message).toContain('is our end')
  })

  test('in an override, a configuration that is extended, or an ignore file is heard without a restart', async () => {
    const folder = await folderWith({
      '.silolintrc.json': JSON.stringify({
        extends: './base.yaml',
        overrides: [{ files: 'legal/**', rules: { lobbing: 'info' } }],
      }),
    })
    const editor = await Editor.start({ folders: [folder] })
    const severities = async (): Promise<unknown[]> => {
      const pulled = await Promise.all([legal, other].map((document) => editor.pull(document)))
      return pulled.map(([diagnostic]) => diagnostic?.severity)
    }
    const legal = await editor.open(uriIn(folder, 'legal/handover.md'), text)
    const other = await editor.open(uriIn(folder, 'handover.md'), text)
    const { Error: error, Warning: warning, Information: info } = DiagnosticSeverity
    expect(await severities()).toEqual([info, error])
    // what does not exist yet is watched too: writing it mends the configuration
    const watched = await editor.until(() => {
      const found = JSON.stringify([...editor.registrations.values()])
      return found.includes('base.yaml') && found
    })
    expect(watched).toContain('**/.silolintignore')
    expect(editor.log.filter((line) => line.includes('./base.yaml'))).toHaveLength(1)
    const base = join(folder, 'base.yaml')
    await editor.refreshedBy(() => editor.write(base, 'rules: { lobbing: warning }\n'))
    expect(await severities()).toEqual([info, warning])
    await editor.refreshedBy(() => editor.write(base, 'rules: { lobbing: off }\n'))
    expect(await severities()).toEqual([info, undefined])
    const configuration = join(folder, '.silolintrc.json')
    await editor.refreshedBy(() =>
      editor.write(configuration, '{ "overrides": [{ "files": "*", "sector": "health" }] }'),
    )
    expect(await severities()).toEqual([error, error])
    await editor.refreshedBy(() => editor.write(join(folder, '.silolintignore'), 'legal/\n'))
    expect(await severities()).toEqual([undefined, error])
  })

  test('above the folder that is open is watched as well', async () => {
    const folder = await folderWith({ 'team/handover.md': text })
    const editor = await Editor.start({ folders: [join(folder, 'team')] })
    const document = await editor.open(uriIn(folder, 'team/handover.md'), text)
    expect(await editor.pull(document)).toHaveLength(1)
    const watchers = await editor.until(() => {
      const found = [...editor.registrations.values()]
        .filter(({ method }) => method === DidChangeWatchedFilesNotification.method)
        .flatMap(({ registerOptions }) => (registerOptions as DidChangeWatchedFilesRegistrationOptions).watchers)
      return found.some(({ globPattern }) => typeof globPattern !== 'string') && found
    })
    const patterns = watchers.map(({ globPattern }) => globPattern)
    expect(patterns).toContain('**/.silolintrc*')
    expect(patterns).toContainEqual({ baseUri: pathToFileURL(folder).href, pattern: '.silolintrc.json' })
    expect(patterns).toContainEqual({ baseUri: uriIn(folder, '.silolint/rules'), pattern: 'lobbing.md' })
  })

  test('and slips finds the fault in the file that has it until it is mended, and never a toast', async () => {
    const folder = await folderWith({ '.silolintrc.json': '{\n  "ignores": [],\n  "rules": { "lobbin": "off" }\n}\n' })
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    expect(await editor.pull(document)).toHaveLength(1)
    const configuration = uriIn(folder, '.silolintrc.json')
    const { diagnostics } = await editor.until(() => editor.published.findLast(({ uri }) => uri === configuration))
    expect(diagnostics).toMatchObject([{ source: 'silolint', range: { start: { line: 2 } } }])
    expect(diagnostics[0]?.message).toContain('lobbing')
    await editor.replace(document, 'We', 'They')
    expect(await editor.pull(document)).toHaveLength(1)
    expect(editor.log.filter((line) => line.includes('.silolintrc.json:3:'))).toHaveLength(1)
    await editor.write(fileURLToPath(configuration), '{ "rules": { "lobbing": "off" } }')
    await editor.until(() => {
      const last = editor.published.findLast(({ uri }) => uri === configuration)
      return last?.diagnostics.length === 0
    })
    expect(await editor.pull(document)).toEqual([])
  })

  test('in code is heard only where the workspace is trusted', async () => {
    const folder = await folderWith({ 'silolint.config.mjs': 'export default { rules: { lobbing: "off" } }\n' })
    await rm(join(folder, '.silolintrc.json'))
    const wary = await Editor.start({ folders: [folder] })
    const document = await wary.open(uriIn(folder, 'handover.md'), text)
    expect(await wary.pull(document)).toHaveLength(1)
    const trusting = await Editor.start({ folders: [folder], trusted: true })
    expect(await trusting.pull(await trusting.open(document.uri, text))).toEqual([])
  })
})

describe('a document', () => {
  const text = 'We zap the build across.\n'

  test('not saved yet is linted as if it lay in the first folder, wherever folders come from', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open('untitled:Untitled-1', text)
    expect(marks(document, await editor.pull(document))).toEqual(['lobbing: zap the build across'])
    await editor.refreshedBy(() =>
      editor.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, {
        event: { added: [], removed: [{ uri: pathToFileURL(folder).href, name: '' }] },
      }),
    )
    expect(await editor.pull(document)).toEqual([])
  })

  test('outside any folder, or in none, has the rules that come with Silolint', async () => {
    const editor = await Editor.start()
    const wall = 'We throw the build over the wall to Support and move on.\n'
    for (const uri of ['untitled:Untitled-1', 'vscode-vfs://github/team/process/handover.md']) {
      const document = await editor.open(uri, wall)
      expect((await editor.pull(document)).map(({ code }) => code)).toContain('over-the-wall')
    }
  })

  test('whose address is written with escapes is found on disk', async () => {
    const folder = await folderWith({ 'Überga be/.silolintrc.json': '{ "rules": { "lobbing": "info" } }' })
    const editor = await Editor.start({ folders: [folder] })
    const uri = uriIn(folder, 'Überga be/a&b.md').replace('&', '%26').replaceAll('silolint', 'silo%6Cint')
    expect(uri).toContain('%C3%9Cberga%20be/a%26b.md')
    const document = await editor.open(uri, text)
    expect(await editor.pull(document)).toMatchObject([{ severity: DiagnosticSeverity.Information }])
  })

  test('in plain text is read as plain text', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const code = 'Steps:\n\n```\nWe zap the build across.\n```\n'
    expect(await editor.pull(await editor.open(uriIn(folder, 'a.md'), code))).toEqual([])
    for (const [name, language] of [
      ['b.txt', 'plaintext'],
      ['c.sop', 'silolint-process'],
      ['d', 'plaintext'],
    ] as const)
      expect(await editor.pull(await editor.open(uriIn(folder, name), code, language))).toHaveLength(1)
  })

  test('that changes 200 times faster than it can be linted has the findings of its last version', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const filler = 'Each of us answers for what the customer gets, and says so.\n\n'.repeat(5000)
    const document = await editor.open(uriIn(folder, 'long.md'), `We zap it across.\n\n${filler}`)
    const answers: Promise<Diagnostic[]>[] = []
    for (let count = 0; count < 200; count++) {
      await editor.change(document, [
        { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: 'Oh! ' },
      ])
      answers.push(editor.pull(document))
    }
    const all = await Promise.all(answers)
    expect(marks(document, all.at(-1) ?? [])).toEqual(['lobbing: zap it across'])
    // Where the finding stands tells the version that was linted: very few of them were.
    expect(new Set(all.map(([finding]) => finding?.range.start.character)).size).toBeLessThan(20)
  })

  test('that Silolint fails on costs its own findings, with a stack in the output, and nothing else', async () => {
    const folder = await folderWith()
    const editor = await Editor.startFailing({ folders: [folder] })
    const bad = await editor.open(uriIn(folder, 'bad.md'), `${text}\nboom\n`)
    const good = await editor.open(uriIn(folder, 'good.md'), text)
    expect(await editor.pull(bad)).toEqual([])
    expect(await editor.pull(good)).toHaveLength(1)
    expect(editor.log.filter((line) => /Error: boom\n +at /.test(line))).toHaveLength(1)
    await editor.replace(bad, 'boom', 'calm')
    expect(await editor.pull(bad)).toHaveLength(1)
  })

  test('of ten megabytes does not take the server down', { timeout: 300_000 }, async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const paragraph = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit sed eiusmod. '
    const large = await editor.open(uriIn(folder, 'large.md'), `${text}\n${`${paragraph}\n\n`.repeat(170_000)}`)
    const small = await editor.open(uriIn(folder, 'small.md'), text)
    await editor.pull(large)
    expect(await editor.pull(small)).toHaveLength(1)
  })
})

// vale-vscode #47, #73
test('a team sees the same findings in the editor and on the command line', async () => {
  const folder = await folderWith({
    'handover.md': [
      '# Handover 🏗️',
      '',
      'We zap the *build* across. Password resets are not our responsibility.',
      '',
      '| Step | Who |',
      '| --- | --- |',
      '| Engineering throws the build over the wall to Support | 🧑‍🔧 We zap each `x` across |',
      '',
    ].join('\r\n'),
    'process/steps.txt': '\uFEFFThey zap tickets\nacross. Customers\tlob nothing.\n',
    'process/quiet.md': 'We stay with the customer until it works.\n',
    'process/.silolintrc.json': '{ "extends": "./base.yaml" }',
    'process/base.yaml': 'overrides: [{ files: "*.txt", rules: { lobbing: warning } }]\n',
    'process/.silolintignore': 'left-out.md\n',
    'process/left-out.md': 'We zap the build across.\n',
    'process/silolint.md': 'We zap the build across.\n',
  })
  const run = promisify(execFile)
  const args = [command, '--format', 'json', folder]
  const { stdout } = await run(process.execPath, args, { cwd: folder }).catch((error: { stdout: string }) => error)
  const reported = new Map(
    (JSON.parse(stdout) as Report[]).map(({ path, findings }) => [resolve(folder, path), findings.map(comparable)]),
  )

  const editor = await Editor.start({ folders: [folder] })
  const found = new Map<string, Finding[]>()
  const names = ['handover.md', 'process/steps.txt', 'process/quiet.md', 'process/silolint.md']
  for (const name of [...names, 'process/left-out.md', '.silolint/rules/lobbing.md']) {
    const source = await readFile(join(folder, name), 'utf8')
    // Editors keep the byte order mark to themselves; the command line counts it.
    const mark = source.startsWith('\uFEFF') ? 1 : 0
    const language = name.endsWith('.md') ? 'markdown' : 'plaintext'
    const document = await editor.open(uriIn(folder, name), source.slice(mark), language)
    const findings = (await editor.pull(document)).map(({ code, severity, message, range, codeDescription, data }) => ({
      rule: code,
      severity: severity === 1 ? 'error' : severity === 2 ? 'warning' : 'info',
      message,
      url: codeDescription?.href,
      rewrites: (data as { rewrites: string[] }).rewrites,
      start: { offset: document.offsetAt(range.start) + mark },
      end: { offset: document.offsetAt(range.end) + mark },
    }))
    found.set(join(folder, name), findings)
  }
  expect([...found.values()].map(({ length }) => length)).toEqual([expect.any(Number), 1, 0, 1, 0, 0])
  expect(found.get(join(folder, 'handover.md'))?.length).toBeGreaterThan(2)
  for (const [path, findings] of found) expect(findings).toEqual(reported.get(path) ?? [])
})

interface Report {
  path: string
  findings: Finding[]
}

interface Finding {
  rule?: unknown
  severity: string
  message: unknown
  url?: string | undefined
  rewrites: string[]
  start: { offset: number }
  end: { offset: number }
}

const comparable = ({ rule, severity, message, url, rewrites, start, end }: Finding): Finding => ({
  rule,
  severity,
  message,
  url,
  rewrites,
  start: { offset: start.offset },
  end: { offset: end.offset },
})

/** The text after an editor has made the edits of an action, all of them plain. */
function applied(document: TextDocument, action: CodeAction | undefined): string {
  const edits = (action?.edit?.documentChanges ?? []).flatMap((change) => ('edits' in change ? change.edits : []))
  expect(edits.length).toBeGreaterThan(0)
  for (const each of edits) expect(each).toHaveProperty('newText')
  return TextDocument.applyEdits(document, edits as TextEdit[])
}
