import { spawn } from 'node:child_process'
import { chmod, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { command, folderWith, type Run, silolint } from './command.ts'

const wall = 'Engineering throws the build over the wall to Support.'
const phrase = 'throws the build over the wall'
const clean = 'The form has four pages and a cover sheet.'

interface Finding {
  rule: string
  severity: string
  message: string
  note: string
  actual: string
  rewrites: string[]
  url: string
  start: { line: number; column: number; offset: number }
  end: { line: number; column: number; offset: number }
}
type Entries = Array<{ path: string; findings: Finding[] }>

/** The paths and findings of a JSON report. */
function entriesOf({ stdout }: Run): Entries {
  return JSON.parse(stdout)
}

function pathsOf(run: Run): string[] {
  return entriesOf(run).map(({ path }) => path)
}

describe('exit code', () => {
  it('is 0 and nothing is said on stderr when the documents are clean', async () => {
    const cwd = await folderWith({ 'policy.md': clean })
    const run = await silolint(['policy.md'], { cwd })
    expect(run).toEqual({ code: 0, stdout: 'No findings in 1 document.\n', stderr: '' })
  })

  it('is 1 when there are findings', async () => {
    const cwd = await folderWith({ 'policy.md': wall })
    expect(await silolint(['policy.md'], { cwd })).toMatchObject({ code: 1, stderr: '' })
  })

  it('is 0 when all findings are mere information', async () => {
    const cwd = await folderWith({
      'policy.md': wall,
      '.silolintrc.json': '{ "rules": { "over-the-wall": "info" } }',
    })
    const run = await silolint(['policy.md'], { cwd })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toContain('1 info')
  })

  it('is 2 when a named file is missing, and the other file is linted all the same', async () => {
    const cwd = await folderWith({ 'escalation.md': wall })
    const run = await silolint(['escalatoin.md', 'escalation.md', '--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/^escalatoin\.md: .*Did you mean "escalation\.md"\?\n$/)
    expect(entriesOf(run)).toMatchObject([{ path: 'escalation.md', findings: [{ rule: 'over-the-wall' }] }])
  })

  it('is 2 for an option that does not exist', async () => {
    const cwd = await folderWith({})
    const run = await silolint(['--formt', 'json'], { cwd })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toContain('--format')
  })

  it('is 2 for a format that does not exist, naming those that do or the one that was meant', async () => {
    const cwd = await folderWith({})
    const run = await silolint(['--format', 'xml'], { cwd })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(/xml.*stylish, compact, json/)
    expect((await silolint(['-f', 'jsn'], { cwd })).stderr).toContain('Did you mean "json"?')
  })

  describe('is what the team says', () => {
    const files = {
      'policy.md': `${wall}\n\nThat is not our responsibility.\n`,
      '.silolintrc.json': '{ "rules": { "over-the-wall": "error", "disowning": "warning" } }',
    }

    it('with --fail-on', async () => {
      const cwd = await folderWith({ ...files, 'mild.md': 'That is not our responsibility.' })
      expect((await silolint(['mild.md', '--fail-on', 'error'], { cwd })).code).toBe(0)
      expect((await silolint(['policy.md', '--fail-on', 'error'], { cwd })).code).toBe(1)
      const info = ['mild.md', '--rule', 'disowning', '--fail-on', 'info']
      expect((await silolint(info, { cwd })).code).toBe(1)
      const run = await silolint(['mild.md', '--fail-on', 'warn'], { cwd })
      expect(run).toMatchObject({ code: 2, stdout: '' })
    })

    it('with --max-warnings, which lets so many pass and no error', async () => {
      const cwd = await folderWith({ ...files, 'mild.md': 'That is not our responsibility.' })
      expect((await silolint(['mild.md', '--max-warnings', '1'], { cwd })).code).toBe(0)
      expect((await silolint(['mild.md', '--max-warnings', '0'], { cwd })).code).toBe(1)
      expect((await silolint(['policy.md', '--max-warnings', '9'], { cwd })).code).toBe(1)
      expect((await silolint(['mild.md', '--max-warnings', 'few'], { cwd })).stderr).toContain('whole number')
    })

    it('with --exit-zero, except that a fault stays a fault', async () => {
      const cwd = await folderWith(files)
      expect((await silolint(['policy.md', '--exit-zero'], { cwd })).code).toBe(0)
      expect((await silolint(['policy.md', 'none.md', '--exit-zero'], { cwd })).code).toBe(2)
    })

    it('and --quiet shows only what fails the run', async () => {
      const cwd = await folderWith(files)
      const run = await silolint(['policy.md', '--quiet', '--fail-on', 'error', '--format', 'json'], { cwd })
      expect(entriesOf(run)[0]?.findings.map(({ rule }) => rule)).toEqual(['over-the-wall'])
      expect(run.code).toBe(1)
    })
  })
})

describe('several reports at once', () => {
  it('go to files, each whole, beside the one for people', async () => {
    const cwd = await folderWith({ 'policy.md': wall })
    const run = await silolint(['policy.md', '-f', 'stylish', '-f', 'json=out.json'], { cwd })
    expect(run.stdout).toContain('1 finding: 1 warning.')
    const plain = await silolint(['policy.md', '--format', 'json'], { cwd })
    expect(await readFile(join(cwd, 'out.json'), 'utf8')).toBe(plain.stdout)
    const other = await silolint(['policy.md', '--format', 'json', '--output-file', 'other.json'], { cwd })
    expect(other).toEqual({ code: 1, stdout: '', stderr: '' })
    expect(await readFile(join(cwd, 'other.json'), 'utf8')).toBe(plain.stdout)
  })

  it('say where one cannot be written, and the others are', async () => {
    const cwd = await folderWith({ 'policy.md': wall })
    const run = await silolint(['policy.md', '-f', 'stylish', '-f', 'json=missing/out.json'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stdout).toContain('1 finding')
    expect(run.stderr).toBe('missing/out.json: the report cannot be written (ENOENT). Make its folder first.\n')
  })
})

describe('text for people', () => {
  it('shows where the phrase stands, marks it and offers the first rewrite', async () => {
    const cwd = await folderWith({ 'handover.md': `# Handover\n\nWhen the sprint ends, ${wall}\n` })
    const [json, text] = await Promise.all([silolint(['--format', 'json'], { cwd }), silolint([], { cwd })])
    const finding = entriesOf(json)[0]?.findings[0]
    const lines = text.stdout.split('\n')
    expect(lines[0]).toBe('handover.md')
    expect(lines[1]).toMatch(/^ {2}3:\d+ +(error|warning) .* over-the-wall$/)
    const source = lines.findIndex((line) => line.includes(wall))
    const marked = [...(lines[source + 1]?.matchAll(/~+/g) ?? [])].map(({ index, 0: marks }) =>
      lines[source]?.slice(index, index + marks.length),
    )
    expect(marked).toEqual([finding?.actual])
    expect(text.stdout).toContain('→ ')
    expect(text.stdout.replace(/\s+/g, ' ')).toContain(`→ ${finding?.rewrites[0]}`)
    expect(text.stdout).toMatch(/\n1 finding: 1 (error|warning)\.\n$/)
  })

  it('marks the right columns behind wide characters and tabs', async () => {
    const cwd = await folderWith({ 'wide.md': `- Ops 🎉\t日本 and then ${wall}\n` })
    const { stdout } = await silolint([], { cwd })
    const lines = stdout.split('\n')
    const source = lines.findIndex((line) => line.includes(wall))
    // The emoji and both ideographs take two columns each; the emoji is two UTF-16 units already.
    const columns = (lines[source]?.indexOf(phrase) ?? 0) + 2
    expect(lines[source]).not.toContain('\t')
    expect(lines[source + 1]?.indexOf('~')).toBe(columns)
  })

  it('keeps a long paragraph within the width and the phrase in sight', async () => {
    const long = `${`${clean} `.repeat(20)}${wall} ${`${clean} `.repeat(20)}`
    const cwd = await folderWith({ 'long.md': long })
    const { stdout } = await silolint([], { cwd, env: { NO_COLOR: '1', COLUMNS: '72' } })
    expect(stdout).toMatch(new RegExp(`…[^\\n]+${phrase}[^\\n]*…\\n`))
    const lines = stdout.split('\n')
    expect(lines.filter((line) => line.length > 72)).toEqual([])
  })

  it('is coloured where colours are forced, and plain in a pipe', async () => {
    const cwd = await folderWith({ 'policy.md': wall })
    const colored = await silolint([], { cwd, env: { FORCE_COLOR: '1' } })
    const piped = await silolint([], { cwd, env: {} })
    const refused = await silolint([], { cwd, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })
    expect(colored.stdout).toContain('\u001B[')
    expect(piped.stdout).not.toContain('\u001B[')
    expect(refused.stdout).toBe(piped.stdout)
  })

  it('lets no escape sequence of a document through to the terminal', async () => {
    const cwd = await folderWith({ 'evil.md': `\u001B[2J\u001B]0;owned\u0007 ${wall} \u202E` })
    const { stdout } = await silolint([], { cwd })
    expect(stdout).toContain(phrase)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/)
  })

  it('sums up over several documents', async () => {
    const cwd = await folderWith({ 'a.md': wall, 'b.md': clean, 'c.md': `${wall}\n\n${wall}\n` })
    const { stdout } = await silolint([], { cwd })
    expect(stdout).toMatch(/\n3 findings in 2 of 3 documents: 3 (errors|warnings)\.\n$/)
  })
})

describe('JSON for machines', () => {
  it('gives every finding with the exact text it covers, also behind a BOM, emoji, CRLF and markup', async () => {
    const source = `\uFEFF# Über 🎉\r\n\r\n> Then Engineering throws\r\n> the build *over* the wall.\r\n\r\n- 👩‍💻 ${wall}\r\n`
    const cwd = await folderWith({ 'crlf.md': source })
    const run = await silolint(['crlf.md', '--format', 'json'], { cwd })
    const [entry] = entriesOf(run)
    expect(entry?.findings.length).toBeGreaterThanOrEqual(2)
    for (const finding of entry?.findings ?? []) {
      expect(Object.keys(finding)).toEqual([
        'rule',
        'severity',
        'message',
        'note',
        'actual',
        'rewrites',
        'safe',
        'url',
        'sentence',
        'headings',
        'start',
        'end',
      ])
      expect(finding.actual).toBe(source.slice(finding.start.offset, finding.end.offset))
      expect(['error', 'warning', 'info']).toContain(finding.severity)
      expect(finding.rewrites.every((rewrite) => typeof rewrite === 'string')).toBe(true)
      for (const { line, column, offset } of [finding.start, finding.end]) {
        const before = source.slice(0, offset).split('\r\n')
        expect({ line, column }).toEqual({ line: before.length, column: (before.at(-1)?.length ?? 0) + 1 })
      }
    }
  })

  it('lists every linted document, sorted by path, and its findings by position', async () => {
    const cwd = await folderWith({
      'b.md': `${wall}\n\n${wall}\n`,
      'B.md.d/x.md': clean,
      'a/z.md': clean,
      'a.md': '',
      'ä.md': clean,
    })
    const entries = entriesOf(await silolint(['--format', 'json'], { cwd }))
    expect(entries.map(({ path }) => path)).toEqual(['B.md.d/x.md', 'a.md', 'a/z.md', 'b.md', 'ä.md'])
    expect(entries.map(({ findings }) => findings.length)).toEqual([0, 0, 0, 2, 0])
    expect(entries[3]?.findings.map(({ start }) => start.line)).toEqual([1, 3])
  })

  it('says each path as it was given, joined with what was found in it', async () => {
    const cwd = await folderWith({ 'our policies/leave & pay.md': clean, 'our policies/deep/er.md': clean })
    const given = await silolint(['our policies/leave & pay.md', '--format', 'json'], { cwd })
    const walked = await silolint(['our policies/', '--format', 'json'], { cwd })
    const above = await silolint(['..', '--format', 'json'], { cwd: join(cwd, 'our policies', 'deep') })
    const absolute = await silolint([cwd, '--format', 'json'], { cwd: tmpdir() })
    expect(pathsOf(given)).toEqual(['our policies/leave & pay.md'])
    expect(pathsOf(walked)).toEqual(['our policies/deep/er.md', 'our policies/leave & pay.md'])
    expect(pathsOf(above)).toEqual(['../deep/er.md', '../leave & pay.md'])
    expect(pathsOf(absolute)).toEqual(
      ['deep/er.md', 'leave & pay.md'].map((path) => `${cwd}/our policies/${path}`.replaceAll('\\', '/')),
    )
  })

  it('is an empty array when there was nothing to lint', async () => {
    const cwd = await folderWith({})
    expect((await silolint(['--format', 'json'], { cwd })).stdout).toBe('[]\n')
  })

  it('is not cut off in a pipe, however large', async () => {
    const many = `${wall}\n\n`.repeat(5000)
    const cwd = await folderWith({ 'many.md': many })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.code).toBe(1)
    expect(entriesOf(run)[0]?.findings).toHaveLength(5000)
  })

  it('ends quietly when the reader goes away, as `| head` does', async () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.md`, `${wall}\n\n`.repeat(100)]))
    const cwd = await folderWith(files)
    const child = spawn(process.execPath, [command, '--format', 'json'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  })
})

describe('what is linted', () => {
  const repository = {
    '.git/HEAD': 'ref: refs/heads/main\n',
    '.git/description.md': wall,
    '.gitignore': 'drafts/\n*.tmp.md\n!keep.tmp.md\n',
    'docs/.gitignore': 'secret.md\n',
    'docs/open.md': wall,
    'docs/secret.md': wall,
    'docs/notes.tmp.md': wall,
    'docs/keep.tmp.md': wall,
    'docs/drafts/new.md': wall,
    'docs/table.csv': wall,
    'docs/SHOUT.MD': wall,
    'docs/plain.txt': wall,
    '.github/support.md': wall,
    'node_modules/pack/readme.md': wall,
    '.silolint/rules/.keep': '',
  }

  it('is every document below the current folder that git does not ignore', async () => {
    const cwd = await folderWith(repository)
    expect(pathsOf(await silolint(['--format', 'json'], { cwd }))).toEqual([
      '.github/support.md',
      'docs/SHOUT.MD',
      'docs/keep.tmp.md',
      'docs/open.md',
      'docs/plain.txt',
    ])
  })

  it('respects the ignore files above the folder, up to the root of the repository', async () => {
    const cwd = join(await folderWith(repository), 'docs')
    const paths = ['SHOUT.MD', 'keep.tmp.md', 'open.md', 'plain.txt']
    expect(pathsOf(await silolint(['--format', 'json'], { cwd }))).toEqual(paths)
    expect(pathsOf(await silolint(['.', '--format', 'json'], { cwd }))).toEqual(paths)
  })

  it('is also a file that git ignores, or of another ending, when somebody names it', async () => {
    const cwd = await folderWith(repository)
    const run = await silolint(['docs/secret.md', 'docs/table.csv', '--format', 'json'], { cwd })
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(pathsOf(run)).toEqual(['docs/secret.md', 'docs/table.csv'])
  })

  it('is each file once, however often it is named', async () => {
    const cwd = await folderWith({ 'docs/a.md': wall })
    const run = await silolint(['docs/a.md', './docs/a.md', 'docs', join(cwd, 'docs', 'a.md'), '--format', 'json'], {
      cwd,
    })
    expect(pathsOf(run)).toEqual(['docs/a.md'])
  })

  it('is what a glob matches, and a glob that matches nothing is a mistake', async () => {
    const cwd = await folderWith({ 'docs/a.md': wall, 'docs/deep/b.md': wall, 'docs/c.csv': wall })
    const run = await silolint(['docs/**/*', 'policies/*.md', '--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(pathsOf(run)).toEqual(['docs/a.md', 'docs/deep/b.md'])
    expect(run.stderr).toContain('"policies/*.md"')
  })

  it('may be nothing for a glob where a hook or CI says so', async () => {
    const cwd = await folderWith({ 'docs/a.md': clean })
    const run = await silolint(['policies/*.md', '--pass-on-no-files', '--format', 'json'], { cwd })
    expect([run.code, run.stdout.trim()]).toEqual([0, '[]'])
    expect(run.stderr).toContain('policies/*.md: no document matches this glob.')
  })

  it('is a file whose name looks like a glob', async () => {
    const cwd = await folderWith({ '[draft] a.md': wall, 'd.md': clean })
    expect(pathsOf(await silolint(['[draft] a.md', '--format', 'json'], { cwd }))).toEqual(['[draft] a.md'])
  })

  it('is nothing in a folder without documents, which is worth a word but no failure', async () => {
    const cwd = await folderWith({ 'code/main.c': wall })
    const run = await silolint(['code'], { cwd })
    expect(run).toMatchObject({ code: 0, stdout: '' })
    expect(run.stderr).toMatch(/^code: no documents/)
  })

  it('leaves out what the configuration ignores, and says so of a file that was named', async () => {
    const cwd = await folderWith({
      '.silolintrc.json': '{ "ignores": ["archive/**"] }',
      'archive/old.md': wall,
      'new.md': clean,
    })
    const walked = await silolint(['--format', 'json'], { cwd })
    expect(walked).toMatchObject({ code: 0, stderr: '' })
    expect(pathsOf(walked)).toEqual(['new.md'])
    const named = await silolint(['archive/old.md', '--format', 'json'], { cwd })
    expect(named).toMatchObject({ code: 0, stdout: '[]\n' })
    expect(named.stderr).toMatch(/^archive\/old\.md: not linted.*ignores/)
  })

  it.skipIf(process.platform === 'win32')('does not run in circles through a link to a folder above', async () => {
    const cwd = await folderWith({ 'docs/a.md': wall })
    await symlink('..', join(cwd, 'docs', 'up'))
    expect(pathsOf(await silolint(['--format', 'json'], { cwd }))).toEqual(['docs/a.md'])
  })
})

describe('stdin', () => {
  it('is a document, with a dash or with --stdin', async () => {
    const cwd = await folderWith({ 'other.md': wall })
    for (const argument of ['-', '--stdin']) {
      const run = await silolint([argument, '--format', 'json'], { cwd, input: `${clean}\n\n${wall}` })
      expect(run).toMatchObject({ code: 1, stderr: '' })
      expect(entriesOf(run)).toMatchObject([{ path: '<stdin>', findings: [{ start: { line: 3 } }] }])
    }
  })

  it('goes by the name it is given, and by the configuration of that place', async () => {
    const cwd = await folderWith({ 'quiet/.silolintrc.json': '{ "rules": { "over-the-wall": "off" } }' })
    const quiet = await silolint(['--stdin', '--stdin-filename', 'quiet/new.md', '--format', 'json'], {
      cwd,
      input: wall,
    })
    expect(quiet).toMatchObject({ code: 0, stderr: '' })
    expect(entriesOf(quiet)).toEqual([{ path: 'quiet/new.md', findings: [] }])
    const loud = await silolint(['-', '--stdin-filename', 'loud/new.md', '--format', 'json'], { cwd, input: wall })
    expect(loud.code).toBe(1)
    expect(pathsOf(loud)).toEqual(['loud/new.md'])
  })

  it('is read in the format that its name says', async () => {
    const cwd = await folderWith({})
    const input = `\`\`\`\n${wall}\n\`\`\`\n`
    const markdown = await silolint(['-', '--stdin-filename', 'a.md', '--format', 'json'], { cwd, input })
    const text = await silolint(['-', '--stdin-filename', 'a.txt', '--format', 'json'], { cwd, input })
    expect([markdown.code, text.code]).toEqual([0, 1])
  })

  it('may be empty', async () => {
    const cwd = await folderWith({})
    const run = await silolint(['-', '--format', 'json'], { cwd })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(entriesOf(run)).toEqual([{ path: '<stdin>', findings: [] }])
  })

  it('must be text like any document', async () => {
    const cwd = await folderWith({})
    const run = await silolint(['-'], { cwd, input: Uint8Array.of(0x61, 0xff, 0xfe, 0x62) })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(/^<stdin>: .*UTF-8/)
  })

  it('is not waited for when only its name is given', async () => {
    const cwd = await folderWith({})
    const run = await silolint(['--stdin-filename', 'a.md'], { cwd })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toContain('--stdin')
  })
})

describe('rules from the command line', () => {
  const both = `${wall}\n\nRefunds are not our responsibility.\n`

  it('--rule leaves only those rules, --off takes some away', async () => {
    const cwd = await folderWith({ 'policy.md': both })
    const rulesOf = async (...args: string[]) =>
      entriesOf(await silolint(['policy.md', '--format', 'json', ...args], { cwd }))[0]?.findings.map(
        ({ rule }) => rule,
      )
    expect(await rulesOf()).toEqual(['over-the-wall', 'disowning'])
    expect(await rulesOf('--rule', 'disowning')).toEqual(['disowning'])
    expect(await rulesOf('--rule', 'disowning', '--rule', 'over-the-wall')).toEqual(['over-the-wall', 'disowning'])
    expect(await rulesOf('--off', 'disowning')).toEqual(['over-the-wall'])
    expect(await rulesOf('--off', 'disowning', '--off', 'over-the-wall')).toEqual([])
  })

  it('win over the configuration', async () => {
    const cwd = await folderWith({ 'policy.md': both, '.silolintrc.json': '{ "rules": { "disowning": "error" } }' })
    const run = await silolint(['--off', 'disowning', '--off', 'over-the-wall'], { cwd })
    expect(run).toMatchObject({ code: 0, stderr: '' })
  })

  it.each(['--rule', '--off'])(
    '%s with a misspelt id names the nearest rule, once, and the linting goes on',
    async (option) => {
      const cwd = await folderWith({ 'a.md': both, 'b.md': clean })
      const run = await silolint([option, 'disownin', option, 'disowning', '--format', 'json'], { cwd })
      expect(run.code).toBe(2)
      expect(run.stderr).toMatch(/^[^\n]*"disownin"[^\n]*disowning[^\n]*\n$/)
      const rules = entriesOf(run)[0]?.findings.map(({ rule }) => rule)
      expect(rules).toEqual(option === '--rule' ? ['disowning'] : ['over-the-wall'])
    },
  )

  it('may name a rule that only one of several projects has', async () => {
    const rule =
      '---\nseverity: warning\nmessage: Say it in words.\nphrases:\n  - tps report\n---\n\n# Reports\n\nWhat is it?\n'
    const cwd = await folderWith({
      'before/.silolintrc.json': '{}',
      'before/b.md': `Send the TPS report.\n\n${wall}\n`,
      'ours/.silolintrc.json': '{}',
      'ours/.silolint/rules/reports.md': rule,
      'ours/a.md': `Send the TPS report.\n\n${wall}\n`,
      'theirs/.silolintrc.json': '{}',
      'theirs/b.md': `Send the TPS report.\n\n${wall}\n`,
    })
    const run = await silolint(['--rule', 'reports', '--format', 'json'], { cwd })
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(entriesOf(run).map(({ findings }) => findings.map(({ rule }) => rule))).toEqual([[], ['reports'], []])
    const typo = await silolint(['--rule', 'reportz', '--format', 'json'], { cwd })
    expect(typo.code).toBe(2)
    expect(typo.stderr).toMatch(/^[^\n]*"reportz"[^\n]*\n$/)
  })

  it('are checked even when there is no document to use them on', async () => {
    const cwd = await folderWith({})
    const run = await silolint(['--rule', 'disownin'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('disowning')
  })
})

describe('sectors from the configuration', () => {
  const purpose = '# Plots\n\n## Purpose\n\nTo let every allotment holder dig within a year of asking.\n'

  it('know whom a trade serves', async () => {
    const cwd = await folderWith({ 'plots.md': purpose })
    const rules = async () =>
      entriesOf(await silolint(['plots.md', '--format', 'json'], { cwd }))[0]?.findings.map(({ rule }) => rule)
    expect(await rules()).toEqual(['customer-absent-objective'])
    await writeFile(join(cwd, '.silolintrc.json'), '{ "sector": "local-government" }')
    expect(await rules()).toEqual([])
    await writeFile(join(cwd, '.silolintrc.json'), '{ "sector": ["health", "local-government"] }')
    expect(await rules()).toEqual([])
  })

  it('that do not exist are told with the nearest one, and the linting goes on', async () => {
    const cwd = await folderWith({ 'plots.md': purpose, '.silolintrc.yaml': 'sector:\n  - helth\n' })
    const run = await silolint(['plots.md', '--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('.silolintrc.yaml:2:5: there is no such sector ("helth"). Did you mean "health"?')
    expect(entriesOf(run)[0]?.findings).toHaveLength(1)
  })
})

describe('what cannot be used', () => {
  it('in a configuration is said once, with its place, and the documents are linted', async () => {
    const cwd = await folderWith({
      '.silolintrc.json': '{\n  "rules": { "over-the-wall": "loud" }\n}\n',
      'a.md': wall,
      'b.md': wall,
    })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/^\.silolintrc\.json:2:[^\n]*loud[^\n]*\n$/)
    expect(entriesOf(run).map(({ findings }) => findings.length)).toEqual([1, 1])
  })

  it('is a configuration that is no JSON', async () => {
    const cwd = await folderWith({ '.silolintrc.json': '{\n  "rules": {\n', 'a.md': wall })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/^\.silolintrc\.json:/)
    expect(entriesOf(run)[0]?.findings).toHaveLength(1)
  })

  it('is a faulty rule file; the other rules run on', async () => {
    const cwd = await folderWith({
      '.silolint/rules/acronyms.md': '---\nseverity: loud\nmessage: No.\nphrases:\n  - tps report\n---\n\n# Acronyms\n',
      'a.md': wall,
      'b.md': wall,
    })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/^\.silolint\/rules\/acronyms\.md:2:[^\n]*loud[^\n]*\n$/)
    expect(entriesOf(run).map(({ path, findings }) => [path, findings.length])).toEqual([
      ['a.md', 1],
      ['b.md', 1],
    ])
  })

  it('is a binary file or one in another encoding, named or walked; the others are linted', async () => {
    const cwd = await folderWith({
      'logo.md': Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13),
      'latin1.md': Uint8Array.of(0x63, 0x61, 0x66, 0xe9, 0x20, 0x61, 0x0a),
      'good.md': wall,
    })
    for (const paths of [[], ['logo.md', 'latin1.md', 'good.md']]) {
      const run = await silolint([...paths, '--format', 'json'], { cwd })
      expect(run.code).toBe(2)
      expect(run.stderr.split('\n')).toEqual([
        expect.stringMatching(/^latin1\.md:.*UTF-8/),
        expect.stringMatching(/^logo\.md: /),
        '',
      ])
      expect(entriesOf(run)).toMatchObject([{ path: 'good.md', findings: [{ rule: 'over-the-wall' }] }])
    }
  })

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('is what may not be read', async () => {
    const cwd = await folderWith({ 'good.md': wall, 'shut.md': wall, 'closed/a.md': wall })
    await chmod(join(cwd, 'shut.md'), 0)
    await chmod(join(cwd, 'closed'), 0)
    const run = await silolint(['--format', 'json'], { cwd })
    await chmod(join(cwd, 'closed'), 0o700)
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/^closed: .*\nshut\.md: .*\n$/)
    expect(pathsOf(run)).toEqual(['good.md'])
  })
})

