import type { VFile } from 'vfile'
import type { Document } from './block.ts'
import { type Catalogue, compileCatalogue, type Layer, type Sources } from './catalogue.ts'
import type { Fault } from './fault.ts'
import { documentEndings, type Format, formatOf } from './format.ts'
import { check, Lines, toFile } from './lint.ts'
import { readMarkdown } from './markdown.ts'
import type { Plugged } from './plugins.ts'
import type { RuleFile } from './rulefile.ts'
import type { Settings } from './settings.ts'
import type { Severity } from './severity.ts'
import { type SuppressionRule, suppress, suppressionRules, todayHere } from './suppression.ts'
import { readText } from './text.ts'

export { documentEndings, type Format, formatOf }

/** What is known of a rule from its page. */
export interface RuleInfo {
  id: string
  title: string
  severity: Severity | 'off'
  /** What is wrong and what to do, in a few sentences: the first paragraph of its page. */
  note: string
  /** The page of the rule, in Markdown. */
  page: string
  url: string
}

/** Lints with one resolved configuration. It keeps the last few hundred sentences that it has read, for who asks again. */
export interface Linter {
  /**
   * Findings are the file's messages, sorted by place; no text makes it throw. What comments hide stands in
   * `data.suppressed`, the comments in `data.suppressions`; both are missing where there are no comments.
   *
   * @param options.remarks what plugins said of the prose of the document, by rule
   * @param options.today the day that `until=` in comments is held against, YYYY-MM-DD; the machine's own if left out
   */
  lint(
    source: string,
    options?: { path?: string; format?: Format; today?: string; remarks?: Plugged['remarks'] | undefined },
  ): VFile
  /** The prose of the blocks of a document, which plugins read. */
  prose(source: string, options?: { path?: string; format?: Format }): string[]
  rules: readonly RuleInfo[]
  catalogue: Catalogue
  levels: ReadonlyMap<string, Severity>
}

/** Puts together the built-in rules, a team's own and what a configuration says of them. */
export function createLinter(
  layers: ReadonlyArray<Sources | Layer>,
  settings: Pick<Settings, 'rules'> & Partial<Settings>,
): { linter: Linter; faults: Fault[] } {
  const { catalogue, faults } = compileCatalogue(layers, settings)
  const levels = levelsOf(catalogue, settings.rules)
  return { linter: linterOf(catalogue, levels), faults }
}

/** All rules that can be switched: those of the catalogue, sorted by id, and those about comments. */
export const rulesOf = (catalogue: Catalogue): ReadonlyArray<RuleFile | SuppressionRule> => [
  ...catalogue.rules,
  ...suppressionRules,
]

/** The severity of each rule that is on: as set, or its own. */
export function levelsOf(catalogue: Catalogue, rules: Settings['rules']): Map<string, Severity> {
  const levels = new Map<string, Severity>()
  for (const rule of rulesOf(catalogue)) {
    const level = rules[rule.id] ?? rule.severity
    if (level !== 'off') levels.set(rule.id, level)
  }
  return levels
}

const read = (source: string, format: Format): Document => (format === 'text' ? readText(source) : readMarkdown(source))

/** A linter of the same rules with other levels, without compiling them again. */
export function linterOf(catalogue: Catalogue, levels: ReadonlyMap<string, Severity>): Linter {
  return {
    catalogue,
    levels,
    rules: rulesOf(catalogue).map(({ id, title, note, page, url }) => ({
      id,
      title,
      note,
      page,
      severity: levels.get(id) ?? 'off',
      url,
    })),
    prose(source, { path, format = formatOf(path) } = {}) {
      return read(source, format).blocks.map(({ prose }) => prose)
    },
    lint(source, { path, format = formatOf(path), today, remarks } = {}) {
      const document = read(source, format)
      const found = check(document, catalogue, levels, path, remarks)
      if (!document.comments.length) return toFile(source, found, path)
      const lines = new Lines(source)
      const { findings, ...data } = suppress(document, found, {
        rules: catalogue.rules,
        levels,
        lines,
        today: today ?? todayHere(),
        path,
      })
      const file = toFile(source, findings, path)
      file.data = data
      return file
    },
  }
}
