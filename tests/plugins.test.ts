import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Root } from 'nlcst'
import { toString as textOf } from 'nlcst-to-string'
import retextEquality from 'retext-equality'
import type { VFile } from 'vfile'
import { describe, expect, it, test } from 'vitest'
import { type RetextPlugin, testPlugin } from '../cli/testing.ts'
import { folderWith, type Run, silolint } from './command.ts'
import { Editor, one, uriIn } from './protocoleditor.ts'

const run = promisify(execFile)

/** A project in which the packages of this repository are installed, retext plugins among them. */
async function project(files: Record<string, string>): Promise<string> {
  const cwd = await folderWith({ '.git/HEAD': '', ...files })
  await symlink(resolve('node_modules'), join(cwd, 'node_modules'), 'dir')
  return cwd
}

/** A rule of a team that holds what it shows. */
const ownPage = `---
severity: info
message: “$match” sends people to a place they cannot reach.
phrases:
  - relevant department
---

# The relevant department

A reader who knew which one it is would not have to ask.

\`\`\`diff
- The relevant department answers.
\`\`\`
`

const lint = (cwd: string, ...args: string[]): Promise<Run> =>
  silolint(['--format', 'json', '--no-cache', ...args], { cwd })

interface Finding {
  rule: string
  severity: string
  message: string
  actual: string
  rewrites: string[]
  start: { line: number; column: number }
}
const findings = ({ stdout }: Run): Finding[] =>
  (JSON.parse(stdout) as Array<{ findings: Finding[] }>).flatMap(({ findings }) => findings)
/** `rule severity: words` of each finding. */
const found = (run: Run): string[] =>
  findings(run).map(({ rule, severity, actual }) => `${rule} ${severity}: ${actual.replace(/\s+/g, ' ')}`)

/** Says of words in capitals that they shout. */
const shouting = `
import { toString as textOf } from 'nlcst-to-string'
import { visit } from 'unist-util-visit'

export default ({ least = 5 } = {}) =>
  (tree, file) =>
    visit(tree, 'WordNode', (node) => {
      const word = textOf(node)
      if (!/^[A-Z]+$/.test(word) || word.length < least) return
      const message = file.message(word + ' shouts.', { place: node.position, ruleId: 'caps' })
      message.actual = word
      message.expected = [word.toLowerCase()]
    })
`
const page = (more = ''): string => `---\nseverity: warning\n${more}---\n\n# Shouting\n\nNobody is helped by it.\n`

