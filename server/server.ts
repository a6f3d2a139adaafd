import type { VFileMessage } from 'vfile-message'
import {
  type CancellationToken,
  type ClientCapabilities,
  CodeActionKind,
  type Connection,
  type Diagnostic,
  DiagnosticSeverity,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type Disposable,
  DocumentDiagnosticReportKind,
  type FileSystemWatcher,
  type Location,
  LSPErrorCodes,
  PositionEncodingKind,
  RAL,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver'
import { TextDocument } from 'vscode-languageserver-textdocument'
import type { documentsIn, openProject, Project, Resolved, RuleFileAt, readDocument } from '../engine/disk.ts'
import { type Draft, openDraft, testDraft } from '../engine/draft.ts'
import { type Fault, faultToString, type Linter, type Severity } from '../engine/index.ts'
import { completeComment } from './comment.ts'
import { faultToDiagnostic, findingToDiagnostic, rangeOf, source } from './diagnostic.ts'
import { hoverAt } from './hover.ts'
import { quickFixes, wantsQuickFixes } from './quickfix.ts'
import { completeRuleFile, hoverRuleFile } from './rulewriting.ts'

/** What the server asks of the machine it runs on. */
export interface Machine {
  openProject: typeof openProject
  documentsIn: typeof documentsIn
  readDocument: typeof readDocument
  /** The absolute path of a URI; undefined where it has none on this machine (untitled, another scheme). */
  pathOf(uri: string): string | undefined
  /** The file URI of an absolute path. */
  uriOf(path: string): string
}

/** How long a document must rest before findings are pushed, in ms; a client that pulls sets its own pace. */
const rest = 200

/** So many texts of examples are known before they are forgotten. */
const mostTried = 10_000

/** The reader for a document's language; any other language is left to the ending of the file. */
const formats: Record<string, 'markdown' | 'text'> = {
  markdown: 'markdown',
  plaintext: 'text',
  'silolint-process': 'text',
}

/** Where configuration and rules may lie; what a configuration extends from elsewhere is watched file by file. */
const configurationFiles = [
  '**/silolint.config.*',
  '**/.silolintrc*',
  '**/package.json',
  '**/.silolintignore',
  '**/.silolint/**',
]

/** A document as it was linted last; it is at that version as long as no change came in since. */
interface Checked {
  document: TextDocument
  version: number
  generation: number
  findings: readonly VFileMessage[]
  diagnostics: Diagnostic[]
  rules: Linter['rules']
  /** Where the document is a rule file: what it says as it stands. */
  draft?: Draft
}

/** Editor settings of one document. */
interface Settings {
  enable: boolean
  rules: Record<string, Severity | 'off'>
}

/** Serves Silolint over the connection until it closes. A fault in one document or configuration never ends it. */
export function serve(connection: Connection, machine: Machine): void {
  const documents = new TextDocuments(TextDocument)
  let client: ClientCapabilities = {}
  let folders: string[] = []
  let trusted = false
  /** Whether the client asks for diagnostics; else they are pushed. */
  let pulls = false
  /** Settings from a client that cannot be asked for them. */
  let sentSettings: unknown
  /** Rises whenever configuration, rules or settings may have changed: what an earlier one gave is out of date. */
  let generation = 0

  /** One project for each set of rules switched in the editor, by that set as JSON. */
  const projects = new Map<string, Project>()
  /** By document URI, here and below. */
  const settings = new Map<string, Promise<Settings>>()
  const checks = new Map<string, Checked>()
  const checking = new Map<string, Promise<Checked | undefined>>()
  const resting = new Map<string, Disposable>()
  const faults = new Map<string, readonly Fault[]>()
  /** What plugins did wrong. */
  const failures = new Map<string, readonly Fault[]>()
  /** Diagnostics of faults by the URI of the file at fault, as they were published. */
  let atFault = new Map<string, Diagnostic[]>()
  let logged = new Set<string>()
  /** What a linter finds in examples and their rewrites: they are tried again at every change of their page. */
  const tried = new WeakMap<Linter, Map<string, readonly VFileMessage[]>>()
  const noted = new Set<string>()
  /** Absolute paths of the configuration and rule files in use. */
  const watchedFiles = new Set<string>()
  /** And of folders in which every rule file counts. */
  const watchedFolders = new Set<string>()
  let watching: Promise<Disposable | undefined> | undefined

  const log = (error: unknown): void =>
    connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error))

  connection.onInitialize((params) => {
    client = params.capabilities
    folders = params.workspaceFolders?.map(({ uri }) => uri) ?? (params.rootUri ? [params.rootUri] : [])
    const options: unknown = params.initializationOptions
    trusted = isRecord(options) && options.trusted === true
    pulls = client.textDocument?.diagnostic !== undefined
    return {
      capabilities: {
        positionEncoding: PositionEncodingKind.UTF16,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        ...(pulls
          ? { diagnosticProvider: { identifier: source, interFileDependencies: false, workspaceDiagnostics: false } }
          : {}),
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
        hoverProvider: true,
        // What else a completion begins with are letters; where an editor does not ask at those, a blank comes before a value.
        completionProvider: { triggerCharacters: ['$', '+', ' '] },
        codeLensProvider: { resolveProvider: true },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
      serverInfo: { name: 'Silolint' },
    }
  })

  connection.onInitialized(() => {
    if (client.workspace?.didChangeConfiguration?.dynamicRegistration)
      connection.client.register(DidChangeConfigurationNotification.type, { section: source }).catch(log)
    if (client.workspace?.workspaceFolders)
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map(({ uri }) => uri))
        folders = [...folders.filter((uri) => !gone.has(uri)), ...added.map(({ uri }) => uri)]
        startOver()
      })
    watch([])
  })

  connection.onDidChangeConfiguration(({ settings }) => {
    sentSettings = isRecord(settings) ? settings[source] : undefined
    startOver()
  })
  connection.onDidChangeWatchedFiles(startOver)

  // Comes with opening as well; nobody is typing then.
  documents.onDidChangeContent(({ document: { uri } }) => pushSoon(uri, checks.has(uri) ? rest : 0))
  documents.onDidClose(({ document: { uri } }) => {
    resting.get(uri)?.dispose()
    for (const kept of [settings, checks, resting, faults, failures]) kept.delete(uri)
    if (!pulls) publish(uri)
    reportFaults()
  })

  connection.languages.diagnostics.on(async ({ textDocument }, token) => {
    const checked = await check(textDocument.uri)
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled')
    return { kind: DocumentDiagnosticReportKind.Full, items: checked?.diagnostics ?? [] }
  })

  connection.onCodeAction(async (params) => {
    // Asked on every save and move of the cursor: what is not for us must cost nothing.
    if (!wantsQuickFixes(params.context)) return []
    const checked = await check(params.textDocument.uri)
    return checked ? quickFixes(checked.findings, checked.document, params, client) : []
  })

  connection.onHover(async ({ textDocument, position }) => {
    const checked = await check(textDocument.uri)
    if (!checked) return null
    const file = await ruleFileAt(textDocument.uri)
    if (file) return hoverRuleFile(checked.document, position, file, client)
    return hoverAt(position, checked.findings, checked.document, checked.rules, client)
  })

  connection.onCompletion(async ({ textDocument: { uri }, position, context }) => {
    // Of the document as it is now: while somebody writes, waiting for a check would come too late.
    const document = documents.get(uri)
    const resolved = document && (await resolve(document))
    if (!document || !resolved) return []
    const file = await ruleFileAt(uri)
    return file
      ? completeRuleFile(document, position, file, context?.triggerCharacter)
      : completeComment(document, position, resolved.linter.rules)
  })

  connection.onCodeLens(async ({ textDocument: { uri } }) => {
    const checked = await check(uri)
    const file = await ruleFileAt(uri)
    // what a plugin finds cannot be counted where it is not run
    if (!file || !checked?.draft?.rule || (checked.draft.rule.plugin && !trusted)) return []
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }
    const replaces = file.layers.slice(0, file.layer).some(({ rules }) => rules.some(({ id }) => id === file.id))
    return [
      { range, data: { uri } },
      ...(replaces ? [{ range, command: { title: 'in place of another rule of this name', command: '' } }] : []),
    ]
  })
  connection.onCodeLensResolve(async (lens, token) => {
    const data: unknown = lens.data
    const uri = isRecord(data) ? String(data.uri) : ''
    const checked = await check(uri)
    const found = checked?.draft?.rule ? await findInWorkspace(uri, checked.draft, token) : []
    const title = `${found.length || 'no'} ${found.length === 1 ? 'finding' : 'findings'} in this workspace`
    // What opens them is the editor's part: it gets the place of the lens and the places to show.
    const command = found.length
      ? { title, command: 'silolint.showFindings', arguments: [uri, lens.range.start, found] }
      : { title, command: '' }
    return { ...lens, command }
  })

  documents.listen(connection)
  connection.listen()

  /** The findings of a document as it is now; undefined once it is closed. Whoever asks meanwhile waits for the same. */
  function check(uri: string): Promise<Checked | undefined> {
    const document = documents.get(uri)
    const last = checks.get(uri)
    if (document && last?.version === document.version && last.generation === generation) return Promise.resolve(last)
    const running = checking.get(uri) ?? lintNewest(uri).finally(() => checking.delete(uri))
    checking.set(uri, running)
    return running
  }

  /** Lints once all changes that have arrived are in: of many quick ones only the last version is worth it. */
  async function lintNewest(uri: string): Promise<Checked | undefined> {
    for (let document = documents.get(uri); document; document = documents.get(uri)) {
      const { version } = document
      const begun = generation
      const resolved = await resolve(document)
      const file = resolved && (await ruleFileAt(uri))
      // A message is handled each turn of the event loop, after ours: two turns let one more change in.
      await turn()
      await turn()
      if (documents.get(uri) !== document || document.version !== version || generation !== begun) continue
      // A rule file holds the very phrases it looks for: it is no document.
      const findings = resolved && !file ? await lint(document, resolved) : []
      const written = file && (await checkRuleFile(document, file, resolved))
      // plugins and examples take their time, and what they read may have changed meanwhile
      if (documents.get(uri) !== document || document.version !== version || generation !== begun) continue
      const checked: Checked = {
        document,
        version,
        generation,
        findings,
        diagnostics: written?.diagnostics ?? findings.map((finding) => findingToDiagnostic(finding, document)),
        rules: resolved?.linter.rules ?? [],
        ...(written && { draft: written.draft }),
      }
      checks.set(uri, checked)
      // What is wrong with the file as it was saved is told no more.
      if (written) reportFaults()
      return checked
    }
    return undefined
  }

  /** What a document is among the rules in force where it lies; undefined where it is no rule file. */
  async function ruleFileAt(uri: string): Promise<RuleFileAt | undefined> {
    const path = machine.pathOf(uri)
    if (path === undefined) return undefined
    try {
      const { rules } = await settingsOf(uri)
      const file = await projectFor(rules).ruleFile(path)
      if (file) watch(file.files)
      return file
    } catch (error) {
      log(error)
      return undefined
    }
  }

  /** Reads a rule file as it stands and tries its examples; given up as soon as it has changed. */
  async function checkRuleFile(
    document: TextDocument,
    file: RuleFileAt,
    { linter }: Resolved,
  ): Promise<{ draft: Draft; diagnostics: Diagnostic[] } | undefined> {
    const { version, uri } = document
    const path = machine.pathOf(uri)
    if (path === undefined) return undefined
    try {
      const { id, plugin } = file
      const draft = openDraft(file.kind, { path, id, text: document.getText(), ...(plugin && { plugin }) }, file)
      let known = tried.get(linter)
      if (!known || known.size > mostTried) known = new Map()
      tried.set(linter, known)
      const others = (text: string): readonly VFileMessage[] => {
        const messages = known.get(text) ?? linter.lint(text, { format: 'markdown' }).messages
        known.set(text, messages)
        return messages
      }
      const diagnostics = draft.faults.map(faultToDiagnostic)
      const { rules } = await settingsOf(uri)
      const test = testDraft(draft, others, projectFor(rules).plug)
      for (let step = await test.next(); ; step = await test.next()) {
        if (step.done) {
          // A rule that is in force although its page does not bear it out is no error.
          const toWarning = (failure: VFileMessage): Diagnostic => ({
            ...findingToDiagnostic(failure, document),
            severity: DiagnosticSeverity.Warning,
          })
          return { draft, diagnostics: [...diagnostics, ...step.value.map(toWarning)] }
        }
        await turn()
        if (documents.get(uri)?.version !== version) return undefined
      }
    } catch (error) {
      log(error)
      return undefined
    }
  }

  /** Where a rule as it is being written finds something, in the documents of the folders that are open. */
  async function findInWorkspace(uri: string, draft: Draft, token: CancellationToken): Promise<Location[]> {
    const locations: Location[] = []
    const open = new Map(documents.all().map((document) => [machine.pathOf(document.uri), document]))
    const { rules } = await settingsOf(uri)
    const project = projectFor(rules)
    const file = await ruleFileAt(uri)
    /** Whether the rule is in force for documents here; one that was never saved would be, wherever others beside it are. */
    const isInForce = ({ files, linter }: Resolved): boolean =>
      (!linter.rules.some(({ id }) => id === draft.id) || linter.levels.has(draft.id)) &&
      (file === undefined || file.isPack || !file.files.includes(draft.path) || files.includes(draft.path))
    for (const folder of folders) {
      const root = machine.pathOf(folder)
      if (root === undefined) continue
      for (const name of await machine.documentsIn(root, undefined, true)) {
        if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled')
        await turn()
        const place = `${folder.replace(/\/$/, '')}/${name.split('/').map(encodeURIComponent).join('/')}`
        const path = machine.pathOf(place)
        if (path === undefined) continue
        const resolved = await project.resolve(path)
        const known = open.get(path)
        if (!isInForce(resolved) || resolved.ignores(path)) continue
        if (await project.ruleFile(path)) continue
        const read = known ? { source: known.getText() } : await machine.readDocument(path)
        if (!('source' in read)) continue
        const document = known ?? TextDocument.create(machine.uriOf(path), '', 0, read.source.replace(/^\uFEFF/, ''))
        const format = known && formats[known.languageId]
        const { linter, rule } = draft
        const text = document.getText()
        const plugged = rule?.plugin && (await project.plug([rule.plugin], linter.prose(text, { path, format }), name))
        const { messages } = linter.lint(text, { path, format, remarks: plugged?.remarks })
        for (const message of resolved.part(path, messages).fresh)
          if (message.ruleId === draft.id) locations.push({ uri: document.uri, range: rangeOf(message, document) })
      }
    }
    return locations
  }

  async function lint(document: TextDocument, resolved: Resolved): Promise<readonly VFileMessage[]> {
    const { linter, ignores, part } = resolved
    const { uri, languageId } = document
    const text = document.getText()
    const format = formats[languageId]
    const path = machine.pathOf(uri)
    const begun = generation
    try {
      if (path !== undefined && ignores(path)) return []
      const { remarks, faults: failed } = await resolved.plug(text, { path, format })
      if (generation === begun) noteFailures(uri, failed)
      const { messages } = linter.lint(text, { path, format, remarks })
      return path === undefined ? messages : part(path, messages).fresh
    } catch (error) {
      // A bug of ours, not the writer's: it costs this document its findings and nothing else.
      log(error)
      return []
    }
  }

  /** The configuration in force for a document; undefined where the editor switches Silolint off. */
  async function resolve({ uri }: TextDocument): Promise<Resolved | undefined> {
    const begun = generation
    try {
      const { enable, rules } = await settingsOf(uri)
      const resolved = enable ? await projectFor(rules).resolve(pathFor(uri)) : undefined
      // What was read before a change must not overwrite what was read after it.
      if (generation === begun) noteFaults(uri, resolved?.faults ?? [])
      for (const { path, text } of resolved?.notes ?? []) note(`${path}: ${text}`)
      watch(resolved?.files ?? [], resolved?.ruleFolders)
      return resolved
    } catch (error) {
      log(error)
      return undefined
    }
  }

  function projectFor(rules: Settings['rules']): Project {
    const key = JSON.stringify(rules)
    const project = projects.get(key) ?? machine.openProject({ trusted, overrides: { rules } })
    projects.set(key, project)
    return project
  }

  /** Writes to the log what has not been written before. */
  function note(text: string): void {
    if (!noted.has(text)) connection.console.info(text)
    noted.add(text)
  }

  /** A document without a path is configured as if it lay in the first folder; without a folder, as if in none. */
  function pathFor(uri: string): string {
    const [folder] = folders
    return machine.pathOf(uri) ?? (folder && machine.pathOf(`${folder.replace(/\/$/, '')}/Untitled`)) ?? '/Untitled'
  }

  function settingsOf(uri: string): Promise<Settings> {
    let known = settings.get(uri)
    if (!known) {
      const value: Promise<unknown> = client.workspace?.configuration
        ? connection.workspace.getConfiguration({ scopeUri: uri, section: source })
        : Promise.resolve(sentSettings)
      known = value.catch(log).then(readSettings)
      settings.set(uri, known)
    }
    return known
  }

  function readSettings(value: unknown): Settings {
    const { enable, rules } = isRecord(value) ? value : {}
    const read: Settings = { enable: enable !== false, rules: {} }
    for (const [id, severity] of isRecord(rules) ? Object.entries(rules) : []) {
      if (isSeverity(severity)) read.rules[id] = severity
      else {
        const problem = `the setting silolint.rules gives ${id} a severity that does not exist`
        const cure = 'Write off, info, warning or error.'
        connection.console.warn(faultToString({ path: '', problem, value: JSON.stringify(severity), cure }))
      }
    }
    return read
  }

  /** Reads configuration, rules and settings anew and brings every open document up to date. */
  function startOver(): void {
    generation++
    settings.clear()
    for (const project of projects.values()) project.close().catch(log)
    projects.clear()
    if (pulls) {
      if (client.workspace?.diagnostics?.refreshSupport) connection.languages.diagnostics.refresh().catch(log)
      // Clients pull for what is on screen; a fault that was mended must vanish whether its document is or not.
      for (const document of documents.all()) resolve(document).catch(log)
    } else for (const uri of documents.keys()) pushSoon(uri, 0)
  }

  function pushSoon(uri: string, delay: number): void {
    if (pulls) return
    resting.get(uri)?.dispose()
    const push = async (): Promise<void> => {
      resting.delete(uri)
      if (await check(uri)) publish(uri)
    }
    resting.set(
      uri,
      RAL().timer.setTimeout(() => push().catch(log), delay),
    )
  }

  /** Publishes what is known of a file: faults always, findings where the client does not pull them. */
  function publish(uri: string): void {
    const document = pulls ? undefined : documents.get(uri)
    const checked = document && checks.get(uri)
    // Findings of an earlier version would stand in the wrong places; those of this one are on their way.
    if (document && (checked?.version !== document.version || checked.generation !== generation)) return
    const diagnostics = [...(atFault.get(uri) ?? []), ...(checked?.diagnostics ?? [])]
    connection.sendDiagnostics({ uri, version: document?.version, diagnostics }).catch(log)
  }

  function noteFaults(uri: string, found: readonly Fault[]): void {
    if (faults.get(uri) === found || !documents.get(uri)) return
    faults.set(uri, found)
    reportFaults()
  }

  function noteFailures(uri: string, found: readonly Fault[]): void {
    if (JSON.stringify(failures.get(uri) ?? []) === JSON.stringify(found) || !documents.get(uri)) return
    failures.set(uri, found)
    reportFaults()
  }

  /** Shows each fault on the file that has it, takes away what was mended, and writes what is new to the log. */
  function reportFaults(): void {
    const all = new Map([...faults.values(), ...failures.values()].flat().map((fault) => [faultToString(fault), fault]))
    for (const line of all.keys()) if (!logged.has(line)) connection.console.warn(line)
    logged = new Set(all.keys())
    const found = new Map<string, Diagnostic[]>()
    for (const fault of all.values()) {
      if (fault.path === '') continue
      const uri = documents.keys().find((uri) => machine.pathOf(uri) === fault.path) ?? machine.uriOf(fault.path)
      // A rule file that is open is checked as it stands.
      if (checks.get(uri)?.draft) continue
      found.set(uri, [...(found.get(uri) ?? []), faultToDiagnostic(fault)])
    }
    const last = atFault
    atFault = found
    for (const uri of new Set([...last.keys(), ...found.keys()]))
      if (JSON.stringify(last.get(uri)) !== JSON.stringify(found.get(uri))) publish(uri)
  }

  /** Has the client watch for configuration, and for these files and folders of it, which may lie where no pattern reaches. */
  function watch(files: readonly string[], folders: readonly string[] = []): void {
    const { dynamicRegistration, relativePatternSupport } = client.workspace?.didChangeWatchedFiles ?? {}
    const news = relativePatternSupport ? files.filter((file) => !watchedFiles.has(file)) : []
    const newFolders = relativePatternSupport ? folders.filter((folder) => !watchedFolders.has(folder)) : []
    if (!dynamicRegistration || (watching && news.length + newFolders.length === 0)) return
    for (const file of news) watchedFiles.add(file)
    for (const folder of newFolders) watchedFolders.add(folder)
    const names = new Map<string, string[]>()
    for (const file of watchedFiles) {
      const uri = machine.uriOf(file)
      const slash = uri.lastIndexOf('/')
      // What means something in a pattern stands for any one character instead.
      const name = decodeURIComponent(uri.slice(slash + 1)).replace(/[[\]{}*?,!]/g, '?')
      names.set(uri.slice(0, slash), [...(names.get(uri.slice(0, slash)) ?? []), name])
    }
    const watchers: FileSystemWatcher[] = [
      ...configurationFiles.map((globPattern) => ({ globPattern })),
      ...[...watchedFolders].map((folder) => ({ globPattern: { baseUri: machine.uriOf(folder), pattern: '**/*.md' } })),
      ...[...names].map(([baseUri, [name, ...more]]) => ({
        globPattern: { baseUri, pattern: more.length ? `{${[name, ...more].join(',')}}` : `${name}` },
      })),
    ]
    const last = watching
    // The new registration stands before the old one goes, so that no change falls between them.
    watching = connection.client
      .register(DidChangeWatchedFilesNotification.type, { watchers })
      .then(async (registration) => {
        ;(await last)?.dispose()
        return registration
      })
      .catch((error) => {
        log(error)
        return last
      })
  }

  function turn(): Promise<void> {
    return new Promise((resolve) => RAL().timer.setImmediate(resolve))
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSeverity(value: unknown): value is Severity | 'off' {
  return value === 'off' || value === 'info' || value === 'warning' || value === 'error'
}
