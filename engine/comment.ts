import type { SourceText } from './rope.ts'

/**
 * A comment in a document that speaks to Silolint: its first word begins with `silolint-`. Offsets are UTF-16
 * units of the source.
 */
export interface Comment {
  /** The whole of it, delimiters included. */
  start: number
  end: number
  /** What it says, without its delimiters. */
  textStart: number
  textEnd: number
}

/** The first letters of every comment that speaks to Silolint; a document without them is not searched further. */
const word = 'silolint-'

/** Whether a document may hold comments that speak to Silolint: all that a document without any has to pay. */
export const mayHaveComments = (source: string): boolean => source.includes(word)

const delimited = /(<!--|\{?\{\/\*)\s*silolint-/g
const closing: Record<string, string> = { '<!--': '-->', '{/*': '*/}', '{{/*': '*/}}' }

/** Comments between the delimiters of HTML, MDX (`{/* … *\/}`) and Hugo (`{{/* … *\/}}`) within a range of the source that holds nothing but such markup. */
export function commentsIn(source: SourceText, from: number, to: number): Comment[] {
  const comments: Comment[] = []
  const text = source.slice(from, to)
  delimited.lastIndex = 0
  for (let found = delimited.exec(text); found; found = delimited.exec(text)) {
    const open = found[1] as string
    const close = closing[open] as string
    const textStart = found.index + open.length
    const textEnd = text.indexOf(close, textStart)
    if (textEnd < 0) break
    const end = textEnd + close.length
    comments.push({ start: from + found.index, end: from + end, textStart: from + textStart, textEnd: from + textEnd })
    delimited.lastIndex = end
  }
  return comments
}

const line = /^([ \t]*)(\/\/+|\.\.|#+)[ \t]*silolint-[a-z].*$/

/** The comment that a line of plain text is, as AsciiDoc (`//`), reStructuredText (`..`) and scripts (`#`) write them. */
export function lineComment(text: string, offset: number): Comment | undefined {
  const found = line.exec(text)
  if (!found) return undefined
  const start = offset + (found[1] as string).length
  const end = offset + text.trimEnd().length
  return { start, end, textStart: start + (found[2] as string).length, textEnd: end }
}