describe('a published retext plugin that a configuration names', () => {
  const text = `# Calls

The caller's *letter* was
written by the **firemen**.

| said by | what |
| --- | --- |
| firemen | The reply was sent. |

\`was written by firemen\` is code.
`

  test('finds with its options and severity where the words stand, in tables and over line breaks, and offers rewrites', async () => {
    const cwd = await project({
      '.silolintrc.yaml':
        'plugins:\n  retext-passive: info\n  retext-equality: [warning, { ignore: [masterpiece] }]\n  retext-readability: [error, { age: 10, minWords: 12 }]\n',
      'a.md': text,
      'b.md':
        'Notwithstanding aforementioned contractual obligations, organisational representatives characteristically demonstrate considerable administrative unresponsiveness throughout adjudication.\n',
    })
    const checked = await lint(cwd)
    expect(checked).toMatchObject({ code: 1, stderr: '' })
    expect(found(checked).slice(0, 4)).toEqual([
      'retext-passive info: written',
      'retext-equality warning: firemen',
      'retext-equality warning: firemen',
      'retext-passive info: sent',
    ])
    const [, firemen, inTable] = findings(checked)
    expect(firemen).toMatchObject({ start: { line: 4, column: 18 }, rewrites: ['fire fighters'] })
    expect(inTable).toMatchObject({ start: { line: 8, column: 3 }, rewrites: ['fire fighters'] })
    expect(found(checked).slice(4)).toEqual([expect.stringMatching(/^retext-readability error: Notwithstanding/)])
  })

  test('is a rule like others: switched, hidden, chosen, explained and kept for later runs', async () => {
    const cwd = await project({
      '.silolintrc.json': JSON.stringify({
        plugins: { 'retext-equality': 'warning', 'retext-passive': 'warning' },
        overrides: [{ files: 'old/', rules: { 'retext-equality': 'off' } }],
      }),
      'a.md': `<!-- silolint-disable retext-passive -->\n\n${text}`,
      'old/a.md': text,
    })
    const options = ['--format', 'json', '--cache-location', '.kept']
    const first = await silolint(options, { cwd })
    expect(found(first)).toEqual([
      'retext-equality warning: firemen',
      'retext-equality warning: firemen',
      'retext-passive warning: written',
      'retext-passive warning: sent',
    ])
    expect((await silolint(options, { cwd })).stdout).toBe(first.stdout)
    expect(found(await lint(cwd, '--rule', 'retext-passive', 'old'))).toHaveLength(2)
    expect((await silolint(['rules'], { cwd })).stdout).toMatch(/^retext-equality +warning +plugin +retext-equality /m)
    const { rules } = JSON.parse((await silolint(['--print-config', 'old/a.md'], { cwd })).stdout)
    expect(rules['retext-equality']).toMatchObject({ severity: 'off', file: '.silolintrc.json' })
  })

  test('finds in a document that is long enough to be linted in a thread', async () => {
    const filler = 'The form has four pages and a cover sheet.\n\n'.repeat(5000)
    const cwd = await project({
      '.silolintrc.json': '{"plugins":{"retext-equality":"info"}}',
      'a.md': `${filler}${text}`,
    })
    expect(found(await lint(cwd, '--rule', 'retext-equality'))).toEqual([
      'retext-equality info: firemen',
      'retext-equality info: firemen',
    ])
  })

  test('and has no page of its own is no page to test', async () => {
    const cwd = await project({
      '.silolintrc.json': '{"root":true,"plugins":{"retext-equality":"info"}}',
      '.silolint/rules/own.md': ownPage,
    })
    expect(await silolint(['rule', 'test'], { cwd })).toMatchObject({
      code: 0,
      stderr: 'Tested 1 page: 1 example, 1 phrase, 0 rewrites.\n',
    })
  })

  test('and that is not there is told, and so is a value that no plugin takes', async () => {
    const cwd = await project({
      '.silolintrc.json':
        '{\n  "plugins": {\n    "retext-passiv": "info",\n    "./mine.js": "info",\n    "retext-passive": "loud"\n  }\n}\n',
      'a.md': 'All is well.\n',
    })
    const { code, stderr } = await lint(cwd)
    expect(code).toBe(2)
    expect(stderr.trim().split('\n').sort()).toEqual([
      '.silolintrc.json:3:6: there is no package of this name ("retext-passiv"). Install it, or write ./ before the path of a file.',
      '.silolintrc.json:4:6: there is no such file ("./mine.js"). Check the path; it is looked up from this file.',
      '.silolintrc.json:5:24: "plugins.retext-passive" does not take this value ("loud"). It takes info, or [info, {options}].',
    ])
  })
})

test('an override takes no plugin: why, and what to do, is said, and what is said works', async () => {
  const cwd = await project({
    '.silolintrc.yaml':
      'plugins: { retext-equality: warning }\noverrides:\n  - files: old/\n    plugins: { retext-equality: [info, { ignore: [masterpiece] }] }\n',
    'a.md': 'Ask the firemen.\n',
    'old/a.md': 'Ask the firemen.\n',
  })
  const { code, stderr } = await lint(cwd)
  expect(code).toBe(2)
  expect(stderr).toBe(
    '.silolintrc.yaml:4:5: an override does not take this setting ("plugins"). A plugin runs with one set of options for all documents of a configuration. Name it under "plugins" beside "overrides", and say in each how much it weighs, such as "rules": {"retext-passive": "off"}; for other options put a configuration into the folder of those documents.\n',
  )
  await writeFile(
    join(cwd, '.silolintrc.yaml'),
    'plugins: { retext-equality: warning }\noverrides:\n  - files: old/\n    rules: { retext-equality: info }\n',
  )
  expect(found(await lint(cwd))).toEqual(['retext-equality warning: firemen', 'retext-equality info: firemen'])
  await writeFile(join(cwd, 'old/.silolintrc.yaml'), 'plugins: { retext-equality: [info, { ignore: [firemen] }] }\n')
  expect(found(await lint(cwd))).toEqual(['retext-equality warning: firemen'])
})

