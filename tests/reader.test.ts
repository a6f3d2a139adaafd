import { decodeNamedCharacterReference } from 'decode-named-character-reference'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Block, type Document, type Section, sourceOf, spanOf } from '../engine/block.ts'
import { Lexicon } from '../engine/lexicon.ts'
import { markdown, openMarkdown, readMarkdown } from '../engine/markdown.ts'
import { openText, readText } from '../engine/text.ts'
import { tokenise } from '../engine/tokens.ts'

const prose = (document: Document): string[] => document.blocks.map((block) => block.prose)
const lines = (...all: string[]): string => all.join('\n')

/** Throws unless every character of every block stands at the very place in the source that the map names. */
function expectExactMap({ source, blocks }: Document): void {
  for (const block of blocks) {
    let last = -1
    for (let at = 0; at < block.prose.length; at++) {
      const { start, end } = sourceOf(block, at, at + 1)
      const written = source.slice(start, end)
      const character = block.prose[at] as string
      if (written !== character) {
        const named = /^&([^;]+);$/.exec(written)?.[1]
        const code =
          named?.startsWith('#x') || named?.startsWith('#X')
            ? Number.parseInt(named.slice(2), 16)
            : Number(named?.slice(1))
        const meant = named?.startsWith('#') ? String.fromCodePoint(code) : decodeNamedCharacterReference(named ?? '')
        if (!(meant || '').includes(character))
          throw new Error(
            `${JSON.stringify(character)} maps to ${JSON.stringify(written)} at ${start} in ${JSON.stringify(source)}`,
          )
      }
      if (start < last) throw new Error(`${start} comes after ${last} in ${JSON.stringify(source)}`)
      last = start
    }
  }
}

