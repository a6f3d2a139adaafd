import type { Command } from 'commander'

/** Adds the command about rules of one's own; each of its subcommands has a file of its own. */
export function addRule(program: Command): void {
  program.command('rule').summary('write and test rules of your own').description('Write and test rules of your own.')
}