describe('a plugin beside a rule file', () => {
  const shouted = 'Read it NOW or NEVER.\n\n> **Objective:** ANSWER every letter.\n'

  test('in JavaScript or TypeScript finds under the rule’s id, with its own words or those of the page', async () => {
    const typed = shouting.replace('(tree, file)', "(tree: import('nlcst').Root, file: import('vfile').VFile)")
    const cwd = await project({
      '.silolint/rules/shouting.md': page(),
      '.silolint/rules/shouting.mjs': shouting,
      '.silolint/rules/yelling.md': page('message: "“$match” yells: $reason"\nin: objective\n'),
      '.silolint/rules/yelling.ts': typed,
      'a.md': shouted,
    })
    const checked = await lint(cwd, '--rule', 'shouting', '--rule', 'yelling')
    expect(checked.stderr).toBe('')
    expect(findings(checked).map(({ rule, message, rewrites }) => [rule, message, ...rewrites])).toEqual([
      ['shouting', 'NEVER shouts.', 'never'],
      ['shouting', 'ANSWER shouts.', 'answer'],
      ['yelling', '“ANSWER” yells: ANSWER shouts.', 'answer'],
    ])
  })

  test('is read anew when it changes, in spite of what was kept', async () => {
    const cwd = await project({
      '.silolint/rules/shouting.md': page(),
      '.silolint/rules/shouting.js': shouting,
      'package.json': '{"type":"module"}',
      'a.md': shouted,
    })
    const options = ['--format', 'json', '--cache-location', '.kept', '--rule', 'shouting']
    expect(found(await silolint(options, { cwd }))).toHaveLength(2)
    await writeFile(join(cwd, '.silolint/rules/shouting.js'), shouting.replace('least = 5', 'least = 6'))
    expect(found(await silolint(options, { cwd }))).toEqual(['shouting warning: ANSWER'])
  })

  test('may come with a rule pack', async () => {
    const cwd = await project({
      '.silolintrc.yaml': 'extends: ./pack\n',
      'pack/package.json': '{"name":"silolint-rules-acme","type":"module"}',
      'pack/rules/shouting.md': page(),
      'pack/rules/shouting.js': shouting,
      'a.md': shouted,
    })
    expect(found(await lint(cwd, '--rule', 'acme/shouting', 'a.md'))).toHaveLength(2)
  })
})

describe('a plugin that fails', () => {
  const plugins = {
    'throws.mjs': "export default () => () => { console.log('[noise]'); throw new Error('Out of ink.') }\n",
    'hangs.mjs': 'export default () => () => { for (;;); }\n',
    'exits.mjs': 'export default () => () => process.exit(0)\n',
    'empty.mjs': 'export const plugin = 1\n',
    'broken.mjs': 'export default (\n',
    'fails.mjs': "export default () => (tree, file) => file.fail('No.', tree.children[0].position)\n",
  }

  test('is told once with its name, and everything else goes on; nothing of it is kept', async () => {
    const cwd = await project({
      ...plugins,
      '.silolintrc.json': JSON.stringify({
        plugins: Object.fromEntries(
          [...Object.keys(plugins), 'retext-equality'].map((name) => [name.includes('.') ? `./${name}` : name, 'info']),
        ),
      }),
      'a.md': 'Ask the firemen.\n',
      'b.md': 'Count the firemen. Refunds are not our responsibility.\n',
    })
    const checked = await silolint(['--format', 'json'], { cwd })
    expect(checked.code).toBe(2)
    const expected = [
      'fails info: Ask the firemen.',
      'retext-equality info: firemen',
      'fails info: Count the firemen. Refunds are not our responsibility.',
      'retext-equality info: firemen',
      'disowning warning: are not our responsibility',
    ]
    expect(found(checked)).toEqual(expected)
    const told = checked.stderr.trim().split('\n')
    for (const [name, problem] of [
      ['throws', 'failed in a.md: Out of ink.'],
      ['hangs', 'did not end in time in a.md, and is not run any more'],
      ['exits', 'failed in a.md: '],
      ['empty', 'failed in a.md: its default export is no function'],
      ['broken', 'failed in a.md: '],
    ] as const) {
      const lines = told.filter((line) => line.includes(`the plugin ${name} `))
      expect(lines).toEqual([expect.stringMatching(/^\.silolintrc\.json:1:\d+: /)])
      expect(lines[0]).toContain(problem)
    }
    expect(told).toHaveLength(5)
  })

  test('is told again by the next run', async () => {
    const cwd = await project({
      'node_modules.txt': '',
      '.silolintrc.json': '{"plugins":{"retext-broken":"info"}}',
      'a.md': 'All is well.\n',
    })
    await rm(join(cwd, 'node_modules'))
    await mkdir(join(cwd, 'node_modules/retext-broken'), { recursive: true })
    await writeFile(
      join(cwd, 'node_modules/retext-broken/package.json'),
      '{"name":"retext-broken","version":"1.0.0","type":"module","exports":{"import":"./index.js"}}',
    )
    await writeFile(join(cwd, 'node_modules/retext-broken/index.js'), plugins['throws.mjs'])
    for (let time = 0; time < 2; time++) {
      const { code, stderr } = await silolint(['--cache-location', '.kept'], { cwd })
      expect(code).toBe(2)
      expect(stderr).toContain('the plugin retext-broken failed in a.md: Out of ink.')
    }
  })
})

