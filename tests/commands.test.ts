import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Counts } from '../cli/command/stats.ts'
import { siloIndex } from '../engine/measure.ts'
import { folderWith, silolint } from './command.ts'

const rules = readdirSync('rules')
  .filter((name) => name.endsWith('.md') && name !== 'README.md')
  .map((name) => name.replace('.md', ''))

test('the help of every command fits a screen', async () => {
  const cwd = await folderWith({})
  const main = (await silolint(['--help'], { cwd })).stdout
  const commands = [...(main.split('Commands:')[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}(\S+)/gm)].map(
    ([, name]) => name,
  )
  expect(commands).toEqual(expect.arrayContaining(['baseline', 'explain', 'init', 'rules', 'stats', 'completion']))
  expect(main.split('\n').length).toBeLessThanOrEqual(72)
  const runs = await Promise.all(commands.map((name) => silolint([String(name), '--help'], { cwd })))
  for (const { stdout } of [...runs, { stdout: main }])
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  for (const [index, { stdout, code }] of runs.entries()) {
    expect(code).toBe(0)
    expect({ command: commands[index], fits: stdout.trimEnd().split('\n').length <= 24 }).toMatchObject({ fits: true })
  }
})

const team = {
  '.silolintrc.yaml': 'rules: { turf: off, blame: error }\n',
  '.silolint/rules/nameless-referral.md': `---
severity: info
message: "“$match” sends the caller away without a name."
phrases:
  - refer the? caller to $function
rewrites:
  - introduce the caller to [name] in $function
---

# Nameless referral

Callers who are sent on without a name tell their **story** again from the [start](https://example.org).

## When to switch it off

- Never,
  not even then.

For instance:

\`\`\`diff
- Refer the caller to Billing.
+ Introduce the caller to [name] in Billing.
\`\`\`
`,
}

