import type { VFileMessage } from 'vfile-message'
import {
  type CancellationToken,
  CancellationTokenSource,
  type ClientCapabilities,
  CodeActionKind,
  CodeLensRefreshRequest,
  type Connection,
  type Diagnostic,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type Disposable,
  DocumentDiagnosticReportKind,
  ErrorCodes,
  type FileSystemWatcher,
  type Location,
  LSPErrorCodes,
  type MessageConnection,
  NotificationType,
  NotificationType0,
  PositionEncodingKind,
  RAL,
  ResponseError,
  type TextDocumentContentChangeEvent,
  TextDocumentSyncKind,
  TextDocuments,
  WorkDoneProgressReporter,
} from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { Change } from '../engine/block.ts'
import type { openProject, Project, Resolved, RuleFileAt } from '../engine/disk.ts'
import { type Draft, openDraft } from '../engine/draft.ts'
import type { codeOwnersAbove, documentsIn, isFolder, readDocument, stampOf } from '../engine/files.ts'
import {
  documentEndings,
  type Fault,
  type Format,
  faultToString,
  formatOf,
  type Linter,
  type Session,
  type Severity,
} from '../engine/index.ts'
import { joinedChange } from '../engine/linter.ts'
import { type Overview, type SectionOverview, sectionsOf } from '../engine/measure.ts'
import { completeComment } from './comment.ts'
import { completeConfiguration, configurationSyntax, hoverConfiguration } from './configurationwriting.ts'
import { faultToDiagnostic, findingToDiagnostic, isSameDiagnostic, source } from './diagnostic.ts'
import { fixAllKind, serveFixing } from './fixing.ts'
import { hoverAt } from './hover.ts'
import { fillLens, type HeadingData, headingLenses, type Sections } from './lens.ts'
import { countIn, overviewRequest, overviewsChanged, reportOf } from './overview.ts'
import { processDocumentCapabilities, serveProcessDocuments } from './processdocument.ts'
import type { ProjectFiles } from './projectfiles.ts'
import { findRequest, testRequest, type Written } from './ruletests.ts'
import { completeRuleFile, hoverRuleFile } from './rulewriting.ts'
import { changedNotification } from './thread.ts'
import { TypedDocument } from './typeddocument.ts'
import { hiddenNotification, lintAllCommand, openWorkspace, ownersRequest, type Summary } from './workspace.ts'
import { ownersRequest as ownersInThread } from './workspacethread.ts'

/** What the server asks of the machine it runs on. */
export interface Machine {
  openProject: typeof openProject
  documentsIn: typeof documentsIn
  readDocument: typeof readDocument
  stampOf: typeof stampOf
  isFolder: typeof isFolder
  codeOwnersAbove(folder: string): Promise<ReturnType<typeof codeOwnersAbove>>
  /** Hears which folders (URIs) are open, and whether the editor can be asked for what is in them; where there is no disk. */
  opened?(folders: readonly string[], canAsk: boolean): void
  /** Hears of files and folders (URIs) that have changed; where there is no disk. */
  changed?(uris: readonly string[]): void
  /** The absolute path of a URI; undefined where it has none on this machine (untitled, another scheme). */
  pathOf(uri: string): string | undefined
  /** The file URI of an absolute path. */
  uriOf(path: string): string
  /** What can be written into the files of a project; missing where no disk can be read. */
  files?: ProjectFiles
  /** Starts a thread in which `serveThread` answers; the connection is disposed of when it ends, for whatever reason. */
  startThread(): { connection: MessageConnection; end(): void }
}

/** How long a document must rest before findings are pushed, in ms; a client that pulls sets its own pace. */
const rest = 200

/** How long an editor waits for the tests of a rule file before it gets what is known without them, in ms. */
const patience = 400

/** Tells the client, once, that code in the workspace is not run, because the workspace is not trusted. */
const unrunNotification = new NotificationType0('silolint/unrun')

/**
 * Tells the client which document is looked through for the first time, and without one that it is done: if the server ends
 * meanwhile, that document was too much for it.
 */
const readsNotification = new NotificationType<{ uri?: string }>('silolint/reads')

/** The reader for a document's language; any other language is left to the ending of the file. */
const formats: Record<string, Format> = {
  markdown: 'markdown',
  plaintext: 'text',
  'silolint-process': 'text',
}

