import type { ExtensionContext, LogOutputChannel } from 'vscode'
import {
  type DocumentSelector,
  LanguageClient,
  State,
  TransportKind,
  WorkDoneProgress,
} from 'vscode-languageclient/node'
import { clientOptions, quieten } from './clientoptions.ts'
import { LeftOut } from './leftout.ts'

export { LeftOut, State, WorkDoneProgress }

/** A client of the language server, not started yet. One whose start failed cannot be started again: make another. */
export function createClient(
  context: ExtensionContext,
  documentSelector: DocumentSelector,
  outputChannel: LogOutputChannel,
  leftOut: LeftOut,
): LanguageClient {
  const ipc = { module: context.asAbsolutePath('dist/server.cjs'), transport: TransportKind.ipc }
  return quieten(
    leftOut,
    new LanguageClient(
      'silolint',
      'Silolint',
      { run: ipc, debug: { ...ipc, options: { execArgv: ['--nolazy', '--inspect=6009'] } } },
      clientOptions(documentSelector, outputChannel, leftOut),
    ),
  )
}
