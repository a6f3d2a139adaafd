import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { folderWith } from './command.ts'

const run = promisify(execFile)

/** A project that has installed what `npm pack` makes of this repository, with the documents the example speaks of. */
let project: string
beforeAll(async () => {
  project = await folderWith({
    'package.json': '{"type":"module"}',
    'docs/keys.md': '# Keys\n\nThe keys are not our responsibility.\n',
    'docs/well.md': 'All is well.\n',
  })
  // dist/ is there already: building it again would take it away from the other tests
  const packed = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', project])
  const installed = join(project, 'node_modules/silolint')
  await mkdir(installed, { recursive: true })
  await run('tar', ['-xzf', join(project, packed.stdout.trim()), '-C', installed, '--strip-components=1'])
  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
  await mkdir(join(project, 'node_modules/@types'))
  for (const name of [...Object.keys(dependencies), '@types/unist', '@types/node'])
    await symlink(resolve('node_modules', name), join(project, 'node_modules', name), 'dir')
})

/** The examples of the README's section on programs. */
async function examples(): Promise<string[]> {
  const readme = await readFile('README.md', 'utf8')
  const section = readme.split('\n## In a program\n')[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code as string)
}

describe('the class Silolint, from the package', () => {
  test('does what the README shows', async () => {
    const example = (await examples()).find((code) => code.includes('new Silolint'))
    await writeFile(join(project, 'example.js'), example ?? 'throw new Error("The README has no example.")')
    const { stdout, stderr } = await run(process.execPath, ['example.js'], { cwd: project })
    expect(stderr).toBe(
      'policies: there is no such file or folder. Check the path; it is looked up from the current folder.\n',
    )
    expect(stdout).toMatch(
      /^docs\/keys\.md:3:10 “are not our responsibility” says .* \(disowning\)\n {2}→ are with \[team\]/,
    )
  })

  test('is typed', async () => {
    const code = (await examples()).find((one) => one.includes('new Silolint')) ?? ''
    await writeFile(join(project, 'example.ts'), code)
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { strict: true, noEmit: true, module: 'nodenext', target: 'es2022', types: ['node'] },
        files: ['example.ts'],
      }),
    )
    const { stdout } = await run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', project])
    expect(stdout).toBe('')
  })

  test('lints texts, says what is wrong with its options, and can be ended', async () => {
    const code = `import retextSilo, { lint, Silolint } from 'silolint'
      const faults = []
      const silolint = new Silolint({ rules: { disownin: 'off' }, onFault: ({ value, cure }) => faults.push([value, cure]) })
      const { findings } = await silolint.lintText('The keys are not our responsibility.', 'docs/a.txt')
      const ended = new Silolint({ signal: AbortSignal.abort(new Error('enough')) })
      const reason = await ended.lintText('').catch((error) => error.message)
      console.log(JSON.stringify([findings.map(({ ruleId }) => ruleId), faults, reason, typeof retextSilo, typeof lint]))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: project })
    expect(JSON.parse(stdout)).toEqual([
      ['disowning'],
      [['disownin', 'Did you mean "disowning"?']],
      'enough',
      'function',
      'function',
    ])
  })

  test('lints in threads from the package too, and keeps findings where it is told to', async () => {
    const filler = 'The customer has the answer on the same day. '.repeat(5000)
    await mkdir(join(project, 'long'))
    for (const name of ['a', 'b'])
      await writeFile(join(project, 'long', `${name}.md`), `${filler}\n\nThat is not our job, ${name}.\n`)
    const code = `import { Silolint } from 'silolint'
      for await (const { path, findings } of new Silolint({ concurrency: 2, cache: 'kept' }).lintFiles(['long']))
        console.log(path, findings.length)`
    const once = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: project })
    expect(once.stdout).toBe('long/a.md 1\nlong/b.md 1\n')
    expect((await readFile(join(project, 'kept/findings.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(3)
    expect(await run(process.execPath, ['--input-type=module', '-e', code], { cwd: project })).toEqual(once)
  })
})

describe('what V8 compiled', () => {
  const kept = async (): Promise<string[]> =>
    (await readdir(join(project, 'node_modules/silolint/dist'))).filter((name) => name.endsWith('.cache'))
  const lint = async (...args: string[]): Promise<string> => {
    const command = join(project, 'node_modules/silolint/dist/cli.js')
    const none = { stdout: 'nothing was printed' }
    return (await run(process.execPath, [command, ...args], { cwd: project }).catch((error) => error ?? none)).stdout
  }

  test('is kept beside the program once a document was linted, and changes nothing', async () => {
    for (const name of await kept()) await rm(join(project, 'node_modules/silolint/dist', name))
    await lint('--version')
    await lint('docs/well.md')
    expect(await kept(), 'little of it was compiled').toEqual([])
    const lines = Array.from({ length: 200 }, (_, at) => `The keys of house ${at} are in the safe.\n`)
    await writeFile(
      join(project, 'docs/keys.md'),
      ['# Keys\n', 'The keys are not our responsibility.\n', ...lines].join('\n'),
    )
    const first = await lint('docs', '--no-cache')
    expect(first).toContain('not our responsibility')
    const [name = '', ...others] = await kept()
    expect(others).toEqual([])
    expect(name).toContain(process.version)
    const path = join(project, 'node_modules/silolint/dist', name)
    const { mtimeMs } = await stat(path)
    expect(await lint('docs', '--no-cache')).toBe(first)
    expect((await stat(path)).mtimeMs, 'it is written once').toBe(mtimeMs)

    // half a file, one of which the end was never written, and one that is none of V8's, are made again
    const whole = await readFile(path)
    const half = whole.length >> 1
    for (const damaged of [
      whole.subarray(0, half),
      Buffer.from(whole).fill(0, half),
      Buffer.from('not what V8 writes'),
      Buffer.alloc(0),
    ]) {
      await writeFile(path, damaged)
      expect(await lint('docs', '--no-cache')).toBe(first)
      const again = await readFile(path)
      expect(again.length).toBeGreaterThan(half)
      expect(again.equals(damaged)).toBe(false)
    }

    // where nothing can be written each run does without
    await rm(path)
    await mkdir(join(path, 'in the way'), { recursive: true })
    expect(await lint('docs', '--no-cache')).toBe(first)
    expect(await kept()).toEqual([name])
    await rm(path, { recursive: true })
  })
})
