import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { builtInLinter } from '../engine/builtin.ts'
import { finderOf, propose } from '../engine/propose.ts'
import { brokenBy, lostBy } from '../engine/rewritecheck.ts'
import { wordsOf } from '../engine/wordforms.ts'
import { folderWith, silolint } from './command.ts'

const stands = finderOf(new Map())

describe('phrases proposed from sentences', () => {
  test.each([
    [
      'words in common, in their base forms',
      ['Please bear with us while we update our systems.', 'She bears with us as the office moves.'],
      ['The bear sleeps.', 'Talk with us on Friday.'],
      ['bear with us'],
    ],
    [
      'other words between',
      ['Engineering throws the build over the wall to Support.', 'We threw every ticket over the wall.'],
      ['The ball went over the wall.', 'He throws a ball.'],
      ['throw … over the wall'],
    ],
    [
      'words of one kind in one place',
      ['Send the form to the appropriate team.', 'Complaints go to the relevant department.'],
      ['The appropriate form is B12.', 'Send it to the Licensing team.'],
      ['the appropriate/relevant team/department'],
    ],
    [
      'not what follows in a sentence to leave alone',
      ['Send the form to the appropriate team.', 'The appropriate team will decide.'],
      ['The appropriate team is Licensing.', 'Team meetings are on Monday.'],
      ['the appropriate team !be'],
    ],
    [
      'no gap that leads on to small words only',
      [
        'Tenants should note that repairs are carried out in order.',
        'It should be noted that keys must be returned on the last day.',
      ],
      ['The officer should note the reading.', 'Repairs are carried out in order.'],
      ['should be? note that'],
    ],
    [
      'no word that both have far off by chance',
      [
        'Parents are reminded that uniform must be worn at all times.',
        'Families are reminded that term-time holidays are not authorised.',
      ],
      ['We remind parents by text the day before.', 'Pupils wear uniform at all times.'],
      ['be reminded that'],
    ],
    [
      'the passive as both have it',
      ['Requests should be submitted to your manager.', 'Claims must be submitted to Payroll.'],
      ['The manager submitted the report to the board.', 'Send your claim online.'],
      ['be submitted to'],
    ],
    [
      'what is denied, also in short',
      ['We don’t accept late forms.', 'Late forms we do not accept.'],
      ['We accept cash.', 'Late forms cost nothing.'],
      ['do not accept'],
    ],
    [
      'one word where it is all they share',
      ['Staff utilise the portal.', 'A fund was utilised by us.'],
      ['The portal is open.', 'We use a fund.'],
      ['utilise'],
    ],
    [
      'an “it” that stands for nothing',
      [
        'It is the duty of parents to ensure that it is done.',
        'It is the duty of the teacher to ensure that pens are kept.',
      ],
      ['It is cold.', 'We ensure that every pupil has a desk.'],
      ['it be the duty of … to ensure that'],
    ],
    [
      'numbers as numbers',
      ['You hear within 10 working days.', 'It is paid within 28 working days.'],
      ['Ten working days are long.', 'You hear within a week.'],
      ['within $number working day'],
    ],
    [
      'one for each where they have nothing in common',
      ['Due to unforeseen circumstances the shop is shut.', 'We apologise for any inconvenience caused.'],
      ['The shop is shut on Monday for stocktaking.', 'We are sorry that you waited.'],
      ['due to unforeseen circumstance', 'apologise for any inconvenience cause'],
    ],
  ])('%s', (_, find, leave, phrases) => {
    expect(propose(find, leave, wordsOf)).toEqual({ phrases, unless: [] })
  })

  test('of two that they have in common, the one that the rewrite fits', () => {
    const find = [
      'For further information, please refer to the website.',
      'Please refer to page two for further information.',
    ]
    const leave = ['The doctor refers you to a clinic.', 'Information arrives with your ticket.']
    expect(propose(find, leave, wordsOf, undefined, ['see']).phrases).toEqual(['refer to'])
    expect(propose(find, leave, wordsOf, undefined, ['to learn more']).phrases).toEqual(['for further information'])
  })

  test('those served and functions by the vocabularies that know them, also in a team’s own words', () => {
    const { vocabularies } = builtInLinter().catalogue
    const letters = [
      'Letters to tenants must be signed twice.',
      'A letter to leaseholders must be signed by two people.',
    ]
    const leave = ['Letters to the editor are short.', 'Tenants sign twice.']
    expect(propose(letters, leave, wordsOf, vocabularies).phrases).toEqual(['letter to $served must be signed'])
    const own = builtInLinter({ vocabularies: { served: ['berth holder', 'skipper'] } }).catalogue.vocabularies
    const issued = ['We issue letters to skippers on Monday.', 'The office issues letters to tenants in batches.']
    expect(propose(issued, leave, wordsOf, own).phrases).toEqual(['issue letter to $served'])
    const bounced = ['Bounce it to Finance at once.', 'We bounce it to Payroll each time.']
    expect(propose(bounced, ['Bounce the ball.', 'Payroll is open.'], wordsOf, vocabularies).phrases).toEqual([
      'bounce it to $function',
    ])
  })

  test('what no phrase can tell apart is told apart by other words', () => {
    const find = ['Refunds take up to ten days.', 'A reply takes up to ten days.']
    const leave = ['By law it takes up to ten days.', 'Ten days are long.']
    const { phrases, unless } = propose(find, leave, wordsOf)
    for (const sentence of find) {
      expect(phrases.some((phrase) => stands(phrase, sentence))).toBe(true)
      expect(unless.some((phrase) => stands(phrase, sentence))).toBe(false)
    }
    expect(
      leave.every(
        (one) => unless.some((phrase) => stands(phrase, one)) || !phrases.some((phrase) => stands(phrase, one)),
      ),
    ).toBe(true)
  })
})

