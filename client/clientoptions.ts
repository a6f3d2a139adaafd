import { extensions, type LogOutputChannel, workspace } from 'vscode'
import {
  type BaseLanguageClient,
  type DocumentSelector,
  type LanguageClientOptions,
  RevealOutputChannelOn,
} from 'vscode-languageclient'
import { linkedCommands } from './fixing.ts'
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
  // as the extension it has the commands that hovers and actions name, and shows what the protocol has no words for
  initializationOptions: { extension: true, trusted: workspace.isTrusted, schemas: schemaLanguages() },
  // links in hovers run these commands and no others
  markdown: { isTrusted: { enabledCommands: linkedCommands } },
  errorHandler,
  middleware: {
    ...middleware,
    // what was worked out for a document that has been changed meanwhile would land in the wrong place
    async provideCodeActions(document, range, context, token, next) {
      const { version } = document
      const actions = await next(document, range, context, token)
      return document.version === version ? actions : []
    },
  },
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
