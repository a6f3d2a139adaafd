import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import writeFileAtomic from 'write-file-atomic'
import { builtIn, builtInLinter } from '../../engine/builtin.ts'
import { configurationPlaces } from '../../engine/files.ts'
import { documentEndings } from '../../engine/format.ts'
import { sectorFinder } from '../../engine/measure.ts'
import { nearest } from '../../engine/nearest.ts'
import manifest from '../../package.json' with { type: 'json' }
import { exitWith, print, reportFault, say } from '../console.ts'
import { codeOf, count } from '../documents.ts'
import { Silolint } from '../silolint.ts'
import { writeBaseline } from './baseline.ts'

interface Options {
  sector?: string[]
  ci?: (typeof services)[number]
  preCommit?: true
  baseline?: true
  yes?: true
  force?: true
}

/** The names of the sector packs. */
export const sectorNames: readonly string[] = builtIn.sectors.map(({ id }) => id)
/** The configuration that is written: YAML, for its comments. */
const ours = '.silolintrc.yaml'
const services = ['github', 'gitlab', 'none'] as const

/** So many documents are enough to know a trade by its words. */
const sample = 200
/** A pack is proposed only where so many of its words occur. */
const enoughWords = 3
/** From so many findings on, a team sees its new ones only with a baseline. */
const manyFindings = 30

/** Adds the command that sets a folder up. */
export function addInit(program: Command): void {
  program
    .command('init')
    .summary('write a configuration, and set up CI')
    .description('Write a configuration for this folder; the sector is read off its documents.')
    .addOption(
      new Option('--sector <name>', 'the sector, or none; repeat it for more (default: by the words)').argParser(
        (name: string, names: string[] = []) => [...names, name],
      ),
    )
    .addOption(new Option('--ci <service>', 'also run it there').choices(services))
    .option('--pre-commit', 'also write a hook for pre-commit')
    .option('--baseline', 'also accept all that is found now')
    .option('-y, --yes', 'ask nothing and take what is proposed')
    .option('--force', 'write over a configuration that is there')
    .addHelpText('after', '\nWithout a terminal nothing is asked. Other files are never written over.')
    .action(init)
}

async function init(options: Options, command: Command): Promise<void> {
  const unknown = options.sector?.find((name) => name !== 'none' && !sectorNames.includes(name))
  if (unknown !== undefined) {
    const meant = nearest(unknown, [...sectorNames, 'none'])
    const cure = meant ? `Did you mean "${meant}"?` : `The sectors are ${sectorNames.join(', ')}.`
    return reportFault({ path: '', value: unknown, problem: 'there is no such sector', cure })
  }
  const asks = !options.yes && process.stdin.isTTY
  try {
    await setUp(options, asks, command)
  } catch (error) {
    // Ctrl-C at a question; each file is written when its question is answered, whole
    if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error
    say('Stopped.')
    exitWith(2)
  }
}

async function setUp(options: Options, asks: boolean, command: Command): Promise<void> {
  const { confirm, select } = await import('@inquirer/prompts')
  const terminal = { output: process.stderr }
  const agrees = (message: string, byDefault: boolean) => confirm({ message, default: byDefault }, terminal)

  const other = configurationPlaces.find((name) =>
    name === 'package.json' ? hasOwnKey() : name !== ours && existsSync(name),
  )
  const problem = 'there is a configuration here already'
  if (other) return fault(other, problem, 'Change that one, or take it away first.')
  if (existsSync(ours) && !options.force && !(asks && (await agrees(`${ours} exists. Write over it?`, false))))
    return fault(ours, problem, 'Change it, or write over it with --force.')

  const silolint = new Silolint({ onFault: reportFault, baseline: false })
  const documents = await silolint.find(['.'])
  const proposed = await propose(silolint, documents.slice(0, sample))
  const seen = documents.length > sample ? `${sample} of ${count(documents.length, 'document')}` : ''
  say(`Looked at ${seen || count(documents.length, 'document')}. ${proposed.why}`)

  let sectors = options.sector?.filter((name) => name !== 'none') ?? (proposed.sector ? [proposed.sector] : [])
  if (asks && !options.sector) {
    const choices = [...sectorNames.map((name) => ({ name, value: name })), { name: 'none of these', value: 'none' }]
    const message = 'Which sector do the documents belong to?'
    const answer = await select({ message, choices, default: proposed.sector ?? 'none', pageSize: 12 }, terminal)
    sectors = answer === 'none' ? [] : [answer]
  }
  if (!(await write(ours, configuration(sectors)))) return

  let { ci } = options
  if (asks && !ci) {
    const choices = [
      { name: 'GitHub Actions', value: 'github' as const },
      { name: 'GitLab CI', value: 'gitlab' as const },
      { name: 'nowhere yet', value: 'none' as const },
    ]
    const byDefault = existsSync('.gitlab-ci.yml') ? 'gitlab' : existsSync('.github') ? 'github' : 'none'
    ci = await select({ message: 'Where should it run in CI?', choices, default: byDefault }, terminal)
  }
  if (ci === 'github') await writeNew('.github/workflows/silolint.yml', workflow())
  if (ci === 'gitlab') await writeNew('.gitlab-ci.yml', gitlab)
  if (options.preCommit || (asks && (await agrees('Run it before each commit, with pre-commit?', false))))
    await writeNew('.pre-commit-config.yaml', hook)

  // what is found with the configuration that has just been written
  const many = await findings(documents.slice(0, sample).map(({ file }) => file))
  const amount = `${many} findings${seen ? ` in the first ${sample} documents` : ''}`
  const accepts =
    options.baseline ||
    (asks &&
      many >= manyFindings &&
      (await agrees(`There are ${amount}. Accept them for now, and show only new ones?`, true)))
  if (accepts) await writeBaseline(['.'], {}, command)
  else if (many >= manyFindings)
    say(`There are ${amount}. To see only new ones from now on, run silolint baseline and commit its file.`)
  else say('Next: silolint')
}

