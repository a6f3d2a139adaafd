import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Workers } from '../cli/workers.ts'
import { type LintResult, Silolint, type SilolintOptions, severityOf } from '../dist/index.js'
import { command, folderWith, silolint } from './command.ts'

const say = (thing: string): string => `The ${thing} are not our responsibility.\n`
const cacheFile = 'findings.jsonl'

/** A repository, where the cache has a place of its own. */
const repository = (files: Record<string, string>): Promise<string> =>
  folderWith({ '.git/HEAD': 'ref: refs/heads/main\n', ...files })

async function lint(paths: string[], options: SilolintOptions = {}): Promise<LintResult[]> {
  const results: LintResult[] = []
  for await (const result of new Silolint(options).lintFiles(paths)) results.push(result)
  return results
}

const reasons = (results: readonly LintResult[]): string[] =>
  results.flatMap(({ findings }) => findings.map(({ reason }) => reason))

/** Rewrites the entries of a cache, so that a test sees which findings come from it. */
async function mark(folder: string): Promise<void> {
  const path = join(folder, cacheFile)
  const lines = (await readFile(path, 'utf8')).split('\n').map((line) => {
    const [, key, day, text] = /^(\S{43}) (\S{10}) \S{11} (\{.*)$/.exec(line) ?? []
    if (!text) return line
    const marked = text.replace(/"reason":"[^"]*"/g, '"reason":"kept"')
    return `${key} ${day} ${createHash('sha256').update(marked).digest('base64url').slice(0, 11)} ${marked}`
  })
  await writeFile(path, lines.join('\n'))
}

/** A running command, with what it has said so far. */
function start(args: string[], cwd: string): { child: ChildProcess; out(): string; err(): string } {
  const child = spawn(process.execPath, [command, ...args], { cwd, env: { ...process.env, NO_COLOR: '1' } })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  return { child, out: () => out, err: () => err }
}
const ended = ({ child }: { child: ChildProcess }): Promise<number | null> =>
  new Promise((done) => child.on('close', (code) => done(code)))
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 20))
}

