import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderWith, silolint } from './command.ts'

const rule = `---
severity: info
message: "“$match” leaves the reader to find out which one."
phrases:
  - the relevant/appropriate department/team
unless: way-forward
rewrites:
  - "[the department that decides]"
---

# Relevant | department

A reader who knew which one would not be reading this. Name it. See [blame](blame.md).

<script>alert('no')</script>

And [run](javascript:alert) it.

\`\`\`diff
- Send it to the relevant team.
+ Send it to [the department that decides].
  The department is Licensing.
\`\`\`
`

test('each rule of a team and of Silolint gets a page, and the index leads there', async () => {
  const cwd = await folderWith({
    '.silolint/rules/relevant-department.md': rule,
    '.silolintrc.json': '{ "rules": { "turf": "off" } }',
  })
  const run = await silolint(['rule', 'docs'], { cwd })
  expect(run).toMatchObject({ code: 0 })
  expect(run.stderr).toContain('add the line rule-pages/ to .silolintignore, or they are linted too.')
  const pages = await readdir(join(cwd, 'rule-pages'))
  const index = await readFile(join(cwd, 'rule-pages/README.md'), 'utf8')
  const links = [...index.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target as string)
  expect(pages.sort()).toEqual(['README.md', ...links].sort())
  expect(run.stdout).toBe(`${links.length} pages and an index are in rule-pages.\n`)
  expect(index).toContain('| [Relevant \\| department](relevant-department.md) | info | A reader who knew')
  expect(index).toMatch(/\(turf\.md\) \| off \|/)
  const page = await readFile(join(cwd, 'rule-pages/relevant-department.md'), 'utf8')
  expect(page).toContain('| From | `.silolint/rules/relevant-department.md` |')
  expect(page).toContain('| Kept quiet by | `way-forward` |')
  expect(page).toContain('- Send it to the relevant team.')
  expect(await readFile(join(cwd, 'rule-pages/turf.md'), 'utf8')).toContain(
    '| Severity | off here (warning unless set) |',
  )
})

test('the site of a team runs nothing that stands in its pages', async () => {
  const cwd = await folderWith({ '.silolint/rules/relevant-department.md': rule })
  const args = ['rule', 'docs', '--from', 'own', '--format', 'html', '-o', 'public', '--title', 'How <we> write']
  expect(await silolint(args, { cwd })).toMatchObject({ code: 0, stdout: '1 page and an index are in public.\n' })
  expect((await readdir(join(cwd, 'public'))).sort()).toEqual(['index.html', 'relevant-department.html', 'rules.css'])
  const page = await readFile(join(cwd, 'public/relevant-department.html'), 'utf8')
  expect(page).toContain('<del>- Send it to the relevant team.</del>')
  expect(page).toContain('<ins>+ Send it to [the department that decides].</ins>')
  expect(page).not.toMatch(/<script|javascript:/)
  expect(page).toContain('How &lt;we&gt; write')
})

test('the catalogue that comes with Silolint has a site whose links all lead somewhere', async () => {
  const cwd = await folderWith({})
  await silolint(['rule', 'docs', '--from', 'silolint', '-f', 'html', '-o', 'site'], { cwd })
  const rules = (await readdir('rules')).filter((name) => name.endsWith('.md') && name !== 'README.md')
  const pages = await readdir(join(cwd, 'site'))
  expect(pages.length).toBe(rules.length + 2)
  for (const name of pages.filter((one) => one.endsWith('.html'))) {
    const page = await readFile(join(cwd, 'site', name), 'utf8')
    for (const [, target = ''] of page.matchAll(/href="([^"#:]+)"/g))
      expect(pages, `${name} → ${target}`).toContain(target)
  }
})

test('pages are never written over rules', async () => {
  const cwd = await folderWith({ '.silolint/rules/relevant-department.md': rule })
  const run = await silolint(['rule', 'docs', '--from', 'own', '-o', '.silolint/rules'], { cwd })
  expect(run.code).toBe(2)
  expect(run.stderr).toContain('this is a rule itself')
  expect(await readFile(join(cwd, '.silolint/rules/relevant-department.md'), 'utf8')).toBe(rule)
  expect((await silolint(['rule', 'docs', '--from', 'own'], { cwd: await folderWith({}) })).code).toBe(2)
})
