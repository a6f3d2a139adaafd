import { statSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { addLint } from './command/lint.ts'
import { complain, exitWith, Interruption, say, tellInterruption } from './console.ts'
import { tellLinted } from './silolint.ts'

const more = `
Exit codes: 0 nothing, or information only; 1 findings that fail the run; 2 not
all could be done: stderr names each fault, the rest is linted; 130 interrupted.

Examples:
  silolint policies "handbook/**/*.md"      a folder and a quoted glob
  silolint -f json docs > found.json        nothing but findings on stdout
  git show HEAD:a.md | silolint - --stdin-filename a.md
`

/** The commands beside linting, each loaded when it is asked for. */
const commands: Record<string, () => Promise<(program: Command) => void>> = {
  baseline: async () => (await import('./command/baseline.ts')).addBaseline,
  merge: async () => (await import('./command/merge.ts')).addMerge,
  suppressions: async () => (await import('./command/suppressions.ts')).addSuppressions,
  explain: async () => (await import('./command/explain.ts')).addExplain,
  init: async () => (await import('./command/init.ts')).addInit,
  rules: async () => (await import('./command/rules.ts')).addRules,
  rule: async () => (await import('./command/rule.ts')).addRule,
  stats: async () => (await import('./command/stats.ts')).addStats,
  lsp: async () => (await import('./command/lsp.ts')).addLsp,
  completion: async () => (await import('./command/completion.ts')).addCompletion,
}

/** The program with the commands that arguments may name; with all of them where they are listed. */
async function program(args: readonly string[]): Promise<Command> {
  const command = new Command('silolint')
    .usage('[options] [paths...]\n       silolint <command> --help')
    .description(manifest.description)
    .version(manifest.version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    // options behind the name of a command are that command's own
    .enablePositionalOptions()
    .addHelpText('after', more)
    // no line for a command that --help on each of them makes needless
    .helpCommand(false)
    .configureHelp({
      subcommandTerm: (one) => one.name(),
      optionDescription: ({ description, argChoices, defaultValue, defaultValueDescription, negate }) => {
        const byDefault = defaultValueDescription ?? (typeof defaultValue === 'string' ? defaultValue : undefined)
        const choices = argChoices && !description.includes(argChoices[0] ?? '') ? `: ${argChoices.join(', ')}` : ''
        return `${description}${choices}${byDefault && !negate ? ` (default: ${byDefault})` : ''}`
      },
    })
    .showHelpAfterError('Run silolint --help for the options.')
    .exitOverride()
  command.hook('preAction', (_, one) => {
    // the folder may be what was meant, and a script would go on thinking that it was linted
    const [name = '', ...others] = process.argv.slice(2)
    if (one.parent === command && name === one.name() && !others.length && isFolder(name))
      say(`${name} is a command here. To lint the folder of that name: silolint ./${name}`)
  })
  addLint(command, Object.keys(commands))
  const isListed = args.includes('-h') || args.includes('--help') || args.includes('completion')
  for (const [name, load] of Object.entries(commands)) if (isListed || args.includes(name)) (await load())(command)
  return command
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/**
 * Does what the arguments of the process say, and sets its exit code.
 *
 * @param onLinted told of each text that was linted in this thread: its length in UTF-16 units
 */
export async function run(onLinted?: (length: number) => void): Promise<void> {
  if (onLinted) tellLinted(onLinted)
  // Nothing here calls process.exit, which would cut off what a pipe has not taken yet. The one exception is a reader that
  // has gone away (`silolint | head`): nobody is left to print for.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') process.stderr.write(`The output could not be written: ${error.message}\n`)
      process.exit(error.code === 'EPIPE' ? process.exitCode : 2)
    })
  }
  // a limit on the size of files is told where writing fails, like a full disk; write-file-atomic would end the process
  process.on('SIGXFSZ', () => {})
  // Node would exit with 1, which says: findings.
  process.on('uncaughtException', (error) => {
    complain(error)
  })

  try {
    const args = process.argv.slice(2)
    await (await program(args)).parseAsync(args, { from: 'user' })
  } catch (error) {
    // commander has said what is wrong with the arguments; --help and --version come this way too, with 0.
    if (error instanceof CommanderError) exitWith(error.exitCode ? 2 : 0)
    else if (error instanceof Interruption) {
      await tellInterruption()
      // not by itself: stdin may still be open, and nobody is going to read from it
      process.exit(error.exitCode)
    } else complain(error)
  }
}
