import type { VFileMessage } from 'vfile-message'
import { type Diagnostic, DiagnosticSeverity, type Position, type Range, uinteger } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { type Fault, faultToString, type Severity, severityOf } from '../engine/index.ts'

/** What every diagnostic of ours names as its source. */
export const source = 'silolint'

const severities: Record<Severity, DiagnosticSeverity> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
}

/** Where a finding starts and ends in the text it was found in, as UTF-16 offsets; the whole of it lies before `end`. */
export function spanOf({ place }: VFileMessage): { start: number; end: number } {
  const [start, end] = place && 'start' in place ? [place.start, place.end] : [place, place]
  return { start: start?.offset ?? 0, end: end?.offset ?? 0 }
}

/** The range of a finding. From offsets, for the protocol ends lines at \n, \r\n and \r alike and a column would not say so. */
export function rangeOf(message: VFileMessage, document: TextDocument): Range {
  const { start, end } = spanOf(message)
  return { start: document.positionAt(start), end: document.positionAt(end) }
}

const isSamePlace = (one: Position, other: Position): boolean =>
  one.line === other.line && one.character === other.character

/** Diagnostics as they were made last, for the findings that an edit elsewhere leaves as they are. */
const made = new WeakMap<VFileMessage, Diagnostic>()

/**
 * The diagnostic of a finding; `document` must be at the version that was linted. It is the same object as the last time
 * where the finding is and has not moved.
 */
export function findingToDiagnostic(message: VFileMessage, document: TextDocument): Diagnostic {
  const last = made.get(message)
  const range = rangeOf(message, document)
  if (last && isSamePlace(last.range.start, range.start) && isSamePlace(last.range.end, range.end)) return last
  const diagnostic = toDiagnostic(message, range)
  made.set(message, diagnostic)
  return diagnostic
}

/** Whether two diagnostics of findings say the same of the same place. */
export const isSameDiagnostic = (one: Diagnostic, other: Diagnostic): boolean =>
  isSamePlace(one.range.start, other.range.start) &&
  isSamePlace(one.range.end, other.range.end) &&
  one.message === other.message &&
  JSON.stringify(one) === JSON.stringify(other)

function toDiagnostic(message: VFileMessage, range: Range): Diagnostic {
  return {
    range,
    severity: severities[severityOf(message)],
    source,
    code: message.ruleId,
    ...(message.url ? { codeDescription: { href: message.url } } : {}),
    message: message.reason,
    data: { rewrites: message.expected ?? [] },
  }
}

/** The diagnostic of a fault, for the file at fault; where it has no line, at the top of that file. */
export function faultToDiagnostic(fault: Fault): Diagnostic {
  const start = { line: (fault.line ?? 1) - 1, character: (fault.column ?? 1) - 1 }
  const end = endOf(fault) ?? start
  return {
    range: { start, end },
    severity: DiagnosticSeverity.Error,
    source,
    message: faultToString({ path: '', problem: fault.problem, value: fault.value, cure: fault.cure }),
  }
}

/** Where the value at fault ends; of a line alone its end, for which the protocol takes any number beyond it. */
function endOf({ line, column, endLine, endColumn, value }: Fault): Position | undefined {
  if (line === undefined) return undefined
  if (column === undefined) return { line: line - 1, character: uinteger.MAX_VALUE }
  if (endColumn !== undefined) return { line: (endLine ?? line) - 1, character: endColumn - 1 }
  return value === undefined || value.includes('\n')
    ? undefined
    : { line: line - 1, character: column - 1 + value.length }
}
