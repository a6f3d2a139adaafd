import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Command } from 'commander'
import { isForSilolint, openProject, packRules, readOwnCode } from '../../engine/disk.ts'
import type { Fault } from '../../engine/fault.ts'
import { readDocument, walk } from '../../engine/files.ts'
import type { GuardFile, RuleFile } from '../../engine/rulefile.ts'
import { exitWith, fromHere, reportFault, say } from '../console.ts'
import { count } from '../documents.ts'
import { addOutput, type OutputOptions, openOutputs } from '../output.ts'
import { shown } from '../report.ts'
import { openRuleFolder, type RulePages, testPage } from '../rulepages.ts'
import { pluginThreads } from '../silolint.ts'

/** Adds the command that tests rules by the examples on their pages. */
export function addRuleTest(command: Command): void {
  addOutput(
    command
      .command('test')
      .summary('test rules by the examples on their pages')
      .description("Test a team's own rules by the examples on their pages.")
      .argument('[paths...]', 'rule files, or folders of rules (default: those in force here, or of the pack)'),
  )
    .addHelpText(
      'after',
      `
Each example is tried as it stands, as a list item, in a table, in a heading and
quoted, in the other spelling, in the plural and in the past. Each phrase and each
rewrite must be used by an example; no rewrite may be found itself, and no words by
two rules. A plugin beside a page is run, in a thread with a time limit.

Exit codes: 0 all holds; 1 something does not; 2 not all could be tested.`,
    )
    .action(testRules)
}

/** Rules to test, with the linter in which they stand. */
interface Target extends RulePages {
  /** Paths of files that could not be used as they are. */
  faulty: string[]
}

/** Tests the rules that paths stand for, and prints what does not hold; with `onlyFailures` no report where all does. */
export async function testRules(paths: string[], options: OutputOptions & { onlyFailures?: boolean }): Promise<void> {
  const project = openProject({ trusted: true, plugins: pluginThreads })
  const targets = await targetsOf(paths, project)
  const outputs = await openOutputs(options)
  const { ruleChecks } = await import('../../engine/ruletest.ts')
  const tests = new Map<string, { page: RuleFile | GuardFile; pages: RulePages }>()
  for (const pages of targets)
    for (const page of [...pages.rules, ...pages.guards.filter(({ examples }) => examples.length)])
      tests.set(page.path, { page, pages })
  const faulty = new Set(targets.flatMap((target) => target.faulty).map(fromHere))
  let [examples, phrases, rewrites, failures] = [0, 0, 0, 0]
  for (const [file, { page, pages }] of [...tests].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = fromHere(file)
    const read = await readDocument(file)
    if ('fault' in read) {
      reportFault(read.fault)
      faulty.add(path)
      continue
    }
    const { source } = read
    const tested = await testPage(page, { path, text: source }, pages, project.plug)
    for (const one of tested.faults) {
      reportFault(one)
      if (one.path) faulty.add(fromHere(one.path))
    }
    const findings = tested.failures
    if (findings.length) exitWith(1)
    examples += tested.examples
    phrases += tested.phrases
    rewrites += tested.rewrites
    failures += findings.length
    const others = { known: [], unchanged: [], unmatched: [], moved: [], suppressed: [], suppressions: [] }
    await outputs.document(shown({ path, file, source, findings, ...others }, findings))
  }
  await project.close()
  const hidden = { baseline: 0, suppressed: 0, unchanged: 0, quiet: 0 }
  if (failures || !options.onlyFailures)
    await outputs.end({ rules: async () => ruleChecks, hidden, unknown: [], faulty: [...faulty] })
  if (tests.size)
    say(
      `Tested ${count(tests.size, 'page')}: ${count(examples, 'example')}, ${count(phrases, 'phrase')}, ${count(rewrites, 'rewrite')}.`,
    )
  else if (!process.exitCode)
    say('There are no rules of your own here, in .silolint/rules. silolint rule new writes one.')
}

const place = join('.silolint', 'rules')

