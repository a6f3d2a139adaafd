import type { Command } from 'commander'
import { addRuleDocs } from './ruledocs.ts'
import { addRuleImport } from './ruleimport.ts'
import { addRuleNew } from './rulenew.ts'
import { addRuleTest } from './ruletest.ts'

/** Adds the command about rules of one's own; each of its subcommands has a file of its own. */
export function addRule(program: Command): void {
  const command = program
    .command('rule')
    .summary('write and test rules of your own')
    .description('Write and test rules of your own.')
    .helpCommand(false)
  addRuleNew(command)
  addRuleTest(command)
  addRuleImport(command)
  addRuleDocs(command)
}
