import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type Command, Option } from 'commander'
import type { VFileMessage } from 'vfile-message'
import writeFileAtomic from 'write-file-atomic'
import { builtIn } from '../../engine/builtin.ts'
import { openProject } from '../../engine/disk.ts'
import { nearestAbove } from '../../engine/files.ts'
import { applyEdits, editOf } from '../../engine/fix.ts'
import { rangeOf, type Severity } from '../../engine/index.ts'
import type { RulePage } from '../../engine/rulepage.ts'
import { severities } from '../../engine/severity.ts'
import type { Entries } from '../../engine/vocabularies.ts'
import { exitWith, fromHere, printable, reportFault, say } from '../console.ts'
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
In a terminal it asks for what is not given; where sentences are missing, the
answers can also stand on stdin, a line each. The rule is written to the nearest
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

/** Asks a question; without anybody to answer it gives the answer by default, and nothing where there is none. */
interface Questions {
  ask(message: string, byDefault?: string): Promise<string | undefined>
  close(): void
}

/** Questions in a terminal, or to whoever wrote the answers on stdin, a line each. */
async function openQuestions(isNeeded: boolean): Promise<Questions> {
  const { stdin, stderr } = process
  if (stdin.isTTY) {
    const { input } = await import('@inquirer/prompts')
    return {
      ask: async (message, byDefault) =>
        (await input({ message, ...(byDefault && { default: byDefault }) }, { output: stderr })).trim(),
      close: () => {},
    }
  }
  // lines that are not needed may be meant for the next command of a script
  if (!isNeeded) return { ask: async (_, byDefault) => byDefault, close: () => {} }
  const reader = createInterface({ input: stdin })
  const lines = reader[Symbol.asyncIterator]()
  return {
    async ask(message, byDefault) {
      const { value, done } = await lines.next()
      if (done) return byDefault
      const answer = value.replace(/^\uFEFF/, '').trim() || byDefault
      // so that a line too few or too many shows
      stderr.write(`${printable(`? ${message} ${answer ?? ''}`)}\n`)
      return answer ?? ''
    },
    close: () => {
      reader.close()
      stdin.unref?.()
    },
  }
}

/** What the options say, and the answers to what they leave open. */
async function ask(name: string | undefined, options: Options): Promise<Said | undefined> {
  const isShort = [options.find, options.leave].some((list) => (list?.length ?? 0) < enough)
  const questions = await openQuestions(isShort)
  try {
    return await askWith(questions, name, options)
  } finally {
    questions.close()
  }
}

