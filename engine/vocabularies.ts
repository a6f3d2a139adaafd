import { type Form, inflect } from './english.ts'
import { frequencyOf } from './frequency.ts'
import {
  type Chart,
  type Found,
  firstBase,
  type Kind,
  longestMatch,
  Network,
  type Numbering,
  type Span,
} from './network.ts'
import { type Pattern, withForm } from './phrase.ts'
import type { Likely } from './phrases.ts'
import { type Labels, Presence, type Window } from './presence.ts'
import { type Lexicon, looks, type Tokens, token } from './tokens.ts'

/** A sentence: a range of tokens. What has been found out about one is known by the object. */
export interface Place {
  readonly tokens: Tokens
  readonly from: number
  readonly to: number
  /** Whether a token is part of a link; missing where there are no links. */
  isLink?: ((at: number) => boolean) | undefined
  /** What the one `Phrases` that is asked about it has found out, by the set of phrases: no other may be asked. */
  likely?: Likely[]
}

/** Classes of tokens that need no file because their looks decide. */
const builtIn = ['name', 'link', 'number', 'participle', 'word', 'code'] as const
type BuiltIn = (typeof builtIn)[number]
const isBuiltIn = (name: string): name is BuiltIn => (builtIn as readonly string[]).includes(name)
/** Their names, which no file may have. */
export const builtInVocabularies: readonly string[] = builtIn

/** More capitals in a row than this are a title or shouting. */
const longestName = 8

/** A vocabulary in one form. */
interface Vocabulary {
  /** Its entries, all in the form. */
  entries: readonly Pattern[]
  /** How likely it stands in a sentence, from 0 to 1. */
  likelihood: number
  /** The entries that are other vocabularies and nothing else, by their numbers in the presence. */
  whole: number[]
  /** 0 for single words; above those of all that its longer entries are made of. */
  level: number
  /** By the kind of token, the base form of the entry that it is. */
  bases: Map<number, string | undefined>
}

/** A pattern that can be looked for. */
interface Added {
  pattern: Pattern
  /** The vocabularies whose captures somebody asks for. */
  wanted?: ReadonlySet<string> | undefined
  walkable?: Walkable
}

/** Where a pattern begins in the network, and the vocabularies with longer entries that it steps over. */
interface Walkable {
  root: number
  needs: readonly number[]
}

/** Words that join two clauses, so that one ends before and another begins after them. */
const joints = ['and', 'or', 'but', 'then', 'so', 'please']

/** The looks from which it follows, together with its word, where a token may lead. */
const telling = looks.word | looks.number | looks.participle | looks.subordinator

/** The classes that one token's looks decide. */
const byLook = { word: looks.word, number: looks.number, participle: looks.participle } as const

/** What has been found in a sentence so far. */
export class SentenceChart implements Chart {
  readonly tokens: Tokens
  readonly from: number
  readonly to: number
  /** The vocabularies that were sought. */
  readonly sought = new Set<number>()
  /** What may stand in it, part by part. */
  windows: readonly Window[] = []
  private readonly vocabularies: Vocabularies
  readonly kinds: Kind[] = []
  private readonly spans: Span[][] = []
  /** By number and position, for what was asked. */
  private readonly barred = new Map<number, boolean>()

  constructor({ tokens, from, to }: Place, vocabularies: Vocabularies) {
    this.tokens = tokens
    this.from = from
    this.to = to
    this.vocabularies = vocabularies
    for (let at = from; at < to; at++)
      this.kinds.push(vocabularies.kindOf(tokens.ids[at] as number, tokens.looks[at] as number))
  }

  kindAt(position: number): Kind {
    return this.kinds[position - this.from] as Kind
  }

  add(vocabulary: number, from: number, to: number, base?: string): void {
    this.spans[from - this.from] ??= []
    const here = this.spans[from - this.from] as Span[]
    if (here.some((span) => span.vocabulary === vocabulary && span.to === to)) return
    // the longest last, which the network tries first: "the Claims department" says more than "the Claims"
    const before = here.findLastIndex((span) => span.to <= to) + 1
    here.splice(before, 0, { vocabulary, to, base })
  }

  at(position: number): readonly Span[] {
    return this.spans[position - this.from] ?? nothing
  }

  isBarred(negative: number, position: number): boolean {
    const key = negative * (this.to - this.from) + position - this.from
    let isBarred = this.barred.get(key)
    if (isBarred === undefined) {
      isBarred = this.vocabularies.isBarred(negative, position, this)
      this.barred.set(key, isBarred)
    }
    return isBarred
  }
}
const nothing: readonly never[] = []

