import {
  commands,
  type Disposable,
  type ExtensionContext,
  type LanguageStatusItem,
  LanguageStatusSeverity,
  type LogOutputChannel,
  l10n,
  languages,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode'
import type { BaseLanguageClient, DocumentSelector, State, WorkDoneProgress } from 'vscode-languageclient'
import { type FindingsView, registerFindings } from './findings.ts'
import { registerWorkspaceLint } from './workspace.ts'

/** What other extensions and the tests get from activating this one. */
export interface Silolint {
  /** The client of the running language server, another one after each restart; none before a document needs it. */
  readonly client: BaseLanguageClient | undefined
  /** The view of all findings. */
  readonly findings: FindingsView
}

/** What makes a client of the language server; another one where the extension runs in a browser. */
interface ClientModule {
  createClient(
    context: ExtensionContext,
    documentSelector: DocumentSelector,
    outputChannel: LogOutputChannel,
  ): BaseLanguageClient
  State: typeof State
  WorkDoneProgress: typeof WorkDoneProgress
}

const processLanguage = 'silolint-process'
const languageIds = ['markdown', 'plaintext', processLanguage]

/**
 * Documents a writer edits: on disk, not saved yet, in a virtual workspace, or on a machine elsewhere. Not every scheme
 * there is, or both sides of a comparison with an earlier version would be linted.
 */
const schemes = ['file', 'untitled', 'vscode-vfs', 'vscode-remote']

const selector = schemes.flatMap((scheme) =>
  languageIds.map((language) => ({ scheme, language })),
) satisfies DocumentSelector

/** Configuration files, in which ids of rules are offered and explained. */
const configuration = {
  scheme: 'file',
  pattern:
    '**/{.silolintrc,.silolintrc.json,.silolintrc.jsonc,.silolintrc.yaml,.silolintrc.yml,silolint.config.json,silolint.config.yaml,silolint.config.yml}',
}

let client: BaseLanguageClient | undefined

/**
 * Registers what Silolint offers. The language server, and the code that talks to it, are loaded with the first
 * document that needs them: a window without one pays next to nothing.
 */
export function activateWith(context: ExtensionContext, loadClient: () => Promise<ClientModule>): Silolint {
  let channel: LogOutputChannel | undefined
  const log = (): LogOutputChannel => {
    if (!channel) context.subscriptions.push((channel = window.createOutputChannel('Silolint', { log: true })))
    return channel
  }
  const status = languages.createLanguageStatusItem('silolint.status', selector)
  status.name = 'Silolint'
  status.command = { title: l10n.t('Restart'), command: 'silolint.restart' }
  const logStatus = languages.createLanguageStatusItem('silolint.output', selector)
  logStatus.name = l10n.t('Silolint log')
  logStatus.text = l10n.t('Silolint log')
  logStatus.command = { title: l10n.t('Show Log'), command: 'silolint.showOutput' }

  /** Settled once the server runs, or once the status says why it does not. */
  let running: Promise<void> | undefined
  const start = async (): Promise<void> => {
    const { createClient, State } = await loadClient()
    let isNew = true
    const next = createClient(context, [...selector, configuration], log())
    client = next
    // a word in the status and no more: whoever wants the code to run finds there how
    let trust: Disposable | undefined
    next.onNotification('silolint/unrun', () => {
      trust ??= showTrust()
    })
    const show = (): void => showStatus(status, next.state === State.Running, next.state === State.Starting)
    next.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped) trust?.dispose()
      // one that comes back after it has died is another one
      if (newState === State.Running && !isNew) workspaceLint.began()
      show()
    })
    show()
    await next.start().catch((error: unknown) => log().error(String(error)))
    isNew = false
    if (next.state === State.Running) workspaceLint.began()
  }
  /** One after the other, however often it is asked for: a client that is still starting cannot be stopped. */
  const startAgain = (): Promise<void> => {
    const before = running
    running = (async () => {
      await before
      await client?.dispose().catch((error: unknown) => log().error(String(error)))
      await start()
    })()
    return running
  }
  const openClient = async () => {
    const { State, WorkDoneProgress } = await loadClient()
    running ??= start()
    await running
    if (client?.state === State.Stopped) await startAgain()
    return client?.state === State.Running ? { client, progressType: WorkDoneProgress.type } : undefined
  }
  const findings = registerFindings(context, async (uris) => client?.sendRequest<string[][]>('silolint/owners', uris))
  const workspaceLint = registerWorkspaceLint(
    () => (client && !status.busy && status.severity === LanguageStatusSeverity.Information ? client : undefined),
    openClient,
    findings,
    () => log().show(),
  )
  const startFor = (document: TextDocument): void => {
    // whoever writes Markdown may be writing anything
    if (document.languageId === processLanguage) findings.show()
    if (running || languages.match([...selector, configuration], document) === 0) return
    if (workspace.getConfiguration('silolint', document).get('enable', true)) running = start()
  }
  const startIfNeeded = (): void => workspace.textDocuments.forEach(startFor)
  const showFindingsNow = (): void => {
    // until there is a server its state is what counts
    if (client && !status.busy && status.severity === LanguageStatusSeverity.Information) status.text = countFindings()
  }

  context.subscriptions.push(
    status,
    logStatus,
    findings,
    workspaceLint,
    commands.registerCommand('silolint.restart', startAgain),
    commands.registerCommand('silolint.showOutput', () => log().show()),
    commands.registerCommand('silolint.showFindings', showFindings),
    commands.registerCommand('silolint.openExample', () => openExample(context)),
    commands.registerCommand('silolint.openWalkthrough', () =>
      commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#start`, false),
    ),
    workspace.onDidOpenTextDocument(startFor),
    workspace.onDidChangeConfiguration(startIfNeeded),
    // What the workspace configures in code may run from now on.
    workspace.onDidGrantWorkspaceTrust(() => (running ? startAgain() : undefined)),
    languages.onDidChangeDiagnostics(showFindingsNow),
    window.onDidChangeActiveTextEditor(showFindingsNow),
  )
  startIfNeeded()
  return {
    get client() {
      return client
    },
    findings,
  }
}

