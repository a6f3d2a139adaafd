// Measures Silolint beside other linters, on the same files in one run, and writes the tables of docs/performance.md.
// `--help` shows the options: `--quick` is one run of each that writes nothing; `--part 5` takes each fifth document; `--only` names peers;
// `--limit` ends a process after so many seconds; `--sizes` says how many documents the folders of the table of scale hold;
// `--cargo` builds harper-cli too.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { documentsIn, hostile, ordinary, rulePages, writeDocuments, writeFolder } from './documents.mjs'
import { cannotMeasure, measure, measuresMemory, median } from './measure.mjs'
import { install } from './peers.mjs'
import { keystrokes, remembered, requests } from './typing.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const allTables = 'small,corpus,mb1,mb10,cache,rules,texts,warm,scale,typing,bundle'
const usage = `npm run bench [-- --runs 7] [--quick] [--files DIR] [--part 5] [--only vale,alex] [--limit 600]
  [--tables ${allTables}] [--sizes 1000,10000,100000] [--cargo]`

const { values } = readArguments({
  help: { type: 'boolean', short: 'h' },
  runs: { type: 'string', default: '7' },
  quick: { type: 'boolean' },
  files: { type: 'string', default: here('../../shared/corpus/wide') },
  part: { type: 'string', default: '1' },
  only: { type: 'string' },
  limit: { type: 'string', default: '600' },
  tables: { type: 'string', default: allTables },
  sizes: { type: 'string' },
  cargo: { type: 'boolean' },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const [runs, part, limit] = [values.quick ? '1' : values.runs, values.part, values.limit].map(Number)
const folder = resolve(values.files)
const cli = here('../dist/cli.js')
const unknown = values.tables.split(',').find((name) => !allTables.split(',').includes(name))
const problem =
  cannotMeasure() ??
  (unknown === undefined ? undefined : `There is no table "${unknown}"; there are ${allTables}.`) ??
  ([runs, part, limit].every((one) => Number.isInteger(one) && one > 0)
    ? undefined
    : '--runs, --part and --limit take a whole number from 1.') ??
  (existsSync(folder)
    ? undefined
    : `There are no documents at ${folder}. Name a folder of Markdown documents: npm run bench -- --files DIR`) ??
  (existsSync(cli) ? undefined : 'There is no dist/cli.js. Build it first: npm run build')
if (problem) {
  console.error(problem)
  process.exit(2)
}

const { peers, missing } = install({ cargo: values.cargo, only: values.only?.split(',') })
const scratch = mkdtempSync(join(tmpdir(), 'silolint-bench-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

/** Silolint as it is run in CI: the whole catalogue, nothing kept from earlier runs. */
const silolint = {
  name: '**Silolint**',
  id: 'silolint',
  does: 'silo language, the whole catalogue; reads Markdown; offers rewrites',
  run: (files, more = ['--no-cache']) => [process.execPath, cli, '-f', 'jsonl', ...more, ...files],
  found: ({ out }) => out.split('\n').filter(Boolean).length,
}

/** The options of the command line; one that there is not ends the process. */
function readArguments(options) {
  try {
    return parseArgs({ options })
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`)
    process.exit(2)
  }
}

/** Runs commands in turn, round by round, so that whatever else the machine does falls on all of them. */
function rounds(commands, seconds = limit) {
  const results = commands.map(() => [])
  for (let round = 0; round < runs; round++) {
    for (const [at, { name, argv, cwd, peer }] of commands.entries()) {
      if (results[at].some(({ stopped }) => stopped)) continue
      const run = measure(argv, { cwd, limit: seconds, scratch })
      const faulty = !run.stopped && run.code > 1 && peer?.codes !== 'any'
      if (faulty && !round) console.error(`${name} ended with ${run.code}: ${run.err.trim().slice(0, 300)}`)
      const found = peer?.found?.(run)
      const { cpu, wall, memory, stopped, code } = run
      results[at].push({ cpu, wall, memory, stopped, code, faulty, found })
      console.error(`  ${name}: ${cpu.toFixed(2)} s${stopped ? ', stopped' : ''}`)
    }
  }
  return results.map((list) => ({
    cpu: median(list.map(({ cpu }) => cpu)),
    least: Math.min(...list.map(({ cpu }) => cpu)),
    most: Math.max(...list.map(({ cpu }) => cpu)),
    memory: measuresMemory ? Math.max(...list.map(({ memory }) => memory)) : undefined,
    stopped: list.some(({ stopped }) => stopped),
    faulty: list.some(({ faulty }) => faulty),
    found: list[0].found,
  }))
}

const seconds = ({ cpu, stopped }) => (stopped ? `> ${cpu.toFixed(0)}` : cpu.toFixed(cpu < 10 ? 3 : 1))
/** A figure of a process that was stopped is only the least it can be. */
const least = (figure, { stopped }) => (stopped ? `> ${figure}` : figure)
const spread = ({ least, most }) => `${least.toFixed(2)}–${most.toFixed(2)}`
const times = (number) => (Number.isFinite(number) ? `${number.toFixed(number < 10 ? 2 : 0)} ×` : '')
const mega = (number) => (number === undefined ? '' : number.toFixed(0))
const count = (number) => (number === undefined ? '' : number.toLocaleString('en'))
const sizeOf = (documents) => documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const version = (command, ...args) => {
  try {
    return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim()
  } catch {
    return 'none'
  }
}
const { version: own } = JSON.parse(readFileSync(here('../package.json'), 'utf8'))

const documents = documentsIn(folder, part)
const started = new Date()
const load = loadavg()[0]
/** Under which conditions the tables were measured, so far. */
const conditions = () => [
  `Measured on ${started.toISOString().slice(0, 10)} with \`npm run bench -- ${process.argv.slice(2).join(' ')}\`, ${runs === 1 ? 'one run' : `${runs} runs`} of each, in turn:`,
  [
    `- Silolint ${own} at ${version('git', '-C', here('..'), 'rev-parse', '--short', 'HEAD')}, Node ${process.version}`,
    `- ${cpus()[0].model}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GB, Linux ${release()}; load when it began ${load.toFixed(1)}, when it ended ${loadavg()[0].toFixed(1)}`,
    `- ${count(documents.length)} real documents${part > 1 ? ` (one of each ${part} there are)` : ''}, ${(sizeOf(documents) / 1e6).toFixed(1)} MB`,
    ...[...missing].map(([id, why]) => `- left out: ${id}, since ${why}`),
  ].join('\n'),
  '### What each does',
  table(
    ['command', 'what it does instead'],
    [silolint, ...peers].map(({ name, does }) => [name, does]),
  ),
]

/**
 * What the tables say of what Silolint wants to be: work and target, as a test of a figure and how far it is. A row is
 * missing as long as its table is.
 */
const targets = new Map()
const aim = (work, target, figure, most, written) => {
  if (Number.isFinite(figure))
    targets.set(`${work} ${target}`, [
      work,
      target,
      written,
      figure <= most ? 'met' : `${(figure / most).toFixed(figure / most < 10 ? 2 : 0)} × of it`,
    ])
}
const targetTable = () =>
  targets.size ? ['### Targets', table(['work', 'target', 'measured', ''], [...targets.values()])] : []

const report = []
/** Prints a part of the report and puts it on the page at once, since a whole run takes long and may be ended. */
const say = (title, ...text) => {
  report.push(`### ${title}`, ...text)
  console.log(`\n### ${title}\n\n${text.join('\n\n')}`)
  if (values.quick) return
  const page = here('../docs/performance.md')
  const [start, end] = ['<!-- written by npm run bench -->', '<!-- end -->']
  const old = readFileSync(page, 'utf8')
  const [before, after] = [old.slice(0, old.indexOf(start)), old.slice(old.indexOf(end))]
  writeFileSync(page, `${before}${start}\n\n${[...conditions(), ...targetTable(), ...report].join('\n\n')}\n\n${after}`)
}

/** By itself it takes half of the cores. More threads take more of everything but time: each learns the rules anew. */
const everyCore = {
  ...silolint,
  name: `Silolint, ${cpus().length} threads`,
  id: 'threads',
  run: (files) => silolint.run(files, ['--no-cache', '--concurrency', `${cpus().length}`]),
}

/** Silolint and other programs over the same documents, each in one process. */
function sideBySide(title, name, documents, peers) {
  console.error(title)
  const cwd = join(scratch, name)
  writeDocuments(cwd, documents)
  const refused = []
  const commands = [silolint, ...peers].map((peer) => {
    const left = documents.filter(({ text }) => !peer.refuses?.(text))
    if (left.length < documents.length)
      refused.push(
        `${peer.name} is not given ${documents.length - left.length} of them, at which it would end the run.`,
      )
    return { name: peer.id, peer, cwd, argv: peer.run(left.map((one) => one.name)) }
  })
  const results = rounds(commands)
  const [own] = results
  const size = sizeOf(documents) / 1e6
  const rows = results.map((result, at) => {
    const peer = at ? peers[at - 1] : silolint
    if (result.faulty) return [peer.name, 'failed', '', '', '', '', '', '']
    const rate = peer.id === 'node' ? '' : least((result.cpu / size).toFixed(2), result)
    const ratio = least(times(result.cpu / own.cpu), result)
    return [
      peer.name,
      seconds(result),
      spread(result),
      rate,
      ratio,
      mega(result.memory),
      times(result.memory / own.memory),
      count(result.found),
    ]
  })
  say(
    `${title}: ${documents.length === 1 ? 'one file' : `${count(documents.length)} files`}, ${size.toFixed(size < 1 ? 3 : 1)} MB`,
    table(
      [
        'command',
        'CPU s, median',
        'least–most',
        'CPU s per MB',
        'CPU, Silolint = 1',
        'peak MB',
        'memory, Silolint = 1',
        'findings',
      ],
      rows,
    ),
    ...refused,
  )
  const byId = Object.fromEntries([silolint, ...peers].map(({ id }, at) => [id, results[at]]))
  const beside = (id, one = own) => (byId[id] && !byId[id].faulty && !one.stopped ? one.cpu / byId[id].cpu : Number.NaN)
  return { own, byId, size, beside }
}

const tables = values.tables.split(',')
const make = ordinary(documents)
const one = (name, text) => [{ name: `${name}.md`, text }]

if (tables.includes('small')) {
  const { beside } = sideBySide('A small document', 'small', one('small', make(5_000)), peers)
  const work = 'one 5 KB file, cold process, CPU'
  aim(work, '≤ 2 × `node -e 0`', beside('node'), 2, times(beside('node')))
  aim(work, "less than write-good's", beside('write-good'), 1, times(beside('write-good')))
}
if (tables.includes('corpus')) {
  const { own, byId, beside } = sideBySide('Real documents', 'corpus', documents, [everyCore, ...peers])
  for (const [threads, one] of [
    ['as it comes', own],
    [`${cpus().length} threads`, byId[everyCore.id]],
  ]) {
    const work = `whole corpus, cold process, ${threads}, CPU`
    aim(work, "≤ 1/4 of write-good's", beside('write-good', one), 1 / 4, times(beside('write-good', one)))
    aim(work, "≤ 1/20 of alex's", beside('alex', one), 1 / 20, times(beside('alex', one)))
    aim(work, "≤ Vale's", beside('vale', one), 1, times(beside('vale', one)))
    aim(`whole corpus, ${threads}, peak memory`, '≤ 150 MB', one.memory, 150, `${mega(one.memory)} MB`)
  }
}
if (tables.includes('mb1')) sideBySide('A generated document', 'mb1', one('mb1', make(1_000_000)), peers)
if (tables.includes('mb10')) sideBySide('A generated document', 'mb10', one('mb10', make(10_000_000)), peers)

if (tables.includes('cache')) {
  console.error('The cache')
  const cwd = join(scratch, 'corpus')
  writeDocuments(cwd, documents)
  const names = documents.map(({ name }) => name)
  const kept = silolint.run(names, ['--cache-location', join(scratch, 'kept')])
  measure(kept, { cwd, limit, scratch })
  const [cold, warm] = rounds([
    { name: 'cold', cwd, peer: silolint, argv: silolint.run(names) },
    { name: 'warm', cwd, peer: silolint, argv: kept },
  ])
  aim(
    'unchanged corpus, warm cache, CPU',
    '≤ 1/20 of the cold run',
    warm.cpu / cold.cpu,
    1 / 20,
    `1/${(cold.cpu / warm.cpu).toFixed(1)}`,
  )
  const rows = [
    ['nothing kept', cold],
    ['nothing changed since the last run', warm],
  ].map(([what, result]) => [
    ...[what, seconds(result), spread(result), times(result.cpu / cold.cpu), mega(result.memory), count(result.found)],
  ])
  say(
    'The cache, real documents',
    table(['run', 'CPU s, median', 'least–most', 'CPU, cold = 1', 'peak MB', 'findings'], rows),
  )
}

if (tables.includes('rules')) {
  console.error('Rules of a team')
  const [names, kinds] = [documents.map(({ name }) => name), [0, 5, 500]]
  const results = rounds(
    kinds.map((pages) => {
      const cwd = join(scratch, `rules${pages}`)
      writeDocuments(cwd, [...documents, ...rulePages(documents, pages)])
      return { name: `${pages} pages`, cwd, peer: silolint, argv: silolint.run(names) }
    }),
  )
  const growth = results[2].cpu / results[1].cpu
  aim('10,000 phrases against 100, CPU on the corpus', '≤ 1.15 ×', growth, 1.15, times(growth))
  const rows = results.map((result, at) => [
    ...[`${count(kinds[at] * 20)} phrases in ${kinds[at]} rules`, seconds(result), spread(result)],
    ...[
      times(result.cpu / results[0].cpu),
      times(result.cpu / results[1].cpu),
      mega(result.memory),
      count(result.found),
    ],
  ])
  say(
    "A team's own rules beside the catalogue, real documents",
    table(['own phrases', 'CPU s, median', 'least–most', 'CPU, none = 1', 'CPU, 100 = 1', 'peak MB', 'findings'], rows),
  )
}

if (tables.includes('texts')) {
  console.error('Size and hostile texts')
  const cwd = join(scratch, 'texts')
  const texts = [
    ['nothing', ''],
    ...[100_000, 1_000_000, 10_000_000].map((bytes) => [`ordinary, ${bytes / 1e6} MB`, make(bytes)]),
    ...Object.entries(hostile(make)),
  ].map(([what, text], at) => ({ what, name: `${at}.md`, text }))
  writeDocuments(cwd, texts)
  const results = rounds(
    texts.map(({ what, name }) => ({ name: what, cwd, peer: silolint, argv: silolint.run([name]) })),
    Math.min(limit, 120),
  )
  const perMega = results.map(({ cpu }, at) => (cpu - results[0].cpu) / (sizeOf([texts[at]]) / 1e6))
  const ordinaryGrowth = perMega[3] / perMega[1]
  aim('ordinary text 100 KB → 10 MB, CPU per MB', '≤ 1.2 ×', ordinaryGrowth, 1.2, times(ordinaryGrowth))
  for (const [at, result] of results.entries()) {
    if (at < 4) continue
    const ratio = result.faulty ? Number.POSITIVE_INFINITY : perMega[at] / perMega[2]
    const written = result.faulty ? 'failed' : least(times(ratio), result)
    // no figure is better than a wrong one: of what was stopped only the least is known
    aim(`hostile: ${texts[at].what}, CPU per MB`, '≤ 3 × ordinary', Number.isFinite(ratio) ? ratio : 1e9, 3, written)
  }
  const rows = results.map((result, at) => [
    ...[texts[at].what, (sizeOf([texts[at]]) / 1e6).toFixed(2), seconds(result), spread(result)],
    ...(at ? [least(perMega[at].toFixed(2), result), least(times(perMega[at] / perMega[2]), result)] : ['', '']),
    ...[mega(result.memory), result.faulty ? 'failed' : result.stopped ? 'stopped' : count(result.found)],
  ])
  say(
    'Size and hostile texts, Silolint alone',
    table(
      [
        'text',
        'MB',
        'CPU s, median',
        'least–most',
        'CPU s per MB above an empty one',
        'ordinary 1 MB = 1',
        'peak MB',
        'findings',
      ],
      rows,
    ),
  )
}
if (tables.includes('warm')) {
  console.error('In process')
  const cwd = join(scratch, 'warm')
  const sizes = [10_000, 100_000, 1_000_000]
  writeDocuments(
    cwd,
    sizes.flatMap((bytes) => one(bytes, make(bytes))),
  )
  const linters = [
    'silolint',
    ...peers.map(({ id }) => id).filter((id) => ['parse', 'write-good', 'alex'].includes(id)),
  ]
  const calls = (linter, bytes) => {
    const argv = [process.execPath, here('warm.mjs'), linter, String(runs), `${bytes}.md`]
    const { code, out, stopped } = measure(argv, { cwd, limit, scratch })
    console.error(`  ${linter}, ${bytes}: ${stopped ? 'stopped' : out.trim()}`)
    return code ? undefined : JSON.parse(out)
  }
  const times = linters.map((linter) => sizes.map((bytes) => calls(linter, bytes)))
  const rows = linters.map((linter, at) => [
    linter === 'silolint' ? '**Silolint**' : peers.find(({ id }) => id === linter).name,
    ...times[at].map((spent, size) => {
      if (!spent) return 'stopped'
      const [own, least, most] = [times[0][size], Math.min(...spent), Math.max(...spent)]
      const ratio = own ? `; ${(median(spent) / median(own)).toFixed(2)} ×` : ''
      return `${median(spent).toFixed(1)} (${least.toFixed(1)}–${most.toFixed(1)})${ratio}`
    }),
  ])
  say(
    'In process and warm: CPU ms a call, median (least–most); Silolint = 1',
    table(['library', ...sizes.map((bytes) => `${bytes / 1000} KB`)], rows),
  )
}

if (tables.includes('scale')) {
  console.error('Scale')
  const sizes = values.sizes?.split(',').map(Number) ?? (values.quick ? [1_000] : [1_000, 10_000, 100_000])
  const measured = sizes.map((count) => {
    const cwd = join(scratch, `scale${count}`)
    const bytes = writeFolder(cwd, documents, count)
    const kept = silolint.run([], ['--cache-location', join(scratch, `kept${count}`)])
    const seconds = Math.max(limit, count / 100)
    const [cold] = rounds([{ name: `${count} cold`, cwd, peer: silolint, argv: silolint.run([]) }], seconds)
    measure(kept, { cwd, limit: seconds, scratch })
    const [warm] = rounds([{ name: `${count} warm`, cwd, peer: silolint, argv: kept }], seconds)
    // with the cache, since it is the merging that is looked at
    const json = ['--exit-zero', '--cache-location', join(scratch, `kept${count}`), '-f']
    const run = (...args) => measure([process.execPath, cli, ...args], { cwd, limit: seconds, scratch })
    const parts = [1, 2, 3, 4].map((part) => join(scratch, `part${part}.json`))
    const shards = parts.map((file, at) => run(...json, `json=${file}`, '--shard', `${at + 1}/4`))
    const merge = run('merge', '--exit-zero', '-f', `json=${join(scratch, 'merged.json')}`, ...parts)
    run(...json, `json=${join(scratch, 'one.json')}`)
    const [merged, whole] = ['merged.json', 'one.json'].map((name) => readFileSync(join(scratch, name), 'utf8'))
    rmSync(cwd, { recursive: true })
    return { count, mb: bytes / 1e6, cold, warm, shards, merge, isSame: merged === whole && whole.length > count }
  })
  const rate = (documents, { cpu }) => count(Math.round(documents / cpu))
  const rows = measured.map(({ count: documents, mb, cold, warm }) => [
    ...[
      count(documents),
      mb.toFixed(1),
      seconds(cold),
      (cold.cpu / mb).toFixed(2),
      rate(documents, cold),
      mega(cold.memory),
    ],
    ...[
      seconds(warm),
      `1/${(cold.cpu / warm.cpu).toFixed(1)}`,
      rate(documents, warm),
      mega(warm.memory),
      count(cold.found),
    ],
  ])
  if (measured.length > 1) {
    // what each further document cost between the two largest folders, a million times
    const [less, more] = measured.slice(-2)
    const million = (of) => of(more) + ((1e6 - more.count) * (of(more) - of(less))) / (more.count - less.count)
    const [cold, warm] = [million(({ cold }) => cold.cpu), million(({ warm }) => warm.cpu)]
    const memory = (run) => (measuresMemory ? mega(million((one) => one[run].memory)) : '')
    rows.push([
      ...[
        '1,000,000 (on paper)',
        million(({ mb }) => mb).toFixed(0),
        cold.toFixed(0),
        (cold / million(({ mb }) => mb)).toFixed(2),
      ],
      ...[count(Math.round(1e6 / cold)), memory('cold'), warm.toFixed(0), `1/${(cold / warm).toFixed(1)}`],
      ...[count(Math.round(1e6 / warm)), memory('warm'), ''],
    ])
  }
  const heads = ['documents', 'MB', 'cold: CPU s', 'CPU s per MB', 'documents per CPU s', 'peak MB']
  say(
    'Scale: folders of documents of 2 KB, Silolint alone',
    table([...heads, 'warm cache: CPU s', 'of cold', 'documents per CPU s', 'peak MB', 'findings'], rows),
    ...measured.map(
      ({ count: documents, shards, merge, isSame }) =>
        `Four shards of ${count(documents)} with a warm cache: ${shards.map(({ cpu }) => cpu.toFixed(2)).join(', ')} s of CPU, merging their reports ${merge.cpu.toFixed(2)} s and ${mega(merge.memory)} MB; merged they are ${isSame ? 'the report of one run, byte for byte' : '**not** the report of one run'}.`,
    ),
  )
}

if (tables.includes('typing')) {
  console.error('Typing')
  const [server, heap] = [here('../dist/server.cjs'), here('heap.cjs')]
  // much code makes a document the manual of a system, in which some rules find nothing
  const page = ordinary(documents.filter(({ text }) => !text.includes('`')))
  const sizes = [10_000, 100_000, 1_000_000]
  const results = []
  for (const bytes of sizes) {
    const around = bytes > sizes[0] ? page((bytes - sizes[0]) / 2) : ''
    const text = page(sizes[0])
    const lines = text.split('\n').length + 2 * (around.split('\n').length - 1)
    results.push({ lines, ...(await keystrokes(server, heap, text, around)) })
    console.error(`  ${bytes}: ${median(results.at(-1).costs.map(({ cpu }) => cpu)).toFixed(2)} ms`)
  }
  const at = (list, share) =>
    [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))]
  const least = median(results[0].costs.map(({ cpu }) => cpu))
  const rows = results.map(({ opened, costs, empty, found, lines }, index) => {
    const cpu = costs.map((cost) => cost.cpu)
    return [
      ...[`${sizes[index] / 1000} KB`, count(lines), count(found), opened.cpu.toFixed(0), median(cpu).toFixed(2)],
      ...[
        times(median(cpu) / least),
        at(cpu, 0.99).toFixed(2),
        at(
          costs.map(({ wall }) => wall),
          0.95,
        ).toFixed(1),
      ],
      median(empty.map((cost) => cost.cpu)).toFixed(2),
    ]
  })
  const head = ['document', 'lines', 'findings', 'opening, CPU ms', 'keystroke, CPU ms, median', '10 KB = 1']
  say(
    'Typing 200 characters, the server alone: CPU of all its threads for each change with the pull of its findings',
    table([...head, '99th percentile', '95th percentile on the clock, ms', 'empty request, CPU ms'], rows),
  )
  const largest = results.at(-1).costs.map(({ cpu }) => cpu)
  const work = 'keystroke in a 1 MB document, CPU of the server'
  aim(`${work}, median`, '≤ 5 ms', median(largest), 5, `${median(largest).toFixed(1)} ms`)
  aim(`${work}, 99th percentile`, '≤ 15 ms', at(largest, 0.99), 15, `${at(largest, 0.99).toFixed(1)} ms`)
  aim('keystroke in 1 MB against one in 10 KB', '≤ 1.5 ×', median(largest) / least, 1.5, times(median(largest) / least))
  const long = page(1_000_000).split('\n').slice(0, 10_000).join('\n')
  const asked = []
  let slowest = 0
  for (const language of ['markdown', 'silolint-process'])
    for (const [name, costs] of Object.entries(await requests(server, heap, long, language))) {
      const [cpu, wall] = ['cpu', 'wall'].map((kind) => costs.map((cost) => cost[kind]))
      const row = [median(cpu), at(cpu, 0.95), at(wall, 0.95)].map((one) => one.toFixed(1))
      asked.push([language, name, ...row])
      slowest = Math.max(slowest, at(cpu, 0.95))
    }
  const any = 'any request of an editor while typing into 10,000 lines, CPU, 95th percentile'
  aim(any, '≤ 50 ms', slowest, 50, `${slowest.toFixed(1)} ms`)
  say(
    'Everything that an editor asks after each of 200 letters typed into a document of 10,000 lines',
    table(
      ['language', 'request', 'CPU ms, median', 'CPU ms, 95th percentile', '95th percentile on the clock, ms'],
      asked,
    ),
  )
  const memory = await remembered(server, heap, page(100_000))
  const growth = memory.at(-1).heap / memory.at(-2).heap
  // what it has read and learnt by a thousand edits is not growth; a tenth more of it would be a leak
  aim('server after 10,000 edits, memory in use', 'no growth since 1,000', growth, 1.1, times(growth))
  say(
    'What the server keeps: edits all over a document of 100 KB, of which nothing is left',
    table(
      ['edits', 'memory in use after clearing, MB', 'resident, MB'],
      memory.map(({ edits, heap, resident }) => [count(edits), heap.toFixed(1), resident.toFixed(0)]),
    ),
  )
}

if (tables.includes('bundle')) {
  const size = (path) => (existsSync(here(path)) ? statSync(here(path)).size / 1e6 : Number.NaN)
  const names = readdirSync(here('../dist'))
  const extension = names.filter((name) => name.endsWith('.cjs'))
  const files = [
    ...extension.map((name) => [`dist/${name}`, size(`../dist/${name}`)]),
    ['dist/rules.bin, the rules compiled, of which most is read where it lies', size('../dist/rules.bin')],
    ['dist/plugin.js, a thread for plugins, where there are some', size('../dist/plugin.js')],
    [
      'the command line and library: all other programs of dist/',
      names
        .filter((name) => name.endsWith('.js') && name !== 'plugin.js')
        .reduce((sum, name) => sum + size(`../dist/${name}`), 0),
    ],
    ['silolint.vsix, compressed (npm run package)', size('../silolint.vsix')],
  ]
  // in a browser the other pair runs, with the same rules
  const programs = size('../dist/extension.cjs') + size('../dist/server.cjs')
  const whole = programs + size('../dist/rules.bin')
  const parts = `${programs.toFixed(2)} MB; with the compiled rules, which are data, ${whole.toFixed(2)} MB`
  aim('extension bundle: server + client', '≤ 1.5 MB', programs, 1.5, parts)
  say(
    'Sizes',
    table(
      ['file', 'MB'],
      files.map(([name, mb]) => [name, Number.isFinite(mb) ? mb.toFixed(2) : 'not made']),
    ),
  )
}

console.log(`\n${[...conditions(), ...targetTable()].join('\n\n')}`)
