import type { Colors, Formatter } from 'picocolors/types'
import type { VFileMessage } from 'vfile-message'
import { type Range, rangeOf } from '../../engine/finding.ts'
import { type Severity, severities, severityOf } from '../../engine/severity.ts'
import { printable } from '../console.ts'
import { count } from '../documents.ts'
import type { Report } from '../report.ts'
import { hiddenToString, nothingFound, rewriteToString } from './wording.ts'

/** How far messages, source lines and rewrites are indented below the line with the position. */
const indent = ' '.repeat(8)

/** More of a source line does not help to recognise the place. */
const widest = 120

/** Of a finding that runs over more lines than these only the first ones are shown. */
const linesShown = 3

/**
 * The report for people: a heading for each document with findings, each finding with the source line, its place marked,
 * and the first rewrite; at the end a line that sums up. `width` is the number of columns to keep within. Without it
 * messages and rewrites stay on one line each, so that grep finds them, and only source lines are cut.
 */
export function stylish(colors: Colors, width = Number.POSITIVE_INFINITY): Report {
  const color: Record<Severity, Formatter> = { error: colors.red, warning: colors.yellow, info: colors.blue }
  const room = Math.max(20, Math.min(width, widest) - indent.length)
  const counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 }
  let documents = 0
  let documentsWithFindings = 0

  function toText(finding: VFileMessage, source: string, positionWidth: number): string {
    const severity = severityOf(finding)
    counts[severity]++
    const { expected, ruleId } = finding
    const position = positionOf(finding).padEnd(positionWidth)
    // The id hangs on its no-break space, so that it stays off the message even where it begins a line.
    const message = wrap(`${printable(finding.reason)} \u00A0${ruleId}`, width, positionWidth + 13)
    const lines = [
      `  ${colors.dim(position)}  ${color[severity](severity.padEnd(7))}  ` +
        `${message.slice(0, -`\u00A0${ruleId}`.length)} ${colors.dim(`${ruleId}`)}`,
    ]
    for (const { text, mark } of excerpt(source, rangeOf(finding), room)) {
      lines.push(`${indent}${text}`, `${indent}${color[severity](mark)}`)
    }
    const [rewrite, ...others] = expected ?? []
    if (rewrite !== undefined) {
      const more = others.length ? ` (or ${others.length} more)` : ''
      lines.push(
        `${indent}${colors.green('→')} ${wrap(`${changeOf(finding.actual ?? '', rewriteToString(rewrite))}${more}`, width, indent.length + 2)}`,
      )
    }
    return lines.join('\n')
  }

  return {
    document(result) {
      documents++
      const { path, findings } = result
      if (!findings.length) return ''
      const { source } = result
      documentsWithFindings++
      const positionWidth = Math.max(...findings.map((finding) => positionOf(finding).length))
      const texts = findings.map((finding) => toText(finding, source, positionWidth))
      return `${colors.underline(printable(path))}\n${texts.join('\n\n')}\n\n`
    },
    end(summary) {
      if (!documents) return ''
      const total = counts.error + counts.warning + counts.info
      const said = hiddenToString(summary)
      const hidden = said ? `${colors.dim(said)}\n` : ''
      if (!total) {
        const nothing = nothingFound(summary, documents)
        return `${nothing.replace(/^No findings/, colors.green)}.\n${hidden}`
      }
      const parts = severities
        .filter((severity) => counts[severity])
        .map((severity) =>
          color[severity](severity === 'info' ? `${counts.info} info` : count(counts[severity], severity)),
        )
      const place = documents === 1 ? '' : ` in ${documentsWithFindings} of ${count(documents, 'document')}`
      return `${colors.bold(count(total, 'finding'))}${place}: ${parts.join(', ')}.\n${hidden}`
    },
  }
}

/** So many words on either side tell where in a sentence a change stands. */
const wordsBeside = 3

/** A rewrite; of one that is long and keeps most of its sentence, which is printed above it, what it changes. */
function changeOf(actual: string, rewrite: string): string {
  const before = printable(actual).split(/\s+/)
  const after = rewrite.split(' ')
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start++
  let end = 0
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const from = start > wordsBeside + 2 ? start - wordsBeside : 0
  const to = end > wordsBeside + 2 ? after.length - end + wordsBeside : after.length
  return [...(from ? ['…'] : []), ...after.slice(from, to), ...(to < after.length ? ['…'] : [])].join(' ')
}

/**
 * The source lines a finding covers, cut to `room` columns around it, each with the line of marks to print below.
 * Looks only at the neighbourhood of the finding: a document may be a single line of megabytes.
 */
function excerpt(source: string, { start, end }: Range, room: number): Array<{ text: string; mark: string }> {
  const { offset: from } = start
  const { offset: to } = end
  const [first = '', ...others] = source.slice(from, Math.min(to, from + linesShown * 1000)).split(lineBreak)
  const before = source.slice(Math.max(from - start.column + 1, from - room), from)
  const [rest = ''] = source.slice(to, to + room).split(lineBreak)
  const pieces = [first, ...others]
  return pieces.slice(0, linesShown).map((piece, index) => {
    const inner = index ? piece.trimStart() : piece
    const lead = index ? piece.slice(0, piece.length - inner.length) : before
    const tail = index === pieces.length - 1 ? rest : index === linesShown - 1 ? ' …' : ''
    return layOut(lead, inner, tail, room)
  })
}

const lineBreak = /\r\n|\r|\n/

/** Lays out one line in `room` columns so that the marked piece stays in sight. */
function layOut(before: string, piece: string, after: string, room: number): { text: string; mark: string } {
  const middle = cut(toCells(piece), room)
  const left = room - columns(middle)
  const lead = toCells(before)
  const tail = toCells(after)
  const start = cut(lead.reverse(), Math.max(Math.floor(left / 2), left - columns(tail))).reverse()
  const end = cut(tail, left - columns(start))
  const text = [...start, ...middle, ...end].map(({ text }) => text).join('')
  return { text: text.trimEnd(), mark: ' '.repeat(columns(start)) + '~'.repeat(Math.max(1, columns(middle))) }
}

/** A character as the terminal shows it. */
interface Cell {
  text: string
  /** How many columns it takes: 0, 1 or 2. */
  columns: number
}

/** The characters from the front that fit, the last one replaced by an ellipsis where some do not. */
function cut(cells: readonly Cell[], room: number): Cell[] {
  if (columns(cells) <= room) return [...cells]
  if (room < 1) return []
  const kept: Cell[] = []
  let used = 1
  for (const cell of cells) {
    used += cell.columns
    if (used > room) break
    kept.push(cell)
  }
  return [...kept, { text: '…', columns: 1 }]
}

function columns(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.columns, 0)
}

function toCells(text: string): Cell[] {
  return Array.from(printable(text), (text) => ({ text, columns: zero.test(text) ? 0 : wide.test(text) ? 2 : 1 }))
}

const zero = /[\p{M}\uFEFF]|[\u200B-\u200D]/u
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u

/** Breaks text between words so that it stays within `width` columns where each line after the first is indented. */
function wrap(text: string, width: number, indented: number): string {
  const room = Math.max(20, width - indented)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else {
      line = line ? `${line} ${word}` : word
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indented)}`)
}

function positionOf(finding: VFileMessage): string {
  const { start } = rangeOf(finding)
  return `${start.line}:${start.column}`
}
