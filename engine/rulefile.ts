import * as v from 'valibot'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Document as YamlDocument } from 'yaml'
import type { Role } from './block.ts'
import type { Fault } from './fault.ts'
import { nearest } from './nearest.ts'
import { type Pattern, PhraseError, parsePhrase } from './phrase.ts'
import type { PluginUse } from './plugins.ts'
import type { Unit } from './rule.ts'
import { type Severity, severities } from './severity.ts'

/** A file of rules/ or of a team's own: its path as people name it, and its text. */
export interface RuleSource {
  path: string
  text: string
  /** The id of the rule or guard where its file name alone does not say it: `acme/nameless-referral`. */
  id?: string
  /** Absolute path of the retext plugin that stands beside it. */
  plugin?: string
  /** Where its page can be read; for a built-in rule its address is made from its id. */
  url?: string
}

/** A phrase in a file, with its place for faults. */
export interface Phrase {
  text: string
  pattern: Pattern
  line: number
  column: number
}

/** Phrases that share what follows from them. */
export interface PhraseGroup {
  /** How a code rule asks for the matches of this group. */
  name: string
  phrases: Phrase[]
  rewrites: string[]
  /** Ids of guards, and phrases in the same sentence, that make a match no finding. */
  unless: Condition[]
  /** One of these must hold as well. */
  needs: Condition[]
  /** Guards that otherwise always hold, and do not here: "may not, for our own reasons" is no denial of it. */
  despite: string[]
  /** The first rewrite may be put in without anybody looking. */
  safe: boolean
  severity?: Severity
  message?: string
}

/** A guard by its id, or a phrase in the same sentence. */
export type Condition = { guard: string } | { phrase: Phrase }

/** One example of a rule page: the text as it is flagged or innocent, and what its first rewrite gives. */
export interface Example {
  flagged: boolean
  text: string
  rewritten?: string
  line: number
}

/** What a rule file says. */
export interface RuleFile {
  id: string
  path: string
  title: string
  /** The page below the front matter, for hovers and documentation. */
  page: string
  /** Where the page can be read. */
  url: string
  /** The first paragraph of the page. */
  note: string
  kind: 'phrase' | 'absence' | 'code' | 'plugin'
  /** The retext plugin that finds what phrases cannot say. */
  plugin?: PluginUse
  severity: Severity
  message: string
  groups: PhraseGroup[]
  /** The roles of blocks in which phrases are looked for; everywhere when empty. */
  roles: Role[]
  /** For an absence: the kind of unit and what it must not lack. */
  unit?: Unit['kind']
  lacks: Condition[]
  /** For an absence: one of these must stand in the unit. */
  needs: Condition[]
  /** What clears a statement of a unit. */
  unless: Condition[]
  rewrites: string[]
  examples: Example[]
}

/** Where a guard looks, relative to a match. */
export type GuardPlace =
  | 'before'
  | 'clause'
  | 'after'
  | 'within'
  | 'sentence'
  | 'next'
  | 'previous'
  | 'heading'
  | 'document'
  | 'around'

/** What a guard file says: when a match is no finding after all. */
export interface GuardFile {
  id: string
  path: string
  title: string
  where: GuardPlace[]
  phrases: Phrase[]
  /** Blocks of these roles are cleared as a whole. */
  roles: Role[]
  /** Words in quotation marks are cleared. */
  quoted: boolean
  /** Holds for every phrase rule, named or not. */
  always: boolean
  /** The finding stays, as information. */
  weakens: boolean
  /** Takes the place of the guard of this name that comes before it, instead of adding phrases to it. */
  replaces: boolean
  /** Innocent texts that would be flagged without the guard, and flagged ones that it must not clear. */
  examples: Example[]
}

/** What a vocabulary or role file says: one entry a bullet. */
export interface VocabularyFile {
  id: string
  path: string
  title: string
  entries: Phrase[]
  /** Takes the place of the vocabulary of this name that comes before it, instead of adding entries to it. */
  replaces: boolean
}

