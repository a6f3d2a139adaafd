import { rangeOf } from '../../engine/finding.ts'
import { severityOf } from '../../engine/severity.ts'
import { printable } from '../console.ts'
import type { Report } from '../report.ts'

/** One finding a line, `path:line:column: severity: message [rule]`, as editors, grep and problem matchers take it. */
export function compact(): Report {
  return {
    document: ({ path, findings }) =>
      findings
        .map((finding) => {
          const { line, column } = rangeOf(finding).start
          const message = printable(finding.reason)
          return `${printable(path)}:${line}:${column}: ${severityOf(finding)}: ${message} [${finding.ruleId}]\n`
        })
        .join(''),
    end: () => '',
  }
}
