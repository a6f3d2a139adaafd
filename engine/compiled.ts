import { type CatalogueTables, familyOfCondition, type Layer } from './catalogue.ts'
import { beginsOf, type Ints } from './numbers.ts'
import { type Pattern, parsePhrase } from './phrase.ts'
import type { Condition, GuardFile, Phrase, PhraseGroup, RuleFile, VocabularyFile } from './rulefile.ts'
import { readTables, writeTables } from './tables.ts'

/** Phrases that stand one behind the other: the number of the first, and how many there are. */
type Range = readonly [first: number, count: number]

/**
 * A rule with its conditions written once, by whose numbers lists of them are written, once each too, since most groups have
 * those of their rule; a list is told by its number. A phrase is its number.
 */
type PackedRule = Omit<RuleFile, 'page' | 'examples' | 'groups' | 'lacks' | 'needs' | 'unless'> & {
  conditions: Array<string | number>
  lists: number[][]
  groups: Array<Omit<PhraseGroup, 'phrases' | 'unless' | 'needs'> & { phrases: Range; unless: number; needs: number }>
  lacks: number
  needs: number
  unless: number
}
type PackedGuard = Omit<GuardFile, 'phrases' | 'examples'> & { phrases: Range }
type PackedVocabulary = Omit<VocabularyFile, 'entries'> & { entries: Range }
type PackedSector = {
  id: string
  vocabularies: Array<{ id: string; path: string; line: number; column: number; words: Range }>
}

/** A layer of rule files as data, without the code beside them. */
type PackedLayer = {
  rules: PackedRule[]
  guardIds: string[]
  guards: PackedGuard[]
  vocabularies: PackedVocabulary[]
  roles: PackedVocabulary[]
  sectors: PackedSector[]
}

/** What a page says to people, which no run needs that finds nothing. */
type Pages = { rules: Array<Pick<RuleFile, 'page' | 'examples'>>; guards: Array<Pick<GuardFile, 'examples'>> }

/** A program's rules as it takes them along. */
type Packed = {
  layer: PackedLayer
  tables: CatalogueTables & Told
}
/** What is told apart when somebody asks for it. */
type Told = {
  /** JSON of `Pages`, in UTF-8. */
  pages: Uint8Array
  /** The texts of all phrases, one behind the other, in UTF-8, and how many bytes each has. */
  texts: Uint8Array
  lengths: Ints
  /** Where phrases are written, by their numbers; lines and columns from 1. */
  lines: Ints
  columns: Ints
}

/**
 * Makes a layer that has been read into bytes, with what has been compiled of it, so that a program need not read its
 * files again. A phrase is taken along as its text, which is shorter than its tree and read again where it is asked for.
 *
 * @param compile compiles the layer as it will be unpacked
 * @throws {Error} for a layer with faulty files
 */
export function packLayer(
  { faulty, code: _, ...layer }: Layer,
  compile: (layer: Layer) => CatalogueTables,
): Uint8Array {
  if (faulty.length) throw new Error('A layer with faults cannot be packed.')
  const texts: string[] = []
  const lines: number[] = []
  const columns: number[] = []
  const numberOf = ({ text, line, column }: Phrase): number => {
    lines.push(line)
    columns.push(column)
    return texts.push(text) - 1
  }
  const rangeOf = (phrases: readonly Phrase[]): Range => {
    const first = texts.length
    for (const phrase of phrases) numberOf(phrase)
    return [first, phrases.length]
  }
  const packVocabulary = ({ entries, ...rest }: VocabularyFile): PackedVocabulary => ({
    ...rest,
    entries: rangeOf(entries),
  })
  const packRule = ({ page: _page, examples: _examples, ...rule }: RuleFile): PackedRule => {
    const conditions: Array<string | number> = []
    const known = new Map<string, number>()
    const lists: number[][] = []
    const knownLists = new Map<string, number>()
    const listOf = (some: readonly Condition[]): number => {
      const numbers = some.map((condition) => {
        const key = familyOfCondition(condition)
        let number = known.get(key)
        if (number === undefined) {
          number = conditions.push('guard' in condition ? condition.guard : numberOf(condition.phrase)) - 1
          known.set(key, number)
        }
        return number
      })
      const key = numbers.join(' ')
      let list = knownLists.get(key)
      if (list === undefined) {
        list = lists.push(numbers) - 1
        knownLists.set(key, list)
      }
      return list
    }
    return {
      ...rule,
      ...{ lacks: listOf(rule.lacks), needs: listOf(rule.needs), unless: listOf(rule.unless) },
      groups: rule.groups.map(({ phrases, ...group }) => ({
        ...group,
        ...{ unless: listOf(group.unless), needs: listOf(group.needs) },
        phrases: rangeOf(phrases),
      })),
      ...{ conditions, lists },
    }
  }
  const packed: PackedLayer = {
    rules: layer.rules.map(packRule),
    guardIds: layer.guardIds,
    guards: layer.guards.map(({ phrases, examples: _examples, ...guard }) => ({ ...guard, phrases: rangeOf(phrases) })),
    vocabularies: layer.vocabularies.map(packVocabulary),
    roles: layer.roles.map(packVocabulary),
    sectors: layer.sectors.map(({ id, vocabularies }) => ({
      id,
      vocabularies: vocabularies.map(({ words, ...rest }) => ({ ...rest, words: rangeOf(words) })),
    })),
  }
  const pages: Pages = {
    rules: layer.rules.map(({ page, examples }) => ({ page, examples })),
    guards: layer.guards.map(({ examples }) => ({ examples })),
  }
  const whole = {
    layer: packed,
    tables: {
      pages: encode(JSON.stringify(pages)),
      texts: encode(texts.join('')),
      lengths: Int32Array.from(texts, (text) => encode(text).length),
      lines: Int32Array.from(lines),
      columns: Int32Array.from(columns),
    },
  }
  const compiled = compile(unpack(whole, {}).layer)
  return writeTables({ ...whole, tables: { ...whole.tables, ...compiled } } satisfies Packed)
}

