/**
 * A fault is something a person wrote that the linter cannot use: a setting, a rule file, an
 * unknown rule id, a file that cannot be read. It is reported once, with its place and its cure,
 * and everything else goes on. A finding is never a fault and a bug in Silolint is never one either.
 */
export interface Fault {
  /** The file at fault, as the person would name it; empty for a command line argument. */
  path: string
  /** Line from 1; absent where the file as a whole is at fault. */
  line?: number
  /** Column from 1, in UTF-16 units. */
  column?: number
  /** Where the faulty value ends; the column is exclusive. */
  endLine?: number
  endColumn?: number
  /** The value as it was written. */
  value?: string
  /** What is wrong, one sentence without a full stop. */
  problem: string
  /** What to do about it, one sentence with its full stop. */
  cure: string
}

/** A fault as one line of text: `path:line:column: problem (value). Cure.` */
export function faultToString({ path, line, column, value, problem, cure }: Fault): string {
  const place = [path, line, line === undefined ? undefined : column].filter(
    (part) => part !== undefined && part !== '',
  )
  const shown =
    value === undefined ? '' : ` (${JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value)})`
  return `${place.length ? `${place.join(':')}: ` : ''}${problem}${shown}. ${cure}`
}