/** Stops the language server. */
export function deactivate(): Promise<void> | undefined {
  return client?.dispose()
}

/** Opens a short procedure to try Silolint on. It is a document of its own, so that nothing can be spoilt. */
async function openExample(context: ExtensionContext): Promise<void> {
  const example = Uri.joinPath(context.extensionUri, 'examples', 'wheelchairs.process')
  const content = new TextDecoder().decode(await workspace.fs.readFile(example))
  await window.showTextDocument(await workspace.openTextDocument({ language: 'silolint-process', content }))
}

/** Opens findings in the window in which the editor shows references; the server's code lens asks for it. */
async function showFindings(
  uri: string,
  position: Parameters<BaseLanguageClient['protocol2CodeConverter']['asPosition']>[0],
  found: Parameters<BaseLanguageClient['protocol2CodeConverter']['asLocation']>[0][],
): Promise<void> {
  const convert = client?.protocol2CodeConverter
  if (!convert || !position) return
  await commands.executeCommand(
    'editor.action.showReferences',
    convert.asUri(uri),
    convert.asPosition(position),
    found.map((location) => convert.asLocation(location)),
  )
}

/** Says in the status that code in the workspace is not run. */
function showTrust(): Disposable {
  const status = languages.createLanguageStatusItem('silolint.trust', selector)
  status.name = l10n.t('Silolint in Restricted Mode')
  status.text = l10n.t('Silolint runs no code here')
  // the line is cut off where it gets too long, and with it the way out
  status.detail = l10n.t('rules in text count')
  status.command = { title: l10n.t('Manage Trust'), command: 'workbench.trust.manage' }
  return status
}

function showStatus(status: LanguageStatusItem, isRunning: boolean, isStarting: boolean): void {
  status.busy = isStarting
  status.severity = isRunning || isStarting ? LanguageStatusSeverity.Information : LanguageStatusSeverity.Error
  if (isRunning) status.text = countFindings()
  else status.text = isStarting ? l10n.t('Silolint is starting') : l10n.t('Silolint has stopped')
}

function countFindings(): string {
  const uri = window.activeTextEditor?.document.uri
  const count = uri ? languages.getDiagnostics(uri).filter(({ source }) => source === 'silolint').length : 0
  if (count === 0) return `$(check) ${l10n.t('Silolint: no findings')}`
  return count === 1 ? l10n.t('Silolint: 1 finding') : l10n.t('Silolint: {0} findings', count)
}
