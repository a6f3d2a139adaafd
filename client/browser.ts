/** The extension in a browser: the language server is a web worker. */
import type { ExtensionContext } from 'vscode'
import { activateWith, type Silolint } from './extension.ts'

export { deactivate } from './extension.ts'
export const activate = (context: ExtensionContext): Silolint => activateWith(context, () => import('./webworker.ts'))