/** The roles that a rule can look in. */
export const roles = [
  'purpose',
  'objective',
  'measure',
  'scope',
  'responsibilities',
  'reporting',
  'procedure',
  'handoff',
  'exception',
  'example',
  'glossary',
  'change',
  'none',
] as const satisfies readonly Role[]
/** The units that a rule about something missing can look at. */
export const units = ['objective', 'measure'] as const satisfies ReadonlyArray<Unit['kind']>
/** Where a guard can look. */
export const places = [
  'before',
  'clause',
  'after',
  'within',
  'sentence',
  'next',
  'previous',
  'heading',
  'document',
  'around',
] as const satisfies readonly GuardPlace[]
const texts = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (Array.isArray(value) ? value : [value])),
)
/** One of several words or a list of them; made a list first, so that a fault names the words there are. */
const oneOrMore = <const Words extends readonly string[]>(words: Words) =>
  v.pipe(
    v.unknown(),
    v.transform((value): unknown[] => (Array.isArray(value) ? value : [value])),
    v.array(v.picklist(words)),
  )

/** The names that configuration takes too: `warn` is what other linters say. */
const severity = v.pipe(
  v.unknown(),
  v.transform((value) => (value === 'warn' ? 'warning' : value)),
  v.picklist(severities),
)

const groupKeys = {
  name: v.optional(v.string()),
  rewrites: v.optional(texts, []),
  unless: v.optional(texts, []),
  needs: v.optional(texts, []),
  despite: v.optional(texts, []),
  safe: v.optional(v.boolean()),
  severity: v.optional(severity),
  message: v.optional(v.string()),
}
/** The front matter of a rule file. */
export const ruleSchema = v.strictObject({
  severity,
  message: v.string(),
  phrases: v.optional(v.array(v.union([v.string(), v.strictObject({ ...groupKeys, phrases: texts })])), []),
  rewrites: v.optional(texts, []),
  unless: v.optional(texts, []),
  needs: v.optional(texts, []),
  despite: v.optional(texts, []),
  safe: v.optional(v.boolean(), false),
  in: v.optional(oneOrMore(roles), []),
  unit: v.optional(v.picklist(units)),
  lacks: v.optional(texts, []),
})
/** With a plugin beside it, whose own words are the message unless the file says another. */
const pluginRuleSchema = v.strictObject({ ...ruleSchema.entries, message: v.optional(v.string(), '$reason') })
/** The front matter of a guard file. */
export const guardSchema = v.strictObject({
  where: v.optional(oneOrMore(places), []),
  phrases: v.optional(v.array(v.string()), []),
  in: v.optional(oneOrMore(roles), []),
  quoted: v.optional(v.boolean(), false),
  always: v.optional(v.boolean(), false),
  weakens: v.optional(v.boolean(), false),
  replaces: v.optional(v.boolean(), false),
})
/** The front matter of a vocabulary file, which most do without. */
export const vocabularySchema = v.strictObject({ replaces: v.optional(v.boolean(), false) })

/** The id that a file's name gives its rule, guard, vocabulary or role. */
export const idOf = (path: string): string =>
  (path.replaceAll('\\', '/').split('/').at(-1) as string).replace(/\.md$/, '')

/** The name of a group of phrases as part of an id: "whose job" is `whose-job`. */
export const patternId = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** A file with front matter taken apart, with what is needed to say where a value stands. */
interface Page {
  values: unknown
  yaml: YamlDocument | undefined
  body: string
  bodyLine: number
  title: string
  /** The place in the file of an offset into the front matter. */
  at(offset: number): { line: number; column: number }
  /** The place of the value at a path, `within` characters into it. */
  place(path: ReadonlyArray<string | number>, within?: number): { line: number; column: number }
  faults: Fault[]
}

/** A longer file is no page that anybody has written; 10,000 phrases are about 300,000 characters. */
const longestFile = 2_000_000
/** A longer line holds no phrase and no list that anybody has written; YAML takes its length squared to say what is wrong. */
const longestLine = 20_000
/** Whoever wrote more mistakes than these into one file mends them first. */
const mostFaults = 100

/** Where a file is longer than any page, or one of its lines. */
function lengthFault(path: string, text: string): Fault | undefined {
  if (text.length > longestFile) {
    const problem = `the file is longer than ${longestFile.toLocaleString('en')} characters`
    return { path, line: 1, column: 1, problem, cure: 'Part it into several files.' }
  }
  const line = text.split(/\r\n?|\n/).findIndex((one) => one.length > longestLine)
  if (line < 0) return undefined
  const problem = `the line is longer than ${longestLine.toLocaleString('en')} characters`
  return { path, line: line + 1, column: 1, problem, cure: 'Write a list with one phrase on each line.' }
}

