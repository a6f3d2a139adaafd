import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { stylish } from '../cli/report/stylish.ts'
import { shown } from '../cli/report.ts'
import { Silolint } from '../dist/index.js'
import { folderWith, silolint } from './command.ts'

// What a first-time user stumbled over, each as a CI owner would want it.
const wall = 'Engineering throws the build over the wall to Support.\n'
const clean = 'The form has four pages and a cover sheet.\n'

describe('a misspelt word', () => {
  test('of a rule: nothing claims that all is well', async () => {
    const cwd = await folderWith({ 'a.md': clean })
    const formats = ['-f', 'stylish', '-f', 'html=out.html', '-f', 'github=out.txt']
    const run = await silolint(['--rule', 'trf', 'a.md', ...formats], {
      cwd,
      env: { NO_COLOR: '1', GITHUB_STEP_SUMMARY: join(cwd, 'summary.md') },
    })
    expect(run.code).toBe(2)
    expect(run.stderr).toBe('there is no such rule ("trf"). Did you mean "turf"?\n')
    expect(run.stdout).toBe('Not all was looked for in 1 document: there is no rule “trf”.\n')
    for (const name of ['out.html', 'summary.md']) {
      const report = await readFile(join(cwd, name), 'utf8')
      expect(report).toMatch(/not all was looked for/i)
      expect(report).not.toMatch(/no findings/i)
    }
  })

  test('of a command is told as such, unless a file is as near', async () => {
    const cwd = await folderWith({ 'docs/a.md': wall, 'state/a.md': clean })
    const baseline = await silolint(['baselin'], { cwd })
    expect(baseline).toMatchObject({ code: 2, stdout: '' })
    expect(baseline.stderr).toBe(
      'there is no such file or folder, and no such command ("baselin"). Did you mean the command "silolint baseline"?\n',
    )
    expect((await silolint(['stat'], { cwd })).stderr).toMatch(/^stat: .*Did you mean "state"\?/)
    expect((await silolint(['lint', 'docs'], { cwd })).stderr).toContain('Linting needs no command: "silolint docs".')
  })

  test('of a folder that is named like a command gets a word, where it could have been meant', async () => {
    const cwd = await folderWith({ 'rules/a.md': wall })
    const bare = await silolint(['rules'], { cwd })
    expect(bare).toMatchObject({ code: 0, stderr: expect.stringContaining('silolint ./rules\n') })
    expect(bare.stdout).toContain('over-the-wall')
    expect((await silolint(['rules', '-f', 'json'], { cwd })).stderr).toBe('')
    expect((await silolint(['./rules'], { cwd })).code).toBe(1)
  })
})

describe('a faulty file is told whole', () => {
  test('a rule with several faults, unknown vocabularies among them', async () => {
    const own =
      '---\nseverity: loud\nmessage: "Own."\nphrases: [ask $funktion, "beg ((for", { phrases: [tell $servedd] }]\n---\n\n# Own\n\nWhy.\n'
    const other = '---\nseverity: warn\nmessage: "$mach"\nphrases: [plead with $servd]\n---\n\n# Other\n\nWhy.\n'
    const cwd = await folderWith({ '.silolint/rules/own.md': own, '.silolint/rules/other.md': other, 'a.md': clean })
    const { code, stderr } = await silolint([], { cwd })
    expect(code).toBe(2)
    for (const word of [
      '"loud"',
      '"$funktion"). Did you mean "$function"?',
      'own.md:4:',
      '"$servedd"',
      '"$mach"',
      '"$servd"',
    ])
      expect(stderr).toContain(word)
    expect(stderr).toMatch(/own\.md:4:\d+: a group is not closed/)
  })

  test('a rule may be a warn, as in a configuration', async () => {
    const own = '---\nseverity: warn\nmessage: "Own."\nphrases: [cover sheet]\n---\n\n# Own\n\nWhy.\n'
    const cwd = await folderWith({ '.silolint/rules/own.md': own, 'a.md': clean })
    const run = await silolint(['-f', 'compact'], { cwd })
    expect(run).toMatchObject({ code: 1, stderr: '', stdout: 'a.md:1:31: warning: Own. [own]\n' })
  })

  test('JSON that breaks off, with the line and what was read', async () => {
    const cwd = await folderWith({
      'a/.silolintrc.json': '{\n  "rules": {\n    "turf": "off"\n\n',
      'a/a.md': clean,
      'b/.silolintrc.json': '{\n  "rules": {}\n  "sector": "health"\n}\n',
      'b/b.md': clean,
    })
    const { stderr } = await silolint([], { cwd })
    expect(stderr).toMatch(/a\/\.silolintrc\.json:3:\d+: the file is not valid JSON: .*\(".*turf.*"\)/)
    expect(stderr).toMatch(/b\/\.silolintrc\.json:3:\d+: the file is not valid JSON: .*\(".*sector.*"\)/)
  })

  test('a suppression until a day that is none holds nothing, and is listed so', async () => {
    const cwd = await folderWith({
      'a.md': `<!-- silolint-disable-file over-the-wall -- why until=soon -->\n\n${wall}`,
    })
    const text = await silolint(['suppressions'], { cwd })
    expect(text.stdout).toMatch(/ {2}faulty: "soon" is no day {2}why\n/)
    expect(text.stdout).toContain('1 suppression in 1 document: 1 faulty.')
    const json = await silolint(['suppressions', '-f', 'json'], { cwd })
    expect(JSON.parse(json.stdout)).toMatchObject([{ faulty: true, until: 'soon', hides: 0 }])
  })
})

