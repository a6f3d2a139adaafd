import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { VFileMessage } from 'vfile-message'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { builtIn, builtInLinter } from '../engine/builtin.ts'
import * as comments from '../engine/comment.ts'
import { Lines } from '../engine/lint.ts'
import { createLinter } from '../engine/linter.ts'
import { readMarkdown } from '../engine/markdown.ts'
import { type Suppression, suppress } from '../engine/suppression.ts'
import { folderWith, silolint } from './command.ts'

/** A finding of over-the-wall and one of disowning. */
const wall = 'Engineering throws the build over the wall to Support.'
const job = 'That is not our job.'
const both = `${wall} ${job}`
const clean = 'The form has four pages and a cover sheet.'

interface Finding {
  rule: string
  severity: string
  message: string
  actual: string
  rewrites: string[]
  url: string
  pattern?: string
  start: { line: number; column: number; offset: number }
  end: { line: number; column: number; offset: number }
}

const { linter } = createLinter([builtIn], { rules: {} })
const lines = (...text: string[]): string => `${text.join('\n')}\n`
const day = (date: Date): string => {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The findings of a document in short: line and rule. */
function findings(source: string, path = 'a.md', today?: string): string[] {
  const { messages } = linter.lint(source, today ? { path, today } : { path })
  for (const { place, actual } of messages) {
    if (!place || !('start' in place)) throw new Error('a finding has no range')
    expect(source.slice(place.start.offset, place.end.offset)).toBe(actual)
  }
  return messages.map(({ line, ruleId }) => `${line} ${ruleId}`)
}

/** The findings about comments: what they say, and the text they stand on. */
function said(source: string, path = 'a.md', today?: string): Array<[string, string, string[]]> {
  return linter
    .lint(source, today ? { path, today } : { path })
    .messages.filter(({ ruleId }) => ruleId?.startsWith('silolint/'))
    .map(({ actual = '', reason, expected = [] }) => [actual, reason, expected])
}

/** The document with each first rewrite about comments put in that is safe; with `all` also the others. */
function mended(source: string, path = 'a.md', all = false): string {
  const edits = linter
    .lint(source, { path })
    .messages.filter(
      ({ ruleId, safe, expected }) => ruleId?.startsWith('silolint/') && expected?.length && (all || safe),
    )
  let text = source
  for (const { place, expected } of edits.reverse()) {
    if (!place || !('start' in place)) throw new Error('a finding has no range')
    text = text.slice(0, place.start.offset) + expected?.[0] + text.slice(place.end.offset)
  }
  return text
}

describe('a comment', () => {
  const cases: Array<[name: string, path: string, source: string, left: string[]]> = [
    [
      'hides the next paragraph',
      'a.md',
      lines('<!-- silolint-disable-next-line -->', both, '', both),
      ['4 over-the-wall', '4 disowning'],
    ],
    [
      'hides the next paragraph across a blank line',
      'a.md',
      lines('<!-- silolint-disable-next-line over-the-wall -->', '', '', both),
      ['4 disowning'],
    ],
    [
      'hides all lines of the next paragraph',
      'a.md',
      lines('<!-- silolint-disable-next-line over-the-wall -->', clean, wall, wall),
      [],
    ],
    [
      'hides the paragraph below another comment',
      'a.md',
      lines(
        '<!-- silolint-disable-next-line over-the-wall -->',
        '<!-- silolint-disable-next-line disowning -->',
        '<!-- a note -->',
        both,
      ),
      [],
    ],
    [
      'hides no paragraph beyond code',
      'a.md',
      lines('<!-- silolint-disable-next-line over-the-wall -->', '```', 'code', '```', '', wall),
      ['1 silolint/unused-suppression', '6 over-the-wall'],
    ],
    [
      'hides a paragraph that begins with an image',
      'a.md',
      lines('<!-- silolint-disable-next-line over-the-wall -->', '![Plan](plan.png)', `See above. ${wall}`),
      [],
    ],
    [
      'hides an alert',
      'a.md',
      lines('<!-- silolint-disable-next-line over-the-wall -->', '> [!NOTE]', `> ${both}`),
      ['3 disowning'],
    ],
    [
      'in a line hides what stands on it',
      'a.md',
      lines(`${both} <!-- silolint-disable-line over-the-wall -->`, both),
      ['1 disowning', '2 over-the-wall', '2 disowning'],
    ],
    [
      'in a line hides the next one of its paragraph',
      'a.md',
      lines(`${clean} <!-- silolint-disable-next-line -->`, wall, wall),
      ['3 over-the-wall'],
    ],
    [
      'at the end of a paragraph hides the next',
      'a.md',
      lines(`${clean} <!-- silolint-disable-next-line -->`, '', wall, '', wall),
      ['5 over-the-wall'],
    ],
    [
      'stands in a heading',
      'a.md',
      lines(`# ${wall} <!-- silolint-disable-line -->`, '', `## <!-- silolint-disable-line --> ${wall}`),
      [],
    ],
    [
      'above a heading hides the heading alone',
      'a.md',
      lines('<!-- silolint-disable-next-line -->', `# ${wall}`, '', wall),
      ['4 over-the-wall'],
    ],
    [
      'stands below the line of a heading',
      'a.md',
      lines(`${wall} <!-- silolint-disable-next-line -->`, '====', '', wall),
      ['1 over-the-wall'],
    ],
    ['stands in an item', 'a.md', lines(`- ${wall} <!-- silolint-disable-line -->`, `- ${wall}`), ['2 over-the-wall']],
    [
      'stands before the words of an item, which are read',
      'a.md',
      lines(`- <!-- silolint-disable-line over-the-wall --> ${both}`),
      ['1 disowning'],
    ],
    [
      'stands above the words of an item',
      'a.md',
      lines('- <!-- silolint-disable-next-line over-the-wall -->', `  ${both}`, `- ${wall}`),
      ['2 disowning', '3 over-the-wall'],
    ],
    [
      'between items hides the next one',
      'a.md',
      lines(`- ${wall}`, '<!-- silolint-disable-next-line -->', `- ${wall}`, `  - ${wall}`, `- ${wall}`),
      ['1 over-the-wall', '4 over-the-wall', '5 over-the-wall'],
    ],
    [
      'indented in a list hides the next item',
      'a.md',
      lines(`1. ${wall}`, '   <!-- silolint-disable-next-line -->', `2. ${wall}`, `3. ${wall}`),
      ['1 over-the-wall', '4 over-the-wall'],
    ],
    [
      'in a cell hides its row',
      'a.md',
      lines(
        '| Step | Note |',
        '| --- | --- |',
        `| ${wall} <!-- silolint-disable-line over-the-wall --> | ${both} |`,
        `| ${wall} | x |`,
      ),
      ['3 disowning', '4 over-the-wall'],
    ],
    [
      'in a row behind its last bar hides the row',
      'a.md',
      lines('| Step | Note |', '| --- | --- |', `| x | ${wall} | <!-- silolint-disable-line -->`, `| ${wall} | x |`),
      ['4 over-the-wall'],
    ],
    [
      'in a cell hides the next row',
      'a.md',
      lines(
        '| Step | Note |',
        '| --- | --- |',
        '| x <!-- silolint-disable-next-line --> | y |',
        `| ${wall} | ${job} |`,
        `| ${wall} | x |`,
      ),
      ['5 over-the-wall'],
    ],
    [
      'in a header hides the first row',
      'a.md',
      lines(
        '| Step <!-- silolint-disable-next-line --> | Note |',
        '| --- | --- |',
        `| ${wall} | ${job} |`,
        `| ${wall} | x |`,
      ),
      ['4 over-the-wall'],
    ],
    [
      'above a table hides the table',
      'a.md',
      lines(
        '<!-- silolint-disable-next-line over-the-wall -->',
        '',
        '| Step | Note |',
        '| --- | --- |',
        `| ${wall} | ${job} |`,
        `| ${wall} | x |`,
        '',
        wall,
      ),
      ['5 disowning', '8 over-the-wall'],
    ],
    [
      'stands in a footnote',
      'a.md',
      lines(
        'Text.[^1][^2]',
        '',
        `[^1]: ${wall} <!-- silolint-disable-line -->`,
        '',
        '<!-- silolint-disable-next-line -->',
        `[^2]: ${wall}`,
      ),
      [],
    ],
    [
      'stands in a quotation',
      'a.md',
      lines('> <!-- silolint-disable-next-line', '> over-the-wall -- as it was -->', `> ${both}`),
      ['3 disowning'],
    ],
    [
      'stands in HTML',
      'a.md',
      lines(
        '<!-- silolint-disable-next-line over-the-wall -->',
        '<table><tr>',
        `<td>${both}</td></tr>`,
        `<tr><td>${wall} <!-- silolint-disable-line --></td></tr></table>`,
      ),
      ['3 disowning'],
    ],
    [
      'of MDX works',
      'a.mdx',
      lines(
        '{/* silolint-disable-next-line over-the-wall -- as it was */}',
        '',
        both,
        '',
        `${both} {/* silolint-disable-line */}`,
      ),
      ['3 disowning'],
    ],
    [
      'of MDX directly above its paragraph hides all of it',
      'a.mdx',
      lines('{/* silolint-disable-next-line */}', wall, wall),
      [],
    ],
    [
      'of MDX works within a component',
      'a.mdx',
      lines('<Note>', `{/* silolint-disable-line over-the-wall -- ${wall} */} ${both}`, '</Note>'),
      ['2 disowning'],
    ],
    [
      'stands in YAML front matter',
      'a.md',
      lines(
        '---',
        'title: Keys',
        '# silolint-disable-next-line customer-absent-objective -- set by law',
        'purpose: To control the issue of keys.',
        '---',
        '',
        wall,
      ),
      ['7 over-the-wall'],
    ],
    [
      'in front matter speaks for the file',
      'a.md',
      lines('---', 'title: Keys # silolint-disable-file over-the-wall', '---', '', both),
      ['5 disowning'],
    ],
    [
      'in TOML front matter speaks for the file',
      'a.md',
      lines('+++', '# silolint-disable-file over-the-wall', '+++', '', both),
      ['5 disowning'],
    ],
    [
      'in text of front matter is none',
      'a.md',
      lines('---', 'title: |', '  # silolint-disable-file over-the-wall', '---', '', wall),
      ['6 over-the-wall'],
    ],
    [
      'of // works in plain text',
      'a.txt',
      lines('// silolint-disable-next-line over-the-wall -- as it was', '', both, '', wall),
      ['3 disowning', '5 over-the-wall'],
    ],
    [
      'of .. works in plain text',
      'a.txt',
      lines('.. silolint-disable-next-line over-the-wall', both, wall),
      ['2 disowning'],
    ],
    [
      'of # works in a process document',
      'a.process',
      lines('PARKING', '', 'Steps', '', '# silolint-disable-next-line over-the-wall', `1. ${both}`, `2. ${wall}`),
      ['6 disowning', '7 over-the-wall'],
    ],
    [
      'of HTML works in plain text',
      'a.txt',
      lines(`${both} <!-- silolint-disable-line over-the-wall -->`, '', '<!-- silolint-disable-next-line -->', wall),
      ['1 disowning'],
    ],
    [
      'stands in and above the headings of plain text',
      'a.txt',
      lines(
        'PARKING <!-- silolint-disable-line over-the-wall -->',
        '// silolint-disable-next-line over-the-wall',
        'PERMITS',
        '',
        wall,
      ),
      ['1 silolint/unused-suppression', '2 silolint/unused-suppression', '5 over-the-wall'],
    ],
    [
      'for the file may stand anywhere',
      'a.md',
      lines(both, '', '<!-- silolint-disable-file over-the-wall -- a collection of bad examples -->'),
      ['1 disowning'],
    ],
    [
      'takes several ids, with commas or blanks',
      'a.md',
      lines(
        '<!-- silolint-disable-next-line over-the-wall,disowning -->',
        both,
        '',
        '<!-- silolint-disable-next-line over-the-wall disowning -->',
        both,
      ),
      [],
    ],
    [
      'in code is an example of one',
      'a.md',
      lines('`<!-- silolint-disable-file -->`', '', '```html', '<!-- silolint-disable-file -->', '```', '', wall),
      ['7 over-the-wall'],
    ],
    [
      'works where lines end in CRLF',
      'a.md',
      lines('<!-- silolint-disable-next-line over-the-wall -->', '', both, '', wall).replaceAll('\n', '\r\n'),
      ['3 disowning', '5 over-the-wall'],
    ],
    [
      'works where lines end in CR',
      'a.txt',
      lines('// silolint-disable-next-line over-the-wall', both, '', wall).replaceAll('\n', '\r'),
      ['2 disowning', '4 over-the-wall'],
    ],
    [
      'works behind a byte order mark and astral characters',
      'a.md',
      lines('\uFEFF<!-- silolint-disable-next-line over-the-wall -- 🏗️ -->', `🏗️ ${both}`),
      ['2 disowning'],
    ],
  ]
  it.each(cases)('%s', (_, path, source, left) => {
    expect(findings(source, path)).toEqual(left)
  })

  it('is heard on the command line as in the engine, in all formats at once', async () => {
    const files = cases.map(([, path, source, left], index) => ({ path: `${index}${path}`, source, left }))
    const cwd = await folderWith(Object.fromEntries(files.map(({ path, source }) => [path, source])))
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.stderr).toBe('')
    const found = new Map<string, Finding[]>(
      JSON.parse(run.stdout).map(({ path, findings }: { path: string; findings: Finding[] }) => [path, findings]),
    )
    for (const { path, left } of files) {
      expect(found.get(path)?.map(({ rule, start }) => `${start.line} ${rule}`)).toEqual(left)
    }
  })

  // Biome #5562: one ignore must not hide its neighbour.
  it('hides what it names and not its neighbour', () => {
    const source = lines(`${both} <!-- silolint-disable-line disowning -->`)
    expect(findings(source)).toEqual(['1 over-the-wall'])
    const { messages, data } = linter.lint(source, { path: 'a.md' })
    expect(messages).toHaveLength(1)
    expect(data.suppressed?.map(({ ruleId, suppression }) => [ruleId, suppression?.kind])).toEqual([
      ['disowning', 'disable-line'],
    ])
  })

  // markdownlint #673: sub-patterns are individually suppressible.
  it('can name one pattern of a rule', () => {
    const { messages } = linter.lint(both, { path: 'a.md' })
    const finding = messages.find(({ pattern }) => pattern)
    if (!finding) throw new Error('none of these findings is of a named pattern')
    const id = `${finding.ruleId}:${finding.pattern}`
    expect(findings(lines(`<!-- silolint-disable-next-line ${id} -->`, both))).toHaveLength(messages.length - 1)
    const rule = linter.catalogue.rules.find((one) => one.id === finding.ruleId)
    const other = rule?.groups.find(({ name }) => name && !finding.pattern?.startsWith(name.slice(0, 4)))
    const otherId = `${finding.ruleId}:${other?.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
    expect(said(lines(`<!-- silolint-disable-next-line ${otherId} -->`, both))).toMatchObject([
      [expect.anything(), `This comment hides nothing of “${otherId}”. Remove it.`, ['']],
    ])
    const [[actual, reason, rewrites] = []] = said(lines(`<!-- silolint-disable-line ${id}x --> ${both}`))
    expect(actual).toBe(`${id}x`)
    expect(reason).toContain(`Did you mean “${id}”?`)
    expect(rewrites).toEqual([id])
  })

  // woke #41: the text of a directive was linted.
  it('is never linted itself', () => {
    for (const [path, source] of [
      ['a.md', `<!-- silolint-disable-next-line over-the-wall -- ${job} -->\n${wall}\n`],
      ['a.mdx', `{/* silolint-disable-next-line over-the-wall -- ${job} */}\n${wall}\n`],
      ['a.txt', `# silolint-disable-next-line over-the-wall -- ${job}\n${wall}\n`],
      ['a.md', `---\n# silolint-disable-file over-the-wall -- ${job}\npurpose: Residents can park.\n---\n\n${wall}\n`],
    ] as const)
      expect(findings(source, path)).toEqual([])
  })

  it('in a document that has none is not looked for', () => {
    const look = vi.spyOn(String.prototype, 'matchAll')
    expect(comments.mayHaveComments('<!-- a comment to somebody else -->')).toBe(false)
    expect(look).not.toHaveBeenCalled()
    look.mockRestore()
    const { data } = linter.lint(`<!-- a comment to somebody else -->\n\n${wall}\n`, { path: 'a.md' })
    expect(data).toEqual({})
  })
})

