import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Cache } from '../cli/cache.ts'
import { type LintResult, Silolint } from '../dist/index.js'
import { walk } from '../engine/files.ts'
import { command, folderWith, silolint } from './command.ts'

// What a run does and keeps is counted, since that is the same on every machine. What it costs `npm run bench` tells.

const run = promisify(execFile)
const say = (thing: string): string => `The ${thing} are not our responsibility.\n`

/** A repository with so many documents, 50 in a folder, and a finding in each tenth of them. */
const repository = (count: number, more: Record<string, string> = {}): Promise<string> =>
  folderWith({
    '.git/HEAD': 'ref: refs/heads/main\n',
    ...Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `docs/${Math.floor(at / 50)}/${at}.md`,
        at % 10 ? `Answer ${at} is with the customer.\n` : say(`keys of ${at}`),
      ]),
    ),
    ...more,
  })

/** The parts of the program that a run of the command went through, as V8 tells them: of each function its own code. */
async function visited(args: string[], cwd: string): Promise<string[]> {
  const told = await folderWith({})
  const env = { ...process.env, NODE_V8_COVERAGE: told, NO_COLOR: '1' }
  await run(process.execPath, [command, '--exit-zero', '--concurrency', '1', ...args], { cwd, env })
  const program = command.replace('cli.js', 'program.js')
  const text = await readFile(program, 'latin1')
  const [name = ''] = await readdir(told)
  const { result } = JSON.parse(await readFile(join(told, name), 'utf8')) as {
    result: Array<{
      url: string
      functions: Array<{ ranges: Array<Record<'startOffset' | 'endOffset' | 'count', number>> }>
    }>
  }
  const { functions } = result.find(({ url }) => url.endsWith('/program.js')) ?? { functions: [] }
  const isVisited = new Uint8Array(text.length)
  // what is inside comes after what it is inside of
  const ranges = functions.map(({ ranges: [whole] }) => whole).filter((range) => range !== undefined)
  ranges.sort((one, other) => one.startOffset - other.startOffset || other.endOffset - one.endOffset)
  for (const { startOffset, endOffset, count } of ranges) isVisited.fill(count ? 1 : 0, startOffset, endOffset)
  const parts: string[] = []
  for (let from = isVisited.indexOf(1); from >= 0; ) {
    const end = isVisited.indexOf(0, from)
    parts.push(text.slice(from, end < 0 ? undefined : end))
    from = end < 0 ? -1 : isVisited.indexOf(1, end)
  }
  return parts
}

describe('an unchanged folder', () => {
  test('is looked up: no rule is loaded or compiled, no reader of documents, rule files or configurations', async () => {
    const cwd = await repository(60)
    const readsRules = (text: string): boolean => text.includes('"rules.bin"')
    const cold = await visited([], cwd)
    expect(cold.some(readsRules)).toBe(true)
    const warm = await visited([], cwd)
    expect(warm.length).toBeGreaterThan(3)
    expect(warm.some(readsRules)).toBe(false)
    const size = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0)
    // the arguments, the walk, the cache and one report
    expect(size(warm)).toBeLessThan(200_000)
    expect(size(warm)).toBeLessThan(size(cold) / 3)
  })

  test('of which one document changes has that one linted', async () => {
    const cwd = await repository(60)
    await silolint(['--exit-zero'], { cwd })
    const path = join(cwd, '.silolint/cache/findings.jsonl')
    const before = (await readFile(path, 'utf8')).split('\n')
    await writeFile(join(cwd, 'docs/0/1.md'), say('lifts'))
    await silolint(['--exit-zero'], { cwd })
    const after = (await readFile(path, 'utf8')).split('\n')
    // what is there stays as it is; one line is added, before what follows the last line feed
    expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1))
    expect(after).toHaveLength(before.length + 1)
  })

  test('knows what a configuration sets without compiling for it', async () => {
    const cwd = await repository(20, { '.silolintrc.json': '{"rules":{"disowning":"info"}}' })
    const cold = await silolint(['--format', 'json'], { cwd })
    expect(cold).toMatchObject({ code: 0, stderr: '' })
    expect(cold.stdout).toContain('"severity":"info"')
    expect(await silolint(['--format', 'json'], { cwd })).toEqual(cold)
    await writeFile(join(cwd, '.silolintrc.json'), '{"rules":{"disowning":"error"}}')
    expect((await silolint(['--format', 'json'], { cwd })).stdout).toContain('"severity":"error"')
  })
})

