// What `import … from 'silolint/testing'` gives: tests for those who write rules, in node:test, vitest or what is like them.

import { fileURLToPath } from 'node:url'
import type { VFileMessage } from 'vfile-message'
import { builtIn } from '../engine/builtin.ts'
import { readRuleFolder } from '../engine/disk.ts'
import { faultToString } from '../engine/fault.ts'
import { rangeOf } from '../engine/finding.ts'
import { createLinter, type Linter } from '../engine/linter.ts'
import type { Example, RuleFile } from '../engine/rulefile.ts'
import { fromHere } from './console.ts'

/** What makes a test of a name and a function that throws where it fails: `test` of node:test, `test` or `it` of vitest. */
export type Test = (name: string, run: () => void | Promise<void>) => unknown

/**
 * Makes a test for each example of each rule file in a folder: a line with `-` must give exactly one finding of the rule,
 * the line with `+` below it is what the first rewrite makes of it and must be free of findings, and a line with neither
 * must be left alone. A file that cannot be used, and a rule without examples, are tests that fail. All rules of Silolint
 * are on.
 *
 * @param folder its path, or a file URL such as `new URL('../rules', import.meta.url)`
 */
export function testRules(test: Test, folder: string | URL): void {
  const { layer, faults } = readRuleFolder(typeof folder === 'string' ? folder : fileURLToPath(folder))
  const { linter, faults: more } = createLinter([builtIn, layer], { rules: {} })
  const own = linter.catalogue.rules.filter(({ id }) => layer.rules.some((rule) => rule.id === id))
  const all = [...faults, ...more]
  for (const fault of all)
    test(`${fromHere(fault.path)} can be used`, () => {
      throw new Error(faultToString({ ...fault, path: fromHere(fault.path) }))
    })
  if (!own.length && !all.length)
    test('there are rules', () => {
      throw new Error(`There is no rule file in ${folder}. A rule is a Markdown file, such as our-rule.md.`)
    })
  for (const rule of own) {
    if (!rule.examples.some(({ flagged }) => flagged))
      test(`${rule.id} has examples`, () => {
        throw new Error(
          `${fromHere(rule.path)}: the page shows no example. Add a diff block with lines that begin with "-".`,
        )
      })
    for (const example of rule.examples)
      test(`${rule.id} ${example.flagged ? 'finds' : 'leaves alone'}: ${example.text.trim()}`, () =>
        tryExample(rule, example, linter))
  }
}

/** @throws {Error} where an example does not behave as the page says */
function tryExample(rule: RuleFile, { flagged, text, rewritten, line }: Example, linter: Linter): void {
  const wrong = (problem: string): Error => new Error(`${fromHere(rule.path)}:${line}: ${problem}`)
  const lint = (source: string): VFileMessage[] => linter.lint(source, { format: 'markdown' }).messages
  const found = lint(text).filter(({ ruleId }) => ruleId === rule.id)
  const [finding] = found
  if (!flagged) {
    if (finding) throw wrong(`“${finding.actual}” is found in a sentence that should be left alone.`)
    return
  }
  if (!finding) throw wrong('nothing is found. Does a phrase have these words, and does a guard clear them?')
  if (found.length > 1)
    throw wrong(`${found.length} findings instead of one: ${found.map(({ actual }) => actual).join(' | ')}.`)
  if (rewritten === undefined) return
  const { start, end } = rangeOf(finding)
  const [first] = finding.expected ?? []
  if (first === undefined) throw wrong('there is no rewrite to make the line with + from.')
  const made = text.slice(0, start.offset) + first + text.slice(end.offset)
  if (made !== rewritten)
    throw wrong(`the first rewrite makes\n  ${made}\nof it, and the line with + says\n  ${rewritten}`)
  const [again] = lint(made)
  if (again) throw wrong(`what the first rewrite makes of it is found too, by ${again.ruleId}: “${again.actual}”.`)
}
