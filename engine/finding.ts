import type { VFileMessage } from 'vfile-message'

declare module 'vfile-message' {
  interface VFileMessage {
    /** The headings above a finding, outermost first: part of what makes it the same finding after an edit elsewhere. */
    headings?: string[]
    /** The sentence around a finding, blanks single. */
    sentence?: string
    /** The name of the group of phrases that it is of, where the rule gives one, as part of an id: `whose-job`. */
    pattern?: string
    /** Whether the first rewrite can be put in without anybody looking: it changes no meaning and asks for no words. */
    safe?: boolean
  }
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

/** The range of a finding. @throws {Error} where a rule reported one without, because a report could only guess it */
export function rangeOf({ place, reason, ruleId }: VFileMessage): Range {
  if (!place || !('start' in place)) throw new Error(`The finding “${reason}” of ${ruleId} has no range.`)
  return { start: pointOf(place.start), end: pointOf(place.end) }
}

function pointOf({ line, column, offset }: { line: number; column: number; offset?: number | undefined }): Point {
  if (offset === undefined) throw new Error(`A finding at ${line}:${column} has no offset.`)
  return { line, column, offset }
}
