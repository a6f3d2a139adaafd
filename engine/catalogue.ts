import type { Match } from './automaton.ts'
import type { Role } from './block.ts'
import type { Fault } from './fault.ts'
import { nearest } from './nearest.ts'
import { type Pattern, PhraseError, parsePhrase, vocabulariesOf } from './phrase.ts'
import { type Entry, Phrases } from './phrases.ts'
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
import { Lexicon, type Tokens } from './tokens.ts'
import { builtInVocabularies } from './vocabularies.ts'

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

/** The vocabularies that rewrites carry over. */
const namesIn = (rewrites: readonly string[]): Set<string> =>
  new Set(
    rewrites.flatMap((rewrite) => [...rewrite.matchAll(/\$([a-z][a-z0-9-]*)/g)].map(([, name]) => name as string)),
  )

/** What a phrase is for. */
export type Use =
  | { rule: RuleFile; group: PhraseGroup; phrase: Phrase }
  | { guard: GuardFile }
  | { condition: Condition }

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
  /** The phrases of role files in the first `to` tokens; a match has the number of its role in `roles`. */
  readonly findRoles: (tokens: Tokens, to: number) => Match[]
}

/** All rules, read and checked, ready to be applied. */
export interface Catalogue extends Compiled {
  rules: RuleFile[]
  guards: Map<string, GuardFile>
  code: Record<string, CodeRule>
  /** By id, the rules whose place others of the same id have taken. */
  replaced: ReadonlyMap<string, RuleFile>
  /** The entries of each vocabulary, with what the configuration adds. */
  vocabularies: ReadonlyMap<string, readonly Pattern[]>
  /** By the number of a phrase in `phrases`. */
  uses: Use[]
  /** By the number of a phrase that `findRoles` gives. */
  roles: Role[]
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
  const entries = new Map<string, Phrase[]>()
  const places = new Map<Phrase, string>()
  const rules = new Map<string, RuleFile>()
  const replaced = new Map<string, RuleFile>()
  const roleEntries: Array<{ role: Role; pattern: Pattern }> = []
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
      for (const phrase of guard.phrases) places.set(phrase, guard.path)
      const below = guard.replaces ? undefined : guards.get(guard.id)
      guards.set(guard.id, below ? { ...below, phrases: [...below.phrases, ...guard.phrases] } : guard)
    }
    for (const { id, path, entries: own, replaces } of layer.vocabularies) {
      for (const entry of own) places.set(entry, path)
      const below = replaces ? undefined : entries.get(id)
      entries.set(id, below ? [...below, ...own] : own)
    }
    for (const rule of layer.rules) {
      const below = rules.get(rule.id)
      if (below) replaced.set(rule.id, below)
      rules.set(rule.id, rule)
      if (Object.hasOwn(layer.code, rule.id)) code[rule.id] = layer.code[rule.id] as CodeRule
      else delete code[rule.id]
    }
    for (const { id, entries: phrases } of layer.roles)
      for (const { pattern } of phrases) roleEntries.push({ role: id as Role, pattern })
  }
  for (const { sectors: known } of layers) {
    for (const sector of known) {
      const isOn = sectors.includes(sector.id)
      for (const { id, path, line, column, words } of sector.vocabularies) {
        const own = entries.get(id)
        if (!own) {
          const meant = nearest(id, entries.keys())
          faults.push({
            path,
            line,
            column,
            value: id,
            problem: 'there is no vocabulary of this name to add to',
            cure: meant ? `Did you mean "${meant}"?` : 'A sector adds to vocabularies such as "served" and "function".',
          })
        } else if (isOn) {
          for (const entry of words) places.set(entry, path)
          entries.set(id, [...own, ...words])
        }
      }
    }
  }
  for (const [name, words] of Object.entries(vocabularies)) {
    const own = entries.get(name)
    if (!own) continue // reported where the settings are read, with their place
    const added = words.flatMap((word) => {
      try {
        return [{ text: word, pattern: parsePhrase(word), line: 0, column: 0 }]
      } catch (error) {
        if (!(error instanceof PhraseError)) throw error
        return []
      }
    })
    entries.set(name, [...own, ...added])
  }
  const known = new Set([...entries.keys(), ...builtInVocabularies])
  const isUsable = (phrase: Phrase, path: string): boolean => {
    const missing = vocabulariesOf(phrase.pattern).filter(({ name }) => !known.has(name))
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
  const usableEntries = new Map<string, Pattern[]>()
  for (const [name, list] of entries)
    usableEntries.set(
      name,
      list.filter((entry) => isUsable(entry, places.get(entry) ?? '')).map(({ pattern }) => pattern),
    )
  breakCircles(usableEntries, (name, other) => {
    const culprit = entries.get(name)?.find((entry) => vocabulariesOf(entry.pattern).some((one) => one.name === other))
    if (culprit)
      faults.push({
        path: places.get(culprit) ?? name,
        line: culprit.line,
        column: culprit.column,
        value: `$${other}`,
        problem: `the vocabularies $${name} and $${other} use each other in a circle`,
        cure: 'Write the words out in one of them.',
      })
  })

  const uses: Use[] = []
  const phraseEntries: Entry[] = []
  const use = ({ pattern }: Phrase, what: Use, family: string, set: string): void => {
    const wanted = 'group' in what ? namesIn(what.group.rewrites) : undefined
    phraseEntries.push({ pattern, family, set, ...(wanted && { wanted }) })
    uses.push(what)
  }
  for (const guard of guards.values())
    for (const phrase of guard.phrases)
      if (isUsable(phrase, places.get(phrase) ?? guard.path))
        use(phrase, { guard }, familyOfCondition({ guard: guard.id }), 'conditions')
  for (const { path, phrases } of layers.flatMap(({ faulty }) => faulty))
    for (const phrase of phrases) isUsable(phrase, path)
  const usableRules: RuleFile[] = []
  for (const rule of rules.values()) {
    const conditions = [
      ...new Set([
        ...rule.lacks,
        ...rule.needs,
        ...rule.unless,
        ...rule.groups.flatMap((group) => [...group.unless, ...group.needs]),
      ]),
    ]
    const phrases = [
      ...rule.groups.flatMap((group) => group.phrases),
      ...conditions.flatMap((condition) => ('phrase' in condition ? [condition.phrase] : [])),
    ]
    if (!phrases.map((phrase) => isUsable(phrase, rule.path)).every(Boolean)) continue
    usableRules.push(rule)
    for (const group of rule.groups)
      for (const phrase of group.phrases) use(phrase, { rule, group, phrase }, familyOf(rule), 'rules')
    for (const condition of conditions)
      if ('phrase' in condition) use(condition.phrase, { condition }, familyOfCondition(condition), 'conditions')
  }

  let compiled: Compiled | undefined
  const compile = (): Compiled => {
    if (compiled) return compiled
    const lexicon = new Lexicon()
    const roles = roleEntries.map(({ pattern }) => ({ pattern, family: roleFamily, set: roleFamily }))
    const phrases = new Phrases(lexicon, usableEntries, [...phraseEntries, ...roles])
    const findRoles: Compiled['findRoles'] = (tokens, to) => {
      const place = { tokens, from: 0, to }
      return phrases
        .match(roleFamily, place)
        .map((match) => ({ ...match, phrase: match.phrase - phraseEntries.length }))
    }
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
      vocabularies: usableEntries,
      uses,
      roles: roleEntries.map(({ role }) => role),
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

/** Empties each vocabulary entry that leads back to its own vocabulary; matching would never end. */
function breakCircles(vocabularies: Map<string, Pattern[]>, report: (name: string, other: string) => void): void {
  const done = new Set<string>()
  const visit = (name: string, path: string[]): void => {
    if (done.has(name)) return
    for (const pattern of vocabularies.get(name) ?? []) {
      for (const { name: other } of vocabulariesOf(pattern)) {
        if (path.includes(other) || other === name) {
          report(name, other)
          vocabularies.set(
            name,
            (vocabularies.get(name) ?? []).filter((one) => !vocabulariesOf(one).some((used) => used.name === other)),
          )
        } else visit(other, [...path, name])
      }
    }
    done.add(name)
  }
  for (const name of vocabularies.keys()) visit(name, [])
}