describe('a folder ten times as large', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  /** How many results are still held when the last document has been linted. */
  async function held(count: number): Promise<number> {
    const folder = await repository(count)
    const results: Array<WeakRef<LintResult>> = []
    let held = 0
    for await (const result of new Silolint().lintFiles([folder])) {
      results.push(new WeakRef(result))
      if (results.length < count) continue
      // what was looked at through a weak reference is kept for this turn
      await new Promise((done) => setTimeout(done, 10))
      collect()
      held = results.filter((one) => one.deref()).length
    }
    expect(results).toHaveLength(count)
    return held
  }

  test('is held in memory no more than a small one: what was reported is forgotten', async () => {
    expect(await held(50)).toBeLessThan(10)
    expect(await held(500)).toBeLessThan(10)
  })

  test('is found as it is linted', async () => {
    const folder = await repository(500)
    const faults: string[] = []
    const found: string[] = []
    for await (const { path } of new Silolint({ onFault: ({ problem }) => faults.push(problem) }).lintFiles([folder])) {
      // nobody has looked into the other folders yet, so nothing is missed there
      if (!found.length) for (let at = 1; at < 10; at++) await rm(join(folder, `docs/${at}`), { recursive: true })
      found.push(path)
    }
    expect(found).toHaveLength(50)
    expect(faults).toEqual([])
  })

  test('in four shards, merged, is one run byte for byte', async () => {
    const cwd = await repository(1000)
    const whole = await silolint(['--format', 'json'], { cwd })
    expect(whole).toMatchObject({ code: 1, stderr: '' })
    const parts = ['1', '2', '3', '4']
    await Promise.all(
      parts.map((part) => silolint(['--shard', `${part}/4`, '--exit-zero', '-f', `json=${part}.json`], { cwd })),
    )
    const merged = await silolint(['merge', ...parts.map((part) => `${part}.json`), '-f', 'json'], { cwd })
    expect(merged).toEqual(whole)
    expect(JSON.parse(merged.stdout)).toHaveLength(1000)
  })
})

test('documents are found in the order of their paths, and those that git sees', async () => {
  const folder = fc.constantFrom('a', 'b', 'docs', 'drafts', 'a-b')
  const path = fc
    .tuple(fc.array(folder, { maxLength: 3 }), fc.constantFrom('a.md', 'b.MD', 'keep.md', 'x.txt', 'x.png'))
    .map(([folders, name]) => [...folders, name].join('/'))
  const pattern = fc.constantFrom(
    ...['a/', '*.md', '!keep.md', 'drafts/', '/b', 'docs/*.md', '**/a', '!drafts/', '!b.MD', '/a/**', '!a/keep.md'],
    ...['docs', '*', '!*/', '# no pattern', 'keep.md  ', 'x.???', '[ab].md'],
  )
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(path, { minLength: 5, maxLength: 15 }),
      fc.array(fc.tuple(fc.nat(20), fc.array(pattern, { minLength: 1, maxLength: 4 })), { maxLength: 3 }),
      async (paths, ignores) => {
        const files = Object.fromEntries(paths.map((path) => [path, 'x\n']))
        for (const [at, patterns] of ignores) {
          const beside = at % (paths.length + 1)
          const place = beside < paths.length ? dirname(paths[beside] as string) : '.'
          files[join(place, '.gitignore')] = `${patterns.join('\n')}\n`
        }
        const root = await folderWith(files)
        await run('git', ['init', '--quiet', root])
        // as on a disk that does not tell capitals apart: ignoring is careful there
        const options = ['-c', 'core.ignoreCase=true', 'ls-files', '--others', '--exclude-standard', '-z']
        const { stdout } = await run('git', options, { cwd: root })
        const seen = stdout.split('\0').filter((path) => /\.(?:md|txt)$/i.test(path))
        expect([...walk(root)].filter((path) => path !== undefined)).toEqual(seen.sort())
      },
    ),
    { numRuns: 25 },
  )
}, 120_000)

