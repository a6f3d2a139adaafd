import type { Match } from './automaton.ts'
import type { Role } from './block.ts'
import type { Fault } from './fault.ts'
import { Lexicon, type LexiconTables } from './lexicon.ts'
import { nearest } from './nearest.ts'
import { type Pattern, PhraseError, parsePhrase, vocabulariesOf } from './phrase.ts'
import { type Entry, Phrases, type PhraseTables } from './phrases.ts'
import type { CodeRule } from './rule.ts'
import {
  type Condition,
  type GuardFile,
  idOf,
  type Phrase,
  type PhraseGroup,
  type RuleFile,
  type RuleSource,
  readGuard,
  readRule,
  readSector,
  readVocabulary,
  type SectorFile,
  tellable,
  type VocabularyFile,
} from './rulefile.ts'
import type { Settings } from './settings.ts'
import type { Tokens } from './tokens.ts'
import { builtInVocabularies, type Entries } from './vocabularies.ts'

/** The files that rules are made of. The same kinds stand in rules/ and in a team's own folder. */
export interface Sources {
  rules: RuleSource[]
  guards: RuleSource[]
  vocabularies: RuleSource[]
  /** What headings, labels and table headers say of a block's role; the file name is the role. */
  roles: RuleSource[]
  /** Words of one trade that a configuration can switch on; the file name is the sector. */
  sectors: RuleSource[]
  /** The plugins beside rule files, by rule id. */
  code: Record<string, CodeRule>
}

/** The same files, read: what cannot be used is left out of it. */
export interface Layer {
  rules: RuleFile[]
  /** Ids of the guards that have a file, also of those that cannot be used. */
  guardIds: string[]
  guards: GuardFile[]
  vocabularies: VocabularyFile[]
  roles: VocabularyFile[]
  sectors: SectorFile[]
  code: Record<string, CodeRule>
  /** The phrases of rule files that cannot be used, for what else is wrong with them. */
  faulty: Array<{ path: string; phrases: Phrase[] }>
}

/** Reads the files of a layer; `guardIds` are those of the layers below it. */
export function readLayer(sources: Sources, guardIds: readonly string[] = []): { layer: Layer; faults: Fault[] } {
  const faults: Fault[] = []
  const read = <T extends { faults: Fault[] }>(files: readonly RuleSource[], one: (file: RuleSource) => T): T[] =>
    files.map((file) => {
      const found = one(file)
      faults.push(...tellable(found.faults))
      return found
    })
  const present = <T>(value: T | undefined): value is T => value !== undefined
  const { code } = sources
  // by their files, so that a faulty guard is told as such and not taken for a phrase where it is named
  const ids = [...new Set([...guardIds, ...sources.guards.map(({ id, path }) => id ?? idOf(path))])]
  const faulty: Layer['faulty'] = []
  const layer: Layer = {
    guardIds: ids,
    guards: read(sources.guards, (file) => readGuard(file, guardIds))
      .map(({ guard }) => guard)
      .filter(present),
    vocabularies: read(sources.vocabularies, readVocabulary).map(({ vocabulary }) => vocabulary),
    sectors: read(sources.sectors, readSector).map(({ sector }) => sector),
    roles: read(sources.roles, readVocabulary).map(({ vocabulary }) => vocabulary),
    rules: read(sources.rules, (file) => {
      const found = readRule(file, ids, Object.hasOwn(code, file.id ?? idOf(file.path)))
      if (found.phrases) faulty.push({ path: file.path, phrases: found.phrases })
      return found
    })
      .map(({ rule }) => rule)
      .filter(present),
    code,
    faulty,
  }
  return { layer, faults }
}

/** What was compiled of a layer when the program was built. */
export interface CatalogueTables {
  lexicon: LexiconTables
  phrases: PhraseTables
}

/** By the layer: a copy that leaves something out is another one. */
const compiledLayers = new WeakMap<Layer, CatalogueTables>()

/** Has catalogues whose first layer this is begin with what was compiled of it. */
export function setCompiled(layer: Layer, tables: CatalogueTables): void {
  compiledLayers.set(layer, tables)
}

/** What `setCompiled` takes, of a catalogue without words of a configuration. */
export const compiledOf = ({ lexicon, phrases }: Catalogue): CatalogueTables => ({
  lexicon: lexicon.toTables(),
  phrases: phrases.toTables(),
})