describe('the cache', () => {
  test('keeps findings for later runs, is ignored by git and says nothing of where it lies', async () => {
    const cwd = await repository({ 'a.md': say('keys'), 'docs/b.txt': say('lifts') })
    const cold = await silolint(['--format', 'json'], { cwd })
    expect(cold).toMatchObject({ code: 1, stderr: '' })
    const folder = join(cwd, '.silolint/cache')
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('*\n')
    const text = await readFile(join(folder, cacheFile), 'utf8')
    expect(text).not.toContain(cwd)
    // scripts shared with other linters say it so
    const warm = await silolint(['--cache', '--cache-strategy', 'content', '--format', 'json'], { cwd })
    expect(warm).toEqual(cold)
    expect(await readFile(join(folder, cacheFile), 'utf8')).toBe(text)
    await mark(folder)
    expect((await silolint(['--format', 'json'], { cwd })).stdout).toContain('"message":"kept"')
    expect(await silolint(['--format', 'json', '--no-cache'], { cwd })).toEqual(cold)
  })

  test('belongs to the packages of an npm project where there are some, or to the folder that is named', async () => {
    const cwd = await repository({ 'a.md': say('keys'), 'package.json': '{}', 'node_modules/x/index.js': '' })
    await silolint([], { cwd })
    expect(await readdir(join(cwd, 'node_modules/.cache/silolint'))).toContain(cacheFile)
    await silolint(['--cache-location', 'elsewhere'], { cwd })
    expect(await readdir(join(cwd, 'elsewhere'))).toContain(cacheFile)
    expect(existsSync(join(cwd, '.silolint'))).toBe(false)
    // outside of a project there is no place where anybody would look for it
    const nowhere = await folderWith({ 'a.md': say('keys') })
    await silolint([], { cwd: nowhere })
    expect(await readdir(nowhere)).toEqual(['a.md'])
  })

  test('holds for the same text anywhere, and not once text, format, settings or rules are others', async () => {
    const own = '---\nmessage: "own"\nphrases: [utilise]\n---\n\n# Own\n'
    const files = { 'a.md': say('keys'), '.silolint/rules/own.md': own }
    const first = await repository(files)
    const cache = join(await folderWith({}), 'cache')
    const before = reasons(await lint([first], { cache }))
    expect(before).toHaveLength(1)
    await mark(cache)
    const marked = join(await folderWith({}), 'marked')
    await cp(cache, marked, { recursive: true })
    const again = async (changed: Record<string, string>, options: SilolintOptions = {}): Promise<string[]> => {
      await rm(cache, { recursive: true })
      await cp(marked, cache, { recursive: true })
      return reasons(await lint([await repository({ ...files, ...changed })], { cache, ...options }))
    }
    expect(await again({})).toEqual(['kept'])
    expect(await again({ 'b.md': say('keys') })).toEqual(['kept', 'kept'])
    expect(await again({ 'a.md': say('lifts') })).toEqual([expect.stringContaining('not our')])
    expect(await again({ 'b.txt': say('keys') })).toEqual(['kept', ...before])
    expect(await again({ '.silolintrc.json': '{"rules":{"disowning":"error"}}' })).toEqual(before)
    expect(await again({ '.silolintrc.json': '{"vocabularies":{"function":["the depot"]}}' })).toEqual(before)
    expect(await again({ '.silolint/rules/own.md': own.replace('utilise', 'leverage') })).toEqual(before)
    expect(await again({}, { only: ['disowning'] })).toEqual(before)
    // neither the baseline nor --since is part of what is kept
    const entry = { rule: 'disowning', headings: [], sentence: say('keys').trim() }
    const accepted = JSON.stringify({ version: 1, findings: { 'a.md': [entry] } })
    expect(await again({ '.silolint/baseline.json': accepted })).toEqual([])
  })

  test('gives the same with comments that hide findings, overrides and a baseline, from threads too', async () => {
    const comment = (words: string) => `<!-- silolint-disable-next-line ${words} -->\n\n`
    const document = [
      comment('disowning until=2999-12-31 -- quoted') + say('keys'),
      comment('disowning until=2020-01-01 -- old') + say('lifts'),
      comment('turf -- nothing of it is left') + say('doors'),
      'We utilise the depot.\n',
    ].join('\n')
    const entry = { rule: 'disowning', headings: [], sentence: say('doors').trim() }
    const filler = `${'The customer has the answer on the same day. '.repeat(5000)}\n\n`
    const folder = await repository({
      'a.md': document,
      'strict/b.md': filler + document,
      'strict/c.md': document + filler,
      '.silolint/baseline.json': JSON.stringify({ version: 1, findings: { 'a.md': [entry] } }),
      '.silolint/rules/own.md': '---\nseverity: info\nmessage: "own"\nphrases: [utilise]\n---\n\n# Own\n',
      'house.yaml': 'overrides: [{ files: "strict/*.md", rules: { disowning: error, own: warning } }]\n',
    })
    const cache = join(folder, 'cache')
    const options = { configuration: join(folder, 'house.yaml') }
    const plain = await lint([folder], options)
    const text = JSON.stringify(plain)
    expect(JSON.stringify(await lint([folder], { ...options, cache, concurrency: 2 }))).toBe(text)
    expect(JSON.stringify(await lint([folder], { ...options, cache }))).toBe(text)
    await mark(cache)
    expect(new Set(reasons(await lint([folder], { ...options, cache })))).toEqual(new Set(['kept']))
    const [first, second] = plain
    const found = (result?: LintResult) => result?.findings.map((finding) => `${finding.ruleId} ${severityOf(finding)}`)
    const comments = ['silolint/unused-suppression warning', 'silolint/expired-suppression warning']
    expect(found(first)?.sort()).toEqual(['disowning warning', 'own info', ...comments].sort())
    expect(found(second)?.sort()).toEqual(['disowning error', 'disowning error', 'own warning', ...comments].sort())
    expect([first?.known.length, first?.suppressed.length, first?.suppressions.length]).toEqual([1, 1, 3])
  })

  test('that is damaged costs time only', async () => {
    const folder = await repository({ 'a.md': say('keys'), 'b.md': say('lifts') })
    const cache = join(folder, 'cache')
    const notes: string[] = []
    const options = { cache, onNote: (note: string) => notes.push(note) }
    const whole = reasons(await lint([folder], options))
    expect(whole).toHaveLength(2)
    await mark(cache)
    const text = await readFile(join(cache, cacheFile), 'utf8')
    // one entry is not what was written, the other breaks off
    const [head, one = '', two = ''] = text.split('\n')
    await writeFile(join(cache, cacheFile), [head, one.replace('"kept"', '"bent"'), two.slice(0, -20)].join('\n'))
    expect(reasons(await lint([folder], options))).toEqual(whole)
    expect(notes).toEqual([])
    await writeFile(join(cache, cacheFile), '\u0000\u0001 nothing of ours')
    const linter = new Silolint(options)
    // as while a folder is watched
    for (let run = 0; run < 2; run++) {
      const results: LintResult[] = []
      for await (const result of linter.lintFiles([folder])) results.push(result)
      expect(reasons(results)).toEqual(whole)
    }
    expect(notes).toEqual([expect.stringContaining('not a cache that this version of silolint can read')])
    notes.length = 0
    expect(reasons(await lint([folder], options))).toEqual(whole)
    expect(notes).toEqual([])
  })

  test('forgets what nobody has asked for in a long time', async () => {
    const folder = await repository({ 'a.md': say('keys') })
    const cache = join(folder, 'cache')
    await lint([folder], { cache })
    const path = join(cache, cacheFile)
    await writeFile(path, (await readFile(path, 'utf8')).replace(/ \d{4}-\d\d-\d\d /, ' 2020-01-01 '))
    await writeFile(join(folder, 'a.md'), say('lifts'))
    await lint([folder], { cache })
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(2)
  })

  test('that two runs write at once is whole', async () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`${at}.md`, say(`keys of ${at}`)]))
    const folder = await repository(files)
    const cache = join(folder, 'cache')
    const runs = await Promise.all([lint([folder], { cache }), lint([folder], { cache })])
    expect(runs[0]).toHaveLength(40)
    await mark(cache)
    expect(new Set(reasons(await lint([folder], { cache })))).toEqual(new Set(['kept']))
  })

  test.skipIf(process.platform === 'win32')('that cannot be written is said, and changes no exit code', async () => {
    const cwd = await repository({ 'a.md': 'All is well.\n', file: '' })
    const run = await silolint(['--cache-location', 'file/cache'], { cwd })
    expect(run).toMatchObject({ code: 0, stderr: expect.stringMatching(/cache cannot be (read|written) \(ENOTDIR\)/) })
  })
})

