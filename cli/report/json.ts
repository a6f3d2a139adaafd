import * as v from 'valibot'
import { VFileMessage } from 'vfile-message'
import { rangeOf, severityOf } from '../../engine/index.ts'
import { fatalOf, severities } from '../../engine/severity.ts'
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

/** The finding that `toJson` gave, of a document at a path. */
export function fromJson(path: string, json: FindingJson): VFileMessage {
  const { rule, severity, message: reason, rewrites, start, end, ...others } = json
  const finding = new VFileMessage(reason, { place: { start, end }, ruleId: rule, source: 'silolint' })
  const name = `${path}:${start.line}:${start.column}`
  return Object.assign(finding, others, { expected: rewrites, fatal: fatalOf(severity), file: path, name })
}

const pointSchema = v.object({ line: v.number(), column: v.number(), offset: v.number() })
/** The shape of a finding in a JSON report. */
export const findingSchema = v.looseObject({
  rule: v.string(),
  severity: v.picklist(severities),
  message: v.string(),
  actual: v.string(),
  rewrites: v.array(v.string()),
  start: pointSchema,
  end: pointSchema,
})
type FindingJson = v.InferOutput<typeof findingSchema>