/** What a phrase is for. */
export type Use =
  | { rule: RuleFile; group: PhraseGroup; phrase: Phrase }
  | { guard: GuardFile }
  | { condition: Condition }
  | { role: Role }

/** No file can have this name, so no rule has it as its id. */
const roleFamily = 'role files:'

/** The family of a rule's phrases. */
export const familyOf = (rule: RuleFile): string => rule.id
/** The family of what clears or is needed beside a finding. */
export const familyOfCondition = (condition: Condition): string =>
  'guard' in condition ? `guard ${condition.guard}` : `condition ${condition.phrase.text}`

/**
 * What takes a second to make, and is made when first asked for: whoever has the findings already needs none of it.
 * All at once, because the lexicon must know every word before it reads a document.
 */
interface Compiled {
  readonly lexicon: Lexicon
  readonly phrases: Phrases
  /** The phrases of role files in the first `to` tokens. */
  readonly findRoles: (tokens: Tokens, to: number) => readonly Match[]
}

/** All rules, read and checked, ready to be applied. */
export interface Catalogue extends Compiled {
  rules: RuleFile[]
  guards: Map<string, GuardFile>
  code: Record<string, CodeRule>
  /** By id, the rules whose place others of the same id have taken. */
  replaced: ReadonlyMap<string, RuleFile>
  /** The entries of each vocabulary, with what the configuration adds. */
  vocabularies: Entries & { keys(): Iterable<string> }
  /** By the number of a phrase in `phrases`. */
  uses: ReadonlyArray<Use | undefined>
}

/**
 * Reads rule files, to be compiled when first applied. A rule takes the place of an earlier one of the same id, while
 * vocabularies and guards of one name add up unless they say otherwise. What cannot be used is reported with its place and
 * left out; the rest works.
 *
 * @param words what a configuration adds: sectors by name, and words by the vocabulary's name
 */
