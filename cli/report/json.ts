import type { VFileMessage } from 'vfile-message'
import { rangeOf } from '../../engine/finding.ts'
import { severityOf } from '../../engine/severity.ts'
import type { Report } from '../report.ts'

/**
 * The JSON report: an array with one entry a linted document, also without findings, each on a line of its own; `hidden`
 * counts its findings that are not shown, by why.
 */
export function json(): Report {
  let before = '[\n'
  return {
    document({ path, findings, hidden }) {
      const reasons = Object.entries(hidden).filter(([, number]) => number)
      const counts = reasons.length ? { hidden: Object.fromEntries(reasons) } : {}
      const entry = `${before}${JSON.stringify({ path, findings: findings.map(toJson), ...counts })}`
      before = ',\n'
      return entry
    },
    end: () => (before === '[\n' ? '[]\n' : '\n]\n'),
  }
}

/** A finding as the JSON reports have it. */
export function toJson(finding: VFileMessage) {
  const { ruleId, reason, note, actual, expected, safe = false, url, sentence, headings } = finding
  return {
    rule: ruleId,
    severity: severityOf(finding),
    message: reason,
    note,
    actual,
    rewrites: expected,
    safe,
    url,
    sentence,
    headings,
    ...rangeOf(finding),
  }
}
