import { VFileMessage } from 'vfile-message'
import { type Layer, readLayer } from './catalogue.ts'
import type { Fault } from './fault.ts'
import { Lines } from './lint.ts'
import { createLinter, type Linter } from './linter.ts'
import type { Plugins } from './plugins.ts'
import { type Condition, type GuardFile, idOf, type RuleFile, type RuleSource } from './rulefile.ts'
import { measured, stepThrough, testGuard } from './ruletest.ts'
import type { Settings } from './settings.ts'

/** What a file in a folder of rules is. */
export type RuleFileKind = 'rule' | 'guard' | 'vocabulary' | 'role' | 'sector'

/** What a rule file stands among: the rules in force beside it, with itself as it was saved. */
export interface Beside {
  layers: readonly Layer[]
  /** Which of them it is part of. */
  layer: number
  /** What the configuration adds to vocabularies. */
  words: Pick<Settings, 'vocabularies'> & { sectors: string[] }
}

/** A rule file as it is being written, put in the place of the saved one. */
export interface Draft {
  kind: RuleFileKind
  id: string
  path: string
  text: string
  /** It is one of Silolint's own. */
  isBuiltIn: boolean
  /** What is wrong with this file; of its examples `testDraft` tells. */
  faults: Fault[]
  /** Knows this rule alone, or for a guard the rules that it has a say in, at their own severities. */
  linter: Linter
  /** The rule, where it can be used. */
  rule: RuleFile | undefined
  guard: GuardFile | undefined
}

const folders = {
  rule: 'rules',
  guard: 'guards',
  vocabulary: 'vocabularies',
  role: 'roles',
  sector: 'sectors',
} as const

/** Reads a rule file that may not be saved yet. Only what it has to do with is compiled, so it can be done while typing. */
export function openDraft(kind: RuleFileKind, file: RuleSource, { layers, layer: at, words }: Beside): Draft {
  const id = file.id ?? idOf(file.path)
  const saved = layers[at]
  const below = layers[at - 1]?.guardIds ?? []
  const { layer: own, faults } = readLayer(
    {
      ...{ rules: [], guards: [], vocabularies: [], roles: [], sectors: [] },
      code: saved?.code ?? {},
      [folders[kind]]: [file],
    },
    // a rule may name the guards beside it; a guard of a name that there is below adds to that one
    kind === 'rule' ? [...below, ...(saved?.guardIds ?? [])] : below,
  )
  const [guard] = own.guards
  const rulesHere = kind === 'guard' ? layers.flatMap(({ rules }) => rules) : own.rules
  const isAlways = layers.some(({ guards }) => guards.some((one) => one.id === id && one.always)) || guard?.always
  const concerned = rulesHere.filter((rule) => kind !== 'guard' || isAlways || namedBy(rule).has(id))
  const named = new Set(concerned.flatMap((rule) => [...namedBy(rule)]))
  // only the program beside a rule knows which guards it asks for
  const needsAll = concerned.some((rule) => rule.kind === 'code')
  const isOther = ({ path }: { path: string }): boolean => path !== file.path
  const around = layers.map((layer, index): Layer => {
    const others: Layer = {
      ...layer,
      faulty: [],
      rules: layer.rules.filter((rule) => concerned.includes(rule) && isOther(rule)),
      guards: layer.guards.filter((one) => (one.always || needsAll || named.has(one.id)) && isOther(one)),
      vocabularies: layer.vocabularies.filter(isOther),
      roles: layer.roles.filter(isOther),
      sectors: layer.sectors.filter((sector) => index !== at || kind !== 'sector' || sector.id !== id),
    }
    if (index !== at) return others
    return {
      ...others,
      faulty: own.faulty,
      rules: [...others.rules, ...own.rules],
      guards: [...others.guards, ...own.guards],
      vocabularies: [...others.vocabularies, ...own.vocabularies],
      roles: [...others.roles, ...own.roles],
      sectors: [...others.sectors, ...own.sectors],
    }
  })
  const { linter, faults: more } = createLinter(around, { rules: {}, ...words })
  return {
    ...{ kind, id, path: file.path, text: file.text, linter, isBuiltIn: at === 0 },
    rule: kind === 'rule' ? linter.catalogue.rules.find((rule) => rule.path === file.path) : undefined,
    // what it adds to a guard of its name is in force with that one, and its own page says what it is for
    guard: guard && Object.assign(linter.catalogue.guards.get(guard.id) ?? guard, { examples: guard.examples }),
    faults: [...faults, ...more.filter(({ path }) => path === file.path)],
  }
}

/**
 * Tests the rule or guard of a draft by what its page shows, as `silolint rule test` does, an example at a time, so that
 * whoever waits can do something else between. No other forms of words are tried.
 *
 * @param others lints with all other rules, which must find nothing in a rewrite; each text may come again
 * @param plug runs the plugin beside the file, without which its rule is not tested
 * @returns what does not hold, with its place in the file
 */
export async function* testDraft(
  { id, path, text, linter, rule, guard, isBuiltIn }: Draft,
  others: (text: string) => readonly VFileMessage[],
  plug?: Plugins['run'],
): AsyncGenerator<undefined, VFileMessage[]> {
  const source: RuleSource = { path, text }
  if (guard) return testGuard(guard, source, { linter }).failures
  if (!rule) return []
  const { failures } = yield* stepThrough(rule, source, { linter, plug })
  for (const example of rule.examples) {
    if (example.rewritten === undefined) continue
    yield
    const found = others(example.rewritten).find(({ ruleId }) => ruleId !== id)
    if (!found) continue
    const lines = new Lines(text)
    const start =
      lines.start(example.line) + (/^[-+]?[ \t]*/.exec(text.slice(lines.start(example.line)))?.[0].length ?? 0)
    const length = /^[^\r\n]*/.exec(text.slice(start))?.[0].trimEnd().length ?? 0
    const place = { start: lines.point(start), end: lines.point(start + length) }
    const reason = `The rewrite of this is found itself, by ${found.ruleId}: “${found.actual}”. Find other words for it.`
    const message = new VFileMessage(reason, { place, ruleId: 'rewrite-found', source: 'silolint' })
    failures.push(message)
  }
  return isBuiltIn ? failures.filter(({ ruleId }) => !measured.has(ruleId ?? '')) : failures
}

/** The ids of the guards that a rule names. */
function namedBy(rule: RuleFile): Set<string> {
  const conditions: Condition[] = [
    ...[...rule.unless, ...rule.needs, ...rule.lacks],
    ...rule.groups.flatMap(({ unless, needs }) => [...unless, ...needs]),
  ]
  return new Set([
    ...conditions.flatMap((condition) => ('guard' in condition ? [condition.guard] : [])),
    ...rule.groups.flatMap(({ despite }) => despite),
  ])
}
