import * as v from 'valibot'
import type { Fault } from './fault.ts'
import { nearest } from './nearest.ts'
import { PhraseError, parsePhrase } from './phrase.ts'
import { type Severity, severities } from './severity.ts'

/** What can be set for all documents and, in an override, for some. */
export interface Settings {
  rules: Record<string, Severity | 'off'>
  /** Words added to a vocabulary, by its name without the $. */
  vocabularies: Record<string, string[]>
  /** Sectors whose words are added, by the file name in rules/sector; absent where nothing is said of them. */
  sectors?: string[]
}

/** Settings for the documents that globs match. */
export interface Override extends Settings {
  /** Globs relative to the configuration; one that begins with ! leaves documents out. */
  files: string[]
  /** Its number in the list as it was written. */
  index: number
}

/** What a configuration says, checked. */
export interface Configuration extends Settings {
  /** Patterns in gitignore syntax, relative to the configuration. */
  ignores: string[]
  /** Paths and package names of configurations that this one builds on. */
  extends: string[]
  /** Folders of rule files, relative to the configuration. */
  ruleFolders: string[]
  /** Retext plugins, by package name or path. */
  plugins: Array<{ name: string; severity: Severity | 'off'; options?: unknown }>
  overrides: Override[]
}

/** The ways to say how much a rule weighs, as other linters have them; true is a rule as it comes. */
const level = v.union(
  [v.picklist(['off', ...severities, 'warn']), v.boolean(), v.picklist([0, 1, 2])],
  '(off, info, warning or error)',
)
const severityOfLevel: Record<string, Severity | 'off' | undefined> = {
  off: 'off',
  false: 'off',
  0: 'off',
  info: 'info',
  warn: 'warning',
  warning: 'warning',
  1: 'warning',
  error: 'error',
  2: 'error',
}

/** A text, or a list of them. */
const oneOrMore = (what: string, list: string) => v.union([v.string(), v.array(v.string(what), list)], list)

const settings = {
  rules: v.optional(
    v.pipe(
      v.record(v.string(), level, '(a map of rule ids)'),
      v.description('Rules by id: off, info, warning or error.'),
    ),
  ),
  vocabularies: v.optional(
    v.pipe(
      v.record(v.string(), v.array(v.string('(words)'), '(a list of words)'), '(a map of vocabularies)'),
      v.description(
        'Words to add to a vocabulary: the names of your functions under "function", of those you serve under "served".',
      ),
    ),
  ),
  sector: v.optional(
    v.pipe(
      oneOrMore('(the name of a sector)', '(the name of a sector or a list of them)'),
      v.description('The sectors whose words to know: health, housing, education …'),
    ),
  ),
}

/** The shape of an override in it. */
export const overrideSchema = v.strictObject({
  files: v.pipe(
    v.union(
      [v.string(), v.pipe(v.array(v.string('(a glob)')), v.nonEmpty('(a glob or a list of at least one)'))],
      '(a glob or a list of at least one)',
    ),
    v.description('Globs of the documents, relative to this file, such as "legal/**"; one with ! leaves some out.'),
  ),
  ...settings,
})

/** The shape of a configuration file; the JSON schema that editors use is made from it. */
export const settingsSchema = v.strictObject({
  $schema: v.optional(v.pipe(v.string('(text)'), v.description('The address of this schema, for editors.'))),
  root: v.optional(
    v.pipe(
      v.boolean('(true or false)'),
      v.description('True: configurations of the folders above do not hold here. They do otherwise.'),
    ),
  ),
  extends: v.optional(
    v.pipe(
      oneOrMore('(a path or the name of a package)', '(a path, the name of a package, or a list of them)'),
      v.description(
        'Configurations and rule packs to build on: paths relative to this file, which begin with a dot, or names of npm packages.',
      ),
    ),
  ),
  plugins: v.optional(
    v.pipe(
      v.record(
        v.string(),
        v.union([level, v.tuple([level, v.unknown()])], '(info, or [info, {options}])'),
        '(a map of plugins)',
      ),
      v.description(
        'Retext plugins by package name, or by a path relative to this file: their severity, or a list of severity and options.',
      ),
    ),
  ),
  ruleFolders: v.optional(
    v.pipe(
      oneOrMore('(the path of a folder)', '(the path of a folder or a list of them)'),
      v.description('Folders of rule files, relative to this file, that hold beside those in .silolint/rules.'),
    ),
  ),
  ...settings,
  ignores: v.optional(
    v.pipe(
      v.array(v.string('(a pattern)'), '(a list of patterns)'),
      v.description('Documents to leave out, in gitignore syntax, relative to this file.'),
    ),
  ),
  overrides: v.optional(
    v.pipe(
      v.array(overrideSchema, '(a list of overrides)'),
      v.description('Settings for some documents only. Later ones win.'),
    ),
  ),
})
// each override is checked by itself, so that a fault in one leaves the others their places
const outerSchema = v.strictObject({
  ...settingsSchema.entries,
  overrides: v.optional(v.array(v.unknown(), '(a list of overrides)')),
})

