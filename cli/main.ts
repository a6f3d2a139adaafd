#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { documentEndings } from '../engine/index.ts'
import manifest from '../package.json' with { type: 'json' }
import { addBaseline } from './command/baseline.ts'
import { addLint } from './command/lint.ts'
import { addMerge } from './command/merge.ts'
import { complain, exitWith, Interruption, tellInterruption } from './console.ts'

const exitCodes = `
Exit codes:
  0  nothing to report, or findings of severity info only
  1  findings of severity warning or error
  2  not all of it could be done: a path that does not exist, an unreadable document, a faulty
     configuration or rule file, an unknown rule. Each is named on stderr; the rest is linted.
  130  interrupted

Findings go to stdout, everything else to stderr. In folders git's ignore files and the
configuration's "ignores" are respected; so are the latter for files named here.
Colours follow the terminal, NO_COLOR and FORCE_COLOR.

Examples:
  silolint                                   the current folder
  silolint policies handbook/escalation.md   a folder and a file
  silolint "docs/**/*.md"                    a glob, quoted, with forward slashes
  silolint --format json docs > findings.json
  git show HEAD:policy.md | silolint --stdin --stdin-filename policy.md
`

function program(): Command {
  const command = new Command('silolint')
    .description(`${manifest.description}\nReads documents ending in ${documentEndings.join(', ')}.`)
    .version(manifest.version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    // options behind the name of a command are that command's own
    .enablePositionalOptions()
    .addHelpText('after', exitCodes)
    .showHelpAfterError('Run silolint --help for the options.')
    .exitOverride()
  addLint(command)
  addBaseline(command)
  addMerge(command)
  return command
}

// Nothing here calls process.exit, which would cut off what a pipe has not taken yet. The one exception is a reader that
// has gone away (`silolint | head`): nobody is left to print for.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`The output could not be written: ${error.message}\n`)
    process.exit(error.code === 'EPIPE' ? process.exitCode : 2)
  })
}
// Node would exit with 1, which says: findings.
process.on('uncaughtException', (error) => {
  complain(error)
})

try {
  await program().parseAsync(process.argv.slice(2), { from: 'user' })
} catch (error) {
  // commander has said what is wrong with the arguments; --help and --version come this way too, with 0.
  if (error instanceof CommanderError) exitWith(error.exitCode ? 2 : 0)
  else if (error instanceof Interruption) {
    tellInterruption()
    // not by itself: stdin may still be open, and nobody is going to read from it
    process.exit(error.exitCode)
  } else complain(error)
}
