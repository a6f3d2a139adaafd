import { automatonOf, type Match } from './automaton.ts'
import { type Block, fact, factOf, isKnown, type Role, type Section, sourceOf } from './block.ts'
import type { Catalogue } from './catalogue.ts'
import { type Format, formatOf } from './format.ts'
import { DocumentReading } from './lint.ts'
import type { Linter } from './linter.ts'
import { readMarkdown } from './markdown.ts'
import { parsePhrase } from './phrase.ts'
import { assignRoles, tokensOf } from './roles.ts'
import type { Reading, Sentence } from './rule.ts'
import type { SectorFile } from './rulefile.ts'
import { readText } from './text.ts'
import { looks, type Tokens } from './tokens.ts'

/** What is counted in a document, whatever rules are on. */
export interface Measure {
  /** Words of its prose, headings included. */
  words: number
  /** Mentions of those served, by the vocabulary `served`. */
  served: number
  /** Mentions of parts of the organisation, by the vocabulary `function`. */
  functions: number
  /** Sentences in which work passes to a function or a role. */
  handoffs: number
  /** Those of them of which somebody holds the case, or keeps those served told. */
  owned: number
}

/** A measure with the findings, at any severity and those in the baseline too. */
export interface Score extends Measure {
  findings: number
}

/** Who is mentioned: somebody served, or a part of the organisation. */
export type Party = 'served' | 'function'

/** One mention of somebody, once, by its longest words. */
export interface Mention {
  party: Party
  /** A word in its base form ("customer" of "Customers"); of several words the words as they stand. */
  name: string
  /** Where it stands in the source: UTF-16 units, markup between its words included. */
  start: number
  end: number
}

/** What is counted below one heading, with the sections below that. */
export interface SectionOverview extends Measure {
  /** What the section is for, by its heading or one above it. */
  role: Role
  /** Where the words of its heading begin in the source, and those of the heading that ends it: UTF-16 units. */
  start: number
  end: number
  /** Words of its prose without those of headings. */
  text: number
  /** Who is served there: how often each is mentioned, the first one mentioned first. */
  names: ReadonlyMap<string, number>
}

/** What is counted in a document, and where it stands. */
export interface Overview extends Measure {
  /** In the order of the document. */
  mentions: Mention[]
}

/** Counts of nothing, to add others to. */
export const nothingMeasured: Measure = { words: 0, served: 0, functions: 0, handoffs: 0, owned: 0 }

/** The sum of two counts. */
export const addMeasures = (a: Measure, b: Measure): Measure => ({
  words: a.words + b.words,
  served: a.served + b.served,
  functions: a.functions + b.functions,
  handoffs: a.handoffs + b.handoffs,
  owned: a.owned + b.owned,
})

/** So many findings per 1,000 words halve the part of the index that speaks of them. */
export const halving = 5

/** The silo index of counts, from 0 to 100; none where there are no words. docs/silo-index.md says why so. */
export function siloIndex({ findings, words, served, functions, handoffs, owned }: Score): number | null {
  if (!words) return null
  const parts = [{ weight: 2, value: 2 ** (-((findings / words) * 1000) / halving) }]
  if (served + functions) parts.push({ weight: 1, value: functions ? Math.min(1, served / functions) : 1 })
  if (handoffs) parts.push({ weight: 1, value: owned / handoffs })
  const weights = parts.reduce((sum, { weight }) => sum + weight, 0)
  return Math.round((100 * parts.reduce((sum, { weight, value }) => sum + weight * value, 0)) / weights)
}

/** The rule whose page says what passes work on, who holds a case and who keeps somebody told. */
const handoffs = 'handoff-without-owner'

/** Counts in a document with the vocabularies of its configuration. No text makes it throw. */
export function measure(
  source: string,
  { catalogue }: Linter,
  { path, format = formatOf(path) }: { path?: string; format?: Format } = {},
): Measure {
  // before the words are read: what the automaton asks for must be known by then
  partiesOf(catalogue)
  const document = format === 'text' ? readText(source) : readMarkdown(source)
  assignRoles(document, catalogue)
  const steps = overviewOf(new DocumentReading(document, catalogue, new Map()), catalogue)
  for (;;) {
    const { done, value } = steps.next()
    if (!done) continue
    const { words, served, functions, handoffs, owned } = value
    return { words, served, functions, handoffs, owned }
  }
}

/**
 * Counts in a document that has been read, and says where. It pauses between blocks that are looked at for the first time, so
 * that whoever has better things to do can go on later or leave it; what was found out about a block is kept with it, so that
 * only edited ones cost again. The document must not be edited between the steps.
 */