describe('a range', () => {
  it('reaches from disable to enable, or to the end', () => {
    const source = lines(
      wall,
      '',
      '<!-- silolint-disable over-the-wall -->',
      '',
      both,
      '',
      '<!-- silolint-enable over-the-wall -->',
      '',
      wall,
    )
    expect(findings(source)).toEqual(['1 over-the-wall', '5 disowning', '9 over-the-wall'])
    expect(findings(source.replace('<!-- silolint-enable over-the-wall -->', ''))).toEqual([
      '1 over-the-wall',
      '5 disowning',
    ])
  })

  it('within another ends by itself', () => {
    const source = lines(
      '<!-- silolint-disable over-the-wall -->',
      both, // 2
      '<!-- silolint-disable disowning -->',
      both, // 4
      '<!-- silolint-enable disowning -->',
      both, // 6
      '<!-- silolint-enable -->',
      both, // 8
    )
    expect(findings(source)).toEqual(['2 disowning', '6 disowning', '8 over-the-wall', '8 disowning'])
  })

  it('for all rules can leave one out', () => {
    const source = lines(
      '<!-- silolint-disable -->',
      both, // 2
      '<!-- silolint-enable disowning -->',
      both, // 4
      '<!-- silolint-disable disowning -->',
      both, // 6
      '<!-- silolint-enable -->',
      both, // 8
    )
    expect(findings(source)).toEqual(['4 disowning', '8 over-the-wall', '8 disowning'])
  })

  it('may end within a paragraph', () => {
    const source = lines(`<!-- silolint-disable over-the-wall -->`, '', `${wall} <!-- silolint-enable --> ${wall}`)
    expect(findings(source)).toEqual(['3 over-the-wall'])
  })
})