/** The faults of a file as people are told of them: not more than a hundred, and how many there are besides. */
export function tellable(faults: Fault[]): Fault[] {
  const [first] = faults
  if (!first || faults.length <= mostFaults) return faults
  const more = (faults.length - mostFaults).toLocaleString('en')
  const rest = {
    path: first.path,
    problem: `the file has ${more} more mistakes`,
    cure: 'Mend the first ones and look again.',
  }
  return [...faults.slice(0, mostFaults), rest]
}

/** Splits a file into front matter and body. Faults of the YAML itself are in `faults`. */
function readPage({ path, text: whole }: RuleSource): Page {
  const faults: Fault[] = []
  const tooLong = lengthFault(path, whole)
  if (tooLong) faults.push(tooLong)
  const text = tooLong ? '' : whole
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const found = /^---[ \t]*\n([\s\S]*?\n)?---[ \t]*(?:\n|$)/.exec(source)
  const front = found?.[1] ?? ''
  const body = found ? source.slice(found[0].length) : source
  const bodyLine = found ? found[0].split('\n').length : 1
  const lines = new LineCounter()
  // aliases are refused, since a few of them can stand for millions of values
  const yaml = found
    ? parseDocument(front, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: false })
    : undefined
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(Math.min(offset, front.length))
    return { line: line + 1, column: Math.max(1, col) }
  }
  const fail = (offset: number, problem: string, cure: string, value?: string): void => {
    faults.push({ path, ...at(offset), value, problem, cure })
  }
  if (!found && !tooLong)
    faults.push({
      path,
      line: 1,
      column: 1,
      value: source.split('\n')[0]?.slice(0, 40),
      problem: 'the file has no front matter',
      cure: 'Begin it with a line ---, the settings of the rule, and another line ---.',
    })
  // what follows from the first mistakes is no help in mending them
  for (const error of yaml?.errors.slice(0, 10) ?? [])
    fail(
      error.pos[0],
      error.message.includes('call stack')
        ? 'the values of the front matter are nested too deep'
        : `the front matter is not valid YAML: ${firstSentence(error.message)}`,
      'Put a value that holds : # { [ ! or quotation marks into single quotes.',
      front.slice(error.pos[0], error.pos[1]).trim().split('\n')[0]?.slice(0, 60),
    )
  let values: unknown
  if (yaml && !yaml.errors.length) {
    for (const { offset, key } of doubledKeys(yaml.contents))
      fail(offset, 'the front matter is not valid YAML: Map keys must be unique', 'Leave one of the two out.', key)
    try {
      values = yaml.toJS({ maxAliasCount: 0 }) ?? {}
    } catch {
      fail(0, 'the front matter uses aliases', 'Write the values out instead of & and *.')
    }
  }
  return {
    values,
    yaml,
    body,
    bodyLine,
    title: /^#[ \t]+(.+)$/m.exec(body)?.[1]?.trim() ?? idOf(path),
    faults,
    at,
    place(keys, within = 0) {
      const node = nodeAt(yaml, keys)
      if (!node?.range) return { line: 1, column: 1 }
      const quote = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') ? 1 : 0
      return at(node.range[0] + quote + within)
    },
  }
}

/** Keys that a map has twice; YAML's own check compares each key with each. */
function* doubledKeys(root: unknown): Iterable<{ offset: number; key: string }> {
  const nodes = [root]
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (isSeq(node)) for (const item of node.items) nodes.push(item)
    else if (isMap(node)) {
      const seen = new Set<unknown>()
      for (const { key, value } of node.items) {
        nodes.push(value)
        if (!isScalar(key)) continue
        if (seen.has(key.value)) yield { offset: key.range?.[0] ?? 0, key: String(key.value) }
        seen.add(key.value)
      }
    }
  }
}

/** The node at a path, or the nearest one above it. */
function nodeAt(yaml: YamlDocument | undefined, keys: ReadonlyArray<string | number>): Node | undefined {
  for (let length = keys.length; yaml && length >= 0; length--) {
    const node = length ? yaml.getIn(keys.slice(0, length), true) : yaml.contents
    if (node && typeof node === 'object' && 'range' in node) return node as Node
  }
  return undefined
}

const firstSentence = (text: string): string => text.split(/[.\n]/)[0]?.trim() ?? text