describe('threads', () => {
  test('give the same findings in the same order', async () => {
    const filler = `${'The customer has the answer on the same day. '.repeat(5000)}\n\n`
    const folder = await repository({
      'a.md': filler + say('keys'),
      'b.md': say('lifts'),
      'c.md': `${say('doors')}\n${filler}`,
    })
    const cache = join(folder, 'cache')
    const progress: Array<[number, number]> = []
    const onProgress = ({ done, findings }: { done: number; findings: number }) => progress.push([done, findings])
    const threads = await lint([folder], { concurrency: 2, cache, onProgress })
    expect(threads.map(({ findings }) => findings.map(({ ruleId }) => ruleId))).toEqual([
      ['disowning'],
      ['disowning'],
      ['disowning'],
    ])
    expect(progress).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
    const plain = await lint([folder])
    const bare = (results: LintResult[]) => results.map(({ findings }) => findings.map((finding) => ({ ...finding })))
    expect(bare(threads)).toEqual(bare(plain))
    await mark(cache)
    expect(new Set(reasons(await lint([folder], { cache })))).toEqual(new Set(['kept']))
  })

  test('a document that crashes or hangs its thread costs itself only', async () => {
    const pool = pathToFileURL(createRequire(import.meta.url).resolve('workerpool')).href
    const folder = await folderWith({
      'thread.mjs': `import pool from ${JSON.stringify(pool)}
        pool.worker({ lint({ source }) {
          if (source === 'crash') process.exit(1)
          if (source === 'hang') for (;;);
          if (source === 'throw') throw new Error('thrown')
          return source
        } })`,
    })
    const workers = new Workers({ trusted: true }, 2, { script: join(folder, 'thread.mjs'), secondsPerMegabyte: 10 })
    const sources = ['one', 'crash', 'two', 'hang', 'throw', 'three']
    const settled = await Promise.allSettled(sources.map((source) => workers.lint({ file: '', path: '', source })))
    await workers.close()
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : 'failed'))).toEqual([
      'one',
      'failed',
      'two',
      'failed',
      'failed',
      'three',
    ])
    expect(String((settled[3] as PromiseRejectedResult).reason)).toContain('given up after 2 seconds')
  })
})

