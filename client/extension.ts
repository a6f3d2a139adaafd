import {
  commands,
  type Disposable,
  type ExtensionContext,
  extensions,
  type LanguageStatusItem,
  LanguageStatusSeverity,
  languages,
  window,
  workspace,
} from 'vscode'
import {
  type DocumentSelector,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from 'vscode-languageclient/node'

/** What other extensions and the tests get from activating this one. */
export interface Silolint {
  /** The client of the running language server; another one after each restart. */
  readonly client: LanguageClient
}

const languageIds = ['markdown', 'plaintext', 'silolint-process']

/**
 * Documents a writer edits: on disk, not saved yet, or in a virtual workspace. Not every scheme there is, or both sides
 * of a comparison with an earlier version would be linted.
 */
const schemes = ['file', 'untitled', 'vscode-vfs']

const selector = schemes.flatMap((scheme) =>
  languageIds.map((language) => ({ scheme, language })),
) satisfies DocumentSelector

/** Configuration files, in which ids of rules are offered and explained. */
const configuration = {
  scheme: 'file',
  pattern:
    '**/{.silolintrc,.silolintrc.json,.silolintrc.jsonc,.silolintrc.yaml,.silolintrc.yml,silolint.config.json,silolint.config.yaml,silolint.config.yml}',
}

const output = { title: 'Show Output', command: 'silolint.showOutput' }
const restart = { title: 'Restart', command: 'silolint.restart' }

let client: LanguageClient | undefined

/** Starts the language server; resolves once it runs, or once the status says why it does not. */
export async function activate(context: ExtensionContext): Promise<Silolint> {
  const channel = window.createOutputChannel('Silolint', { log: true })
  const status = languages.createLanguageStatusItem('silolint.status', selector)
  status.name = 'Silolint'
  status.command = restart
  const log = languages.createLanguageStatusItem('silolint.output', selector)
  log.name = 'Silolint Output'
  log.text = 'Silolint output'
  log.command = output
  const module = context.asAbsolutePath('dist/server.cjs')
  const ipc = { module, transport: TransportKind.ipc }
  // A client whose start failed cannot be started again, so every start makes a new one.
  const start = async (): Promise<LanguageClient> => {
    const next = new LanguageClient(
      'silolint',
      'Silolint',
      { run: ipc, debug: { ...ipc, options: { execArgv: ['--nolazy', '--inspect=6009'] } } },
      {
        documentSelector: [...selector, configuration],
        outputChannel: channel,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        initializationOptions: { trusted: workspace.isTrusted, schemas: schemaLanguages() },
      },
    )
    client = next
    next.onDidChangeState(() => showStatus(status, next))
    showStatus(status, next)
    await next.start().catch((error: unknown) => channel.error(String(error)))
    return next
  }
  let running = start()
  /** One after the other, however often it is asked for: a client that is still starting cannot be stopped. */
  const startAgain = (): Promise<LanguageClient> => {
    running = running.then(async (last) => {
      await last.dispose().catch((error: unknown) => channel.error(String(error)))
      return start()
    })
    return running
  }

  const disposables: Disposable[] = [
    channel,
    status,
    log,
    commands.registerCommand('silolint.restart', async () => void (await startAgain())),
    commands.registerCommand('silolint.showOutput', () => channel.show()),
    commands.registerCommand('silolint.showFindings', showFindings),
    // What the workspace configures in code may run from now on.
    workspace.onDidGrantWorkspaceTrust(startAgain),
    languages.onDidChangeDiagnostics(() => showStatus(status, client)),
    window.onDidChangeActiveTextEditor(() => showStatus(status, client)),
  ]
  context.subscriptions.push(...disposables)
  await running
  return {
    get client() {
      return client as LanguageClient
    },
  }
}

/** The languages in which the schema of configuration files is in use: of JSON VS Code knows by itself, of YAML an extension. */
const schemaLanguages = (): string[] => ['json', ...(extensions.getExtension('redhat.vscode-yaml') ? ['yaml'] : [])]

/** Stops the language server. */
export function deactivate(): Promise<void> | undefined {
  return client?.dispose()
}

/** Opens findings in the window in which the editor shows references; the server's code lens asks for it. */
async function showFindings(
  uri: string,
  position: Parameters<LanguageClient['protocol2CodeConverter']['asPosition']>[0],
  found: Parameters<LanguageClient['protocol2CodeConverter']['asLocation']>[0][],
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

function showStatus(status: LanguageStatusItem, client: LanguageClient | undefined): void {
  const running = client?.state === State.Running
  status.busy = client?.state === State.Starting
  status.severity = running || status.busy ? LanguageStatusSeverity.Information : LanguageStatusSeverity.Error
  if (running) status.text = countFindings()
  else status.text = status.busy ? 'Silolint is starting' : 'Silolint has stopped'
}

function countFindings(): string {
  const uri = window.activeTextEditor?.document.uri
  const count = uri ? languages.getDiagnostics(uri).filter(({ source }) => source === 'silolint').length : 0
  if (count === 0) return '$(check) Silolint: no findings'
  return `Silolint: ${count} ${count === 1 ? 'finding' : 'findings'}`
}