/** The likelihood of one of two things that have nothing to do with each other. */
const either = (one: number, other: number): number => 1 - (1 - one) * (1 - other)

/** The words of an entry that is one word, or one of several; none of longer ones. */
function wordsOf(entry: Pattern): ReadonlyArray<Pattern & { type: 'word' }> | undefined {
  if (entry.type === 'word') return [entry]
  if (entry.type !== 'either') return undefined
  const words = entry.items.flatMap((item) => wordsOf(item) ?? [])
  return entry.items.every((item) => wordsOf(item)) ? words : undefined
}

/** Sentences whose charts are kept, so that the rules that follow need not look again; a long document starts over. */
const chartsKept = 500

/**
 * The vocabularies that phrases step over in one move, and the classes of tokens that phrases are made of. Every
 * vocabulary, and every word in a form, is such a class: its label. What one token is, is known without looking; longer
 * entries are looked for where all their words are, and only for those who ask.
 */
export class Vocabularies implements Numbering, Labels {
  readonly lexicon: Lexicon
  readonly network: Network
  readonly presence: Presence
  private readonly patterns: ReadonlyMap<string, readonly Pattern[]>
  private readonly labels = new Map<string, number>()
  /** By the word or mark, the classes that it belongs to. */
  private readonly byWord: Array<number[] | undefined> = []
  /** By the label, how likely its words stand in a sentence, from 0 to 1. */
  private readonly likelihoods: number[] = []
  /** By the label. */
  private readonly vocabularies: Array<Vocabulary | undefined> = []
  /** Patterns by their number in the presence, and where they begin in the network, made when first asked for. */
  private readonly added: Added[] = []
  private readonly negatives = new Map<string, number>()
  private readonly walkableNegatives: Added[] = []
  private readonly lookLabels: Array<{ look: number; label: number }> = []
  private readonly chartLabels: Array<{ name: BuiltIn; label: number }> = []
  private readonly kinds = new Map<number, Kind>()
  private readonly joints: ReadonlySet<number>
  private readonly charts = new Map<Place, SentenceChart>()

  /** `patterns` must hold every name that they and the phrases use, without circles. */
  constructor(lexicon: Lexicon, patterns: ReadonlyMap<string, readonly Pattern[]>) {
    this.lexicon = lexicon
    this.patterns = patterns
    this.network = new Network(this)
    this.presence = new Presence(this)
    this.joints = new Set(joints.map((word) => lexicon.add(word)))
    this.presence.addGroup()
  }

  /**
   * Adds a phrase to a group of the presence: its number there. Of two vocabularies that hold the same words the `wanted`
   * one is captured.
   */
  add(
    group: number,
    pattern: Pattern,
    { entryOf, wanted }: { entryOf?: number; wanted?: ReadonlySet<string> },
  ): number {
    this.learn(pattern)
    const number = this.presence.add(group, pattern, entryOf)
    this.added[number] = { pattern, wanted }
    return number
  }

  private newLabel(key: string): number {
    const label = this.labels.size
    this.labels.set(key, label)
    this.likelihoods.push(0)
    return label
  }

  /** Has a word, or a mark, belong to a class. */
  private mark(id: number, label: number): void {
    const known = this.byWord[id]
    if (!known) this.byWord[id] = [label]
    else if (known.at(-1) !== label) known.push(label)
  }

  labelOf(pattern: Pattern & { type: 'word' | 'vocabulary' | 'punctuation' }): number {
    if (pattern.type === 'word') return this.labelOfWord(pattern)
    return pattern.type === 'vocabulary' ? this.numberOf(pattern.name, pattern.form) : this.labelOfMark(pattern.mark)
  }

  likelihoodOf(label: number): number {
    return this.vocabularies[label]?.likelihood ?? (this.likelihoods[label] as number)
  }

  levelOf(label: number): number {
    return this.vocabularies[label]?.level ?? 0
  }

  private labelOfWord({ word, form }: { word: string; form: Form }): number {
    const key = `${word}+${form}`
    const known = this.labels.get(key)
    if (known !== undefined) return known
    const label = this.newLabel(key)
    for (const one of inflect(word, form)) {
      this.mark(this.lexicon.add(one), label)
      this.likelihoods[label] = either(this.likelihoods[label] as number, frequencyOf(one) / 1000)
    }
    return label
  }

