import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderWith, type Run, silolint } from './command.ts'

const git = (cwd: string, ...args: string[]): string =>
  execFileSync(
    'git',
    ['-c', 'user.name=Kim', '-c', 'user.email=kim@example.org', '-c', 'init.defaultBranch=main', ...args],
    {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
const say = (thing: string): string => `The ${thing} are not our responsibility.`
const found = ({ stdout }: Run): Array<[string, number[]]> =>
  (JSON.parse(stdout) as Array<{ path: string; findings: Array<{ start: { line: number } }> }>)
    .filter(({ findings }) => findings.length)
    .map(({ path, findings }) => [path, findings.map(({ start }) => start.line)])
/** A repository whose branch `work` is checked out, one commit after `main`. */
async function repository(): Promise<string> {
  const long = Array.from({ length: 12 }, (_, line) => `Line ${line} of a page that stays as it is.`).join('\n\n')
  const cwd = await folderWith({ 'docs/old.md': `${say('keys')}\n\n${long}\n`, 'docs/other.md': `${say('lifts')}\n` })
  git(cwd, 'init', '-q')
  git(cwd, 'add', '.')
  git(cwd, 'commit', '-qm', 'begin')
  git(cwd, 'checkout', '-qb', 'work')
  return cwd
}

describe('--since', () => {
  it('shows findings on changed lines only: edited, committed, renamed and new', async () => {
    const cwd = await repository()
    const long = Array.from({ length: 12 }, (_, line) => `Line ${line} of a page that stays as it is.`).join('\n\n')
    renameSync(join(cwd, 'docs/old.md'), join(cwd, 'docs/renämed page.md'))
    writeFileSync(join(cwd, 'docs/renämed page.md'), `${say('keys')}\n\n${long}\n\n${say('badges')}\n`)
    git(cwd, 'add', '-A')
    git(cwd, 'commit', '-qm', 'rename and add')
    writeFileSync(join(cwd, 'docs/other.md'), `${say('lifts')}\n\n${say('doors')}\n`)
    mkdirSync(join(cwd, 'new'))
    writeFileSync(join(cwd, 'new/page.md'), `${say('plants')}\n`)
    const run = await silolint(['--since', 'main', '--format', 'json'], { cwd })
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(found(run)).toEqual([
      ['docs/other.md', [3]],
      ['docs/renämed page.md', [27]],
      ['new/page.md', [1]],
    ])
    // from a folder below, and of a file alone
    expect(found(await silolint(['other.md', '--since', 'main', '-f', 'json'], { cwd: join(cwd, 'docs') }))).toEqual([
      ['other.md', [3]],
    ])
  })

  it('counts from where the branch began, not what main got since', async () => {
    const cwd = await repository()
    git(cwd, 'checkout', '-q', 'main')
    writeFileSync(join(cwd, 'docs/other.md'), 'Something else.\n')
    git(cwd, 'commit', '-qam', 'change main')
    git(cwd, 'checkout', '-q', 'work')
    expect(await silolint(['--since', 'main'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  })

  it('that git cannot answer is a fault, and everything is shown', async () => {
    const cwd = await repository()
    const run = await silolint(['--since', 'mian', '--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stderr).toBe(
      'git knows no such commit for --since ("mian"). Name a commit, branch or tag, such as origin/main.\n',
    )
    expect(found(run)).toHaveLength(2)
    const plain = await silolint(['--since', 'main'], { cwd: await folderWith({ 'a.md': say('keys') }) })
    expect(plain).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a git repository') })
  })

  it('in a shallow clone works with what is there, and says what to fetch where it is not', async () => {
    const origin = await repository()
    writeFileSync(join(origin, 'docs/other.md'), `${say('lifts')}\n\n${say('doors')}\n`)
    git(origin, 'commit', '-qam', 'add doors')
    const cwd = join(await folderWith({}), 'clone')
    git(origin, 'clone', '-q', '--depth', '1', '--branch', 'work', `file://${origin}`, cwd)
    const missing = await silolint(['--since', 'origin/main'], { cwd })
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('fetch-depth: 0') })
    git(cwd, 'fetch', '-q', '--depth', '1', 'origin', 'main')
    const run = await silolint(['--since', 'FETCH_HEAD', '--format', 'json'], { cwd })
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(found(run)).toEqual([['docs/other.md', [3]]])
  })
})
