import { once } from 'node:events'
import { isAbsolute, relative, resolve } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import picocolors from 'picocolors'
import { openProject, readDocument } from '../engine/disk.ts'
import { type Fault, faultToString } from '../engine/fault.ts'
import { documentEndings, severityOf } from '../engine/index.ts'
import manifest from '../package.json' with { type: 'json' }
import { findDocuments, readStdin, slashed } from './documents.ts'
import { json } from './json.ts'
import { printable, stylish } from './stylish.ts'

interface Options {
  format: 'stylish' | 'json'
  rule?: string[]
  off?: string[]
  stdin?: true
  stdinFilename?: string
}

const exitCodes = `
Exit codes:
  0  nothing to report, or findings of severity info only
  1  findings of severity warning or error
  2  not all of it could be done: a path that does not exist, an unreadable document, a faulty
     configuration or rule file, an unknown rule. Each is named on stderr; the rest is linted.

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

function parse(args: readonly string[]): { paths: string[]; options: Options } {
  const collect = (id: string, ids: string[] = []) => [...ids, id]
  const command = new Command('silolint')
    .description(`${manifest.description}\nReads documents ending in ${documentEndings.join(', ')}.`)
    .argument('[paths...]', 'files, folders and globs; - is stdin (default: the current folder)')
    .addOption(
      new Option('--format <name>', 'how findings are printed').choices(['stylish', 'json']).default('stylish'),
    )
    .option('--rule <id>', 'use only this rule; repeat it for more', collect)
    .option('--off <id>', 'do not use this rule; repeat it for more', collect)
    .option('--stdin', 'read a document from stdin')
    .option('--stdin-filename <path>', 'what to call that document, which decides its configuration and format')
    .option(
      '--no-cache',
      'accepted for scripts shared with other linters; there is no cache, every run reads everything',
    )
    .version(manifest.version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', exitCodes)
    .showHelpAfterError('Run silolint --help for the options.')
    .exitOverride()
  command.parse(args, { from: 'user' })
  const options = command.opts<Options>()
  if (options.stdinFilename !== undefined && !options.stdin && !command.args.includes('-')) {
    command.error('error: --stdin-filename names a document on stdin: add --stdin, or - as a path')
  }
  return { paths: command.args, options }
}

/** The exit code only ever rises: a finding after a fault does not hide the fault. */
function exitWith(code: number): void {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code)
}

/** Prints what is not a finding, and each text once: all documents share most faults of their configuration. */
const said = new Set<string>()
function say(text: string): void {
  if (!said.has(text)) process.stderr.write(`${printable(text)}\n`)
  said.add(text)
}

function report(fault: Fault): void {
  const near = isAbsolute(fault.path) ? relative('', fault.path) : fault.path
  say(faultToString({ ...fault, path: slashed(near.startsWith('..') ? fault.path : near) }))
  exitWith(2)
}

/** The rules that the command line names and no configuration so far knows; an id may belong to one project of several. */
let unknown: Map<string, Fault> | undefined

function reportConfiguration(faults: readonly Fault[]): void {
  const unknownHere = new Map<string, Fault>()
  for (const fault of faults) {
    if (fault.path) report(fault)
    else unknownHere.set(fault.value ?? fault.problem, fault)
  }
  unknown ??= unknownHere
  for (const id of unknown.keys()) if (!unknownHere.has(id)) unknown.delete(id)
}

/** Waits until stdout took the text: a pipe that is read slowly must not make the whole output pile up in memory. */
async function print(text: string): Promise<void> {
  if (text && !process.stdout.write(text)) await once(process.stdout, 'drain')
}

async function run(args: readonly string[]): Promise<void> {
  const { paths, options } = parse(args)
  const fromStdin = options.stdin || paths.includes('-')
  const named = paths.filter((path) => path !== '-')
  const found = await findDocuments(named.length || fromStdin ? named : ['.'])
  const { documents } = found
  found.faults.forEach(report)
  found.notes.forEach(say)
  if (fromStdin) {
    const path = options.stdinFilename
    documents.push({
      path: path ? slashed(path) : '<stdin>',
      file: resolve(path || 'stdin.md'),
      named: true,
      stdin: true,
    })
  }
  // Compared by code unit: the order must not change with the machine's language.
  documents.sort((a, b) => (a.path < b.path ? -1 : 1))

  const project = openProject({
    trusted: true,
    overrides: {
      ...(options.rule && { only: options.rule }),
      ...(options.off && { rules: Object.fromEntries(options.off.map((id) => [id, 'off' as const])) }),
    },
  })
  // Without a document nobody would hear of a misspelt rule, and a script would go on thinking that all is well.
  if (!documents.length) reportConfiguration((await project.resolve(resolve('document.md'))).faults)

  const { isTTY, columns } = process.stdout
  // picocolors alone colours every output on Windows and in CI, also one that goes into a file.
  const { FORCE_COLOR } = process.env
  const colored = picocolors.isColorSupported && FORCE_COLOR !== '0' && (isTTY || Boolean(FORCE_COLOR))
  const output =
    options.format === 'json'
      ? json()
      : stylish(picocolors.createColors(colored), columns || Number(process.env.COLUMNS) || undefined)
  for (const document of documents) {
    try {
      const resolved = await project.resolve(document.file)
      reportConfiguration(resolved.faults)
      if (resolved.ignores(document.file)) {
        if (document.named) say(`${document.path}: not linted, because the configuration ignores it.`)
        continue
      }
      const read = await (document.stdin ? readStdin(document.path) : readDocument(document.file))
      if ('fault' in read) {
        report({ ...read.fault, path: document.path })
        continue
      }
      const { messages } = resolved.linter.lint(read.source, { path: document.path })
      if (messages.some((finding) => severityOf(finding) !== 'info')) exitWith(1)
      await print(output.document(document.path, read.source, messages))
    } catch (error) {
      complain(error, `${document.path}: `)
    }
  }
  unknown?.forEach(report)
  await print(output.end())
}

/** For what cannot happen: a bug is told with its stack, and never taken for a clean run. */
function complain(error: unknown, place = ''): void {
  const stack = error instanceof Error ? error.stack : String(error)
  process.stderr.write(`${place}This is a bug in silolint ${manifest.version}; please report it.\n${stack}\n`)
  exitWith(2)
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
  await run(process.argv.slice(2))
} catch (error) {
  // commander has said what is wrong with the arguments; --help and --version come this way too, with 0.
  if (error instanceof CommanderError) exitWith(error.exitCode ? 2 : 0)
  else complain(error)
}
