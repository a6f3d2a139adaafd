import {
  CancellationTokenSource,
  commands,
  type Disposable,
  l10n,
  ProgressLocation,
  TabInputText,
  type Uri,
  window,
  workspace,
} from 'vscode'
import type { BaseLanguageClient, WorkDoneProgress } from 'vscode-languageclient'
import { type FindingsView, viewId } from './findings.ts'

/** What the server says when all documents were linted. */
export interface Summary {
  documents: number
  left: number
  unreached: number
  findings: number
  shown: number
}

/** Lints all process documents of the folders that are open, when somebody asks for it. */
export interface WorkspaceLint extends Disposable {
  /** A server runs, which knows nothing of what another one was asked. */
  began(): void
}

/**
 * Registers the command that lints all process documents, and the one that stops it.
 *
 * @param running the client of the language server while that runs
 * @param openClient starts the language server unless it runs; undefined where it does not start
 */
export function registerWorkspaceLint(
  running: () => BaseLanguageClient | undefined,
  openClient: () => Promise<{ client: BaseLanguageClient; progressType: typeof WorkDoneProgress.type } | undefined>,
  view: FindingsView,
  showLog: () => void,
): WorkspaceLint {
  let stop: CancellationTokenSource | undefined
  let lint: Promise<void> | undefined
  let isAsked = false
  /** Whether the run that goes on has asked a server. */
  let hasAsked = false
  let runs = 0

  const run = async (): Promise<void> => {
    isAsked = true
    hasAsked = false
    const source = new CancellationTokenSource()
    stop = source
    view.begin()
    let summary: Summary | undefined
    try {
      const opened = await openClient()
      if (!opened) throw new Error('the language server does not run')
      const { client, progressType } = opened
      const workDoneToken = `silolint-all-${++runs}`
      const title = l10n.t('Silolint is linting all process documents')
      const options = { location: ProgressLocation.Window, title, cancellable: true }
      summary = await window.withProgress(options, (progress, token) => {
        token.onCancellationRequested(() => source.cancel())
        const listener = client.onProgress(progressType, workDoneToken, (word) => {
          if (word.kind === 'report' && word.message) progress.report({ message: word.message })
        })
        hasAsked = true
        const asked = client.sendRequest<Summary>(
          'workspace/executeCommand',
          { command: 'silolint.lintAllDocuments', workDoneToken },
          source.token,
        )
        // in the view a line moves as long as it lasts
        window.withProgress({ location: { viewId } }, () => asked.then(undefined, () => undefined))
        return asked.finally(() => listener.dispose())
      })
    } catch (error) {
      if (!source.token.isCancellationRequested) fail(error)
    } finally {
      stop = undefined
      source.dispose()
      view.end(summary)
    }
  }
  const fail = (error: unknown): void => {
    // the server has died; it begins again by itself, or the status says that it does not
    if (isDisconnected(error)) return
    const show = l10n.t('Show Log')
    const reason = error instanceof Error ? error.message : String(error)
    // somebody is waiting for it, so it may be said
    window
      .showErrorMessage(l10n.t('The process documents could not be linted: {0}', reason), show)
      .then((chosen) => (chosen === show ? showLog() : undefined))
  }
  /** Tells of a document that VS Code keeps open although no tab shows it: the client has dropped what was found in it. */
  const noteHidden = (uri: Uri): void => {
    const isThis = (other: Uri): boolean => other.toString() === uri.toString()
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs)
    if (tabs.some(({ input }) => input instanceof TabInputText && isThis(input.uri))) return
    if (workspace.textDocuments.some((document) => isThis(document.uri)))
      running()?.sendNotification('silolint/hidden', uri.toString())
  }
  const lintAll = (): Promise<void> => {
    lint ??= run().finally(() => (lint = undefined))
    return lint
  }
  const isWanted = (): boolean => isAsked || workspace.getConfiguration('silolint').get('lintAllDocuments', false)

  const registrations = [
    commands.registerCommand('silolint.lintWorkspace', async () => {
      // the view may be shut, or hidden where nothing was found so far
      view.show()
      await commands.executeCommand(`${viewId}.focus`, { preserveFocus: true }).then(undefined, () => undefined)
      await lintAll()
    }),
    commands.registerCommand('silolint.stopLinting', () => stop?.cancel()),
    window.tabGroups.onDidChangeTabs(({ closed }) => {
      for (const { input } of closed) if (input instanceof TabInputText) noteHidden(input.uri)
    }),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('silolint.lintAllDocuments') && isWanted() && !isAsked) lintAll()
    }),
  ]
  return {
    began: () => {
      // what waits for the server is about to ask it; what asked the last one is about to fail
      if (isWanted()) (hasAsked ? (lint ?? Promise.resolve()) : Promise.resolve()).then(lintAll)
    },
    dispose: () => {
      stop?.cancel()
      for (const one of registrations) one.dispose()
    },
  }
}

/** Whether a request failed because its connection ended, by the codes that the protocol's library gives to that. */
const isDisconnected = (error: unknown): boolean => {
  const code = error instanceof Error && 'code' in error ? Number(error.code) : 0
  return code >= -32099 && code <= -32096
}
