import type { Condition, RuleFile } from '../../engine/rulefile.ts'
import type { RuleHere } from '../command/rules.ts'

/** A file of the documentation, by its path in the folder. */
export interface Page {
  path: string
  text: string
}

/** What a page says of a rule besides what its author wrote, in Markdown. */
export function factsOf({ file, severity, source }: RuleHere): string {
  const own = severity === file.severity ? '' : ` (${file.severity} unless set)`
  const kinds: Record<RuleFile['kind'], string> = {
    phrase: 'phrases in a sentence',
    absence: `what a ${file.unit ?? 'unit'} lacks`,
    code: 'a program beside its page',
    plugin: 'what a retext plugin says',
  }
  const rows: Array<[string, string]> = [
    ['Rule', code(file.id)],
    ['Severity', severity === 'off' ? `off here${own}` : `${severity}${own}`],
    ['Looks for', kinds[file.kind]],
    ['Looks in', file.roles.length ? file.roles.join(', ') : 'all prose'],
    ['From', source === 'silolint' ? 'Silolint' : code(source)],
  ]
  const guards = guardsOf(file)
  if (guards.length) rows.push(['Kept quiet by', guards.map(code).join(', ')])
  return `| | |\n| --- | --- |\n${rows.map(([name, value]) => `| ${name} | ${cell(value)} |`).join('\n')}`
}

/** The names of the guards that a rule asks. */
function guardsOf({ groups, unless }: RuleFile): string[] {
  const named = (conditions: readonly Condition[]): string[] =>
    conditions.flatMap((condition) => ('guard' in condition ? [condition.guard] : []))
  return [...new Set([...named(unless), ...groups.flatMap((group) => named(group.unless))])].sort()
}

/** How to switch a rule, in Markdown. */
export const switchingOf = ({ file: { id } }: RuleHere): string =>
  `## Switching it

In the configuration:

\`\`\`json
{ "rules": { ${JSON.stringify(id)}: "off" } }
\`\`\`

For one sentence, with the reason behind the two dashes:

\`\`\`markdown
<!-- silolint-disable-next-line ${id} -- quoted from the law -->
\`\`\``

/** Text as code, whatever it holds. */
export function code(text: string): string {
  const ticks = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  const pad = /^`|`$/.test(text) ? ' ' : ''
  return `${ticks}${pad}${text}${pad}${ticks}`
}

/** Text that stays in one cell of a table. */
export const cell = (text: string): string => text.replace(/\r?\n/g, ' ').replaceAll('|', '\\|')

/** The page of a rule without its title. */
export const bodyOf = ({ file }: RuleHere): string => file.page.replace(/^#[ \t].*$/m, '').trim()

/** Rules by where they come from, those of the team first. */
export function byOrigin(rules: readonly RuleHere[]): Array<{ title: string; rules: RuleHere[] }> {
  const own = rules.filter(({ source }) => source !== 'silolint')
  const others = rules.filter(({ source }) => source === 'silolint')
  return [
    { title: 'Of our own', rules: own },
    { title: 'Of Silolint', rules: others },
  ].filter((group) => group.rules.length)
}
