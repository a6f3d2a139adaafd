import picomatch from 'picomatch'
import { builtIn } from './builtin.ts'
import type { Layer } from './catalogue.ts'
import type { Loaded } from './configurationfile.ts'
import { Patterns } from './patterns.ts'
import { itemOf, type Keys, type Settings } from './settings.ts'
import type { Severity } from './severity.ts'

/** Settings of one configuration file that hold for all documents below a folder, or for those its globs match. */
export interface Part {
  /** The file (absolute path) that says so. */
  path: string
  loaded: Loaded
  /** Where the settings stand in it: at the top, or in an override. */
  keys: Keys
  settings: Settings
  /** The folder that globs are relative to. */
  base: string
  /** The globs of an override. */
  files?: readonly string[]
  /** Whether the settings hold for a document, by its path from `base`; undefined where it does not lie below it. */
  holds(document: string | undefined): boolean
}

/** What a part says, and where in it. */
export interface Said<T> {
  value: T
  part: Part
  keys: Keys
}

/** What the parts that hold for a document amount to. */
export interface Merged {
  rules: Map<string, Said<Severity | 'off'>>
  /** Words added to vocabularies, by the vocabulary's name. */
  words: Map<string, Said<string>[]>
  sectors: Said<string>[]
}

/** Puts together what parts say, of which a later one wins: over rules and sectors, while words add up. */
export function merge(parts: readonly Part[]): Merged {
  const merged: Merged = { rules: new Map(), words: new Map(), sectors: [] }
  for (const part of parts) {
    const { rules, vocabularies, sectors } = part.settings
    for (const [id, value] of Object.entries(rules))
      merged.rules.set(id, { value, part, keys: [...part.keys, 'rules', id] })
    for (const [name, words] of Object.entries(vocabularies)) {
      const keys = [...part.keys, 'vocabularies', name]
      const known = merged.words.get(name) ?? []
      const news = words.filter((word) => !known.some(({ value }) => value === word))
      if (news.length) merged.words.set(name, [...known, ...news.map((value) => ({ value, part, keys }))])
    }
    const keys = [...part.keys, 'sector']
    if (sectors) merged.sectors = sectors.map((value) => ({ value, part, keys }))
  }
  return merged
}

/**
 * Whether globs match a path. As in gitignore a glob without a slash matches at any depth, one that names a folder
 * matches all in it, and of several the last one that matches counts: one that begins with ! leaves out.
 */
export function globMatcher(globs: readonly string[]): (path: string | undefined) => boolean {
  const tests = globs.map((glob) => {
    const excludes = glob.startsWith('!')
    const written = (excludes ? glob.slice(1) : glob).replace(/\/$/, '')
    const plain = written.includes('/') ? written.replace(/^\.?\//, '') : `**/${written}`
    return { excludes, test: picomatch([plain, `${plain}/**`], { dot: true, nocase: true }) }
  })
  const all = tests.every(({ excludes }) => excludes)
  return (path) =>
    path !== undefined && tests.reduce((matched, { excludes, test }) => (test(path) ? !excludes : matched), all)
}

/** Patterns in gitignore syntax, with the file that has them. */
export interface Ignores {
  /** The file (absolute path) that has them. */
  path: string
  /** The folder that they are relative to. */
  base: string
  patterns: ReadonlyArray<{ pattern: string; line?: number | undefined }>
  /** What the patterns say of a path from `base`: that it is ignored and by which of them, that it is not, or nothing. */
  test(document: string): { pattern: string; line?: number | undefined } | 'not' | undefined
}

/** Reads patterns, one by one. */
export function ignoresOf(path: string, base: string, patterns: Ignores['patterns']): Ignores {
  const matcher = new Patterns(patterns.map(({ pattern }, index) => ({ pattern, mark: String(index) })))
  return {
    path,
    base,
    patterns,
    test(document) {
      const { ignored, unignored, rule } = matcher.test(document)
      if (ignored) return patterns[Number(rule?.mark)]
      return unignored ? 'not' : undefined
    },
  }
}

/** The patterns of an ignore file, by line; without comments. */
export function readIgnoreFile(text: string): Ignores['patterns'] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n?|\n/)
    .map((pattern, index) => ({ pattern, line: index + 1 }))
    .filter(({ pattern }) => pattern.trim() !== '' && !pattern.startsWith('#'))
}

/** Where a value comes from. */
export interface Source {
  by: 'built-in' | 'sector' | 'rule file' | 'configuration' | 'command line'
  /** Absolute path; none for what comes with Silolint or is given on the command line. */
  file?: string
  line?: number
  /** The sector that a word belongs to. */
  sector?: string
}

/** What a rule is set to, and the rule file whose place its own has taken, if any: its path, or `silolint`. */
export interface RuleSetting extends Source {
  severity: Severity | 'off'
  replaces?: string
}

/** All that is in force for a document, each value with where it comes from. */
export interface Explanation {
  /** The document, as an absolute path. */
  path: string
  /** The configuration files in force, those whose settings win first. */
  configurations: string[]
  /** The pattern that leaves the document out, or the document itself where it is a file of Silolint's own. */
  ignored?: Source & { pattern?: string }
  /** By id. */
  rules: Record<string, RuleSetting>
  sectors: Array<{ sector: string } & Source>
  ignores: Array<{ pattern: string } & Source>
  overrides: Array<{ files: readonly string[]; holds: boolean } & Source>
  /** The baseline whose findings are left out. */
  baseline?: string
  /** The words of vocabularies, by name; those that were added come first. */
  vocabularies: Record<string, Array<{ word: string } & Source>>
}

/** A source that is a file. */
export const sourceOf = (by: Source['by'], file: string, line?: number): Source => ({
  by,
  file,
  ...(line !== undefined && { line }),
})

/** The file and line of a setting; code does not tell the line. */
export const saidAt = ({ value, part: { path, loaded }, keys }: Said<string>): Source =>
  sourceOf('configuration', path, loaded.locate(itemOf(loaded.value, keys, value), 'value').line)

/** The words of a vocabulary with where they come from: what was added, those of sectors, and those of the rule files. */
export function wordsOf(name: string, layers: readonly Layer[], merged: Merged): Array<{ word: string } & Source> {
  const at = (layer: Layer, path: string, by: 'rule file' | 'sector', line: number): Source =>
    layer === builtIn ? { by: by === 'sector' ? by : 'built-in' } : sourceOf(by, path, line)
  const added = (merged.words.get(name) ?? []).map((said) => ({ word: said.value, ...saidAt(said) }))
  const ofSectors = layers.flatMap((layer) =>
    layer.sectors
      .filter(({ id }) => merged.sectors.some(({ value }) => value === id))
      .flatMap(({ id: sector, vocabularies }) =>
        vocabularies
          .filter(({ id }) => id === name)
          .flatMap(({ path, words }) =>
            words.map(({ text, line }) => ({ word: text, ...at(layer, path, 'sector', line), sector })),
          ),
      ),
  )
  let own: Array<{ word: string } & Source> = []
  for (const layer of layers)
    for (const { id, path, entries, replaces } of layer.vocabularies) {
      if (id !== name) continue
      const words = entries.map(({ text, line }) => ({ word: text, ...at(layer, path, 'rule file', line) }))
      own = replaces ? words : [...words, ...own]
    }
  return [...added, ...ofSectors, ...own]
}