describe('in an editor', () => {
  const files = {
    '.silolintrc.json': '{"plugins":{"retext-equality":"warning","./throws.mjs":"info"}}',
    'throws.mjs':
      "console.log('noise in the middle of the protocol'); export default () => () => { throw new Error('Out of ink.') }\n",
    '.silolint/rules/shouting.md': page(),
    '.silolint/rules/shouting.mjs': shouting,
  }
  const text = 'Ask the firemen. ALWAYS.\n'

  test('plugins find, with quick fixes, where the workspace is trusted; what fails is told once', async () => {
    const cwd = await project(files)
    const editor = await Editor.start({ folders: [cwd], trusted: true })
    const document = await editor.open(uriIn(cwd, 'a.md'), text)
    const items = await editor.pull(document)
    expect(items.map(({ code }) => code)).toEqual(['retext-equality', 'shouting'])
    const actions = await editor.actions(document, one(items.slice(0, 1)))
    expect(JSON.stringify(actions)).toContain('"newText":"fire fighters"')
    await editor.pull(await editor.open(uriIn(cwd, 'b.md'), text))
    expect(editor.log.filter((line) => line.includes('the plugin throws failed'))).toHaveLength(1)
  })

  test('no plugin is run where it is not, and that is said once', async () => {
    const cwd = await project(files)
    const editor = await Editor.start({ folders: [cwd], trusted: false })
    const items = await editor.pull(
      await editor.open(uriIn(cwd, 'a.md'), `${text}\nRefunds are not our responsibility.\n`),
    )
    expect(items.map(({ code }) => code)).toEqual(['disowning'])
    await editor.pull(await editor.open(uriIn(cwd, 'b.md'), text))
    expect(editor.log.filter((line) => line.includes('the plugin retext-equality is not run'))).toHaveLength(1)
  })
})

describe('the tester for plugins, in vitest', () => {
  testPlugin(it, retextEquality, {
    options: { ignore: ['masterpiece'] },
    finds: [
      {
        text: 'Ask the firemen.',
        actual: 'firemen',
        reason: /insensitive use of `firemen`/,
        rewrites: ['fire fighters'],
      },
      { text: '| who |\n| --- |\n| firemen |\n', actual: 'firemen' },
    ],
    leaves: ['Ask the fire brigade.', 'Run `firemen` now.'],
  })

  const typed: RetextPlugin<{ least: number }> =
    ({ least }) =>
    (tree: Root, file: VFile) => {
      const text = textOf(tree)
      if (text.length < least) file.message('Too short.', tree.children[0]?.position)
    }
  testPlugin(it, typed, {
    options: { least: 10 },
    finds: [{ text: 'Short.\n', reason: 'Too short.' }],
    leaves: ['Long enough.'],
  })
})