describe('what a writer reads as prose', () => {
  test('headings, paragraphs, items, cells, quotations and link texts are seen', () => {
    const document = readMarkdown(
      lines(
        '# Refunds',
        '',
        'See [the refund form](https://example.org/form "Form") first.',
        '',
        '> Quoted *words* here.',
        '',
        '1. First step',
        '   goes on',
        '   - Inner item',
        '- [ ] A task',
        '',
        '| Step | Who |',
        '|---|---|',
        '| Check | Clerk |',
        '',
        'Note.[^1]',
        '',
        '[^1]: The note itself.',
      ),
    )
    expect(document.blocks.map(({ kind, prose }) => [kind, prose])).toEqual([
      ['heading', 'Refunds'],
      ['paragraph', 'See the refund form first.'],
      ['quotation', 'Quoted words here.'],
      ['item', 'First step\n   goes on'],
      ['item', 'Inner item'],
      ['item', 'A task'],
      ['cell', 'Step'],
      ['cell', 'Who'],
      ['cell', 'Check'],
      ['cell', 'Clerk'],
      ['paragraph', 'Note.'],
      ['paragraph', 'The note itself.'],
    ])
  })

  test('code, targets, front matter, comments, directives and templating are not', () => {
    const document = readMarkdown(
      lines(
        '---',
        'title: Hidden title',
        '---',
        '<!-- hidden comment -->',
        '',
        '    hidden indented code',
        '',
        '```',
        'hidden fence',
        '```',
        '',
        'A `hidden` word, {{ hidden.name }} and <%= hidden %> and {% hidden %} and <b>bold</b><!-- hidden -->.',
        '',
        '[ref]: https://hidden.example "Hidden"',
        '',
        ':::hidden',
        'Inside.',
        ':::',
        '',
        '![hidden image](hidden.png)',
        '',
        '{{< hidden >}}',
        '',
        'import Hidden from "hidden"',
        '',
        '<script>hidden()</script>',
        '',
        '- item',
        '',
        '  ```',
        '  hidden in a list',
        '  ```',
        '',
        '<p>Seen in HTML &amp; all</p>',
        '',
        'https://hidden.example/path and <https://hidden.example>',
      ),
    )
    expect(prose(document).join('|').toLowerCase()).not.toContain('hidden')
    expect(prose(document).filter(Boolean)).toEqual([
      'A  word,  and  and  and bold.',
      'Inside.',
      'item',
      'Seen in HTML & all',
      'and',
    ])
  })

  test('what front matter says of the purpose is, under the key that names it', () => {
    const source = lines(
      '---',
      'title: Hidden title',
      'purpose: To keep the "lift" running',
      "scope: 'All sites'",
      'objectives:',
      '  - Fewer stops',
      '  - >',
      '    Shorter waits',
      '    at every floor',
      'goal: "An \\u0065scape is not shown"',
      '---',
      '',
      'Text.',
    )
    const document = readMarkdown(source)
    expect(document.blocks.map(({ kind, prose }) => [kind, prose])).toEqual([
      ['paragraph', 'purpose: To keep the "lift" running'],
      ['paragraph', 'scope: All sites'],
      ['paragraph', 'objectives:'],
      ['item', 'Fewer stops'],
      ['item', 'Shorter waits\n    at every floor'],
      ['paragraph', 'goal:'],
      ['paragraph', 'Text.'],
    ])
    const purpose = document.blocks[0] as Block
    const { start, end } = sourceOf(purpose, purpose.prose.indexOf('To keep'), purpose.prose.length)
    expect(source.slice(start, end)).toBe('To keep the "lift" running')
    expect(document.blocks[3]?.list?.lead).toBe(document.blocks[2])
    // what is not YAML is left alone
    expect(prose(readMarkdown('---\npurpose: [\n---\n\nText.\n'))).toEqual(['Text.'])
  })

  test('HTML has headings, items, rows and terms', () => {
    const document = readMarkdown(
      lines(
        '<h2>Refunds &amp; returns</h2>',
        '<p>Do this:</p>',
        '<ol><li>Check the form',
        '<li><p>Pay the customer</p><p>the same day</p>',
        '<ul><li>by card</li></ul></li></ol>',
        '<table><thead><tr><th>Step</th><th>Who</th></tr></thead>',
        '<tr><td>Check</td><td></td></tr><tr><td></td><td><b>Clerk</b></td></tr></table>',
        '<dl><dt>Purpose</dt><dd>To help.</dd></dl>',
      ),
    )
    expect(
      document.blocks.map(({ kind, prose, section, list, table }) => [
        kind,
        prose,
        section.title,
        list && [list.ordered, list.depth, list.index, list.lead?.prose],
        table && [table.row, table.column, table.header],
      ]),
    ).toEqual([
      ['heading', 'Refunds & returns', 'Refunds & returns', undefined, undefined],
      ['paragraph', 'Do this:', 'Refunds & returns', undefined, undefined],
      ['item', 'Check the form', 'Refunds & returns', [true, 0, 0, 'Do this:'], undefined],
      ['item', 'Pay the customer', 'Refunds & returns', [true, 0, 1, 'Do this:'], undefined],
      ['paragraph', 'the same day', 'Refunds & returns', [true, 0, 1, 'Do this:'], undefined],
      ['item', 'by card', 'Refunds & returns', [false, 1, 0, 'the same day'], undefined],
      ['cell', 'Step', 'Refunds & returns', undefined, [0, 0, 'Step']],
      ['cell', 'Who', 'Refunds & returns', undefined, [0, 1, 'Who']],
      ['cell', 'Check', 'Refunds & returns', undefined, [1, 0, 'Step']],
      ['cell', 'Clerk', 'Refunds & returns', undefined, [2, 1, 'Who']],
      ['paragraph', 'Purpose', 'Refunds & returns', undefined, undefined],
      ['paragraph', 'To help.', 'Refunds & returns', undefined, undefined],
    ])
    expect(document.blocks.at(-2)?.marks.map(({ kind }) => kind)).toContain('strong')
  })

  test('an unclosed front matter fence hides nothing', () => {
    expect(prose(readMarkdown('---\ntitle: seen\n\nA paragraph.\n'))).toContain('A paragraph.')
  })

  test('brackets that lead nowhere are words; brackets with a reference are a link', () => {
    const document = readMarkdown('Tell [the customer] and read [the guide].\n\n[the guide]: https://example.org\n')
    expect(document.blocks[0]?.prose).toBe('Tell [the customer] and read the guide.')
    expect(document.blocks[0]?.marks.map(({ kind, start, end }) => [kind, start, end])).toEqual([['link', 29, 38]])
  })

  test('the kind of an alert is no prose', () => {
    expect(prose(readMarkdown('> [!NOTE]\n> Ask at the desk.\n'))).toEqual(['Ask at the desk.'])
  })

  test('each block knows its place', () => {
    const document = readMarkdown(
      lines(
        '# A',
        '',
        'The steps are:',
        '',
        '1. one',
        '2. two',
        '   1. inner',
        '',
        '## B',
        '',
        '| Step | Who |',
        '|---|---|',
        '| | Clerk |',
        '| Pay | |',
      ),
    )
    const place = (text: string): Block => document.blocks.find((block) => block.prose === text) as Block
    expect(place('two').list).toMatchObject({ ordered: true, depth: 0, index: 1 })
    expect(place('two').list?.lead?.prose).toBe('The steps are:')
    expect(place('inner').list).toMatchObject({ ordered: true, depth: 1, index: 0 })
    expect(place('Clerk').table).toMatchObject({ row: 1, column: 1, header: 'Who' })
    expect(place('Pay').table).toMatchObject({ row: 2, column: 0, header: 'Step' })
    expect(place('Pay').section).toMatchObject({ title: 'B', level: 2, parent: { title: 'A' } })
  })

  test('a mark across emphasis is widened to whole marks, one across a link is not to be edited', () => {
    const [block] = readMarkdown('It is **not our** job, [hand it](x.md) to Support.\n').blocks as [Block]
    const at = (words: string) => [block.prose.indexOf(words), block.prose.indexOf(words) + words.length] as const
    expect(spanOf(block, ...at('not our job'))).toEqual({ start: 6, end: 21, editable: true })
    expect(spanOf(block, ...at('hand it to Support'))).toMatchObject({ start: 23, editable: false })
    expect(spanOf(block, ...at('hand it'))).toMatchObject({ start: 24, end: 31, editable: true })
  })

  test.each([
    ['code at its end', 'run `x` again', 'run ', 'run `x`'],
    ['half of a struck word', 'That ~~is not our~~ job', 'not our job', '~~is not our~~ job'],
    ['an escaped character', 'throw the \\*build\\* over', 'the *build* over', 'the \\*build\\* over'],
    ['a character reference', 'throw the &lt;b&gt; over', 'the <b> over', 'the &lt;b&gt; over'],
  ])('a mark that holds %s is not to be edited', (_, source, words, marked) => {
    const [block] = readMarkdown(`${source}\n`).blocks as [Block]
    const from = block.prose.indexOf(words)
    const { start, end, editable } = spanOf(block, from, from + words.length)
    expect(editable).toBe(false)
    if (!source.includes('~~')) expect(source.slice(start, end)).toBe(marked)
  })

  test('blanks at the end of a line that makes a table do not matter', () => {
    const kinds = readMarkdown('| Step | Who |  \n|---|---| \n| Check | Clerk |\t\n').blocks.map(({ kind }) => kind)
    expect(kinds).toEqual(['cell', 'cell', 'cell', 'cell'])
  })

  test('a document from Windows is read as any other', () => {
    const source = lines(
      '---',
      'purpose: To help',
      '---',
      '# Refunds',
      '',
      '| Step | Who |',
      '|---|---|',
      '| Check | Clerk |',
      '',
      '<div>',
      'Inside',
      '</div>',
      '',
      'Words *with* [a link](x.md).',
      '',
      '<!-- nothing -->',
      '',
      '- one',
      '',
      '  more',
      '',
      'Head',
      '===',
      '',
      'See [this].',
      '',
      '[this]: x.md',
      '',
    )
    const read = (text: string): unknown =>
      readMarkdown(text).blocks.map(({ kind, prose, table, marks }) => [
        kind,
        prose,
        table,
        marks.map((one) => one.kind),
      ])
    expect(read(source.replaceAll('\n', '\r\n'))).toEqual(read(source))
    expectExactMap(readMarkdown(source.slice(source.indexOf('#')).replaceAll('\n', '\r\n')))
  })

  test('numbered steps with blank lines between them are steps, numbered titles are headings', () => {
    const document = readText('1. Purpose\n\nAll shops.\n\n1. Check the form\n\n2. Pay the driver\n')
    expect(document.blocks.map(({ kind }) => kind)).toEqual(['heading', 'paragraph', 'item', 'item'])
  })

  test('lettered clauses are items without their letter, set in by four blanks as well; code stays code', () => {
    const document = readMarkdown(
      lines(
        'a. Records must be kept.',
        '',
        '    ii. Paper goes into boxes',
        '    that are labelled.',
        '    iii. Films stay cold.',
        '',
        'b. Ask the archivist.',
        '',
        '    const boxes = 3',
        '',
        'A. Smith signs.',
      ),
    )
    expectExactMap(document)
    expect(document.blocks.map(({ kind, prose }) => [kind, prose.replace(/\s+/g, ' ')])).toEqual([
      ['item', 'Records must be kept.'],
      ['item', 'Paper goes into boxes that are labelled.'],
      ['item', 'Films stay cold.'],
      ['item', 'Ask the archivist.'],
      ['paragraph', 'A. Smith signs.'],
    ])
  })

  test('plain text has headings, steps and paragraphs too', () => {
    const document = readText(
      lines(
        'REFUND PROCEDURE',
        '',
        'The clerk does',
        'what follows.',
        '',
        '1. Check the form',
        '   and sign it',
        '2) Pay',
        '  - by card',
        '',
        '2.1 Scope',
        '',
        'All shops.',
      ),
    )
    expect(document.blocks.map(({ kind, prose }) => [kind, prose])).toEqual([
      ['heading', 'REFUND PROCEDURE'],
      ['paragraph', 'The clerk does\nwhat follows.'],
      ['item', 'Check the form\n   and sign it'],
      ['item', 'Pay'],
      ['item', 'by card'],
      ['heading', 'Scope'],
      ['paragraph', 'All shops.'],
    ])
    expectExactMap(document)
  })

  test('a table in plain text has cells with their headers', () => {
    const document = readText(
      lines(
        'RACI',
        '',
        '| Task   | Sales | Caller \\| guest |',
        '|--------|:-----:|------|',
        '| Book   | A/R   |      |',
        '  | Remind | R | I |',
        'Sales asks | the caller |',
        '| a line by itself |',
      ),
    )
    expect(
      document.blocks.map(({ kind, prose, table }) => [kind, prose, table?.row, table?.column, table?.header]),
    ).toEqual([
      ['heading', 'RACI', undefined, undefined, undefined],
      ['cell', 'Task', 0, 0, 'Task'],
      ['cell', 'Sales', 0, 1, 'Sales'],
      ['cell', 'Caller \\| guest', 0, 2, 'Caller \\| guest'],
      ['cell', 'Book', 1, 0, 'Task'],
      ['cell', 'A/R', 1, 1, 'Sales'],
      ['cell', 'Remind', 2, 0, 'Task'],
      ['cell', 'R', 2, 1, 'Sales'],
      ['cell', 'I', 2, 2, 'Caller \\| guest'],
      ['paragraph', 'Sales asks | the caller |\n| a line by itself |', undefined, undefined, undefined],
    ])
    expectExactMap(document)
  })

  test('comments in plain text are no prose', () => {
    const document = readText('<!-- not this -->\nSeen <!-- not\nthis --> too.\n')
    expect(document.blocks.map((block) => block.prose.replace(/\s+/g, ' '))).toEqual(['Seen too.'])
    expectExactMap(document)
  })
})

