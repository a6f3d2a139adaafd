import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { VFile } from 'vfile'
import { describe, expect, test, vi } from 'vitest'
import { type Diagnostic, DocumentDiagnosticRequest } from 'vscode-languageserver/node'
import { builtIn } from '../engine/builtin.ts'
import type { Sources } from '../engine/catalogue.ts'
import { Check } from '../engine/lint.ts'
import { createLinter, type Format, type Session } from '../engine/linter.ts'
import { openMarkdown } from '../engine/markdown.ts'
import { overviewOf, sectionsOf } from '../engine/measure.ts'
import { Rope } from '../engine/rope.ts'
import { folderWith } from './command.ts'
import { Editor, marks, modern, uriIn } from './protocoleditor.ts'

// A document that is edited has the findings that it would have if it were read anew, whatever the edit; and an edit costs
// what it changes.

/** A rule that the whole document can clear, and one that wants to be cleared by what stands beside it. */
const team: Sources = {
  rules: [
    {
      path: '.silolint/rules/zorble.md',
      text: '---\nseverity: warning\nmessage: “$match” is ours.\nphrases:\n  - zorble the widget\nunless: [all-settled, called-off]\nrewrites:\n  - organise the widget\n---\n\n# Zorble\n\nOurs.\n',
    },
  ],
  guards: [
    {
      path: '.silolint/rules/guard/all-settled.md',
      text: '---\nwhere: [document]\nphrases:\n  - all is settled\n---\n\n# Settled\n',
    },
    {
      path: '.silolint/rules/guard/called-off.md',
      text: '---\nwhere: [previous, next, heading]\nphrases:\n  - called off\n---\n\n# Off\n',
    },
  ],
  vocabularies: [],
  roles: [],
  sectors: [],
  code: {},
}
const { linter, faults } = createLinter([builtIn, team], { rules: {} })

const examples = builtIn.rules.flatMap(({ examples }) => examples)
const flagged = examples.filter((one) => one.flagged && !one.text.includes('\n')).map(({ text }) => text.trim())
const documents = examples.filter(({ text }) => text.includes('\n')).map(({ text }) => text.trim())

/** What somebody may put in: sentences that are found, what clears them, and what gives other sentences another role. */
const bits = [
  ...flagged.filter((_, index) => index % 5 === 0),
  ...['Please zorble the widget today.', 'All is settled.', 'It was called off.', 'The organization is colored.'],
  ...[
    '# Purpose',
    '## Purpose',
    '## Scope',
    '## Example',
    '### Key performance indicators',
    '## Procedure',
    '#',
    '## Called off',
  ],
  ...[
    '## Objectives',
    '# Policy statement',
    '## Roles and responsibilities',
    '## Frustrations',
    '## OKRs 2026',
    '## Glossary',
  ],
  ...[
    '**Purpose:** ',
    '**Example**',
    'Purpose: ',
    'Our goal is to cut the number of calls.',
    'We count the tickets we close:',
    '- ',
  ],
  ...[
    '1. The form is checked.',
    '2. The request is sent to Finance.',
    '3. Finance approves the request and passes it to Legal.',
  ],
  ...[
    '- Reduce cost',
    '- Tell the customer',
    '  - Legal reviews it',
    'Steps:',
    'The caretaker then:',
    '> A quote',
    '>',
  ],
  ...[
    '| Task | Lead | Support |',
    '|---|---|---|',
    '| Pay the invoice | R | A |',
    '| Ship | I | C |',
    '| Purpose | Team |',
  ],
  ...['<!-- silolint-disable -->', '<!-- silolint-enable -->', '<!-- silolint-disable-next-line turf -- why -->'],
  ...[
    '<!-- silolint-disable-file disowning -->',
    '<!-- silolint-disable-line',
    '-->',
    '```',
    '~~~',
    '`code`',
    '---',
    '===',
  ],
  ...[
    '“',
    '"',
    '*',
    '**',
    '[a](b.md)',
    '[x]: y',
    '\t',
    '    ',
    '.',
    ',',
    ' and ',
    '?',
    ':',
    '\r\n',
    '\r',
    '&amp;',
    '😀',
    '{{ x }}',
  ],
  ...[
    'Customers wait less.',
    'We serve our customers.',
    'Dear colleagues,',
    'From 1 March every branch will use the new system.',
  ],
]