test('what is in a folder is told under the name that its documents give it', async () => {
  const root = await folderWith({ 'a.md': 'x', 'docs/b.md': 'x', 'docs/old/c.md': 'x' })
  const listed = new Map<string, readonly string[]>()
  const paths = [...walk(root, { onListed: (folder, names) => listed.set(folder, names) })]
  for (const path of paths) expect(listed.get(dirname(join(root, path as string)))).toContain(basename(path as string))
})

describe('the file of the cache', () => {
  const key = (at: number): string => `${'k'.repeat(2)}${String(at).padStart(6, '0')}${'x'.repeat(35)}`
  const text = (word: string): string => JSON.stringify({ messages: [], data: { word } })
  const lines = async (folder: string): Promise<string[]> =>
    (await readFile(join(folder, 'findings.jsonl'), 'utf8')).trim().split('\n').slice(1)

  test('has what was linted before a run was killed', async () => {
    const folder = join(await folderWith({}), 'cache')
    const killed = new Cache(folder)
    for (let at = 0; at < 2000; at++) killed.set(key(at), text(`word ${at}`))
    const next = new Cache(folder)
    expect(next.note).toBeUndefined()
    const found = Array.from({ length: 2000 }, (_, at) => next.get(key(at)))
    expect(found.filter((one, at) => one === text(`word ${at}`)).length).toBeGreaterThan(1000)
    // the run that goes on knows all of it
    expect(killed.get(key(0))).toBe(text('word 0'))
    expect(killed.get(key(1999))).toBe(text('word 1999'))
  })

  test('is added to by several at once, and what broke off in the middle of a line costs that line', async () => {
    const folder = join(await folderWith({}), 'cache')
    const [one, two] = [new Cache(folder), new Cache(folder)]
    for (let at = 0; at < 100; at++) (at % 2 ? one : two).set(key(at), text(`word ${at}`))
    expect([one.save(), two.save()]).toEqual([undefined, undefined])
    const path = join(folder, 'findings.jsonl')
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, -30))
    const third = new Cache(folder)
    for (let at = 100; at < 110; at++) third.set(key(at), text(`word ${at}`))
    expect(third.save()).toBeUndefined()
    const last = new Cache(folder)
    const found = Array.from({ length: 110 }, (_, at) => last.get(key(at)))
    expect(found.filter((one) => one === undefined)).toHaveLength(1)
    expect(found.filter((one, at) => one === text(`word ${at}`))).toHaveLength(109)
  })

  test('is cleared up once a third of it is out of use, and until then only grows', async () => {
    const folder = join(await folderWith({}), 'cache')
    const cache = new Cache(folder)
    for (let at = 0; at < 100; at++) cache.set(key(at), text('first'))
    cache.save()
    const again = async (count: number, word: string): Promise<number> => {
      const cache = new Cache(folder)
      for (let at = 0; at < count; at++) cache.set(key(at), text(word))
      cache.save()
      // the next run sees how much is out of use
      new Cache(folder).save()
      return (await lines(folder)).length
    }
    expect(await again(40, 'other')).toBe(140)
    expect(await again(40, 'third')).toBe(100)
    const last = new Cache(folder)
    expect([last.get(key(0)), last.get(key(99))]).toEqual([text('third'), text('first')])
    expect(await readdir(folder)).toEqual(['.gitignore', 'findings.jsonl'])
  })

  test('may hold a line of many megabytes between others', async () => {
    const folder = join(await folderWith({}), 'cache')
    const cache = new Cache(folder)
    const long = text('word '.repeat(700_000))
    cache.set(key(1), text('before'))
    cache.set(key(2), long)
    cache.set(key(3), text('behind'))
    cache.save()
    const next = new Cache(folder)
    expect([next.get(key(3)), next.get(key(1))]).toEqual([text('behind'), text('before')])
    expect(next.get(key(2)) === long).toBe(true)
    expect(next.get(key(3))).toBe(text('behind'))
  })

  test('that a folder stands in the place of is told, and costs time only', async () => {
    const folder = await folderWith({})
    await mkdir(join(folder, 'findings.jsonl'))
    const cache = new Cache(folder)
    expect(cache.note).toMatch(/the cache cannot be read \(EISDIR\), so it is made anew/)
    cache.set(key(1), text('word'))
    expect(cache.get(key(1))).toBe(text('word'))
    expect(cache.save()).toMatch(/the cache cannot be written \(EISDIR\)/)
    expect((await stat(join(folder, 'findings.jsonl'))).isDirectory()).toBe(true)
  })
})
