import { type ExtensionContext, extensions, type LogOutputChannel, workspace } from 'vscode'
import {
  type DocumentSelector,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from 'vscode-languageclient/node'

export { State }

/** A client of the language server, not started yet. One whose start failed cannot be started again: make another. */
export function createClient(
  context: ExtensionContext,
  documentSelector: DocumentSelector,
  outputChannel: LogOutputChannel,
): LanguageClient {
  const ipc = { module: context.asAbsolutePath('dist/server.cjs'), transport: TransportKind.ipc }
  return new QuietClient(
    'silolint',
    'Silolint',
    { run: ipc, debug: { ...ipc, options: { execArgv: ['--nolazy', '--inspect=6009'] } } },
    {
      documentSelector,
      outputChannel,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      initializationOptions: { trusted: workspace.isTrusted, schemas: schemaLanguages() },
    },
  )
}

/** A client that writes what goes wrong into the log and never into a message: the status says that it has stopped. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false)
  }
}

/** The languages in which the schema of configuration files is in use: of JSON VS Code knows by itself, of YAML an extension. */
const schemaLanguages = (): string[] => ['json', ...(extensions.getExtension('redhat.vscode-yaml') ? ['yaml'] : [])]