  private labelOfMark(mark: ',' | ';' | ':' | '–'): number {
    const known = this.labels.get(mark)
    if (known !== undefined) return known
    const label = this.newLabel(mark)
    this.likelihoods[label] = 0.3
    this.mark({ ',': token.comma, ';': token.semicolon, ':': token.colon, '–': token.dash }[mark], label)
    return label
  }

  numberOf(name: string, form: Form): number {
    const key = `$${name}+${form}`
    const known = this.labels.get(key)
    if (known !== undefined) return known
    const label = this.newLabel(key)
    if (isBuiltIn(name)) {
      this.likelihoods[label] = name === 'word' ? 1 : 0.2
      if (name === 'word' || name === 'number' || name === 'participle')
        this.lookLabels.push({ look: byLook[name], label })
      else this.chartLabels.push({ name, label })
      return label
    }
    const patterns = this.patterns.get(name) ?? []
    const entries = form === 'any' ? patterns : patterns.map((pattern) => withForm(pattern, form))
    const vocabulary: Vocabulary = { entries, likelihood: 0, whole: [], level: 0, bases: new Map() }
    this.vocabularies[label] = vocabulary
    for (const pattern of entries) {
      const words = wordsOf(pattern)
      if (words) {
        for (const { word, form: own } of words)
          for (const one of inflect(word, own)) {
            this.mark(this.lexicon.add(one), label)
            vocabulary.likelihood = either(vocabulary.likelihood, frequencyOf(one) / 1000)
          }
        continue
      }
      const number = this.add(0, pattern, { entryOf: label })
      if (pattern.type === 'vocabulary') vocabulary.whole.push(number)
      vocabulary.likelihood = either(vocabulary.likelihood, this.presence.likelihoodOfPhrase(pattern))
      vocabulary.level = Math.max(vocabulary.level, 1 + this.highestIn(pattern))
    }
    return label
  }

  /** The highest level of what a pattern is made of. */
  private highestIn(pattern: Pattern): number {
    switch (pattern.type) {
      case 'vocabulary':
        return this.levelOf(this.numberOf(pattern.name, pattern.form))
      case 'sequence':
      case 'either':
        return Math.max(0, ...pattern.items.map((item) => this.highestIn(item)))
      case 'not':
      case 'optional':
        return this.highestIn(pattern.item)
      default:
        return 0
    }
  }

  /** Has the lexicon know all words of a phrase, also of what must not follow, before the first document is read. */
  private learn(pattern: Pattern): void {
    switch (pattern.type) {
      case 'word':
        this.labelOfWord(pattern)
        return
      case 'vocabulary':
        this.numberOf(pattern.name, pattern.form)
        return
      case 'punctuation':
        this.labelOfMark(pattern.mark)
        return
      case 'sequence':
      case 'either':
        for (const item of pattern.items) this.learn(item)
        return
      case 'not':
      case 'optional':
        this.learn(pattern.item)
    }
  }

  numberOfNegative(pattern: Pattern): number {
    // where in its phrase a vocabulary was written makes no difference
    const key = JSON.stringify(pattern, (name, value) => (name === 'at' ? undefined : value))
    const known = this.negatives.get(key)
    if (known !== undefined) return known
    const number = this.walkableNegatives.push({ pattern }) - 1
    this.negatives.set(key, number)
    return number
  }

  /** The kind of a token. */
  kindOf(id: number, look: number): Kind {
    const key = (id << 8) | (look & telling)
    const known = this.kinds.get(key)
    if (known) return known
    const lower = this.lexicon.lowerOf(id)
    const labels = new Set(this.byWord[id])
    if (lower !== undefined) for (const label of this.byWord[lower] ?? []) labels.add(label)
    for (const one of this.lookLabels) if (one.look & look) labels.add(one.label)
    const fillsGap = (look & (looks.word | looks.subordinator)) === looks.word
    const parts = !(look & looks.word) || !!(look & looks.subordinator) || this.joints.has(id)
    const kind = { index: this.kinds.size, id, lower, fillsGap, parts, labels: [...labels], set: labels }
    this.kinds.set(key, kind)
    return kind
  }

  baseOf(vocabulary: number, { index, id, lower }: Kind): string | undefined {
    const known = this.vocabularies[vocabulary]
    if (!known) return undefined
    const { bases, entries } = known
    if (bases.has(index)) return bases.get(index)
    let base: string | undefined
    for (const one of lower === undefined ? [id] : [id, lower])
      for (const entry of entries) base ??= wordsOf(entry)?.find((word) => this.has(word, one))?.word
    bases.set(index, base)
    return base
  }

