import type { Report } from '../report.ts'
import { toJson } from './json.ts'

/** JSON lines: one finding a line with its path and otherwise the fields of the JSON report, for programs that stream. */
export function jsonl(): Report {
  return {
    document: ({ path, findings }) =>
      findings.map((finding) => `${JSON.stringify({ path, ...toJson(finding) })}\n`).join(''),
    end: () => '',
  }
}