async function askWith(questions: Questions, name: string | undefined, options: Options): Promise<Said | undefined> {
  const question = async (message: string, byDefault = ''): Promise<string> =>
    (await questions.ask(message, byDefault)) ?? byDefault
  const sentences = async (given: readonly string[] = [], message: string): Promise<string[]> => {
    const list = given.map(oneLine).filter(Boolean)
    while (list.length < enough) {
      const answer = await questions.ask(`${message} (${list.length + 1} of ${enough})`)
      if (answer === undefined) break
      if (oneLine(answer)) list.push(oneLine(answer))
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
      `Give ${flag} "…" ${enough} times, or run silolint rule new in a terminal, where it asks, or with the answers on stdin, a line each.`,
    )
    return undefined
  }
  const { propose } = await import('../../engine/propose.ts')
  const { wordsOf } = await import('../../engine/wordforms.ts')
  const proposal = options.phrase
    ? { phrases: options.phrase, unless: [] as string[] }
    : propose(find, leave, wordsOf, await vocabularies(), options.rewrite)
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
  if (!rewrites.length) {
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

/** The words that are in force for documents here. */
const vocabularies = async (): Promise<Entries> =>
  (await openProject({ trusted: true }).resolve(resolve('document.md'))).linter.catalogue.vocabularies

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
const fault = (value: string, problem: string, cure: string): void =>
  reportFault({ path: '', ...(value && { value }), problem, cure })

/** The words of a phrase as a name: "the appropriate/relevant team" is appropriate-team. */
function idFrom(phrase: string): string {
  const words = phrase
    .toLowerCase()
    .replace(/!.*$|\$|"|\([^)]*\)|\S+\?|['’]/g, ' ')
    .replace(/\/[^\s]+/g, '')
    .match(/[a-z0-9]+/g)
  const telling = (words ?? []).filter((word) => !['the', 'a', 'an'].includes(word)).slice(0, 5)
  while (telling.length > 1 && /^(?:be|to|of|and|or|that|it)$/.test(telling[0] ?? '')) telling.shift()
  while (telling.length > 1 && /^(?:be|and|or|that|who)$/.test(telling.at(-1) ?? '')) telling.pop()
  return (telling.length ? telling : ['my', 'rule']).join('-')
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
  const page = (fitting: Fitting): string =>
    rulePage({
      ...{ severity, title, message: said.message, why: said.why },
      ...{ phrases: fitting.phrases, unless: said.unless, rewrites: fitting.rewrites },
      examples: [
        ...find.map((text) => ({ flagged: true, text, rewritten: fitting.rewritten.get(text) })),
        ...leave.map((text) => ({ flagged: false, text })),
      ],
    })
  const asSaid: Fitting = {
    phrases: said.phrases,
    rewrites: said.rewrites,
    rewritten: new Map(),
    remarks: [],
    left: false,
  }
  let fitting = asSaid
  try {
    await mkdir(folder, { recursive: true })
    await writeFileAtomic(path, page(asSaid))
    // what the rewrite makes of each sentence, which only the rule itself can say
    const linter = new Silolint({ only: [name], rules: { [name]: severity }, baseline: false, onFault: reportFault })
    const found: Array<[text: string, finding: VFileMessage]> = []
    for (const text of find) {
      const [finding] = (await linter.lintText(text)).findings
      if (finding) found.push([text, finding])
    }
    fitting = await fitted(said, found)
    if (fitting.rewritten.size || fitting.left) await writeFileAtomic(path, page(fitting))
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
  for (const remark of fitting.remarks) say(remark)
  if (fitting.left) exitWith(1)
  await testRules([path], { format: [], onlyFailures: true })
  await tryHere(name, severity)
}

/** What is written of a rule, with the rewrites that fit its sentences. */
interface Fitting {
  phrases: RulePage['phrases']
  rewrites: string[]
  /** What the first rewrite makes of a sentence to find. */
  rewritten: Map<string, string>
  /** What its author should know. */
  remarks: string[]
  /** Whether rewrites were left out. */
  left: boolean
}

/** Leaves out the rewrites with which a sentence to find is no English, for the phrase that found it. */
async function fitted(
  { phrases, rewrites }: Said,
  found: ReadonlyArray<[text: string, finding: VFileMessage]>,
): Promise<Fitting> {
  const { brokenBy, lostBy } = await import('../../engine/rewritecheck.ts')
  const { finderOf } = await import('../../engine/propose.ts')
  const stands = finderOf(await vocabularies())
  // once for each rewrite is enough to see why
  const remarks = new Map<string, string>()
  const remark = (key: string, text: string): void => void (remarks.has(key) || remarks.set(key, text))
  const unfit = new Map(phrases.map((phrase) => [phrase, new Set<string>()]))
  const made: Array<{ phrase: string | undefined; text: string; rewrite: string; after: string; lost: string[] }> = []
  for (const [text, finding] of found) {
    const { expected = [], actual = '' } = finding
    const { start, end } = rangeOf(finding)
    const phrase = phrases.length === 1 ? phrases[0] : phrases.find((one) => stands(one, text))
    for (const [index, put] of expected.entries()) {
      // one that changes nothing here is not offered
      const rewrite = expected.length === rewrites.length ? rewrites[index] : undefined
      const edit = editOf(finding, put, text)
      const after = applyEdits(text, [edit]).source
      const to = edit.start + edit.text.length
      const rewritten = { before: text, start: start.offset, end: end.offset, after, from: to - put.length, to }
      made.push({ phrase, text, rewrite: rewrite ?? put, after, lost: phrase ? lostBy(rewritten, phrase) : [] })
      const why = rewrite === undefined ? undefined : brokenBy(rewritten)
      if (why === undefined || rewrite === undefined) continue
      for (const one of phrase ? [phrase] : phrases) unfit.get(one)?.add(rewrite)
      remark(
        rewrite,
        `Left out the rewrite “${rewrite}”: it would make “${after}”, where ${why}. Say in the file what fits in the place of “${actual}”, or narrow the phrase.`,
      )
    }
  }
  const fits = (phrase: string | undefined, rewrite: string): boolean => !unfit.get(phrase ?? '')?.has(rewrite)
  const rewritten = new Map<string, string>()
  for (const { phrase, text, rewrite, after, lost } of made) {
    if (!fits(phrase, rewrite)) continue
    if (!rewritten.has(text)) rewritten.set(text, after)
    if (lost.length)
      remark(
        `${rewrite} ${lost.join()}`,
        `The rewrite “${rewrite}” loses ${lost.join(' and ')} of “${text}”: see whether the sentence still says all it should.`,
      )
  }
  const kept = phrases.map((phrase) => rewrites.filter((rewrite) => fits(phrase, rewrite)))
  const isLeft = kept.some(({ length }) => length < rewrites.length)
  const isMixed = isLeft && kept.some(({ length }) => length > 0) && phrases.length > 1
  return {
    phrases: isMixed
      ? phrases.map((phrase, index) => (kept[index]?.length ? { phrases: [phrase], rewrites: kept[index] } : phrase))
      : phrases,
    rewrites: isMixed ? [] : (kept[0] ?? []),
    ...{ rewritten, remarks: [...remarks.values()], left: isLeft },
  }
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
