// The other linters: how each is installed, at which version, how it is run, and what it does instead.
// They live in a folder of their own (bench/.peers), outside the project's dependencies.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const folder = here('.peers')
const module = (path) => join(folder, 'node_modules', path)
const vale = join(folder, 'bin', 'vale')
const harper = join(folder, 'bin', 'harper-cli')
const textlintrc = join(folder, 'textlintrc.json')
const floor = here('floor.mjs')
const valeVersion = 'v3.22.0'
const harperVersion = 'v2.10.0'

/** Packages from npm at the versions that the figures are of. */
const packages = {
  alex: '11.0.1',
  cspell: '9.8.0',
  'harper.js': '2.10.0',
  'markdownlint-cli2': '0.22.1',
  'remark-gfm': '4.0.1',
  'remark-parse': '11.0.0',
  'remark-retext': '6.0.1',
  'retext-english': '5.0.0',
  textlint: '15.8.0',
  'textlint-rule-alex': '5.0.0',
  'textlint-rule-terminology': '5.2.16',
  'textlint-rule-write-good': '2.0.0',
  unified: '11.0.5',
  'write-good': '1.0.8',
}

const lines = (text, pattern) => text.split('\n').filter((line) => pattern.test(line)).length
const place = /:\d+(?::\d+)?(?:-|:|\s)/

/** Whether Vale gives up a whole run on a document: its front matter is no YAML. */
function stopsVale(text) {
  const [, matter] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text) ?? []
  try {
    parse(matter ?? '', { logLevel: 'error' })
    return false
  } catch {
    return true
  }
}

/**
 * What is compared, besides Silolint. `run` makes the command line for some files; `found` counts what it reported;
 * `codes: 'any'` is for a peer whose exit code is not 0, 1 or an error; `refuses` are documents that it cannot be given.
 */
export const peers = [
  {
    name: '`node -e 0`',
    id: 'node',
    does: 'floor: starts Node and ends',
    run: () => [process.execPath, '-e', '0'],
  },
  {
    name: 'read the files',
    id: 'read',
    does: 'floor: reads each file as UTF-8',
    run: (files) => [process.execPath, floor, 'read', ...files],
  },
  {
    name: 'remark-parse + gfm + retext-english',
    id: 'parse',
    needs: 'remark-parse',
    does: 'floor: the trees that a retext plugin needs; no rule',
    run: (files) => [process.execPath, floor, 'parse', ...files],
  },
  {
    name: `write-good ${packages['write-good']}`,
    id: 'write-good',
    needs: 'write-good',
    does: 'passive voice, weasel words, clichés; lists of words by regular expression; reads no Markdown',
    run: (files) => [process.execPath, module('write-good/bin/write-good.js'), '--parse', ...files],
    found: ({ out }) => lines(out, place),
    codes: 'any', // its exit code is the number of findings
  },
  {
    name: `alex ${packages.alex}`,
    id: 'alex',
    needs: 'alex',
    does: 'inconsiderate words by retext-equality and retext-profanities; reads Markdown',
    run: (files) => [process.execPath, module('alex/cli.js'), ...files],
    found: ({ err }) => lines(err, /^\s*\d+:\d+/),
  },
  {
    name: `textlint ${packages.textlint}`,
    id: 'textlint',
    needs: 'textlint',
    does: 'three rules: alex, write-good, terminology; reads Markdown',
    run: (files) => [
      ...[process.execPath, module('textlint/bin/textlint.js')],
      ...['--config', textlintrc, '--format', 'unix', ...files],
    ],
    found: ({ out }) => lines(out, place),
  },
  {
    name: `harper.js ${packages['harper.js']}`,
    id: 'harper.js',
    needs: 'harper.js',
    does: 'spelling and grammar (WebAssembly), all default rules; reads Markdown',
    run: (files) => [process.execPath, floor, 'harper', ...files],
    found: ({ out }) => Number(out),
  },
  {
    name: `cspell ${packages.cspell}`,
    id: 'cspell',
    needs: 'cspell',
    does: 'spelling only',
    run: (files) => [process.execPath, module('cspell/bin.mjs'), 'lint', '--no-progress', '--no-summary', ...files],
    found: ({ out }) => lines(out, place),
  },
  {
    name: `markdownlint-cli2 ${packages['markdownlint-cli2']}`,
    id: 'markdownlint-cli2',
    needs: 'markdownlint-cli2',
    does: 'layout of Markdown only, all default rules',
    // a colon takes a path as it stands, not as a glob
    run: (files) => [
      process.execPath,
      module('markdownlint-cli2/markdownlint-cli2-bin.mjs'),
      ...files.map((one) => `:${one}`),
    ],
    found: ({ err }) => lines(err, place),
  },
  {
    name: `Vale ${valeVersion.slice(1)}`,
    id: 'vale',
    refuses: stopsVale,
    run: (files) => [
      vale,
      '--config',
      join(folder, 'vale', 'vale.ini'),
      '--no-exit',
      '--no-wrap',
      '--output',
      'line',
      ...files,
    ],
    get does() {
      return `${valeStyle.rules} rules with ${valeStyle.phrases.toLocaleString('en')} literal phrases, the marked spans of our own batches; no inflection, no guards, no rewrites; reads Markdown`
    },
    found: ({ out }) => lines(out, place),
  },
  {
    name: `harper-cli ${harperVersion.slice(1)}`,
    id: 'harper-cli',
    does: 'spelling and grammar, all default rules; reads Markdown',
    run: (files) => [harper, 'lint', '--format', 'compact', ...files],
    found: ({ out }) => lines(out, place),
  },
]

