import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { DidChangeWatchedFilesNotification, HoverRequest } from 'vscode-languageserver/node'
import { command, folderWith, type Run, silolint } from './command.ts'
import { Editor, uriIn } from './protocoleditor.ts'

const run = promisify(execFile)

const rule = (phrase: string, more = ''): string =>
  `---\nseverity: info\nmessage: "“$match” is ours."\nphrases:\n  - ${phrase}\n${more}---\n\n# Ours\n\nA rule of our own.\n`

/** `rule: words` of each finding. */
const found = ({ stdout }: Run): string[] =>
  (JSON.parse(stdout) as Array<{ findings: Array<{ rule: string; actual: string }> }>).flatMap(({ findings }) =>
    findings.map(({ rule, actual }) => `${rule}: ${actual}`),
  )
const lint = async (cwd: string, ...args: string[]): Promise<Run> => silolint(['--format', 'json', ...args], { cwd })

describe('a rule pack that is installed', () => {
  const calls =
    '# Calls\n\nAgents refer the caller to second line. Send it to the competent office. Ask the Complaints Desk.\n'
  let cwd: string
  let tarball: string

  beforeAll(async () => {
    cwd = await folderWith({
      '.git/HEAD': '',
      'package.json': '{"private":true}',
      '.silolintrc.json': '{"extends":"@acme/silolint-rules"}',
      'calls.md': calls,
    })
    const packed = await run('npm', ['pack', '--silent', '--pack-destination', cwd], {
      cwd: resolve('examples/rule-pack'),
    })
    tarball = packed.stdout.trim()
    // what npm does with a tarball: no network, and the peer is not asked for
    await run('npm', ['install', '--silent', '--offline', '--no-save', '--legacy-peer-deps', `./${tarball}`], { cwd })
  })

  test('holds on the command line, under ids that begin with its name', async () => {
    const checked = await lint(cwd, 'calls.md')
    expect(checked).toMatchObject({ code: 1, stderr: '' })
    expect(found(checked)).toEqual([
      'acme/nameless-referral: refer the caller to second line',
      'acme/relevant-department: the competent office',
    ])
    const page = await silolint(['explain', 'acme/nameless-referral'], { cwd })
    expect(page.stdout).toContain('Callers who are sent on without a name')
    expect(page.stdout).toContain('node_modules/@acme/silolint-rules/rules/nameless-referral.md')
    const sarif = JSON.parse((await silolint(['-f', 'sarif', 'calls.md'], { cwd })).stdout)
    expect(sarif.runs[0].tool.driver.rules.map(({ id }: { id: string }) => id)).toContain('acme/nameless-referral')
  })

  test('is configured, hidden and chosen by these ids', async () => {
    const cwd2 = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.yaml': `extends: ${JSON.stringify(join(cwd, tarball))}\nrules: { acme/relevant-department: error, acme/namless-referral: off }\n`,
      'calls.md': `<!-- silolint-disable acme/nameless-referral -->\n\n${calls}`,
    })
    const checked = await lint(cwd2, 'calls.md')
    expect(checked.stderr).toMatch(
      /^\.silolintrc\.yaml:2:\d+: there is no such rule \("acme\/namless-referral"\)\. Did you mean "acme\/nameless-referral"\?\n$/,
    )
    expect(found(checked)).toEqual(['acme/relevant-department: the competent office'])
    expect(JSON.parse(checked.stdout)[0].findings[0].severity).toBe('error')
    expect(found(await lint(cwd, '--rule', 'acme/relevant-department', 'calls.md'))).toEqual([
      'acme/relevant-department: the competent office',
    ])
  })

  test('as a tarball or a folder, found by its path, gives the same', async () => {
    const whole = found(await lint(cwd, 'calls.md'))
    for (const way of [`./${tarball}`, './node_modules/@acme/silolint-rules', resolve('examples/rule-pack')]) {
      await writeFile(join(cwd, 'way.json'), JSON.stringify({ extends: way }))
      const checked = await lint(cwd, '--config', 'way.json', 'calls.md')
      expect(checked.stderr).toBe('')
      expect(found(checked)).toEqual(whole)
    }
  })

  test('holds in an editor, with its page on hover, where nobody has trusted the workspace', async () => {
    const editor = await Editor.start({ folders: [cwd], trusted: false })
    const { uri } = await editor.open(uriIn(cwd, 'calls.md'), calls)
    const codes = (await editor.pull({ uri })).map(({ code }) => code)
    expect(codes).toEqual(['acme/nameless-referral', 'acme/relevant-department'])
    const position = { line: 2, character: 9 }
    const hover = await editor.connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position })
    expect(JSON.stringify(hover?.contents)).toContain('tell their story again from the start')
    // a rule file that is new in the pack is noticed
    const watching = [...editor.registrations.values()].filter(
      ({ method }) => method === DidChangeWatchedFilesNotification.method,
    )
    expect(JSON.stringify(watching.at(-1)?.registerOptions)).toContain(
      '/@acme/silolint-rules/rules","pattern":"**/*.md"',
    )
  })

  test('passes its own tests in its repository, and so does the one that the template begins', async () => {
    for (const from of ['examples/rule-pack', 'templates/rule-pack']) {
      const pack = await folderWith({})
      await cp(from, pack, { recursive: true })
      await mkdir(join(pack, 'node_modules/.bin'), { recursive: true })
      await symlink(resolve('.'), join(pack, 'node_modules/silolint'), 'dir')
      // where npm puts what the scripts of a package call
      await writeFile(
        join(pack, 'node_modules/.bin/silolint'),
        `#!/bin/sh\nexec "${process.execPath}" "${command}" "$@"\n`,
      )
      await chmod(join(pack, 'node_modules/.bin/silolint'), 0o755)
      const passed = await run('npm', ['test'], { cwd: pack })
      expect(passed.stdout + passed.stderr).toMatch(/(?:#|ℹ) fail 0\n|No findings in 1 document\.\n/)
      expect(passed.stdout).not.toMatch(/(?:#|ℹ) pass 0\n/)
      // as its workflow calls it
      const [, step = ''] =
        /run: (npm test.*)/.exec(await readFile(join(from, '.github/workflows/test.yml'), 'utf8')) ?? []
      expect((await run('sh', ['-c', step], { cwd: pack })).stdout).not.toContain('::error')
    }
  })

  test('packed and installed into an empty folder passes the tests of rules, and so does the template', async () => {
    for (const [from, name] of [
      ['examples/rule-pack', '@acme/silolint-rules'],
      ['templates/rule-pack', '@your-organisation/silolint-rules'],
    ] as const) {
      const empty = await folderWith({})
      const packed = await run('npm', ['pack', '--silent', '--pack-destination', empty], { cwd: resolve(from) })
      // in the folder itself: npm would look for a node_modules above it
      const install = ['install', '--prefix', empty, '--silent', '--offline', '--no-save', '--legacy-peer-deps']
      await run('npm', [...install, `./${packed.stdout.trim()}`], { cwd: empty })
      const tested = await silolint(['rule', 'test', `node_modules/${name}`], { cwd: empty })
      expect(tested).toMatchObject({ code: 0, stdout: expect.stringContaining('No findings in') })
      expect(tested.stderr).toMatch(/^Tested \d pages?: \d+ examples, \d phrases?, \d rewrites?\.\n$/)
    }
  })

  test('passes the tests that rules of a team pass, and so does the template', async () => {
    const tested = await silolint(['rule', 'test', 'examples/rule-pack/rules', 'templates/rule-pack/rules'], {
      cwd: resolve('.'),
    })
    expect(tested).toMatchObject({ code: 0, stderr: expect.stringMatching(/Tested 5 pages/) })
  })

  test('fails its tests with the place of what is wrong in it', async () => {
    const example = '```diff\n- Our report.\n+ The report.\n  Our report is here.\n```\n'
    const pack = await folderWith({
      'package.json': '{"type":"module","name":"silolint-rules-acme"}',
      'rules/own.md': `${rule('our report', 'rewrites: [a report]\n')}\n${example}`,
      'rules/bad.md': rule('our $reprot'),
      'rules/bare.md': rule('our bare report'),
      'rules.test.js':
        "import { test } from 'node:test'\nimport { testRules } from 'silolint/testing'\ntestRules(test, 'rules')\n",
    })
    await mkdir(join(pack, 'node_modules'))
    await symlink(resolve('.'), join(pack, 'node_modules/silolint'), 'dir')
    const failed = await run(process.execPath, ['--test'], { cwd: pack }).catch((error) => error)
    expect(failed.code).toBe(1)
    expect(failed.stdout).toContain('rules/bad.md:5:9: there is no such vocabulary ("$reprot").')
    expect(failed.stdout).toContain('rules/bare.md:1:1: The page has no example that should be found')
    expect(failed.stdout).toContain('rules/own.md:15:3: The first rewrite makes another text: “A report.”.')
    expect(failed.stdout).toContain('acme/own leaves alone: Our report is here.')
    expect(failed.stdout).toMatch(
      /rules\/own\.md:16:3: “Our report” is found here, by “our report” in line 5, and should be/,
    )
  })
})

test('a pack is tested with the settings that come with it, which hold for those who write it', async () => {
  const examples = '```diff\n- Printing is not our job.\n  It is our job to print.\n```\n'
  const pack = await folderWith({
    '.git/HEAD': '',
    'package.json': '{"type":"module","name":"silolint-rules-acme","peerDependencies":{"silolint":"*"}}',
    'rules/own.md': `${rule('not our job')}\n${examples}`,
    'rules/other.md': `${rule('$function somehow')}\n${examples.replaceAll('Printing is not our job', 'Ask the grotto somehow')}`,
    'rules.test.js':
      "import { test } from 'node:test'\nimport { testRules } from 'silolint/testing'\ntestRules(test, 'rules')\n",
    'README.md': 'This is not our job.\n',
  })
  await mkdir(join(pack, 'node_modules'))
  await symlink(resolve('.'), join(pack, 'node_modules/silolint'), 'dir')
  const bare = await silolint(['rule', 'test', '-f', 'compact'], { cwd: pack })
  expect(bare.stdout.match(/\[[a-z-]+\]/g)).toEqual([
    '[phrase-without-example]',
    '[example-not-found]',
    '[rules-overlap]',
  ])
  const failed = await run(process.execPath, ['--test'], { cwd: pack }).catch((error) => error)
  expect(failed.stdout).toMatch(/(?:#|ℹ) fail 3\n/)
  const settings = { rules: { disowning: 'off', 'acme/other': 'error' }, vocabularies: { function: ['the grotto'] } }
  await writeFile(join(pack, '.silolintrc.json'), JSON.stringify(settings))
  for (const args of [[], ['rules'], ['rules/own.md', 'rules/other.md']]) {
    const tested = await silolint(['rule', 'test', ...args], { cwd: pack })
    expect(tested).toMatchObject({ code: 0, stderr: 'Tested 2 pages: 4 examples, 2 phrases, 0 rewrites.\n' })
  }
  expect((await run(process.execPath, ['--test'], { cwd: pack })).stdout).toMatch(/(?:#|ℹ) fail 0\n/)
  expect(found(await lint(pack))).toEqual(['acme/own: not our job'])
})

describe('folders of rule files', () => {
  test('that a configuration names hold below it, relative to it, and are no documents', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.yaml': 'ruleFolders: [house/rules, hous, empty, a.md]\nextends: ./house\n',
      'house/rules/own.md': rule('our $paper'),
      'house/rules/vocabulary/paper.md': '# Paper\n\n- report\n',
      'empty/notes.txt': '',
      'a.md': 'Our report is due.\n',
    })
    const checked = await lint(cwd)
    expect(checked.stderr.trim().split('\n').sort()).toEqual([
      '.silolintrc.yaml:1:28: there is no such folder ("hous"). Did you mean "house"?',
      '.silolintrc.yaml:1:34: there are no rule files in this folder ("empty"). A rule is a Markdown file, such as our-rule.md.',
      '.silolintrc.yaml:1:41: this is no folder ("a.md"). Name the folder in which the rule files lie.',
    ])
    // as a pack it was named first
    expect(found(checked)).toEqual(['house/own: Our report'])
    await writeFile(join(cwd, '.silolintrc.yaml'), 'ruleFolders: ./house/rules\n')
    expect(found(await lint(cwd))).toEqual(['own: Our report'])
    await writeFile(join(cwd, '.silolintrc.yaml'), 'extends: ./house/rules\n')
    expect((await lint(cwd)).stderr).toContain('To have the rule files in it, write "ruleFolders": ["./house/rules"].')
  })

  test('may say how ids begin, so that a rule of a pack can be replaced', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolintrc.yaml': 'extends: ./acme\n',
      'acme/rules/own.md': rule('our report'),
      '.silolint/rules/acme/own.md': rule('our letter'),
      'a.md': 'Our report and our letter.\n',
    })
    const checked = await lint(cwd)
    expect(found(checked)).toEqual(['acme/own: our letter'])
    expect(checked.stderr).toBe(`.silolint/rules/acme/own.md: takes the place of ${join(cwd, 'acme/rules/own.md')}.\n`)
  })
})

