import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { builtIn } from '../engine/builtin.ts'
import { createLinter } from '../engine/linter.ts'
import { placeholdersOf } from '../engine/rewrite.ts'
import { measured, type RuleTested, testGuard, testRule } from '../engine/ruletest.ts'
import { otherForms } from '../engine/wordforms.ts'

const { linter, faults } = createLinter([builtIn], { rules: {}, vocabularies: {} })
const { rules } = linter.catalogue

const sourceOf = (path: string) => ({ path, text: readFileSync(path, 'utf8') })
const failuresOf = ({ failures }: RuleTested) =>
  failures.filter(({ ruleId }) => !measured.has(ruleId ?? '')).map(({ name, reason }) => `${name} ${reason}`)

test('the rule files of this project have no faults', () => {
  expect(faults).toEqual([])
  expect(rules.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'customer-absent-objective',
      'disowning',
      'good-versus-bad',
      'handoff-without-owner',
      'over-the-wall',
      'unowned-step',
    ]),
  )
})

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  test('shows at least ten flagged and ten innocent examples', () => {
    const flagged = rule.examples.filter((example) => example.flagged)
    expect(flagged.length).toBeGreaterThanOrEqual(10)
    expect(rule.examples.length - flagged.length).toBeGreaterThanOrEqual(10)
  })

  test('holds what its page shows', async () => {
    expect(failuresOf(await testRule(rule, sourceOf(`rules/${id}.md`), { linter, otherForms }))).toEqual([])
  })
})

const guards = [...linter.catalogue.guards.values()]

const shown = guards.filter((guard) => guard.examples.length > 0)

test('most guards show on their pages what they are for', () => {
  expect(shown.length).toBeGreaterThan(40)
})

test.each(shown.map((guard) => [guard.id, guard] as const))('guard %s clears what its page shows', (id, guard) => {
  expect(failuresOf(testGuard(guard, sourceOf(`rules/guard/${id}.md`), { linter }))).toEqual([])
})

test('placeholders are told from the author’s own brackets', () => {
  expect(
    placeholdersOf('Ask [name] in [the desk](x.md) or [customer].', 'Ask [customer].').map(({ name, start, end }) => [
      name,
      start,
      end,
    ]),
  ).toEqual([['name', 4, 10]])
})

test.each(['README.md', 'CHANGELOG.md', 'docs/accuracy.md', 'docs/decisions.md', 'docs/writing-a-rule.md'])(
  'our own %s is free of silo language',
  (path) => {
    expect(linter.lint(readFileSync(path, 'utf8'), { path }).messages.map(String)).toEqual([])
  },
)
