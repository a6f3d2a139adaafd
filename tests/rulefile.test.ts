import { describe, expect, test } from 'vitest'
import { compileCatalogue, type Sources } from '../engine/catalogue.ts'
import { faultToString } from '../engine/fault.ts'
import { createLinter } from '../engine/linter.ts'

const none: Sources = { rules: [], guards: [], vocabularies: [], roles: [], sectors: [], code: {} }
const file = (front: string, body = '# Rule\n\nWhy.\n') => `---\n${front}\n---\n\n${body}`
const faultsOf = (text: string, more: Partial<Sources> = {}) =>
  compileCatalogue([{ ...none, ...more, rules: [{ path: 'team/own.md', text }] }]).faults.map(faultToString)

describe('a faulty rule file is told with its line, column, value and cure', () => {
  test.each([
    [
      'no front matter',
      '# Rule\n',
      [
        'team/own.md:1:1: the file has no front matter ("# Rule"). Begin it with a line ---, the settings of the rule, and another line ---.',
      ],
    ],
    [
      'a mistyped key',
      file('severity: warning\nmessage: m\nphrase: [pass it]'),
      ['team/own.md:4:1: there is no such key ("phrase"). Did you mean "phrases"?'],
    ],
    [
      'a severity that is none',
      file('severity: loud\nmessage: m\nphrases: [pass it]'),
      ['team/own.md:2:11: "severity" does not take this value ("loud"). It takes error, warning or info.'],
    ],
    [
      'a missing message',
      file('severity: info\nphrases: [pass it]'),
      ['team/own.md:1:1: the key "message" is missing. Add it to the front matter.'],
    ],
    [
      'a phrase that cannot be read',
      file('severity: info\nmessage: m\nphrases:\n  - pass it on\n  - throw (it over'),
      ['team/own.md:6:11: a group is not closed ("(it over"). Add the missing ).'],
    ],
    [
      'an unknown vocabulary',
      file('severity: info\nmessage: m\nphrases:\n  - ask $funktion'),
      ['team/own.md:5:9: there is no such vocabulary ("$funktion"). Did you mean "$function"?'],
    ],
    [
      'an unknown guard',
      file('severity: info\nmessage: m\nphrases: [pass it]\nunless: [way-foward]'),
      ['team/own.md:5:10: there is no such guard ("way-foward"). Did you mean "way-forward"?'],
    ],
    [
      'a phrase with a colon',
      file('severity: info\nmessage: m\nphrases:\n  - note: pass it'),
      [
        'team/own.md:5:5: "phrases" does not take this value. It takes text or a list of texts; put text with a colon into single quotes.',
      ],
    ],
    [
      'a key of the rule in a group',
      file('severity: info\nmessage: m\nphrases:\n  - phrases: [pass it]\n    in: [procedure]'),
      [
        'team/own.md:6:5: a group of phrases has no such key ("in"). Put it into the rule, where it counts for all phrases.',
      ],
    ],
    [
      'a misspelt key in a group',
      file('severity: info\nmessage: m\nphrases:\n  - phrases: [pass it]\n    rewrite: take it'),
      ['team/own.md:6:5: a group of phrases has no such key ("rewrite"). Did you mean "rewrites"?'],
    ],
    [
      'YAML that is none',
      file('severity: info\nmessage: "m\nphrases: [pass it]'),
      [expect.stringMatching(/^team\/own\.md:\d:\d+: the front matter is not valid YAML: .+\. Put a value/)],
    ],
    [
      'no phrase at all',
      file('severity: info\nmessage: m'),
      ['team/own.md:1:1: the rule has no phrases. Add "phrases:" with at least one phrase, or "unit:" and "lacks:".'],
    ],
  ])('%s', (_, text, expected) => {
    const faults = faultsOf(text, {
      vocabularies: [{ path: 'v/function.md', text: '# F\n\n- finance\n' }],
      guards: [{ path: 'g/way-forward.md', text: file('where: next\nphrases: [see it]') }],
    })
    expect(faults).toEqual(expected)
  })

  test('a vocabulary that leads back to itself is told and broken, the rest of it holds', () => {
    const vocabularies = [
      { path: 'v/a.md', text: '# A\n\n- apple\n- $b pie\n' },
      { path: 'v/b.md', text: '# B\n\n- banana\n- $a split\n' },
    ]
    const layer = {
      ...none,
      vocabularies,
      rules: [{ path: 'own.md', text: file('severity: info\nmessage: m\nphrases: [eat $a]') }],
    }
    const { linter, faults } = createLinter([layer], { rules: {}, vocabularies: {} })
    expect(faults.map(faultToString)).toEqual([
      expect.stringMatching(/^v\/[ab]\.md:4:3: the vocabularies .* use each other in a circle/),
    ])
    expect(linter.lint('They eat apples. They eat banana pies.').messages).toHaveLength(2)
  })

  test('a fault in what a rule lacks is told like any other', () => {
    expect(faultsOf(file("severity: info\nmessage: m\nunit: objective\nlacks: ['told (x']"))).toEqual([
      expect.stringContaining('a group is not closed'),
    ])
  })

  test('a rule may be named after anything, and so may what it finds', () => {
    const rules = [
      { path: 'constructor.md', text: file('severity: info\nmessage: "$match"\nphrases: [building constructor]') },
    ]
    const { linter } = createLinter([{ ...none, rules }], { rules: {}, vocabularies: {} })
    expect(linter.lint('Two building constructors.').messages).toMatchObject([{ reason: 'building constructors' }])
  })

  test('the other rules of the folder go on', () => {
    const rules = [
      { path: 'bad.md', text: 'nonsense' },
      { path: 'good.md', text: file('severity: error\nmessage: "Say who: $match"\nphrases: [pass the parcel]') },
    ]
    const { linter, faults } = createLinter([{ ...none, rules }], { rules: {}, vocabularies: {} })
    expect(faults).toHaveLength(1)
    expect(linter.lint('We passed the parcel.').messages).toMatchObject([
      { ruleId: 'good', reason: 'Say who: passed the parcel', fatal: true },
    ])
  })

  test('front matter that would swell to millions of values is refused', () => {
    const bomb = `a: &a [x, x]\n${Array.from({ length: 20 }, (_, index) => `${String.fromCharCode(98 + index)}: &${String.fromCharCode(98 + index)} [*${String.fromCharCode(97 + index)}, *${String.fromCharCode(97 + index)}]`).join('\n')}`
    expect(faultsOf(file(bomb))).toEqual([expect.stringContaining('the front matter uses aliases')])
  })
})