export function compileCatalogue(
  given: ReadonlyArray<Sources | Layer>,
  { vocabularies = {}, sectors = [] }: Partial<Pick<Settings, 'vocabularies' | 'sectors'>> = {},
): { catalogue: Catalogue; faults: Fault[] } {
  const faults: Fault[] = []
  const guards = new Map<string, GuardFile>()
  const rules = new Map<string, RuleFile>()
  const replaced = new Map<string, RuleFile>()
  const code: Record<string, CodeRule> = {}

  const layers: Layer[] = []
  for (const one of given) {
    if ('guardIds' in one) layers.push(one)
    else {
      const { layer, faults: found } = readLayer(one, layers.at(-1)?.guardIds)
      layers.push(layer)
      faults.push(...found)
    }
  }
  for (const layer of layers) {
    for (const guard of layer.guards) {
      const below = guard.replaces ? undefined : guards.get(guard.id)
      guards.set(guard.id, below ? { ...below, phrases: [...below.phrases, ...guard.phrases] } : guard)
    }
    for (const rule of layer.rules) {
      const below = rules.get(rule.id)
      if (below) replaced.set(rule.id, below)
      rules.set(rule.id, rule)
      if (Object.hasOwn(layer.code, rule.id)) code[rule.id] = layer.code[rule.id] as CodeRule
      else delete code[rule.id]
    }
  }
  const [first] = layers
  const isReplacing = layers.some((layer, index) => index > 0 && layer.vocabularies.some(({ replaces }) => replaces))
  /** Where the first layer comes compiled, nothing of it is read or checked again. */
  const tables = first && !isReplacing ? compiledLayers.get(first) : undefined
  const words = new Words(tables ? first : undefined)
  const known = new Set(builtInVocabularies)
  for (const layer of layers) for (const { id } of layer.vocabularies) known.add(id)
  const isUsable = (phrase: Phrase, path: string): boolean => {
    const missing = namesIn(phrase).filter(({ name }) => !known.has(name))
    for (const { name, at } of missing) {
      const meant = nearest(name, known)
      faults.push({
        path,
        line: phrase.line,
        column: phrase.column + at,
        value: `$${name}`,
        problem: 'there is no such vocabulary',
        cure: meant
          ? `Did you mean "$${meant}"?`
          : 'A vocabulary is a file of that name in a folder "vocabulary" beside the rules; add it, or write the words out.',
      })
    }
    return missing.length === 0
  }
  const addWords = (name: string, phrases: readonly Phrase[], path: string): void => {
    for (const phrase of phrases) {
      if (!isUsable(phrase, path)) continue
      const other = words.add(name, phrase)
      if (other !== undefined)
        faults.push({
          path,
          line: phrase.line,
          column: phrase.column,
          value: `$${other}`,
          problem: `the vocabularies $${name} and $${other} use each other in a circle`,
          cure: 'Write the words out in one of them.',
        })
    }
  }
  for (const layer of layers)
    for (const { id, path, entries, replaces } of layer === first && tables ? [] : layer.vocabularies) {
      if (replaces) words.clear(id)
      addWords(id, entries, path)
    }
  for (const { sectors: packs } of layers) {
    for (const sector of packs) {
      const isOn = sectors.includes(sector.id)
      for (const { id, path, line, column, words: added } of sector.vocabularies) {
        if (!known.has(id) || builtInVocabularies.includes(id)) {
          const meant = nearest(id, words.keys())
          faults.push({
            path,
            line,
            column,
            value: id,
            problem: 'there is no vocabulary of this name to add to',
            cure: meant ? `Did you mean "${meant}"?` : 'A sector adds to vocabularies such as "served" and "function".',
          })
        } else if (isOn) addWords(id, added, path)
      }
    }
  }
  for (const [name, own] of Object.entries(vocabularies)) {
    if (!known.has(name)) continue // reported where the settings are read, with their place
    const added = own.flatMap((word) => {
      try {
        return [{ text: word, pattern: parsePhrase(word), line: 0, column: 0 }]
      } catch (error) {
        if (!(error instanceof PhraseError)) throw error
        return []
      }
    })
    addWords(name, added, '')
  }

  const uses: Array<Use | undefined> = []
  const entries: Array<Entry | undefined> = []
  const usableRules: RuleFile[] = []
  for (const [index, layer] of layers.entries()) {
    const isKnown = index === 0 && tables !== undefined
    /** What is used no more keeps its place among the phrases that were compiled. */
    const use = (phrase: Phrase, what: Use | undefined, family: string, set: string | undefined): void => {
      if (!what && !isKnown) return
      uses.push(what)
      entries.push(what && new Used(phrase, what, family, set))
    }
    for (const guard of layer.guards) {
      const isReplaced = layers.some(
        ({ guards: later }, at) => at > index && later.some(({ id, replaces }) => replaces && id === guard.id),
      )
      const what = isReplaced ? undefined : { guard: guards.get(guard.id) as GuardFile }
      const family = familyOfCondition({ guard: guard.id })
      for (const phrase of guard.phrases)
        if (isKnown || isUsable(phrase, guard.path)) use(phrase, what, family, undefined)
    }
    for (const { path, phrases } of layer.faulty) for (const phrase of phrases) isUsable(phrase, path)
    for (const rule of layer.rules) {
      const isUsed = rules.get(rule.id) === rule
      if (!isUsed && !isKnown) continue
      const conditions = new Set([...rule.lacks, ...rule.needs, ...rule.unless])
      // groups share most of their lists
      const lists = new Set<readonly Condition[]>()
      for (const { unless, needs } of rule.groups) lists.add(unless).add(needs)
      for (const list of lists) for (const condition of list) conditions.add(condition)
      if (!isKnown) {
        const phrases = rule.groups.flatMap((group) => group.phrases)
        for (const condition of conditions) if ('phrase' in condition) phrases.push(condition.phrase)
        if (!phrases.map((phrase) => isUsable(phrase, rule.path)).every(Boolean)) continue
      }
      if (isUsed) usableRules.push(rule)
      for (const group of rule.groups)
        for (const phrase of group.phrases)
          use(phrase, isUsed ? { rule, group, phrase } : undefined, familyOf(rule), 'rules')
      for (const condition of conditions)
        if ('phrase' in condition)
          use(condition.phrase, isUsed ? { condition } : undefined, familyOfCondition(condition), undefined)
    }
    for (const { id, entries: phrases } of layer.roles)
      for (const phrase of phrases) {
        use(phrase, { role: id as Role }, roleFamily, roleFamily)
      }
  }

  let compiled: Compiled | undefined
  const compile = (): Compiled => {
    if (compiled) return compiled
    const lexicon = new Lexicon(tables?.lexicon)
    const phrases = new Phrases(
      lexicon,
      words,
      entries,
      tables && { tables: tables.phrases, extended: words.extended() },
    )
    const findRoles: Compiled['findRoles'] = (tokens, to) => phrases.match(roleFamily, { tokens, from: 0, to })
    compiled = { lexicon, phrases, findRoles }
    return compiled
  }
  return {
    faults,
    catalogue: {
      rules: usableRules.sort((a, b) => (a.id < b.id ? -1 : 1)),
      guards,
      code,
      replaced,
      vocabularies: words,
      uses,
      get lexicon() {
        return compile().lexicon
      },
      get phrases() {
        return compile().phrases
      },
      get findRoles() {
        return compile().findRoles
      },
    },
  }
}