/** The rules that paths stand for. What cannot be used is reported. */
async function targetsOf(paths: readonly string[], project: ReturnType<typeof openProject>): Promise<Target[]> {
  /** The rules that are in force for documents at a path, and that lie in files of their own. */
  const inForce = async (path: string, isMeant: (file: string) => boolean): Promise<Target> => {
    const { linter, files, faults } = await project.resolve(path)
    faults.forEach(reportFault)
    // a plugin that the configuration names has no page, so there are no examples to hold
    const isPage = (path: string): boolean => path.endsWith('.md')
    const isOwn = ({ path }: { path: string }): boolean => files.includes(path) && isPage(path) && isMeant(path)
    const { rules, guards } = linter.catalogue
    return { linter, rules: rules.filter(isOwn), guards: [...guards.values()].filter(isOwn), faulty: pathsOf(faults) }
  }
  if (!paths.length) {
    // an installed pack has its own tests
    const isWrittenHere = (file: string): boolean => !file.split(/[\\/]/).includes('node_modules')
    const here = [await inForce(resolve('document.md'), isWrittenHere), ...(await below('.', project))]
    // nobody tests policies that lie in a folder "rules" for being rules of Silolint
    const rules = isForSilolint('.') ? packRules('.') : undefined
    const known = here.flatMap((pages) => pages.rules.map(({ path }) => path))
    return rules === undefined || known.some((path) => path.startsWith(rules + sep))
      ? here
      : [...here, await inFolder('rules', rules, true, () => true)]
  }
  const targets: Target[] = []
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
    if (tested.some(({ rules, guards }) => rules.length || guards.length) || process.exitCode !== known)
      targets.push(...tested)
    else targets.push(await inFolder(path, file, isFolder, isMeant))
  }
  return targets
}

/** The rules of folders further down, which are in force for the documents there. */
async function below(path: string, project: ReturnType<typeof openProject>): Promise<Target[]> {
  const top = resolve(path)
  const folders: string[] = []
  const onListed = (folder: string, names: readonly string[]): void => {
    const rules = join(folder, '.silolint', 'rules')
    if (folder !== top && names.includes('.silolint') && existsSync(rules)) folders.push(rules)
  }
  // no file is wanted, only what folders hold
  for (const _ of walk(top, { isWanted: () => false, onListed }));
  const found: Target[] = []
  for (const folder of folders.sort()) {
    const { linter, files, faults } = await project.resolve(join(folder, 'document.md'))
    faults.forEach(reportFault)
    const isOwn = (one: { path: string }): boolean => files.includes(one.path) && one.path.startsWith(folder + sep)
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
): Promise<Target> {
  const inner = isFolder ? (packRules(file) ?? file) : dirname(file)
  const folder = ['guard', 'vocabulary', 'role', 'sector'].includes(basename(inner)) ? dirname(inner) : inner
  const own = await readOwnCode(folder)
  const pages = openRuleFolder(folder, own?.code)
  const faults = [...(own?.faults ?? []), ...pages.faults]
  const meant = faults.filter(({ path }) => isFolder || isMeant(path))
  meant.forEach(reportFault)
  for (const path of pages.strays) {
    const page = `${basename(path).replace(/\.[^.]+$/, '')}.md`
    if (isFolder) say(`${fromHere(path)}: left out, because no page ${page} stands beside it.`)
  }
  // without its program nothing on the page can be told right or wrong
  const isLeftOut = ({ path }: RuleFile): boolean =>
    own?.faults.some((one) => one.path.replace(/\.ts$/, '.md') === path) === true
  const isTold = (one: { path: string }): boolean => isMeant(one.path)
  const tested = {
    ...pages,
    rules: pages.rules.filter((rule) => isTold(rule) && !isLeftOut(rule)),
    guards: pages.guards.filter(isTold),
    faulty: pathsOf(meant),
  }
  if (![...pages.rules, ...pages.guards, ...pages.words, ...faults].some(isTold))
    fault(
      path,
      'there are no rule files in it',
      existsSync(join(file, place)) ? `Name ${place}.` : 'A rule is a Markdown file in .silolint/rules.',
    )
  return tested
}

const pathsOf = (faults: readonly Fault[]): string[] => faults.map(({ path }) => path).filter(Boolean)
const fault = (path: string, problem: string, cure: string): void => reportFault({ path, problem, cure })
