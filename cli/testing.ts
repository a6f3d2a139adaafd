// What `import … from 'silolint/testing'` gives: tests for those who write rules, in node:test, vitest or what is like them.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtIn } from '../engine/builtin.ts'
import { openProject, packRules } from '../engine/disk.ts'
import { faultToString } from '../engine/fault.ts'
import { readDocument } from '../engine/files.ts'
import { createLinter } from '../engine/linter.ts'
import { type RetextPlugin, runPlugin } from '../engine/plugin.ts'
import type { Plugins } from '../engine/plugins.ts'
import type { Example, GuardFile, RuleFile } from '../engine/rulefile.ts'
import type { RuleTested } from '../engine/ruletest.ts'
import { fromHere } from './console.ts'
import { openRuleFolder, testPage } from './rulepages.ts'
import { pluginThreads } from './silolint.ts'

export type { RetextPlugin } from '../engine/plugin.ts'

/** What makes a test of a name and a function that throws where it fails: `test` of node:test, `test` or `it` of vitest. */
export type Test = (name: string, run: () => void | Promise<void>) => unknown

/**
 * Makes a test for each example of each rule and guard in a folder, and one for the phrases and rewrites of each: what
 * `silolint rule test` checks, told with file and line. A file that cannot be used is a test that fails. All rules of
 * Silolint are on but those that the pack's own configuration switches off, and a plugin beside a rule runs in a thread with a
 * time limit.
 *
 * @param folder its path, or a file URL such as `new URL('../rules', import.meta.url)`
 */
export function testRules(test: Test, folder: string | URL): void {
  const path = typeof folder === 'string' ? folder : fileURLToPath(folder)
  const pages = openRuleFolder(packRules(path) ?? path)
  const project = openProject({ trusted: true, plugins: pluginThreads })
  const testInForce = async (page: RuleFile | GuardFile): Promise<RuleTested> => {
    const source = { path: fromHere(page.path), text: await read(page) }
    // as the configuration of a pack has it, where there is one: what it switches off is no overlap
    const { linter } = await project.resolve(join(path, 'document.md'))
    const rules = linter.catalogue.rules.filter((one) => pages.rules.some((own) => own.path === one.path))
    if (!rules.length) return testPage(page, source, pages, project.plug)
    return testPage(rules.find((one) => one.path === page.path) ?? page, source, { ...pages, linter }, project.plug)
  }
  for (const fault of pages.faults)
    test(`${fromHere(fault.path)} can be used`, () => {
      throw new Error(faultToString({ ...fault, path: fromHere(fault.path) }))
    })
  if (!pages.rules.length && !pages.guards.length && !pages.faults.length)
    test('there are rules', () => {
      throw new Error(`There is no rule file in ${folder}. A rule is a Markdown file, such as our-rule.md.`)
    })
  const shown = [...pages.rules, ...pages.guards.filter(({ examples }) => examples.length)]
  for (const page of shown) {
    let tested: Promise<RuleTested> | undefined
    /** Fails where something does not hold that is told of one of these lines of the page. */
    const holds = async (from: number, to: number): Promise<void> => {
      tested ??= testInForce(page)
      const { failures, faults } = await tested
      const wrong = failures.filter(({ line = 1 }) => line >= from && line < to)
      const told = [
        ...faults.map((fault) => faultToString({ ...fault, path: fromHere(fault.path) })),
        ...wrong.map(({ name, reason, ruleId }) => `${name}: ${reason} [${ruleId}]`),
      ]
      if (told.length) throw new Error(told.join('\n'))
    }
    const isRule = 'severity' in page
    const name = isRule ? page.id : `guard ${page.id}`
    const [first] = page.examples
    if (isRule) test(`${name}: its phrases and rewrites`, () => holds(1, first?.line ?? Number.POSITIVE_INFINITY))
    for (const [index, { flagged, text, line }] of page.examples.entries()) {
      const next = page.examples[index + 1]?.line ?? Number.POSITIVE_INFINITY
      const does = flagged ? (isRule ? 'finds' : 'does not clear') : isRule ? 'leaves alone' : 'clears'
      test(`${name} ${does}: ${text.trim()}`, () => holds(line, next))
    }
  }
}

