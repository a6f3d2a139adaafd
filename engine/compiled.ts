import type { Layer } from './catalogue.ts'
import type { Form } from './english.ts'
import type { Pattern } from './phrase.ts'
import type { Condition, Phrase } from './rulefile.ts'

/** A pattern as data: a word in any form is a string, all else a list that begins with its kind. */
type Packed = string | readonly [kind: string, ...rest: unknown[]]

/** A layer of rule files as data, without the code beside them. */
export type PackedLayer = { readonly [Key in Exclude<keyof Layer, 'code'>]: unknown }

/** Makes a layer that has been read into data, so that a program need not read its files again: about a fifth of their tree. */
export const packLayer = ({ code: _, ...layer }: Layer): PackedLayer =>
  mapPatterns(layer, (pattern) => pack(pattern as Pattern)) as PackedLayer

/** The layer that was packed. */
export function unpackLayer(packed: PackedLayer, code: Layer['code']): Layer {
  const layer = mapPatterns(packed, (pattern) => unpack(pattern as Packed)) as Layer
  // what is written once for a rule holds for its groups: one condition, not one for each of them
  for (const rule of layer.rules) {
    const known = new Map<string, Condition>()
    const share = (conditions: Condition[]): Condition[] =>
      conditions.map((condition) => {
        const key = 'guard' in condition ? `guard ${condition.guard}` : condition.phrase.text
        const first = known.get(key)
        if (!first) known.set(key, condition)
        return first ?? condition
      })
    rule.lacks = share(rule.lacks)
    rule.needs = share(rule.needs)
    rule.unless = share(rule.unless)
    for (const group of rule.groups) {
      group.needs = share(group.needs)
      group.unless = share(group.unless)
    }
  }
  return { ...layer, code }
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