/** What there is to be set: each rule's own severity by its id, and the names of the vocabularies. */
export interface Known {
  rules: ReadonlyMap<string, Severity>
  vocabularies: readonly string[]
  sectors: readonly string[]
}

/** The path of a setting within a configuration, such as `['overrides', 0, 'rules']`. */
export type Keys = ReadonlyArray<string | number>

/** The place of a key or value by its path; empty where the file does not tell. */
export type Locate = (path: Keys, part: 'key' | 'value') => { line?: number; column?: number }

const didYouMean = (word: string, words: readonly string[], what: string): string => {
  const meant = nearest(word, words)
  return meant ? `Did you mean "${meant}"?` : `${what} ${words.join(', ')}.`
}

const listOf = (value: string | string[] | undefined): string[] => (typeof value === 'string' ? [value] : (value ?? []))

/** The path of an item of a list which may also be written as a single text. */
export const itemOf = (written: unknown, keys: Keys, item: string): Keys => {
  const list = keys.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | null)?.[key], written)
  return Array.isArray(list) ? [...keys, list.indexOf(item)] : keys
}

/** Checks a configuration. A value that cannot be used is a fault and is left out; the others hold. */
export function readSettings(
  written: unknown,
  path: string,
  known: Known,
  locate: Locate,
): { settings: Configuration; faults: Fault[] } {
  const faults: Fault[] = []
  const fault = (at: Keys, part: 'key' | 'value', problem: string, cure: string, value: unknown): void => {
    faults.push({
      path,
      ...locate(at, part),
      value: typeof value === 'string' ? value : JSON.stringify(value),
      problem,
      cure,
    })
  }
  /** What of a map fits its schema; the rest is told. `at` is the path of the map. */
  const fitting = <T extends typeof outerSchema | typeof overrideSchema>(
    schema: T,
    value: unknown,
    at: Keys,
  ): v.InferOutput<T> | undefined => {
    const what = at.length ? 'an override' : 'a configuration'
    const such = at.length ? '{"files": ["legal/**"], "rules": {}}' : '{"rules": {}}'
    if (Array.isArray(value)) {
      fault(at, 'value', `${what} must be a map of settings`, `It takes a map, such as ${such}.`, undefined)
      return undefined
    }
    let rest = value
    let result = v.safeParse(schema, rest)
    // of several keys that do not exist the schema names one at a time
    while (!result.success) {
      const wrong: Keys[] = []
      let isUsable = true
      for (const issue of result.issues) {
        const inside = (issue.path ?? []).map((item) => item.key as string | number)
        const key = String(inside.at(-1) ?? '')
        const message = String(issue.message)
        if (issue.type === 'strict_object' && issue.expected === 'never') {
          const isAbove = at.length > 0 && Object.hasOwn(settingsSchema.entries, key)
          fault(
            [...at, ...inside],
            'key',
            isAbove ? 'an override does not take this setting' : 'there is no such setting',
            isAbove && key === 'plugins'
              ? 'A plugin runs with one set of options for all documents of a configuration. Name it under "plugins" beside "overrides", and say in each how much it weighs, such as "rules": {"retext-passive": "off"}; for other options put a configuration into the folder of those documents.'
              : isAbove
                ? 'Set it beside "overrides" instead.'
                : didYouMean(key, Object.keys(schema.entries), 'The settings are'),
            key,
          )
        } else if (issue.type === 'strict_object' && inside.length) {
          // the one setting that must be there
          fault(at, 'value', `${what} must say for which files it is`, `It takes a map, such as ${such}.`, undefined)
          isUsable = false
        } else {
          const setting = [...at, ...inside].join('.')
          fault(
            [...at, ...inside],
            'value',
            inside.length ? `"${setting}" does not take this value` : `${what} must be a map of settings`,
            `It takes ${message.startsWith('(') ? message.slice(1, -1) : `a map, such as ${such}`}.`,
            issue.input,
          )
          if (!inside.length || (at.length && key === 'files')) isUsable = false
        }
        wrong.unshift(inside)
      }
      if (!isUsable) return undefined
      // from the last to the first: taking one out of a list moves those behind it
      for (const one of wrong) rest = without(rest, one)
      result = v.safeParse(schema, rest)
    }
    return result.output
  }
  /** Checks what the settings name. */
  const readNames = (
    output: v.InferOutput<typeof overrideSchema> | v.InferOutput<typeof outerSchema>,
    at: Keys,
  ): Settings => {
    const settings: Settings = { rules: {}, vocabularies: {} }
    for (const [id, level] of Object.entries(output.rules ?? {})) {
      const own = known.rules.get(id)
      const cure = (): string => didYouMean(id, [...known.rules.keys()], 'The rules are')
      if (own) settings.rules[id] = severityOfLevel[String(level)] ?? own
      else fault([...at, 'rules', id], 'key', 'there is no such rule', cure(), id)
    }
    for (const [name, words] of Object.entries(output.vocabularies ?? {})) {
      const keys = [...at, 'vocabularies', name]
      if (!known.vocabularies.includes(name)) {
        const cure = didYouMean(name, known.vocabularies, 'The vocabularies are')
        fault(keys, 'key', 'there is no such vocabulary', cure, name)
        continue
      }
      settings.vocabularies[name] = words.filter((word) => {
        try {
          parsePhrase(word)
          return true
        } catch (error) {
          if (!(error instanceof PhraseError)) throw error
          fault(itemOf(written, keys, word), 'value', error.message, error.cure, error.value)
          return false
        }
      })
    }
    if (output.sector !== undefined) {
      settings.sectors = listOf(output.sector).filter((name) => {
        if (known.sectors.includes(name)) return true
        const cure = didYouMean(name, known.sectors, 'The sectors are')
        fault(itemOf(written, [...at, 'sector'], name), 'value', 'there is no such sector', cure, name)
        return false
      })
    }
    return settings
  }

  const outer = fitting(outerSchema, written ?? {}, [])
  if (!outer)
    return {
      settings: { rules: {}, vocabularies: {}, ignores: [], extends: [], ruleFolders: [], plugins: [], overrides: [] },
      faults,
    }
  const overrides = (outer.overrides ?? []).flatMap((one, index): Override[] => {
    const output = fitting(overrideSchema, one, ['overrides', index])
    if (!output) return []
    return [{ ...readNames(output, ['overrides', index]), files: listOf(output.files), index }]
  })
  return {
    settings: {
      ...readNames(outer, []),
      ignores: outer.ignores ?? [],
      extends: listOf(outer.extends),
      ruleFolders: listOf(outer.ruleFolders),
      plugins: Object.entries(outer.plugins ?? {}).map(([name, value]) => {
        const [level, options] = Array.isArray(value) ? value : [value]
        return {
          name,
          severity: severityOfLevel[String(level)] ?? 'warning',
          ...(options !== undefined && { options }),
        }
      }),
      overrides,
    },
    faults,
  }
}

/** The value without the part at a path. */
function without(value: unknown, path: Keys): unknown {
  const [key, ...rest] = path
  if (key === undefined || typeof value !== 'object' || value === null) return {}
  if (Array.isArray(value)) return value.filter((_, index) => index !== key)
  const copy = { ...(value as Record<string | number, unknown>) }
  if (rest.length) copy[key] = without(copy[key], rest)
  else delete copy[key]
  return copy
}
