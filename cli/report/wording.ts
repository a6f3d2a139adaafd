import type { VFileMessage } from 'vfile-message'
import { printable } from '../console.ts'
import { count } from '../documents.ts'
import type { Summary } from '../report.ts'

/** A rewrite as a report shows it, on one line. */
export const rewriteToString = (rewrite: string): string => (rewrite === '' ? 'leave it out' : printable(rewrite))

/** What a finding says and, in a second sentence, how it could read instead: for places that take one text only. */
export function messageOf({ reason, expected = [] }: VFileMessage): string {
  const said = printable(reason)
  const message = /[.!?]$/.test(said) ? said : `${said}.`
  const [rewrite, ...others] = expected
  if (rewrite === undefined) return message
  const more = others.length ? ` (or ${others.length} more)` : ''
  return rewrite === ''
    ? `${message} It could be left out${more}.`
    : `${message} It could read “${printable(rewrite)}”${more}.`
}

/** What a report says that has no findings: where rules were missing, nobody must think all is well. */
export function nothingFound({ unknown, faulty }: Summary, documents: number): string {
  const place = count(documents, 'document')
  if (!unknown.length && !faulty.length) return `No findings in ${place}`
  const names = unknown.map((id) => `“${printable(id)}”`).join(' or ')
  const files = faulty.map(printable)
  const shown = files.length > 3 ? `${files.slice(0, 2).join(', ')} and ${files.length - 2} more` : files.join(' and ')
  const reasons = [
    ...(names ? [`there is no rule ${names}`] : []),
    ...(shown ? [`${shown} cannot be used as written`] : []),
  ]
  return `Not all was looked for in ${place}: ${reasons.join(', and ')}`
}

/** How many findings a report does not show, and why; empty where it shows all. */
export function hiddenToString({ hidden }: Summary): string {
  const reasons = [
    [hidden.baseline, 'in the baseline'],
    [hidden.suppressed, 'suppressed'],
    [hidden.unchanged, 'on unchanged lines'],
    [hidden.quiet, 'by --quiet'],
  ] as const
  const said = reasons.filter(([number]) => number)
  const total = said.reduce((sum, [number]) => sum + number, 0)
  return total
    ? `${count(total, 'finding')} hidden: ${said.map(([number, why]) => `${number} ${why}`).join(', ')}.`
    : ''
}
