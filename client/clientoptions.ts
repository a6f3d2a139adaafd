import { extensions, type LogOutputChannel, workspace } from 'vscode'
import { type DocumentSelector, type LanguageClientOptions, RevealOutputChannelOn } from 'vscode-languageclient'

/** What a client of the language server is made with, wherever the server runs. */
export const clientOptions = (
  documentSelector: DocumentSelector,
  outputChannel: LogOutputChannel,
): LanguageClientOptions => ({
  documentSelector,
  outputChannel,
  revealOutputChannelOn: RevealOutputChannelOn.Never,
  initializationFailedHandler: () => false,
  initializationOptions: { trusted: workspace.isTrusted, schemas: schemaLanguages() },
})

/** The languages in which the schema of configuration files is in use: of JSON VS Code knows by itself, of YAML an extension. */
const schemaLanguages = (): string[] => ['json', ...(extensions.getExtension('redhat.vscode-yaml') ? ['yaml'] : [])]
