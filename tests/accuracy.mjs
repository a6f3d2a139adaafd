// Measures how right the findings are and writes the table of docs/accuracy.md, and what SARIF reports say of each
// rule's precision (cli/report/precision.json).
//   npm run accuracy [-- --misses 20] [-- --new]
// `--new` lists the findings in real prose that nobody has judged yet (tests/judged.jsonl), as lines to judge.
// The judged documents stand beside this repository (../shared/accuracy, ../shared/corpus); without them
// only the project's own batches (tests/batches) are scored and nothing is written.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { lint } from '../dist/index.js'

const { values } = parseArgs({ options: { misses: { type: 'string', default: '0' }, new: { type: 'boolean' } } })
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const accuracy = path('../../shared/accuracy/')
const corpus = path('../../shared/corpus/')
const batches = path('batches/')
const cli = path('../dist/cli.js')

const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)}` : '–')
const lines = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

/** What each rule gets right in its own batches, all of which its author has read by now. */
function scoreBatches() {
  const scores = new Map()
  for (const name of readdirSync(batches).filter((one) => one.endsWith('.jsonl'))) {
    for (const { near, rule, text } of lines(join(batches, name))) {
      const score = scores.get(near) ?? { right: 0, wrong: 0, missed: 0 }
      scores.set(near, score)
      const found = lint(text).messages.some(({ ruleId }) => ruleId === near)
      if (found) score[rule ? 'right' : 'wrong']++
      else if (rule) score.missed++
    }
  }
  return scores
}

/** The figures of score.mjs by rule, those over all rules under `all`. */
function score(title, args) {
  if (Number(values.misses)) {
    console.log(`\n${title}`)
    execFileSync(
      process.execPath,
      [`${accuracy}score.mjs`, '--cli', `${process.execPath} ${cli}`, ...args, '--misses', values.misses],
      { stdio: 'inherit' },
    )
  }
  const out = execFileSync(
    process.execPath,
    [`${accuracy}score.mjs`, '--cli', `${process.execPath} ${cli}`, ...args, '--json'],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const { rows, total } = JSON.parse(out)
  return new Map([...rows, total].map((row) => [row.rule, row]))
}

/** Findings in real prose that nobody has labelled: how many a rule raises, and how many of them offer a rewrite. */
function countFindings(folder) {
  const run = spawnSync(process.execPath, [cli, '--format', 'json', '--no-cache', folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  const counts = new Map()
  const unjudged = []
  let words = 0
  for (const { path: file, findings } of JSON.parse(run.stdout)) {
    words += readFileSync(file, 'utf8').match(/\p{L}+/gu)?.length ?? 0
    for (const { rule, actual, rewrites } of findings) {
      const count = counts.get(rule) ?? { all: 0, rewritten: 0, fair: 0, judged: 0 }
      counts.set(rule, count)
      count.all++
      if (rewrites?.length) count.rewritten++
      const doc = relative(corpus, file).replaceAll('\\', '/')
      const verdict = verdicts.get(keyOf({ rule, doc, quote: actual }))
      if (verdict) {
        count.judged++
        if (verdict !== 'wrong') count.fair++
      } else unjudged.push({ rule, doc, quote: actual })
    }
  }
  return { counts, words, unjudged }
}

/** One finding in real prose, whatever line it stands on. */
const keyOf = ({ rule, doc, quote }) => JSON.stringify([rule, doc, quote.replace(/\s+/g, ' ')])
/** What readers who did not know the patterns said of findings: fair, arguable or wrong. */
const verdicts = new Map(lines(path('judged.jsonl')).map((one) => [keyOf(one), one.verdict]))

const own = scoreBatches()
if (!existsSync(`${accuracy}score.mjs`)) {
  console.log('There are no judged documents beside this repository (../shared/accuracy); the own batches alone:')
  for (const [rule, { right, wrong, missed }] of own)
    console.log(`${rule}: precision ${percent(right, right + wrong)}, recall ${percent(right, right + missed)}`)
  process.exit()
}

const cases = score('challenge cases', ['--cases', `${accuracy}cases.jsonl`])
const labels = score('documents read whole', ['--labels', `${accuracy}labels.jsonl`, '--docs', `${corpus}docs`])
const real = score('sentences judged one by one', ['--sentences', `${accuracy}real.jsonl`, '--docs', corpus])
const { counts, words, unjudged } = countFindings(`${corpus}wide`)
if (values.new) for (const one of unjudged) console.log(JSON.stringify({ ...one, verdict: '' }))
const curves = JSON.parse(readFileSync(join(batches, 'blind.json'), 'utf8'))

// The last blind batch is the one to trust. A rule without one has the findings in real prose that somebody has judged, if
// they are enough to say something.
const precision = Object.fromEntries([
  ...[...counts]
    .filter(([, { judged }]) => judged >= 20)
    .map(([rule, { fair, judged }]) => [rule, Math.round((100 * fair) / judged)]),
  ...Object.entries(curves).map(([rule, batches]) => [rule, batches.at(-1).precision]),
])
writeFileSync(
  path('../cli/report/precision.json'),
  `${JSON.stringify(Object.fromEntries(Object.entries(precision).sort()), null, 2)}\n`,
)

const both = (row) => (row ? `${Math.round(100 * row.precision)} / ${Math.round(100 * row.recall)}` : '')
const rules = [...new Set([...counts.keys(), ...own.keys(), ...cases.keys(), ...labels.keys(), ...real.keys()])]
  .filter((rule) => rule !== 'all' && rule !== 'null')
  .sort()
const table = [
  '| rule | blind batches | own batches | challenge cases | documents read whole | judged sentences | findings per 10,000 words | of these fair | with a rewrite |',
  '|---|---|---|---|---|---|---|---|---|',
  ...[...rules, 'all'].map((rule) => {
    const seen = own.get(rule)
    const found =
      rule === 'all'
        ? [...counts.values()].reduce((sum, one) => ({
            all: sum.all + one.all,
            rewritten: sum.rewritten + one.rewritten,
          }))
        : counts.get(rule)
    return `| ${[
      rule === 'all' ? '**all**' : `\`${rule}\``,
      (curves[rule] ?? []).map(({ precision, recall }) => `${precision} / ${recall}`).join(' → '),
      seen ? `${percent(seen.right, seen.right + seen.wrong)} / ${percent(seen.right, seen.right + seen.missed)}` : '',
      both(cases.get(rule)),
      both(labels.get(rule)),
      both(real.get(rule)),
      found ? ((10_000 * found.all) / words).toFixed(2) : '0',
      found?.judged ? `${percent(found.fair, found.judged)} % of ${found.judged}` : '',
      found ? `${percent(found.rewritten, found.all)} %` : '',
    ].join(' | ')} |`
  }),
].join('\n')

const page = path('../docs/accuracy.md')
const text = readFileSync(page, 'utf8')
const [before, rest] = text.split('<!-- table -->')
const after = rest.split('<!-- end of table -->')[1]
writeFileSync(page, `${before}<!-- table -->\n\n${table}\n\n<!-- end of table -->${after}`)
console.log(table)
