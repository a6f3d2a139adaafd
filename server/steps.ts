import type { Position, TextEdit } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'

/** The mark of a step: what stands before the number, the number or letter, what stands behind it, the text. */
const step = /^([ \t]*)((?:step[ \t]+)?(?:\d{1,3}\.)*)(\d{1,4}|[a-z])([.):]?)([ \t]+|$)(.*)$/i
const bullet = /^([ \t]*)([-*+•‣◦–])([ \t]+|$)(?:\[[ xX]\](?:[ \t]+|$))?(.*)$/

interface Step {
  indent: string
  /** What all steps of this list have before their number. */
  before: string
  number: string
  after: string
  blank: string
  text: string
}

/**
 * What Enter means in a list of steps, where the line break stands already and `position` is behind it: the new line
 * gets the next number, unless the editor has given it one, the steps below go up by one, and an empty step ends the list.
 */
export function continueSteps(document: TextDocument, position: Position): TextEdit[] {
  const { line } = position
  const above = lineAt(document, line - 1)
  const here = lineAt(document, line)
  if (above === undefined || here === undefined) return []
  const last = readStep(above)
  const isEmpty = last ? !last.text : bullet.exec(above)?.[4] === ''
  if (isEmpty && !here.trim()) {
    // the mark and its line: the cursor comes to rest where the mark was
    return [{ range: { start: { line: line - 1, character: 0 }, end: { line, character: here.length } }, newText: '' }]
  }
  if (!last || isEmpty) return []
  const next = numberAfter(last.number)
  if (next === undefined) return []
  const edits: TextEdit[] = []
  const given = readStep(here)
  if (!given || !isSameList(given, last)) {
    // what stands here is the rest of the step that was parted, or nothing
    const indent = /^[ \t]*/.exec(here)?.[0].length ?? 0
    const newText = `${last.indent}${last.before}${next}${last.after}${last.blank}`
    edits.push({ range: { start: { line, character: 0 }, end: { line, character: indent } }, newText })
  } else if (given.number !== next) return []
  return [...edits, ...renumber(document, line + 1, last, next)]
}

/** Lets the steps from a line on go up by one, as far as they go on from `number` without a gap. */
function renumber(document: TextDocument, from: number, list: Step, number: string): TextEdit[] {
  const edits: TextEdit[] = []
  let expected = number
  for (let line = from; ; line++) {
    const text = lineAt(document, line)
    if (text === undefined) break
    const found = readStep(text)
    if (found && isSameList(found, list)) {
      const next = numberAfter(expected)
      if (found.number !== expected || next === undefined) break
      const character = found.indent.length + found.before.length
      const range = { start: { line, character }, end: { line, character: character + expected.length } }
      edits.push({ range, newText: next })
      expected = next
    } else if (text.trim() && indentOf(text) <= indentOf(list.indent)) break
  }
  return edits
}

function readStep(line: string): Step | undefined {
  const found = step.exec(line)
  if (!found) return undefined
  const [, indent = '', before = '', number = '', after = '', blank = '', text = ''] = found
  // "12 boxes", "A clerk", "2.5 litres" and the heading "2.1 Scope" are no steps; "2.1 Ask the caller." is
  if (!after && (!before || (text && !/^\p{Lu}.*[.;:!?]\s*$/u.test(text)))) return undefined
  if (/[a-z]/i.test(number) && before) return undefined
  return { indent, before, number, after, blank: blank || ' ', text: text.trim() }
}

/** The number or letter that follows; none after "z", and none after "i", "v" and "x", which may be Roman. */
function numberAfter(number: string): string | undefined {
  if (/^\d/.test(number)) return String(Number(number) + 1)
  if (/[ivxz]/i.test(number)) return undefined
  return String.fromCharCode(number.charCodeAt(0) + 1)
}

const isSameList = (one: Step, other: Step): boolean =>
  one.indent === other.indent && one.before === other.before && one.after === other.after

const indentOf = (text: string): number => /^[ \t]*/.exec(text)?.[0].replaceAll('\t', '    ').length ?? 0

/** A line without its end; undefined where the document has none. */
function lineAt(document: TextDocument, line: number): string | undefined {
  if (line < 0 || line >= document.lineCount) return undefined
  return document
    .getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } })
    .replace(/[\r\n]+$/, '')
}