/** Checks values against a schema; each fault has its place, an unknown key the nearest right one. */
function check<Schema extends v.GenericSchema>(
  page: Page,
  schema: Schema,
  keys: readonly string[],
  path: string,
): v.InferOutput<Schema> | undefined {
  if (page.values === undefined) return undefined
  const result = v.safeParse(schema, page.values)
  if (result.success) return result.output
  for (const issue of result.issues) {
    const at = (issue.path ?? []).map((item) => item.key as string | number)
    const key = String(at.at(-1) ?? '')
    const value = typeof issue.input === 'object' ? undefined : String(issue.input)
    const strange = strangeGroupKey(issue.input)
    if (issue.type === 'strict_object' && issue.expected === 'never') {
      const meant = nearest(key, keys)
      page.faults.push({
        path,
        ...keyPlace(page, at),
        value: key,
        problem: 'there is no such key',
        cure: meant ? `Did you mean "${meant}"?` : `The keys are ${keys.join(', ')}.`,
      })
    } else if (strange !== undefined && at[0] === 'phrases') {
      const names = ['phrases', ...Object.keys(groupKeys)]
      const meant = nearest(strange, names)
      page.faults.push({
        path,
        ...keyPlace(page, [...at, strange]),
        value: strange,
        problem: 'a group of phrases has no such key',
        cure: Object.hasOwn(ruleSchema.entries, strange)
          ? 'Put it into the rule, where it counts for all phrases.'
          : meant
            ? `Did you mean "${meant}"?`
            : `The keys are ${names.join(', ')}.`,
      })
    } else if (issue.input === undefined) {
      page.faults.push({
        path,
        line: 1,
        column: 1,
        problem: `the key "${key}" is missing`,
        cure: `Add it to the front matter.`,
      })
    } else {
      page.faults.push({
        path,
        ...page.place(at),
        value,
        problem: `"${at.filter((part) => typeof part === 'string').join('.')}" does not take this value`,
        cure: expectation(issue.expected),
      })
    }
  }
  return undefined
}

/** The first key of a group of phrases that groups do not have; a phrase that became a map by its colon is no group. */
function strangeGroupKey(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('phrases' in value)) return undefined
  return Object.keys(value).find((key) => key !== 'phrases' && !Object.hasOwn(groupKeys, key))
}

