import { type Command, Help, Option } from 'commander'
import type { Colors } from 'picocolors/types'
import { nearest } from '../../engine/nearest.ts'
import { print, printable, reportFault, terminal } from '../console.ts'
import { type RuleHere, rulesHere } from './rules.ts'

const formats = ['text', 'markdown', 'json'] as const

/** Adds the command that shows the page of a rule. */
export function addExplain(program: Command): void {
  program
    .command('explain')
    .summary('show the page of a rule')
    .description('Show what a rule finds, why, what to write instead and when to switch it off.')
    .argument('[rule]', 'its id, as findings name it; rules of your own count')
    .addOption(
      new Option('-f, --format <name>', 'text, markdown (the page as it is) or json').choices(formats).default('text'),
    )
    .addHelpText('after', '\nsilolint rules lists the ids.')
    .action(explain)
}

async function explain(id: string | undefined, { format }: { format: (typeof formats)[number] }): Promise<void> {
  if (id === undefined)
    return reportFault({ path: '', problem: 'explain needs the id of a rule', cure: 'silolint rules lists them.' })
  const rules = await rulesHere()
  const rule = rules.find(({ file }) => file.id === id)
  if (!rule) {
    const ids = rules.map(({ file }) => file.id)
    const meant = nearest(id, ids)
    const cure = meant ? `Did you mean "${meant}"?` : `The rules are ${ids.join(', ')}.`
    return reportFault({ path: '', value: id, problem: 'there is no such rule', cure })
  }
  if (format === 'markdown') return print(`${rule.file.page.trim()}\n`)
  if (format === 'json') return print(`${JSON.stringify(toJson(rule), null, 2)}\n`)
  const { colors, width = 80 } = terminal()
  return print(toText(rule, colors, Math.min(width, 100)))
}

function toJson({ file, severity, source }: RuleHere) {
  const { id, title, kind, severity: own, note, page, url, examples } = file
  return {
    ...{ id, title, severity, defaultSeverity: own, kind, source, url, description: note, page },
    examples: examples.map(({ flagged, text, rewritten }) => ({ text, flagged, rewritten })),
  }
}

/** The page for a terminal: its prose without markup and fences, then two examples. */
function toText({ file, severity, source }: RuleHere, colors: Colors, width: number): string {
  const help = new Help()
  const own = severity === file.severity ? '' : ` here (${file.severity} unless set)`
  const parts = [
    `${colors.bold(printable(file.title))}  ${colors.dim(file.id)}`,
    `${severity}${own} · ${file.kind} · ${source}`,
  ]
  const prose = file.page
    .replace(/^\s*#[ \t].*$/m, '')
    // from a fence to its like, with a line that leads in to it
    .replace(/(?:^[^\n]*:\n\s*\n)?^(`{3,}|~{3,})[\s\S]*?^\1.*$/gm, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .trim()
  for (const block of prose.split(/\n[ \t]*\n\s*/)) {
    const heading = /^#{2,6}[ \t]+(.*)$/.exec(block)
    if (heading && /^examples?$/i.test(plain(heading[1] ?? ''))) continue
    if (heading) parts.push(colors.bold(plain(heading[1] ?? '')))
    else {
      // an item begins on a line of its own, its next lines belong to it
      const items = block.split(/\n(?=[ \t]*(?:[-*]|\d+\.)[ \t])/)
      parts.push(items.map((item) => indented(help.boxWrap(plain(item), width - 2))).join('\n'))
    }
  }
  const flagged = file.examples.filter((example) => example.flagged).slice(0, 2)
  if (flagged.length) {
    parts.push(colors.bold('For example'))
    for (const { text, rewritten } of flagged) {
      const lines = [colors.red(indented(help.boxWrap(`- ${printable(text)}`, width - 2)))]
      if (rewritten) lines.push(colors.green(indented(help.boxWrap(`+ ${printable(rewritten)}`, width - 2))))
      parts.push(lines.join('\n'))
    }
  }
  parts.push(colors.dim(file.url))
  return `${parts.join('\n\n')}\n`
}

/** Markdown's words: pages use code, emphasis and links, no more. */
const plain = (markdown: string): string =>
  printable(markdown.replace(/\s+/g, ' '))
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|\b_|_\b|`)/g, '')
    .trim()

const indented = (text: string): string => text.replace(/^(?!$)/gm, '  ')