/** The layer that was packed, and what was compiled of it. What takes long is done when it is first asked for. */
export const unpackLayer = (bytes: Uint8Array, code: Layer['code']): { layer: Layer; compiled: CatalogueTables } =>
  unpack(readTables<Packed>(bytes, 'tables'), code)

function unpack<T extends object>(
  { layer, tables }: { layer: PackedLayer; tables: Told & T },
  code: Layer['code'],
): { layer: Layer; compiled: T } {
  const { pages: pagesText, texts, lengths, lines, columns, ...compiled } = tables
  let told: Pages | undefined
  const pages = (): Pages => {
    told ??= JSON.parse(decode(pagesText)) as Pages
    return told
  }
  const begins = beginsOf(lengths)
  const textAt = (number: number): string => decode(texts.subarray(begins[number], begins[number + 1]))
  const phraseAt = (number: number): Phrase =>
    new PackedPhrase(number, lines[number] as number, columns[number] as number, textAt)
  const phrasesIn = ([first, count]: Range): Phrase[] =>
    Array.from({ length: count }, (_, index) => phraseAt(first + index))
  const unpackVocabulary = ({ entries, ...rest }: PackedVocabulary): VocabularyFile =>
    withLazy(rest, 'entries', () => phrasesIn(entries))
  const unpackRule = ({ conditions: packed, lists: packedLists, ...rest }: PackedRule, index: number): RuleFile => {
    const conditions = packed.map((one): Condition => {
      return typeof one === 'string' ? { guard: one } : { phrase: phraseAt(one) }
    })
    const lists = packedLists.map((numbers) => numbers.map((number) => conditions[number] as Condition))
    const listAt = (number: number): Condition[] => lists[number] as Condition[]
    // whoever compiles rules asks for all of their phrases
    const groups = rest.groups.map(
      (group): PhraseGroup => ({
        ...group,
        ...{ unless: listAt(group.unless), needs: listAt(group.needs), phrases: phrasesIn(group.phrases) },
      }),
    )
    const rule = {
      ...rest,
      ...{ lacks: listAt(rest.lacks), needs: listAt(rest.needs), unless: listAt(rest.unless), groups },
    }
    const pageOf = (): Pages['rules'][number] => pages().rules[index] as Pages['rules'][number]
    return withLazy(
      withLazy(rule, 'page', () => pageOf().page),
      'examples',
      () => pageOf().examples,
    )
  }
  const unpackGuard = (guard: PackedGuard, index: number): GuardFile =>
    withLazy({ ...guard, phrases: phrasesIn(guard.phrases) }, 'examples', () => pages().guards[index]?.examples ?? [])
  return {
    layer: {
      ...layer,
      rules: layer.rules.map(unpackRule),
      guards: layer.guards.map(unpackGuard),
      vocabularies: layer.vocabularies.map(unpackVocabulary),
      roles: layer.roles.map(unpackVocabulary),
      sectors: layer.sectors.map(({ id, vocabularies }) => ({
        id,
        vocabularies: vocabularies.map(({ words, ...rest }) => withLazy(rest, 'words', () => phrasesIn(words))),
      })),
      faulty: [],
      code,
    },
    compiled: compiled as unknown as T,
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const decoder = new TextDecoder()
const decode = (bytes: Uint8Array): string => decoder.decode(bytes)

/** A phrase of a program, whose text is looked up and whose tree is made when asked for. */
class PackedPhrase implements Phrase {
  readonly line: number
  readonly column: number
  private readonly number: number
  private readonly textAt: (number: number) => string

  constructor(number: number, line: number, column: number, textAt: (number: number) => string) {
    this.number = number
    this.line = line
    this.column = column
    this.textAt = textAt
  }

  get text(): string {
    return this.textAt(this.number)
  }

  /** Read anew each time, since who has walked it once has no more use for it, and thousands of them take megabytes. */
  get pattern(): Pattern {
    return parsePhrase(this.text)
  }

  /** What phrases are as data. */
  toJSON(): Omit<Phrase, 'pattern'> {
    const { text, line, column } = this
    return { text, line, column }
  }
}

/** Adds a property to an object that is made when first asked for. It can be written as any other. */
function withLazy<T extends object, K extends string, V>(object: T, key: K, make: () => V): T & Record<K, V> {
  const settle = (value: V): V => {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
    return value
  }
  Object.defineProperty(object, key, { get: () => settle(make()), set: settle, enumerable: true, configurable: true })
  return object as T & Record<K, V>
}