/** What must be the same in two files: everything that is told of a finding. */
const told = ({ messages, data }: VFile) => ({
  messages: messages.map((one) => ({ ...one, suppression: one.suppression, name: one.name })),
  data,
})

const edits = fc.array(
  fc.record({
    /** Where, as a share of the text. */
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    /** How much goes: mostly nothing or a few characters. */
    gone: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(8) }, fc.nat(400)),
    bit: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...bits) }, fc.constant('')),
    /** In the middle of a line, on a line of its own, as a block of its own, or letter by letter: anywhere or opening a line. */
    as: fc.constantFrom('in line', 'line', 'line', 'block', 'block', 'typed', 'opening'),
  }),
  { minLength: 6, maxLength: 12 },
)

/** The texts of documents, cut finely, so that everything that is read goes over where they are cut. */
const ropes = new WeakMap<Session, Rope>()

function change(open: Session, from: number, to: number, text: string): void {
  const rope = (ropes.get(open) ?? Rope.of(open.source, 13)).replace(from, to, text)
  ropes.set(open, rope)
  open.edit(rope, { from, to, length: text.length })
}

/** What is counted in a document and its sections. */
function counted({ reading }: Session): unknown {
  const steps = overviewOf(reading, linter.catalogue)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return { ...value, sections: sectionsOf(reading, linter.catalogue) }
  }
}

function story(start: string, format: Format, list: typeof edits extends fc.Arbitrary<infer T> ? T : never): void {
  const open = linter.open(start, { format })
  const compare = (): void =>
    expect(told(open.lint({ today: '2026-01-01' }))).toEqual(
      told(linter.lint(open.source, { format, today: '2026-01-01' })),
    )
  compare()
  for (const { at, gone, bit, as } of list) {
    const { source } = open
    const here = Math.floor(at * source.length)
    const from = as === 'in line' || as === 'typed' ? here : source.lastIndexOf('\n', here) + 1
    const to = Math.min(source.length, from + gone)
    if (as === 'typed' || as === 'opening') {
      for (const [index, letter] of [...bit.slice(0, 12)].entries()) {
        change(open, from + index, from + index, letter)
        if (index % 4 === 0) compare()
      }
    } else change(open, from, to, as === 'in line' ? bit : as === 'line' ? `${bit}\n` : `${bit}\n\n`)
    compare()
    expect(counted(open)).toEqual(counted(linter.open(open.source, { format })))
  }
  // two edits before anybody looks
  change(open, 0, Math.min(3, open.source.length), 'All is settled.\n\n')
  change(open, open.source.length, open.source.length, '\n\nPlease zorble the widget.')
  compare()
}

