/** The extension on a machine of its own: the language server is a Node process. */
import { activateWith } from './extension.ts'

export { deactivate, type Silolint } from './extension.ts'
export const activate = activateWith(() => import('./languageserver.ts'))