describe('odd documents', () => {
  it('an empty file is clean, and listed', async () => {
    const cwd = await folderWith({ 'empty.md': '', 'bom.md': '\uFEFF', 'lines.md': '\n\r\n \n' })
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(entriesOf(run)).toEqual(['bom.md', 'empty.md', 'lines.md'].map((path) => ({ path, findings: [] })))
  })

  it('a document of 10 MB is linted to its end', async () => {
    const paragraph = `${'Lorem ipsum dolor sit amet, consectetur adipiscing elit. '.repeat(8)}\n\n`
    const source = `${paragraph.repeat(Math.ceil(10_000_000 / paragraph.length))}${wall}\n`
    const cwd = await folderWith({ 'long.md': source })
    const run = await silolint(['--format', 'json', '--rule', 'over-the-wall'], { cwd })
    expect(run).toMatchObject({ code: 1, stderr: '' })
    const findings = entriesOf(run)[0]?.findings.map(({ actual, start }) => [actual, start.offset])
    expect(findings).toHaveLength(1)
    expect(source.slice(Number(findings?.[0]?.[1]))).toMatch(new RegExp(`^${findings?.[0]?.[0]}`))
  })
})

describe('help', () => {
  it('names every option and the exit codes, on stdout', async () => {
    const cwd = await folderWith({})
    const run = await silolint(['--help'], { cwd })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    const names = [
      '--format',
      '--fail-on',
      '--max-warnings',
      '--quiet',
      '--exit-zero',
      '--output-file',
      '--rule',
      '--off',
      '--stdin',
      '--stdin-filename',
      '--no-cache',
      '--version',
      '--help',
    ]
    for (const name of names) expect(run.stdout).toContain(name)
    expect(run.stdout).toMatch(/Exit codes:\s+0 .*\s+1 .*\s+2 /)
  })

  it('is not needed for the version', async () => {
    const cwd = await folderWith({})
    expect(await silolint(['--version'], { cwd })).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
  })

  it('--no-cache changes nothing', async () => {
    const cwd = await folderWith({ 'policy.md': wall })
    const run = await silolint(['--no-cache'], { cwd })
    expect(run.code).toBe(1)
    expect(run).toEqual(await silolint([], { cwd }))
  })
})
