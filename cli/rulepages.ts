import { readRuleFolder } from '../engine/disk.ts'
import type { Fault } from '../engine/fault.ts'
import { createLinter, type Linter } from '../engine/linter.ts'
import type { Plugins } from '../engine/plugins.ts'
import type { GuardFile, RuleFile, VocabularyFile } from '../engine/rulefile.ts'
import type { RuleTested } from '../engine/ruletest.ts'

/** Pages of rules and guards to test, with the linter in which they stand. */
export interface RulePages {
  linter: Linter
  rules: RuleFile[]
  guards: GuardFile[]
  /** They are Silolint's own, which are measured on documents instead of some of the checks. */
  isBuiltIn?: boolean
}

/** The rules of a folder that is in force nowhere, such as that of a pack, beside those that come with Silolint; all are on. */
export function openRuleFolder(
  folder: string,
  code?: Parameters<typeof readRuleFolder>[1],
): RulePages & { words: VocabularyFile[]; faults: Fault[]; strays: string[] } {
  const { layers, layer, isBuiltIn, strays, faults } = readRuleFolder(folder, code)
  const { linter, faults: more } = createLinter(layers, { rules: {} })
  const { rules, guards } = linter.catalogue
  return {
    linter,
    rules: rules.filter((rule) => layer.rules.includes(rule)),
    // what adds to a guard of its name is tested with that one, and its own page says what it is for
    guards: layer.guards.map(({ id, path, examples }) => Object.assign({}, guards.get(id), { path, examples })),
    isBuiltIn,
    words: [...layer.vocabularies, ...layer.roles],
    strays,
    faults: [...faults, ...more],
  }
}

/**
 * Tests a rule or a guard by what its page shows.
 *
 * @param path how the page is named in what is said of it
 * @param text the page as it was read
 */
export async function testPage(
  page: RuleFile | GuardFile,
  { path, text }: { path: string; text: string },
  { linter, isBuiltIn }: RulePages,
  plug: Plugins['run'],
): Promise<RuleTested> {
  const { measured, testGuard, testRule } = await import('../engine/ruletest.ts')
  const { otherForms } = await import('../engine/wordforms.ts')
  const options = { linter, otherForms, plug }
  const tested =
    'severity' in page ? await testRule(page, { path, text }, options) : testGuard(page, { path, text }, options)
  if (!isBuiltIn) return tested
  return { ...tested, failures: tested.failures.filter(({ ruleId }) => !measured.has(ruleId ?? '')) }
}