describe('while a document is edited', () => {
  expect(faults).toEqual([])
  const starts = [
    readFileSync('examples/refund-procedure.md', 'utf8'),
    readFileSync('examples/service-handover.md', 'utf8'),
    flagged.filter((_, index) => index % 25 === 0).join('\n\n'),
    '',
    ...documents.filter((_, index) => index % 3 === 0),
  ]

  test('its findings are those of the text as it stands, in Markdown', { timeout: 300_000 }, () => {
    const runs = fc.property(fc.constantFrom(...starts), fc.constantFrom(...starts), edits, (one, other, list) =>
      story(`${one}\n\n${other}`, 'markdown', list),
    )
    fc.assert(runs, { numRuns: Number(process.env.RUNS ?? 60), seed: Number(process.env.SEED ?? 7) })
  })

  test('whatever they hang on', { timeout: 300_000 }, () => {
    const page = `# Handbook

## Requests

The desk handles requests. Refunds are not our responsibility.

Please zorble the widget today.

It was a long day.

1. The request is sent to Finance.
2. The form is checked.
3. Customer forms are filed.

The following is done:

- The invoice is approved by Legal.
- The letter must be sent to the customer.

| Task | Clerk | Lead |
|---|---|---|
| Pay the invoice | R | A |
| File the form | R | |

## Targets

Our aim is to cut cost.

- Number of calls closed

The organisation writes to each Customer by name.
`
    const open = linter.open(page, { format: 'markdown' })
    const seen = new Set<string>()
    const edits: Array<[string, string]> = [
      ['# Handbook', '# Articles of the society'],
      ['# Articles of the society', '# Handbook'],
      ['## Requests', '## Example'],
      ['## Example', '## Procedure'],
      ['## Procedure', '## What the clerk does'],
      ['## What the clerk does', '## Called off requests'],
      ['## Called off requests', '## Requests'],
      ['It was a long day.', 'It was called off.'],
      ['It was called off.', 'It was a long day.'],
      ['Our aim', 'All is settled. Our aim'],
      ['All is settled. ', ''],
      ['The following is done:', 'The clerk does the following:'],
      ['The clerk does the following:', 'Purpose:'],
      ['Purpose:', 'Example:'],
      ['Example:', 'The following is done:'],
      ['Our aim is to cut cost.', 'The aim is to cut cost, so that customers wait less.'],
      ['## Targets', '## Key performance indicators'],
      ['## Key performance indicators', '## Purpose'],
      ['| Clerk |', '| Customer |'],
      ['| Customer |', '| Clerk |'],
      ['1. The request is sent', '1. Send the request, which is then sent'],
      ['1. Send the request, which is then sent', '1. The request is sent'],
      ['The organisation writes', 'The organization writes'],
      ['each Customer by', 'each customer by'],
      ['The desk handles', '`a` `b` `c` `d` `e` `f` `g` The desk handles'],
      ['`a` `b` `c` `d` `e` `f` `g` ', ''],
      ['The desk', '<!-- silolint-disable -->\n\nThe desk'],
      ['1. The', '<!-- silolint-enable -->\n\n1. The'],
      ['<!-- silolint-disable -->', '<!-- silolint-disable-next-line disowning -->'],
      ['<!-- silolint-disable-next-line disowning -->\n\n', ''],
      ['2. The form', '```\ncode\n```\n\n2. The form'],
    ]
    for (const [old, text] of [['', ''] as [string, string], ...edits]) {
      const from = open.source.indexOf(old)
      expect(from, old).toBeGreaterThanOrEqual(0)
      // letter by letter, as it is written
      change(open, from, from + old.length, '')
      for (const [at, letter] of [...text].entries()) {
        change(open, from + at, from + at, letter)
        if (at % 5 && at < text.length - 2) continue
        const file = open.lint({ today: '2026-01-01' })
        for (const { ruleId } of file.messages) seen.add(`${ruleId}`)
        expect(told(file)).toEqual(told(linter.lint(open.source, { format: 'markdown', today: '2026-01-01' })))
      }
    }
    expect(seen.size).toBeGreaterThan(4)
  })

  test('also where words beside a matrix in sentences say who is told, or who is accountable for all', () => {
    const lines = [
      'Ship – Responsible: line manager; Informed: payroll; Consulted: Legal.',
      'The manager is accountable.',
    ]
    const matrix = lines.join('\n\n')
    for (const [old, news] of [
      ['is accountable', 'is accountable for all of it'],
      ['The manager is accountable', 'Customers are told by phone'],
    ] as const) {
      const from = matrix.indexOf(old)
      const open = linter.open(`${matrix}\n`, { format: 'markdown' })
      open.lint()
      change(open, matrix.length, matrix.length, ' Since May.')
      const before = told(open.lint()).messages.length
      change(open, from, from + old.length, news)
      const after = told(open.lint())
      expect(after).toEqual(told(linter.lint(open.source, { format: 'markdown' })))
      expect(after.messages.length).toBeLessThan(before)
    }
  })

  test('and in plain text', { timeout: 300_000 }, () => {
    const runs = fc.property(fc.constantFrom(...starts), edits, (start, list) => story(start, 'text', list))
    fc.assert(runs, { numRuns: Number(process.env.RUNS ?? 30), seed: Number(process.env.SEED ?? 7) })
  })
})