describe('a comment that does nothing', () => {
  it('of an unknown rule is told with the rule that was meant, and put right', () => {
    const source = lines('<!-- silolint-disable-next-line over-the-wal, disowning -->', both)
    expect(findings(source)).toEqual(['1 silolint/unknown-suppression', '2 over-the-wall'])
    expect(said(source)).toEqual([
      [
        'over-the-wal',
        'There is no rule “over-the-wal”, so this hides nothing. Did you mean “over-the-wall”?',
        ['over-the-wall'],
      ],
    ])
    expect(findings(mended(source, 'a.md', true))).toEqual([])
  })

  it('of a rule pack hides findings of the pack, and no others of that name', () => {
    const source = lines('<!-- silolint-disable-next-line acme/blink -->', clean)
    const document = readMarkdown(source)
    const at = new Lines(source)
    const [place] = [{ start: at.point(source.indexOf('The')), end: at.point(source.length - 1) }]
    const of = (ruleId: string) => new VFileMessage(ruleId, { place, ruleId, source: 'silolint' })
    const [rule] = linter.catalogue.rules
    if (!rule) throw new Error('there is no rule')
    const rules = ['acme/blink', 'blink', 'acme/blink-twice'].map((id) => ({ ...rule, id }))
    const levels = new Map(rules.map(({ id }) => [id, 'warning' as const]))
    const today = '2026-01-01'
    const found = suppress(
      document,
      rules.map(({ id }) => of(id)),
      { rules, levels, lines: at, today },
    )
    expect(found.findings.map(({ ruleId }) => ruleId)).toEqual(['blink', 'acme/blink-twice'])
    expect(found.suppressed.map(({ ruleId }) => ruleId)).toEqual(['acme/blink'])
  })

  it('of a rule pack that is not there is told by its whole name', () => {
    expect(said(lines(`${wall} <!-- silolint-disable-line acme/blink -->`))).toMatchObject([
      ['acme/blink', expect.stringContaining('There is no rule “acme/blink”'), []],
    ])
  })

  it('for want of dashes before the reason is told so, once', () => {
    expect(said(lines('<!-- silolint-disable because this quotes the law -->', wall))).toEqual([
      ['because this quotes the law', expect.stringContaining('A reason goes behind “ -- ”.'), []],
    ])
    for (const dashes of ['--', '–', '—'])
      expect(said(lines(`<!-- silolint-disable ${dashes} because this quotes the law -->`, wall))).toEqual([])
  })

  it('for a misspelt word is told the right one', () => {
    expect(said(lines('<!-- silolint-disable-nextline -->', wall))).toEqual([
      [
        'silolint-disable-nextline',
        expect.stringContaining('Did you mean “silolint-disable-next-line”?'),
        ['silolint-disable-next-line'],
      ],
    ])
  })

  it('cannot hide what is said about comments', () => {
    expect(said(lines('<!-- silolint-disable-file silolint/unused-suppression -->', wall))).toMatchObject([
      ['silolint/unused-suppression', expect.stringContaining('Switch it off in the configuration'), []],
    ])
    expect(findings(lines('<!-- silolint-disable-file -->', clean))).toEqual(['1 silolint/unused-suppression'])
  })

  it('is told when what it hid is gone', () => {
    const source = lines('Here.', '', '<!-- silolint-disable-next-line over-the-wall -- as it was -->', '', clean)
    expect(said(source)).toEqual([
      [
        '<!-- silolint-disable-next-line over-the-wall -- as it was -->',
        'This comment hides nothing of “over-the-wall”. Remove it.',
        [''],
      ],
    ])
  })

  it('is told of each of its rules', () => {
    const of = (ids: string) => lines(`${wall} <!-- silolint-disable-line ${ids} -->`)
    expect(said(of('turf, over-the-wall'))).toEqual([
      ['turf, ', 'This comment hides nothing of “turf”. Take the id out.', ['']],
    ])
    expect(mended(of('turf, over-the-wall'))).toBe(of('over-the-wall'))
    expect(mended(of('over-the-wall, turf'))).toBe(of('over-the-wall'))
    expect(mended(of('over-the-wall turf until=2999-12-31'))).toBe(of('over-the-wall until=2999-12-31'))
    expect(said(of('turf, blame'))).toMatchObject([
      [expect.anything(), 'This comment hides nothing of “turf” or “blame”. Remove it.', ['']],
    ])
    expect(mended(of('turf, blame'))).toBe(lines(wall))
  })

  it('since nothing is disabled is told for enable too', () => {
    expect(said(lines(clean, '', '<!-- silolint-enable turf -->', '', clean))).toMatchObject([
      [
        '<!-- silolint-enable turf -->',
        'Nothing of “turf” is disabled here that this comment could enable. Remove it.',
        [''],
      ],
    ])
  })

  // vale-ls: a deletion leaves a double space
  it('goes without a trace where that is safe, and the document stays what it is', () => {
    const id = 'silolint-disable-line turf'
    for (const [path, before, after] of [
      ['a.md', `One <!-- ${id} --> two.\n`, 'One two.\n'],
      ['a.md', `One two <!-- ${id} -->.\n`, 'One two.\n'],
      ['a.md', `One<!-- ${id} --> two.\n`, 'One two.\n'],
      ['a.md', `One <!-- ${id} -->two.\n`, 'One two.\n'],
      ['a.md', `# Head <!-- ${id} -->\n`, '# Head\n'],
      ['a.md', `| a | b |\n| --- | --- |\n| x <!-- ${id} --> | y |\n`, '| a | b |\n| --- | --- |\n| x | y |\n'],
      ['a.md', `| a | b |\n| --- | --- |\n| <!-- ${id} --> x | y |\n`, '| a | b |\n| --- | --- |\n| x | y |\n'],
      ['a.mdx', `One {/* ${id} */} two.\n`, 'One two.\n'],
      ['a.md', `One.\n\n<!-- ${id} -->\nTwo.\n`, 'One.\n\n\nTwo.\n'],
      ['a.txt', `One.\n// ${id}\n\nTwo.\n`, 'One.\n\n\nTwo.\n'],
      ['a.md', `---\ntitle: x # ${id}\n---\n`, '---\ntitle: x\n---\n'],
      // here the lines around it would become one list, or a paragraph of words that no Markdown was read in
      ['a.md', `- One.\n  <!-- ${id} -->\n- Two.\n`, undefined],
      ['a.md', `<!-- ${id} --> *Two.*\n`, undefined],
    ] as const) {
      expect(mended(before, path), before).toBe(after ?? before)
      const left = mended(before, path, true)
      expect(said(left, path), left).toEqual([])
      expect(mended(left, path)).toBe(left)
    }
  })

  it('is taken out by --fix, and one that is needed stays', async () => {
    const cwd = await folderWith({
      'a.md': lines(
        `${clean} <!-- silolint-disable-line turf -->`,
        '',
        `${wall} <!-- silolint-disable-line turf, over-the-wall, blame -->`,
        '',
        `${clean} <!-- silolint-disable-line blam -->`,
      ),
    })
    const run = await silolint(['--fix', '--format', 'json'], { cwd })
    expect(run.stderr).toBe('1 finding has a rewrite that needs your eye: choose with --interactive.\n')
    expect(JSON.parse(run.stdout)[0].findings).toMatchObject([{ rule: 'silolint/unknown-suppression' }])
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toBe(
      lines(
        clean,
        '',
        `${wall} <!-- silolint-disable-line over-the-wall -->`,
        '',
        `${clean} <!-- silolint-disable-line blam -->`,
      ),
    )
  })

  it('is left alone while its rule is off', async () => {
    const cwd = await folderWith({
      'a.md': lines(
        `${clean} <!-- silolint-disable-line turf -->`,
        '',
        `${clean} <!-- silolint-disable-line blame -->`,
      ),
      '.silolintrc.json': '{ "rules": { "turf": "off" } }',
    })
    const { stdout } = await silolint(['--format', 'json'], { cwd })
    expect(JSON.parse(stdout)[0].findings).toMatchObject([{ rule: 'silolint/unused-suppression', start: { line: 3 } }])
    expect(await silolint(['--rule', 'disowning'], { cwd })).toMatchObject({ code: 0, stderr: '' })
    // for all rules: what is off may need it, so that it is not taken out unseen
    const { linter: part } = createLinter([builtIn], { rules: { turf: 'off' } })
    const bare = part.lint(`${clean} <!-- silolint-disable-line -->`, { path: 'a.md' }).messages
    expect(bare).toMatchObject([{ ruleId: 'silolint/unused-suppression', expected: [''] }])
    expect(bare[0]?.safe).toBeUndefined()
  })
})