/** The text of a page that was there when its rule was read. */
async function read({ path }: RuleFile | GuardFile): Promise<string> {
  const document = await readDocument(path)
  if ('fault' in document) throw new Error(faultToString({ ...document.fault, path: fromHere(path) }))
  return document.source
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
 * alone. The plugin reads the text as it reads a document in Silolint: block by block. What `silolint rule test` checks is
 * checked here too: a sentence is also tried as a list item, in a table, in a heading and in the other spelling, and no
 * rewrite may be found itself. A text with a line break at its end is tried as it stands only.
 */
export function testPlugin<Options = unknown>(
  test: Test,
  plugin: RetextPlugin<Options>,
  { options, finds, leaves }: PluginExamples<Options>,
): void {
  const id = 'the-plugin'
  // one line for each text, to tell by it what of them fails
  const texts = [
    ...finds.map(({ text }) => ({ text, flagged: true })),
    ...leaves.map((text) => ({ text, flagged: false })),
  ]
  const rule = ruleOf(
    id,
    texts.map((one, index) => ({ ...one, line: index + 1 })),
  )
  const source = { path: rule.path, text: texts.map(({ text }) => `  ${text.trim().split('\n')[0]}`).join('\n') }
  const { linter } = createLinter([builtIn, { ...noLayer, rules: [rule] }], { rules: {} })
  const plug: Plugins['run'] = async (_, prose) => ({
    remarks: new Map([[id, await runPlugin(plugin, options, prose)]]),
    faults: [],
  })
  const place = callerOf(testPlugin)
  let tested: Promise<RuleTested> | undefined
  const holds = async (index: number): Promise<void> => {
    tested ??= testPage(rule, source, { linter, rules: [rule], guards: [] }, plug)
    const told = (await tested).failures.filter(
      ({ line, ruleId }) => line === index + 1 && ruleId !== 'phrase-without-example',
    )
    // there is no page on which a line with @@ could stand
    const said = (reason: string): string => reason.replace('below a line with @@', 'with a line break at its end')
    if (told.length) throw new Error(told.map(({ reason, ruleId }) => `${place}${said(reason)} [${ruleId}]`).join('\n'))
  }
  for (const [index, { text, actual, reason, rewrites }] of finds.entries())
    test(`finds: ${text.trim()}`, async () => {
      await holds(index)
      const prose = linter.prose(text, { format: 'markdown' })
      const [remark] = await runPlugin(plugin, options, prose)
      if (!remark) return
      const wrong = (what: string, is: unknown, should: unknown): Error =>
        new Error(`${place}${what} ${JSON.stringify(is)} and should be ${JSON.stringify(should)}.`)
      const found = prose[remark.text]?.slice(remark.start, remark.end)
      if (actual !== undefined && found !== actual) throw wrong('What it points at is', found, actual)
      if (reason !== undefined && !(typeof reason === 'string' ? remark.reason === reason : reason.test(remark.reason)))
        throw wrong('What it says is', remark.reason, String(reason))
      const offered = remark.rewrites ?? []
      if (rewrites && JSON.stringify(offered) !== JSON.stringify(rewrites))
        throw wrong('What it offers is', offered, rewrites)
    })
  for (const [index, text] of leaves.entries()) test(`leaves alone: ${text.trim()}`, () => holds(finds.length + index))
}

const noLayer = { rules: [], guardIds: [], guards: [], vocabularies: [], roles: [], sectors: [], code: {}, faulty: [] }

/** A plugin that has no page, as a rule. */
function ruleOf(id: string, examples: Example[]): RuleFile {
  const path = `${id}.md`
  return {
    ...{ id, path, title: id, page: '', note: '', url: '', kind: 'plugin', plugin: { id, module: '', path } },
    ...{ severity: 'warning', message: '$reason' },
    ...{ groups: [], roles: [], lacks: [], needs: [], unless: [], rewrites: [], examples },
  }
}

/** Where a function was called, `file:line: `; nothing where the machine does not tell. */
function callerOf(called: (...args: never[]) => unknown): string {
  const here: { stack?: string } = {}
  Error.captureStackTrace?.(here, called)
  const [, path, line] = /\n\s+at (?:.*\()?(.+?):(\d+):\d+\)?/.exec(here.stack ?? '') ?? []
  return path ? `${fromHere(path.startsWith('file:') ? fileURLToPath(path) : path)}:${line}: ` : ''
}
