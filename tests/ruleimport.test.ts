import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ExpressionError, phraseOf, type Variant, variantsOf } from '../cli/import/expression.ts'
import { PhraseError, parsePhrase } from '../engine/phrase.ts'
import { folderWith, silolint } from './command.ts'

const fixtures = fileURLToPath(new URL('import', import.meta.url))

/** The JSON report of a document with these rules. */
async function found(cwd: string, text: string): Promise<Array<{ rule: string; actual: string; offset: number }>> {
  const run = await silolint(['--stdin', '--stdin-filename', 'a.txt', '-f', 'json', '--exit-zero'], {
    cwd,
    input: text,
  })
  expect(run.stderr).toBe('')
  const [file] = JSON.parse(run.stdout)
  return file.findings.map(({ rule, actual, start }: { rule: string; actual: string; start: { offset: number } }) => {
    return { rule, actual, offset: start.offset }
  })
}

/** What Vale finds: it puts the tokens of a rule into one expression, and tries the keys of a substitution one by one. */
function valeFinds(rule: Record<string, unknown>, text: string, left: ReadonlySet<string>): string[] {
  const edge = rule.nonword ? '' : '\\b'
  const flags = rule.ignorecase ? 'gi' : 'g'
  const raw = Array.isArray(rule.raw) ? rule.raw.join('') : ''
  const tokens = ((rule.tokens ?? []) as string[]).filter((one) => !left.has(one))
  const expressions =
    rule.extends === 'substitution'
      ? Object.keys(rule.swap as object).filter((one) => !left.has(one))
      : tokens.length
        ? [tokens.join('|')]
        : raw
          ? ['']
          : []
  const exceptions = ((rule.exceptions ?? []) as string[]).map((one) => new RegExp(`\\b(?:${one})\\b`, 'i'))
  return expressions.flatMap((one) =>
    [...text.matchAll(new RegExp(one ? `${raw}${edge}(?:${one})${edge}` : raw, flags))]
      .filter(([actual]) => !exceptions.some((exception) => exception.test(actual)))
      // what Vale takes along at the edges is nothing that a reader sees
      .map(({ 0: actual, index }) => `${index + actual.search(/\S/)} ${actual.trim().replace(/[,.]$/, '')}`),
  )
}

/** The rules of a style that came over at least in part, and the values that did not. */
async function imported(style: string) {
  const cwd = await folderWith({})
  const run = await silolint(['rule', 'import', join(fixtures, style)], { cwd })
  expect(run.stderr).toBe('')
  const left = new Set(
    (run.stdout.split('Came over')[0] as string).split('\n').flatMap((line) => {
      const value = /\((".*")\)\. /.exec(line)?.[1]
      return value ? [JSON.parse(value) as string] : []
    }),
  )
  return { cwd, run, left }
}

const names: Record<string, string> = {
  PeopleFirst: 'people-first',
  ShortForms: 'short-forms',
  NoShouting: 'no-shouting',
}
const document = `Perhaps the ferryman and the crane women are mostly somewhat late, and all hands on deck.
Use the automatic assistant, a hand phone or a handphone, a chat robot, and write the day-book or the day book.
It would be nice if you could come, as appropriate, in a timely fashion, where practicable and where possible, and so on.
The harbor is manned; we man the gate. A quay wall matters; quay crane matters do too. Anti-glare colours, thru the night.
At this moment in time, prior to the meeting and with reference to it, we ascertained a majority of the methodology.
The shed was painted, is held and were kept, though we built it. Call the harbour mistress or the harbour master.
Pursuant to the aforesaid, cease and desist: it is null and void, very much, erst and erstwhile, forsooth.
Each and every final result is an added bonus; revert back on a weekly basis, in close proximity to it, on a daily basis.
Bring fruit, e.g. pears, and i.e. the rest. The tip of the iceberg, back to square one, this would seem so.
`

