import type { VFileMessage } from 'vfile-message'
import { type Point, rangeOf } from '../../engine/finding.ts'
import { placeholdersOf } from '../../engine/rewrite.ts'
import { severityOf } from '../../engine/severity.ts'
import manifest from '../../package.json' with { type: 'json' }
import type { Report } from '../report.ts'
import type { LintResult } from '../silolint.ts'
import { isPublic } from './place.ts'
import { messageOf } from './wording.ts'

const source = { name: 'silolint', url: manifest.homepage }

/** reviewdog's diagnostics as one JSON object. */
export function rdjson(): Report {
  const head = `{"source":${JSON.stringify(source)},"diagnostics":[`
  let before = `${head}\n`
  return {
    document(result) {
      return result.findings
        .map((finding) => {
          const entry = `${before}${JSON.stringify(toDiagnostic(finding, result))}`
          before = ',\n'
          return entry
        })
        .join('')
    },
    end: () => (before === ',\n' ? '\n]}\n' : `${head}]}\n`),
  }
}

/** reviewdog's diagnostics as JSON lines. */
export function rdjsonl(): Report {
  return {
    document: (result) =>
      result.findings.map((finding) => `${JSON.stringify({ ...toDiagnostic(finding, result), source })}\n`).join(''),
    end: () => '',
  }
}

function toDiagnostic(finding: VFileMessage, { path, source }: LintResult) {
  const { ruleId, url, actual = '', expected = [] } = finding
  const { start, end } = rangeOf(finding)
  const range = { start: positionOf(start, source), end: positionOf(end, source) }
  return {
    message: messageOf(finding),
    location: { path, range },
    severity: severityOf(finding).toUpperCase(),
    code: { value: ruleId, ...(isPublic(url) && { url }) },
    // A reviewer can commit a suggestion with one click: nothing that is still to be filled in.
    suggestions: expected.filter((one) => !placeholdersOf(one, actual).length).map((text) => ({ range, text })),
  }
}

/** reviewdog counts columns in bytes of UTF-8. */
function positionOf({ line, column, offset }: Point, source: string): { line: number; column: number } {
  return { line, column: Buffer.byteLength(source.slice(offset - column + 1, offset)) + 1 }
}
