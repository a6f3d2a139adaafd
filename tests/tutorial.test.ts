import { readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { builtIn } from '../engine/builtin.ts'
import { createLinter } from '../engine/linter.ts'
import { folderWith, silolint } from './command.ts'

const page = readFileSync('docs/writing-a-rule.md', 'utf8')
const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''

/** The words of a command as a shell takes them. */
const wordsOf = (command: string): string[] =>
  [...command.replaceAll('\\\n', ' ').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')

test('the tutorial can be followed step by step', async () => {
  const cwd = await folderWith({})
  const ruleFile = '.silolint/rules/relevant-department.md'
  const steps = section('A rule in ten minutes').matchAll(
    /([^\n]*(?:\n[^\n]+)*)\n\n(`{3,})(\w+)\n([\s\S]*?)\n\2(?=\n|$)/g,
  )
  let printed: string[] = []
  const done: string[] = []
  for (const [, before = '', , kind = '', content = ''] of steps) {
    done.push(kind)
    const file = /`([\w./-]+\.md)`/.exec(before)?.[1]
    if (kind === 'markdown' && file === ruleFile)
      expect(await readFile(join(cwd, ruleFile), 'utf8')).toBe(`${content}\n`)
    else if (kind === 'markdown' && file) {
      await mkdir(dirname(join(cwd, file)), { recursive: true })
      await writeFile(join(cwd, file), `${content}\n`)
    } else if (kind === 'sh') {
      const [npx, name, ...args] = wordsOf(content)
      expect([npx, name]).toEqual(['npx', 'silolint'])
      const { stdout, stderr } = await silolint(args, { cwd })
      printed = [...stdout.split('\n'), ...stderr.split('\n')]
    } else if (kind === 'text') {
      for (const line of content.split('\n')) expect(printed).toContain(line)
    } else {
      const text = await readFile(join(cwd, ruleFile), 'utf8')
      const changed =
        kind === 'diff'
          ? text.replace(/\n```\n$/, `\n${content}\n\`\`\`\n`)
          : text.replace(/phrases:\n(?: {2}.*\n)+/, `${content}\n`)
      expect(changed).not.toBe(text)
      await writeFile(join(cwd, ruleFile), changed)
    }
  }
  expect(done).toEqual(['markdown', 'sh', 'text', 'markdown', 'diff', 'sh', 'text', 'yaml', 'sh', 'text', 'sh', 'text'])
})

const forms = [...section('Phrases').matchAll(/^\| `(.+?)` \| (.+?) \| (.+?) \|$/gm)]

test('the reference has all the forms that a phrase can take', () => {
  const all = forms.map(([, phrase]) => phrase).join(' ')
  for (const sign of ['/', '?', '(', '…', '$', '"', '+ed', '+ing', '+s', '+base', '!', '^', ' .', ',', '–', 'IT'])
    expect(all).toContain(sign)
})

test.each(forms.map(([, phrase, finds, leaves]) => [phrase, finds, leaves] as [string, string, string]))(
  'the reference says what “%s” finds: %s; and what not: %s',
  (phrase, finds, leaves) => {
    const text = `---\nseverity: info\nmessage: Found.\nphrases:\n  - '${phrase.replaceAll("'", "''")}'\n---\n\n# Own\n`
    const own = { rules: [{ path: 'own.md', text }], guards: [], vocabularies: [], roles: [], sectors: [], code: {} }
    const { linter, faults } = createLinter([{ ...builtIn, rules: [], guards: [], guardIds: [] }, own], { rules: {} })
    expect(faults).toEqual([])
    const found = (line: string) =>
      linter.lint(line, { format: 'text' }).messages.filter(({ ruleId }) => ruleId === 'own')
    for (const line of finds.split(' · ')) expect(found(line), line).toHaveLength(1)
    for (const line of leaves.split(' · ')) expect(found(line), line).toHaveLength(0)
  },
)
