/** The extension on a machine of its own: the language server is a Node process. */
import type { ExtensionContext } from 'vscode'
import { activateWith, type Silolint } from './extension.ts'

export { deactivate } from './extension.ts'
export const activate = (context: ExtensionContext): Silolint =>
  activateWith(context, () => import('./languageserver.ts'))
