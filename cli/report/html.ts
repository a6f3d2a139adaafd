import type { VFileMessage } from 'vfile-message'
import { type Range, rangeOf } from '../../engine/finding.ts'
import { type Severity, severities, severityOf } from '../../engine/severity.ts'
import manifest from '../../package.json' with { type: 'json' }
import { printable } from '../console.ts'
import { count } from '../documents.ts'
import type { Report } from '../report.ts'
import { escaped } from './markup.ts'
import { isPublic } from './place.ts'
import { hiddenToString, nothingFound, rewriteToString } from './wording.ts'

/** How much of a source line is shown on either side of a finding, and of the finding itself. */
const around = 160
const within = 1000

type Counts = Record<Severity, number>

/** One page to send round: what was found by rule and by document, and each finding in its line. It loads nothing. */
export function html(): Report {
  const byRule = new Map<string, Counts>()
  const byDocument = new Map<string, Counts>()
  const sections: string[] = []
  const pages = new Map<string, string | undefined>()
  let documents = 0
  return {
    document(result) {
      documents++
      const { path, findings } = result
      if (!findings.length) return ''
      const { source } = result
      const counts: Counts = { error: 0, warning: 0, info: 0 }
      byDocument.set(path, counts)
      for (const finding of findings) {
        const { ruleId = '', url } = finding
        const rule = byRule.get(ruleId) ?? { error: 0, warning: 0, info: 0 }
        byRule.set(ruleId, rule)
        pages.set(ruleId, url)
        counts[severityOf(finding)]++
        rule[severityOf(finding)]++
      }
      const articles = findings.map((finding) => toArticle(finding, source))
      sections.push(`<section id="d${byDocument.size}">\n<h2>${text(path)}</h2>\n${articles.join('\n')}\n</section>`)
      return ''
    },
    end(summary) {
      const total = sum([...byDocument.values()].map((counts) => sum(Object.values(counts))))
      const hidden = hiddenToString(summary)
      const headline = total
        ? `${count(total, 'finding')} in ${byDocument.size} of ${count(documents, 'document')}`
        : text(nothingFound(summary, documents))
      const tables = total
        ? [
            toTable(
              'Rule',
              [...byRule].map(([id, counts]) => [link(id, pages.get(id)), counts]),
            ),
            toTable(
              'Document',
              [...byDocument].map(([path, counts], index) => [`<a href="#d${index + 1}">${text(path)}</a>`, counts]),
            ),
          ]
        : []
      return `${[
        head,
        `<h1>Silolint</h1>\n<p>${headline}.${hidden && ` ${hidden}`}</p>`,
        ...tables,
        ...sections,
        `<footer>Silolint ${manifest.version}</footer>\n</body>\n</html>`,
      ].join('\n')}\n`
    },
  }
}

function toTable(title: string, rows: Array<[markup: string, counts: Counts]>): string {
  const sorted = [...rows].sort(([, a], [, b]) => sum(Object.values(b)) - sum(Object.values(a)))
  const body = sorted.map(([markup, counts]) => {
    const cells = severities.map((severity) => `<td>${counts[severity] || ''}</td>`)
    return `<tr><th scope="row">${markup}</th>${cells.join('')}</tr>`
  })
  const header = ['Errors', 'Warnings', 'Info'].map((name) => `<th scope="col">${name}</th>`).join('')
  return `<table>\n<tr><th scope="col">${title}</th>${header}</tr>\n${body.join('\n')}\n</table>`
}

function toArticle(finding: VFileMessage, source: string): string {
  const { ruleId = '', reason, url, note, expected = [] } = finding
  const severity = severityOf(finding)
  const range = rangeOf(finding)
  const { line, column } = range.start
  const rewrites = expected.map((one) => `<li>${text(rewriteToString(one))}</li>`).join('')
  return [
    `<article class="${severity}">`,
    `<p><b>${severity}</b> ${line}:${column} ${text(reason)} <small>${link(ruleId, url)}</small></p>`,
    `<pre>${toExcerpt(source, range)}</pre>`,
    ...(rewrites ? [`<p>It could read:</p><ul>${rewrites}</ul>`] : []),
    ...(note ? [`<details><summary>Why</summary><p>${text(note)}</p></details>`] : []),
    '</article>',
  ].join('\n')
}

/** The source lines of a finding with the finding marked; of long ones what stands next to it. */
function toExcerpt(source: string, { start, end }: Range): string {
  const lineStart = start.offset - start.column + 1
  const from = Math.max(lineStart, start.offset - around)
  const [after = ''] = source.slice(end.offset, end.offset + around).split(/[\r\n]/)
  const found = source.slice(start.offset, Math.min(end.offset, start.offset + within))
  const lead = `${from > lineStart ? '…' : ''}${source.slice(from, start.offset)}`
  const cut = end.offset - start.offset > within ? '…' : ''
  const tail = `${after}${after.length === around ? '…' : ''}`
  return `${text(lead)}<mark>${found
    .split(/\r\n|\r|\n/)
    .map(text)
    .join('\n')}${cut}</mark>${text(tail)}`
}

const text = (raw: string): string => escaped(printable(raw))

const link = (id: string, url: string | undefined): string =>
  isPublic(url) ? `<a href="${escaped(url)}">${text(id)}</a>` : text(id)

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)

const head = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Silolint</title>
<style>
:root { color-scheme: light dark; --line: light-dark(#d8dde3, #3a424c); --error: #c0392b; --warning: #c77700; --info: #2d74b5 }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); font-weight: normal }
th { overflow-wrap: anywhere }
tr:first-child th { font-weight: 600; overflow-wrap: normal }
td { text-align: right }
h2 { font-size: 1.1rem; margin-top: 2.5rem; overflow-wrap: anywhere }
article { border-left: 4px solid var(--info); padding: .1rem 0 .1rem 1rem; margin: 1rem 0 }
article.error { border-color: var(--error) }
article.warning { border-color: var(--warning) }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: light-dark(#f4f6f8, #20262d); padding: .5rem .8rem }
mark { background: light-dark(#ffe3a3, #6b4e00); color: inherit }
footer { margin-top: 3rem; font-size: .85rem }
</style>
</head>
<body>`
