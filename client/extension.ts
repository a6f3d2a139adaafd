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
import { registerFixing } from './fixing.ts'
import type { LeftOut } from './leftout.ts'
import { Overviews } from './overviews.ts'
import { Score } from './score.ts'
import { Tint } from './tint.ts'
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
    leftOut: LeftOut,
  ): BaseLanguageClient
  LeftOut: typeof LeftOut
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
  const logStatus = languages.createLanguageStatusItem('silolint.output', selector)
  logStatus.name = l10n.t('Silolint log')
  logStatus.text = l10n.t('Silolint log')
  logStatus.command = { title: l10n.t('Show Log'), command: 'silolint.showOutput' }

  // what is counted in documents, while there is a server to count it
  let overviews: Overviews | undefined
  let score: Score | undefined
  let tint: Tint | undefined
  const showTint = (): void => {
    const isTinted = context.workspaceState.get('isTinted', false)
    commands.executeCommand('setContext', 'silolint.isTinted', isTinted)
    if (!isTinted) tint?.dispose()
    tint = isTinted ? (tint ?? (overviews && new Tint(overviews, selector))) : undefined
    score?.show(isTinted)
  }
  const hideOverviews = (): void => {
    for (const one of [tint, score, overviews]) one?.dispose()
  }
  const setTint = async (isTinted: boolean): Promise<void> => {
    await context.workspaceState.update('isTinted', isTinted)
    showTint()
  }

  /** An update of the extension may take away what a window still runs on. */
  const isInstalled = async (): Promise<boolean> => {
    const { extensionUri } = context
    if (extensionUri.scheme !== 'file') return true
    const server = workspace.fs.stat(Uri.joinPath(extensionUri, 'dist', 'server.cjs'))
    return server.then(
      () => true,
      () => false,
    )
  }
  let leftOut: LeftOut | undefined
  let leftOutStatus: LanguageStatusItem | undefined
  const showLeftOut = (uris: readonly Uri[]): void => {
    leftOutStatus?.dispose()
    leftOutStatus = uris.length ? leftOutStatusOf(uris) : undefined
  }

  /** Settled once the server runs, or once the status says why it does not. */
  let running: Promise<void> | undefined
  const start = async (): Promise<void> => {
    const { createClient, LeftOut, State } = await loadClient()
    let isNew = true
    if (!(await isInstalled())) {
      showUpdate(status)
      return
    }
    if (!leftOut) {
      const made = new LeftOut(isInstalled)
      context.subscriptions.push(
        made,
        made.onDidChange(() => showLeftOut(made.uris)),
      )
      leftOut = made
    }
    const next = createClient(context, [...selector, configuration], log(), leftOut)
    client = next
    // a word in the status and no more: whoever wants the code to run finds there how
    let trust: Disposable | undefined
    next.onNotification('silolint/unrun', () => {
      trust ??= showTrust()
    })
    const show = (): void => showStatus(status, next.state === State.Running, next.state === State.Starting)
    next.onDidChangeState(async ({ newState }) => {
      // one that comes back after it has died is another one
      if (newState === State.Running && !isNew) workspaceLint.began()
      show()
      if (newState === State.Running || newState === State.Starting) return
      trust?.dispose()
      trust = undefined
      if (!(await isInstalled()) && client === next) showUpdate(status)
    })
    show()
    hideOverviews()
    overviews = new Overviews(next, selector)
    score = new Score(overviews)
    tint = undefined
    showTint()
    await next.start().catch((error: unknown) => log().error(String(error)))
    isNew = false
    if (next.state === State.Running) workspaceLint.began()
  }
  /** One after the other, however often it is asked for: a client that is still starting cannot be stopped. */
  const startAgain = (): Promise<void> => {
    const before = running
    running = (async () => {
      await before
      leftOut?.clear()
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
  context.subscriptions.push(
    status,
    logStatus,
    findings,
    workspaceLint,
    commands.registerCommand('silolint.restart', startAgain),
    commands.registerCommand('silolint.showOutput', () => log().show()),
    commands.registerCommand('silolint.showFindings', showFindings),
    commands.registerCommand('silolint.tint', () => setTint(true)),
    commands.registerCommand('silolint.untint', () => setTint(false)),
    commands.registerCommand('silolint.openExample', () => openExample(context)),
    commands.registerCommand('silolint.openWalkthrough', () =>
      commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#start`, false),
    ),
    ...registerFixing(() => client),
    workspace.onDidOpenTextDocument(startFor),
    workspace.onDidChangeConfiguration(startIfNeeded),
    // What the workspace configures in code may run from now on.
    workspace.onDidGrantWorkspaceTrust(() => (running ? startAgain() : undefined)),
    { dispose: hideOverviews },
    { dispose: () => leftOutStatus?.dispose() },
  )
  showTint()
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
  status.command = { title: l10n.t('Restart'), command: 'silolint.restart' }
  status.severity = isRunning || isStarting ? LanguageStatusSeverity.Information : LanguageStatusSeverity.Error
  if (isRunning) status.text = l10n.t('Silolint is running')
  else status.text = isStarting ? l10n.t('Silolint is starting') : l10n.t('Silolint has stopped')
}

/** Says in the status that the extension is not there any more, or another one: what runs in this window goes on. */
function showUpdate(status: LanguageStatusItem): void {
  status.busy = false
  status.severity = LanguageStatusSeverity.Warning
  status.text = l10n.t('Silolint was updated')
  status.command = { title: l10n.t('Reload Window'), command: 'workbench.action.reloadWindow' }
}

/** Says of documents that they are left out; of all others nothing. */
function leftOutStatusOf(uris: readonly Uri[]): LanguageStatusItem {
  const filters = uris.map(({ scheme, fsPath }) => ({ scheme, pattern: fsPath.replace(/[[\]{}*?,!]/g, '?') }))
  const status = languages.createLanguageStatusItem('silolint.leftOut', filters)
  status.name = 'Silolint'
  status.severity = LanguageStatusSeverity.Warning
  status.text = l10n.t('Silolint leaves this document out')
  status.detail = l10n.t('it stopped on it twice')
  status.command = { title: l10n.t('Try Again'), command: 'silolint.restart' }
  return status
}
