import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { formatNames } from '../cli/report.ts'
import { documentEndings } from '../engine/index.ts'
import manifest from '../package.json' with { type: 'json' }
import { folderWith, type Run, silolint } from './command.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const silo = 'Disputed invoices do not concern us.\n'
const has = (...formats: string[]): boolean => formats.every((name) => (formatNames as string[]).includes(name))

/** Runs a program as CI would, with nothing of this machine's CI in its environment. */
function run(
  file: string,
  args: string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Run> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(GITHUB_|CI|GITLAB_|GIT_|FORCE_COLOR|COLUMNS)/.test(name),
  )
  const options = { cwd, env: { ...Object.fromEntries(own), NO_COLOR: '1', ...env }, maxBuffer: 2 ** 30 }
  return new Promise((done, fail) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') fail(error)
      else done({ code: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}

const git = (cwd: string, ...args: string[]): string =>
  execFileSync(
    'git',
    [
      '-c',
      'user.name=A',
      '-c',
      'user.email=a@example.org',
      '-c',
      'commit.gpgsign=false',
      '-c',
      'protocol.file.allow=always',
      ...args,
    ],
    { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  ).trim()

/** A folder for PATH in which npx and npm run the built command and write down what they were asked for. */
let bin: string
beforeAll(async () => {
  bin = await folderWith({
    npx: `#!/bin/sh
printf '%s\\n' "$@" > "$(dirname "$0")/asked"
while [ "$1" != silolint ]; do shift; done
shift
exec "${process.execPath}" "${join(root, 'dist/cli.js')}" "$@"
`,
    npm: '#!/bin/sh\nprintf "%s\\n" "$@" > "$(dirname "$0")/asked"\n',
    silolint: `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'dist/cli.js')}" "$@"\n`,
  })
  for (const name of ['npx', 'npm', 'silolint']) await chmod(join(bin, name), 0o755)
})
const asked = (): string[] => readFileSync(join(bin, 'asked'), 'utf8').trim().split('\n')
const path = (): string => `${bin}:${process.env.PATH}`

test('everything that runs the published package runs the version of this one', () => {
  const { version } = manifest
  expect(parse(read('action.yml')).inputs.version.default).toBe(version)
  expect(parseAllDocuments(read('templates/silolint.yml'))[0]?.toJS().spec.inputs.version.default).toBe(version)
  expect(read('Dockerfile')).toContain(`ARG VERSION=${version}\n`)
  const named = [...read('README.md').matchAll(/(?:silolint@v|silolint\/v|rev: v)(\d[\w.-]*)/g)].map(
    ([, found]) => found,
  )
  expect(named).toEqual([version, version, version])
  expect(parse(read('.pre-commit-hooks.yaml'))[0].entry).toBe(`npx --yes --package=silolint@${version} -- silolint`)
})

describe('the Action', () => {
  const action = parse(read('action.yml'))
  const [step, upload] = action.runs.steps

  /** Calls the step as GitHub does: expressions replaced, its variables set, its line given to bash. */
  async function act(cwd: string, inputs: Record<string, string> = {}, base = ''): Promise<Run & { output: string }> {
    const value = (expression: string): string => {
      const input = /^inputs\.([a-z-]+)$/.exec(expression)?.[1]
      if (input) return inputs[input] ?? action.inputs[input].default
      if (expression === "inputs.changed-only == 'true' && github.event.pull_request.base.sha || ''")
        return (inputs['changed-only'] ?? action.inputs['changed-only'].default) === 'true' ? base : ''
      throw new Error(`GitHub's expression ${expression} is new to this test.`)
    }
    const filled = (text: string): string =>
      text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => value(expression))
    const output = join(await folderWith({ output: '', summary: '' }), 'output')
    const env = {
      ...Object.fromEntries(Object.entries<string>(step.env).map(([name, text]) => [name, filled(text)])),
      ...{ GITHUB_ACTIONS: 'true', CI: 'true', GITHUB_ACTION_PATH: root, GITHUB_WORKSPACE: cwd, GITHUB_OUTPUT: output },
      ...{ GITHUB_STEP_SUMMARY: join(dirname(output), 'summary'), PATH: path() },
    }
    const done = await run('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', step.run], { cwd, env })
    return { ...done, output: readFileSync(output, 'utf8') }
  }

  test('asks npx for the pinned version, and takes paths with spaces and options line by line', async () => {
    const cwd = await folderWith({ 'my docs/a b.md': silo, '-odd.md': silo, 'c.md': silo })
    const inputs = { paths: 'my docs\r\n\n  \n-odd.md', options: '--off=turf\n--exit-zero', 'fail-on': 'error' }
    await act(cwd, inputs)
    expect(asked()).toEqual([
      ...[
        '--yes',
        `--package=silolint@${manifest.version}`,
        '--',
        'silolint',
        '--format',
        'github',
        '--fail-on',
        'error',
      ],
      ...['--off=turf', '--exit-zero', '--', 'my docs', '-odd.md'],
    ])
  })

  test('puts no input into the script, where it would be run', () => {
    for (const { run: line = '' } of action.runs.steps) expect(line).not.toContain('${{')
    expect(read('action/run.sh')).not.toMatch(/\beval\b|GITHUB_TOKEN|secrets/)
  })

  test('uploads SARIF also when there are findings, never from a fork, and never fails by it', () => {
    expect(upload.if).toContain('always()')
    expect(upload.if).toContain('github.event.pull_request.head.repo.fork != true')
    expect(upload['continue-on-error']).toBe(true)
  })

  // vale-action #89 and #103: annotations changed the exit code
  test.skipIf(!has('github', 'sarif'))(
    'exits as the command line does: with warnings only, with errors, with faults',
    async () => {
      const cwd = await folderWith({ 'a b.md': silo.repeat(12) })
      const [found, errorsOnly, fault] = [
        await act(cwd, { sarif: 'out.sarif' }),
        await act(cwd, { 'fail-on': 'error' }),
        await act(cwd, { paths: 'missing.md' }),
      ]
      expect(found.code).toBe(1)
      // more than ten of a level: the log has them all
      expect(found.stdout.match(/^::warning file=a b\.md,/gm)).toHaveLength(12)
      expect(found.output).toBe(`exit-code=1\nsarif=${join(cwd, 'out.sarif')}\n`)
      expect(JSON.parse(readFileSync(join(cwd, 'out.sarif'), 'utf8')).runs[0].results).toHaveLength(12)
      expect(errorsOnly).toMatchObject({ code: 0, output: 'exit-code=0\n' })
      expect(fault).toMatchObject({ code: 2, output: 'exit-code=2\n' })
    },
  )

  /** A repository with a request: a file added, one changed, one renamed and changed, one deleted. */
  async function request() {
    const origin = await folderWith({
      ...{
        'changed.md': `${silo}\nKind words.\n`,
        'deleted.md': `Kind words, and many of them.\n\n${silo}`,
        'same.md': silo,
      },
      'old name.md': `${'We ring you back the same day. '.repeat(9)}\n\n${silo}\nKind words.\n`,
    })
    git(origin, 'init', '-q', '-b', 'main')
    git(origin, 'add', '.')
    git(origin, 'commit', '-q', '-m', 'base')
    const base = git(origin, 'rev-parse', 'HEAD')
    await writeFile(join(origin, 'changed.md'), `${silo}\nFaults on hired equipment lie outside our responsibility.\n`)
    await rm(join(origin, 'deleted.md'))
    await mkdir(join(origin, 'new folder'))
    await rename(join(origin, 'old name.md'), join(origin, 'new folder/new name.md'))
    const moved = join(origin, 'new folder/new name.md')
    await writeFile(moved, `${readFileSync(moved, 'utf8')}\nAllotment waiting lists do not fall within our remit.\n`)
    await writeFile(join(origin, 'added.md'), 'Broken trolleys have ceased to be our worry.\n')
    git(origin, 'add', '-A')
    git(origin, 'commit', '-q', '-m', 'request')
    return { origin, base }
  }

  // vale-action #12 and #22; a shallow clone, as actions/checkout makes it, and no token
  test.skipIf(!has('github'))(
    'on a pull request shows only what it changes, in a shallow clone of a fork too',
    async () => {
      const { origin, base } = await request()
      git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true')
      const cwd = join(await folderWith({}), 'my checkout')
      git(dirname(cwd), 'clone', '-q', '--depth=1', `file://${origin}`, cwd)
      const { code, stdout } = await act(cwd, {}, base)
      expect(code).toBe(1)
      expect([...stdout.matchAll(/^::\w+ file=([^,]+)/gm)].map(([, file]) => file).sort()).toEqual([
        'added.md',
        'changed.md',
        'new folder/new name.md',
      ])
      const all = await act(cwd, { 'changed-only': 'false' }, base)
      expect(all.stdout.match(/^::\w+ file=/gm)?.length).toBeGreaterThan(4)
    },
  )

  test('where the base cannot be fetched, it says so and shows everything', async () => {
    const { origin, base } = await request()
    const cwd = join(await folderWith({}), 'checkout')
    git(dirname(cwd), 'clone', '-q', '--depth=1', `file://${origin}`, cwd)
    git(cwd, 'remote', 'set-url', 'origin', 'file:///nowhere')
    const { stderr } = await act(cwd, {}, base)
    expect(stderr).toContain('::notice title=silolint::The commit that this request starts from could not be fetched')
    expect(asked()).not.toContain('--since')
  })
})

describe('the pre-commit hook', () => {
  const [hook] = parse(read('.pre-commit-hooks.yaml'))

  test('takes the documents that silolint reads, and no rule pages of a team', async () => {
    expect(hook.files).toBe(`(?i)\\.(${documentEndings.map((ending) => ending.slice(1)).join('|')})$`)
    expect('a/.silolint/rules/b.md').toMatch(new RegExp(hook.exclude))
    // the one that init writes takes the same
    const cwd = await folderWith({})
    await silolint(['init', '--pre-commit'], { cwd })
    const [own] = parse(readFileSync(join(cwd, '.pre-commit-config.yaml'), 'utf8')).repos[0].hooks
    expect(own).toMatchObject({ files: hook.files, exclude: hook.exclude, require_serial: true })
  })

  /** pre-commit from PATH or from PyPI, kept between runs; none where there is no Python or no network. */
  const cache = resolve(root, 'node_modules/.cache/pre-commit')
  const preCommit = (() => {
    try {
      if (!existsSync(join(cache, 'pre_commit')))
        execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--target', cache, 'pre-commit'], {
          stdio: 'ignore',
          timeout: 50_000,
        })
      execFileSync('python3', ['-m', 'pre_commit', '--version'], {
        stdio: 'ignore',
        env: { ...process.env, PYTHONPATH: cache },
      })
      return true
    } catch {
      return false
    }
  })()

  test.skipIf(!preCommit)('runs through the real pre-commit on staged documents only', async () => {
    const hooks = await folderWith({ '.pre-commit-hooks.yaml': read('.pre-commit-hooks.yaml') })
    git(hooks, 'init', '-q')
    git(hooks, 'add', '.')
    git(hooks, 'commit', '-q', '-m', 'hooks')
    const config = `repos:\n  - repo: ${hooks}\n    rev: ${git(hooks, 'rev-parse', 'HEAD')}\n    hooks:\n      - id: silolint\n        args: [--fail-on, warning]\n`
    const cwd = await folderWith({
      ...{ '.pre-commit-config.yaml': config, 'my notes.md': silo, 'not staged.md': silo, 'page.html': silo },
      '.silolint/rules/a.md': `---\nseverity: warning\nmessage: "a"\nphrases:\n  - a thing of ours\n---\n\n# A\n\n${silo}`,
    })
    git(cwd, 'init', '-q')
    git(cwd, 'add', '.pre-commit-config.yaml', 'my notes.md', 'page.html', '.silolint')
    const env = { PATH: path(), PYTHONPATH: cache, PRE_COMMIT_HOME: await folderWith({}) }
    const found = await run('python3', ['-m', 'pre_commit', 'run'], { cwd, env })
    expect(found.code).toBe(1)
    expect(found.stdout).toContain('Disputed invoices do not concern us.')
    expect(asked()).toEqual([
      '--yes',
      `--package=silolint@${manifest.version}`,
      '--',
      'silolint',
      '--fail-on',
      'warning',
      'my notes.md',
    ])
    await writeFile(join(cwd, 'my notes.md'), 'Send unpaid expenses to Anna, who pays them by Friday.\n')
    git(cwd, 'add', '.')
    git(cwd, 'rm', '-q', '--cached', 'not staged.md')
    expect((await run('python3', ['-m', 'pre_commit', 'run'], { cwd, env })).code).toBe(0)
  })
})