/** How a document is read. What an editor calls plain text for want of a better name, such as MDX, goes by its ending. */
function formatFor({ languageId, uri }: Pick<TextDocument, 'languageId' | 'uri'>): Format | undefined {
  const isNamed = documentEndings.some((ending) => uri.toLowerCase().endsWith(ending))
  return languageId === 'plaintext' && isNamed ? formatOf(uri) : formats[languageId]
}

/** Where configuration and rules may lie; what a configuration extends from elsewhere is watched file by file. */
const configurationFiles = [
  '**/silolint.config.*',
  '**/.silolintrc*',
  '**/package.json',
  '**/.silolintignore',
  '**/.silolint/**',
]
/** What of the files that are watched may be one of those. */
const isConfiguration =
  /\/(?:silolint\.config\.[^/]*|\.silolintrc[^/]*|package\.json|\.silolintignore)$|\/\.silolint(?:\/|$)/

/** A document as it was linted last; it is at that version as long as no change came in since. */
interface Checked {
  document: TextDocument
  version: number
  generation: number
  findings: readonly VFileMessage[]
  /** How many there are with those of the baseline. */
  count: number
  diagnostics: readonly Diagnostic[]
  /** The same for two versions of which all diagnostics are the same, in the same places. */
  resultId: string
  rules: Linter['rules']
  /** What is counted in it, once somebody has asked. */
  overview?: Overview | undefined
  /** And in its sections. */
  sections?: SectionOverview[]
  /** Where the document is a rule file: what it says as it stands, and how its tests go. */
  draft?: Draft
  test?: RuleTest
}

/** The test of a rule file by its page, which takes longer than a writer's pause. */
interface RuleTest {
  /** Resolves when `failures` holds all, or when the file has changed. */
  done: Promise<void>
  isDone: boolean
  /** What does not hold, with the text that it is said of; from the test before until there is a new one. */
  failures: Array<{ diagnostic: Diagnostic; marked: string }>
  cancel(): void
}

/** Editor settings of one document. */
export interface Settings {
  enable: boolean
  /** Whether a lens over each heading says what its section is for and who is in it. */
  headings: boolean
  rules: Record<string, Severity | 'off'>
}

