import { dirname } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addMeasures, halving, nothingMeasured, type Score, siloIndex } from '../../engine/measure.ts'
import { exitWith, print, printable, say } from '../console.ts'
import { addSelection, type Selection, selected } from '../selection.ts'

interface Options extends Selection {
  format: 'table' | 'json'
  minScore?: number
}

/** What is counted in a document or in all of a folder, with its findings. */
export interface Counts extends Score {
  documents: number
}

/** Adds the command that measures how much silo language documents hold. */
export function addStats(program: Command): void {
  addSelection(
    program
      .command('stats')
      .summary('measure documents and folders')
      .description('Measure each document and folder: a silo index from 0 to 100, where 100 is best.'),
  )
    .addOption(new Option('-f, --format <name>', 'how it is printed').choices(['table', 'json']).default('table'))
    .addOption(
      new Option('--min-score <number>', 'exit with 1 if the index of all together is below').argParser(readScore),
    )
    .addHelpText(
      'after',
      `
Index = 100 × mean of: 1/2^(findings per 1,000 words / ${halving}), counted twice;
served ÷ function mentions, at most 1; hand-offs with an owner ÷ all hand-offs.
What cannot be told (no mentions, no hand-offs) is left out: docs/silo-index.md`,
    )
    .action(stats)
}

function readScore(text: string): number {
  const score = Number(text)
  if (!text.trim() || !(score >= 0 && score <= 100)) throw new InvalidArgumentError('It takes a number from 0 to 100.')
  return score
}

async function stats(paths: string[], options: Options, command: Command): Promise<void> {
  // what a team has accepted is silo language all the same
  const { silolint, documents } = await selected(paths, { ...options, baseline: false }, command)
  const byDocument = new Map<string, Counts>()
  const byFolder = new Map<string, Counts>()
  let total: Counts = { ...nothingMeasured, findings: 0, documents: 0 }
  for await (const result of silolint.lint(documents)) {
    const counts = { ...(await silolint.measure(result)), findings: result.findings.length, documents: 1 }
    byDocument.set(result.path, counts)
    for (const folder of foldersOf(result.path)) byFolder.set(folder, add(byFolder.get(folder), counts))
    total = add(total, counts)
  }
  if (options.format === 'json') {
    const list = (counts: Map<string, Counts>) =>
      [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, one]) => ({ path, ...toJson(one) }))
    const { path: _, ...all } = { path: '', ...toJson(total) }
    await print(`${JSON.stringify({ total: all, folders: list(byFolder), documents: list(byDocument) }, null, 2)}\n`)
  } else if (byDocument.size) await print(tableOf(byDocument, byFolder, total))
  const score = siloIndex(total)
  if (options.minScore !== undefined && score !== null && score < options.minScore) {
    say(`The silo index is ${score}, below the ${options.minScore} that --min-score asks for.`)
    exitWith(1)
  }
}

const add = (a: Counts | undefined, b: Counts): Counts =>
  a ? { ...addMeasures(a, b), findings: a.findings + b.findings, documents: a.documents + b.documents } : b

/** The folders that hold a path, from the outermost; not the one that paths start from. */
function foldersOf(path: string): string[] {
  const folder = dirname(path)
  return folder === path || folder === '.' ? [] : [...foldersOf(folder), folder]
}

const per1000 = ({ findings, words }: Counts): number | null =>
  words ? Math.round((findings / words) * 10_000) / 10 : null

function toJson({ documents, words, findings, served, functions, handoffs, owned }: Counts) {
  const counts = { documents, words, findings, served, functions, handoffs, owned }
  return { ...counts, index: siloIndex(counts), findingsPer1000Words: per1000(counts) }
}

function tableOf(documents: Map<string, Counts>, folders: Map<string, Counts>, total: Counts): string {
  // a folder comes before what is in it
  const rows: Array<[string, Counts]> = [
    ...[...folders].map(([path, counts]): [string, Counts] => [path === '/' ? path : `${path}/`, counts]),
    ...documents,
  ].sort(([a], [b]) => (a < b ? -1 : 1))
  if (documents.size > 1) rows.push(['all', total])
  const head = ['index (best 100)', 'words', 'findings', 'per 1,000', 'served : function', 'owned hand-offs', 'path']
  const cells = rows.map(([path, counts]) => [
    String(siloIndex(counts) ?? '–'),
    String(counts.words),
    String(counts.findings),
    per1000(counts)?.toFixed(1) ?? '–',
    `${counts.served} : ${counts.functions}`,
    counts.handoffs ? `${counts.owned} of ${counts.handoffs}` : '–',
    printable(path),
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => (row[column] ?? '').length)))
  return [head, ...cells]
    .map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padStart(widths[at] ?? 0))).join('  '))
    .map((line) => `${line}\n`)
    .join('')
}
