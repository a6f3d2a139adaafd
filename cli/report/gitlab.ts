import { rangeOf } from '../../engine/finding.ts'
import { type Severity, severityOf } from '../../engine/severity.ts'
import type { Report } from '../report.ts'
import { fingerprintsOf } from './fingerprint.ts'
import { repositoryPaths } from './place.ts'
import { messageOf } from './wording.ts'

/** GitLab goes on to `critical` and `blocker`; no wording is that. */
const severities: Record<Severity, string> = { error: 'major', warning: 'minor', info: 'info' }

/** GitLab's code quality report, for `artifacts:reports:codequality`. */
export function gitlab(): Report {
  const pathOf = repositoryPaths()
  let before = '[\n'
  return {
    document({ file, findings }) {
      const path = pathOf(file)
      const fingerprints = fingerprintsOf(findings, path)
      return findings
        .map((finding, index) => {
          const { start, end } = rangeOf(finding)
          const issue = {
            description: messageOf(finding),
            check_name: finding.ruleId,
            fingerprint: fingerprints[index],
            severity: severities[severityOf(finding)],
            location: { path, lines: { begin: start.line, end: end.line } },
          }
          const entry = `${before}${JSON.stringify(issue)}`
          before = ',\n'
          return entry
        })
        .join('')
    },
    end: () => (before === '[\n' ? '[]\n' : '\n]\n'),
  }
}
