import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { propose, stands } from '../engine/propose.ts'
import { wordsOf } from '../engine/wordforms.ts'
import { folderWith, silolint } from './command.ts'

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
      'one for each where they have nothing in common',
      ['Due to unforeseen circumstances the shop is shut.', 'We apologise for any inconvenience caused.'],
      ['The shop is shut on Monday for stocktaking.', 'We are sorry that you waited.'],
      ['due to unforeseen circumstance', 'apologise for any inconvenience cause'],
    ],
  ])('%s', (_, find, leave, phrases) => {
    expect(propose(find, leave, wordsOf)).toEqual({ phrases, unless: [] })
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
