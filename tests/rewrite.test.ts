import { describe, expect, test } from 'vitest'
import { compileCatalogue, type Sources } from '../engine/catalogue.ts'
import { faultToString } from '../engine/fault.ts'
import { applyEdits, editOf } from '../engine/fix.ts'
import { createLinter } from '../engine/linter.ts'

const none: Sources = { rules: [], guards: [], vocabularies: [], roles: [], sectors: [], code: {} }
const rule = (phrase: string, rewrite: string): Sources => ({
  ...none,
  vocabularies: [
    { path: 'v/unit.md', text: '# Unit\n\n- finance\n- hr\n- our? claims desk\n- owners\n' },
    { path: 'v/dump.md', text: '# Dump\n\n- toss/lob/fling\n' },
  ],
  rules: [
    {
      path: 'own.md',
      text: `---\nseverity: warning\nmessage: "“$match” sends people away."\nphrases:\n  - '${phrase}'\nrewrites:\n  - '${rewrite}'\n---\n\n# Own\n`,
    },
  ],
})
/** The text with the rewrite put in. */
function rewritten(text: string, layer: Sources): string {
  const { linter, faults } = createLinter([layer], { rules: {} })
  expect(faults).toEqual([])
  const [finding] = linter.lint(text, { format: 'markdown' }).messages
  if (finding?.expected?.[0] === undefined) return 'no finding'
  return applyEdits(text, [editOf(finding, finding.expected[0], text)]).source
}

describe('a rewrite stands in the sentence as it is', () => {
  test.each([
    [
      'the verb agrees with a subject that is carried over',
      '$unit do not care about',
      '$unit look after',
      'Finance does not care about refunds.',
      'Finance looks after refunds.',
    ],
    [
      '“be” agrees where the sentence had another verb',
      '$unit refuse to answer',
      '$unit be there to answer',
      'Last year our claims desk refused to answer callers.',
      'Last year our claims desk was there to answer callers.',
    ],
    [
      '“be” stays behind a modal verb',
      'wait for $unit',
      'be called by $unit',
      'Tenants must wait for HR.',
      'Tenants must be called by HR.',
    ],
    [
      'a modal verb among the words found stays',
      'should/must be submitted to $unit',
      'be sent to $unit and be kept',
      'Claims should be submitted to HR.',
      'Claims should be sent to HR and be kept.',
    ],
    [
      'a modal verb behind the subject stays with it',
      '$unit must refer to it',
      '$unit read it',
      'Owners must refer to it.',
      'Owners must read it.',
    ],
    [
      'a modal verb is not said twice',
      'must contact $unit',
      'can ring $unit',
      'You must contact HR.',
      'You can ring HR.',
    ],
    [
      'a modal verb that is denied goes with what it denies',
      'will not be processed by $unit',
      'be paid by $unit once [what is missing] is there',
      'Claims will not be processed by HR.',
      'Claims will be paid by HR once [what is missing] is there.',
    ],
    [
      'what cannot be is to be, of one as of many',
      'can not be read by $unit',
      'be read by $unit next month',
      'A claim made by e-mail cannot be read by HR.',
      'A claim made by e-mail will be read by HR next month.',
    ],
    [
      'a verb from a vocabulary is replaced by one in its form',
      '$dump it on …',
      'hand it to',
      'She was tossing it on, and Mira lobbed it on the ops desk.',
      'She was handing it to, and Mira lobbed it on the ops desk.',
    ],
    [
      'words from the start of a sentence lose its capital, names keep theirs',
      '(the / finance) team refuse to answer $unit',
      'we answer $unit with $match',
      'The team refuses to answer HR.',
      'We answer HR with the team refuses to answer HR.',
    ],
    [
      'a consonant doubles where the stress asks for it',
      'toss $unit',
      'listen and admit and answer and plan for $unit',
      'They are tossing HR.',
      'They are listening and admitting and answering and planning for HR.',
    ],
    [
      'the article suits the words carried over',
      'sent to $unit',
      'helped by a $unit adviser',
      'You are sent to HR.',
      'You are helped by an HR adviser.',
    ],
    [
      'an abbreviation is read letter by letter, a “u” as it sounds',
      'no promise',
      'an user promise and a SLA',
      'There is no promise.',
      'There is a user promise and an SLA.',
    ],
  ])('%s', (_, phrase, rewrite, text, expected) => {
    expect(rewritten(text, rule(phrase, rewrite))).toBe(expected)
  })

  test.each([
    ['another sound', 'void home', 'empty home', 'That is a void home.', 'That is an empty home.'],
    [
      'a capital',
      'incomplete form',
      'form with gaps',
      'Ring. An incomplete form waits.',
      'Ring. A form with gaps waits.',
    ],
    [
      'a line break',
      'incomplete form',
      'form with gaps',
      'Not one, an\nincomplete form.',
      'Not one, a\nform with gaps.',
    ],
    ['words left out', 'relevant', '', 'Send a relevant answer.', 'Send an answer.'],
    ['the same sound', 'void home', 'bare home', 'That is a void home.', 'That is a bare home.'],
    ['words to fill in', 'void home', '[address]', 'That is a void home.', 'That is a [address].'],
    ['a letter', 'void home', 'empty home', 'See plan A, void home.', 'See plan A, empty home.'],
    ['a name', 'void home', 'empty home', 'Plan A void homes.', 'Plan A empty home.'],
    ['a word that ends in it', 'void home', 'empty home', 'The extra void home.', 'The extra empty home.'],
  ])('“a” before the words found suits the rewrite: %s', (_, phrase, rewrite, text, expected) => {
    expect(rewritten(text, rule(phrase, rewrite))).toBe(expected)
  })

  const spelled = rule('ask $unit', 'ask the organisation for [a centre], an apology recognised by $unit')
  test('American in an American document', () => {
    expect(rewritten('Our organization has a color code.\n\nAsk owners.', spelled)).toBe(
      'Our organization has a color code.\n\nAsk the organization for [a center], an apology recognized by owners.',
    )
  })
  test('British in a British one, and as the rule has it where nothing tells', () => {
    const british = 'The programme has a colour code.\n\nAsk owners.'
    expect(rewritten(british, rule('ask $unit', 'ask the organization for a catalog'))).toContain(
      'Ask the organisation for a catalogue.',
    )
    expect(rewritten('Ask owners.', spelled)).toContain('the organisation for [a centre]')
  })
  test('the writer’s own words keep their spelling', () => {
    const named = rule('send … to $unit', 'send … to $unit, a recognized address')
    expect(
      rewritten('Behaviour, colour and our organisation matter. Send the Labor Center forms to HR.', named),
    ).toContain('Send the Labor Center forms to HR, a recognised address.')
  })
})