describe('for arbitrary documents', () => {
  const newline = fc.constantFrom('\n', '\r\n')
  const oddPieces = fc.constantFrom(
    '# ',
    '## ',
    '> ',
    '>> ',
    '- ',
    '* ',
    '1. ',
    '10) ',
    '\t',
    '    ',
    '  ',
    '| a | b |',
    '|---|---|',
    '`',
    '```',
    '~~~',
    '**',
    '*',
    '_',
    '~~',
    '[',
    ']',
    '](x)',
    '![',
    '<b>',
    '</b>',
    '<br>',
    '<!--',
    '-->',
    '<div>',
    '</div>',
    '&amp;',
    '&nbsp;',
    '&#x1F600;',
    '&#65;',
    '&bogus;',
    '\\*',
    '\\',
    '{{',
    '}}',
    '<%',
    '%>',
    '{%',
    '%}',
    '[^1]',
    '[^1]: ',
    '---',
    '===',
    ':::',
    '!!! ',
    '- [ ] ',
    '👩‍🚀',
    '𝒜',
    'é',
    'e\u0301',
    '\u00a0',
    '\u2028',
    'https://example.org/a_b',
    'a@b.org',
    'word',
    'don’t',
    'and so on.',
    '\uFEFF',
    '\u0000',
    '\ud800',
  )
  const anything = fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: oddPieces },
        { weight: 1, arbitrary: newline },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
      ),
      { maxLength: 60 },
    )
    .map((pieces) => pieces.join(''))

  test('every character of Markdown prose maps to the same character in the source', () => {
    fc.assert(
      fc.property(anything, (source) => expectExactMap(readMarkdown(source))),
      { numRuns: 2000 },
    )
  })

  test('every character of plain text prose maps to the same character in the source', () => {
    fc.assert(
      fc.property(anything, (source) => expectExactMap(readText(source))),
      { numRuns: 1000 },
    )
  })

  /** A document whose words say themselves whether they are prose: "seen1", "hidden2". */
  const inline = fc.array(
    fc.constantFrom(
      'seen',
      '*seen*',
      '**seen seen**',
      '[seen](hidden)',
      '[seen *seen*](<hidden> "hidden")',
      '`hidden`',
      '``hidden ` hidden``',
      '<i title="hidden">seen</i>',
      '<!-- hidden -->',
      '{{ hidden }}',
      '<% hidden %>',
      '![hidden](hidden)',
      '~~seen~~',
      'seen &amp; seen',
      '\\*seen',
      '<https://hidden.example>',
      'https://hidden.example',
      'seen[^hidden]',
      '<code>hidden</code>',
      '👩‍🚀 seen',
      'sе\u0301en seen',
    ),
    { minLength: 1, maxLength: 6 },
  )
  // a stray bracket, backtick or star would join two pieces into something else
  const text = inline.map((pieces) => `seen ${pieces.join(' ')}`)
  type Blocks = fc.Arbitrary<string[]>
  const { blocks } = fc.letrec<{ blocks: string[]; block: string[] }>((tie) => ({
    block: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      text.map((one) => [one]),
      text.map((one) => [`## ${one}`]),
      text.map((one) => [one, '===']),
      fc.tuple(text, text).map(([one, two]) => [one, two]),
      fc.constantFrom<string[]>(
        ['```', 'hidden', '```'],
        ['<!-- hidden', '', 'hidden -->'],
        ['[hidden]: https://hidden.example/hidden'],
      ),
      fc.tuple(text, text).map(([one, two]) => [`| ${one} | seen |`, '|---|---|', `| seen | ${two} |`]),
      (tie('blocks') as Blocks).map((inner) => inner.map((line) => `> ${line}`)),
      (tie('blocks') as Blocks).map((inner) =>
        inner.map((line, index) => (index === 0 ? `- ${line}` : line && `  ${line}`)),
      ),
      (tie('blocks') as Blocks).map((inner) =>
        inner.map((line, index) => (index === 0 ? `1. ${line}` : line && `   ${line}`)),
      ),
    ),
    blocks: fc
      .array(tie('block') as Blocks, { minLength: 1, maxLength: 3 })
      .map((all) => all.flatMap((one) => [...one, '']).slice(0, -1)),
  }))

  test('all that is prose is seen once, and nothing else', () => {
    fc.assert(
      fc.property(blocks as Blocks, newline, fc.boolean(), (all, ending, withFrontMatter) => {
        let count = 0
        const number = (line: string) => line.replace(/seen|hidden/g, (word) => `${word}${count++}x`)
        const source = [...(withFrontMatter ? ['---', 'hidden: hidden', '---'] : []), ...all].map(number).join(ending)
        const document = readMarkdown(source)
        expectExactMap(document)
        const read = prose(document).join('\n')
        expect(read.match(/hidden\d+x/g) ?? []).toEqual([])
        expect(read.match(/seen\d+x/g) ?? []).toEqual(source.match(/seen\d+x/g) ?? [])
      }),
      { numRuns: 1000 },
    )
  })
})