test('a rule file of the same id takes the place of a rule of Silolint, and that is said', async () => {
  const cwd = await folderWith({
    '.git/HEAD': '',
    '.silolint/rules/turf.md': rule('our report'),
    'a.md': 'Our report stays off our turf.\n',
  })
  const checked = await lint(cwd)
  expect(checked).toMatchObject({
    code: 0,
    stderr: ".silolint/rules/turf.md: takes the place of Silolint's own rule turf.\n",
  })
  expect(found(checked)).toEqual(['turf: Our report'])
  const list = await silolint(['rules'], { cwd })
  expect(list.stdout).toMatch(/^turf .*\.silolint\/rules\/turf\.md, in place of Silolint's own$/m)
  const { rules } = JSON.parse((await silolint(['--print-config', 'a.md'], { cwd })).stdout)
  expect(rules.turf).toMatchObject({ by: 'rule file', replaces: 'silolint' })
})

describe('a vocabulary or guard file of a name that there is', () => {
  const text =
    'Haul it to Finance, and Mo stays with you.\n\nThe lid is blue.\n\nHaul it to the Widget Crew.\n\nHaul it to Finance.\n'
  const ask = rule('haul it to $function', 'unless: way-forward\n')

  test('adds to it', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolint/rules/ask.md': ask,
      '.silolint/rules/vocabulary/function.md': '# Function\n\n- the? Widget Crew\n',
      '.silolint/rules/guard/way-forward.md': '---\nphrases:\n  - $name stay with you\n---\n\n# Way forward\n',
      'a.md': text,
    })
    const checked = await lint(cwd, '--rule', 'ask')
    expect(checked.stderr).toBe('')
    expect(found(checked)).toEqual(['ask: Haul it to the Widget Crew', 'ask: Haul it to Finance'])
    const { vocabularies } = JSON.parse((await silolint(['--print-config', 'a.md'], { cwd })).stdout)
    expect(vocabularies.function).toEqual([
      { word: 'the? Widget Crew', by: 'rule file', file: '.silolint/rules/vocabulary/function.md', line: 3 },
    ])
  })

  test('takes its place where it says so; what cannot be added to a guard is told', async () => {
    const cwd = await folderWith({
      '.git/HEAD': '',
      '.silolint/rules/ask.md': ask,
      '.silolint/rules/vocabulary/function.md': '---\nreplaces: true\n---\n\n# Function\n\n- the? Widget Crew\n',
      '.silolint/rules/vocabulary/served.md': '---\nreplace: true\n---\n\n# Served\n\n- widget owner\n',
      '.silolint/rules/guard/way-forward.md': '---\nwhere: before\nphrases: [never]\n---\n\n# Way forward\n',
      'a.md': text,
    })
    const checked = await lint(cwd, '--rule', 'ask')
    expect(found(checked)).toEqual(['ask: Haul it to the Widget Crew'])
    expect(checked.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(
        /^\.silolint\/rules\/guard\/way-forward\.md:2:1: there is a guard way-forward already, .*"replaces: true"/,
      ),
      '.silolint/rules/vocabulary/served.md:2:1: there is no such key ("replace"). Did you mean "replaces"?',
    ])
  })
})