test('a rewrite or message that names what no phrase captures is told with its place', () => {
  const layer = rule('ask $unit', 'ask $unitt')
  const faults = (front: string) =>
    compileCatalogue([{ ...layer, rules: [{ path: 'own.md', text: `---\n${front}\n---\n` }] }]).faults.map(
      faultToString,
    )
  expect(
    faults('severity: info\nmessage: "“$who” waits."\nphrases:\n  - ask $unit\nrewrites:\n  - ask $unitt at once'),
  ).toEqual([
    'own.md:3:12: no phrase beside it captures this ("$who"). It can be $match, $unit.',
    'own.md:7:9: no phrase beside it captures this ("$unitt"). Did you mean "$unit"?',
  ])
})

describe('a sector adds the words of its trade', () => {
  const layer: Sources = {
    ...rule('the $unit refuse', 'the $unit help'),
    sectors: [
      { path: 'sector/health.md', text: '# Health\n\n## unit\n\n- ward\n' },
      { path: 'sector/school.md', text: '# School\n\n## unti\n\n- form\n' },
    ],
  }
  test('only where a configuration names it', () => {
    const lint = (sectors: string[]) =>
      createLinter([layer], { rules: {}, sectors })
        .linter.lint('The ward refuses.')
        .messages.map(({ actual }) => actual)
    expect(lint([])).toEqual([])
    expect(lint(['health'])).toEqual(['The ward refuses'])
  })
  test('a heading that names no vocabulary is told', () => {
    expect(compileCatalogue([layer]).faults.map(faultToString)).toEqual([
      'sector/school.md:3:4: there is no vocabulary of this name to add to ("unti"). Did you mean "unit"?',
    ])
  })
})
