import type { VFileMessage } from 'vfile-message'
import { rangeOf, severityOf } from '../../engine/index.ts'
import type { Report } from '../report.ts'

/** The JSON report: an array with one entry a linted document, also without findings, each on a line of its own. */
export function json(): Report {
  let before = '[\n'
  return {
    document({ path, findings }) {
      const entry = `${before}${JSON.stringify({ path, findings: findings.map(toJson) })}`
      before = ',\n'
      return entry
    },
    end: () => (before === '[\n' ? '[]\n' : '\n]\n'),
  }
}

/** A finding as the JSON reports have it. */
export function toJson(finding: VFileMessage) {
  const { ruleId, reason, note, actual, expected, safe = false, url } = finding
  return {
    rule: ruleId,
    severity: severityOf(finding),
    message: reason,
    note,
    actual,
    rewrites: expected,
    safe,
    url,
    ...rangeOf(finding),
  }
}
