import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { VFile } from 'vfile'
import { describe, expect, test } from 'vitest'
import { builtIn } from '../engine/builtin.ts'
import type { Sources } from '../engine/catalogue.ts'
import { createLinter, type Format, type Session } from '../engine/linter.ts'

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
    /** In the middle of a line, on a line of its own, or as a block of its own. */
    as: fc.constantFrom('in line', 'line', 'line', 'block', 'block', 'typed'),
  }),
  { minLength: 6, maxLength: 12 },
)

function change(open: Session, from: number, to: number, text: string): void {
  const { source } = open
  open.edit(source.slice(0, from) + text + source.slice(to), { from, to, length: text.length })
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
    if (as === 'typed') {
      for (const [index, letter] of [...bit.slice(0, 12)].entries()) {
        change(open, from + index, from + index, letter)
        if (index % 4 === 0) compare()
      }
    } else change(open, from, to, as === 'in line' ? bit : as === 'line' ? `${bit}\n` : `${bit}\n\n`)
    compare()
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

  test('its findings are those of the text as it stands, in Markdown', { timeout: 120_000 }, () => {
    const runs = fc.property(fc.constantFrom(...starts), fc.constantFrom(...starts), edits, (one, other, list) =>
      story(`${one}\n\n${other}`, 'markdown', list),
    )
    fc.assert(runs, { numRuns: Number(process.env.RUNS ?? 60), seed: Number(process.env.SEED ?? 7) })
  })

  test('and in plain text', { timeout: 120_000 }, () => {
    const runs = fc.property(fc.constantFrom(...starts), edits, (start, list) => story(start, 'text', list))
    fc.assert(runs, { numRuns: Number(process.env.RUNS ?? 30), seed: Number(process.env.SEED ?? 7) })
  })
})
