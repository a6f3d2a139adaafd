import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { complain, countBy, interruption, reportFault, say, showProgress } from './console.ts'
import { type Document, type Documents, findDocuments, isIn, type Shard, slashed } from './documents.ts'
import { Silolint } from './silolint.ts'

/** What the options say that choose documents and rules; all commands which lint take them. */
export interface Selection {
  rule?: string[]
  off?: string[]
  stdin?: true
  stdinFilename?: string
  baseline?: boolean
  since?: string
  config?: string | false
  cache?: boolean
  cacheLocation?: string
  concurrency?: number
  passOnNoFiles?: true
  shard?: Shard
}

/** Adds the argument and options that choose documents and rules. */
export function addSelection(command: Command): Command {
  const collect = (id: string, ids: string[] = []) => [...ids, id]
  return command
    .argument('[paths...]', 'files, folders, globs; - is stdin (default: .)')
    .option('--rule <id>', 'use only this rule; repeat it for more', collect)
    .option('--off <id>', 'do not use this rule; repeat it for more', collect)
    .option('--config <file>', 'use this configuration and no other')
    .option('--no-config', "no configuration, nor a team's own rules")
    .option('--stdin', 'read a document from stdin')
    .option('--stdin-filename <path>', 'its name, for its configuration and format')
    .addOption(new Option('--cache', 'it is on unless --no-cache says otherwise').hideHelp())
    .addOption(
      new Option('--cache-strategy <strategy>', 'by content, the only way that survives a fresh clone')
        .choices(['content'])
        .hideHelp(),
    )
    .option('--no-cache', 'lint all anew, and keep nothing for later runs')
    .option('--cache-location <folder>', 'where findings are kept for later runs')
    .addOption(
      new Option('--concurrency <number>', 'threads that lint at once')
        .argParser(readConcurrency)
        .default(threads(), 'half the cores'),
    )
}

/**
 * Half of the cores, as ESLint takes where it may choose: V8 compiles and collects garbage in threads of its own beside
 * each. Each thread learns the rules anew, and takes some hundred megabytes.
 */
function threads(): number {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
  return Math.max(1, Math.min(Math.floor(availableParallelism() / 2), Math.floor(memory / 2 ** 30)))
}

function readConcurrency(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It takes a whole number, 1 or more.')
  return Number(text)
}

/** The linter that a command line asks for, which tells faults at once. */
export function linterFor(options: Selection): Silolint {
  return new Silolint({
    ...(options.rule && { only: options.rule }),
    ...(options.off && { rules: Object.fromEntries(options.off.map((id) => [id, 'off' as const])) }),
    ...(options.baseline !== undefined && { baseline: options.baseline }),
    ...(options.since !== undefined && { since: options.since }),
    ...(options.config !== undefined && { configuration: options.config }),
    ...(options.passOnNoFiles && { passOnNoFiles: true }),
    cache: options.cache !== false && (options.cacheLocation ?? true),
    concurrency: options.concurrency ?? 1,
    signal: interruption(),
    onProgress: showProgress,
    onFault: reportFault,
    onNote: say,
    onBug: (error, path) => complain(error, `${path}: `),
  })
}

/**
 * The linter that a command line asks for, and the documents one by one, as they are found. Faults are reported on the way.
 */
export async function selected(
  paths: readonly string[],
  options: Selection,
  command: Command,
): Promise<{ silolint: Silolint; documents: Documents }> {
  const { stdin, stdinFilename, shard } = options
  if (stdinFilename !== undefined && !stdin && !paths.includes('-')) {
    command.error('error: --stdin-filename names a document on stdin: add --stdin, or - as a path')
  }
  const named = paths.filter((path) => path !== '-')
  const fromStdin: Document[] =
    stdin || paths.includes('-')
      ? [
          {
            path: stdinFilename ? slashed(stdinFilename) : '<stdin>',
            file: resolve(stdinFilename || 'stdin.md'),
            named: true,
            stdin: true,
          },
        ]
      : []
  const files = named.length || fromStdin.length ? named : ['.']
  const isMine = shard ? isIn(shard) : () => true
  const silolint = linterFor(options)
  function* all(found: Documents): Generator<Document | undefined> {
    const ahead = fromStdin.filter(isMine)
    for (const document of found) {
      while (document && ahead[0] && ahead[0].path < document.path) yield ahead.shift() as Document
      if (!document || isMine(document)) yield document
    }
    yield* ahead
  }
  countBy(async () => {
    let count = 0
    for (const document of all(await findDocuments(files))) {
      if (document) count++
      else await nextTurn()
    }
    return count
  })
  return { silolint, documents: all(await silolint.documents(files)) }
}
