import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
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

/** The rules of styles that came over at least in part, and the values that did not. */
async function imported(...styles: string[]) {
  const cwd = await folderWith({})
  const run = await silolint(['rule', 'import', ...styles.map((style) => join(fixtures, style))], { cwd })
  expect(run.stderr).toBe('')
  const left = new Set(
    (run.stdout.split('Came over')[0] as string).split('\n').flatMap((line) => {
      const value = /\((".*")\)\. /.exec(line)?.[1]
      return value ? [JSON.parse(value) as string] : []
    }),
  )
  return { cwd, run, left }
}

/** A document for the style atrium, whose rules are about exceptions and about what stands beside words. */
const house = `# The house

We usually open at eight, not usually at nine, and it is more or less read-only. We're glad if you tell us if needed; the US office only opens on floor 3.
The lobby is large. Take the exit on the left, and never the emergency exit. The staircase is wide, the staircase hall is not, and the lift shaft is closed while the lift runs.

There are five percent more visitors, 20 per cent of them with dogs, and there are cats. Make a booking or make the choices. The porter who is here knows the entrance and the vending machines.

NEVER lean on it, approx. five minutes, or doors resp. windows. Never mind.

The BMS fails, and the ATR too. The FOB is lost.

You must clean it. Nobody comes.

You must inspect it by noon.

This is a world-class hall, a state of the art hall, a world class hall and a world-class door.

The guard room and the night keeper room.
`