test('the tester for plugins, in node:test, tells what a plugin does instead', async () => {
  const cwd = await project({
    'package.json': '{"type":"module"}',
    'shouting.js': shouting,
    'shouting.test.js': `
import { test } from 'node:test'
import { testPlugin } from 'silolint/testing'
import shouting from './shouting.js'

testPlugin(test, shouting, {
  options: { least: 4 },
  finds: [
    { text: 'Do it SOON.', actual: 'SOON', rewrites: ['soon'] },
    { text: 'Do it SOON or THEN.' },
    { text: 'Do it LATER.', rewrites: ['later on'] },
  ],
  leaves: ['Do it NOW.', 'Do it TODAY.'],
})

const alone = (options) => (tree, file) => { if (tree.children.length === 1) shouting(options)(tree, file) }
const louder = () => (tree, file) => {
  shouting()(tree, file)
  for (const message of file.messages) message.expected = [message.actual + 'ER']
}
testPlugin(test, alone, { finds: [{ text: 'Do it APART.' }, { text: 'Do it ALONE.\\n' }], leaves: [] })
testPlugin(test, louder, { finds: [{ text: 'Do it LOUD, please. It is HEARD.' }, { text: 'Do it QUICK.' }], leaves: [] })
`,
  })
  await rm(join(cwd, 'node_modules'))
  await mkdir(join(cwd, 'node_modules'))
  for (const name of ['nlcst-to-string', 'unist-util-visit', 'unist-util-visit-parents', 'unist-util-is'])
    await symlink(resolve('node_modules', name), join(cwd, 'node_modules', name), 'dir')
  await symlink(resolve('.'), join(cwd, 'node_modules/silolint'), 'dir')
  const { code, stdout } = await run(process.execPath, ['--test'], { cwd }).catch((error) => error)
  expect(code).toBe(1)
  expect(stdout).toMatch(/(?:#|ℹ) pass 3\n/)
  expect(stdout).toMatch(/shouting\.test\.js:6: This is found 2 times: “SOON”, “THEN”\./)
  expect(stdout).toContain('shouting.test.js:6: What it offers is ["later"] and should be ["later on"].')
  expect(stdout).toMatch(/shouting\.test\.js:6: “TODAY” is found here, and should be left alone\./)
  // what silolint rule test checks is checked here as well
  expect(stdout).toMatch(
    /shouting\.test\.js:21: This is found as it stands, but not in the cell of a table\..*line break at its end/,
  )
  expect(stdout).toMatch(/shouting\.test\.js:22: The rewrite “QUICKER” is found itself, by the-plugin: “QUICKER”\./)
})

describe('the examples on the page of a rule with a plugin', () => {
  /** A page whose plugin says of words in capitals that they shout, with these examples. */
  const shown = (examples: string, more = ''): string => `${page(more)}\n\`\`\`diff\n${examples}\n\`\`\`\n`
  const packages = ['nlcst-to-string', 'unist-util-visit', 'unist-util-visit-parents', 'unist-util-is']
  /** A rule pack in which Silolint is installed, and nothing else of this repository but what its plugins need. */
  const pack = async (files: Record<string, string>): Promise<string> => {
    const manifest = { name: 'silolint-rules-acme', type: 'module', peerDependencies: { silolint: '*' } }
    const cwd = await folderWith({ '.git/HEAD': '', 'package.json': JSON.stringify(manifest), ...files })
    await mkdir(join(cwd, 'node_modules'))
    for (const name of packages) await symlink(resolve('node_modules', name), join(cwd, 'node_modules', name), 'dir')
    await symlink(resolve('.'), join(cwd, 'node_modules/silolint'), 'dir')
    return cwd
  }
  const tested = (cwd: string, ...args: string[]): Promise<Run> =>
    silolint(['rule', 'test', '-f', 'compact', ...args], { cwd })
  const testFile =
    "import { test } from 'node:test'\nimport { testRules } from 'silolint/testing'\ntestRules(test, 'rules')\n"

  const wrong = shown(
    '- Do it TODAY.\n+ Do it nOw.\n  Do it NOW.\n- Do it SOON.\n  Do it TOMORROW.\n- Read it TWICE or NEVER.',
    'rewrites: [never offered]\n',
  )
  const failures = [
    /^rules\/shouting\.md:3:12: (?:error: )?No example is offered “never offered”.* \[rewrite-without-example\]$/,
    /^rules\/shouting\.md:12:3: (?:error: )?The first rewrite makes another text: “Do it today\.”\..* \[example-rewritten-otherwise\]$/,
    /^rules\/shouting\.md:14:3: (?:error: )?This should be found, and is not: the plugin beside this page says nothing of it\. \[example-not-found\]$/,
    /^rules\/shouting\.md:15:3: (?:error: )?“TOMORROW” is found here, and should be left alone\. Have the plugin .* \[example-found\]$/,
    /^rules\/shouting\.md:16:3: (?:error: )?This is found 2 times: “TWICE”, “NEVER”\..* \[example-not-found\]$/,
  ]

  test('hold, by the command and by the tester for node:test, in JavaScript and TypeScript', async () => {
    const typed = shouting.replace('(tree, file)', "(tree: import('nlcst').Root, file: import('vfile').VFile)")
    const cwd = await pack({
      'rules/shouting.md': shown('- Do it TODAY.\n+ Do it today.\n- Answer the GENTLEMEN.\n  Do it NOW.'),
      'rules/shouting.js': shouting.replace('/^[A-Z]+$/', '/^(?!YES)[A-Z]+$/'),
      'rules/yelling.md': shown('- Do it YESTERDAY.\n  Do it NOW.', 'message: "$reason Do not."\n'),
      'rules/yelling.ts': typed.replace('/^[A-Z]+$/', '/^YES[A-Z]+$/'),
      'rules.test.js': testFile,
    })
    expect(await tested(cwd)).toEqual({
      code: 0,
      stdout: '',
      stderr: 'Tested 2 pages: 5 examples, 0 phrases, 0 rewrites.\n',
    })
    const { stdout } = await run(process.execPath, ['--test'], { cwd })
    expect(stdout).toMatch(/(?:#|ℹ) pass 7\n/)
    expect(stdout).toMatch(/(?:#|ℹ) fail 0\n/)
  })

  test('fail with the same words in both, with file and line', async () => {
    const cwd = await pack({
      'rules/shouting.md': wrong,
      'rules/shouting.js': shouting,
      'rules.test.js': testFile,
    })
    const { code, stdout } = await tested(cwd)
    expect(code).toBe(1)
    expect(stdout.trim().split('\n')).toEqual(failures.map((line) => expect.stringMatching(line)))
    const { stdout: told } = await run(process.execPath, ['--test'], { cwd }).catch((error) => error)
    for (const line of failures) expect(told).toMatch(new RegExp(line.source.replace(/^\^|\$$/g, '')))
    expect(told).toMatch(/(?:#|ℹ) pass 1\n/)
    expect(told).toMatch(/(?:#|ℹ) fail 5\n/)
  })

  test('are tried elsewhere too, but not where the plugin speaks of spelling', async () => {
    const listed = shouting.replace('(tree, file) =>', '(tree, file) =>\n    tree.children.length === 1 &&')
    const cwd = await pack({
      'rules/alone.md': shown('- Do it TODAY.\n  Do it NOW.\n@@ as a document @@\n-Do it TODAY.'),
      'rules/alone.js': listed,
      'rules/gray.md': shown('- The area is gray.\n  The area is grey.'),
      'rules/gray.js': shouting.replace('/^[A-Z]+$/', '/^gray$/').replace('least = 5', 'least = 4'),
    })
    const { stdout } = await tested(cwd)
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(
        /^rules\/alone\.md:10:3: error: This is found as it stands, but not in the cell of a table\. .*with @@\. \[example-varied\]$/,
      ),
    ])
  })

  test('are told of phrases beside a plugin what is told of any, and overlaps', async () => {
    const cwd = await pack({
      'rules/shouting.md': shown(
        '- Do it TODAY.\n- Do it asap please.\n  Do it NOW.',
        'phrases:\n  - asap\n  - as soon as can be\n',
      ),
      'rules/shouting.js': shouting,
      'rules/today.md': shown('- It is due TODAY.\n  Tomorrow.', 'message: When?\nphrases: [due today, TODAY sharp]\n'),
      'rules/loud.md': shown('- Do it LOUDLY.\n  Quietly.'),
      'rules/loud.mjs': shouting,
    })
    const { stdout } = await tested(cwd)
    const checks = stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/: error: .*\[/, ' ').replace(']', ''))
    expect(checks).toEqual([
      'rules/loud.md:10:3 rules-overlap',
      'rules/shouting.md:5:5 phrase-without-example',
      'rules/shouting.md:13:3 rules-overlap',
      'rules/shouting.md:14:3 message-incomplete',
      'rules/today.md:4:22 phrase-without-example',
    ])
  })

  test('cannot be told right or wrong where the plugin fails: that is said, and the others are tested', async () => {
    const cwd = await pack({
      'rules/bad.md': shown('- Do it TODAY.\n  Do it NOW.'),
      'rules/bad.js': "export default () => () => { throw new Error('Out of ink.') }\n",
      'rules/endless.md': shown('- Do it TODAY.\n  Do it NOW.'),
      'rules/endless.js': 'export default () => () => { for (;;); }\n',
      'rules/shouting.md': shown('- Do it TODAY.\n  Do it LATER.'),
      'rules/shouting.js': shouting,
      'rules/helper.js': 'export const nothing = 1\n',
    })
    const { code, stdout, stderr } = await tested(cwd)
    expect(code).toBe(2)
    expect(stderr.trim().split('\n').sort()).toEqual([
      'Tested 3 pages: 2 examples, 0 phrases, 0 rewrites.',
      'rules/bad.md: the plugin acme/bad failed in the example in line 10: Out of ink. Mend it, or switch it off under "rules". All other rules go on.',
      'rules/endless.md: the plugin acme/endless did not end in time in the example in line 10, and is not run any more. Mend it, or switch it off under "rules". All other rules go on.',
      'rules/helper.js: left out, because no page helper.md stands beside it.',
    ])
    expect(stdout).toMatch(/^rules\/shouting\.md:11:3: error: “LATER” is found here, [^\n]*\n$/)
    // no report of one of them says that all is well: of overlaps with the other nothing is known either
    const alone = await silolint(['rule', 'test', '-f', 'stylish', 'rules/bad.md'], { cwd })
    expect(alone.stdout).toContain('Not all was looked for in 1 document: rules/bad.md and rules/endless.md cannot be')
  })

  test('are tried in an editor where the workspace is trusted, and nowhere else', async () => {
    const text = shown('- Do it TODAY.\n  Do it LATER.')
    const cwd = await project({ '.silolint/rules/shouting.md': text, '.silolint/rules/shouting.mjs': shouting })
    for (const trusted of [true, false]) {
      const editor = await Editor.start({ folders: [cwd], trusted })
      const document = await editor.open(uriIn(cwd, '.silolint/rules/shouting.md'), text)
      // what takes long is told when the editor asks again
      const told = async () => (await editor.pull(document)).map(({ code, range }) => [code, range.start.line])
      await expect.poll(told, { timeout: 30_000 }).toEqual(trusted ? [['example-found', 10]] : [])
    }
  })
})

test('the page about plugins shows one that works and has types', async () => {
  const docs = await readFile('docs/plugins.md', 'utf8')
  const block = (language: string, holds: string): string =>
    [...docs.matchAll(/```(\w+)\n(.*?)```/gs)].find(
      ([, name, code]) => name === language && code?.includes(holds),
    )?.[2] ?? ''
  const cwd = await project({
    '.silolint/rules/shouting.md': block('markdown', '# Shouting'),
    '.silolint/rules/shouting.ts': block('ts', 'RetextPlugin'),
    '.silolintrc.json': block('json', 'plugins'),
    'plugins/our-own.js': 'export default () => undefined\n',
    'package.json': '{"type":"module"}',
    'a.md': 'Answer them ALWAYS; the letter was written.\n',
  })
  const checked = await lint(cwd)
  expect(checked.stderr).toBe('')
  expect(found(checked)).toEqual(['shouting info: ALWAYS', 'retext-passive info: written'])

  // types, as the installed package gives them
  await rm(join(cwd, 'node_modules'))
  await mkdir(join(cwd, 'node_modules/@types'), { recursive: true })
  for (const name of await readdir('node_modules'))
    if (!name.startsWith('.') && name !== '@types')
      await symlink(resolve('node_modules', name), join(cwd, 'node_modules', name))
  for (const name of await readdir('node_modules/@types'))
    await symlink(resolve('node_modules/@types', name), join(cwd, 'node_modules/@types', name))
  await rm(join(cwd, 'node_modules/silolint'), { force: true })
  await symlink(resolve('.'), join(cwd, 'node_modules/silolint'), 'dir')
  const options = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2022',
    types: ['node'],
    skipLibCheck: false,
  }
  await writeFile(
    join(cwd, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['.silolint/rules/shouting.ts'] }),
  )
  const types = await run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', cwd]).catch(
    (error) => error,
  )
  expect(types.stdout).toBe('')
})