describe('shards', () => {
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [`docs/${at} é.md`, at % 3 ? '' : say('keys')]),
  )

  test('merged are one run, byte for byte in JSON', async () => {
    const cwd = await repository(files)
    const whole = await silolint(['--format', 'json'], { cwd })
    for (const part of ['1', '2'])
      await silolint(['--shard', `${part}/2`, '--exit-zero', '--format', `json=${part}.json`], { cwd })
    const counts = await Promise.all(
      ['1.json', '2.json'].map(async (file) => JSON.parse(await readFile(join(cwd, file), 'utf8')).length),
    )
    expect(counts[0]).toBeGreaterThan(0)
    expect(counts[1]).toBeGreaterThan(0)
    expect(counts[0] + counts[1]).toBe(12)
    expect(await silolint(['merge', '2.json', '1.json', '--format', 'json'], { cwd })).toEqual(whole)
    // JSON lines know the documents with findings only
    const lines = (JSON.parse(whole.stdout) as Array<{ path: string; findings: object[] }>).flatMap(
      ({ path, findings }) => findings.map((finding) => `${JSON.stringify({ path, ...finding })}\n`),
    )
    expect(lines).toHaveLength(4)
    await writeFile(join(cwd, 'all.jsonl'), lines.join(''))
    const joined = await silolint(['merge', 'all.jsonl', '-f', 'json'], { cwd })
    expect(JSON.parse(joined.stdout)).toEqual(
      JSON.parse(whole.stdout).filter(({ findings }: { findings: object[] }) => findings.length),
    )
    // in other formats too, and with the documents out of reach
    expect(await silolint(['merge', '1.json', '2.json'], { cwd })).toEqual(await silolint([], { cwd }))
    await rm(join(cwd, 'docs'), { recursive: true })
    expect((await silolint(['merge', '1.json', '2.json', '--fail-on', 'error'], { cwd })).stdout).toContain(
      'are not our responsibility\n',
    )
  })

  test('of which a report is missing, broken off or something else are told, and the others printed', async () => {
    const cwd = await repository({
      'good.json': '[\n{"path":"a.md","findings":[]}\n]\n',
      'broken.json': '[\n{"path":"b.md","findings":[]}',
      'other.sarif': '{"version":"2.1.0","runs":[]}',
    })
    const run = await silolint(['merge', 'good.json', 'broken.json', 'other.sarif', 'gone.json', '-f', 'json'], { cwd })
    expect(run).toMatchObject({ code: 2, stdout: '[\n{"path":"a.md","findings":[]}\n]\n' })
    expect(run.stderr).toMatch(/broken\.json: this JSON is broken off or damaged\. Have each run write one with/)
    expect(run.stderr).toMatch(/other\.sarif:1: this is not a JSON or JSON lines report of silolint/)
    expect(run.stderr).toMatch(/gone\.json: there is no such report/)
    const shard = await silolint(['--shard', '3/2'], { cwd })
    expect(shard).toMatchObject({ code: 2, stderr: expect.stringContaining('such as 2/8') })
  })
})

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  test('ends a scan of many files in the middle: nothing half-written, nothing claimed to be all', async () => {
    const files = Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`${at}.md`, say(`keys of ${at}`)]))
    const cwd = await repository(files)
    const run = start(['--format', 'json', '--format', 'json=all.json'], cwd)
    await until(() => run.out().includes('"path"'))
    run.child.kill('SIGINT')
    expect(await ended(run)).toBe(130)
    expect(run.err()).toMatch(/^Interrupted after [\d,]+ of 1,500 documents: what was printed is not all/)
    expect(() => JSON.parse(run.out())).toThrow()
    expect((await readdir(cwd)).filter((name) => name.includes('.json'))).toEqual([])
    // what was done is not done again
    expect(await readdir(join(cwd, '.silolint/cache'))).toEqual(['.gitignore', cacheFile])
  })

  test('ends a run that waits for stdin, and SIGTERM does', async () => {
    const cwd = await folderWith({})
    const run = start(['-'], cwd)
    // more than a pipe holds: once it is gone, somebody is reading
    await new Promise((done) => run.child.stdin?.write('x '.repeat(500_000), done))
    run.child.kill('SIGTERM')
    expect(await ended(run)).toBe(143)
    expect(run.err()).toBe('Interrupted before anything was linted.\n')
  })

  test('ends --watch, which lints again what changes, and everything when configuration or rules do', async () => {
    const cwd = await repository({ 'a.md': say('keys'), 'b.md': say('lifts') })
    const run = start(['--watch'], cwd)
    const passes = () => run.err().split('Watching').length - 1
    // not counted exactly: a file that is emptied and then written may be heard of twice
    await until(() => passes() >= 1)
    expect(run.out()).toContain('2 findings in 2 of 2 documents')
    await writeFile(join(cwd, 'a.md'), 'All is well.\n')
    await until(() => run.err().includes('a.md changed.\n') && run.out().includes('No findings in 1 document.'))
    await writeFile(join(cwd, '.silolintrc.json'), '{"rules":{"disowning":"off"}}')
    await until(() => run.out().includes('No findings in 2 documents.'))
    expect(run.err()).toContain('.silolintrc.json changed; everything is linted again.')
    await mkdir(join(cwd, 'new'))
    await writeFile(join(cwd, 'new/c.md'), say('doors'))
    await until(() => run.err().includes('Watching 3 documents. Ctrl-C ends it.'))
    run.child.kill('SIGINT')
    expect(await ended(run)).toBe(0)
  })

  test('--watch hears of a configuration that comes into force from above what it watches', async () => {
    const cwd = await repository({ 'docs/policies/a.md': say('keys') })
    const run = start(['docs/policies', '--watch'], cwd)
    const passes = () => run.err().split('Watching').length - 1
    await until(() => passes() >= 1)
    await writeFile(join(cwd, '.silolintrc.json'), '{"rules":{"disowning":"info"}}')
    await until(() => run.out().includes('1 info'))
    expect(run.err()).toContain('.silolintrc.json changed; everything is linted again.')
    await writeFile(join(cwd, 'docs/.silolintrc.json'), '{"rules":{"disowning":"off"}}')
    await until(() => run.out().includes('No findings in 1 document.'))
    await mkdir(join(cwd, '.silolint/rules'), { recursive: true })
    await writeFile(join(cwd, '.silolint/rules/own.md'), '---\nseverity: loud\n---\n')
    await until(() => run.err().includes('.silolint/rules/own.md:2:11:'))
    run.child.kill('SIGINT')
    expect(await ended(run)).toBe(0)
  })
})

