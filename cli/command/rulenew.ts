import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import writeFileAtomic from 'write-file-atomic'
import { builtIn } from '../../engine/builtin.ts'
import { nearestAbove } from '../../engine/disk.ts'
import type { Severity } from '../../engine/index.ts'
import { severities } from '../../engine/severity.ts'
import { exitWith, fromHere, reportFault, say } from '../console.ts'
import { codeOf, count } from '../documents.ts'
import { openOutputs } from '../output.ts'
import { shown } from '../report.ts'
import { Silolint } from '../silolint.ts'
import { testRules } from './ruletest.ts'

interface Options {
  find?: string[]
  leave?: string[]
  phrase?: string[]
  rewrite?: string[]
  message?: string
  why?: string
  severity: Severity
  force?: true
}

/** What somebody said of the rule to make. */
interface Said {
  name: string
  find: string[]
  leave: string[]
  phrases: string[]
  unless: string[]
  rewrites: string[]
  message: string
  why: string
}

/** Fewer sentences do not show what a phrase is to find, and what it is to leave. */
const enough = 2

/** Adds the command that writes a rule from sentences. */
export function addRuleNew(command: Command): void {
  const collect = (text: string, texts: string[] = []) => [...texts, text]
  command
    .command('new')
    .summary('write a rule from sentences')
    .description('Write a rule from two sentences that should be found and two that should not.')
    .argument('[name]', 'its name, such as relevant-department (default: by its words)')
    .option('--find <sentence>', 'a sentence that should be found; twice or more', collect)
    .option('--leave <sentence>', 'one that should be left alone; twice or more', collect)
    .option('--rewrite <words>', 'what could stand in place of the words found', collect)
    .option('--phrase <phrase>', 'what to look for, in place of what is proposed', collect)
    .option('--message <text>', 'what the writer is told; $match is the words found')
    .option('--why <text>', 'the first paragraph of its page')
    .addOption(new Option('--severity <severity>', 'how much it weighs').choices(severities).default('warning'))
    .option('--force', 'write over a rule that is there')
    .addHelpText(
      'after',
      `
In a terminal it asks for what is not given. The rule is written to the nearest
.silolint/rules, tested, and tried on the documents below this folder.

Example:
  silolint rule new --find "Send it to the relevant team." \\
    --find "The appropriate team will decide." \\
    --leave "The team decides." --leave "A relevant date is missing." \\
    --rewrite "[the team that decides]"`,
    )
    .action(create)
}

async function create(name: string | undefined, options: Options): Promise<void> {
  try {
    const said = await ask(name, options)
    if (said) await write(said, options)
  } catch (error) {
    // Ctrl-C at a question; nothing has been written yet
    if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error
    say('Stopped; nothing was written.')
    exitWith(2)
  }
}

/** What the options say, and in a terminal the answers to what they leave open. */
async function ask(name: string | undefined, options: Options): Promise<Said | undefined> {
  const { input } = await import('@inquirer/prompts')
  const asks = process.stdin.isTTY === true
  const terminal = { output: process.stderr }
  const question = async (message: string, byDefault = ''): Promise<string> =>
    asks ? (await input({ message, ...(byDefault && { default: byDefault }) }, terminal)).trim() : byDefault
  const sentences = async (given: readonly string[] = [], message: string): Promise<string[]> => {
    const list = given.map(oneLine).filter(Boolean)
    while (asks && list.length < enough) {
      const answer = oneLine(await question(`${message} (${list.length + 1} of ${enough})`))
      if (answer) list.push(answer)
    }
    return list
  }
  const find = await sentences(options.find, 'A sentence that should be found')
  const leave = await sentences(options.leave, 'A sentence with like words that should be left alone')
  for (const [list, flag] of [
    [find, '--find'],
    [leave, '--leave'],
  ] as const) {
    if (list.length >= enough) continue
    fault(
      flag,
      `a rule needs ${enough} sentences that should be ${flag === '--find' ? 'found' : 'left alone'}, and here ${list.length === 1 ? 'is' : 'are'} ${list.length}`,
      `Give ${flag} "…" ${enough} times, or run silolint rule new in a terminal, where it asks.`,
    )
    return undefined
  }
  const { propose } = await import('../../engine/propose.ts')
  const { wordsOf } = await import('../../engine/wordforms.ts')
  const proposal = options.phrase
    ? { phrases: options.phrase, unless: [] as string[] }
    : propose(find, leave, wordsOf, options.rewrite)
  const phrases: string[] = []
  for (const phrase of proposal.phrases) {
    const answer = options.phrase ? phrase : await question('Look for (- for none)', phrase)
    if (answer !== '-') phrases.push(answer)
  }
  if (!phrases.length) {
    fault('', 'the sentences have no words of their own to look for', 'Say what to look for with --phrase.')
    return undefined
  }
  const rewrites = [...(options.rewrite ?? [])]
  if (asks && !rewrites.length) {
    const answer = await question('What could stand there instead? [brackets] are to fill in')
    if (answer) rewrites.push(answer)
  }
  const id = name ?? (await question('The name of the rule', idFrom(phrases[0] as string)))
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id)) {
    fault(id, 'this cannot be the name of a rule', 'Use small letters and hyphens, such as relevant-department.')
    return undefined
  }
  const message =
    options.message ??
    (await question('What is the writer told? $match is the words found', '“$match” is a phrase that we avoid.'))
  const why = options.why ?? (await question('Why, in a sentence or two?', 'Say here what the reader misses.'))
  return { name: id, find, leave, phrases, unless: proposal.unless, rewrites, message, why }
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
const fault = (value: string, problem: string, cure: string): void =>
  reportFault({ path: '', ...(value && { value }), problem, cure })

