import * as v from 'valibot'
import type { Fault } from './fault.ts'
import { nearest } from './nearest.ts'
import { PhraseError, parsePhrase } from './phrase.ts'
import { type Severity, severities } from './severity.ts'

/** What a configuration says, checked. */
export interface Settings {
  rules: Record<string, Severity | 'off'>
  /** Words added to a vocabulary, by its name without the $. */
  vocabularies: Record<string, string[]>
  /** Sectors whose words are added, by the file name in rules/sector. */
  sectors: string[]
  /** Patterns in gitignore syntax, relative to the configuration file. */
  ignores: string[]
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

/** The shape of a configuration file; the JSON schema that editors use is made from it. */
export const settingsSchema = v.strictObject({
  $schema: v.optional(v.string('(text)')),
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
      v.union(
        [v.string(), v.array(v.string('(the name of a sector)'), '(a list of sectors)')],
        '(the name of a sector or a list of them)',
      ),
      v.description('The sectors whose words to know: health, housing, education …'),
    ),
  ),
  ignores: v.optional(
    v.pipe(
      v.array(v.string('(a pattern)'), '(a list of patterns)'),
      v.description('Documents to leave out, in gitignore syntax, relative to this file.'),
    ),
  ),
})
const keys = Object.keys(settingsSchema.entries)

/** What there is to be set: each rule's own severity by its id, and the names of the vocabularies. */
export interface Known {
  rules: ReadonlyMap<string, Severity>
  vocabularies: readonly string[]
  sectors: readonly string[]
}

/** The place of a key or value by its path; empty where the file does not tell. */
export type Locate = (path: ReadonlyArray<string | number>, part: 'key' | 'value') => { line?: number; column?: number }

const didYouMean = (word: string, words: readonly string[], what: string): string => {
  const meant = nearest(word, words)
  return meant ? `Did you mean "${meant}"?` : `${what} ${words.join(', ')}.`
}

/** Checks a configuration. A value that cannot be used is a fault and is left out; the others hold. */
export function readSettings(
  written: unknown,
  path: string,
  known: Known,
  locate: Locate,
): { settings: Settings; faults: Fault[] } {
  const faults: Fault[] = []
  const fault = (
    at: ReadonlyArray<string | number>,
    part: 'key' | 'value',
    problem: string,
    cure: string,
    value: unknown,
  ): void => {
    faults.push({
      path,
      ...locate(at, part),
      value: typeof value === 'string' ? value : JSON.stringify(value),
      problem,
      cure,
    })
  }
  let value: unknown = written ?? {}
  if (Array.isArray(value)) {
    fault([], 'value', 'a configuration must be a map of settings', 'It takes a map, such as {"rules": {}}.', undefined)
    return { settings: { rules: {}, vocabularies: {}, sectors: [], ignores: [] }, faults }
  }
  let result = v.safeParse(settingsSchema, value)
  if (!result.success) {
    const wrong: Array<ReadonlyArray<string | number>> = []
    for (const issue of result.issues) {
      const at = (issue.path ?? []).map((item) => item.key as string | number)
      const key = String(at.at(-1) ?? '')
      if (issue.type === 'strict_object' && issue.expected === 'never')
        fault(at, 'key', 'there is no such setting', didYouMean(key, keys, 'The settings are'), key)
      else
        fault(
          at,
          'value',
          at.length ? `"${at.join('.')}" does not take this value` : 'a configuration must be a map of settings',
          `It takes ${issue.message.startsWith('(') ? issue.message.slice(1, -1) : 'a map, such as {"rules": {}}'}.`,
          issue.input,
        )
      wrong.unshift(at)
    }
    // from the last to the first: taking one out of a list moves those behind it
    for (const at of wrong) value = without(value, at)
    result = v.safeParse(settingsSchema, value)
  }
  const settings: Settings = { rules: {}, vocabularies: {}, sectors: [], ignores: [] }
  if (!result.success) return { settings, faults }

  const { rules = {}, vocabularies = {}, sector = [], ignores = [] } = result.output
  for (const [id, level] of Object.entries(rules)) {
    const own = known.rules.get(id)
    if (own) settings.rules[id] = severityOfLevel[String(level)] ?? own
    else
      fault(['rules', id], 'key', 'there is no such rule', didYouMean(id, [...known.rules.keys()], 'The rules are'), id)
  }
  for (const [name, words] of Object.entries(vocabularies)) {
    if (!known.vocabularies.includes(name)) {
      fault(
        ['vocabularies', name],
        'key',
        'there is no such vocabulary',
        didYouMean(name, known.vocabularies, 'The vocabularies are'),
        name,
      )
      continue
    }
    settings.vocabularies[name] = words.filter((word, index) => {
      try {
        parsePhrase(word)
        return true
      } catch (error) {
        if (!(error instanceof PhraseError)) throw error
        fault(['vocabularies', name, index], 'value', error.message, error.cure, error.value)
        return false
      }
    })
  }
  const listed = Array.isArray(sector)
  for (const [index, name] of (listed ? sector : [sector]).entries()) {
    if (known.sectors.includes(name)) settings.sectors.push(name)
    else
      fault(
        listed ? ['sector', index] : ['sector'],
        'value',
        'there is no such sector',
        didYouMean(name, known.sectors, 'The sectors are'),
        name,
      )
  }
  settings.ignores = ignores
  return { settings, faults }
}

/** The value without the part at a path. */
function without(value: unknown, path: ReadonlyArray<string | number>): unknown {
  const [key, ...rest] = path
  if (key === undefined || typeof value !== 'object' || value === null) return {}
  if (Array.isArray(value)) return value.filter((_, index) => index !== key)
  const copy = { ...(value as Record<string | number, unknown>) }
  if (rest.length) copy[key] = without(copy[key], rest)
  else delete copy[key]
  return copy
}