describe('two packs with a guard of one name', () => {
  const asks = (own: string, unless = 'told'): string => rule(own, `unless: ${unless}\n`)
  const guard = (where: string, phrase: string): string =>
    `---\nwhere: ${where}\nphrases:\n  - ${phrase}\n---\n\n# Told\n\nThe caller is told.\n`
  const files = {
    '.git/HEAD': '',
    '.silolintrc.yaml': 'extends: [./acme, ./globex]\n',
    'acme/rules/report.md': asks('our report'),
    'acme/rules/guard/told.md': guard('sentence', 'told them'),
    'globex/rules/letter.md': asks('our letter'),
    'globex/rules/guard/told.md': guard('next', 'they know'),
    // a guard of Silolint's, which it adds to
    'globex/rules/guard/way-forward.md': '---\nphrases:\n  - $name stay with you\n---\n\n# Way forward\n',
    'a.md':
      'Our report told them.\n\nOur report. They know.\n\nOur letter told them.\n\nOur letter. They know.\n\nOur form told them.\n\nOur form. They know.\n',
  }

  test('mean each their own, and a team can use either', async () => {
    const cwd = await folderWith({
      ...files,
      '.silolint/rules/form.md': asks('our form', 'globex/told'),
    })
    const checked = await lint(cwd)
    expect(checked.stderr).toBe('')
    expect(found(checked)).toEqual(['acme/report: Our report', 'globex/letter: Our letter', 'form: Our form'])
    const lines = JSON.parse(checked.stdout)[0].findings.map(({ start }: { start: { line: number } }) => start.line)
    expect(lines).toEqual([3, 5, 9])
  })

  test('can be added to, by a folder of the prefix', async () => {
    const cwd = await folderWith({
      ...files,
      '.silolint/rules/acme/guard/told.md': '---\nphrases: [our files]\n---\n\n# Told\n',
      'a.md': 'Our report, see our files.\n\nOur letter, see our files.\n',
    })
    const checked = await lint(cwd)
    expect(checked.stderr).toBe('')
    expect(found(checked)).toEqual(['globex/letter: Our letter'])
  })

  test('are asked for by the prefix: without it, or misspelt, that is told', async () => {
    const cwd = await folderWith({
      ...files,
      '.silolint/rules/form.md': asks('our form'),
      '.silolint/rules/note.md': asks('our note', 'acme/tolt'),
      '.silolint/rules/words.md': asks('our words', '[(told), told/said]'),
    })
    const { stderr, code } = await lint(cwd)
    expect(code).toBe(2)
    expect(stderr.trim().split('\n')).toEqual([
      '.silolint/rules/form.md:6:9: there is no such guard ("told"). Did you mean "acme/told"? Words are written in brackets, (told).',
      '.silolint/rules/note.md:6:9: there is no such guard ("acme/tolt"). Did you mean "acme/told"? Words are written in brackets, (acme/tolt).',
    ])
  })

  test('have their pages tested', async () => {
    const { '.git/HEAD': _, '.silolintrc.yaml': __, ...packs } = files
    const cwd = await folderWith({
      ...packs,
      'acme/rules/report.md': `${asks('our report')}\n\`\`\`diff\n- Our report.\n  Our report told them.\n\`\`\`\n`,
      'acme/rules/guard/told.md': `${files['acme/rules/guard/told.md']}\n\`\`\`diff\n  Our report told them.\n  He told them.\n\`\`\`\n`,
      'acme/package.json': '{"name":"silolint-rules-acme","peerDependencies":{"silolint":"*"}}',
    })
    const tested = await silolint(['rule', 'test', '-f', 'compact'], { cwd: join(cwd, 'acme') })
    expect(tested.stdout).toBe(
      'rules/guard/told.md:13:3: error: Without this guard nothing is found here either. Show a text that needs it. [guard-without-effect]\n',
    )
  })
})