test('deep nesting, huge lines and unclosed marks neither throw nor hang', () => {
  for (const source of [
    '>'.repeat(2000),
    '- '.repeat(2000),
    '['.repeat(20_000),
    '*a '.repeat(20_000),
    '`'.repeat(20_001),
    '<div>'.repeat(5000),
    '&'.repeat(20_000),
    '{{'.repeat(5000),
    `| ${'a | '.repeat(5000)}\n|${'---|'.repeat(5000)}\n`,
    'word '.repeat(100_000),
    `a${' '.repeat(200_000)}b`,
    `---\npurpose: ${'['.repeat(20_000)}\n---\n`,
    `---\n${Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}goal:`).join('\n')}\n---\n`,
  ]) {
    expectExactMap(readMarkdown(source))
  }
})

test('marks without end cost a text no more than its length', () => {
  // with each of these the parser would be busy for minutes if it looked for the other end of every mark in all of it
  for (const source of [
    '['.repeat(200_000) + ']'.repeat(200_000),
    '[a](b) '.repeat(100_000),
    '* a *b* '.repeat(100_000),
    '_a *b '.repeat(100_000),
    'a*b_c'.repeat(100_000),
    'a <!-- b '.repeat(100_000),
    'a <a href="b '.repeat(60_000),
    '`` a ` b ``` '.repeat(80_000),
    '![a '.repeat(200_000),
    '<b><code>a</code> '.repeat(50_000),
    'a <code>b '.repeat(100_000),
    '>'.repeat(100_000),
    '1. '.repeat(50_000),
    `[a]: b "${'\nwords that never end'.repeat(20_000)}`,
  ])
    readMarkdown(source)
})