describe('a comment with a last day', () => {
  const until = (date: string, where = '') =>
    lines(`${wall} <!-- silolint-disable-line over-the-wall until=${date}${where} -->`)

  it('holds through that day, and is reported from the next', () => {
    expect(findings(until('2026-02-28'), 'a.md', '2026-02-27')).toEqual([])
    expect(findings(until('2026-02-28'), 'a.md', '2026-02-28')).toEqual([])
    expect(findings(until('2026-02-28'), 'a.md', '2026-03-01')).toEqual([
      '1 over-the-wall',
      '1 silolint/expired-suppression',
    ])
    expect(said(until('2026-02-28'), 'a.md', '2026-03-01')).toEqual([
      [
        ' <!-- silolint-disable-line over-the-wall until=2026-02-28 -->',
        'This comment held until 2026-02-28. Mend what it hid (1 finding), or give it another day.',
        [''],
      ],
    ])
  })

  it('is held against the calendar of the machine', async () => {
    const now = new Date()
    const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)
    const tomorrow = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1)
    const cwd = await folderWith({ 'a.md': until(day(yesterday)), 'b.md': until(day(tomorrow)) })
    const { stdout } = await silolint(['--format', 'json'], { cwd })
    expect(JSON.parse(stdout).map(({ findings }: { findings: Finding[] }) => findings.map(({ rule }) => rule))).toEqual(
      [['over-the-wall', 'silolint/expired-suppression'], []],
    )
  })

  it('may have it in the reason', () => {
    const source = until('2026-02-28').replace(' until=2026-02-28', ' -- until=2026-02-28 as agreed')
    expect(findings(source, 'a.md', '2026-03-01')).toEqual(['1 over-the-wall', '1 silolint/expired-suppression'])
    const { data } = linter.lint(source, { path: 'a.md', today: '2026-02-01' })
    expect(data.suppressions).toMatchObject([{ reason: 'as agreed', until: '2026-02-28' }])
  })

  it('is taken out unseen only where nothing is left to mend', () => {
    expect(mended(until('2020-01-31'))).toBe(until('2020-01-31'))
    expect(mended(until('2020-01-31'), 'a.md', true)).toBe(lines(wall))
    expect(mended(until('2020-01-31').replace(wall, clean))).toBe(lines(clean))
  })

  it('that is no day hides nothing and says how to write it', () => {
    for (const date of ['2026-02-30', '31.12.2026', 'tomorrow', '']) {
      expect(findings(until(date))).toEqual(['1 over-the-wall', '1 silolint/unknown-suppression'])
      expect(said(until(date))).toMatchObject([
        [`until=${date}`, expect.stringContaining('Write until=YYYY-MM-DD'), []],
      ])
    }
  })
})

