import { extensions, type LogOutputChannel, workspace } from 'vscode'
import {
  type BaseLanguageClient,
  type DocumentSelector,
  type LanguageClientOptions,
  RevealOutputChannelOn,
} from 'vscode-languageclient'
import type { LeftOut } from './leftout.ts'

/** What a client of the language server is made with, wherever the server runs. */
export const clientOptions = (
  documentSelector: DocumentSelector,
  outputChannel: LogOutputChannel,
  { errorHandler, middleware }: LeftOut,
): LanguageClientOptions => ({
  documentSelector,
  outputChannel,
  revealOutputChannelOn: RevealOutputChannelOn.Never,
  initializationFailedHandler: () => false,
  errorHandler,
  middleware,
  initializationOptions: { extension: true, trusted: workspace.isTrusted, schemas: schemaLanguages() },
})

/** Has a client write what goes wrong into the log and never into a message: the status says that it has stopped. */
export function quieten<T extends BaseLanguageClient>(leftOut: LeftOut, client: T): T {
  const error = client.error.bind(client)
  client.error = (message, data) => error(message, data, false)
  client.onNotification('silolint/reads', ({ uri }: { uri?: string }) => leftOut.read(uri))
  return client
}

/** The languages in which the schema of configuration files is in use: of JSON VS Code knows by itself, of YAML an extension. */
const schemaLanguages = (): string[] => ['json', ...(extensions.getExtension('redhat.vscode-yaml') ? ['yaml'] : [])]
