import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Command } from 'commander'
import { globby } from 'globby'
import { builtIn } from '../../engine/builtin.ts'
import { openProject, readDocument, readRuleFolder } from '../../engine/disk.ts'
import type { Fault, Linter } from '../../engine/index.ts'
import { createLinter } from '../../engine/linter.ts'
import type { GuardFile, RuleFile, RuleSource } from '../../engine/rulefile.ts'
import type { RuleTested } from '../../engine/ruletest.ts'
import { exitWith, fromHere, reportFault, say } from '../console.ts'
import { count } from '../documents.ts'
import { addOutput, type OutputOptions, openOutputs } from '../output.ts'
import { shown } from '../report.ts'

/** Adds the command that tests rules by the examples on their pages. */
export function addRuleTest(command: Command): void {
  addOutput(
    command
      .command('test')
      .summary('test rules by the examples on their pages')
      .description("Test a team's own rules by the examples on their pages.")
      .argument('[paths...]', 'rule files, or folders of rules (default: those in force here)'),
  )
    .addHelpText(
      'after',
      `
Each example is tried as it stands, as a list item, in a table, in a heading and
quoted, in the other spelling, in the plural and in the past. Each phrase and each
rewrite must be used by an example; no rewrite may be found itself, and no words by
two rules.

Exit codes: 0 all holds; 1 something does not; 2 not all could be tested.`,
    )
    .action(testRules)
}

/** Rules to test, with the linter in which they stand. */
interface Tested {
  linter: Linter
  rules: RuleFile[]
  guards: GuardFile[]
  /** Paths of files that could not be used as they are. */
  faulty: string[]
}

/** Tests the rules that paths stand for, and prints what does not hold; with `onlyFailures` no report where all does. */
export async function testRules(paths: string[], options: OutputOptions & { onlyFailures?: boolean }): Promise<void> {
  const targets = await targetsOf(paths)
  const outputs = await openOutputs(options)
  const { ruleChecks, testGuard, testRule } = await import('../../engine/ruletest.ts')
  const { otherForms } = await import('../../engine/wordforms.ts')
  const tests = new Map<string, (source: RuleSource) => RuleTested>()
  for (const { linter, rules, guards } of targets) {
    const how = { linter, otherForms }
    for (const rule of rules) tests.set(rule.path, (source) => testRule(rule, source, how))
    for (const guard of guards)
      if (guard.examples.length) tests.set(guard.path, (source) => testGuard(guard, source, how))
  }
  const faulty = [...new Set(targets.flatMap((target) => target.faulty))].map(fromHere)
  let [examples, phrases, rewrites, failures] = [0, 0, 0, 0]
  for (const [file, run] of [...tests].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = fromHere(file)
    const read = await readDocument(file)
    if ('fault' in read) {
      reportFault(read.fault)
      faulty.push(path)
      continue
    }
    const { source } = read
    const tested = run({ path, text: source })
    const findings = tested.failures
    if (findings.length) exitWith(1)
    examples += tested.examples
    phrases += tested.phrases
    rewrites += tested.rewrites
    failures += findings.length
    const others = { known: [], unchanged: [], unmatched: [], moved: [], suppressed: [], suppressions: [] }
    await outputs.document(shown({ path, file, source, findings, ...others }, findings))
  }
  const hidden = { baseline: 0, suppressed: 0, unchanged: 0, quiet: 0 }
  if (failures || !options.onlyFailures) await outputs.end({ rules: ruleChecks, hidden, unknown: [], faulty })
  if (tests.size)
    say(
      `Tested ${count(tests.size, 'page')}: ${count(examples, 'example')}, ${count(phrases, 'phrase')}, ${count(rewrites, 'rewrite')}.`,
    )
  else if (!process.exitCode)
    say('There are no rules of your own here, in .silolint/rules. silolint rule new writes one.')
}

const place = join('.silolint', 'rules')

