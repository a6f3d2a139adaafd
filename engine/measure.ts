import { automatonOf, type Match } from './automaton.ts'
import type { Catalogue } from './catalogue.ts'
import { DocumentReading } from './lint.ts'
import { type Format, formatOf, type Linter } from './linter.ts'
import { readMarkdown } from './markdown.ts'
import { parsePhrase } from './phrase.ts'
import { assignRoles } from './roles.ts'
import type { Section, Sentence } from './rule.ts'
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

/** The rule whose page says what passes work on, who holds a case and who keeps somebody told. */
const handoffs = 'handoff-without-owner'

/** Counts in a document with the vocabularies of its configuration. No text makes it throw. */
export function measure(
  source: string,
  { catalogue }: Linter,
  { path, format = formatOf(path) }: { path?: string; format?: Format } = {},
): Measure {
  // before the words are read: what the automaton asks for must be known by then
  const find = partiesOf(catalogue)
  const document = format === 'text' ? readText(source) : readMarkdown(source)
  assignRoles(document, catalogue)
  const reading = new DocumentReading(document, catalogue, new Map())
  const rule = catalogue.rules.find(({ id }) => id === handoffs)
  const found = rule && reading.for(rule)
  const has = (sentence: Sentence, ...names: string[]): boolean =>
    names.some((name) => (found?.found(sentence, name).length ?? 0) > 0)
  const counted = { ...nothingMeasured }
  const passing: Array<{ section: Section; sentence: Sentence }> = []
  const held = new Set<Section>()
  for (const block of document.blocks) {
    const { tokens } = block
    if (!tokens) continue
    counted.words += tokens.looks.filter((look) => look & (looks.word | looks.number)).length
    // a heading writes every name in capitals, and a title speaks of nobody
    if (block.kind === 'heading') continue
    for (const sentence of reading.sentences(block)) {
      const { from, to } = sentence
      const mentions = longest(find(tokens, from, to).filter((match) => isMention(match, tokens)))
      counted.served += mentions.filter(({ phrase }) => phrase === party.served).length
      counted.functions += mentions.filter(({ phrase }) => phrase === party.function).length
      if (has(sentence, 'passing') && has(sentence, 'party')) passing.push({ section: block.section, sentence })
      if ((has(sentence, 'holds') && !has(sentence, 'role')) || has(sentence, 'tells')) held.add(block.section)
    }
  }
  counted.handoffs = passing.length
  counted.owned = passing.filter(
    ({ section, sentence }) => held.has(section) || reading.guarded(sentence, 'stays-with-it').length > 0,
  ).length
  return counted
}

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