/** What a value may be, in words; a phrase that became a map by its colon is the fault seen most. */
function expectation(expected: string | null): string {
  const kinds = (expected ?? '').replace(/[("')]/g, '').split(' | ')
  if (kinds.includes('string') || kinds.includes('Array'))
    return 'It takes text or a list of texts; put text with a colon into single quotes.'
  return `It takes ${kinds.length > 1 ? `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}` : kinds[0] || 'another kind of value'}.`
}

/** Where a key itself stands, not its value. */
function keyPlace(page: Page, keys: ReadonlyArray<string | number>): { line: number; column: number } {
  const parent = nodeAt(page.yaml, keys.slice(0, -1)) as
    | { items?: Array<{ key?: { value?: unknown; range?: [number, number, number] } }> }
    | undefined
  const range = parent?.items?.find((item) => item.key?.value === keys.at(-1))?.key?.range
  return range ? page.at(range[0]) : page.place(keys)
}

/** Reads the phrase written at `keys`; a phrase that cannot be read is a fault, and the others go on. */
function readPhrase(page: Page, path: string, text: string, keys: ReadonlyArray<string | number>): Phrase | undefined {
  try {
    return { text, pattern: parsePhrase(text), ...page.place(keys) }
  } catch (error) {
    if (!(error instanceof PhraseError)) throw error
    page.faults.push({
      path,
      ...page.place(keys, error.at),
      value: error.value,
      problem: error.message,
      cure: error.cure,
    })
    return undefined
  }
}

const present = <T>(value: T | undefined): value is T => value !== undefined

/** The id of the guard that a rule means by a name: in a pack its own comes first, which need not carry the prefix there. */
export function guardNamed(name: string, ruleId: string, guards: readonly string[]): string | undefined {
  const prefix = ruleId.slice(0, ruleId.lastIndexOf('/') + 1)
  return [prefix + name, name].find((id) => guards.includes(id))
}

/** The guard of a pack that somebody may mean who writes no such guard's id: without its prefix, or misspelt behind it. */
function guardOfPack(text: string, guards: readonly string[]): string | undefined {
  const ofPacks = guards.filter((id) => id.includes('/'))
  const [prefix, name] = text.split('/')
  return name === undefined
    ? ofPacks.find((id) => id.endsWith(`/${text}`))
    : ofPacks.some((id) => id.startsWith(`${prefix}/`))
      ? (nearest(text, ofPacks) ?? ofPacks.find((id) => id.startsWith(`${prefix}/`)))
      : undefined
}

/** An entry of `unless`, `needs` or `lacks`: the id of a guard, or a phrase. */
function readCondition(
  page: Page,
  path: string,
  text: string,
  keys: ReadonlyArray<string | number>,
  guards: readonly string[],
  ruleId: string,
): Condition | undefined {
  const guard = guardNamed(text, ruleId, guards)
  if (guard !== undefined) return { guard }
  if (/^[a-z]+(-[a-z]+)*(\/[a-z]+(-[a-z]+)*)?$/.test(text)) {
    const ofPack = guardOfPack(text, guards)
    const meant = ofPack ?? (text.includes('/') ? undefined : nearest(text, guards))
    // "attention" is a word; "mentoin" is the guard, misspelt
    if (ofPack || (!text.includes('/') && (text.includes('-') || meant?.[0] === text[0]))) {
      page.faults.push({
        path,
        ...page.place(keys),
        value: text,
        problem: 'there is no such guard',
        cure: meant
          ? `Did you mean "${meant}"?${ofPack ? ` Words are written in brackets, (${text}).` : ''}`
          : `The guards are ${guards.join(', ')}; a phrase is written with spaces.`,
      })
      return undefined
    }
  }
  const phrase = readPhrase(page, path, text, keys)
  return phrase && { phrase }
}

/**
 * Reads a rule file. Nothing is thrown: what cannot be used is a fault, and the rule is left out; its phrases are given
 * all the same, for what else may be wrong with them.
 */
export function readRule(
  source: RuleSource,
  guards: readonly string[],
  hasCode: boolean,
): { rule?: RuleFile; phrases?: Phrase[]; faults: Fault[] } {
  const { path, id = idOf(path) } = source
  const page = readPage(source)
  const schema = source.plugin === undefined ? ruleSchema : pluginRuleSchema
  const values = check(page, schema, [...Object.keys(ruleSchema.entries), 'name'], path)
  if (!values) {
    // one fault must not keep those of the phrases for the next run
    const listIn = (keys: ReadonlyArray<string | number>): Phrase[] => {
      const list = raw(page, keys)
      return (Array.isArray(list) ? list : []).flatMap((one, index): Phrase[] => {
        const here = [...keys, index]
        if (typeof one !== 'string') return keys.length === 1 ? listIn([...here, 'phrases']) : []
        return [readPhrase(page, path, one, here)].filter(present)
      })
    }
    return {
      phrases: listIn(['phrases']),
      faults: page.faults,
    }
  }
  const conditions = (texts: string[], keys: ReadonlyArray<string | number>): Condition[] =>
    texts
      .map((text, index) =>
        readCondition(
          page,
          path,
          text,
          texts.length === 1 && !Array.isArray(raw(page, keys)) ? keys : [...keys, index],
          guards,
          id,
        ),
      )
      .filter(present)
  const shared = { unless: conditions(values.unless, ['unless']), needs: conditions(values.needs, ['needs']) }
  const lacks = conditions(values.lacks, ['lacks'])
  const despite = (texts: string[], keys: ReadonlyArray<string | number>): string[] =>
    texts.map((text, index) => {
      const guard = guardNamed(text, id, guards)
      if (guard !== undefined) return guard
      const meant = nearest(text, guards)
      page.faults.push({
        path,
        ...page.place(Array.isArray(raw(page, keys)) ? [...keys, index] : keys),
        value: text,
        problem: 'there is no such guard',
        cure: meant ? `Did you mean "${meant}"?` : 'It takes guards that always hold, such as mention.',
      })
      return text
    })
  const always = despite(values.despite, ['despite'])
  const plain: PhraseGroup = {
    name: '',
    phrases: [],
    rewrites: values.rewrites,
    ...shared,
    despite: always,
    safe: values.safe,
  }
  const groups: PhraseGroup[] = []
  for (const [index, entry] of values.phrases.entries()) {
    if (typeof entry === 'string') {
      const phrase = readPhrase(page, path, entry, ['phrases', index])
      if (phrase) plain.phrases.push(phrase)
      continue
    }
    const keys = ['phrases', index, 'phrases'] as const
    const list = Array.isArray(raw(page, keys))
    groups.push({
      name: entry.name ?? '',
      phrases: entry.phrases
        .map((text, position) => readPhrase(page, path, text, list ? [...keys, position] : keys))
        .filter(present),
      rewrites: entry.rewrites.length ? entry.rewrites : values.rewrites,
      unless: [...shared.unless, ...conditions(entry.unless, ['phrases', index, 'unless'])],
      needs: [...shared.needs, ...conditions(entry.needs, ['phrases', index, 'needs'])],
      despite: [...always, ...despite(entry.despite, ['phrases', index, 'despite'])],
      safe: entry.safe ?? values.safe,
      severity: entry.severity,
      message: entry.message,
    })
  }
  if (plain.phrases.length) groups.unshift(plain)
  for (const {
    safe,
    rewrites: [first],
  } of groups) {
    if (safe && (first === undefined || /\[[^\]]+\]/.test(first)))
      page.faults.push({
        path,
        ...page.place(['safe']),
        value: first,
        problem: 'a safe rewrite must stand as it is',
        cure: 'Put a rewrite without [placeholders] first, or leave "safe" out.',
      })
  }
  const kind = source.plugin !== undefined ? 'plugin' : hasCode ? 'code' : values.unit ? 'absence' : 'phrase'
  if (kind === 'phrase' && !groups.length && !page.faults.length) {
    page.faults.push({
      path,
      line: 1,
      column: 1,
      problem: 'the rule has no phrases',
      cure: 'Add "phrases:" with at least one phrase, or "unit:" and "lacks:".',
    })
  }
  if (kind === 'phrase' && values.lacks.length)
    page.faults.push({
      path,
      ...keyPlace(page, ['lacks']),
      value: 'lacks',
      problem: 'only a rule with "unit:" can say what the unit must not lack',
      cure: 'Add "unit: objective", or use "unless:".',
    })
  if (kind !== 'code' && kind !== 'plugin') page.faults.push(...unknownNames(page, path, values, kind))
  const examples = readExamples(page)
  if (page.faults.length) return { phrases: groups.flatMap(({ phrases }) => phrases), faults: page.faults }
  return {
    faults: [],
    rule: {
      id,
      path,
      title: page.title,
      page: page.body.trim(),
      url: source.url ?? `https://github.com/silolint/silolint/blob/main/rules/${idOf(path)}.md`,
      note: firstParagraph(page.body),
      kind,
      ...(source.plugin !== undefined && { plugin: { id, module: source.plugin, path } }),
      severity: values.severity,
      message: values.message,
      groups,
      roles: values.in,
      unit: values.unit,
      lacks,
      needs: shared.needs,
      unless: shared.unless,
      rewrites: values.rewrites,
      examples,
    },
  }
}

/** The first paragraph of a page below its title, on one line. */
function firstParagraph(body: string): string {
  const lines = body
    .replace(/^#.*$/m, '')
    .split('\n')
    .map((line) => line.trim())
  const from = lines.findIndex(Boolean)
  const end = lines.indexOf('', Math.max(0, from))
  return from < 0 ? '' : lines.slice(from, end < 0 ? undefined : end).join(' ')
}

/**
 * Names in messages and rewrites that no phrase of their group captures. Such a rewrite would never be
 * offered and such a message would show its `$name` to the writer.
 */
function unknownNames(
  page: Page,
  path: string,
  values: v.InferOutput<typeof ruleSchema>,
  kind: RuleFile['kind'],
): Fault[] {
  const faults: Fault[] = []
  const all = values.phrases.flatMap((entry) => (typeof entry === 'string' ? entry : entry.phrases))
  const look = (text: string | undefined, phrases: readonly string[], keys: Array<string | number>): void => {
    const captured = new Set([
      'match',
      ...phrases.flatMap((phrase) => [...phrase.matchAll(name)].map(([, one]) => one)),
    ])
    for (const found of (text ?? '').matchAll(name)) {
      if (captured.has(found[1] as string) || (kind === 'absence' && found[1] === 'statement')) continue
      const meant = nearest(found[1] as string, [...captured] as string[])
      faults.push({
        path,
        ...page.place(keys, found.index),
        value: found[0],
        problem: 'no phrase beside it captures this',
        cure: meant ? `Did you mean "$${meant}"?` : `It can be ${[...captured].map((one) => `$${one}`).join(', ')}.`,
      })
    }
  }
  look(values.message, all, ['message'])
  const list = (keys: Array<string | number>, texts: string[], phrases: readonly string[]): void => {
    const isList = Array.isArray(raw(page, keys))
    for (const [index, text] of texts.entries()) look(text, phrases, isList ? [...keys, index] : keys)
  }
  list(['rewrites'], values.rewrites, all)
  for (const [index, entry] of values.phrases.entries()) {
    if (typeof entry === 'string') continue
    look(entry.message, entry.phrases, ['phrases', index, 'message'])
    list(['phrases', index, 'rewrites'], entry.rewrites, entry.phrases)
  }
  return faults
}
const name = /\$([a-z][a-z0-9-]*)/g

/** A text of a rule file with its place. */
export interface Placed {
  text: string
  line: number
  column: number
}

/** The rewrites of a rule file as they are written, those of the rule and then those of its groups; none of a faulty one. */
export function rewritesIn(source: RuleSource): Placed[] {
  const page = readPage(source)
  const listAt = (keys: ReadonlyArray<string | number>): Placed[] => {
    const value = raw(page, keys)
    if (typeof value === 'string') return [{ text: value, ...page.place(keys) }]
    if (!Array.isArray(value)) return []
    return value.map((text, index) => ({ text: String(text), ...page.place([...keys, index]) }))
  }
  const groups = raw(page, ['phrases'])
  return [
    ...listAt(['rewrites']),
    ...(Array.isArray(groups) ? groups.flatMap((_, index) => listAt(['phrases', index, 'rewrites'])) : []),
  ]
}

const raw = (page: Page, keys: ReadonlyArray<string | number>): unknown =>
  keys.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], page.values)