test('what nests deeper than anybody writes is words, in the quotation that it stands in', () => {
  const [block] = readMarkdown(`${'> '.repeat(150)}The form is with the clerk.`).blocks
  expect(block?.kind).toBe('quotation')
  expect(block?.prose).toMatch(/^(?:> ){50,}The form is with the clerk\.$/)
})

test('inline markup is parsed as the parser by itself would', () => {
  const parts = [
    ...[
      'a',
      'word',
      ' ',
      '  ',
      '  \n',
      '\n',
      '\\',
      '\\*',
      '&amp;',
      '&',
      '`',
      '``',
      '*',
      '**',
      '_',
      '[',
      ']',
      '](b)',
      '![',
      '!',
    ],
    ...[
      '~~',
      '~',
      '<',
      '>',
      '<b>',
      '</b>',
      '<!-- c -->',
      '<https://a.example>',
      '[^1]',
      '{{ a }}',
      '{',
      '{%',
      'é',
      '—',
      '1',
    ],
    ...[
      'www.a.example',
      'https://a.example/b',
      'mailto:a@b.example',
      'xmpp:a@b.example/c',
      'a.b@c.example',
      '@',
      ':',
      '//',
      '.',
      '+',
    ],
  ]
  // one that was not told what to look at
  const whole = Object.getPrototypeOf(markdown).parseInline as typeof markdown.parseInline
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 30 }), (text) => {
      expect(markdown.parseInline(text.join(''), 7)).toEqual(whole.call(markdown, text.join(''), 7))
    }),
    { numRuns: 2000 },
  )
})

