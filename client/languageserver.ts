import type { ExtensionContext, LogOutputChannel } from 'vscode'
import { type DocumentSelector, LanguageClient, State, TransportKind } from 'vscode-languageclient/node'
import { clientOptions } from './clientoptions.ts'

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
    clientOptions(documentSelector, outputChannel),
  )
}

/** A client that writes what goes wrong into the log and never into a message: the status says that it has stopped. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false)
  }
}