test('a long document is linted in a thread even alone: Ctrl-C is heard, and one that hangs can be given up', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 5)
  const { findings } = await new Silolint().lintText(say('keys').repeat(8000))
  clearInterval(timer)
  expect(findings).toHaveLength(8000)
  expect(turns).toBeGreaterThan(5)
})

describe.skipIf(!existsSync('/usr/bin/script') || process.platform !== 'linux')('progress', () => {
  test('is shown at a terminal where it takes long, and taken away before anything else is printed', async () => {
    const text = (at: number): string => say(`keys of ${at}`).repeat(50)
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`${at}.md`, text(at)]))
    const cwd = await folderWith(files)
    const child = spawn('script', ['-qec', `"${process.execPath}" "${command}" --no-cache`, '/dev/null'], { cwd })
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stdin.end()
    await ended({ child })
    const pieces = out.split('\r\u001B[K')
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.pop()).not.toContain(' left')
    for (const piece of pieces)
      expect(piece).toMatch(/(?:^|\n)\d+ of 200 documents, [\d,]+ findings?, about \d+ s left$/)
  })
})

describe.skipIf(process.platform === 'win32')('what disks do', () => {
  test('a loop of links is walked once, and a name that is no UTF-8 is told', async () => {
    const cwd = await folderWith({ 'docs/a.md': say('keys') })
    await symlink(cwd, join(cwd, 'docs/loop'))
    await writeFile(Buffer.concat([Buffer.from(join(cwd, 'docs/b')), Buffer.from([0xe9]), Buffer.from('.md')]), 'x')
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/b\uFFFD\.md: the name of this file is not valid UTF-8\. Rename it\.\n/)
    expect(JSON.parse(run.stdout)).toMatchObject([{ path: 'docs/a.md' }])
  })

  test('runs side by side each read their own documents', async () => {
    const folder = await folderWith({ 'a.md': say('keys'), 'b.md': 'The customer has the answer.\n' })
    const paths = ['a.md', 'b.md'].map((name) => join(folder, name))
    const runs = await Promise.all(paths.map((path) => lint([path])))
    expect(runs.map((results) => results.map(({ source }) => source))).toEqual(
      await Promise.all(paths.map(async (path) => [await readFile(path, 'utf8')])),
    )
    expect(runs.flat().map(({ findings }) => findings.length)).toEqual([1, 0])
    const linter = new Silolint()
    const documents = await linter.find([folder])
    expect(await Promise.all(documents.map((document) => linter.read(document)))).toEqual(
      runs.flat().map(({ source }) => source),
    )
  })

  test('a folder that vanishes after it was walked is told, and the rest is linted', async () => {
    const folder = await folderWith({ 'a.md': say('keys'), 'gone/b.md': say('lifts'), 'c.md': say('doors') })
    const faults: string[] = []
    const linter = new Silolint({ onFault: ({ path, problem, cure }) => faults.push(`${path}: ${problem}. ${cure}`) })
    const documents = await linter.find([folder])
    expect(documents).toHaveLength(3)
    await rm(join(folder, 'gone'), { recursive: true })
    const found: string[] = []
    for await (const { path } of linter.lint(documents)) found.push(path)
    expect(found).toEqual([join(folder, 'a.md'), join(folder, 'c.md')])
    expect(faults).toEqual([expect.stringMatching(/b\.md: there is no such file\. It went away while silolint ran/)])
  })

  test('a folder that vanishes while it is walked costs its own documents only', async () => {
    const names = Array.from({ length: 400 }, (_, at) => `gone/${at}/${at}.md`)
    const folder = await folderWith({ 'a.md': say('keys'), ...Object.fromEntries(names.map((name) => [name, 'x'])) })
    const faults: string[] = []
    const linter = new Silolint({ onFault: ({ problem, cure }) => faults.push(`${problem}. ${cure}`) })
    const walk = linter.find([folder])
    await new Promise((done) => setTimeout(done, 5))
    rmSync(join(folder, 'gone'), { recursive: true })
    const documents = await walk
    const found: string[] = []
    for await (const { path } of linter.lint(documents)) found.push(path)
    expect(found).toEqual([join(folder, 'a.md')])
    expect(faults).toHaveLength(documents.length - 1)
    for (const fault of faults) expect(fault).toMatch(/It went away while silolint ran/)
  })

  test('a disk that takes no more is told of a report, a baseline, a cache and a fixed document, and nothing is lost', async () => {
    const rule =
      '---\nseverity: warning\nmessage: "Short."\nsafe: true\nphrases: [utilise]\nrewrites: [use]\n---\n\n# Own\n\nWhy.\n'
    const long = `We utilise it. ${say('keys')}${'All is well here. '.repeat(100)}\n`
    const cwd = await repository({ 'a.md': long, '.silolint/rules/own.md': rule, 'out.json': 'the last report' })
    // no file may grow beyond nothing, which any user can have
    const full = async (...args: string[]): Promise<{ code: number | null; err: string }> => {
      const script = 'ulimit -f 0; exec "$0" "$@"'
      const child = spawn('bash', ['-c', script, process.execPath, command, ...args], { cwd })
      let err = ''
      child.stderr.on('data', (chunk) => {
        err += chunk
      })
      return { code: await ended({ child }), err }
    }
    const report = await full('-f', 'json=out.json')
    expect(report.code).toBe(2)
    expect(report.err).toMatch(
      /out\.json: the report cannot be written \(EFBIG\)\. Check its folder, its permissions and the/,
    )
    expect(report.err).toMatch(/the cache cannot be written \(EFBIG\), so the next run reads everything anew/)
    expect(await readFile(join(cwd, 'out.json'), 'utf8')).toBe('the last report')
    const baseline = await full('baseline', '--no-cache')
    expect(baseline.code).toBe(2)
    expect(baseline.err).toMatch(/the baseline cannot be written \(EFBIG\)\. Check its folder and the disk\.\n$/)
    const fix = await full('--fix', '--no-cache')
    expect(fix.code).toBe(2)
    expect(fix.err).toMatch(/a\.md: the document cannot be written \(EFBIG\)/)
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toBe(long)
    expect((await readdir(cwd)).sort()).toEqual(['.git', '.silolint', 'a.md', 'out.json'])
  })

  test.skipIf(process.platform !== 'linux')('a full disk is told, whether of a report or of stdout', async () => {
    const cwd = await folderWith({ 'a.md': say('keys') })
    const report = await silolint(['-o', '/dev/full'], { cwd })
    expect(report).toMatchObject({ code: 2, stderr: expect.stringMatching(/report cannot be written \(ENOSPC\)/) })
    const child = spawn('sh', ['-c', `"${process.execPath}" "${command}" > /dev/full`], { cwd })
    let text = ''
    child.stderr.on('data', (chunk) => {
      text += chunk
    })
    expect(await ended({ child })).toBe(2)
    expect(text).toMatch(/could not be written.*ENOSPC/)
  })

  test('a reader that has seen enough (| head) ends the run quietly', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at}.md`, say(`keys of ${at}`)]))
    const cwd = await folderWith(files)
    const child = spawn('sh', ['-c', `"${process.execPath}" "${command}" | head -n 1`], { cwd })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    expect(await ended({ child })).toBe(0)
    expect([out, err]).toEqual(['0.md\n', ''])
  })
})