/** A document without its circles: sections and blocks by their number. */
function flat({ source, blocks, sections, comments }: Document): unknown {
  const blockNumbers = new Map(blocks.map((block, index) => [block, index]))
  const sectionNumbers = new Map(sections.map((section, index) => [section, index]))
  const blockOf = (block: Block | undefined): unknown => block && (blockNumbers.get(block) ?? 'a block that is gone')
  const sectionOf = (section: Section | undefined): unknown =>
    section && (sectionNumbers.get(section) ?? 'a section that is gone')
  return {
    source,
    comments,
    sections: sections.map(({ parent, heading, ...own }) => ({
      ...own,
      parent: sectionOf(parent),
      heading: blockOf(heading),
    })),
    blocks: blocks.map(({ section, list, ...own }) => ({
      ...own,
      section: sectionOf(section),
      list: list && { ...list, lead: blockOf(list.lead) },
    })),
  }
}

describe('a document that is edited', () => {
  const markdown = lines(
    '---',
    'purpose: To help',
    'objectives:',
    '  - one',
    '  - two',
    '---',
    '',
    '# Refunds',
    '',
    'See [the form] and [the policy][the form].',
    '',
    '- a claim',
    '- a receipt',
    '',
    '  and a note',
    '',
    '1. Check',
    '   - twice',
    '',
    '| Step | Who |',
    '|---|---|',
    '| [the form] | Clerk |',
    '',
    '> - Quoted',
    '> words',
    '',
    '<ul><li>First <li>Second</ul>',
    '',
    '[the form]: /form',
    '',
    'Exceptions',
    '===',
    '',
    '    code',
    '',
    '```',
    'a fence',
    '```',
    '',
    'Note.[^1]',
    '',
    '[^1]: The note',
    'that goes on',
    '',
    '<!-- silolint-disable vague-when -->',
    '',
    '<div>',
    '',
    'inside',
    '',
    '</div>',
    '',
    '- - nested',
    '',
  )
  const text = lines(
    'REFUNDS',
    '',
    '1. Scope',
    '',
    'Who may ask for one.',
    '',
    '1) Check the claim',
    '   and the receipt.',
    '2) Pay.',
    '',
    '   A note.',
    '',
    '- one',
    '',
    '- two',
    '',
    'Exceptions',
    '----------',
    '',
    '# silolint-disable vague-when',
    'A paragraph',
    'of two lines. <!-- not this -->',
    '',
    '2. Handover',
    '',
    'a. first',
    'b. second',
    '',
  )
  const insertions = [
    ...['\n', '\n\n', '\r\n', ' ', '    ', '\t', '- ', '* ', '1. ', '2) ', 'a. ', '> ', '# ', '## ', '```\n', '~~~\n'],
    ...[
      '---\n',
      '+++\n',
      '...\n',
      '---',
      '===\n',
      '| a | b |\n',
      '|---|---|\n',
      '|',
      '<div>\n',
      '</div>\n',
      '<!--',
      '-->',
    ],
    ...[
      '<!-- silolint-disable-next-line vague-when -->\n',
      '# silolint-enable\n',
      '{/* silolint-enable */}',
      '{{ x }}',
    ],
    ...[
      '[the form]',
      '[the form]: /x\n',
      '[the policy]: <y> "t\n',
      '"\n',
      '[^1]',
      '[^1]: note\n',
      '**',
      '_',
      '`',
      '\\',
      '&amp;',
    ],
    ...[
      'a',
      'words and words ',
      'RULES\n',
      '3. Next\n',
      ':::note\n',
      '    ii. A clause\n',
      '- [ ] task\n',
      'purpose: To x\n',
    ],
    ...['<ul><li>x</li></ul>\n', '<table><tr><td>c</td></tr></table>\n', '<h2>Head</h2>\n', 'import x from "y"\n'],
  ]
  const edits = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      // at the start of a line, where most of Markdown is decided, or anywhere in it
      isLineStart: fc.boolean(),
      removed: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 200 })),
      added: fc.array(fc.constantFrom(...insertions), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 25 },
  )

  test.each([
    ['Markdown', openMarkdown, [markdown, markdown.replaceAll('\n', '\r\n'), '']],
    ['plain text', openText, [text, text.replaceAll('\n', '\r\n'), '']],
  ])('is as if read anew, and keeps the blocks that it did not read again: %s', (_, open, sources) => {
    fc.assert(
      fc.property(fc.constantFrom(...sources), edits, (start, all) => {
        let source = start
        const opened = open(source)
        for (const { at, isLineStart, removed, added } of all) {
          const place = Math.floor(at * source.length)
          const from = isLineStart && place ? source.lastIndexOf('\n', place - 1) + 1 : place
          const to = Math.min(source.length, from + removed)
          const insertion = added.join('')
          source = source.slice(0, from) + insertion + source.slice(to)
          const before = [...opened.document.blocks]
          const reread = opened.edit(source, { from, to, length: insertion.length })
          const { blocks } = opened.document
          expect(flat(opened.document)).toEqual(flat(open(source).document))
          expect(blocks.slice(0, reread.from).every((block, index) => block === before[index])).toBe(true)
          const kept = blocks.slice(reread.from + reread.added)
          expect(kept.every((block, index) => block === before[reread.from + reread.removed + index])).toBe(true)
          expect(before.length - reread.removed).toBe(blocks.length - reread.added)
        }
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    ['Markdown', openMarkdown],
    ['plain text', openText],
  ])('reads a few blocks of a long text anew, not all of them: %s', (_, open) => {
    const once = lines(
      '',
      'CLAIMS',
      '',
      'The clerk checks the claim.',
      '',
      '- one',
      '- two',
      '',
      'The claim is paid.',
      '',
    )
    let source = once.repeat(500)
    const opened = open(source)
    for (let at = source.indexOf('checks', source.length / 2); at > 0; at = source.indexOf('checks', at + 5000)) {
      source = `${source.slice(0, at)}x${source.slice(at)}`
      const reread = opened.edit(source, { from: at, to: at, length: 1 })
      expect(reread.added).toBeLessThan(10)
      expect(reread.added).toBe(reread.removed)
    }
  })

  test('finds its links and words in brackets again where their reference comes or goes', () => {
    const first = 'See [the form].\n\nWords between.\n\n'
    const definition = '[the form]: /form\n'
    const opened = openMarkdown(first)
    const marks = (): unknown => opened.document.blocks[0]?.marks.map(({ kind }) => kind)
    const words = opened.document.blocks[1]
    expect(marks()).toEqual([])
    opened.edit(first + definition, { from: first.length, to: first.length, length: definition.length })
    expect(marks()).toEqual(['link'])
    opened.edit(first, { from: first.length, to: first.length + definition.length, length: 0 })
    expect(marks()).toEqual([])
    expect(opened.document.blocks[1]?.prose).toBe(words?.prose)
  })
})

describe('words', () => {
  const words = [
    'not',
    'can',
    'will',
    "'s",
    'the',
    'hr',
    '=HR',
    'r&d',
    'e.g',
    'sales',
    'desk',
    'office',
    'é',
    'éclair',
    'if',
  ]
  const lexicon = new Lexicon()
  for (const word of words) lexicon.add(word)
  const read = (prose: string): unknown[] => {
    const { ids, start, end } = tokenise({ prose, marks: [] }, lexicon)
    return ids.map((id, at) => [prose.slice(start[at], end[at]), words.find((word) => lexicon.get(word) === id)])
  }

  test.each([
    [
      "The desk can't",
      [
        ['The', 'the'],
        ['desk', 'desk'],
        ['ca', 'can'],
        ["n't", 'not'],
      ],
    ],
    [
      'WON’T',
      [
        ['WO', 'will'],
        ['N’T', 'not'],
      ],
    ],
    [
      'cannot',
      [
        ['can', 'can'],
        ['not', 'not'],
      ],
    ],
    [
      "HR's desk",
      [
        ['HR', '=HR'],
        ["'s", "'s"],
        ['desk', 'desk'],
      ],
    ],
    [
      'Hr’s “desk”',
      [
        ['Hr', 'hr'],
        ['’s', "'s"],
        ['“', undefined],
        ['desk', 'desk'],
        ['”', undefined],
      ],
    ],
    [
      "the Sales' desk",
      [
        ['the', 'the'],
        ['Sales', 'sales'],
        ["'", "'s"],
        ['desk', 'desk'],
      ],
    ],
    [
      'R&D, e.g. the Desk',
      [
        ['R&D', 'r&d'],
        [',', undefined],
        ['e.g', 'e.g'],
        ['the', 'the'],
        ['Desk', 'desk'],
      ],
    ],
    [
      'back-office—DESK',
      [
        ['back', undefined],
        ['office', 'office'],
        ['—', undefined],
        ['DESK', 'desk'],
      ],
    ],
    [
      'É éclair',
      [
        ['É', 'é'],
        ['éclair', 'éclair'],
      ],
    ],
    [
      'ring +44 20 7946 0958 if',
      [
        ['ring', undefined],
        ['+44 20 7946 0958', undefined],
        ['if', 'if'],
      ],
    ],
    [
      'a_desk desk_',
      [
        ['a_desk', undefined],
        ['desk_', undefined],
      ],
    ],
  ])('%s', (prose, tokens) => {
    expect(read(prose)).toEqual(tokens)
    // as one text among others, and again
    expect(read(prose)).toEqual(tokens)
    expect(read(`${prose} the`)).toEqual([...tokens, ['the', 'the']])
  })

  test('are found as well once there are more of them', () => {
    const grown = new Lexicon()
    const ids = (): readonly number[] => tokenise({ prose: 'the desk', marks: [] }, grown).ids
    expect(ids()).toEqual([0, 0])
    const desk = grown.add('desk')
    expect(ids()).toEqual([0, desk])
    const the = grown.add('the')
    expect(ids()).toEqual([the, desk])
  })
})