  private has({ word, form }: { word: string; form: Form }, id: number): boolean {
    for (const one of inflect(word, form)) if (this.lexicon.get(one) === id) return true
    return false
  }

  /** The vocabularies that a pattern steps over and in which more than single words stand. */
  neededBy(pattern: Pattern): number[] {
    switch (pattern.type) {
      case 'not':
        return this.neededBy(pattern.item)
      case 'vocabulary': {
        const label = this.numberOf(pattern.name, pattern.form)
        return this.levelOf(label) > 0 ? [label] : []
      }
      case 'sequence':
      case 'either':
        return pattern.items.flatMap((item) => this.neededBy(item))
      case 'optional':
        return this.neededBy(pattern.item)
      default:
        return []
    }
  }

  /** What is known of a sentence. */
  chartOf(place: Place): SentenceChart {
    const known = this.charts.get(place)
    if (known) return known
    if (this.charts.size >= chartsKept) this.charts.clear()
    const chart = new SentenceChart(place, this)
    this.charts.set(place, chart)
    const spans: Array<{ label: number; from: number; to: number }> = []
    for (const { name, label } of this.chartLabels)
      findBuiltIn(name, chart, place, (from, to) => {
        chart.add(label, from, to)
        spans.push({ label, from: from - chart.from, to: to - chart.from })
      })
    chart.windows = this.presence.windowsOf(chart.kinds, spans, longestMatch)
    return chart
  }

  /** The phrases of a group that may stand in a sentence: in each window their numbers in the presence. */
  phrasesIn(chart: SentenceChart, group: number): number[][] {
    return chart.windows.map((window) => this.presence.phrasesIn(window, chart.kinds, group))
  }

  /** Where a phrase stands in a window of a sentence, by its number in the presence. */
  matches(number: number, { from, to }: Window, chart: SentenceChart, every = false): Found[] {
    const added = this.added[number] as Added
    added.walkable ??= this.walkableOf(added)
    this.seek(added.walkable.needs, chart)
    return this.network.matches(added.walkable.root, chart, chart.from + from, chart.from + to, every)
  }

  private walkableOf({ pattern, wanted }: Added): Walkable {
    return { root: this.network.add(pattern, wanted), needs: [...new Set(this.neededBy(pattern))] }
  }

  /** Finds where the needed vocabularies stand. */
  private seek(needed: readonly number[], chart: SentenceChart): void {
    for (const label of needed) {
      if (chart.sought.has(label)) continue
      chart.sought.add(label)
      const whole = this.vocabularies[label]?.whole ?? []
      for (const window of chart.windows)
        for (const number of [...whole, ...(window.entries.get(label) ?? [])].sort((a, b) => a - b))
          for (const { from, last } of this.matches(number, window, chart, true))
            chart.add(label, from, last.at, firstBase(last))
    }
  }

  /** Whether something that must not follow begins at a token. */
  isBarred(negative: number, position: number, chart: SentenceChart): boolean {
    const known = this.walkableNegatives[negative] as Added
    known.walkable ??= this.walkableOf(known)
    return this.network.matchesAt(known.walkable.root, position, chart, true).length > 0
  }
}

function findBuiltIn(name: BuiltIn, chart: SentenceChart, place: Place, add: (from: number, to: number) => void): void {
  const { tokens, from, to } = chart
  const isLink = name === 'link' ? place.isLink : undefined
  for (let at = from; at < to; at++) {
    const look = tokens.looks[at] as number
    switch (name) {
      case 'code':
        if (tokens.ids[at] === token.hole && !(look & (looks.address | looks.picture))) add(at, at + 1)
        break
      case 'link': {
        // the whole of it: a word inside is no place where a link stands
        if (look & looks.address) add(at, at + 1)
        if (!isLink?.(at) || (at > from && isLink(at - 1))) break
        let end = at + 1
        while (end < to && isLink(end)) end++
        add(at, end)
        break
      }
      case 'name': {
        // a run of capitalised words; at the start of a sentence one capital proves nothing
        const isCapital = (position: number): boolean => ((tokens.looks[position] as number) & looks.capital) !== 0
        if (!isCapital(at) || tokens.end[at] === (tokens.start[at] as number) + 1) break
        if (at > from && isCapital(at - 1) && !((tokens.looks[at - 1] as number) & looks.first)) break
        let end = at + 1
        while (end < to && end < at + longestName && isCapital(end)) end++
        if (look & looks.first && end === at + 1) break
        add(at, end)
        break
      }
    }
  }
}
