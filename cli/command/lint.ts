import { existsSync, readdirSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Fault } from '../../engine/fault.ts'
import { nearest } from '../../engine/nearest.ts'
import { exitWith, fromHere, interruption, print, reportFault, say, sayAnew } from '../console.ts'
import { count, type Document, type Documents, isIn, type Shard } from '../documents.ts'
import { addFailing, type Failing, Tally } from '../failing.ts'
import { addOutput, type OutputOptions, openOutputs } from '../output.ts'
import { type Hidden, shown } from '../report.ts'
import { addSelection, linterFor, type Selection, selected } from '../selection.ts'
import type { LintResult, Silolint } from '../silolint.ts'

interface Options extends Selection, Failing, OutputOptions {
  fix?: true
  fixDryRun?: true
  interactive?: true
  printConfig?: string
  shard?: Shard
  watch?: true
}

/** Makes a command the one that lints. @param others names of commands, which somebody may have meant by a path */
export function addLint(command: Command, others: readonly string[] = []): Command {
  addSelection(command.optionsGroup('What is linted:'))
    .addOption(new Option('--shard <part/parts>', 'only one part, such as 2/8').argParser(readShard))
    .option('--watch', 'lint again what changes, until Ctrl-C')
    .option('--pass-on-no-files', 'let a glob match nothing')
  addOutput(command.optionsGroup('Reports:'))
    .option('--since <ref>', 'only findings on lines changed since this commit')
    .option('--no-baseline', 'the findings accepted in the baseline too')
  addFailing(command.optionsGroup('What fails:'))
  return command
    .optionsGroup('Fixing:')
    .option('--fix', 'make the rewrites that are marked as safe')
    .option('--fix-dry-run', 'show them as a diff instead')
    .option('--interactive', 'choose among the rewrites, finding by finding')
    .optionsGroup('Options:')
    .option('--print-config <file>', 'what is in force for it, and what sets it')
    .action((paths: string[], options: Options, command: Command) => lint(paths, options, command, others))
}

function readShard(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? []
  if (!index || !count || index > count)
    throw new InvalidArgumentError('It takes the number of a part and how many there are, such as 2/8.')
  return { index, count }
}

async function lint(paths: string[], options: Options, command: Command, others: readonly string[]): Promise<void> {
  if (options.printConfig !== undefined) {
    const { explanationToString } = await import('../explanation.ts')
    return print(
      explanationToString(
        await linterFor(options).explain(options.printConfig),
        options.format.some(({ format }) => format === 'json'),
      ),
    )
  }
  const meant = commandMeant(paths, others)
  if (meant) return reportFault(meant)
  if (options.watch) return watch(paths, options, command)
  const { silolint, documents } = await selected(paths, options, command)
  await run(silolint, documents, options, command)
}

/** The fault of a first path that does not exist and reads like the name of a command. */
function commandMeant([path = '', ...others]: readonly string[], commands: readonly string[]): Fault | undefined {
  if (!/^[a-z]+$/.test(path) || existsSync(path)) return undefined
  const fault = (cure: string): Fault => ({
    path: '',
    value: path,
    problem: 'there is no such file or folder, and no such command',
    cure,
  })
  // what linting is called elsewhere
  if (['lint', 'check', 'run'].includes(path))
    return fault(`Linting needs no command: "${['silolint', ...others].join(' ')}".`)
  // a file beside it comes first, where both are as near
  const meant = nearest(path, [...readdirSync('.'), ...commands])
  return meant && commands.includes(meant) ? fault(`Did you mean the command "silolint ${meant}"?`) : undefined
}

const inShard = (documents: Document[], { shard }: Options): Document[] =>
  shard ? documents.filter(isIn(shard)) : documents