describe('moving in from Vale', () => {
  for (const [style, share] of [
    ['harbour', 70],
    ['lantern', 90],
    ['quill', 85],
  ] as const) {
    test(`the style ${style} finds here what Vale finds`, async () => {
      const { cwd, run, left } = await imported(style)
      expect(Number(/\((\d+) %\)/.exec(run.stdout)?.[1])).toBeGreaterThanOrEqual(share)
      const findings = await found(cwd, document)
      expect(findings.length).toBeGreaterThan(8)
      for (const file of await readdir(join(fixtures, style))) {
        const rule = parse(await readFile(join(fixtures, style, file), 'utf8'))
        if (!['existence', 'substitution'].includes(rule.extends) || rule.scope === 'heading') continue
        const name = file.replace('.yml', '')
        const id = `${style}-${names[name] ?? name.toLowerCase()}`
        const own = findings.filter((one) => one.rule === id).map(({ offset, actual }) => `${offset} ${actual}`)
        const theirs = valeFinds(rule, document, left)
        expect(own.sort(), id).toEqual(theirs.sort())
      }
    })
  }

  test('what came over passes the tests of rules', async () => {
    const { cwd } = await imported('harbour')
    for (const style of ['lantern', 'quill', 'lists'])
      await silolint(['rule', 'import', join(fixtures, style)], { cwd })
    const run = await silolint(['rule', 'test'], { cwd })
    expect(run).toMatchObject({ code: 0 })
    expect(run.stdout).toContain('No findings in')
  })

  test('what did not come over is listed with its file and line, and the rest is written', async () => {
    const { run, cwd } = await imported('harbour')
    expect(run.code).toBe(1)
    for (const place of [
      'Acronyms.yml:7:8: it finds any word',
      'Headings.yml:4:8: the rule looks in one kind of place only',
      'LongSentence.yml:1:10: counting words',
      "ShortForms.yml:8:3: Silolint reads “are not” and “aren't” as the same words",
      'Terms.yml:13:3: it holds “/”',
      'Vague.yml:10:5: it is about letters within a word',
      'Latin.yml:10:3: it also finds parts of words',
    ])
      expect(run.stdout).toContain(place)
    const rule = await readFile(join(cwd, '.silolint/rules/harbour-people-first.md'), 'utf8')
    expect(rule).toContain('severity: error')
    expect(rule).toContain('Consider using “ferry operator” instead of “$match”.')
    expect(rule).toContain('- We read ferryman there.\n+ We read ferry operator there.')
    expect(rule).toContain('staff the counter')
  })

  test('a conditional wants its name introduced once in the document', async () => {
    const { cwd } = await imported('harbour')
    expect(await found(cwd, 'The VTS and the PHA call.\n')).toMatchObject([{ actual: 'VTS' }, { actual: 'PHA' }])
    expect(
      await found(cwd, 'The VTS calls.\n\nAsk the Vessel Traffic Service (VTS).\n\nThe VTS and the PHA call.\n'),
    ).toMatchObject([{ actual: 'PHA', rule: 'harbour-authority' }])
  })

  test('rule files that are there are left alone, and a rule of Silolint keeps its name', async () => {
    const cwd = await folderWith({
      'turf.txt': 'mine alone\n',
      '.silolint/rules/own.md': 'mine',
      'own.txt': 'never again\n',
    })
    const run = await silolint(['rule', 'import', 'turf.txt', 'own.txt'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('.silolint/rules/own.md: this file is there already')
    expect(await readFile(join(cwd, '.silolint/rules/own.md'), 'utf8')).toBe('mine')
    expect(await readFile(join(cwd, '.silolint/rules/turf-2.md'), 'utf8')).toContain('"mine alone"')
    const forced = await silolint(['rule', 'import', '--force', 'own.txt', '--dry-run'], { cwd })
    expect(forced).toMatchObject({
      code: 0,
      stdout: '1 of 1 thing came over (100 %), as 1 rule; nothing was written.\n',
    })
  })

  test('with --forms words match in all their forms', async () => {
    const cwd = await folderWith({ 'plain.txt': 'leverage -> use\n' })
    expect((await silolint(['rule', 'import', '--forms', 'plain.txt'], { cwd })).code).toBe(0)
    expect(await found(cwd, 'We leveraged it.\n')).toMatchObject([{ actual: 'leveraged' }])
  })
})

test('no expression makes the import throw, or write what cannot be read', () => {
  const bit = fc.constantFrom(
    ...[
      'a',
      'word',
      'A',
      ' ',
      '(',
      '(?:',
      ')',
      '|',
      '?',
      '+',
      '*',
      '{2}',
      '{0,9}',
      '[',
      ']',
      '[^',
      'a-z',
      '\\w',
      '\\s',
      '\\d',
    ],
    ...[
      '\\b',
      '\\',
      '.',
      '(?!',
      '(?=',
      '(?<!',
      '(?i)',
      '(?P<a>',
      '$1',
      '^',
      '$',
      ',',
      '-',
      "'",
      '’',
      '/',
      'é',
      '\uE000',
      '😀',
    ],
  )
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 25 }), fc.boolean(), fc.boolean(), (bits, ignoreCase, withinWords) => {
      let variants: Variant[]
      try {
        variants = variantsOf(bits.join(''), { ignoreCase, withinWords })
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error
        return
      }
      try {
        parsePhrase(phraseOf(variants, false))
      } catch (error) {
        // told when the phrase is tried
        if (!(error instanceof PhraseError)) throw error
      }
    }),
    { numRuns: 5000 },
  )
  // deep groups around one letter are that letter
  expect(variantsOf(`${'('.repeat(900)}a${')'.repeat(900)}`, { ignoreCase: true, withinWords: false })).toHaveLength(1)
  for (const hostile of ['(a|b)'.repeat(500), '(a?)?'.repeat(500), 'a{4}'.repeat(900)])
    expect(() => variantsOf(hostile, { ignoreCase: true, withinWords: false }), hostile.slice(0, 5)).toThrow(
      ExpressionError,
    )
})

