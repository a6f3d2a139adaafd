import type { VFile } from 'vfile'
import { builtInLinter, type SiloOptions } from './builtin.ts'
import type { Format } from './linter.ts'

export type { SiloOptions } from './builtin.ts'
export { type Fault, faultToString } from './fault.ts'
export { type Point, type Range, rangeOf } from './finding.ts'
export { documentEndings, type Format, formatOf, type Linter, type RuleInfo, type Session } from './linter.ts'
export type { RetextPlugin } from './plugin.ts'
export { default, default as retextSilo } from './retext.ts'
export { type Placeholder, placeholdersOf } from './rewrite.ts'
export { type Severity, severityOf } from './severity.ts'
export { type Suppression, type SuppressionKind, suppressionKinds } from './suppression.ts'

/**
 * Lints a whole document and gives it as a file whose messages are the findings, sorted by place.
 * Give `path` for its format, or `format` itself; without either it is read as Markdown.
 *
 * @throws {Error} when an option cannot be used, with what is wrong and what to do
 */
export function lint(source: string, options: SiloOptions & { path?: string; format?: Format } = {}): VFile {
  const { path, format, ...rest } = options
  return builtInLinter(rest).lint(source, { path, format })
}
