import { appendFileSync } from 'node:fs'
import type { VFileMessage } from 'vfile-message'
import { rangeOf } from '../../engine/finding.ts'
import { type Severity, severities, severityOf } from '../../engine/severity.ts'
import { printable, reportFault } from '../console.ts'
import { codeOf, count } from '../documents.ts'
import type { Report, Summary } from '../report.ts'
import { isPublic, repositoryPaths } from './place.ts'
import { hiddenToString, messageOf, nothingFound } from './wording.ts'

const levels: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'notice' }

/** GitHub takes a megabyte a step, and nobody reads on. */
const rowsShown = 200

/**
 * Annotations as GitHub Actions takes them from stdout. It shows about ten of each level a step, so the heaviest come
 * first. All findings, as a table, go to the file of the step's summary, if there is one.
 */
export function github(stepSummary?: string): Report {
  const pathOf = repositoryPaths()
  // what is printed of them, which is less than they are
  const commands: Record<Severity, string[]> = { error: [], warning: [], info: [] }
  const rows: Record<Severity, string[]> = { error: [], warning: [], info: [] }
  let found = 0
  let documents = 0
  return {
    document({ file, findings }) {
      documents++
      const path = pathOf(file)
      for (const finding of findings) {
        const severity = severityOf(finding)
        found++
        commands[severity].push(toCommand(finding, path))
        if (rows[severity].length < rowsShown) rows[severity].push(toRow(finding, path))
      }
      return ''
    },
    end(summary) {
      if (stepSummary) {
        try {
          appendFileSync(
            stepSummary,
            toMarkdown(
              severities.flatMap((severity) => rows[severity]),
              found,
              documents,
              summary,
            ),
          )
        } catch (error) {
          reportFault({
            path: stepSummary,
            problem: `the step's summary cannot be written (${codeOf(error)})`,
            cure: 'Check the file that GITHUB_STEP_SUMMARY names, or unset it.',
          })
        }
      }
      return severities.flatMap((severity) => commands[severity]).join('')
    },
  }
}

function toCommand(finding: VFileMessage, path: string): string {
  const { start, end } = rangeOf(finding)
  const properties: Array<[string, string | number]> = [
    ['file', path],
    ['line', start.line],
    ['endLine', end.line],
    // GitHub refuses columns that are not of the same line
    ...(start.line === end.line
      ? ([
          ['col', start.column],
          ['endColumn', end.column],
        ] as Array<[string, number]>)
      : []),
    ['title', finding.ruleId ?? ''],
  ]
  const said = properties.map(([name, value]) => `${name}=${escapeProperty(String(value))}`).join(',')
  return `::${levels[severityOf(finding)]} ${said}::${escapeData(messageOf(finding))}\n`
}

const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

function toMarkdown(heaviest: readonly string[], found: number, documents: number, summary: Summary): string {
  const parts = [
    found
      ? `## Silolint: ${count(found, 'finding')} in ${count(documents, 'document')}`
      : `## Silolint: ${plain(nothingFound(summary, documents)).replace(/^No/, 'no')}`,
  ]
  const rows = heaviest.slice(0, rowsShown)
  if (rows.length) parts.push(['| | place | finding | rule |', '|---|---|---|---|', ...rows].join('\n'))
  if (found > rowsShown) parts.push(`The other ${found - rowsShown} are not listed here.`)
  const hidden = hiddenToString(summary)
  if (hidden) parts.push(hidden)
  return `${parts.join('\n\n')}\n\n`
}

function toRow(finding: VFileMessage, path: string): string {
  const { line, column } = rangeOf(finding).start
  const { ruleId = '', url } = finding
  const rule = isPublic(url) ? `[${plain(ruleId)}](${url})` : plain(ruleId)
  return `| ${severityOf(finding)} | ${plain(path)}:${line}:${column} | ${plain(messageOf(finding))} | ${rule} |`
}

/** Text that means nothing in Markdown: a document must not put images and links into somebody's summary. */
const plain = (text: string): string => printable(text).replace(/[!-/:-@[-`{-~]/g, '\\$&')