/** A phrase that is used, as it is matched. */
class Used implements Entry {
  readonly family: string
  readonly set: string | undefined
  private readonly phrase: Phrase
  private readonly what: Use

  constructor(phrase: Phrase, what: Use, family: string, set: string | undefined) {
    this.phrase = phrase
    this.what = what
    this.family = family
    this.set = set
  }

  get pattern(): Pattern {
    return this.phrase.pattern
  }

  /** The vocabularies that rewrites carry over. */
  get wanted(): ReadonlySet<string> | undefined {
    if (!('group' in this.what)) return undefined
    const { rewrites } = this.what.group
    return new Set(
      rewrites.flatMap((rewrite) => [...rewrite.matchAll(/\$([a-z][a-z0-9-]*)/g)].map(([, name]) => name as string)),
    )
  }
}

/** The vocabularies that a phrase names; most name none, and need not be read for that. */
const namesIn = (phrase: Phrase): ReturnType<typeof vocabulariesOf> =>
  phrase.text.includes('$') ? vocabulariesOf(phrase.pattern) : []

/** The entries of vocabularies by their names: those of a layer that was compiled before, and what is added to them. */
class Words implements Entries {
  private readonly compiled: ReadonlyMap<string, VocabularyFile>
  /** All entries of vocabularies that something was added to. */
  private readonly added = new Map<string, Phrase[]>()
  /** By the name, the vocabularies that its entries name. */
  private readonly named = new Map<string, Set<string>>()

  constructor(layer: Layer | undefined) {
    this.compiled = new Map(layer?.vocabularies.map((file) => [file.id, file]))
  }

  keys(): Iterable<string> {
    return new Set([...this.compiled.keys(), ...this.added.keys()])
  }

  get(name: string): readonly Phrase[] | undefined {
    return this.added.get(name) ?? this.compiled.get(name)?.entries
  }

  /** The vocabularies that were compiled and have got more entries. */
  extended(): string[] {
    return [...this.added.keys()].filter((name) => this.compiled.has(name))
  }

  /** Forgets all entries of a vocabulary; none that was compiled may be cleared. */
  clear(name: string): void {
    this.added.set(name, [])
    this.named.delete(name)
  }

  /** Adds an entry, unless it leads back to its own vocabulary, as matching would never end: then by way of which. */
  add(name: string, phrase: Phrase): string | undefined {
    const others = namesIn(phrase).map((one) => one.name)
    const circle = others.find((other) => this.leadsTo(other, name))
    if (circle !== undefined) return circle
    const named = others.length ? this.namedBy(name) : undefined
    for (const other of others) named?.add(other)
    const known = this.added.get(name)
    if (known) known.push(phrase)
    else this.added.set(name, [...(this.compiled.get(name)?.entries ?? []), phrase])
    return undefined
  }

  private leadsTo(from: string, name: string, seen = new Set<string>()): boolean {
    if (from === name) return true
    if (seen.has(from)) return false
    seen.add(from)
    return [...this.namedBy(from)].some((one) => this.leadsTo(one, name, seen))
  }

  private namedBy(name: string): Set<string> {
    let named = this.named.get(name)
    if (!named) {
      named = new Set((this.get(name) ?? []).flatMap(namesIn).map((one) => one.name))
      this.named.set(name, named)
    }
    return named
  }
}