describe('moving in from lists and prh', () => {
  test('each comes over with its rewrites, and the rest is told', async () => {
    const { cwd, run } = await imported('lists')
    expect(run.stdout).toContain('prh.yml:17:5: it is about capitals')
    expect(run.stdout).toContain('prh.yml:3:5: imports are not followed')
    expect(run.stdout).toContain('office.txt:6:1: it holds “+”')
    const text =
      'Log in at the help-point, touch base, and send an email.\nFor the reason is that we utilise it in the neighbourhood of here.\n'
    expect((await found(cwd, text)).map(({ rule, actual }) => `${rule}: ${actual}`).sort()).toEqual([
      'lists-prh: Log in',
      'lists-prh: email',
      'lists-prh: help-point',
      'needless: in the neighbourhood of',
      'needless: the reason is that',
      'office: touch base',
      'pairs: utilise',
    ])
    const needless = await readFile(join(cwd, '.silolint/rules/needless.md'), 'utf8')
    expect(needless).toContain('Use “honest” instead of “$match”.')
  })

  test('a file that is nothing of the kind is told with its name', async () => {
    const cwd = await folderWith({ 'a.yml': 'a: 1\n', 'b.yml': 'extends: [', 'c.yml': new Uint8Array([0xc3, 0x28]) })
    const run = await silolint(['rule', 'import', '.', 'gone.yml'], { cwd })
    expect(run.code).toBe(2)
    expect(run.stdout).toContain('a.yml:1:1: this is no Vale rule')
    for (const told of ['b.yml:1:', 'c.yml: the file is not valid UTF-8', 'gone.yml: there is no such file'])
      expect(run.stderr).toContain(told)
  })
})
