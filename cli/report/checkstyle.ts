import { rangeOf } from '../../engine/finding.ts'
import { severityOf } from '../../engine/severity.ts'
import type { Report } from '../report.ts'
import { element } from './markup.ts'
import { messageOf } from './wording.ts'

/** Checkstyle's XML, which Jenkins and many other services read. */
export function checkstyle(): Report {
  // readers of the format look at the version of Checkstyle that wrote it; 4.3 is what other linters say
  let before = '<?xml version="1.0" encoding="UTF-8"?>\n<checkstyle version="4.3">\n'
  return {
    document({ path, findings }) {
      const errors = findings.map((finding) => {
        const { line, column } = rangeOf(finding).start
        const severity = severityOf(finding)
        const source = `silolint.${finding.ruleId}`
        return element('error', { line, column, severity, message: messageOf(finding), source })
      })
      const file = `${before}${element('file', { name: path }, errors.length ? `\n${errors.join('\n')}\n` : '')}\n`
      before = ''
      return file
    },
    end: () => `${before}</checkstyle>\n`,
  }
}