const valeStyle = { rules: 0, phrases: 0 }

/** A style for Vale of as many rules as the catalogue has, with the phrases that our test sentences mark. */
function writeValeStyle() {
  const batches = here('../tests/batches/')
  const spans = new Set()
  for (const name of readdirSync(batches).filter((one) => one.endsWith('.jsonl')))
    for (const line of readFileSync(join(batches, name), 'utf8').split('\n').filter(Boolean)) {
      const { rule, span } = JSON.parse(line)
      if (rule && span) spans.add(span.replace(/\s+/g, ' ').trim())
    }
  const phrases = [...spans].sort()
  const rules = readdirSync(here('../rules')).filter((one) => one.endsWith('.md')).length
  const style = join(folder, 'vale', 'styles', 'Silo')
  mkdirSync(style, { recursive: true })
  writeFileSync(
    join(folder, 'vale', 'vale.ini'),
    'StylesPath = styles\nMinAlertLevel = suggestion\n[*.md]\nBasedOnStyles = Silo\n',
  )
  for (let at = 0; at < rules; at++) {
    const tokens = phrases.filter((_, one) => one % rules === at)
    const literal = (text) => `'${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll("'", "''")}'`
    writeFileSync(
      join(style, `Rule${at + 1}.yml`),
      `extends: existence\nmessage: "'%s'"\nlevel: warning\nignorecase: true\ntokens:\n${tokens.map((one) => `  - ${literal(one)}\n`).join('')}`,
    )
  }
  Object.assign(valeStyle, { rules, phrases: phrases.length })
}

/**
 * Installs what is missing of the peers, and says on stderr what is not to be had.
 * @returns the peers that can be run, and why each of the others cannot
 */
export function install({ cargo, only }) {
  mkdirSync(folder, { recursive: true })
  const missing = new Map()
  const wanted = peers.filter(({ id }) => !only || only.includes(id))
  const command = (name, args, env = {}) => {
    console.error(`${name} ${args.join(' ')}`)
    return spawnSync(name, args, { cwd: folder, stdio: ['ignore', 2, 2], env: { ...process.env, ...env } })
  }
  const manifest = `${JSON.stringify({ private: true, dependencies: packages }, null, 2)}\n`
  const path = join(folder, 'package.json')
  const complete = () => Object.keys(packages).every((name) => existsSync(module(name)))
  if (!existsSync(path) || readFileSync(path, 'utf8') !== manifest || !complete()) {
    writeFileSync(path, manifest)
    command('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'])
  }
  for (const { id, needs } of wanted)
    if (needs && !existsSync(module(needs))) missing.set(id, `npm could not install ${needs}`)

  if (wanted.some(({ id }) => id === 'vale') && !existsSync(vale)) {
    const { error, status } = command('go', ['install', `github.com/vale-cli/vale/v3/cmd/vale@${valeVersion}`], {
      GOBIN: join(folder, 'bin'),
    })
    if (error) missing.set('vale', 'there is no Go here to build it with')
    else if (status) missing.set('vale', 'go could not build it')
  }
  writeValeStyle()
  writeFileSync(textlintrc, '{ "rules": { "alex": true, "terminology": true, "write-good": true } }\n')

  if (wanted.some(({ id }) => id === 'harper-cli') && !existsSync(harper)) {
    // it is not in the crates registry
    const from = ['--git', 'https://github.com/Automattic/harper', '--tag', harperVersion, 'harper-cli']
    if (!cargo) missing.set('harper-cli', 'its build takes long: --cargo asks for it')
    else {
      const { error, status } = command('cargo', ['install', '--locked', '--root', folder, ...from])
      if (error) missing.set('harper-cli', 'there is no Rust here to build it with')
      else if (status) missing.set('harper-cli', 'cargo could not build it')
    }
  }
  return { peers: wanted.filter(({ id }) => !missing.has(id)), missing }
}
