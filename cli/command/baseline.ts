import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import writeFileAtomic from 'write-file-atomic'
import { type Baseline, type BaselineEntry, baselineToString, entryOf } from '../../engine/baseline.ts'
import { openBaseline } from '../../engine/disk.ts'
import { baselinePlace, nearestAbove, repositoryRoot } from '../../engine/files.ts'
import type { Fault } from '../../engine/index.ts'
import { print, printable, reportFault, say } from '../console.ts'
import { codeOf, count, slashed } from '../documents.ts'
import { addSelection, type Selection, selected } from '../selection.ts'
import type { Silolint } from '../silolint.ts'

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

/** A baseline and the documents that it speaks of. */
interface Opened {
  path: string
  baseline: Baseline
  isUsable: boolean
  /** What it calls a file; begins with `../` where it does not speak of it. */
  nameOf(file: string): string
  /** Whether the document that it calls so is still there. */
  exists(document: string): boolean
  /** Whether a run over these paths looks at every document that it speaks of. */
  isCovered(paths: readonly string[], options: Selection): boolean
}

/** The baseline in force in the current folder, or the place for a new one: the root of the repository. */
function open(): Opened {
  const here = resolve('')
  const found = nearestAbove(here, baselinePlace)
  const root = repositoryRoot(here)
  const path = found ?? join(existsSync(join(root, '.git')) ? root : here, baselinePlace)
  const faults: Fault[] = []
  const baseline = found ? openBaseline(found, faults) : {}
  faults.forEach(reportFault)
  const folder = dirname(dirname(path))
  return {
    path,
    baseline,
    isUsable: !faults.length,
    nameOf: (file) => slashed(relative(folder, file)),
    exists: (document) => existsSync(join(folder, document)),
    isCovered: (paths, { stdin }) =>
      (paths.length || stdin ? paths : ['.']).some((one) => isWithin(folder, resolve(one))),
  }
}

const isWithin = (path: string, folder: string): boolean => {
  const way = relative(folder, path)
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way)
}

async function save(path: string, baseline: Baseline): Promise<boolean> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFileAtomic(path, baselineToString(baseline))
    return true
  } catch (error) {
    const problem = `the baseline cannot be written (${codeOf(error)})`
    reportFault({ path, problem, cure: 'Check its folder and the disk.' })
    return false
  }
}

/** Tells the entries of rules that a run asked for; with --rule or --off what is known of the others still holds. */
const askedFor = async (silolint: Silolint, { rule, off }: Selection): Promise<(entry: BaselineEntry) => boolean> => {
  if (!(rule || off)) return () => true
  const asked = new Set((await silolint.rules()).filter(({ severity }) => severity !== 'off').map(({ id }) => id))
  return (entry) => asked.has(entry.rule)
}

/** How often each entry is there: the same sentence may be accepted twice. */
function timesOf(entries: readonly BaselineEntry[]): Map<string, number> {
  const times = new Map<string, number>()
  for (const entry of entries) times.set(JSON.stringify(entry), (times.get(JSON.stringify(entry)) ?? 0) + 1)
  return times
}

/** The entries but for those counted in `times`, which counts down. */
const without = (entries: readonly BaselineEntry[], times: Map<string, number>): BaselineEntry[] =>
  entries.filter((entry) => {
    const key = JSON.stringify(entry)
    const left = times.get(key) ?? 0
    if (left) times.set(key, left - 1)
    return !left
  })

/** Takes out what a baseline has of documents that are gone; what is not gone may belong to one that was renamed. */
function takeOutGone({ baseline, exists }: Opened, isGone: (entry: BaselineEntry) => boolean): number {
  let gone = 0
  for (const [document, entries] of Object.entries(baseline)) {
    if (exists(document)) continue
    const left = entries.filter((entry) => !isGone(entry))
    gone += entries.length - left.length
    baseline[document] = left
  }
  return gone
}

/** Accepts what is found in these documents now, and says how much. */
export async function writeBaseline(paths: string[], options: Selection, command: Command): Promise<void> {
  const opened = open()
  const { path, baseline, nameOf } = opened
  const { silolint, documents } = await selected(paths, { ...options, baseline: false }, command)
  let findings = 0
  let files = 0
  for await (const result of silolint.lint(documents)) {
    const document = nameOf(result.file)
    if (document.startsWith('../')) {
      reportFault({
        path: result.path,
        problem: 'this document lies outside the folder that the baseline speaks of, so it was left out',
        cure: 'Run "silolint baseline" in the folder above it.',
      })
      continue
    }
    const nearer = nearestAbove(dirname(result.file), baselinePlace)
    if (nearer !== undefined && nearer !== path) {
      reportFault({
        path: result.path,
        problem: `the baseline ${slashed(relative('', nearer))} is in force for this document, so it was left out`,
        cure: `Run "silolint baseline" in ${slashed(relative('', dirname(dirname(nearer)))) || 'that folder'}.`,
      })
      continue
    }
    const isAsked = await askedFor(silolint, options)
    const kept = (baseline[document] ?? []).filter((entry) => !isAsked(entry))
    baseline[document] = [...kept, ...result.findings.map(entryOf)]
    findings += result.findings.length
    if (result.findings.length) files++
  }
  if (opened.isCovered(paths, options)) takeOutGone(opened, await askedFor(silolint, options))
  if (await save(path, baseline))
    say(`${slashed(relative('', path))}: ${count(findings, 'finding')} in ${count(files, 'document')} accepted.`)
}

async function prune(paths: string[], options: Selection, command: Command): Promise<void> {
  const opened = open()
  const { path, baseline, isUsable, nameOf, exists } = opened
  if (!isUsable) return
  const { silolint, documents } = await selected(paths, options, command)
  const renamed: BaselineEntry[] = []
  let gone = 0
  for await (const { file, unmatched, moved } of silolint.lint(documents)) {
    // a baseline further down speaks of it, and what has moved stands there
    if (nearestAbove(dirname(file), baselinePlace) !== path) continue
    const document = nameOf(file)
    const before = baseline[document] ?? []
    const left = without(before, timesOf(unmatched.filter(await askedFor(silolint, options))))
    gone += before.length - left.length
    if (before.length || moved.length) baseline[document] = [...left, ...moved]
    renamed.push(...moved)
  }
  // those of a document that was renamed have gone with it
  const times = timesOf(renamed)
  for (const [document, entries] of Object.entries(baseline))
    if (!exists(document)) baseline[document] = without(entries, times)
  if (opened.isCovered(paths, options)) gone += takeOutGone(opened, await askedFor(silolint, options))
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