describe('a rewrite in its sentence', () => {
  /** Puts a rewrite in the place of words. */
  const put = (sentence: string, words: string, rewrite: string) => {
    const start = sentence.indexOf(words)
    const after = sentence.replace(words, rewrite)
    return { before: sentence, start, end: start + words.length, after, from: start, to: start + rewrite.length }
  }
  test.each([
    [
      'An incomplete form is returned to you.',
      'incomplete form is returned to',
      'completed with',
      '“An” has no noun behind it',
    ],
    ['Requests should be submitted to Payroll.', 'be submitted', 'sent', '“should” has no verb behind it'],
    [
      'Tenants should note that keys are returned.',
      'should note that',
      'please remember',
      '“please” cannot stand behind “Tenants”',
    ],
    [
      'Please refer to the timetable for further information.',
      'for further information',
      'see',
      '“see” is a verb, and stands where “for further information” stood',
    ],
    [
      'A patient who fails to attend will be discharged.',
      'patient who fails to attend will be discharged',
      'miss',
      'the sentence has lost its verb',
    ],
    [
      'Volunteers are expected to adhere to the code.',
      'are expected to adhere to',
      'follow the rules',
      '“the” hangs on nothing behind “rules”',
    ],
    ['Claims go to the relevant team.', 'to the relevant team', 'to', 'nothing fits behind “to”'],
    [
      'Parents are reminded that uniform must be worn at all times.',
      'are reminded that uniform must be',
      'know that',
      'nobody does anything behind “that”',
    ],
    [
      'It is the duty of parents to do it.',
      'is the duty of parents to',
      '[who] makes sure to',
      '“It” has lost its verb',
    ],
    ['Ring the relevant team.', 'the relevant team', 'ring us', '“Ring” stands there twice'],
  ])('%s: not “%s” as “%s”', (sentence, words, rewrite, why) => {
    expect(brokenBy(put(sentence, words, rewrite))).toBe(why)
  })
  test.each([
    ['An incomplete form is returned.', 'incomplete form', 'unfinished one'],
    ['Requests should be submitted to Payroll.', 'be submitted to', 'be sent to'],
    ['Volunteers are expected to adhere to the code.', 'are expected to adhere to', 'follow'],
    ['Send it to the relevant team.', 'the relevant team', '[the team that decides]'],
    ['The relevant team will decide.', 'The relevant team', '[the team that decides]'],
    [
      'Due to operational requirements your visit has moved.',
      'Due to operational requirements',
      'Because [what happened]',
    ],
    ['We reserve the right to close an account.', 'reserve the right to', 'may'],
    ['Please bear with us while we move.', 'bear with us', 'ring [number]'],
    ['For further information, please ring us.', 'For further information', 'To learn more'],
  ])('%s: “%s” as “%s”', (sentence, words, rewrite) => {
    expect(brokenBy(put(sentence, words, rewrite))).toBeUndefined()
  })
  test('loses what the phrase passes over, numbers and negations', () => {
    const sentence = 'We will not throw the 3 builds over the wall.'
    expect(
      lostBy(put(sentence, 'not throw the 3 builds over the wall', 'keep it'), 'not throw … over the wall'),
    ).toEqual(['the negation “not”', 'the number “3”', '“builds”'])
    expect(
      lostBy(put(sentence, 'throw the 3 builds over the wall', 'hand over the 3 builds'), 'throw … over the wall'),
    ).toEqual([])
  })
})