/** Reads a guard file; `below` are the ids of guards that it may add to. */
export function readGuard(source: RuleSource, below: readonly string[] = []): { guard?: GuardFile; faults: Fault[] } {
  const page = readPage(source)
  const values = check(page, guardSchema, Object.keys(guardSchema.entries), source.path)
  if (!values) return { faults: page.faults }
  const phrases = values.phrases
    .map((text, index) => readPhrase(page, source.path, text, ['phrases', index]))
    .filter(present)
  const id = source.id ?? idOf(source.path)
  if (below.includes(id) && !values.replaces) {
    for (const key of Object.keys(page.values as object)) {
      if (key === 'phrases') continue
      page.faults.push({
        path: source.path,
        ...keyPlace(page, [key]),
        value: key,
        problem: `there is a guard ${id} already, and a file of its name adds phrases to it and nothing else`,
        cure: 'Take this key out, give the file another name, or take the place of that guard with "replaces: true".',
      })
    }
  }
  if (page.faults.length) return { faults: page.faults }
  return {
    faults: [],
    guard: {
      id,
      path: source.path,
      title: page.title,
      where: values.where,
      phrases,
      roles: values.in,
      quoted: values.quoted,
      always: values.always,
      weakens: values.weakens,
      replaces: values.replaces,
      examples: readExamples(page),
    },
  }
}