const vale = process.env.VALE || 'vale'
const hasVale = spawnSync(vale, ['--version']).status === 0
if (!hasVale)
  console.warn('Imports are not compared with Vale itself: there is no vale on the PATH, and VALE names none.')

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
    ['harbour', 75],
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

  test.skipIf(!hasVale)('Vale itself finds the same', async () => {
    const documents = { 'a.md': document, 'house.md': house }
    const styles = ['harbour', 'lantern', 'quill', 'atrium']
    const { cwd, left } = await imported(...styles)
    for (const style of styles) {
      await mkdir(join(cwd, 'styles', style), { recursive: true })
      // what did not come over is taken out there too, and what is left is compared
      for (const file of await readdir(join(fixtures, style))) {
        const rule = parse(await readFile(join(fixtures, style, file), 'utf8'))
        if (!['existence', 'substitution', 'conditional'].includes(rule.extends) || rule.scope === 'heading') continue
        if (rule.tokens) rule.tokens = rule.tokens.filter((one: string) => !left.has(one))
        for (const key of Object.keys(rule.swap ?? {})) if (left.has(key)) delete rule.swap[key]
        const isEmpty = rule.swap ? !Object.keys(rule.swap).length : !rule.raw && rule.tokens?.length === 0
        if (!isEmpty && !left.has(rule.first)) await writeFile(join(cwd, 'styles', style, file), stringify(rule))
      }
    }
    const config = `StylesPath = styles\nMinAlertLevel = suggestion\n[*]\nBasedOnStyles = ${styles.join(', ')}\n`
    await writeFile(join(cwd, 'vale.ini'), config)
    for (const [name, text] of Object.entries(documents)) await writeFile(join(cwd, name), text)
    const options = ['--no-exit', '--output=JSON', '--config=vale.ini', ...Object.keys(documents)]
    const theirs = JSON.parse(execFileSync(vale, options, { cwd, encoding: 'utf8' }))
    const ours = JSON.parse((await silolint([...Object.keys(documents), '-f', 'json', '--exit-zero'], { cwd })).stdout)

    const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/^[\s;]+|[\s.,;]+$/g, '')
    const balance = new Map<string, number>()
    const count = (place: string, step: 1 | -1): unknown => balance.set(place, (balance.get(place) ?? 0) + step)
    let all = 0
    for (const [file, alerts] of Object.entries<Array<{ Check: string; Line: number; Match: string }>>(theirs))
      for (const { Check, Line, Match } of alerts) {
        const [style, rule = ''] = Check.split('.')
        all++
        count(`${file}:${Line} ${style}-${names[rule] ?? rule.toLowerCase()}: ${plain(Match)}`, -1)
      }
    for (const { path, findings } of ours)
      for (const { rule, start, actual } of findings)
        if (styles.some((style) => rule.startsWith(`${style}-`)))
          count(`${path}:${start.line} ${rule}: ${plain(actual)}`, 1)
    const differences = [...balance].filter(([, number]) => number)
    expect(all - differences.filter(([, number]) => number < 0).length).toBeGreaterThan(60)
    // the import told each of these
    expect(differences.map(([place, number]) => `${number > 0 ? 'more' : 'less'}: ${place}`).sort()).toEqual([
      "less: house.md:3 atrium-hedges: We're",
      'less: house.md:3 atrium-hedges: only',
      'less: house.md:4 atrium-swaps: lift',
      'less: house.md:8 atrium-badges: NEVER',
      'more: house.md:16 atrium-quoted: world-class',
      'more: house.md:3 atrium-hedges: We',
      'more: house.md:4 atrium-swaps: lift shaft',
      'more: house.md:6 atrium-starts: there are',
      'more: house.md:6 lantern-openers: there are',
    ])
  })

  test('exceptions, what stands beside words and names that must be introduced come over', async () => {
    const { cwd, run } = await imported('atrium')
    expect((await found(cwd, house)).map(({ rule, actual }) => `${rule.slice(7)}: ${actual}`)).toEqual([
      ...['hedges: We', 'hedges: usually', 'hedges: more or less', 'hedges: We', 'hedges: us', 'hedges: if needed'],
      ...['hedges: only', 'hedges: floor 3', 'hedges: lobby', 'swaps: exit', 'swaps: staircase', 'swaps: lift shaft'],
      ...['starts: There are', 'swaps: 20 per cent', 'starts: there are', 'swaps: Make a booking'],
      ...['swaps: make the choices', 'swaps: porter who is here', 'swaps: entrance', 'swaps: vending machines'],
      ...['starts: NEVER', 'abbreviations: approx', 'abbreviations: resp', 'badges: BMS', 'badges: ATR', 'badges: FOB'],
      ...['deadline: must clean', 'quoted: world-class', 'quoted: state of the art', 'quoted: world class'],
      ...['quoted: world-class', 'swaps: guard room'],
    ])
    for (const told of [
      'Badges.yml:5:8: “[A-Z]{4,5}” stands for any word in capitals',
      'Badges.yml:5:8: nothing in “second” introduces it, so it is always found ("ATR")',
      'Hedges.yml:13:5: it is about letters within a word, and Silolint finds whole words ("floor \\\\w+nth")',
      'Swaps.yml:12:3: it holds “/”, and Silolint finds words ("24/7 door")',
      'Quoted.yml:6:8: it stops after so many in a document',
      'Starts.yml:6:5: it wants a capital, and the phrase the start of a clause',
    ])
      expect(run.stdout).toContain(told)
    const introduced =
      'Ask for a key tag, or FOB.\n\nThe FOB and the BMS are there.\n\nThe building management system.\n'
    expect(await found(cwd, introduced)).toEqual([])
  })

  test.each([[['harbour', 'lantern', 'quill']], [['lists', 'config']], [['atrium', 'printers']]])(
    'what came over passes the tests of rules: %s',
    async (styles) => {
      const { cwd, run: moved } = await imported(...styles)
      expect(moved.stdout).not.toContain('Does not pass')
      const run = await silolint(['rule', 'test'], { cwd })
      expect(run).toMatchObject({ code: 0 })
      expect(run.stdout).toContain('No findings in')
    },
  )

  test('what did not come over is listed with its file and line, and the rest is written', async () => {
    const { run, cwd } = await imported('harbour')
    expect(run.code).toBe(1)
    for (const place of [
      'Acronyms.yml:7:8: “[A-Z]{3,5}” stands for any word in capitals',
      'Headings.yml:4:8: the rule looks in one kind of place only',
      'LongSentence.yml:1:10: counting words',
      "ShortForms.yml:8:3: Silolint reads “are not” and “aren't” as the same words",
      'Terms.yml:13:3: it holds “/”',
      'Vague.yml:10:5: it is about letters within a word',
      'Latin.yml:9:3: it also finds parts of words, and the phrase finds whole words',
      'Latin.yml:10:3: it also finds parts of words, and Silolint finds whole words',
      'NoShouting.yml:4:6: Vale takes a most of 0 for none',
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
    expect(run.stdout).toContain('2 of 2 things came over (100 %), as 2 rules, of which 1 file could be written.')
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
      '(?<=',
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
        variants = variantsOf(bits.join(''), { ignoreCase, withinWords, leave: () => {} })
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
    expect(
      () => variantsOf(hostile, { ignoreCase: true, withinWords: false, leave: () => {} }),
      hostile.slice(0, 5),
    ).toThrow(ExpressionError)
})

describe('moving in from lists and prh', () => {
  test('each comes over with its rewrites, and the rest is told', async () => {
    const { cwd, run } = await imported('lists')
    expect(run.stdout).toContain('prh.yml:17:5: it is about capitals')
    expect(run.stdout).toContain('prh.yml:3:5: the import cannot be read: there is no such file')
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

  test('prh: imports are followed, and groups, conditions and examples are carried or told', async () => {
    const { cwd, run } = await imported('printers')
    for (const told of [
      'prh.yml:9:5: the import cannot be read: there is no such file ("missing.yml")',
      'shared/offices.yml:2:10: files import one another in a circle: prh.yml → offices.yml → prh.yml',
      'prh.yml:45:14: prh does not know the flags “u”',
      'prh.yml:10:1: the key was not carried over, and the rule looks at all prose ("targets")',
      'prh.yml:30:15: this example comes out as “Press sign in.” ("Press logon.")',
      'prh.yml:33:14: prh finds parts of words where “wordBoundary” is not set',
    ])
      expect(run.stdout).toContain(told)
    // the import of an import is not followed where the outer one says so, nor its rules read that are ignored or known
    expect(run.stdout).not.toContain('never.yml')
    const text =
      'Check in, mark the and sign and the tickmark with a period mark.\nThe web server and the server at the Front-desk of the new printer room; the copy cupboard has 12 leaves.\nUse foolscap, a ream of foolscap, a foolscap folder.\n'
    expect((await found(cwd, text)).map(({ rule, actual }) => `${rule}: ${actual}`)).toEqual([
      'marks: period mark',
      'printers-prh: server',
      'offices: Front-desk',
      'printers-prh: new printer room',
      'printers-prh: copy cupboard',
      'printers-prh: 12 leaves',
      'printers-prh: foolscap',
    ])
    const rule = await readFile(join(cwd, '.silolint/rules/printers-prh.md'), 'utf8')
    expect(rule).toContain('- Please log in here.\n+ Please sign in here.')
    expect(rule).toContain('- Ask the service point.\n+ Ask the service desk.')
    expect(rule).toContain('\n  Please sign in here.')
  })

  test('a vocabulary of Vale is no list of words to avoid', async () => {
    const { cwd, run } = await imported('config')
    expect(run.stdout).toContain('accept.txt:1:1: its words are exceptions to all of Vale’s rules')
    expect(await found(cwd, 'The skylight, the concierge desks and the welcome mat.\n')).toMatchObject([
      { rule: 'house', actual: 'concierge desks' },
      { rule: 'house', actual: 'welcome mat' },
    ])
  })

  test('rules that find the same words are told, with the file that was written', async () => {
    const cwd = await folderWith({
      'One.yml': 'extends: existence\nmessage: no\ntokens:\n  - paper tray\n  - fold: it\n',
      'two.txt': 'paper tray\n',
    })
    const run = await silolint(['rule', 'import', 'One.yml', 'two.txt'], { cwd })
    expect(run.code).toBe(1)
    expect(run.stdout).toContain('One.yml:5:5: an item of it is no text ("tokens"). Put it between quotation marks')
    expect(run.stdout).toMatch(
      /Does not pass silolint rule test:\n {2}\.silolint\/rules\/\S+-one\.md:\d+:3: The rule two finds/,
    )
    expect((await silolint(['rule', 'test'], { cwd })).code).toBe(1)
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
