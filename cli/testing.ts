// What `import … from 'silolint/testing'` gives: tests for those who write rules, in node:test, vitest or what is like them.

import { fileURLToPath } from 'node:url'
import type { VFileMessage } from 'vfile-message'
import { builtIn, builtInLinter } from '../engine/builtin.ts'
import { runModule } from '../engine/code.ts'
import { readRuleFolder } from '../engine/disk.ts'
import { faultToString } from '../engine/fault.ts'
import { applyEdits, editOf } from '../engine/fix.ts'
import { createLinter, type Linter } from '../engine/linter.ts'
import { type Remark, type RetextPlugin, runPlugin } from '../engine/plugin.ts'
import type { Example, RuleFile } from '../engine/rulefile.ts'
import { fromHere } from './console.ts'

export type { RetextPlugin } from '../engine/plugin.ts'

/** What makes a test of a name and a function that throws where it fails: `test` of node:test, `test` or `it` of vitest. */
export type Test = (name: string, run: () => void | Promise<void>) => unknown

/**
 * Makes a test for each example of each rule file in a folder: a line with `-` must give exactly one finding of the rule,
 * the line with `+` below it is what the first rewrite makes of it and must be free of findings, and a line with neither
 * must be left alone. A file that cannot be used, and a rule without examples, are tests that fail. All rules of Silolint
 * are on, and a plugin beside a rule file is run here, without a thread.
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
        tryExample(rule, example, linter, own))
  }
}

/** Texts that a plugin should find something in, and texts that it should leave alone. */
export interface PluginExamples<Options = unknown> {
  /** What the plugin is given, as under `plugins` in a configuration. */
  options?: Options
  finds: Array<{
    text: string
    /** The words that it points at. */
    actual?: string
    /** What it says. */
    reason?: string | RegExp
    /** Texts that could replace the words. */
    rewrites?: string[]
  }>
  leaves: string[]
}

/**
 * Makes a test for each text that a retext plugin should find something in, exactly once, and for each that it should leave
 * alone. The plugin reads the text as it reads a document in Silolint: block by block.
 */
export function testPlugin<Options = unknown>(
  test: Test,
  plugin: RetextPlugin<Options>,
  { options, finds, leaves }: PluginExamples<Options>,
): void {
  const remarksOn = async (text: string) => {
    const texts = builtInLinter().prose(text, { format: 'markdown' })
    const remarks = await runPlugin(plugin, options, texts)
    return remarks.map((remark) => ({ ...remark, actual: texts[remark.text]?.slice(remark.start, remark.end) }))
  }
  for (const { text, actual, reason, rewrites } of finds)
    test(`finds: ${text.trim()}`, async () => {
      const found = await remarksOn(text)
      const wrong = (what: string, is: unknown, should: unknown): Error =>
        new Error(`${what} is ${JSON.stringify(is)} and should be ${JSON.stringify(String(should))}.`)
      const [remark] = found
      if (!remark || found.length > 1)
        throw new Error(`It says ${found.length} things instead of one: ${found.map((one) => one.reason).join(' | ')}`)
      if (actual !== undefined && remark.actual !== actual) throw wrong('What it points at', remark.actual, actual)
      if (reason !== undefined && !(typeof reason === 'string' ? remark.reason === reason : reason.test(remark.reason)))
        throw wrong('What it says', remark.reason, reason)
      const offered = remark.rewrites ?? []
      if (rewrites && JSON.stringify(offered) !== JSON.stringify(rewrites))
        throw new Error(`It offers ${JSON.stringify(offered)} and should offer ${JSON.stringify(rewrites)}.`)
    })
  for (const text of leaves)
    test(`leaves alone: ${text.trim()}`, async () => {
      const [remark] = await remarksOn(text)
      if (remark) throw new Error(`It says “${remark.reason}” of “${remark.actual}”.`)
    })
}

/** @throws {Error} where an example does not behave as the page says */
async function tryExample(
  rule: RuleFile,
  { flagged, text, rewritten, line }: Example,
  linter: Linter,
  own: readonly RuleFile[],
): Promise<void> {
  const wrong = (problem: string): Error => new Error(`${fromHere(rule.path)}:${line}: ${problem}`)
  const lint = async (source: string): Promise<VFileMessage[]> => {
    const texts = linter.prose(source, { format: 'markdown' })
    const remarks = new Map<string, Remark[]>()
    for (const { id, plugin } of own)
      if (plugin) remarks.set(id, await runPlugin(await runModule(plugin.module), plugin.options, texts))
    return linter.lint(source, { format: 'markdown', remarks }).messages
  }
  const found = (await lint(text)).filter(({ ruleId }) => ruleId === rule.id)
  const [finding] = found
  if (!flagged) {
    if (finding) throw wrong(`“${finding.actual}” is found in a sentence that should be left alone.`)
    return
  }
  if (!finding) throw wrong('nothing is found. Does a phrase have these words, and does a guard clear them?')
  if (found.length > 1)
    throw wrong(`${found.length} findings instead of one: ${found.map(({ actual }) => actual).join(' | ')}.`)
  if (rewritten === undefined) return
  const [first] = finding.expected ?? []
  if (first === undefined) throw wrong('there is no rewrite to make the line with + from.')
  const made = applyEdits(text, [editOf(finding, first, text)]).source
  if (made !== rewritten)
    throw wrong(`the first rewrite makes\n  ${made}\nof it, and the line with + says\n  ${rewritten}`)
  const [again] = await lint(made)
  if (again) throw wrong(`what the first rewrite makes of it is found too, by ${again.ruleId}: “${again.actual}”.`)
}
