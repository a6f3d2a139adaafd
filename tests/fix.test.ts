import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderWith, silolint } from './command.ts'

const rule = (front: string): string =>
  `---\nseverity: warning\nmessage: "Say “$match” with fewer words."\n${front}\n---\n\n# Own\n\nFewer words.\n`
/** A team's rules whose rewrites change no meaning. */
const rules = {
  '.silolint/rules/plain.md': rule(
    'safe: true\nphrases:\n  - phrases: [in order to]\n    rewrites: [to]\n  - phrases: [utilise]\n    rewrites: [use]\n  - phrases: [very]\n    rewrites: [""]',
  ),
  '.silolint/rules/longer.md': rule('safe: true\nphrases: [order to utilise]\nrewrites: [order to put to use]'),
  '.silolint/rules/choice.md': rule('phrases: [liaise with]\nrewrites: [talk with]'),
}
const only = ['--rule', 'plain', '--rule', 'longer', '--rule', 'choice']

describe('--fix', () => {
  it('makes the safe rewrites alone, keeps line endings, mark and encoding, and has nothing to do the second time', async () => {
    const source = '\uFEFFIn order to help, utilised lists are\r\nvery short. Liaise with Billing.\r\n'
    const cwd = await folderWith({
      ...rules,
      'a.md': source,
      'b.md': Buffer.from(`\uFEFF${source.slice(1)}`, 'utf16le'),
    })
    const run = await silolint(['a.md', 'b.md', '--fix', ...only, '-f', 'json'], { cwd })
    expect(run).toMatchObject({
      code: 1,
      stderr: '2 findings have rewrites that need your eye: choose with --interactive.\n',
    })
    const fixed = '\uFEFFTo help, used lists are\r\nshort. Liaise with Billing.\r\n'
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toBe(fixed)
    expect(await readFile(join(cwd, 'b.md'), 'utf16le')).toBe(fixed)
    // what is left is reported where it stands now
    expect(JSON.parse(run.stdout)[0].findings).toMatchObject([{ rule: 'choice', start: { line: 2, column: 8 } }])
    await silolint(['a.md', '--fix', ...only], { cwd })
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toBe(fixed)
  })

  it('makes one of two rewrites that overlap, and then what is left of the other', async () => {
    const cwd = await folderWith({ ...rules, 'a.md': 'We meet in order to utilise the room.\n' })
    await silolint(['a.md', '--fix', ...only], { cwd })
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toBe('We meet to use the room.\n')
  })

  it('as a dry run is a diff that can be applied, and writes nothing', async () => {
    const cwd = await folderWith({ ...rules, 'a.md': 'One.\n\nWe meet in order to talk.\n' })
    const run = await silolint(['a.md', '--fix-dry-run', '--rule', 'plain', '-f', 'json=out.json'], { cwd })
    expect(run.stdout).toBe(
      '--- a/a.md\n+++ b/a.md\n@@ -1,3 +1,3 @@\n One.\n \n-We meet in order to talk.\n+We meet to talk.\n',
    )
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toContain('in order to')
  })

  it('asks nothing where nobody can answer', async () => {
    const cwd = await folderWith({ ...rules, 'a.md': 'We liaise with Billing.\n' })
    const run = await silolint(['a.md', '--interactive', ...only], { cwd })
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a terminal') })
  })
})

it('a rewrite with a placeholder cannot be marked as safe', async () => {
  const cwd = await folderWith({ 'a.md': 'Text.\n' })
  await writeFile(join(cwd, 'b.md'), 'Text.\n')
  const own = await folderWith({
    '.silolint/rules/own.md': rule('safe: true\nphrases: [ask around]\nrewrites: ["ask [name]"]'),
    'a.md': 'Text.\n',
  })
  const run = await silolint(['a.md'], { cwd: own })
  expect(run.code).toBe(2)
  expect(run.stderr).toMatch(
    /^\.silolint\/rules\/own\.md:\d+:\d+: a safe rewrite must stand as it is \("ask \[name\]"\)/,
  )
})
