/** The extension in a browser: the language server is a web worker. */
import { activateWith } from './extension.ts'

export { deactivate, type Silolint } from './extension.ts'
export const activate = activateWith(() => import('./webworker.ts'))