test('a tarball holds text alone: a rule with code beside it is told, the others hold', async () => {
  const cwd = await folderWith({
    '.git/HEAD': '',
    '.silolintrc.json': '{"extends":"./pack.tgz"}',
    'package/package.json': '{"name":"silolint-rules-acme"}',
    'package/.silolintrc.json': '{"rules":{"acme/own":"error"}}',
    'package/rules/own.md': rule('our report'),
    'package/rules/coded.md': rule('our letter'),
    'package/rules/coded.js': 'export default () => {}',
    'a.md': 'Our report and our letter.\n',
  })
  await run('tar', ['-czf', 'pack.tgz', 'package'], { cwd })
  const checked = await lint(cwd, 'a.md')
  expect(found(checked)).toEqual(['acme/own: Our report'])
  expect(JSON.parse(checked.stdout)[0].findings[0].severity).toBe('error')
  expect(checked.stderr).toBe(
    'pack.tgz/rules/coded.md: a plugin belongs to this rule, and code in a tarball is not run. Install the package with npm, and name it instead.\n',
  )
})

test('a tarball that is no rule pack is told, whatever it holds', async () => {
  const cwd = await folderWith({
    '.git/HEAD': '',
    '.silolintrc.yaml': 'extends: [./text.tgz, ./none.tgz]\n',
    'text.tgz': 'not a tarball',
    'readme.txt': 'nothing here',
    'a.md': 'All is well.\n',
  })
  await run('tar', ['-czf', 'none.tgz', 'readme.txt'], { cwd })
  const checked = await lint(cwd)
  expect(checked.code).toBe(2)
  expect(checked.stderr).toContain(
    '.silolintrc.yaml:1:11: this is not a package ("./text.tgz"). Make it with "npm pack".',
  )
  expect(checked.stderr).toContain(
    '.silolintrc.yaml:1:23: there are no rules and no configuration in it ("./none.tgz").',
  )
})

test('the page of the example pack names every rule in it', async () => {
  const readme = await readFile('examples/rule-pack/README.md', 'utf8')
  const files = (await readdir('examples/rule-pack/rules')).filter((name) => name.endsWith('.md'))
  expect(files.length).toBeGreaterThan(1)
  for (const name of files) expect(readme).toContain(`acme/${name.replace('.md', '')}`)
})
