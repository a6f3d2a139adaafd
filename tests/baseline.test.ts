import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatNames } from '../cli/report.ts'
import { folderWith, silolint } from './command.ts'

const found = (stdout: string): string[] =>
  (JSON.parse(stdout) as Array<{ findings: Array<{ actual: string }> }>).flatMap(({ findings }) =>
    findings.map(({ actual }) => actual),
  )

/** A handbook in which 30 sentences disown something, ten in each of three sections. */
const things = ['invoices', 'parking', 'badges', 'visitors', 'post', 'keys', 'laptops', 'plants', 'lifts', 'windows']
const section = (title: string): string =>
  `## ${title}\n\n${things.map((thing) => `The ${thing} of ${title.toLowerCase()} are not our responsibility.`).join('\n\n')}\n`
const [east, west, north] = ['East', 'West', 'North'].map(section) as [string, string, string]
const handbook = (...sections: string[]): string => `# Handbook\n\n${sections.join('\n')}`
const repository = { '.git/HEAD': 'ref: refs/heads/main\n', 'docs/handbook.md': handbook(east, west, north) }

describe('a team that begins with many findings', () => {
  it('is told of documents for which a baseline further down is in force', async () => {
    const cwd = await folderWith({ ...repository, 'shop/policy.md': handbook(east) })
    expect((await silolint(['baseline'], { cwd: join(cwd, 'shop') })).code).toBe(0)
    await mkdir(join(cwd, 'shop', '.silolint'), { recursive: true })
    await writeFile(join(cwd, 'shop', '.silolint', 'baseline.json'), '{}\n')
    const run = await silolint(['baseline'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stderr).toContain(
      'shop/policy.md: the baseline shop/.silolint/baseline.json is in force for this document',
    )
    expect(run.stderr).toContain('Run "silolint baseline" in shop.')
    expect(run.stderr).toContain('30 findings in 1 document accepted.')
  })

  it('sees only what is new, through edits, reflow and moved sections, in every format', async () => {
    const cwd = await folderWith(repository)
    const page = join(cwd, 'docs', 'handbook.md')
    expect(found((await silolint(['--format', 'json'], { cwd })).stdout)).toHaveLength(30)
    const written = await silolint(['baseline'], { cwd })
    expect(written).toMatchObject({ code: 0, stdout: '' })
    expect(written.stderr).toBe('.silolint/baseline.json: 30 findings in 1 document accepted.\n')
    expect(await silolint([], { cwd })).toMatchObject({ code: 0 })

    const reflowed = west.replace(/ of west are not/g, '\nof west are\n  not')
    const edited = `An introduction that was not there before.\n\n${east}`
    await writeFile(page, handbook(north, `${edited}`, reflowed))
    expect(await silolint([], { cwd })).toMatchObject({ code: 0 })

    const twoMore = 'The roof is not our responsibility.\n\nThe fence is not our responsibility.\n'
    await writeFile(page, handbook(north, edited, reflowed, twoMore))
    const run = await silolint(['docs', '--format', 'json'], { cwd })
    expect(run.code).toBe(1)
    expect(found(run.stdout)).toHaveLength(2)
    const targets = formatNames.flatMap((format) => ['--format', `${format}=out.${format}`])
    expect(await silolint(['docs', ...targets], { cwd })).toMatchObject({ code: 1, stderr: '' })
    for (const format of formatNames) {
      const report = await readFile(join(cwd, `out.${format}`), 'utf8')
      // each of the two sentences stands in the report as a line number, an offset or words, and no accepted one does
      expect({ format, report }).toMatchObject({ report: expect.stringMatching(/disowning/) })
      expect(report).not.toContain('invoices of')
    }
    expect(found((await silolint(['--no-baseline', '--format', 'json'], { cwd })).stdout)).toHaveLength(32)
  })

  it('finds a second sentence that repeats an accepted one', async () => {
    const cwd = await folderWith({ ...repository, 'docs/handbook.md': 'Keys are not our responsibility.\n' })
    await silolint(['baseline'], { cwd })
    await writeFile(
      join(cwd, 'docs/handbook.md'),
      'Keys are not our responsibility.\n\nKeys are not our responsibility.\n',
    )
    expect(found((await silolint(['--format', 'json'], { cwd })).stdout)).toHaveLength(1)
  })

  it('keeps what is accepted elsewhere when it accepts one folder or one rule anew', async () => {
    const cwd = await folderWith({
      ...repository,
      'docs/handbook.md': 'Keys are not our responsibility.\n',
      'other/page.md': 'Doors are not our responsibility.\n',
    })
    await silolint(['baseline'], { cwd })
    await silolint(['baseline', 'other'], { cwd: cwd })
    await silolint(['baseline', '--rule', 'over-the-wall'], { cwd })
    expect((await silolint([], { cwd })).code).toBe(0)
    expect((await silolint(['.'], { cwd: join(cwd, 'other') })).code).toBe(0)
  })
})

describe('the baseline itself', () => {
  it('is shown, and what is no longer there is taken out of it', async () => {
    const cwd = await folderWith({
      ...repository,
      'docs/handbook.md': '# Keys\n\nKeys are not our responsibility. Doors are not our responsibility.\n',
      'docs/gone.md': 'Lifts are not our responsibility.\n',
    })
    await silolint(['baseline'], { cwd })
    const shown = await silolint(['baseline', 'show'], { cwd })
    expect(shown.stdout).toBe(
      'docs/gone.md\n  disowning  Lifts are not our responsibility.\n' +
        'docs/handbook.md\n  disowning  Keys › Doors are not our responsibility.\n' +
        '  disowning  Keys › Keys are not our responsibility.\n',
    )
    await writeFile(join(cwd, 'docs/handbook.md'), '# Keys\n\nKeys are not our responsibility.\n')
    await rm(join(cwd, 'docs/gone.md'))
    expect((await silolint(['baseline', 'prune'], { cwd })).stderr).toBe(
      '.silolint/baseline.json: 2 findings no longer there, taken out.\n',
    )
    expect((await silolint(['baseline', 'show', '--json'], { cwd })).stdout).toBe(
      await readFile(join(cwd, '.silolint/baseline.json'), 'utf8'),
    )
    expect((await silolint(['baseline', 'show'], { cwd })).stdout).not.toContain('Doors')
  })

  it('loses both of two equal entries at once when neither is found any more', async () => {
    const keys = 'Keys are not our responsibility.\n'
    const cwd = await folderWith({ ...repository, 'docs/handbook.md': `${keys}\n${keys}` })
    await silolint(['baseline'], { cwd })
    await writeFile(join(cwd, 'docs/handbook.md'), 'All is well.\n')
    expect((await silolint(['baseline', 'prune'], { cwd })).stderr).toContain('2 findings no longer there')
    expect((await silolint(['baseline', 'show'], { cwd })).stderr).toContain('nothing is accepted')
  })

  it('that is broken hides nothing, and is told with its place and cure', async () => {
    const cwd = await folderWith({ ...repository, '.silolint/baseline.json': '{ "version": 2, "findings": {} }' })
    const run = await silolint(['docs', '--format', 'json'], { cwd })
    expect(run.code).toBe(2)
    expect(found(run.stdout)).toHaveLength(30)
    expect(run.stderr).toMatch(/^\.silolint\/baseline\.json: the baseline does not have the form.*silolint baseline/)
    await writeFile(join(cwd, '.silolint/baseline.json'), '{')
    expect((await silolint(['docs'], { cwd })).stderr).toContain('not valid JSON')
  })

  it('goes with a document that is renamed, and not with a copy', async () => {
    const keys = 'Keys are not our responsibility.\n'
    const cwd = await folderWith({ ...repository, 'docs/handbook.md': keys })
    await silolint(['baseline'], { cwd })
    await writeFile(join(cwd, 'docs/copy.md'), keys)
    expect(found((await silolint(['--format', 'json'], { cwd })).stdout)).toHaveLength(1)
    await rm(join(cwd, 'docs/copy.md'))
    await mkdir(join(cwd, 'policies'))
    await rename(join(cwd, 'docs/handbook.md'), join(cwd, 'policies/moved.md'))
    await writeFile(join(cwd, 'policies/.silolintrc.json'), '{}')
    expect(found((await silolint(['--format', 'json'], { cwd })).stdout)).toHaveLength(0)
    // of two that hold the sentence now, one is the old document and the other is new
    await writeFile(join(cwd, 'policies/second.md'), keys)
    expect(found((await silolint(['--format', 'json'], { cwd })).stdout)).toHaveLength(1)
    expect((await silolint(['baseline', 'prune'], { cwd })).stderr).toContain('0 findings no longer there')
    expect((await silolint(['baseline', 'show'], { cwd })).stdout).toMatch(/^policies\/moved\.md\n.*Keys/)
    expect(found((await silolint(['--format', 'json'], { cwd })).stdout)).toHaveLength(1)
  })

  it('keeps what belongs to a renamed document that a run did not look at', async () => {
    const cwd = await folderWith({
      ...repository,
      'docs/handbook.md': 'Keys are not our responsibility.\n',
      'docs/other.md': 'Doors are not our responsibility.\n',
    })
    await silolint(['baseline'], { cwd })
    await rename(join(cwd, 'docs/handbook.md'), join(cwd, 'docs/renamed.md'))
    for (const words of [['docs/other.md'], ['prune', 'docs/other.md'], ['prune', '--rule', 'over-the-wall']]) {
      await silolint(['baseline', ...words], { cwd })
      expect(found((await silolint(['--format', 'json'], { cwd })).stdout)).toHaveLength(0)
    }
    expect((await silolint(['baseline', 'prune', 'docs/renamed.md'], { cwd })).stderr).toContain('0 findings')
    expect((await silolint(['baseline', 'show'], { cwd })).stdout).not.toContain('handbook')
    await rm(join(cwd, 'docs/renamed.md'))
    expect((await silolint(['baseline', 'prune'], { cwd })).stderr).toContain('1 finding no longer')
  })
})