const fault = (path: string, problem: string, cure: string): void => reportFault({ path, problem, cure })

function hasOwnKey(): boolean {
  try {
    return Object.hasOwn(JSON.parse(readFileSync('package.json', 'utf8')) as object, 'silolint')
  } catch {
    return false
  }
}

/** The pack of which most words occur in the documents, and of as many the one whose words occur most often. */
async function propose(
  silolint: Silolint,
  documents: Awaited<ReturnType<Silolint['find']>>,
): Promise<{ sector?: string; why: string }> {
  const find = sectorFinder(builtIn.sectors, builtInLinter())
  const used = new Map<string, Map<string, number>>()
  for (const document of documents) {
    const source = await silolint.read(document)
    if (source === undefined) continue
    for (const [sector, words] of find(source, document.path)) {
      const own = used.get(sector) ?? new Map<string, number>()
      for (const [word, times] of words) own.set(word, (own.get(word) ?? 0) + times)
      used.set(sector, own)
    }
  }
  const sum = (words: Map<string, number>) => [...words.values()].reduce((all, times) => all + times, 0)
  const [best] = [...used].sort(
    ([a, one], [b, other]) => other.size - one.size || sum(other) - sum(one) || (a < b ? -1 : 1),
  )
  if (!best || best[1].size < enoughWords) return { why: 'They use hardly any words that only one sector has.' }
  const [sector, words] = best
  const most = [...words].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)).slice(0, 5)
  const shown = most.map(([word, times]) => `${word} (${times})`).join(', ')
  return { sector, why: `The words are those of ${sector}: ${words.size} of them, ${shown} most of all.` }
}

async function findings(files: readonly string[]): Promise<number> {
  let found = 0
  const silolint = new Silolint({ onFault: reportFault })
  for await (const result of silolint.lintFiles(files)) found += result.findings.length
  return found
}

async function write(path: string, text: string): Promise<boolean> {
  try {
    await mkdir(dirname(resolve(path)), { recursive: true })
    await writeFileAtomic(path, text)
    say(`Wrote ${path}.`)
    return true
  } catch (error) {
    const code = codeOf(error)
    fault(path, `the file cannot be written (${code})`, 'Check its folder, its permissions and the disk.')
    return false
  }
}

/** Writes a file that belongs to other tools too only where there is none; else its lines are printed, to be added. */
async function writeNew(path: string, text: string): Promise<void> {
  if (!existsSync(path)) {
    await write(path, text)
    return
  }
  say(`${path} exists and was left as it is. Add this to it:`)
  await print(text)
}

const configuration = (sectors: readonly string[]): string => {
  const sector =
    sectors.length === 0
      ? `# sector: health   # ${sectorNames.join(', ')}`
      : `sector: ${sectors.length === 1 ? sectors[0] : `[${sectors.join(', ')}]`}`
  return `# Silolint: finds silo language and offers the sentence that would serve the customer.
# All settings: https://github.com/silolint/silolint#configuration

# The words of your trade, added to the common ones.
${sector}

# Your own words: those who receive the outcome of your work, and the parts of your organisation.
# vocabularies:
#   served: [allotment holder, franchisee]
#   function: [Field Services, the depot]

# A rule is off, info, warning or error. silolint rules lists them, silolint explain RULE tells more.
# rules:
#   unowned-step: info

# Documents to leave out, written as in .gitignore.
# ignores: [drafts/, 'archive/**']
`
}

/** The branch that others leave, as far as a clone knows it; else its usual names. */
function defaultBranches(): string {
  const { stdout } = spawnSync('git', ['symbolic-ref', '--short', 'refs/remotes/origin/HEAD'], { encoding: 'utf8' })
  const branch = stdout?.trim().replace(/^origin\//, '')
  return branch ? JSON.stringify(branch) : 'main, master'
}

const workflow = (): string => `name: Silolint
# a pull request is linted as such: pushes to its branch would run it twice
on:
  push:
    branches: [${defaultBranches()}]
  pull_request:
permissions:
  contents: read
jobs:
  silolint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: silolint/silolint@v${manifest.version}
`

const gitlab = `include:
  - remote: https://raw.githubusercontent.com/silolint/silolint/v${manifest.version}/templates/silolint.yml
`

const hook = `repos:
  - repo: local
    hooks:
      - id: silolint
        name: silolint
        entry: silolint
        language: node
        additional_dependencies: ['silolint@${manifest.version}']
        files: '(?i)\\.(${documentEndings.map((ending) => ending.slice(1)).join('|')})$'
        exclude: '(^|/)\\.silolint/'
        require_serial: true
`