describe('silence is explained', () => {
  test('--fix says what it leaves for somebody to decide', async () => {
    const cwd = await folderWith({ 'a.md': wall })
    const run = await silolint(['--fix', 'a.md'], { cwd })
    expect(run.stderr).toBe('1 finding has a rewrite that needs your eye: choose with --interactive.\n')
    expect((await silolint(['a.md'], { cwd })).stderr).toBe('')
  })

  test('nothing to lint: a folder without documents, or all of them left out', async () => {
    const cwd = await folderWith({ 'empty/a.csv': 'a', 'out/.silolintrc.json': '{"ignores":["*"]}', 'out/a.md': wall })
    const empty = await silolint(['empty'], { cwd })
    expect(empty).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/^empty: no documents in this/) })
    const out = await silolint(['out'], { cwd })
    expect(out).toMatchObject({ code: 0, stdout: '' })
    expect(out.stderr).toBe('No document was linted: configuration leaves out the one found.\n')
    expect((await silolint(['out/a.md'], { cwd })).stderr).toMatch(/^out\/a\.md: not linted, because [^\n]*\n$/)
    expect(await silolint(['empty/*.md'], { cwd })).toMatchObject({ code: 2 })
  })

  test('explain without a rule says where they are listed', async () => {
    const run = await silolint(['explain'], { cwd: await folderWith({}) })
    expect(run).toEqual({ code: 2, stdout: '', stderr: 'explain needs the id of a rule. silolint rules lists them.\n' })
  })

  test('stats say which end of the index is good', async () => {
    const run = await silolint(['stats'], { cwd: await folderWith({ 'a.md': wall }) })
    expect(run.stdout).toMatch(/^index \(best 100\) /)
  })
})

test('the workflow of init runs once on a pull request', async () => {
  const cwd = await folderWith({ 'a.md': clean })
  execFileSync('git', ['init', '-q'], { cwd })
  await silolint(['init', '--yes', '--ci', 'github'], { cwd })
  const path = join(cwd, '.github/workflows/silolint.yml')
  expect(await readFile(path, 'utf8')).toContain('  push:\n    branches: [main, master]\n  pull_request:\n')
  execFileSync('git', ['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk'], { cwd })
  const again = await silolint(['init', '--yes', '--force', '--ci', 'github'], { cwd })
  expect(again.stdout).toContain('branches: ["trunk"]\n')
})

test('reports of shards do not replace each other, and a name can be given', async () => {
  const cwd = await folderWith({ 'a.md': wall })
  const idOf = async (...args: string[]): Promise<string> =>
    JSON.parse((await silolint(['-f', 'sarif', ...args], { cwd })).stdout).runs[0].automationDetails.id
  expect(await idOf()).toBe('silolint/')
  expect(await idOf('--shard', '1/2')).toBe('silolint/1-of-2/')
  expect(await idOf('--category', 'handbook')).toBe('silolint/handbook/')
})

test('merged reports tell how many findings are hidden', async () => {
  const cwd = await folderWith({ 'a.md': `${wall}\n<!-- silolint-disable-next-line -->\n${wall}`, 'b.md': wall })
  await silolint(['baseline', 'b.md'], { cwd })
  await silolint(['a.md', '-f', 'json=a.json'], { cwd })
  await silolint(['b.md', '-f', 'json=b.json'], { cwd })
  const one = await silolint(['a.md', 'b.md'], { cwd })
  const merged = await silolint(['merge', 'a.json', 'b.json'], { cwd })
  expect(merged).toEqual(one)
  expect(merged.stdout).toContain('2 findings hidden: 1 in the baseline, 1 suppressed.')
})

test('of a long sentence that is rewritten only what changes is shown again', async () => {
  const colors = new Proxy({}, { get: () => (text: string) => text }) as Parameters<typeof stylish>[0]
  const purpose =
    'The purpose of this procedure is to ensure that invoices are processed by Finance within thirty days of receipt.'
  const result = await new Silolint().lintText(purpose)
  const text = stylish(colors).document(shown(result, result.findings))
  expect(text).toContain('→ … thirty days of receipt, so that')
  expect(text.split('invoices are processed')).toHaveLength(2)
})
