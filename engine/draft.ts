import type { VFileMessage } from 'vfile-message'
import { type Layer, readLayer } from './catalogue.ts'
import type { Fault } from './fault.ts'
import { createLinter, type Linter } from './linter.ts'
import { type Condition, type GuardFile, idOf, type RuleFile, type RuleSource } from './rulefile.ts'
import { measured, type RuleTest, stepThrough, stepThroughGuard } from './ruletest.ts'
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
  /** Of the faults those that its linter tells. */
  linterFaults: Fault[]
  /** Changes with everything here that decides what is found in a text; examples and the rest of a page do not. */
  readonly key: string
}

const folders = {
  rule: 'rules',
  guard: 'guards',
  vocabulary: 'vocabularies',
  role: 'roles',
  sector: 'sectors',
} as const

/**
 * Reads a rule file that may not be saved yet. Nothing is compiled before its linter is used, and then only what the file
 * has to do with, so it can be read while somebody types.
 *
 * @param last an earlier state, whose linter is taken where it would find the same
 */
export function openDraft(
  kind: RuleFileKind,
  file: RuleSource,
  { layers, layer: at, words }: Beside,
  last?: Draft,
): Draft {
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
  let key: string | undefined
  const keyOf = (): string => {
    const decisive = kind === 'rule' || kind === 'guard' ? (frontMatter.exec(file.text)?.[0] ?? '') : file.text
    // what comes with Silolint is the same for all
    const others = around.slice(Math.min(at, 1)).map(decisiveOf)
    key ??= JSON.stringify([kind, file.path, decisive, words, others])
    return key
  }
  const known = last && last.key === keyOf() ? last : undefined
  const { linter, faults: more } = known
    ? { linter: known.linter, faults: known.linterFaults }
    : createLinter(around, { rules: {}, ...words })
  const linterFaults = more.filter(({ path }) => path === file.path)
  const rule = kind === 'rule' ? linter.catalogue.rules.find(({ path }) => path === file.path) : undefined
  // of the same linter, what the page shows by now
  const page = known && own.rules.find(({ id }) => id === rule?.id)
  if (rule && page)
    Object.assign(rule, { title: page.title, note: page.note, page: page.page, examples: page.examples })
  return {
    ...{ kind, id, path: file.path, text: file.text, linter, linterFaults, isBuiltIn: at === 0, rule },
    // what it adds to a guard of its name is in force with that one, and its own page says what it is for
    guard: guard && Object.assign(linter.catalogue.guards.get(guard.id) ?? guard, { examples: guard.examples }),
    faults: [...faults, ...linterFaults],
    get key() {
      return keyOf()
    },
  }
}

const frontMatter = /^\uFEFF?---[ \t]*\r?\n(?:[\s\S]*?\r?\n)?---[ \t]*(?=\r?\n|$)/

/** What of a layer decides what is found, without what pages say to people. */
const decisiveOf = ({ rules, guards, vocabularies, roles, sectors }: Layer): unknown => [
  rules.map(({ page, note, title, examples, ...rest }) => rest),
  guards.map(({ examples, ...rest }) => rest),
  ...[vocabularies, roles, sectors],
]

/**
 * Tests the rule or guard of a draft by what its page shows, as `silolint rule test` does, an example at a time, so that
 * whoever waits can do something else between.
 *
 * @param how what the other rules find, and other forms of words to try
 * @returns what does not hold, with its place in the file
 */
export async function* testDraft(
  { path, text, linter, rule, guard, isBuiltIn }: Draft,
  how: Omit<RuleTest, 'linter'>,
): AsyncGenerator<undefined, VFileMessage[]> {
  const source: RuleSource = { path, text }
  if (guard) return (yield* stepThroughGuard(guard, source, { linter })).failures
  if (!rule) return []
  const { failures } = yield* stepThrough(rule, source, { linter, ...how })
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