describe('a keystroke costs what it changes', () => {
  /** A process document of so many sections, with all that rules look for in a document as a whole. */
  const pageOf = (sections: number): string =>
    Array.from(
      { length: sections },
      (_, at) => `## Step ${at + 1}

Finance receives the request and checks it against the budget. Legal reads the contract and passes it to Finance.

- The form is checked within ${at + 2} days.
- Refunds are not our responsibility.

| Task | Clerk | Lead |
|---|---|---|
| Pay the invoice | R | A |
`,
    ).join('\n')
  const typed = 'The request is passed to Finance and waits there.'

  /** What is done while somebody types into the middle of a document, and how many of its blocks are read. */
  function typing(sections: number, text: string): { tried: number; followed: number; read: number } {
    const opened = openMarkdown(pageOf(sections))
    const check = new Check(opened.document, linter.catalogue, linter.levels)
    check.run()
    const before = { ...linter.catalogue.phrases.work }
    let read = 0
    let at = opened.document.source.indexOf('Legal reads', opened.document.source.length / 2)
    for (const letter of text) {
      const { source } = opened.document
      const [news, change] = [source.slice(0, at) + letter + source.slice(at), { from: at, to: at, length: 1 }]
      check.editSource(source, news, change)
      const changed = opened.edit(news, change)
      read += changed.added
      check.edit(changed)
      check.run()
      at++
    }
    const { tried, followed } = linter.catalogue.phrases.work
    return { tried: tried - before.tried, followed: followed - before.followed, read }
  }

  test('however long the document is', () => {
    const [short, long] = [typing(20, typed), typing(200, typed)]
    expect(opened(200)).toBeGreaterThan(1000)
    expect(long.tried).toBeLessThan(short.tried * 1.1)
    expect(long.followed).toBeLessThan(short.followed * 1.1)
    // each letter is in one block, which is read and looked through again
    expect(long.read).toBe(typed.length)
  })

  test('and what was asked of words that are gone is forgotten', () => {
    const opened = openMarkdown('# Procedure\n\n1. Words must be sent to the branch.\n2. Requests are logged.\n')
    const check = new Check(opened.document, linter.catalogue, linter.levels)
    for (let count = 0; count < 1100; count++) {
      const { source } = opened.document
      const [from, to] = [source.indexOf('1. ') + 3, source.indexOf(' must')]
      const word = `R${[...`${count}`].map((digit) => 'abcdefghij'[Number(digit)]).join('')}s`
      const [news, change] = [source.slice(0, from) + word + source.slice(to), { from, to, length: word.length }]
      check.editSource(source, news, change)
      check.edit(opened.edit(news, change))
      check.run()
    }
    expect((check.reading as unknown as { counts: Map<string, unknown> }).counts.size).toBeLessThan(200)
  })

  test('and makes no copy of the text', () => {
    const page = pageOf(200)
    let rope = Rope.of(page)
    const open = linter.open(page)
    open.findings()
    const at = page.indexOf('Legal reads', page.length / 2)
    const copied = vi.spyOn(Rope.prototype, 'toString')
    for (const [index, letter] of [...typed].entries()) {
      rope = rope.replace(at + index, at + index, letter)
      open.edit(rope, { from: at + index, to: at + index, length: 1 })
      open.findings()
    }
    expect(copied).not.toHaveBeenCalled()
    copied.mockRestore()
    expect(open.source).toBe(page.slice(0, at) + typed + page.slice(at))
  })

  test('nor is a sentence looked through again before the one that is written', () => {
    const typeInto = (before: string): number => {
      const open = linter.open(`${before}Legal reads it.\n`)
      open.findings()
      const work = { ...linter.catalogue.phrases.work }
      for (const [index, letter] of [...typed].entries()) {
        change(open, before.length + index, before.length + index, letter)
        open.findings()
      }
      return linter.catalogue.phrases.work.tried - work.tried
    }
    const sentence = 'Finance receives the request and checks it against the budget of the year. '
    expect(typeInto(sentence.repeat(20))).toBeLessThan(typeInto(sentence) * 2)
  })

  test('also where it changes how the document is built', () => {
    const [short, long] = [typing(20, 'Note:\n\n# New\n\n'), typing(200, 'Note:\n\n# New\n\n')]
    // what is read with it stands in the same section
    expect(long.read).toBeLessThan(short.read + 20)
    expect(long.tried).toBeLessThan(short.tried * 1.2)
  })

  const opened = (sections: number): number => openMarkdown(pageOf(sections)).document.blocks.length
})