describe('what a rule file can say', () => {
  const lint = (front: string, text: string, more: Partial<Sources> = {}) =>
    createLinter([{ ...none, ...more, rules: [{ path: 'own.md', text: file(front) }] }], {
      rules: {},
      vocabularies: {},
    }).linter.lint(text).messages

  test('a rewrite takes over form, capital and captured words', () => {
    const front = `severity: warning\nmessage: m\nphrases:\n  - throw … over the wall to $name\nrewrites:\n  - hand … over to $name and stay with it`
    const rewrite = (text: string) => lint(front, text)[0]?.expected?.[0]
    expect(rewrite('She throws the old build over the wall to Support.')).toBe(
      'hands the old build over to Support and stays with it',
    )
    expect(rewrite('Throw it over the wall to Support.')).toBe('Hand it over to Support and stay with it')
    expect(rewrite('They threw it over the wall to Field Services.')).toBe(
      'handed it over to Field Services and stayed with it',
    )
    expect(rewrite('Throwing\n**builds** over the wall to Support is easy.')).toBe(
      'Handing builds over to Support and staying with it',
    )
    const listed = `severity: warning\nmessage: m\nphrases:\n  - throw … , and walk off\nrewrites:\n  - hand … over, and stay`
    expect(lint(listed, 'We throw it, and walk off.')[0]?.expected).toEqual(['hand it over, and stay'])
  })

  test('a rewrite that would break markup is not offered, the finding stays', () => {
    const [finding] = lint(
      'severity: info\nmessage: "See $match."\nphrases: [hand off to support]\nrewrites: [stay with it]',
      'We [hand off](x.md) to Support.',
    )
    expect(finding).toMatchObject({
      reason: 'See hand off to Support.',
      actual: '[hand off](x.md) to Support',
      expected: [],
    })
  })

  test('unless silences, needs requires, in limits to a role, groups have their own severity and message', () => {
    const base = 'severity: warning\nmessage: m\n'
    expect(
      lint(`${base}phrases: [pass it on]\nunless: [and tell]`, 'Pass it on. Pass it on and tell her.'),
    ).toHaveLength(1)
    expect(
      lint(`${base}phrases: [pass it on]\nneeds: [customer]`, 'Pass it on. Pass it on to the customer.'),
    ).toHaveLength(1)
    const roles = [{ path: 'role/procedure.md', text: '# P\n\n- procedure\n' }]
    expect(
      lint(`${base}phrases: [pass it on]\nin: procedure`, 'Pass it on.\n\n# Procedure\n\nPass it on.', { roles }),
    ).toHaveLength(1)
    expect(
      lint(`${base}phrases:\n  - phrases: [pass it on]\n    severity: info\n    message: other`, 'Pass it on.'),
    ).toMatchObject([{ reason: 'other', fatal: undefined }])
  })

  describe('a unit that lacks something', () => {
    const roles = [
      { path: 'role/objective.md', text: '# O\n\n- objective\n' },
      { path: 'role/measure.md', text: '# M\n\n- kpi\n' },
    ]
    const rule = (path: string, front: string) => ({ path, text: file(`severity: info\nmessage: m\n${front}`) })
    const found = (rules: Sources['rules'], text: string) =>
      createLinter([{ ...none, roles, rules }], { rules: {}, vocabularies: {} })
        .linter.lint(text)
        .messages.map(({ ruleId, actual }) => `${ruleId}: ${actual}`)

    test('is judged by the rule whose phrase opened it; what a heading opens, by every rule', () => {
      const rules = [
        rule('one.md', 'unit: objective\nphrases: [the aim is to]\nlacks: [customer]'),
        rule('two.md', 'unit: objective\nphrases: [the point is to]\nlacks: [patient]'),
      ]
      expect(found(rules, 'The aim is to cut cost.\n\nThe point is to close files.')).toEqual([
        'one: The aim is to cut cost',
        'two: The point is to close files',
      ])
      expect(found(rules, '# Objective\n\nWe cut cost for every customer.')).toEqual([
        'two: We cut cost for every customer',
      ])
    })

    test('of measures is a section, a table or a sentence, and must hold what the rule needs', () => {
      const rules = [
        rule(
          'measured.md',
          "unit: measure\nphrases: [judged by]\nneeds: [ticket, call]\nlacks: [wait]\nrewrites: ['[wait]', '$statement and [wait]']",
        ),
      ]
      expect(found(rules, '# KPI\n\n- Letters sent\n- Calls taken\n')).toEqual(['measured: Calls taken'])
      expect(found(rules, '# KPI\n\n- Letters sent\n')).toEqual([])
      expect(found(rules, '# KPI\n\n- Calls taken\n\n## More\n\n- Short waits\n')).toEqual([])
      expect(found(rules, 'We are judged by the tickets closed. Nobody waits.')).toEqual([])
      const { linter } = createLinter([{ ...none, roles, rules }], { rules: {}, vocabularies: {} })
      const rewrites = (text: string) => linter.lint(text).messages.map(({ expected }) => expected)
      expect(rewrites('We are judged by tickets.')).toEqual([['We are judged by tickets and [wait]']])
      expect(rewrites('# KPI\n\n1. Tickets\n')).toEqual([['[wait]\n1. Tickets', 'Tickets and [wait]']])
      expect(rewrites('| KPI | Goal |\n|---|---|\n| Tickets | 9 |\n')).toEqual([
        ['[wait] | |\n| Tickets', 'Tickets and [wait]'],
      ])
    })
  })

  test('a team’s rule of the same id replaces the one it names', () => {
    const layer = (phrase: string): Sources => ({
      ...none,
      rules: [{ path: 'x/own.md', text: file(`severity: info\nmessage: m\nphrases: [${phrase}]`) }],
    })
    const { linter } = createLinter([layer('one thing'), layer('other thing')], { rules: {}, vocabularies: {} })
    expect(linter.lint('One thing. Other thing.').messages.map(({ actual }) => actual)).toEqual(['Other thing'])
  })

  test('examples before the first @@ of a block are examples too', () => {
    const body = '# Rule\n\nWhy.\n\n```diff\n- One thing.\n@@ a list @@\n - A list\n-- One thing\n```\n'
    const text = file('severity: info\nmessage: m\nphrases: [one thing]', body)
    const { linter } = createLinter([{ ...none, rules: [{ path: 'x/own.md', text }] }], { rules: {} })
    expect(linter.catalogue.rules[0]?.examples.map(({ text, line }) => [text, line])).toEqual([
      ['One thing.', 12],
      ['- A list\n- One thing\n', 13],
    ])
  })
})