describe('what is said about comments', () => {
  const source = lines(
    `${clean} <!-- silolint-disable-line turf -->`,
    '',
    `${clean} <!-- silolint-disable-line blam -->`,
    '',
    `${clean} <!-- silolint-disable-line blame until=2020-01-31 -->`,
  )
  let cwd = ''
  beforeAll(async () => {
    cwd = await folderWith({ 'a.md': source })
  })

  it('is a warning with a place, a cure and a page', async () => {
    const run = await silolint(['--format', 'json'], { cwd })
    expect(run.code).toBe(1)
    const [{ findings }] = JSON.parse(run.stdout) as [{ findings: Finding[] }]
    expect(findings.map(({ rule, severity, start }) => [rule, severity, start.line])).toEqual([
      ['silolint/unused-suppression', 'warning', 1],
      ['silolint/unknown-suppression', 'warning', 3],
      ['silolint/expired-suppression', 'warning', 5],
    ])
    for (const { url, actual, start, end } of findings) {
      expect(url).toMatch(/docs\/suppressing\.md#/)
      expect(source.slice(start.offset, end.offset)).toBe(actual)
    }
  })

  it('is switched like the rules, in the configuration and on the command line', async () => {
    const configured = await folderWith({
      'a.md': source,
      '.silolintrc.json': JSON.stringify({
        rules: {
          'silolint/unused-suppression': 'off',
          'silolint/unknown-suppression': 'error',
          'silolint/expired-suppression': 'info',
        },
      }),
    })
    const run = await silolint(['--format', 'json'], { cwd: configured })
    expect(run.stderr).toBe('')
    const [{ findings }] = JSON.parse(run.stdout) as [{ findings: Finding[] }]
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ['silolint/unknown-suppression', 'error'],
      ['silolint/expired-suppression', 'info'],
    ])
    const off = ['unused', 'unknown', 'expired'].flatMap((one) => ['--off', `silolint/${one}-suppression`])
    expect(await silolint(off, { cwd })).toMatchObject({ code: 0, stderr: '' })
    const library = builtInLinter({ rules: { 'silolint/unused-suppression': 'off' } })
    expect(library.lint(`${clean} <!-- silolint-disable-line turf -->`).messages).toEqual([])
    const misspelt = await silolint(['--off', 'silolint/unused-supression'], { cwd })
    expect(misspelt).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean "silolint/unused-suppression"?'),
    })
  })
})

