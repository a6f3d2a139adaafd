import type { Command } from 'commander'
import { addRuleDocs } from './rule-docs.ts'
import { addRuleImport } from './rule-import.ts'

/** Adds the command about rules of one's own; each of its subcommands has a file of its own. */
export function addRule(program: Command): void {
  const rule = program
    .command('rule')
    .summary('write and test rules of your own')
    .description('Write and test rules of your own.')
  addRuleImport(rule)
  addRuleDocs(rule)
}