/** The words of a phrase as a name: "the appropriate/relevant team" is appropriate-team. */
function idFrom(phrase: string): string {
  const words = phrase
    .toLowerCase()
    .replace(/!.*$|\$|"|\([^)]*\)/g, ' ')
    .replace(/\/[^\s]+/g, '')
    .match(/[a-z0-9]+/g)
  const telling = (words ?? []).filter((word) => !['the', 'a', 'an', 'be', 'to', 'of'].includes(word))
  return (telling.length ? telling : ['my', 'rule']).slice(0, 4).join('-')
}

/** Writes the rule, tests it, and shows what it finds in the documents here. */
async function write(said: Said, { severity, force }: Options): Promise<void> {
  const { name, find, leave } = said
  const folder = nearestAbove(resolve(''), join('.silolint', 'rules')) ?? resolve('.silolint', 'rules')
  const path = join(folder, `${name}.md`)
  const shownPath = fromHere(path)
  if (existsSync(path) && !force)
    return reportFault({
      path: shownPath,
      problem: 'there is a rule of this name',
      cure: 'Give another name, or write over it with --force.',
    })
  if (builtIn.rules.some(({ id }) => id === name) && !force)
    return fault(
      name,
      'a rule that comes with Silolint has this name',
      'Give another name, or take its place with --force.',
    )

  const { rulePage } = await import('../../engine/rulepage.ts')
  const title = name.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase())
  const page = (rewritten: ReadonlyMap<string, string>): string =>
    rulePage({
      ...{ severity, title, message: said.message, why: said.why },
      ...{ phrases: said.phrases, unless: said.unless, rewrites: said.rewrites },
      examples: [
        ...find.map((text) => ({ flagged: true, text, rewritten: rewritten.get(text) })),
        ...leave.map((text) => ({ flagged: false, text })),
      ],
    })
  try {
    await mkdir(folder, { recursive: true })
    await writeFileAtomic(path, page(new Map()))
    // what the rewrite makes of each sentence, which only the rule itself can say
    const rewritten = new Map<string, string>()
    const linter = new Silolint({ only: [name], rules: { [name]: severity }, baseline: false, onFault: reportFault })
    for (const text of find) {
      const [finding] = (await linter.lintText(text)).findings
      const put = finding?.expected?.[0]
      if (put === undefined || !finding?.place || !('start' in finding.place)) continue
      const { start, end } = finding.place
      rewritten.set(text, text.slice(0, start.offset) + put + text.slice(end.offset))
    }
    if (rewritten.size) await writeFileAtomic(path, page(rewritten))
  } catch (error) {
    const code = codeOf(error)
    return reportFault({
      path: shownPath,
      problem: `the rule cannot be written (${code})`,
      cure: 'Check its folder, its permissions and the disk.',
    })
  }
  if (process.exitCode) return say(`Wrote ${shownPath}, which needs mending first; then run silolint rule test.`)
  say(`Wrote ${shownPath}, which looks for ${said.phrases.map((phrase) => `“${phrase}”`).join(' and ')}.`)
  await testRules([path], { format: [], onlyFailures: true })
  await tryHere(name, severity)
}

/** Shows what the rule would find in the documents below this folder. */
async function tryHere(name: string, severity: Severity): Promise<void> {
  const silolint = new Silolint({ only: [name], rules: { [name]: severity }, baseline: false, onFault: reportFault })
  const documents = await silolint.find(['.'])
  const outputs = await openOutputs({ format: [] })
  let found = 0
  for await (const result of silolint.lint(documents)) {
    found += result.findings.length
    await outputs.document(shown(result, result.findings))
  }
  say(
    documents.length
      ? `In ${count(documents.length, 'document')} here it finds ${found ? `${count(found, 'place')}, shown above` : 'nothing yet'}.`
      : 'There are no documents here to try it on.',
  )
}
