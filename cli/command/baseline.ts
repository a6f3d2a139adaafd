import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import writeFileAtomic from 'write-file-atomic'
import { type Baseline, baselineToString, entryOf } from '../../engine/baseline.ts'
import { baselinePlace, nearestAbove, openBaseline, repositoryRoot } from '../../engine/disk.ts'
import type { Fault } from '../../engine/index.ts'
import { print, printable, reportFault, say } from '../console.ts'
import { codeOf, count, slashed } from '../documents.ts'
import { addSelection, type Selection, selected } from '../selection.ts'

/** Adds the command that accepts what is found today, so that only what is new is shown from then on. */
export function addBaseline(program: Command): void {
  const command = program
    .command('baseline')
    .summary('accept what is found now; show only what is new')
    .description('Accept all that is found now: later runs and the editor show only what is new.')
  addSelection(command).action(writeBaseline)
  addSelection(
    command.command('prune').description('Take out of the baseline what is no longer found in these documents.'),
  ).action(prune)
  command
    .command('show')
    .description('List the accepted findings, by document.')
    .option('--json', 'as the baseline file has them')
    .action(show)
}

/** The baseline in force in the current folder, or the place for a new one: the root of the repository. */
function open(): { path: string; baseline: Baseline; isUsable: boolean } {
  const here = resolve('')
  const found = nearestAbove(here, baselinePlace)
  if (found) {
    const faults: Fault[] = []
    const baseline = openBaseline(found, faults)
    faults.forEach(reportFault)
    return { path: found, baseline, isUsable: !faults.length }
  }
  const root = repositoryRoot(here)
  return { path: join(existsSync(join(root, '.git')) ? root : here, baselinePlace), baseline: {}, isUsable: true }
}

async function save(path: string, baseline: Baseline): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFileAtomic(path, baselineToString(baseline))
    return true
  } catch (error) {
    const code = codeOf(error)
    reportFault({ path, problem: `the baseline cannot be written (${code})`, cure: 'Check its folder and the disk.' })
    return false
  }
}

/** Accepts what is found in these documents now, and says how much. */
export async function writeBaseline(paths: string[], options: Selection, command: Command): Promise<void> {
  const { path, baseline } = open()
  const { silolint, documents } = await selected(paths, { ...options, baseline: false }, command)
  let findings = 0
  let files = 0
  for await (const result of silolint.lint(documents)) {
    const document = slashed(relative(dirname(dirname(path)), result.file))
    if (document.startsWith('../')) {
      reportFault({
        path: result.path,
        problem: 'this document lies outside the folder that the baseline speaks of, so it was left out',
        cure: 'Run "silolint baseline" in the folder above it.',
      })
      continue
    }
    // with --rule or --off the other rules were not asked, and what is known of them still holds
    const asked = new Set(silolint.rules.filter(({ severity }) => severity !== 'off').map(({ id }) => id))
    const kept = (baseline[document] ?? []).filter(({ rule }) => (options.rule || options.off) && !asked.has(rule))
    baseline[document] = [...kept, ...result.findings.map(entryOf)]
    findings += result.findings.length
    if (result.findings.length) files++
  }
  for (const document of Object.keys(baseline))
    if (!existsSync(join(dirname(dirname(path)), document))) delete baseline[document]
  if (await save(path, baseline))
    say(`${slashed(relative('', path))}: ${count(findings, 'finding')} in ${count(files, 'document')} accepted.`)
}

async function prune(paths: string[], options: Selection, command: Command): Promise<void> {
  const { path, baseline, isUsable } = open()
  if (!isUsable) return
  const { silolint, documents } = await selected(paths, options, command)
  const asked = new Map(documents.map(({ file }) => [slashed(relative(dirname(dirname(path)), file)), file]))
  let gone = 0
  for await (const { file, unmatched } of silolint.lint(documents)) {
    const document = slashed(relative(dirname(dirname(path)), file))
    const rules = new Set(silolint.rules.filter(({ severity }) => severity !== 'off').map(({ id }) => id))
    const dead = new Set(
      unmatched
        .filter(({ rule }) => rules.has(rule) || !(options.rule || options.off))
        .map((one) => JSON.stringify(one)),
    )
    const before = baseline[document] ?? []
    const left = before.filter((entry) => !dead.delete(JSON.stringify(entry)))
    gone += before.length - left.length
    baseline[document] = left
  }
  for (const [document, entries] of Object.entries(baseline)) {
    if (asked.has(document) || existsSync(join(dirname(dirname(path)), document))) continue
    gone += entries.length
    delete baseline[document]
  }
  if (await save(path, baseline))
    say(`${slashed(relative('', path))}: ${count(gone, 'finding')} no longer there, taken out.`)
}

async function show({ json }: { json?: true }): Promise<void> {
  const { path, baseline } = open()
  if (json) return print(baselineToString(baseline))
  const documents = Object.entries(baseline).filter(([, entries]) => entries.length)
  if (!documents.length) return say(`${slashed(relative('', path))}: nothing is accepted.`)
  for (const [document, entries] of documents) {
    await print(`${printable(document)}\n`)
    for (const { rule, headings, sentence } of entries)
      await print(`  ${rule}  ${printable([...headings, sentence].join(' › '))}\n`)
  }
}