describe('in the language server', () => {
  test('200 characters typed into 10,000 lines have the findings of their version, one after another', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder], capabilities: modern })
    const filler = 'Each of us answers for what the customer gets, and says so.\n\n'.repeat(5000)
    const document = await editor.open(uriIn(folder, 'long.md'), `${filler}Well. Refunds are not our job.\n\n${filler}`)
    const line = 10_000
    const letters = 'Whoever asks gets an answer. '.repeat(7).slice(0, 200)
    let previousResultId: string | undefined
    let shown: Diagnostic[] = []
    const kinds = new Set<string>()
    /** Puts a letter in and asks what is to be shown. */
    const type = async (line: number, character: number, text: string): Promise<string> => {
      const at = { line, character }
      await editor.change(document, [{ range: { start: at, end: at }, text }])
      const report = await editor.connection.sendRequest(DocumentDiagnosticRequest.type, {
        textDocument: { uri: document.uri },
        ...(previousResultId !== undefined && { previousResultId }),
      })
      previousResultId = report.resultId
      if (report.kind === 'full') shown = report.items
      expect(marks(document, shown)).toEqual(['disowning: are not our job'])
      return report.kind
    }
    for (const [at, letter] of [...letters].entries()) kinds.add(await type(line, at, letter))
    expect(kinds).toEqual(new Set(['full']))
    // in a line of their own they move nothing, and nothing is sent
    await type(0, 0, '\n')
    const others = new Set<string>()
    for (const [at, letter] of [...letters].entries()) others.add(await type(0, at, letter))
    expect(others).toEqual(new Set(['unchanged']))
  })

  test('an underline that an edit has squeezed is sent again, one beside it is not', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder] })
    const text = 'Well. Refunds are not our job. Whoever asks gets an answer.'
    const document = await editor.open(uriIn(folder, 'squeezed.md'), `${text}\n`)
    const textDocument = { uri: document.uri }
    const report = await editor.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument })
    expect(marks(document, report.kind === 'full' ? report.items : [])).toEqual(['disowning: are not our job'])
    let previousResultId = report.resultId as string
    const told = async (...changes: Array<[from: number, to: number, text: string]>): Promise<string> => {
      await editor.change(
        document,
        changes.map(([from, to, text]) => ({
          range: { start: { line: 0, character: from }, end: { line: 0, character: to } },
          text,
        })),
      )
      const next = await editor.connection.sendRequest(DocumentDiagnosticRequest.type, {
        textDocument,
        previousResultId,
      })
      previousResultId = next.resultId as string
      return next.kind
    }
    const end = text.indexOf(' job') + 4
    expect(await told([text.length, text.length, ' T'])).toBe('unchanged')
    // its last letters are taken out and put back before anybody asks
    expect(await told([end - 2, end, ''], [end - 2, end - 2, 'ob'])).toBe('full')
    expect(await told([text.length + 2, text.length + 2, 'h'])).toBe('unchanged')
  })

  test('changes in many places at once, or of the whole text, are followed', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder] })
    const text = `${'Refunds are our job.\n\n'.repeat(100)}`
    const document = await editor.open(uriIn(folder, 'many.md'), text)
    expect(await editor.pull(document)).toEqual([])
    // an editor sends them from the end on, each for the text as it is by then
    await editor.change(
      document,
      Array.from({ length: 100 }, (_, at) => {
        const place = { line: 198 - 2 * at, character: 'Refunds are '.length }
        return { range: { start: place, end: place }, text: 'not ' }
      }),
    )
    expect(await editor.pull(document)).toHaveLength(100)
    await editor.change(document, [{ text: 'Refunds are not our job.\n' }, { text: `\n${text}` }])
    expect(await editor.pull(document)).toEqual([])
    await editor.replace(document, 'our', 'not our')
    expect(marks(document, await editor.pull(document))).toEqual(['disowning: are not our job'])
  })
})
