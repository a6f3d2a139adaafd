import { existsSync } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import writeFileAtomic from 'write-file-atomic'
import { builtIn } from '../../engine/builtin.ts'
import { type Fault, faultToString } from '../../engine/fault.ts'
import { readDocument } from '../../engine/files.ts'
import { exitWith, fromHere, print, printable, reportFault, say } from '../console.ts'
import { count } from '../documents.ts'
import { type Reading, test, type Written, write } from '../import/draft.ts'
import { YamlFile } from '../import/file.ts'
import { leaveFile, readLines, readList, readPython } from '../import/list.ts'
import { isPrh, readPrh } from '../import/prh.ts'
import { isVale, readVale } from '../import/vale.ts'

interface Options {
  output: string
  forms?: true
  force?: true
  dryRun?: true
}

const endings = ['.yml', '.yaml', '.json', '.txt', '.py']

/** Adds the command that makes rule files of other linters' rules. */
export function addRuleImport(rule: Command): void {
  rule
    .command('import')
    .summary('make rules of those of Vale, proselint and prh')
    .description(
      'Make rule files of Vale styles, of proselint’s lists and other lists of words, and of textlint’s prh files.',
    )
    .argument('[paths...]', 'a style’s folder, or files: .yml, .yaml, .json, .txt, .py')
    .option('-o, --output <folder>', 'where the rule files go', '.silolint/rules')
    .option('--forms', 'let words match in all their forms, not only as written')
    .option('--force', 'write over rule files that are there')
    .option('--dry-run', 'write nothing, only say what would come over')
    .addHelpText(
      'after',
      `
What did not come over is listed with its file and line, and so is what came over
and does not pass silolint rule test. Exit codes: 0 all came over; 1 not all, or not
all passes; 2 a file could not be read or written.

Examples:
  silolint rule import styles/Microsoft     each rule of a Vale style
  silolint rule import words.txt            a line each: utilise -> use`,
    )
    .action(importRules)
}

async function importRules(paths: string[], options: Options): Promise<void> {
  if (!paths.length)
    return reportFault({ path: '', problem: 'import needs files or folders', cure: 'Name a Vale style, for example.' })
  const reading: Reading = { drafts: [], things: 0, left: [], notes: [] }
  const readAlready = new Set<string>()
  for (const path of await filesOf(paths))
    if (!readAlready.has(path)) await read(path, reading, options.forms === true, readAlready)
  takeNames(reading)
  const files = write(reading)

  const byPlace = (a: Fault, b: Fault): number =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
  const list = async (title: string, faults: Fault[]): Promise<void> => {
    if (!faults.length) return
    await print(`${title}\n`)
    for (const fault of faults.sort(byPlace))
      await print(`  ${printable(faultToString({ ...fault, path: fromHere(fault.path) }))}\n`)
    await print('\n')
  }
  await list('Did not come over:', reading.left)
  await list('Came over, and is not quite the same:', reading.notes)

  const failures = (await test(files)).map((fault) => ({ ...fault, path: join(resolve(options.output), fault.path) }))
  await list('Does not pass silolint rule test:', failures)

  const written = options.dryRun ? files.length : await save(files, options)
  const rules = files.filter(({ path }) => !path.includes('/')).length
  const came = Math.max(0, reading.things - reading.left.length)
  if (reading.things)
    await print(
      `${came.toLocaleString('en')} of ${count(reading.things, 'thing')} came over (${Math.floor((100 * came) / reading.things)} %), as ${count(rules, 'rule')}${
        options.dryRun
          ? '; nothing was written'
          : written === files.length
            ? ` in ${fromHere(resolve(options.output))}`
            : written
              ? `, of which ${count(written, 'file')} could be written`
              : '; nothing was written'
      }.\n`,
    )
  if (reading.left.length || failures.length) exitWith(1)
}

/** The files that paths stand for; a folder gives those with an ending that can be read, and its folders' too. */
async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    if (!found?.isDirectory()) {
      files.push(resolve(path))
      continue
    }
    const inside = (await readdir(path, { recursive: true, withFileTypes: true }))
      .filter(
        (entry) => entry.isFile() && endings.includes(extname(entry.name).toLowerCase()) && !entry.name.startsWith('.'),
      )
      .map((entry) => resolve(entry.parentPath, entry.name))
      .filter((one) => !/[\\/](?:\.git|node_modules)[\\/]/.test(one))
      .sort()
    if (!inside.length) say(`In ${fromHere(resolve(path))} is nothing to import.`)
    files.push(...inside)
  }
  return [...new Set(files)]
}

async function read(path: string, reading: Reading, inAllForms: boolean, readAlready: Set<string>): Promise<void> {
  const found = await readDocument(path)
  if ('fault' in found) return reportFault(found.fault)
  // an offset into the text is a place in the file only without the mark
  const source = found.source.replace(/^\uFEFF/, '')
  const ending = extname(path).toLowerCase()
  if (ending === '.txt') return readLines(path, source, reading, inAllForms)
  if (ending === '.py') return readPython(path, source, reading, inAllForms)
  const file = new YamlFile(path, source)
  for (const fault of file.faults) reportFault(fault)
  if (file.faults.length) return
  if (isVale(file)) readVale(file, reading, inAllForms)
  else if (isPrh(file)) {
    const open = async (one: string): Promise<string | { problem: string }> => {
      const opened = await readDocument(one)
      return 'fault' in opened ? { problem: opened.fault.problem } : opened.source.replace(/^\uFEFF/, '')
    }
    await readPrh(file, reading, { inAllForms, open, read: readAlready })
  } else if (file.list.length) readList(file, reading, inAllForms)
  else leaveFile(path, reading)
}

/** Gives each draft an id that no other and no rule of Silolint has: a rule of that name would take its place. */
function takeNames({ drafts }: Reading): void {
  const taken = new Set(builtIn.rules.map(({ id }) => id))
  for (const draft of drafts) {
    let id = draft.id
    for (let number = 2; taken.has(id); number++) id = `${draft.id}-${number}`
    taken.add(id)
    if (id === draft.id) continue
    const renamed = (name: string): string =>
      draft.guards.some((guard) => guard.id === name) ? id + name.slice(draft.id.length) : name
    for (const entry of draft.entries) entry.unless = entry.unless.map(renamed)
    for (const guard of draft.guards) {
      guard.text = guard.text.replaceAll(draft.id, id)
      guard.id = id + guard.id.slice(draft.id.length)
    }
    draft.id = id
  }
}

/** Writes the files; gives how many. One that is there already is left as it is, unless forced. */
async function save(files: readonly Written[], { output, force }: Options): Promise<number> {
  let written = 0
  for (const { path, text } of files) {
    const target = join(resolve(output), path)
    if (!force && existsSync(target)) {
      reportFault({ path: target, problem: 'this file is there already', cure: 'Use --force to write over it.' })
      continue
    }
    try {
      await mkdir(dirname(target), { recursive: true })
      await writeFileAtomic(target, text)
      written++
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? String(error)
      reportFault({ path: target, problem: `the file cannot be written (${why})`, cure: 'Check the folder.' })
    }
  }
  return written
}
