import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { builtIn } from '../engine/builtin.ts'
import { createLinter } from '../engine/linter.ts'
import { placeholdersOf } from '../engine/rewrite.ts'

const { linter, faults } = createLinter([builtIn], { rules: {}, vocabularies: {} })
const { rules } = linter.catalogue

/** The text with the first rewrite of one finding put in. */
function rewrite(
  text: string,
  finding: ReturnType<typeof linter.lint>['messages'][number],
  which = 0,
): string | undefined {
  const { place } = finding
  const put = finding.expected?.[which]
  if (put === undefined || !place || !('start' in place)) return undefined
  return text.slice(0, place.start.offset) + put + text.slice(place.end.offset)
}

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
  const own = (text: string) => linter.lint(text, { format: 'markdown' }).messages.filter(({ ruleId }) => ruleId === id)
  const flagged = rule.examples.filter((example) => example.flagged)
  const innocent = rule.examples.filter((example) => !example.flagged)

  test('shows at least ten flagged and ten innocent examples', () => {
    expect(flagged.length).toBeGreaterThanOrEqual(10)
    expect(innocent.length).toBeGreaterThanOrEqual(10)
  })

  test.each(flagged.map((example) => [`line ${example.line}: ${example.text}`, example] as const))(
    'flags %s',
    (_, { text, rewritten }) => {
      const findings = own(text)
      expect(findings.map(({ actual }) => actual)).toHaveLength(1)
      const [finding] = findings as [(typeof findings)[number]]
      if (rewritten !== undefined) expect(rewrite(text, finding)).toBe(rewritten)
      for (const index of (finding.expected ?? []).keys()) {
        const after = rewrite(text, finding, index) as string
        expect(
          linter.lint(after, { format: 'markdown' }).messages.map(({ ruleId, actual }) => ({ ruleId, actual, after })),
        ).toEqual([])
      }
    },
  )

  test.each(innocent.map((example) => [`line ${example.line}: ${example.text}`, example] as const))(
    'leaves alone %s',
    (_, { text }) => {
      expect(own(text).map(({ actual }) => actual)).toEqual([])
    },
  )

  test('every rewrite has been seen in an example', () => {
    const templates = new Set([...rule.rewrites, ...rule.groups.flatMap((group) => group.rewrites)])
    const offered = flagged.flatMap(({ text }) => own(text).flatMap(({ expected }) => expected ?? []))
    if (templates.size || rule.kind !== 'code') expect(offered.length).toBeGreaterThan(0)
  })
})

const guards = [...linter.catalogue.guards.values()]

const shown = guards.filter((guard) => guard.examples.length > 0)

test('most guards show on their pages what they are for', () => {
  expect(shown.length).toBeGreaterThan(40)
})

describe.each(shown.map((guard) => [guard.id, guard] as const))('guard %s', (id, guard) => {
  const findings = (text: string) =>
    linter
      .lint(text, { format: 'markdown' })
      .messages.map(({ actual, fatal }) => ({ actual, info: fatal === undefined }))
  const cleared = guard.examples.filter((example) => !example.flagged)

  test.each(cleared.map((example) => [`line ${example.line}: ${example.text}`, example] as const))(
    'it is this guard that clears %s',
    (_, { text }) => {
      expect(findings(text).filter(({ info }) => !info)).toEqual([])
      linter.catalogue.guards.delete(id)
      try {
        expect(findings(text).length).toBeGreaterThan(0)
        if (guard.weakens) expect(findings(text).some(({ info }) => !info)).toBe(true)
      } finally {
        linter.catalogue.guards.set(id, guard)
      }
    },
  )

  test.each(
    guard.examples
      .filter((example) => example.flagged)
      .map((example) => [`line ${example.line}: ${example.text}`, example] as const),
  )('it does not reach %s', (_, { text }) => {
    expect(findings(text).length).toBeGreaterThan(0)
  })
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