/** Lints, and again what changes; where configuration or rules do, everything. Ends the process on Ctrl-C. */
async function watch(paths: string[], options: Options, command: Command): Promise<void> {
  if (options.stdin || paths.includes('-')) command.error('error: --watch needs files: stdin does not change')
  if (options.interactive) command.error('error: --watch does not ask; use --interactive alone')
  const { changesIn } = await import('../watch.ts')
  const signal = interruption()
  const watched = paths.length ? paths : ['.']
  const silolint = linterFor(options)
  try {
    for await (const changed of changesIn(watched, () => silolint.configuration, signal)) {
      sayAnew()
      if (changed !== 'begin' && 'cause' in changed) {
        say(`${changed.cause} changed; everything is linted again.`)
        await silolint.forget()
      }
      const documents = inShard(await silolint.find(watched), options)
      const isPart = typeof changed === 'object' && 'documents' in changed
      const again = isPart ? documents.filter(({ file }) => changed.documents.has(file)) : documents
      if (isPart && again.length) say(`${again.map(({ path }) => path).join(', ')} changed.`)
      if (again.length || !isPart) await run(silolint, again, options, command)
      say(`Watching ${count(documents.length, 'document')}. Ctrl-C ends it.`)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  // Ctrl-C is how it ends, whatever was found on the way
  process.exit(0)
}

/** Lints documents and prints the reports. */
async function run(
  silolint: Silolint,
  documents: readonly Document[] | Documents,
  options: Options,
  command: Command,
): Promise<void> {
  const { shard } = options
  // the parts of one run must not replace each other
  const category = options.category || (shard && `${shard.index}-of-${shard.count}`)
  const outputs = await openOutputs({ ...options, ...(category && { category }) })
  const hidden: Hidden = { baseline: 0, suppressed: 0, unchanged: 0, quiet: 0 }
  const tally = new Tally(options)
  if (options.interactive && !process.stdin.isTTY)
    command.error('error: --interactive needs a terminal to ask at; use --fix for the rewrites that are safe')
  let stopped = false
  let undecided = 0
  let linted = 0
  const isList = Array.isArray(documents)
  let found = isList ? documents.length : 0
  let isNamed = !isList || documents.every(({ named }) => named)
  function* counted(): Generator<Document | undefined> {
    for (const document of documents) {
      if (document) found++
      if (document && !document.named) isNamed = false
      yield document
    }
  }
  const fixes = options.fix || options.fixDryRun || options.interactive
  for await (const before of silolint.lint(isList ? documents : counted())) {
    const result = stopped || !fixes ? before : await fixed(before)
    const document = shown(result, tally.add(result))
    for (const why of Object.keys(hidden) as Array<keyof Hidden>) hidden[why] += document.hidden[why]
    linted++
    undecided += result.findings.filter(({ safe, expected }) => !safe && expected?.length).length
    // now, since a reader who has seen enough ends the run here
    if (tally.fails) exitWith(1)
    await outputs.document(document)
  }
  async function fixed(result: LintResult): Promise<LintResult> {
    if (result.path === '<stdin>') return result
    const { diffOf, fixTogether, writeDocument } = await import('../fix.ts')
    if (options.interactive) {
      const chosen = await fixTogether(result)
      stopped = chosen.stopped
      if (chosen.source === result.source || !(await writeDocument(result, chosen.source))) return result
      return silolint.lintText(chosen.source, result.path)
    }
    const { source, fixed: made, result: after } = await silolint.fix(result)
    if (!made) return result
    if (options.fixDryRun) {
      await print(diffOf(result.path, result.source, source))
      return result
    }
    return (await writeDocument(result, source)) ? after : result
  }

  await outputs.end({
    rules: () => silolint.rules(),
    hidden,
    unknown: silolint.unknownRules,
    faulty: [...silolint.faultyFiles].map(fromHere),
  })
  // of a document that was named it has been told why
  if (!linted && found && !isNamed && !process.exitCode)
    say(`No document was linted: configuration leaves out ${found === 1 ? 'the one' : `all ${found}`} found.`)
  if ((options.fix || options.fixDryRun) && undecided)
    say(
      `${count(undecided, 'finding')} ${undecided === 1 ? 'has a rewrite that needs' : 'have rewrites that need'} your eye: choose with --interactive.`,
    )
}
