import type { VFileMessage } from 'vfile-message'
import { rangeOf } from '../../engine/finding.ts'
import { severityOf } from '../../engine/severity.ts'
import { printable } from '../console.ts'
import type { Report } from '../report.ts'
import { element, escaped } from './markup.ts'
import { isPublic } from './place.ts'
import { rewriteToString } from './wording.ts'

/**
 * JUnit's XML: a test suite a document, a failed test a finding. Information is a test that passes and says something,
 * since it fails no run; a document without findings is one test that passes.
 */
export function junit(): Report {
  let before = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="silolint">\n'
  return {
    document({ path, findings }) {
      const cases = findings.length
        ? findings.map((finding) => toCase(path, finding))
        : [element('testcase', { name: 'no findings', classname: path })]
      const failures = findings.filter((finding) => severityOf(finding) !== 'info').length
      const attributes = { name: path, tests: cases.length, failures, errors: 0 }
      const suite = `${before}${element('testsuite', attributes, `\n${cases.join('\n')}\n`)}\n`
      before = ''
      return suite
    },
    end: () => `${before}</testsuites>\n`,
  }
}

function toCase(path: string, finding: VFileMessage): string {
  const { ruleId = '', reason, expected = [], url } = finding
  const { line, column } = rangeOf(finding).start
  const severity = severityOf(finding)
  const message = printable(reason)
  const lines = [`${path}:${line}:${column}: ${message}`, ...expected.map((one) => `→ ${rewriteToString(one)}`)]
  if (isPublic(url)) lines.push(url)
  const text = lines.map(escaped).join('\n')
  const outcome =
    severity === 'info' ? element('system-out', {}, text) : element('failure', { type: severity, message }, text)
  return element('testcase', { name: `${ruleId} ${line}:${column}`, classname: path }, outcome)
}