export function* overviewOf(reading: DocumentReading, catalogue: Catalogue): Generator<undefined, Overview> {
  const { blocks } = reading.document
  const context = contextOf(reading, catalogue)
  const overview: Overview = { ...nothingMeasured, mentions: [] }
  /** By section, the hand-offs in it of which nobody stays with the case so far. */
  const loose = new Map<Section, number>()
  const held = new Set<Section>()
  for (const block of blocks) {
    const isNew = !isKnown(block, seenIn)
    const seen = factOf(block, seenIn, context)
    overview.words += seen.words
    for (const { party, name, start, end } of seen.mentions) {
      const place = sourceOf(block, start, end)
      overview.mentions.push({ party, name, start: place.start, end: place.end })
      if (party === 'served') overview.served++
      else overview.functions++
    }
    if (seen.handoffs) {
      overview.handoffs += seen.handoffs
      overview.owned += seen.kept
      loose.set(block.section, (loose.get(block.section) ?? 0) + seen.handoffs - seen.kept)
    }
    if (seen.isHeld) held.add(block.section)
    if (isNew) yield
  }
  for (const [section, count] of loose) if (held.has(section)) overview.owned += count
  return overview
}

/** What is known of each section with a heading, those below it included, in the order of the document. */
export function sectionsOf(reading: DocumentReading, catalogue: Catalogue): SectionOverview[] {
  const { blocks, sections, source } = reading.document
  const context = contextOf(reading, catalogue)
  const found = new Map<Section, SectionOverview & { names: Map<string, number> }>()
  /** The sections that are still open. */
  const open: Array<{ level: number; one: SectionOverview }> = []
  for (const section of sections) {
    const { heading, role, level } = section
    if (!heading) continue
    const { start } = heading
    while (open.length && (open.at(-1) as { level: number }).level >= level)
      (open.pop() as { one: SectionOverview }).one.end = start
    // written out, since spreading thousands of them takes longer than all the rest
    const one: SectionOverview & { names: Map<string, number> } = {
      role,
      start,
      end: source.length,
      words: 0,
      text: 0,
      served: 0,
      functions: 0,
      handoffs: 0,
      owned: 0,
      names: new Map(),
    }
    found.set(section, one)
    open.push({ level, one })
  }
  for (let at = 0; at < blocks.length; ) {
    const { section } = blocks[at] as Block
    const above: Array<SectionOverview & { names: Map<string, number> }> = []
    for (let outer: Section | undefined = section; outer; outer = outer.parent) {
      const one = found.get(outer)
      if (one) above.push(one)
    }
    let [handoffs, kept, isHeld] = [0, 0, false]
    for (; blocks[at]?.section === section; at++) {
      const block = blocks[at] as Block
      const seen = factOf(block, seenIn, context)
      handoffs += seen.handoffs
      kept += seen.kept
      isHeld ||= seen.isHeld
      for (const one of above) {
        one.words += seen.words
        if (block.kind !== 'heading') one.text += seen.words
        for (const { party, name } of seen.mentions) {
          if (party === 'function') one.functions++
          else {
            one.served++
            one.names.set(name, (one.names.get(name) ?? 0) + 1)
          }
        }
      }
    }
    for (const one of above) {
      one.handoffs += handoffs
      one.owned += isHeld ? handoffs : kept
    }
  }
  return [...found.values()]
}

/** What is to be seen in one block; places in its prose. */
interface Seen {
  words: number
  mentions: readonly Mention[]
  handoffs: number
  /** Hand-offs of which somebody stays with the case in the same sentence or the next. */
  kept: number
  /** Whether it says who holds the cases of its section. */
  isHeld: boolean
}

interface Context {
  catalogue: Catalogue
  reading: DocumentReading
  found: Reading | undefined
  find: ReturnType<typeof automatonOf>
}

const contextOf = (reading: DocumentReading, catalogue: Catalogue): Context => {
  const rule = catalogue.rules.find(({ id }) => id === handoffs)
  return { catalogue, reading, found: rule && reading.for(rule), find: partiesOf(catalogue) }
}

const seenIn = fact((block, { catalogue, reading, found, find }: Context): Seen => {
  const tokens = tokensOf(block, catalogue)
  const seen = { words: 0, mentions: [] as Mention[], handoffs: 0, kept: 0, isHeld: false }
  for (const look of tokens.looks) if (look & (looks.word | looks.number)) seen.words++
  // a heading writes every name in capitals, and a title speaks of nobody
  if (block.kind === 'heading') return seen
  const has = (sentence: Sentence, ...names: string[]): boolean =>
    names.some((name) => (found?.found(sentence, name).length ?? 0) > 0)
  for (const sentence of reading.sentences(block)) {
    const { from, to } = sentence
    const matches = longest(find(tokens, from, to).filter((match) => isMention(match, tokens)))
    for (const match of matches.sort((a, b) => a.from - b.from)) seen.mentions.push(toMention(match, block, tokens))
    if (has(sentence, 'passing') && has(sentence, 'party')) {
      seen.handoffs++
      if (reading.guarded(sentence, 'stays-with-it').length) seen.kept++
    }
    if ((has(sentence, 'holds') && !has(sentence, 'role')) || has(sentence, 'tells')) seen.isHeld = true
  }
  return seen
})

