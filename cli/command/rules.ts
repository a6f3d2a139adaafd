import { relative, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { builtIn } from '../../engine/builtin.ts'
import { openProject } from '../../engine/disk.ts'
import type { Severity } from '../../engine/index.ts'
import type { RuleFile } from '../../engine/rulefile.ts'
import { print, printable, reportFault } from '../console.ts'
import { slashed } from '../documents.ts'

/** A rule as the current folder has it. */
export interface RuleHere {
  file: RuleFile
  /** What the configuration makes of it. */
  severity: Severity | 'off'
  /** `silolint`, or the file of a team's own rule as seen from the current folder. */
  source: string
  /** Whose place it has taken, said in the same way. */
  replaces?: string
}

/** The rules of the current folder, its own among them, sorted by id. Faults are reported. */
export async function rulesHere(): Promise<RuleHere[]> {
  const { linter, faults } = await openProject({ trusted: true }).resolve(resolve('document.md'))
  faults.forEach(reportFault)
  const sourceOf = (file: RuleFile): string =>
    builtIn.rules.includes(file) ? 'silolint' : slashed(relative('', file.path))
  return linter.catalogue.rules.map((file) => {
    const replaced = linter.catalogue.replaced.get(file.id)
    return {
      file,
      severity: linter.levels.get(file.id) ?? 'off',
      source: sourceOf(file),
      ...(replaced && { replaces: sourceOf(replaced) }),
    }
  })
}

/** Adds the command that lists the rules. */
export function addRules(program: Command): void {
  program
    .command('rules')
    .summary('list the rules')
    .description('List the rules with the severity that they have in the current folder.')
    .addOption(new Option('-f, --format <name>', 'how it is printed').choices(['table', 'json']).default('table'))
    .addHelpText(
      'after',
      `
Kinds: phrase, words in a sentence; absence, what a purpose or a measure lacks;
code and plugin, what phrases cannot say. silolint explain RULE tells more.`,
    )
    .action(rules)
}

async function rules({ format }: { format: 'table' | 'json' }): Promise<void> {
  const here = await rulesHere()
  if (format === 'json') {
    const list = here.map(({ file: { id, kind, title, note, url, severity: own }, severity, source, replaces }) => {
      return { id, severity, defaultSeverity: own, kind, title, description: note, source, replaces, url }
    })
    return print(`${JSON.stringify(list, null, 2)}\n`)
  }
  const head = ['rule', 'severity', 'kind', 'title', 'from']
  const rows = here.map(({ file: { id, kind, title }, severity, source, replaces }) => [
    ...[id, severity, kind, title],
    replaces === undefined ? source : `${source}, in place of ${replaces === 'silolint' ? "Silolint's own" : replaces}`,
  ])
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)))
  for (const row of [head, ...rows]) {
    const line = row.map((cell, column) => printable(cell).padEnd(widths[column] ?? 0)).join('  ')
    await print(`${line.trimEnd()}\n`)
  }
}