/** The rules that paths stand for. What cannot be used is reported. */
async function targetsOf(paths: readonly string[]): Promise<Tested[]> {
  const project = openProject({ trusted: true })
  /** The rules that are in force for documents at a path, and that lie in files of their own. */
  const inForce = async (path: string, isMeant: (file: string) => boolean): Promise<Tested> => {
    const { linter, files, faults } = await project.resolve(path)
    faults.forEach(reportFault)
    const isOwn = ({ path }: { path: string }): boolean => files.includes(path) && isMeant(path)
    const { rules, guards } = linter.catalogue
    return { linter, rules: rules.filter(isOwn), guards: [...guards.values()].filter(isOwn), faulty: pathsOf(faults) }
  }
  if (!paths.length) return [await inForce(resolve('document.md'), () => true), ...(await below('.', project))]
  const targets: Tested[] = []
  for (const path of paths) {
    const file = resolve(path)
    const stat = statSync(file, { throwIfNoEntry: false })
    if (!stat) {
      fault(path, 'there is no such file or folder', 'Name a rule file, or a folder of rules such as .silolint/rules.')
      continue
    }
    const isFolder = stat.isDirectory()
    const isMeant = (one: string): boolean => (isFolder ? one.startsWith(file + sep) : one === file)
    const known = process.exitCode
    const tested = [
      await inForce(isFolder ? join(file, 'document.md') : file, isMeant),
      ...(isFolder ? await below(path, project) : []),
    ]
    if (tested.some(({ rules, guards }) => rules.length || guards.length)) targets.push(...tested)
    else if (process.exitCode === known) targets.push(await inFolder(path, file, isFolder, isMeant))
  }
  return targets
}

/** The rules of folders further down, which are in force for the documents there. */
async function below(path: string, project: ReturnType<typeof openProject>): Promise<Tested[]> {
  const options = { cwd: resolve(path), dot: true, gitignore: true, onlyDirectories: true, absolute: true }
  const folders = await globby(['*/**/.silolint/rules', '!**/node_modules'], options)
  const found: Tested[] = []
  for (const folder of folders.sort()) {
    const { linter, files, faults } = await project.resolve(join(resolve(folder), 'document.md'))
    faults.forEach(reportFault)
    const isOwn = (one: { path: string }): boolean =>
      files.includes(one.path) && one.path.startsWith(resolve(folder) + sep)
    const { rules, guards } = linter.catalogue
    found.push({
      ...{ linter, rules: rules.filter(isOwn), guards: [...guards.values()].filter(isOwn) },
      faulty: pathsOf(faults),
    })
  }
  return found
}

/** The rules of a folder that is in force nowhere, such as that of a pack, beside those that come with Silolint. */
async function inFolder(
  path: string,
  file: string,
  isFolder: boolean,
  isMeant: (file: string) => boolean,
): Promise<Tested> {
  const inner = isFolder ? file : dirname(file)
  const folder = ['guard', 'vocabulary', 'sector'].includes(basename(inner)) ? dirname(inner) : inner
  const { layer, faults } = readRuleFolder(folder)
  const { linter, faults: found } = createLinter([builtIn, layer], { rules: {} })
  const meant = [...faults, ...found].filter((one) => isMeant(one.path) || isFolder)
  meant.forEach(reportFault)
  const all = [...layer.rules, ...layer.guards, ...layer.vocabularies, ...faults].map((one) => one.path)
  const isOwn = (one: { path: string }): boolean => all.includes(one.path) && isMeant(one.path)
  const { rules, guards } = linter.catalogue
  const tested = {
    ...{ linter, rules: rules.filter(isOwn), guards: [...guards.values()].filter(isOwn) },
    faulty: pathsOf(meant),
  }
  if (!all.some(isMeant))
    fault(
      path,
      'there are no rule files in it',
      existsSync(join(file, place)) ? `Name ${place}.` : 'A rule is a Markdown file in .silolint/rules.',
    )
  return tested
}

const pathsOf = (faults: readonly Fault[]): string[] => faults.map(({ path }) => path).filter(Boolean)
const fault = (path: string, problem: string, cure: string): void => reportFault({ path, problem, cure })