/** What a sector file says: words to add to vocabularies, under a heading of the vocabulary's name. */
export interface SectorFile {
  id: string
  vocabularies: Array<{ id: string; path: string; line: number; column: number; words: Phrase[] }>
}

/** Reads a sector file: headings of the second level name vocabularies, the bullets below are added to them. */
export function readSector(source: RuleSource): { sector: SectorFile; faults: Fault[] } {
  const { path } = source
  const { lines, faults } = linesOf(source)
  const vocabularies: SectorFile['vocabularies'] = []
  for (let index = 0; index < lines.length; index++) {
    const heading = /^##[ \t]+(\S.*)$/.exec(lines[index] as string)
    if (!heading) continue
    const from = index + 1
    while (index + 1 < lines.length && !/^##?[ \t]/.test(lines[index + 1] as string)) index++
    const { entries, faults: found } = readEntries(path, lines.slice(from, index + 1), from)
    faults.push(...found)
    vocabularies.push({ id: heading[1] as string, path, line: from, column: 4, words: entries })
  }
  return { sector: { id: idOf(path), vocabularies }, faults }
}

/** Reads a vocabulary or role file: each bullet is an entry in the syntax of phrases. */
export function readVocabulary(source: RuleSource): { vocabulary: VocabularyFile; faults: Fault[] } {
  const { path, text } = source
  const { lines, faults } = linesOf(source)
  const page = lines[0] === '---' ? readPage({ path, text }) : undefined
  const front = page && check(page, vocabularySchema, Object.keys(vocabularySchema.entries), path)
  const before = Math.max(0, (page?.bodyLine ?? 1) - 1)
  const { entries, faults: found } = readEntries(path, lines.slice(before), before)
  const title = lines.map((line) => /^#[ \t]+(.+)$/.exec(line)?.[1]).find((one) => one !== undefined)
  return {
    vocabulary: { id: idOf(path), path, title: title ?? idOf(path), entries, replaces: front?.replaces ?? false },
    faults: [...faults, ...(page?.faults ?? []), ...found],
  }
}

/** The lines of a file without the blanks at their ends; none where it is too long. */
function linesOf({ path, text }: RuleSource): { lines: string[]; faults: Fault[] } {
  const tooLong = lengthFault(path, text)
  if (tooLong) return { lines: [], faults: [tooLong] }
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/)
  return { lines: lines.map((line) => line.trimEnd()), faults: [] }
}

/** The phrases in bullets; `before` is how many lines of the file come first. */
function readEntries(path: string, lines: readonly string[], before: number): { entries: Phrase[]; faults: Fault[] } {
  const entries: Phrase[] = []
  const faults: Fault[] = []
  for (const [index, line] of lines.entries()) {
    const bullet = /^([-*][ \t]+)(\S.*)$/.exec(line)
    if (!bullet) continue
    const text = bullet[2] as string
    const at = { line: before + index + 1, column: (bullet[1] as string).length + 1 }
    try {
      entries.push({ text, pattern: parsePhrase(text), ...at })
    } catch (error) {
      if (!(error instanceof PhraseError)) throw error
      const { value, message: problem, cure } = error
      faults.push({ path, line: at.line, column: at.column + error.at, value, problem, cure })
    }
  }
  return { entries, faults }
}

/**
 * The examples of a page's `diff` fences. Each line is one: `-` is flagged, `+` below it is what its
 * first rewrite gives, a blank is innocent. From the first `@@` line of a fence on each part is one document
 * instead, as in a real diff: its `-` and blank lines are the text before, its `+` and blank lines after.
 */
function readExamples(page: Page): Example[] {
  const examples: Example[] = []
  const lines = page.body.split('\n')
  for (let index = 0; index < lines.length; index++) {
    if (!/^```diff\s*$/.test(lines[index] as string)) continue
    const from = ++index
    while (index < lines.length && !/^```\s*$/.test(lines[index] as string)) index++
    const fence = lines.slice(from, index)
    const line = page.bodyLine + from
    const first = fence.findIndex((one) => one.startsWith('@@'))
    const end = first < 0 ? fence.length : first
    for (const [offset, one] of fence.slice(0, end).entries()) {
      const text = one.slice(1).trim()
      if (!text) continue
      if (one[0] === '+') {
        const last = examples.at(-1)
        if (last?.flagged) last.rewritten = text
      } else examples.push({ flagged: one[0] === '-', text, line: line + offset })
    }
    examples.push(...readHunks(fence.slice(end), line + end))
  }
  return examples
}

function readHunks(fence: string[], line: number): Example[] {
  const examples: Example[] = []
  let hunk: { before: string[]; after: string[]; changed: boolean; line: number } | undefined
  const end = (): void => {
    if (!hunk) return
    const before = hunk.before.join('\n').trim()
    const after = hunk.after.join('\n').trim()
    if (before)
      examples.push({
        flagged: hunk.changed,
        text: `${before}\n`,
        rewritten: hunk.changed && after !== '' && hunk.after.length >= hunk.before.length ? `${after}\n` : undefined,
        line: hunk.line,
      })
  }
  for (const [offset, one] of fence.entries()) {
    if (one.startsWith('@@')) {
      end()
      hunk = { before: [], after: [], changed: false, line: line + offset }
    } else if (hunk) {
      const text = one.slice(1)
      if (one[0] !== '+') hunk.before.push(text)
      if (one[0] !== '-') hunk.after.push(text)
      if (one[0] === '-') hunk.changed = true
    }
  }
  end()
  return examples
}
