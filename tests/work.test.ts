import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { builtIn } from '../engine/builtin.ts'
import type { Sources } from '../engine/catalogue.ts'
import { createLinter } from '../engine/linter.ts'

// Counted work instead of time: it is the same on every machine. What it costs in seconds, `npm run bench` tells.

const text = ['examples/refund-procedure.md', 'examples/service-handover.md', 'docs/writing-a-rule.md']
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n\n')

/** A team's rule files with so many phrases, 20 in a file, made of words that no text has. */
function foreign(count: number): Sources {
  const rules = Array.from({ length: count / 20 }, (_, file) => ({
    path: `.silolint/rules/made-${file}.md`,
    text: `---
severity: info
message: "“$match” is said from inside."
phrases:
${Array.from({ length: 20 }, (_, number) => `  - we zq${file}a${number}x the … of $function`).join('\n')}
---

# Made rule ${file}

A rule that was made to be counted.
`,
  }))
  return { rules, guards: [], vocabularies: [], roles: [], sectors: [], code: {} }
}

/** What is done while a text is read. */
function workOn(source: string, layers: Sources[] = []): { tried: number; followed: number; stood: number } {
  const { linter, faults } = createLinter([builtIn, ...layers], { rules: {} })
  expect(faults).toEqual([])
  linter.lint(source, { format: 'markdown' })
  return { ...linter.catalogue.phrases.work }
}

test('of thousands of phrases few are tried in a sentence, and hardly any are left', () => {
  const { linter } = createLinter([builtIn], { rules: {} })
  linter.lint(text, { format: 'markdown' })
  const { tried, followed, stood } = linter.catalogue.phrases.work
  const sentences = text.split(/[.!?:]\s|\n\n|\n- /).length
  expect(tried / sentences).toBeLessThan(120)
  expect(followed / tried).toBeLessThan(0.5)
  expect(stood / tried).toBeLessThan(0.4)
})

test('two thousand phrases of a team cost nothing in a text that has none of their words', () => {
  expect(workOn(text, [foreign(2000)])).toEqual(workOn(text))
})

test('a rule of a team may have any name', () => {
  const text =
    '---\nseverity: info\nmessage: “$match” is said from inside.\nphrases:\n  - zorble the widget\n---\n\n# Roles\n'
  const own = { ...foreign(0), rules: [{ path: '.silolint/rules/roles.md', text }] }
  const { linter } = createLinter([builtIn, own], { rules: {} })
  expect(linter.lint('Please zorble the widget today.').messages.map(({ ruleId }) => ruleId)).toEqual(['roles'])
})

test('four times the text is about four times the work', () => {
  const once = workOn(text)
  const four = workOn([text, text, text, text].join('\n\n'))
  // front matter is none in the middle of a text, and of long documents some sentences are looked at once more
  expect(four.tried / once.tried).toBeLessThan(5)
  expect(four.followed / once.followed).toBeLessThan(5)
})

test('a sentence without end costs as much a word as many short ones', () => {
  const words = 'we pass the request to the next office and it waits there for a reply '
  const short = workOn(`${words.repeat(4).trim()}.\n\n`.repeat(50))
  const long = workOn(words.repeat(200))
  // parts of a long sentence lie over each other, so that nothing is missed where they meet
  expect(long.tried / short.tried).toBeLessThan(2)
})
