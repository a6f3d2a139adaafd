import type { RuleHere } from '../command/rules.ts'
import { bodyOf, byOrigin, cell, factsOf, type Page, switchingOf } from './page.ts'

/** A page of each rule and an index, in Markdown. */
export function toMarkdown(rules: readonly RuleHere[], title: string): Page[] {
  const groups = byOrigin(rules)
  const index = groups.map((group) => {
    const rows = group.rules.map(
      ({ file: { id, title, note }, severity }) =>
        `| [${cell(title)}](${id}.md) | ${severity} | ${cell(firstSentence(note))} |`,
    )
    const heading = groups.length > 1 ? `## ${group.title}\n\n` : ''
    return `${heading}| rule | severity | what it finds |\n| --- | --- | --- |\n${rows.join('\n')}\n`
  })
  return [
    // no rule has this name: a file of it in a folder of rules is none
    { path: 'README.md', text: `# ${title}\n\n${index.join('\n')}` },
    ...rules.map((rule) => ({
      path: `${rule.file.id}.md`,
      text: `# ${rule.file.title}\n\n${factsOf(rule)}\n\n${bodyOf(rule)}\n\n${switchingOf(rule)}\n\n[All rules](README.md)\n`,
    })),
  ]
}

/** The first sentence of a text, for a row of a table. */
export const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text
