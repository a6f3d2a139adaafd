import { micromark } from 'micromark'
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table'
import type { RuleHere } from '../command/rules.ts'
import { escaped } from '../report/markup.ts'
import { firstSentence } from './markdown.ts'
import { bodyOf, byOrigin, factsOf, type Page, switchingOf } from './page.ts'

/** A static site: a page of each rule and an index, which load nothing but one another and one style sheet. */
export function toSite(rules: readonly RuleHere[], title: string): Page[] {
  const groups = byOrigin(rules)
  const ids = new Set(rules.map(({ file }) => file.id))
  const index = groups.map((group) => {
    const rows = group.rules.map(
      ({ file: { id, title, note }, severity }) =>
        `<tr><td><a href="${address(id)}">${escaped(title)}</a></td><td class="${severity}">${severity}</td><td>${inline(firstSentence(note))}</td></tr>`,
    )
    const heading = groups.length > 1 ? `<h2>${group.title}</h2>\n` : ''
    return `${heading}<table><thead><tr><th>Rule</th><th>Severity</th><th>What it finds</th></tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`
  })
  return [
    { path: 'rules.css', text: style },
    { path: 'index.html', text: page(title, `<h1>${escaped(title)}</h1>\n${index.join('\n')}`) },
    ...rules.map((rule) => ({
      // GitHub Pages and most servers take index.html for the folder, so a rule may have that name too
      path: decodeURIComponent(address(rule.file.id)),
      text: page(
        `${rule.file.title} · ${title}`,
        `<nav><a href="index.html">${escaped(title)}</a></nav>\n<h1>${escaped(rule.file.title)}</h1>\n${html(`${factsOf(rule)}\n\n${bodyOf(rule)}\n\n${switchingOf(rule)}`, ids)}`,
      ),
    })),
  ]
}

const address = (id: string): string => `${encodeURIComponent(id === 'index' ? 'rule-index' : id)}.html`

/** Markdown as HTML. Tags and scripts in a page are shown as text, addresses that run something are left out. */
function html(markdown: string, ids: ReadonlySet<string>): string {
  return (
    micromark(markdown, { extensions: [gfmTable()], htmlExtensions: [gfmTableHtml()] })
      // pages of rules name one another as files
      .replace(/href="(?:\.\/)?([^"/:]+)\.md(#[^"]*)?"/g, (whole, id: string, hash = '') =>
        ids.has(decodeURIComponent(id)) ? `href="${address(decodeURIComponent(id))}${hash}"` : whole,
      )
      // examples are read in red and green
      .replace(/<code class="language-diff">([\s\S]*?)<\/code>/g, (_, lines: string) => {
        const colored = lines.replace(/^([-+])(.*)$/gm, (line, sign: string) =>
          sign === '-' ? `<del>${line}</del>` : `<ins>${line}</ins>`,
        )
        return `<code class="language-diff">${colored}</code>`
      })
  )
}

/** One line of Markdown without the paragraph around it. */
const inline = (markdown: string): string => micromark(markdown).replace(/^<p>|<\/p>\s*$/g, '')

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="rules.css">
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`

const style = `:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; margin: 0; }
main { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.25; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #8886; }
thead:has(th:empty) { display: none; }
pre { overflow-x: auto; white-space: pre-wrap; padding: .8rem; border: 1px solid #8886; border-radius: .4rem; }
code { font: .9em/1.5 ui-monospace, monospace; }
del, ins { display: block; text-decoration: none; }
del { color: #a11; background: #f001; }
ins { color: #161; background: #0801; }
@media (prefers-color-scheme: dark) { del { color: #f99; } ins { color: #9d9; } }
.error { color: #c22; } .off { opacity: .6; }
`