test.skipIf(!has('gitlab'))(
  'the GitLab template reports everything and fails a merge request by what it changes',
  async () => {
    const [head, body] = parseAllDocuments(read('templates/silolint.yml')).map((document) => document.toJS())
    const { script, artifacts } = body.silolint
    const cwd = await folderWith({ 'a.md': silo })
    git(cwd, 'init', '-q')
    git(cwd, 'add', '.')
    git(cwd, 'commit', '-q', '-m', 'base')
    const lines = script.map((line: string) =>
      line.replace(/\$\[\[ inputs\.([a-z-]+) \]\]/g, (_, name: string) => head.spec.inputs[name].default),
    )
    const pipeline = (env: Record<string, string>) =>
      run('sh', ['-e', '-c', lines.join('\n')], { cwd, env: { PATH: path(), ...env } })
    const base = git(cwd, 'rev-parse', 'HEAD')
    expect((await pipeline({ CI_MERGE_REQUEST_DIFF_BASE_SHA: base })).code).toBe(0)
    expect(asked()).toEqual(['install', '--global', '--silent', `silolint@${manifest.version}`])
    expect(JSON.parse(readFileSync(join(cwd, artifacts.reports.codequality), 'utf8'))).toHaveLength(1)
    expect((await pipeline({})).code).toBe(1)
  },
)

test('the Dockerfile installs the command of the package, has what --since needs, and runs as nobody special', () => {
  const steps = read('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .trim()
    .split(/\n+/)
  const known = /^(FROM|ARG|RUN|USER|WORKDIR|ENTRYPOINT|CMD) \S/
  for (const line of steps) expect(line).toMatch(known)
  expect(steps[0]).toMatch(/^FROM node:(22|24)-alpine$/)
  const install = steps.find((line) => line.startsWith('RUN')) ?? ''
  for (const part of ['apk add --no-cache git', `${manifest.name}@\${VERSION}`, 'safe.directory'])
    expect(install).toContain(part)
  expect(steps.indexOf('USER node')).toBeGreaterThan(steps.indexOf(install))
  const entry = JSON.parse(steps.find((line) => line.startsWith('ENTRYPOINT'))?.slice(11) ?? '')
  expect(entry).toEqual([manifest.name])
  expect(Object.keys(manifest.bin)).toContain(manifest.name)
})