const sentences = [
  ...['--find', 'Please bear with us while we move.', '--find', 'Bear with us until May.'],
  ...['--leave', 'The bear sleeps.', '--leave', 'Talk with us on Friday.'],
]

describe('silolint rule new', () => {
  test('writes the rule, tests it and shows what it finds below the folder', async () => {
    const cwd = await folderWith({ 'a.md': 'They bore with us for a year.', 'b/c.md': 'A bear.' })
    const { code, stdout, stderr } = await silolint(['rule', 'new', ...sentences], { cwd })
    expect(stderr).toContain('Wrote .silolint/rules/bear-with-us.md, which looks for “bear with us”.\n')
    expect(stderr).toContain('Tested 1 page: 4 examples, 1 phrase, 0 rewrites.\n')
    expect(stderr).toContain('In 2 documents here it finds 1 place, shown above.\n')
    expect(stdout).toContain('“bore with us” is a phrase that we avoid.')
    expect(code).toBe(0)
    expect((await silolint(['rule', 'test'], { cwd })).code).toBe(0)
    expect((await silolint(['--rule', 'bear-with-us', '.'], { cwd })).code).toBe(1)
  })

  test('fails with 1 where the rule does not hold, and keeps it for its author', async () => {
    const cwd = await folderWith({})
    const args = [...sentences, '--phrase', 'bear with us until', '--rewrite', 'wait, which is not our problem,']
    const { code, stdout } = await silolint(['rule', 'new', 'bears', ...args], { cwd })
    expect(code).toBe(1)
    expect(stdout).toMatch(/This should be found, and is not: .*“until” of it is missing\..*example-not-found/)
    expect(stdout).toContain('rewrite-found')
    expect(await readFile(join(cwd, '.silolint/rules/bears.md'), 'utf8')).toContain('  - bear with us until\n')
  })

  test('takes answers from stdin, a line each, and shows which answers what', async () => {
    const cwd = await folderWith({ 'a.md': 'Ask the relevant team.' })
    const answers = [
      ...['Send it to the relevant team.', '', 'The appropriate department will decide.\r'],
      ...['The relevant form is B12.', 'The licensing team will decide.'],
      ...['', '[the team that decides]', 'own-name', '', 'Name it.', 'not asked for'],
    ]
    const { code, stderr } = await silolint(['rule', 'new'], { cwd, input: `\uFEFF${answers.join('\n')}\n` })
    expect(stderr).toContain('? Look for (- for none) the relevant/appropriate team/department\n')
    expect(stderr).toContain('? The name of the rule own-name\n')
    expect(stderr).toContain('In 1 document here it finds 1 place')
    expect(code).toBe(0)
    const page = await readFile(join(cwd, '.silolint/rules/own-name.md'), 'utf8')
    expect(page).toContain('\nName it.\n')
    expect(page).toContain('\n- The appropriate department will decide.\n+ [the team that decides] will decide.\n')
  })

  test('answers that end early are taken as those by default', async () => {
    const cwd = await folderWith({})
    const [, ...rest] = sentences.slice(1)
    const { code, stderr } = await silolint(['rule', 'new', ...rest], {
      cwd,
      input: 'Please bear with us for a day.\n',
    })
    expect(stderr).toContain('Wrote .silolint/rules/bear-with-us.md, which looks for “bear with us”.')
    expect(code).toBe(0)
  })

  test('leaves out a rewrite that is no English in a sentence, and says why', async () => {
    const cwd = await folderWith({})
    const given = [
      ...[
        '--find',
        'Tenants should note that lifts stop at night.',
        '--find',
        'It should be noted that doors lock at ten.',
      ],
      ...[
        '--leave',
        'The officer should note the reading.',
        '--leave',
        'Lifts stop at night.',
        '--rewrite',
        'please remember',
      ],
    ]
    const { code, stderr } = await silolint(['rule', 'new', ...given], { cwd })
    expect(stderr).toContain(
      'Left out the rewrite “please remember”: it would make “Tenants please remember lifts stop at night.”, where “please” cannot stand behind “Tenants”. Say in the file',
    )
    expect(code).toBe(1)
    const page = await readFile(join(cwd, '.silolint/rules/should-note.md'), 'utf8')
    expect(page).not.toMatch(/^\+|rewrites/m)
    expect((await silolint(['rule', 'test'], { cwd })).code).toBe(0)
  })

  test('keeps a rewrite for the phrase that it fits', async () => {
    const cwd = await folderWith({})
    const given = [
      ...[
        '--find',
        'Due to unforeseen circumstances the shop is shut.',
        '--find',
        'We apologise for any inconvenience caused.',
      ],
      ...['--leave', 'The shop is shut on Monday.', '--leave', 'We are sorry that you waited.'],
      ...['--rewrite', 'because of [what happened]'],
    ]
    const { stderr } = await silolint(['rule', 'new', ...given], { cwd })
    const page = await readFile(join(cwd, '.silolint/rules/due-to-unforeseen-circumstance.md'), 'utf8')
    expect(stderr).toContain('Left out the rewrite')
    expect(page).toContain(
      '  - phrases:\n      - due to unforeseen circumstance\n    rewrites:\n      - because of [what happened]\n  - apologise',
    )
    expect(page).toContain('+ Because of [what happened] the shop is shut.')
  })

  test('warns of what a rewrite loses', async () => {
    const cwd = await folderWith({})
    const given = [
      ...['--find', 'Engineering throws the build over the wall.', '--find', 'We threw every ticket over the wall.'],
      ...['--leave', 'The ball went over the wall.', '--leave', 'He throws a ball.', '--rewrite', 'stay with it'],
    ]
    const { code, stderr } = await silolint(['rule', 'new', ...given], { cwd })
    expect(stderr).toContain(
      'The rewrite “stay with it” loses “build” of “Engineering throws the build over the wall.”: see',
    )
    expect(code).toBe(1)
  })

  test('puts what YAML would misread between quotation marks, and an example on one line', async () => {
    const cwd = await folderWith({})
    const args = ['--message', 'Why: “$match” #1?', '--rewrite', '[when: May]', '--find', 'Do bear with\n  us.']
    const { code, stderr } = await silolint(['rule', 'new', ...sentences, ...args], { cwd })
    expect(stderr).toContain('Tested 1 page: 5 examples')
    expect(code).toBe(0)
  })

  test.each([
    [
      'too few sentences',
      ['--find', 'One.'],
      'a rule needs 2 sentences that should be found, and here is 1 ("--find"). Give --find',
    ],
    [
      'a name that is none',
      ['My Rule', ...sentences],
      'this cannot be the name of a rule ("My Rule"). Use small letters',
    ],
    [
      'the name of a rule of Silolint',
      ['blame', ...sentences],
      'a rule that comes with Silolint has this name ("blame"). Give another',
    ],
    [
      'a name that is taken',
      ['own', ...sentences],
      '.silolint/rules/own.md: there is a rule of this name. Give another name',
    ],
    [
      'a phrase that cannot be read',
      ['new', ...sentences, '--phrase', '(bear'],
      '.silolint/rules/new.md:5:5: a group is not closed ("(bear"). Add the missing ).',
    ],
  ])('%s is told with its cure', async (_, args, message) => {
    const cwd = await folderWith({ '.silolint/rules/own.md': 'taken' })
    const { code, stderr } = await silolint(['rule', 'new', ...args], { cwd })
    expect(stderr).toContain(message)
    expect(code).toBe(2)
    expect(await readFile(join(cwd, '.silolint/rules/own.md'), 'utf8')).toBe('taken')
  })
})

test('the rule that the README shows holds what its page shows', async () => {
  const page = /````markdown\n([\s\S]*?)````/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? ''
  const cwd = await folderWith({ '.silolint/rules/nameless-referral.md': page })
  const { code, stdout, stderr } = await silolint(['rule', 'test', '-f', 'compact'], { cwd })
  expect(stdout).toBe('')
  expect(stderr).toContain('Tested 1 page: 2 examples, 1 phrase, 1 rewrite.')
  expect(code).toBe(0)
})