describe('silolint suppressions', () => {
  const files = {
    'policies/keys.md': lines(
      '---',
      '# silolint-disable-file customer-absent-objective -- worded by law',
      'purpose: To control the issue of keys.',
      '---',
      '',
      `${both} <!-- silolint-disable-line over-the-wall, turf until=2999-12-31 -- quoted -->`,
    ),
    'steps.process': lines(
      '// silolint-disable',
      wall,
      wall,
      '// silolint-enable',
      '',
      `${wall} <!-- silolint-disable-line over-the-wal -->`,
    ),
    'old.md': lines(
      '<!-- silolint-disable-next-line over-the-wall until=2020-01-31 -->',
      wall,
      '',
      `${clean} <!-- silolint-disable-line blame -->`,
    ),
    'clean.md': clean,
  }
  let cwd = ''
  beforeAll(async () => {
    cwd = await folderWith(files)
  })

  it('lists every comment with what it hides, for audits', async () => {
    const run = await silolint(['suppressions'], { cwd })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout.split('\n').map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
      'old.md',
      '  1:1  disable-next-line  over-the-wall  would hide 1, expired 2020-01-31',
      '  4:44  disable-line  blame  hides 0, unused',
      '',
      'policies/keys.md',
      '  2:1  disable-file  customer-absent-objective  hides 1  worded by law',
      '  6:77  disable-line  over-the-wall, turf  hides 1, until 2999-12-31, unused: turf  quoted',
      '',
      'steps.process',
      '  1:1  disable  all rules  hides 2',
      '  4:1  enable  all rules',
      '  6:56  disable-line  over-the-wal  hides 0, unknown: over-the-wal',
      '',
      '7 suppressions in 4 documents: 1 expired, 2 unused, 1 of unknown rules, 4 without a reason.',
      '',
    ])
  })

  it('gives the same as JSON, of the paths that are named', async () => {
    const run = await silolint(['suppressions', '--format', 'json', 'old.md', 'policies'], { cwd })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(run.stdout)).toEqual([
      {
        path: 'old.md',
        line: 1,
        column: 1,
        kind: 'disable-next-line',
        rules: ['over-the-wall'],
        reason: '',
        until: '2020-01-31',
        hides: 1,
        expired: true,
        unused: false,
        unusedRules: [],
        unknownRules: [],
        faulty: false,
      },
      {
        path: 'old.md',
        line: 4,
        column: 44,
        kind: 'disable-line',
        rules: ['blame'],
        reason: '',
        until: null,
        hides: 0,
        expired: false,
        unused: true,
        unusedRules: ['blame'],
        unknownRules: [],
        faulty: false,
      },
      {
        path: 'policies/keys.md',
        line: 2,
        column: 1,
        kind: 'disable-file',
        rules: ['customer-absent-objective'],
        reason: 'worded by law',
        until: null,
        hides: 1,
        expired: false,
        unused: false,
        unusedRules: [],
        unknownRules: [],
        faulty: false,
      },
      {
        path: 'policies/keys.md',
        line: 6,
        column: 77,
        kind: 'disable-line',
        rules: ['over-the-wall', 'turf'],
        reason: 'quoted',
        until: '2999-12-31',
        hides: 1,
        expired: false,
        unused: false,
        unusedRules: ['turf'],
        unknownRules: [],
        faulty: false,
      },
    ])
  })

  it('says so where there are none, and where a path is wrong', async () => {
    expect(await silolint(['suppressions', 'clean.md'], { cwd })).toEqual({
      code: 0,
      stdout: 'No suppressions in 1 document.\n',
      stderr: '',
    })
    expect(await silolint(['suppressions', '--format', 'json', 'clean.md'], { cwd })).toMatchObject({
      code: 0,
      stdout: '[]\n',
    })
    expect(await silolint(['suppressions', 'claen.md'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean "clean.md"?'),
    })
    const piped = await silolint(['suppressions', '--stdin', '--stdin-filename', 'a.txt'], {
      cwd,
      input: '# silolint-disable-file -- why\n',
    })
    expect(piped.stdout).toContain('a.txt\n  1:1  disable-file  all rules  hides 0, unused  why\n')
    expect((await silolint(['suppressions', '--help'], { cwd })).stdout).toContain(
      'List the comments that hide findings',
    )
  })
})