test('explain shows a rule as a page for people, as it is written, and for programs', async () => {
  const cwd = await folderWith(team)
  const [text, own, markdown, json] = await Promise.all([
    silolint(['explain', 'disowning'], { cwd }),
    silolint(['explain', 'nameless-referral'], { cwd }),
    silolint(['explain', 'turf', '--format', 'markdown'], { cwd }),
    silolint(['explain', 'blame', '--format', 'json'], { cwd }),
  ])
  expect(text.code).toBe(0)
  expect(text.stdout).toContain('Disowning  disowning\n\nwarning · phrase · silolint\n')
  for (const heading of ['What it flags', 'Why', 'How to write it instead', 'When to switch it off', 'For example'])
    expect(text.stdout).toContain(`\n${heading}\n`)
  expect(text.stdout).toContain('- Queries about school meals are not our department.\n')
  expect(text.stdout.match(/^ {2}\+ /gm)).toHaveLength(2)
  expect(text.stdout).not.toContain('```')
  expect(text.stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(own.stdout).toBe(`Nameless referral  nameless-referral

info · phrase · .silolint/rules/nameless-referral.md

  Callers who are sent on without a name tell their story again from the start.

When to switch it off

  - Never, not even then.

For example

  - Refer the caller to Billing.
  + Introduce the caller to [name] in Billing.

file://${join(cwd, '.silolint/rules/nameless-referral.md')}
`)
  expect(markdown.stdout).toBe(
    `${readFileSync('rules/turf.md', 'utf8')
      .replace(/^---[\s\S]*?\n---\n/, '')
      .trim()}\n`,
  )
  expect(JSON.parse(json.stdout)).toMatchObject({
    ...{ id: 'blame', severity: 'error', defaultSeverity: 'warning', kind: 'phrase', source: 'silolint' },
    examples: expect.arrayContaining([expect.objectContaining({ flagged: true })]),
  })
})

test('explain names the rule that a mistyped one was meant to be, and exits with 2', async () => {
  const cwd = await folderWith({})
  const { code, stdout, stderr } = await silolint(['explain', 'disowing'], { cwd })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toBe('there is no such rule ("disowing"). Did you mean "disowning"?\n')
})

test('rules lists every rule with the severity in force here, its kind, title and origin', async () => {
  const cwd = await folderWith(team)
  const [table, json] = await Promise.all([silolint(['rules'], { cwd }), silolint(['rules', '-f', 'json'], { cwd })])
  const rows = table.stdout.trim().split('\n').slice(1)
  expect(rows.map((row) => row.split(' ')[0])).toEqual([...rules, 'nameless-referral'].sort())
  expect(table.stdout).toMatch(/^turf {2,}off {2,}phrase {2,}Turf {2,}silolint$/m)
  expect(table.stdout).toMatch(
    /^nameless-referral .*info .*Nameless referral +\.silolint\/rules\/nameless-referral\.md$/m,
  )
  expect(JSON.parse(json.stdout)).toContainEqual(
    expect.objectContaining({ id: 'blame', severity: 'error', defaultSeverity: 'warning', title: 'Blame' }),
  )
})

const parking = `# Permits

The applicant sends the form to the parking team. The team passes the form to Billing.

Resident and visitor permits are for residents. To support the caller is our work.
`
const counts = { documents: 1, words: 3000, findings: 6, served: 40, functions: 50, handoffs: 4, owned: 3 }

test('the silo index is what docs/silo-index.md says', () => {
  const index = (change: Partial<Counts>) => siloIndex({ ...counts, ...change })
  expect(index({})).toBe(77)
  expect(readFileSync('docs/silo-index.md', 'utf8').replace(/\s+/g, ' ')).toContain(
    '3,000 words with 6 findings, 40 served and 50 function mentions, 3 of 4 hand-offs with an owner',
  )
  expect(index({ findings: 0, served: 50, owned: 4 })).toBe(100)
  expect(index({ findings: 15, functions: 0, served: 0, handoffs: 0, owned: 0 })).toBe(50)
  expect(index({ findings: 0, served: 0, handoffs: 0, owned: 0 })).toBe(67)
  expect(index({ words: 0 })).toBeNull()
})

test('stats counts findings, mentions and hand-offs by document and folder, and --min-score fails below its figure', async () => {
  const held = 'The clerk passes the form to Billing and stays with it until the resident has the permit.\n'
  const cwd = await folderWith({
    'town/a.md': parking,
    'town/hall/b.md': held,
    'town/hall/empty.md': '',
    'c d.md': held,
  })
  const [table, json, high, low] = await Promise.all([
    silolint(['stats'], { cwd }),
    silolint(['stats', '--format', 'json'], { cwd }),
    silolint(['stats', '--min-score', '99', 'town/a.md'], { cwd }),
    silolint(['stats', '--min-score', '10', 'town/a.md'], { cwd }),
  ])
  const { total, folders, documents } = JSON.parse(json.stdout)
  expect(documents.map(({ path }: { path: string }) => path)).toEqual([
    'c d.md',
    'town/a.md',
    'town/hall/b.md',
    'town/hall/empty.md',
  ])
  const a = documents[1]
  // applicant, resident, visitor, residents, caller; the parking team, the team, Billing, and no "support" without a capital
  expect(a).toMatchObject({ words: 31, served: 5, functions: 3, handoffs: 2, owned: 0 })
  expect(documents[2]).toMatchObject({ handoffs: 1, owned: 1, index: 100 })
  expect(documents[3]).toMatchObject({ words: 0, index: null, findingsPer1000Words: null })
  expect(folders.map(({ path }: { path: string }) => path)).toEqual(['town', 'town/hall'])
  expect(folders[0].words).toBe(a.words + documents[2].words)
  expect(total).toMatchObject({ documents: 4, words: folders[0].words + documents[0].words, handoffs: 4, owned: 2 })
  expect(
    table.stdout
      .trim()
      .split('\n')
      .map((line) => line.split('  ').at(-1)?.trim()),
  ).toEqual(['path', 'c d.md', 'town/', 'town/a.md', 'town/hall/', 'town/hall/b.md', 'town/hall/empty.md', 'all'])
  expect(high.code).toBe(1)
  expect(high.stderr).toMatch(/^The silo index is \d+, below the 99 that --min-score asks for\.\n$/)
  expect(low).toMatchObject({ code: 0, stderr: '' })
})

const ward = `# Discharge

The ward clerk rings the next of kin. The charge nurse and the consultant agree the day. The matron tells the relative.
Bed management and the theatre are told by the pharmacist. Occupational therapy and CAMHS visit the next of kin.
`

test('init picks the sector whose words the documents use, says why, and writes a configuration that works', async () => {
  const cwd = await folderWith({ 'ward.md': ward })
  const first = await silolint(['init', '--ci', 'github', '--pre-commit'], { cwd })
  expect(first.code).toBe(0)
  expect(first.stderr).toMatch(
    /^Looked at 1 document\. The words are those of health: \d+ of them, .*next of kin \(2\)/,
  )
  expect(readFileSync(join(cwd, '.silolintrc.yaml'), 'utf8')).toMatch(/^sector: health$/m)
  expect(readFileSync(join(cwd, '.github/workflows/silolint.yml'), 'utf8')).toContain('uses: silolint/silolint@v')
  expect(readFileSync(join(cwd, '.pre-commit-config.yaml'), 'utf8')).toContain('- id: silolint')
  const again = await silolint(['init', '--yes'], { cwd })
  expect(again).toMatchObject({ code: 2, stdout: '' })
  expect(again.stderr).toContain(
    '.silolintrc.yaml: there is a configuration here already. Change it, or write over it with --force.',
  )
  const forced = await silolint(['init', '--force', '--sector', 'housing', '--sector', 'charity', '--ci', 'github'], {
    cwd,
  })
  expect(forced.code).toBe(0)
  expect(readFileSync(join(cwd, '.silolintrc.yaml'), 'utf8')).toMatch(/^sector: \[housing, charity\]$/m)
  // what belongs to other tools too is never written over
  expect(forced.stderr).toContain('.github/workflows/silolint.yml exists and was left as it is. Add this to it:')
  expect(forced.stdout).toContain('uses: silolint/silolint@v')
  expect((await silolint(['rules'], { cwd })).stderr).toBe('')
})

test('init names a faulty sector, another configuration and many findings; --baseline accepts them', async () => {
  const silos = 'Unpaid expenses are for Finance to sort out.\n\n'.repeat(40)
  const cwd = await folderWith({ 'a.md': silos })
  const other = await folderWith({ 'silolint.config.json': '{}' })
  const [wrong, taken, many] = await Promise.all([
    silolint(['init', '--sector', 'helth'], { cwd: other }),
    silolint(['init', '--yes', '--force'], { cwd: other }),
    silolint(['init', '--sector', 'none'], { cwd }),
  ])
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('there is no such sector ("helth"). Did you mean "health"?')
  expect(taken.code).toBe(2)
  expect(taken.stderr).toContain('silolint.config.json: there is a configuration here already.')
  expect(readdirSync(other)).toEqual(['silolint.config.json'])
  expect(many.stderr).toMatch(/There are \d+ findings\. To see only new ones from now on, run silolint baseline/)
  await silolint(['init', '--force', '--baseline'], { cwd })
  expect(await silolint([], { cwd })).toMatchObject({ code: 0 })
})

/** A shell of this machine, if it is here. */
const has = (shell: string): boolean => {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Answers questions at a terminal: when the words are shown, the keys are pressed. */
const typist = `
import json, os, pty, select, sys, time
answers = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
shown = b''
while True:
    try: read = os.read(terminal, 65536) if select.select([terminal], [], [], 50)[0] else b''
    except OSError: read = b''
    if not read: break
    shown += read
    if answers and answers[0][0].encode() in shown:
        time.sleep(0.3)
        os.write(terminal, answers.pop(0)[1].encode())
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

test.skipIf(process.platform === 'win32' || !has('python3'))(
  'init asks at a terminal, with what it proposes chosen already',
  async () => {
    const cwd = await folderWith({ 'ward.md': ward, 'a.md': 'Disputed invoices do not concern us.\n\n'.repeat(35) })
    const answers = [
      ['Which sector do the documents belong to?', '\r'],
      ['Where should it run in CI?', '\r'],
      ['Run it before each commit', '\r'],
      ['Accept them for now', 'y\r'],
    ]
    const { CI: _, ...env } = process.env
    const args = ['-c', typist, JSON.stringify(answers), process.execPath, cli, 'init']
    execFileSync('python3', args, { cwd, env: { ...env, TERM: 'xterm' } })
    expect(readFileSync(join(cwd, '.silolintrc.yaml'), 'utf8')).toMatch(/^sector: health$/m)
    expect(readdirSync(cwd).sort()).toEqual(['.silolint', '.silolintrc.yaml', 'a.md', 'ward.md'])
  },
)

const cases: Array<[words: string[], wanted: string[], unwanted: string[]]> = [
  [['silolint', ''], ['baseline', 'explain', 'init', 'rules', 'stats', 'docs'], ['--fix']],
  [['silolint', 'my'], ['my notes.md'], ['baseline']],
  [['silolint', '--fail'], ['--fail-on'], ['--fix']],
  [['silolint', '--rule', 'tu'], ['turf'], ['docs']],
  [['silolint', '--format', ''], ['stylish', 'json'], ['docs']],
  [['silolint', 'explain', 'nam'], ['nameless-referral'], ['turf']],
  [['silolint', 'init', '--sector', 'he'], ['health'], ['housing']],
  [['silolint', 'baseline', 'pr'], ['prune'], ['show']],
  [['silolint', 'stats', '--min'], ['--min-score'], ['--max-warnings']],
  [['silolint', 'completion', ''], ['bash', 'zsh', 'fish', 'powershell'], ['docs']],
]

test.skipIf(!has('bash'))(
  'completion for bash offers commands, options, rules, formats, sectors and files',
  async () => {
    const cwd = await folderWith({ ...team, 'docs/a.md': '', 'my notes.md': '' })
    const { stdout: script } = await silolint(['completion', 'bash'], { cwd })
    const asked = [
      ...cases.map(([words]) => words),
      ['silolint', '--format', '=', 'js'],
      ['silolint', '-f', 'json', '=', 'my'],
    ]
    const quote = (word: string) => `'${word}'`
    const lines = asked.map(
      (words) =>
        `COMP_WORDS=(${words.map(quote).join(' ')}); COMP_CWORD=${words.length - 1}; _silolint; printf '%s|' "\${COMPREPLY[@]}"; echo`,
    )
    // what a word says is never run
    lines.push(`COMP_WORDS=(silolint '$(touch ran)' ''); COMP_CWORD=2; _silolint`)
    const answers = execFileSync('bash', ['--norc', '-u', '-c', `${script}\n${lines.join('\n')}`], {
      cwd,
      encoding: 'utf8',
    }).split('\n')
    for (const [index, [words, wanted, unwanted]] of cases.entries()) {
      const answer = (answers[index] ?? '').split('|')
      expect({ words, answer }).toEqual({ words, answer: expect.arrayContaining(wanted) })
      for (const word of unwanted) expect(answer).not.toContain(word)
    }
    expect(answers[cases.length]).toBe('json|jsonl|')
    expect(answers[cases.length + 1]).toBe('my notes.md|')
    expect(readdirSync(cwd)).not.toContain('ran')
  },
)

test.skipIf(!has('fish'))('completion for fish offers the same', async () => {
  const cwd = await folderWith({ ...team, 'docs/a.md': '', 'my notes.md': '' })
  const { stdout: script } = await silolint(['completion', 'fish'], { cwd })
  for (const [words, wanted, unwanted] of cases) {
    const args = ['--no-config', '-c', `${script}\ncomplete -C '${words.join(' ')}'`]
    const answer = execFileSync('fish', args, { cwd, encoding: 'utf8' })
      .split('\n')
      .map((line) => (line.split('\t')[0] ?? '').replace(/\/$/, ''))
    expect({ words, answer }).toEqual({ words, answer: expect.arrayContaining(wanted) })
    for (const word of unwanted) expect(answer).not.toContain(word)
  }
})

test.skipIf(!has('zsh'))('the completion script for zsh is valid', async () => {
  const cwd = await folderWith(team)
  const { stdout: script } = await silolint(['completion', 'zsh'], { cwd })
  expect(script).toMatch(/^#compdef silolint\n/)
  execFileSync('zsh', ['-f', '-n', '-c', script], { cwd })
})

test('completion for PowerShell has every command and option; an unknown shell is named with those there are', async () => {
  const cwd = await folderWith(team)
  const [{ stdout }, wrong] = await Promise.all([
    silolint(['completion', 'powershell'], { cwd }),
    silolint(['completion', 'tcsh'], { cwd }),
  ])
  for (const word of ["'baseline prune'", "'--fail-on'", "'nameless-referral'", "'health'", "'stylish'"])
    expect(stdout).toContain(word)
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('Allowed choices are bash, zsh, fish, powershell.')
})