function toMention({ phrase, from, to, captures }: Match, block: Block, tokens: Tokens): Mention {
  const wordsOf = (first: number): string =>
    block.prose.slice(tokens.start[first], tokens.end[to - 1]).replace(/\s+/g, ' ')
  // "the Service Desk" goes by the name of Service Desk
  const first = to - from > 1 && article.test(wordsOf(from)) ? from + 1 : from
  const [start, end] = [tokens.start[first] as number, tokens.end[to - 1] as number]
  const base = to - from === 1 ? captures[0]?.base : undefined
  // a name of a department is told with its capital
  return phrase === party.served
    ? { party: 'served', name: (base ?? wordsOf(first)).toLowerCase(), start, end }
    : { party: 'function', name: wordsOf(first), start, end }
}

const article = /^(?:the|an?|our|your|their|its|his|her|my|this|that|these|those|each|every) /i

/** The numbers of the two vocabularies in `partiesOf`; of equally long matches the lower one counts. */
const party = { function: 0, served: 1 }
const finders = new WeakMap<Catalogue, ReturnType<typeof automatonOf>>()

function partiesOf(catalogue: Catalogue): ReturnType<typeof automatonOf> {
  let find = finders.get(catalogue)
  if (!find) {
    const { lexicon, vocabularies } = catalogue
    find = automatonOf(lexicon, vocabularies, [
      [party.function, parsePhrase('$function')],
      [party.served, parsePhrase('$served')],
    ])
    finders.set(catalogue, find)
  }
  return find
}

/** "Support" is a function, "support the caller" is not: one word alone names a function by its capital. */
const isMention = ({ phrase, from, to }: Match, tokens: Tokens): boolean =>
  phrase === party.served || to - from > 1 || ((tokens.looks[from] as number) & looks.capital) !== 0

/** The longest of matches that lie over each other: "customer service" is a function and no customer. */
function longest(matches: readonly Match[]): Match[] {
  const kept: Match[] = []
  for (const match of [...matches].sort((a, b) => b.to - b.from - (a.to - a.from) || a.phrase - b.phrase))
    if (!kept.some(({ from, to }) => from < match.to && match.from < to)) kept.push(match)
  return kept
}

/** How a document speaks the language of a sector: the words of its pack that occur, and how often each does. */
export type SectorWords = Map<string, Map<string, number>>

/**
 * A function that counts the words of sector packs in a document, by sector and by the words as the document has them,
 * in lower case.
 */
export function sectorFinder(
  sectors: readonly SectorFile[],
  { catalogue }: Linter,
): (source: string, path?: string) => SectorWords {
  const entries = sectors.flatMap(({ id, vocabularies }) =>
    vocabularies.flatMap(({ id: vocabulary, words }) => words.map(({ pattern }) => ({ id, vocabulary, pattern }))),
  )
  const { lexicon, vocabularies } = catalogue
  const find = automatonOf(
    lexicon,
    vocabularies,
    entries.map(({ pattern }, index) => [index, pattern]),
  )
  return (source, path) => {
    const document = formatOf(path) === 'text' ? readText(source) : readMarkdown(source)
    assignRoles(document, catalogue)
    const counts: SectorWords = new Map()
    for (const { kind, tokens, prose } of document.blocks) {
      if (!tokens || kind === 'heading') continue
      for (const { phrase, from, to } of find(tokens, 0, tokens.ids.length)) {
        const { id, vocabulary } = entries[phrase] as (typeof entries)[number]
        // "test", "line" and "control" are words of everybody's, unless their capital makes them a name
        const look = tokens.looks[from] as number
        if (vocabulary === 'function' && to - from === 1 && !(look & looks.capital && !(look & looks.first))) continue
        const words = prose
          .slice(tokens.start[from], tokens.end[to - 1])
          .replace(/\s+/g, ' ')
          .toLowerCase()
        const own = counts.get(id) ?? new Map<string, number>()
        own.set(words, (own.get(words) ?? 0) + 1)
        counts.set(id, own)
      }
    }
    return counts
  }
}