it('any text with comments in any place is read without a fault, and no finding is lost', () => {
  const piece = fc.constantFrom(
    ...[
      '\n',
      '\n\n',
      ' ',
      '| ',
      '- ',
      '> ',
      '# ',
      '// ',
      '.. ',
      '---\n',
      '```\n',
      '<p>',
      '{/*',
      '*/}',
      '<!--',
      '-->',
      ' -- ',
      '`',
    ],
    ...[
      ' silolint-disable ',
      ' silolint-enable ',
      ' silolint-disable-line ',
      ' silolint-disable-next-line ',
      ' silolint-disable-file ',
    ],
    ...[' over-the-wall ', ' disowning, ', ' until=2020-01-01 ', ' until=2999-01-01 ', ` ${wall} `, ` ${job} `],
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.constantFrom('a.md', 'a.mdx', 'a.txt'), (pieces, path) => {
      const source = pieces.join('')
      const { messages, data } = linter.lint(source, { path, today: '2026-01-01' })
      for (const message of [...messages, ...(data.suppressed ?? [])]) {
        if (!message.place || !('start' in message.place)) throw new Error('a finding has no range')
        expect(source.slice(message.place.start.offset, message.place.end.offset)).toBe(message.actual)
      }
      const hidden = (data.suppressed ?? []).map(({ suppression }) => suppression as Suppression)
      for (const one of hidden) expect(one.hides).toBeGreaterThan(0)
      expect(hidden.every((one) => !one.isExpired)).toBe(true)
    }),
    { numRuns: 500 },
  )
})
