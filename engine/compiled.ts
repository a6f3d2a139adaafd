import type { Layer } from './catalogue.ts'
import type { Form } from './english.ts'
import type { Pattern } from './phrase.ts'
import type { Condition, Phrase, RuleFile } from './rulefile.ts'

/** A pattern as data: a word in any form is a string, all else a list that begins with its kind. */
type Packed = string | readonly [kind: string, ...rest: unknown[]]

/** A layer of rule files as data, without the code beside them. */
export type PackedLayer = { readonly [Key in Exclude<keyof Layer, 'code'>]: unknown }

/** A rule with its conditions written once, which its groups name by their numbers. */
type PackedRule = { conditions: Condition[] } & { [Key in keyof Conditions]: number[] } & {
  groups: Array<{ unless: number[]; needs: number[] }>
}
type Conditions = Pick<RuleFile, 'lacks' | 'needs' | 'unless'>

/** Makes a layer that has been read into data, so that a program need not read its files again: about a seventh of their tree. */
export const packLayer = ({ code: _, ...layer }: Layer): PackedLayer =>
  mapPatterns({ ...layer, rules: layer.rules.map(packRule) }, (pattern) => pack(pattern as Pattern)) as PackedLayer

function packRule(rule: RuleFile): PackedRule {
  const conditions: Condition[] = []
  const known = new Map<string, number>()
  const numbersOf = (some: readonly Condition[]): number[] =>
    some.map((condition) => {
      const key = 'guard' in condition ? `guard ${condition.guard}` : condition.phrase.text
      const number = known.get(key) ?? conditions.push(condition) - 1
      known.set(key, number)
      return number
    })
  const { lacks, needs, unless, groups } = rule
  return {
    ...rule,
    ...{ lacks: numbersOf(lacks), needs: numbersOf(needs), unless: numbersOf(unless) },
    groups: groups.map((group) => ({ ...group, unless: numbersOf(group.unless), needs: numbersOf(group.needs) })),
    conditions,
  }
}

/** The layer that was packed. What is written once for a rule holds for its groups: one condition, not one for each of them. */
export function unpackLayer(packed: PackedLayer, code: Layer['code']): Layer {
  const layer = mapPatterns(packed, (pattern) => unpack(pattern as Packed)) as Omit<Layer, 'code' | 'rules'> & {
    rules: PackedRule[]
  }
  const rules = layer.rules.map(({ conditions, ...rule }) => {
    const named = (numbers: readonly number[]): Condition[] => numbers.map((number) => conditions[number] as Condition)
    return {
      ...rule,
      ...{ lacks: named(rule.lacks), needs: named(rule.needs), unless: named(rule.unless) },
      groups: rule.groups.map((group) => ({ ...group, unless: named(group.unless), needs: named(group.needs) })),
    } as RuleFile
  })
  return { ...layer, rules, code }
}

/** A copy of plain data with the `pattern` of each phrase replaced. */
function mapPatterns(value: unknown, change: (pattern: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => mapPatterns(one, change))
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, one] of Object.entries(value) as Array<[keyof Phrase, unknown]>)
    copy[key] = key === 'pattern' ? change(one) : mapPatterns(one, change)
  return copy
}

function pack(pattern: Pattern): Packed {
  switch (pattern.type) {
    case 'word':
      return pattern.form === 'any' ? pattern.word : ['w', pattern.word, pattern.form]
    case 'vocabulary':
      return ['$', pattern.name, pattern.form, pattern.at]
    case 'sequence':
      return ['_', ...pattern.items.map(pack)]
    case 'either':
      return ['/', ...pattern.items.map(pack)]
    case 'optional':
      return ['?', pack(pattern.item)]
    case 'not':
      return ['!', pack(pattern.item)]
    case 'gap':
      return ['…', pattern.most]
    case 'clauseStart':
      return ['^']
    case 'clauseEnd':
      return ['.']
    case 'punctuation':
      return [',', pattern.mark]
  }
}

function unpack(packed: Packed): Pattern {
  if (typeof packed === 'string') return { type: 'word', word: packed, form: 'any' }
  const [kind, ...rest] = packed
  switch (kind) {
    case 'w':
      return { type: 'word', word: rest[0] as string, form: rest[1] as Form }
    case '$':
      return { type: 'vocabulary', name: rest[0] as string, form: rest[1] as Form, at: rest[2] as number }
    case '_':
      return { type: 'sequence', items: (rest as Packed[]).map(unpack) }
    case '/':
      return { type: 'either', items: (rest as Packed[]).map(unpack) }
    case '?':
      return { type: 'optional', item: unpack(rest[0] as Packed) }
    case '!':
      return { type: 'not', item: unpack(rest[0] as Packed) }
    case '…':
      return { type: 'gap', most: rest[0] as number }
    case '^':
      return { type: 'clauseStart' }
    case '.':
      return { type: 'clauseEnd' }
    default:
      return { type: 'punctuation', mark: rest[0] as ',' }
  }
}