/** Serves Silolint over the connection until it closes. A fault in one document or configuration never ends it. */
export function serve(connection: Connection, machine: Machine): void {
  const documents = new TextDocuments({ create: (...how) => new TypedDocument(...how), update })
  let client: ClientCapabilities = {}
  let folders: string[] = []
  let trusted = false
  /** Whether the editor says what is in folders, to a server that has no disk. */
  let canAsk = false
  /** Whether the client is Silolint's own extension, which has commands of its own and hears more than the protocol has. */
  let isExtension = false
  /** The languages in which the editor offers what the schema of configuration files says. */
  let schemas: unknown[] = []
  /** Whether the client asks for diagnostics; else they are pushed. */
  let pulls = false
  /** Settings from a client that cannot be asked for them. */
  let sentSettings: unknown
  /** Rises whenever configuration, rules or settings may have changed: what an earlier one gave is out of date. */
  let generation = 0

  /** One project for each set of rules switched in the editor, by that set as JSON. */
  const projects = new Map<string, Project>()
  /** The configurations as they could last be read. */
  const sound: NonNullable<Parameters<typeof openProject>[0]['sound']> = new Map()
  /** By document URI, here and below. */
  const settings = new Map<string, Promise<Settings>>()
  const sessions = new Map<string, { session: Session; linter: Linter; languageId: string }>()
  /** Those that have been counted in before. */
  const counted = new WeakSet<Session>()
  const checks = new Map<string, Checked>()
  /** What has been changed since, as one change: an editor squeezes the underlines of what it touches. */
  const edited = new Map<string, Change>()
  const checking = new Map<string, Promise<Checked | undefined>>()
  const resting = new Map<string, Disposable>()
  const faults = new Map<string, readonly Fault[]>()
  /** What plugins did wrong. */
  const failures = new Map<string, readonly Fault[]>()
  /** Diagnostics of faults by the URI of the file at fault, as they were published. */
  let atFault = new Map<string, Diagnostic[]>()
  let logged = new Set<string>()
  /** Settled once nobody looks through a document for the first time. */
  let lookedThrough = Promise.resolve()
  /** Where rule files are tested and all documents linted, while there is anything to do. */
  let thread: ReturnType<Machine['startThread']> | undefined
  /** The URIs of open documents by their path. */
  const opened = new Map<string, string>()
  /** Open documents of which the editor has been told what is found in them as they stand. */
  const live = new Set<string>()
  const noted = new Set<string>()
  let isUnrunTold = false
  /** Absolute paths of the configuration and rule files in use. */
  const watchedFiles = new Set<string>()
  /** And of folders in which every rule file counts. */
  const watchedFolders = new Set<string>()
  let watching: Promise<Disposable | undefined> | undefined

  const log = (error: unknown): void =>
    connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error))

  const workspace = openWorkspace({
    ...{ connection, machine, publish, reportFaults, leaveThread, log },
    client: () => client,
    trusted: () => trusted,
    openThread: () => openThread().connection,
    async folders() {
      const all = await Promise.all(folders.map(async (uri) => ({ uri, ...(await settingsOf(uri)) })))
      return all.flatMap(({ uri, enable, rules }) => (enable ? [{ uri, rules }] : []))
    },
    met({ notes, files, ruleFolders }) {
      noteAll(notes)
      watch(files, ruleFolders)
    },
  })

  connection.onInitialize((params) => {
    client = params.capabilities
    folders = params.workspaceFolders?.map(({ uri }) => uri) ?? (params.rootUri ? [params.rootUri] : [])
    const options: unknown = params.initializationOptions
    trusted = isRecord(options) && options.trusted === true
    canAsk = isRecord(options) && options.files === true
    machine.opened?.(folders, canAsk)
    isExtension = isRecord(options) && options.extension === true
    schemas = isRecord(options) && Array.isArray(options.schemas) ? options.schemas : []
    pulls = client.textDocument?.diagnostic !== undefined
    return {
      capabilities: {
        positionEncoding: PositionEncodingKind.UTF16,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        ...(pulls
          ? { diagnosticProvider: { identifier: source, interFileDependencies: false, workspaceDiagnostics: false } }
          : {}),
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind], resolveProvider: true },
        hoverProvider: true,
        // What else a completion begins with are letters; where an editor does not ask at those, a blank comes before a value.
        completionProvider: { triggerCharacters: ['$', '+', ' '] },
        codeLensProvider: { resolveProvider: true },
        executeCommandProvider: { commands: [lintAllCommand], workDoneProgress: true },
        ...processDocumentCapabilities(client),
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
        machine.opened?.(folders, canAsk)
        startOver()
      })
    watch([])
  })

  connection.onDidChangeConfiguration(({ settings }) => {
    sentSettings = isRecord(settings) ? settings[source] : undefined
    startOver()
  })
  connection.onDidChangeWatchedFiles(({ changes }) => {
    const uris = changes.map(({ uri }) => uri)
    machine.changed?.(uris)
    workspace.changed(uris)
    // until all documents are watched nothing but configuration is
    if (!workspace.isOn || uris.some(isDecisive)) startOver()
  })

  documents.onDidOpen(({ document: { uri } }) => {
    const path = machine.pathOf(uri)
    if (path !== undefined) opened.set(path, uri)
  })
  // Comes with opening as well; nobody is typing then.
  documents.onDidChangeContent(({ document: { uri } }) => {
    checks.get(uri)?.test?.cancel()
    pushSoon(uri, checks.has(uri) ? rest : 0)
  })
  documents.onDidClose(({ document: { uri } }) => {
    checks.get(uri)?.test?.cancel()
    resting.get(uri)?.dispose()
    for (const kept of [settings, sessions, checks, edited, resting, faults, failures, live]) kept.delete(uri)
    const path = machine.pathOf(uri)
    if (path !== undefined) opened.delete(path)
    if (!pulls && !(workspace.isOn && path !== undefined)) publish(uri)
    workspace.closed(uri)
    reportFaults()
    leaveThread()
  })

  connection.onNotification(hiddenNotification, (uri) => {
    if (live.delete(uri)) workspace.closed(uri)
  })

  connection.languages.diagnostics.on(async ({ textDocument, previousResultId }, token) => {
    const checked = await checkWithTest(textDocument.uri)
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled')
    if (checked && !live.has(textDocument.uri)) {
      live.add(textDocument.uri)
      // what was found in the file gives way to what is found in the document
      if (workspace.of(textDocument.uri).length) publish(textDocument.uri)
    }
    const test = checked?.test
    if (test && !test.isDone)
      test.done.then(() => (test.isDone ? connection.languages.diagnostics.refresh() : undefined)).catch(log)
    // what has one is complete; else another report follows
    const resultId = checked && !test ? checked.resultId : `${checked?.generation}.${checked?.version}`
    // most keystrokes change nothing of what an editor shows
    if (checked && !test && resultId === previousResultId)
      return { kind: DocumentDiagnosticReportKind.Unchanged, resultId }
    return {
      kind: DocumentDiagnosticReportKind.Full,
      items: checked ? diagnosticsOf(checked) : [],
      ...(test && !test.isDone ? {} : { resultId }),
    }
  })

  serveFixing(connection, {
    documents,
    client: () => client,
    hasCommands: () => isExtension,
    check,
    async linterFor(document) {
      const resolved = await resolve(document)
      const path = machine.pathOf(document.uri)
      if (!resolved || (path !== undefined && resolved.ignores(path))) return undefined
      const reading = { path, format: formatFor(document) }
      const remarks = async () => (await resolved.plug(document.getText(), reading)).remarks
      return { linter: resolved.linter, reading, remarks, session: () => sessionOf(document, resolved.linter) }
    },
    async projectOf(uri) {
      const { rules } = await settingsOf(uri)
      return { project: projectFor(rules), rules }
    },
    placeOf,
    uriOf: machine.uriOf,
    documentAt: (path) => documents.all().find(({ uri }) => machine.pathOf(uri) === path),
    files: machine.files,
  })

  connection.onHover(async ({ textDocument, position }) => {
    if (configurationSyntax(textDocument.uri)) {
      const document = documents.get(textDocument.uri)
      const resolved = document && (await resolve(document))
      return resolved ? hoverConfiguration(document, position, resolved.linter, client) : null
    }
    const checked = await check(textDocument.uri)
    if (!checked) return null
    const file = await ruleFileAt(textDocument.uri)
    if (file) return hoverRuleFile(checked.document, position, file, client)
    const links = { commands: isExtension, hasProject: placeOf(textDocument.uri) !== undefined }
    return hoverAt(position, checked.findings, checked.document, checked.rules, client, links)
  })

  connection.onCompletion(async ({ textDocument: { uri }, position, context }) => {
    // Of the document as it is now: while somebody writes, waiting for a check would come too late.
    const document = documents.get(uri)
    const resolved = document && (await resolve(document))
    if (!document || !resolved) return []
    const syntax = configurationSyntax(uri)
    if (syntax) return completeConfiguration(document, position, resolved.linter, schemas.includes(syntax))
    const file = await ruleFileAt(uri)
    return file
      ? completeRuleFile(document, position, file, context?.triggerCharacter)
      : completeComment(document, position, resolved.linter)
  })

  connection.onCodeLens(async ({ textDocument: { uri } }) => {
    const file = await ruleFileAt(uri)
    if (!file) {
      const { headings } = await settingsOf(uri)
      const counted = headings ? await count(uri) : undefined
      const sections = counted && sectionsIn(uri, counted)
      return sections ? headingLenses(sections) : []
    }
    const checked = await check(uri)
    // what a plugin finds cannot be counted where it is not run
    if (!checked?.draft?.rule || (checked.draft.rule.plugin && !trusted)) return []
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
    if (isRecord(data) && 'section' in data) {
      const counted = await count(uri)
      const sections = counted && counted.version === data.version ? sectionsIn(uri, counted) : undefined
      if (!sections) throw new ResponseError(LSPErrorCodes.ContentModified, 'the document has changed')
      return fillLens(lens, data as unknown as HeadingData, sections)
    }
    const checked = await check(uri)
    const found = checked?.draft?.rule ? await findInWorkspace(checked.document, token) : []
    const title = `${found.length || 'no'} ${found.length === 1 ? 'finding' : 'findings'} in this workspace`
    // What opens them is the editor's part: it gets the place of the lens and the places to show.
    const command = found.length
      ? { title, command: 'silolint.showFindings', arguments: [uri, lens.range.start, found] }
      : { title, command: '' }
    return { ...lens, command }
  })

  connection.onRequest(overviewRequest, async ({ textDocument: { uri }, places = false }, token) => {
    const counted = await count(uri, token)
    return counted ? reportOf(counted.overview, counted.version, counted.count, places) : null
  })
  connection.onExecuteCommand(async ({ command }, token, progress) => {
    if (command !== lintAllCommand)
      throw new ResponseError(ErrorCodes.InvalidParams, `There is no command ${command}; there is ${lintAllCommand}.`)
    return lintAll(token, progress)
  })
  connection.onRequest(ownersRequest, (uris, token) =>
    openThread().connection.sendRequest(
      ownersInThread,
      uris.map((uri) => {
        const document = openDocument(uri)
        return { uri, ...(document && { text: document.getText() }) }
      }),
      token,
    ),
  )

  serveProcessDocuments(connection, documents, () => client)
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
      const linted = resolved && !file ? await lint(document, resolved) : nothingFound
      const written = file && checkRuleFile(document, file)
      // plugins take their time, and what they read may have changed meanwhile
      if (documents.get(uri) !== document || document.version !== version || generation !== begun || !linted) continue
      const { findings, count } = linted
      const last = checks.get(uri)
      const made = written?.diagnostics ?? findings.map((finding) => findingToDiagnostic(finding, document))
      const change = edited.get(uri)
      edited.delete(uri)
      const isApart = ({ range }: Diagnostic): boolean =>
        !change ||
        document.offsetAt(range.end) <= change.from ||
        document.offsetAt(range.start) >= change.from + change.length
      // a finding beside what is typed is made anew, and mostly says the same in the same place
      const diagnostics = made.map((one, index) => {
        const before = last?.diagnostics[index]
        return before && before !== one && isSameDiagnostic(one, before) && isApart(one) ? before : one
      })
      const isSame =
        last?.generation === generation &&
        last.diagnostics.length === diagnostics.length &&
        diagnostics.every((one, index) => one === last.diagnostics[index])
      const checked: Checked = {
        document,
        version,
        generation,
        findings,
        count,
        diagnostics,
        resultId: isSame ? last.resultId : `${generation}.${version}`,
        rules: resolved?.linter.rules ?? [],
        ...(written && { draft: written.draft }),
        ...(written && isTestable(written.draft) && { test: testRuleFile(document, checks.get(uri)) }),
      }
      checks.get(uri)?.test?.cancel()
      checks.set(uri, checked)
      // What is wrong with the file as it was saved is told no more.
      if (written) reportFaults()
      return checked
    }
    return undefined
  }

  /** What is counted in a document as it is now; undefined where it is none, is closed, or nobody wants to know any more. */
  async function count(
    uri: string,
    token?: CancellationToken,
  ): Promise<(Checked & { overview: Overview }) | undefined> {
    for (;;) {
      const checked = await check(uri)
      const kept = sessions.get(uri)
      if (!checked || !kept || token?.isCancellationRequested) return undefined
      const isStale = (): boolean =>
        token?.isCancellationRequested === true ||
        sessions.get(uri) !== kept ||
        documents.get(uri)?.version !== checked.version ||
        checked.generation !== generation
      if (isStale()) continue
      const isFirst = !counted.has(kept.session)
      counted.add(kept.session)
      let endTurn = isFirst ? await turnOf(uri) : undefined
      const pause = async (): Promise<void> => {
        endTurn?.()
        await turn()
        endTurn &&= await turnOf(uri)
      }
      try {
        if (isStale()) continue
        checked.overview ??= await countIn(kept.session.reading, kept.linter.catalogue, pause, isStale)
      } catch (error) {
        log(error)
        return undefined
      } finally {
        endTurn?.()
      }
      const { overview } = checked
      if (overview && !isStale()) return { ...checked, overview }
    }
  }

  /** The sections of a document that was counted this moment. */
  function sectionsIn(uri: string, counted: Checked): Sections | undefined {
    const checked = checks.get(uri)
    const kept = sessions.get(uri)
    if (!checked || !kept || checked.version !== counted.version) return undefined
    checked.sections ??= sectionsOf(kept.session.reading, kept.linter.catalogue)
    return { ...checked, sections: checked.sections }
  }

  /** Takes over changes of a document, which whoever lints it is told one by one. */
  function update(document: TypedDocument, changes: TextDocumentContentChangeEvent[], version: number): TypedDocument {
    const { uri } = document
    document.version = version
    for (const one of changes) {
      const change = document.change(one)
      const last = edited.get(uri)
      edited.set(uri, last ? joinedChange(last, change) : change)
      try {
        sessions.get(uri)?.session.edit(document.text, change)
      } catch (error) {
        log(error)
        sessions.delete(uri)
      }
    }
    return document
  }

  /** The document as the linter in force keeps it. */
  function sessionOf(document: TextDocument, linter: Linter): Session {
    const { uri, languageId } = document
    const known = sessions.get(uri)
    if (known?.linter === linter && known.languageId === languageId) return known.session
    const session = linter.open(document.getText(), { path: machine.pathOf(uri), format: formatFor(document) })
    sessions.set(uri, { session, linter, languageId })
    return session
  }

  /**
   * Resolves when a document's turn has come to be looked through for the first time, and the client knows of it, with what
   * ends the turn. Nobody else has one meanwhile: of two documents the wrong one would be blamed.
   */
  async function turnOf(uri: string): Promise<() => void> {
    if (!isExtension) return () => undefined
    const before = lookedThrough
    let end = (): void => undefined
    lookedThrough = new Promise((resolve) => {
      end = resolve
    })
    await before
    await connection.sendNotification(readsNotification, { uri }).catch(log)
    return () => {
      connection.sendNotification(readsNotification, {}).catch(log)
      end()
    }
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

  /** Reads a rule file as it stands; what its page shows is tested meanwhile. */
  function checkRuleFile(
    document: TextDocument,
    file: RuleFileAt,
  ): { draft: Draft; diagnostics: Diagnostic[] } | undefined {
    const path = machine.pathOf(document.uri)
    if (path === undefined) return undefined
    try {
      const { id, plugin } = file
      const draft = openDraft(file.kind, { path, id, text: document.getText(), ...(plugin && { plugin }) }, file)
      return { draft, diagnostics: draft.faults.map(faultToDiagnostic) }
    } catch (error) {
      log(error)
      return undefined
    }
  }

  /** Has a rule file tested as it stands, once its writer pauses; given up as soon as it changes. */
  function testRuleFile(document: TextDocument, last: Checked | undefined): RuleTest {
    const cancellation = new CancellationTokenSource()
    const { token } = cancellation
    const failures = (last?.test?.failures ?? []).filter(
      ({ diagnostic, marked }) => document.getText(diagnostic.range) === marked,
    )
    const run = async (): Promise<void> => {
      try {
        if (last) await Promise.race([wait(rest), new Promise((resolve) => token.onCancellationRequested(resolve))])
        if (token.isCancellationRequested) return
        const { connection } = openThread()
        const found = await connection.sendRequest(testRequest, await writtenIn(document), token)
        if (token.isCancellationRequested) return
        test.failures = found.map((diagnostic) => ({ diagnostic, marked: document.getText(diagnostic.range) }))
      } catch (error) {
        if (token.isCancellationRequested) return
        log(error)
        test.failures = []
      }
      test.isDone = true
    }
    const test: RuleTest = { failures, isDone: false, done: Promise.resolve(), cancel: () => cancellation.cancel() }
    test.done = run()
    return test
  }

  function openThread(): ReturnType<Machine['startThread']> {
    if (thread) return thread
    const started = machine.startThread()
    started.connection.onDispose(() => {
      if (thread === started) thread = undefined
    })
    thread = started
    return started
  }

  /** Ends the thread where nobody needs it: it has rules of its own in memory, as many as this one. */
  function leaveThread(): void {
    if (workspace.isAtWork || [...checks.values()].some(({ draft }) => draft)) return
    thread?.end()
    thread = undefined
  }

  /** Lints all documents of the workspace, with progress where the editor did not ask for any by itself. */
  async function lintAll(token: CancellationToken, given: WorkDoneProgressReporter): Promise<Summary> {
    const isAsked = !WorkDoneProgressReporter.isNullInstance(given)
    const own =
      !isAsked && client.window?.workDoneProgress ? await connection.window.createWorkDoneProgress() : undefined
    const progress = own ?? given
    const stop = new CancellationTokenSource()
    for (const one of [token, own?.token]) one?.onCancellationRequested(() => stop.cancel())
    if (token.isCancellationRequested) stop.cancel()
    progress.begin('Silolint: linting all process documents', 0, undefined, true)
    try {
      return await workspace.lintAll(stop.token, progress)
    } finally {
      progress.done()
    }
  }

  async function writtenIn(document: TextDocument): Promise<Written> {
    const { rules } = await settingsOf(document.uri)
    return { uri: document.uri, text: document.getText(), trusted, rules }
  }

  /** The same as `check`; of a rule file with what its tests tell, if that does not take too long. */
  async function checkWithTest(uri: string): Promise<Checked | undefined> {
    for (;;) {
      const checked = await check(uri)
      if (!checked?.test || checked.test.isDone) return checked
      const canFollow = client.workspace?.diagnostics?.refreshSupport
      await Promise.race([checked.test.done, ...(canFollow ? [wait(patience)] : [])])
      if (checks.get(uri) === checked && checked.version === documents.get(uri)?.version) return checked
    }
  }

  const diagnosticsOf = ({ diagnostics, test }: Checked): Diagnostic[] => [
    ...diagnostics,
    ...(test?.failures.map(({ diagnostic }) => diagnostic) ?? []),
  ]

  /** Where a rule as it is being written finds something, in the documents of the folders that are open. */
  async function findInWorkspace(document: TextDocument, token: CancellationToken): Promise<Location[]> {
    const open = documents
      .all()
      .filter(({ uri }) => !checks.get(uri)?.draft)
      .map((one) => ({ uri: one.uri, text: one.getText(), format: formatFor(one) }))
    const written = { ...(await writtenIn(document)), folders, open }
    const { connection } = openThread()
    return connection.sendRequest(findRequest, written, token).catch((error: unknown) => {
      // the thread has ended, since the rule file was closed meanwhile
      if (!documents.get(document.uri)) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled')
      throw error
    })
  }

  /** The findings of a document; undefined where it has changed meanwhile. */
  async function lint(
    document: TypedDocument,
    resolved: Resolved,
  ): Promise<Pick<Checked, 'findings' | 'count'> | undefined> {
    const { linter, ignores, part } = resolved
    const { uri, version } = document
    const format = formatFor(document)
    const path = machine.pathOf(uri)
    const begun = generation
    const isFirst = !sessions.has(uri) && !(path !== undefined && ignores(path))
    let endTurn: (() => void) | undefined
    try {
      if (path !== undefined && ignores(path)) return nothingFound
      const { remarks, faults: failed } = await resolved.plug(document.text, { path, format })
      if (generation === begun) noteFailures(uri, failed)
      if (isFirst) endTurn = await turnOf(uri)
      if (documents.get(uri) !== document || document.version !== version || generation !== begun) return undefined
      const messages = sessionOf(document, linter).findings({ remarks })
      const findings = path === undefined ? messages : part(path, messages).fresh
      return { findings, count: messages.length }
    } catch (error) {
      // A bug of ours, not the writer's: it costs this document its findings and nothing else.
      log(error)
      sessions.delete(uri)
      return nothingFound
    } finally {
      endTurn?.()
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
      noteAll(resolved?.notes ?? [])
      watch(resolved?.files ?? [], resolved?.ruleFolders)
      return resolved
    } catch (error) {
      log(error)
      return undefined
    }
  }

  function projectFor(rules: Settings['rules']): Project {
    const key = JSON.stringify(rules)
    const project = projects.get(key) ?? machine.openProject({ trusted, overrides: { rules }, sound })
    projects.set(key, project)
    return project
  }

  function noteAll(notes: Resolved['notes']): void {
    for (const { path, text, isUnrun } of notes) {
      if (isUnrun && !isUnrunTold) connection.sendNotification(unrunNotification).catch(log)
      isUnrunTold ||= isUnrun === true
      note(`${path}: ${text}`)
    }
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

  /** Where a document lies whose project can be written to: its path, and the folder that is open around it. */
  function placeOf(uri: string): { path: string; folder: string | undefined } | undefined {
    const path = machine.files && machine.pathOf(uri)
    if (path === undefined) return undefined
    const isWithin = (folder: string): boolean => {
      const bare = folder.replace(/[\\/]$/, '')
      return path.startsWith(bare) && /[\\/]/.test(path[bare.length] ?? '')
    }
    const around = folders.flatMap((folder) => machine.pathOf(folder) ?? []).filter(isWithin)
    around.sort((a, b) => b.length - a.length)
    return { path, folder: around[0] }
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
    const { enable, headings, rules } = isRecord(value) ? value : {}
    const read: Settings = { enable: enable !== false, headings: headings === true, rules: {} }
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
    sessions.clear()
    for (const project of projects.values()) project.close().catch(log)
    projects.clear()
    if (isExtension) connection.sendNotification(overviewsChanged).catch(log)
    if (client.workspace?.codeLens?.refreshSupport) connection.sendRequest(CodeLensRefreshRequest.type).catch(log)
    thread?.connection.sendNotification(changedNotification).catch(log)
    workspace.startOver()
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
      const checked = await checkWithTest(uri)
      if (!checked) return
      publish(uri)
      if (!checked.test || checked.test.isDone) return
      await checked.test.done
      if (checked.test.isDone) publish(uri)
    }
    resting.set(
      uri,
      RAL().timer.setTimeout(() => push().catch(log), delay),
    )
  }

  /** The open document of a URI, however the editor writes it. */
  function openDocument(uri: string): TextDocument | undefined {
    return documents.get(uri) ?? documents.get(opened.get(machine.pathOf(uri) ?? '') ?? '')
  }

  /**
   * Publishes what is known of a file: faults always, findings in an open document where the client does not pull them, and
   * what was found in the file of one that is not open.
   */
  function publish(file: string): void {
    const open = openDocument(file)
    const uri = open?.uri ?? file
    const document = pulls ? undefined : open
    const checked = document && checks.get(uri)
    // Findings of an earlier version would stand in the wrong places; those of this one are on their way.
    if (document && (checked?.version !== document.version || checked.generation !== generation)) return
    const findings = checked ? diagnosticsOf(checked) : live.has(uri) ? [] : workspace.of(uri)
    const diagnostics = [...(atFault.get(uri) ?? []), ...findings]
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
    const known = [...faults.values(), ...failures.values(), workspace.faults()].flat()
    const all = new Map(known.map((fault) => [faultToString(fault), fault]))
    for (const line of all.keys()) if (!logged.has(line)) connection.console.warn(line)
    logged = new Set(all.keys())
    const found = new Map<string, Diagnostic[]>()
    for (const fault of all.values()) {
      if (fault.path === '') continue
      const uri = opened.get(fault.path) ?? machine.uriOf(fault.path)
      // A rule file that is open is checked as it stands.
      if (checks.get(uri)?.draft) continue
      found.set(uri, [...(found.get(uri) ?? []), faultToDiagnostic(fault)])
    }
    const last = atFault
    atFault = found
    for (const uri of new Set([...last.keys(), ...found.keys()]))
      if (JSON.stringify(last.get(uri)) !== JSON.stringify(found.get(uri))) publish(uri)
  }

  /** Whether a file or folder that has changed may be configuration or rules, or hold some. */
  function isDecisive(uri: string): boolean {
    const path = machine.pathOf(uri)
    if (isConfiguration.test(uri) || path === undefined) return isConfiguration.test(uri)
    const isIn = (file: string, folder: string): boolean =>
      file.startsWith(`${folder}/`) || file.startsWith(`${folder}\\`)
    return (
      watchedFiles.has(path) ||
      [...watchedFolders].some((folder) => path === folder || isIn(path, folder) || isIn(folder, path)) ||
      [...watchedFiles].some((file) => isIn(file, path))
    )
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

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => RAL().timer.setTimeout(resolve, ms))
  }

  function turn(): Promise<void> {
    return new Promise((resolve) => RAL().timer.setImmediate(resolve))
  }
}

/** Whether the page of a draft shows what can be tested. */
const isTestable = ({ rule, guard }: Draft): boolean => rule !== undefined || (guard?.examples.length ?? 0) > 0

const nothingFound: Pick<Checked, 'findings' | 'count'> = { findings: [], count: 0 }

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSeverity(value: unknown): value is Severity | 'off' {
  return value === 'off' || value === 'info' || value === 'warning' || value === 'error'
}
