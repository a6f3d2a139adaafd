import type { VFileMessage } from 'vfile-message'

/** One way to print findings. Text is asked for document by document, so that large runs need not be held in memory. */
export interface Report {
  /** What to print for a linted document; it may have no findings. */
  document(path: string, source: string, findings: readonly VFileMessage[]): string
  /** What to print when all documents are done. */
  end(): string
}

/** A place in a document: line and column from 1, offset from 0 in UTF-16 units. */
export interface Point {
  line: number
  column: number
  offset: number
}

/** What a finding covers; the end is exclusive. */
export interface Range {
  start: Point
  end: Point
}

/** The range of a finding. Throws where a rule reported one without, because a report could only guess it. */
export function rangeOf({ place, reason, ruleId }: VFileMessage): Range {
  if (!place || !('start' in place)) throw new Error(`The finding “${reason}” of ${ruleId} has no range.`)
  return { start: pointOf(place.start), end: pointOf(place.end) }
}

function pointOf({ line, column, offset }: { line: number; column: number; offset?: number | undefined }): Point {
  if (offset === undefined) throw new Error(`A finding at ${line}:${column} has no offset.`)
  return { line, column, offset }
}
