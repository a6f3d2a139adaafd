import { type Form, inflect } from './english.ts'
import { frequencyOf } from './frequency.ts'
import { type Lexicon, token } from './lexicon.ts'
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
import { type Ints, Lists, Numbers } from './numbers.ts'
import { type Pattern, withForm } from './phrase.ts'
import type { Likely } from './phrases.ts'
import { type Labels, Presence, type PresenceTables, type Stretch, type Window } from './presence.ts'
import { looks, type Tokens } from './tokens.ts'

/** A sentence: a range of tokens. What has been found out about one is known by the object. */
export interface Place {
  readonly tokens: Tokens
  readonly from: number
  readonly to: number
  /** Whether a token is part of a link; missing where there are no links. */
  isLink?: ((at: number) => boolean) | undefined
  /** What the one `Phrases` that is asked about it has found out, by the set of phrases: no other may be asked. */
  likely?: Likely[] | undefined
  /** And of which families without a set no phrase can stand here. */
  absent?: string[] | undefined
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
  name: string
  form: Form
  /** How likely it stands in a sentence, from 0 to 1. */
  likelihood: number
  /** The same for what has somebody look for it. */
  alarm: number
  /** The entries that are other vocabularies and nothing else, by their numbers in the presence. */
  whole: number[]
  /** Whether it has entries of several words. */
  isLong: boolean
  /** How many entries of its file, and of those that add to it, it has. */
  count: number
}

/** What is looked for: a pattern, and the vocabularies whose captures somebody asks for. */
interface Sought {
  readonly pattern: Pattern
  readonly wanted?: ReadonlySet<string> | undefined
}

/** The entries of vocabularies by their names. Whoever has thousands of them makes the tree of one when it is asked for. */
export interface Entries {
  get(name: string): ReadonlyArray<{ readonly pattern: Pattern }> | undefined
}

/** Everything known of vocabularies and phrases, as it was made when the program was built. */
export interface VocabularyTables {
  presence: PresenceTables
  /** The keys of labels, in their order, each on a line, in UTF-8, and how many there are. */
  labels: Uint8Array
  labelCount: number
  /** The keys of vocabularies, and what is known of each: see `restore`. */
  names: string
  vocabularies: Ints
  /** By the word, its labels; and in pairs those of vocabularies with the base form of which it is a form. */
  byWordCounts: Ints
  byWord: Ints
  basesCounts: Ints
  bases: Ints
  /** By the number in the presence: which entry of its vocabulary it is, or what `add` was told. */
  sourceOf: Ints
}

/** Where a pattern begins in the network, and the vocabularies with longer entries that it steps over. */
interface Walkable {
  root: number
  needs: readonly number[]
}

/** What tokens of a word with such looks are, and with others. */
interface Look {
  look: number
  kind: Kind
  next: Look | undefined
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
  /** The vocabularies that were sought, each once. */
  readonly sought: number[] = []
  /** What may stand in it, part by part. */
  windows: readonly Window[] = []
  private readonly vocabularies: Vocabularies
  readonly kinds: Kind[]
  /** By the position; of most sentences there are none. */
  private spans: Span[][] | undefined
  /** By number and position, for what was asked. */
  private barred: Map<number, boolean> | undefined

  constructor({ tokens, from, to }: Place, vocabularies: Vocabularies) {
    this.tokens = tokens
    this.from = from
    this.to = to
    this.vocabularies = vocabularies
    this.kinds = new Array(to - from)
    for (let at = from; at < to; at++)
      this.kinds[at - from] = vocabularies.kindOf(tokens.ids[at] as number, tokens.looks[at] as number)
  }

  kindAt(position: number): Kind {
    return this.kinds[position - this.from] as Kind
  }

  add(vocabulary: number, from: number, to: number, base?: string): void {
    this.spans ??= []
    this.spans[from - this.from] ??= []
    const here = this.spans[from - this.from] as Span[]
    if (here.some((span) => span.vocabulary === vocabulary && span.to === to)) return
    // the longest last, which the network tries first: "the Claims department" says more than "the Claims"
    const before = here.findLastIndex((span) => span.to <= to) + 1
    here.splice(before, 0, { vocabulary, to, base })
  }

  at(position: number): readonly Span[] {
    return this.spans?.[position - this.from] ?? nothing
  }

  isBarred(negative: number, position: number): boolean {
    const key = negative * (this.to - this.from) + position - this.from
    this.barred ??= new Map()
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

/** States of the network that are kept, in a thread of a run or of a server: twenty megabytes or so. */
const mostStates = 16_000

/**
 * The vocabularies that phrases step over in one move, and the classes of tokens that phrases are made of. Every
 * vocabulary, and every word in a form, is such a class: its label. What one token is, is known without looking; longer
 * entries are looked for where all their words are, and only for those who ask.
 */
export class Vocabularies implements Numbering, Labels {
  readonly lexicon: Lexicon
  private network: Network
  readonly presence: Presence
  /** How many labels there are. */
  count: number
  private readonly patterns: Entries
  /** What a number that `add` was told stands for. */
  private readonly soughtOf: (source: number) => Sought
  /** By the key of a vocabulary in a form, its label. */
  private readonly labels = new Map<string, number>()
  /** By the key of any label; made for those who add phrases. */
  private known: Map<string, number> | undefined
  /** The keys of all labels; those of the tables are told apart when first asked for. */
  private keys: string[] | undefined
  private readonly keysInTables: Uint8Array | undefined
  /** By the word or mark, the classes that it belongs to. */
  private readonly byWord: Lists
  /** By the word, pairs: the label of a vocabulary, and the word of an entry of which it is a form. */
  private readonly bases: Lists
  /** By the label of what is no vocabulary of a file, how likely it stands in a sentence, from 0 to 1. */
  private readonly likelihoods: number[] = []
  /** By the label. */
  private readonly vocabularies: Array<Vocabulary | undefined> = []
  /** By the number in the presence: which entry of its vocabulary it is, or what `add` was told. */
  private readonly sourceOf: Numbers
  /** By the same number, where it begins in the network, made when first asked for. */
  private readonly walkable: Array<Walkable | undefined> = []
  private readonly negatives = new Map<string, number>()
  private readonly walkableNegatives: Array<{ pattern: Pattern; walkable?: Walkable | undefined }> = []
  private readonly lookLabels: Array<{ look: number; label: number }> = []
  private readonly chartLabels: Array<{ name: 'name' | 'link' | 'code'; label: number }> = []
  /** By the word, what tokens of it are, by their looks: mostly one. */
  private readonly kinds: Array<Look | undefined> = []
  private readonly joints: ReadonlySet<number>
  private readonly charts = new Map<Place, SentenceChart>()

  /**
   * @param lexicon that of the tables, where there are any
   * @param patterns must hold every name that they and the phrases use, without circles
   * @param soughtOf what is looked for, by the number that `add` was told
   * @param tables what it begins with; what `patterns` hold beyond that must be told by `extend`
   */
  constructor(lexicon: Lexicon, patterns: Entries, soughtOf: (source: number) => Sought, tables?: VocabularyTables) {
    this.lexicon = lexicon
    this.patterns = patterns
    this.soughtOf = soughtOf
    this.network = new Network(this)
    this.presence = new Presence(this, tables?.presence)
    this.joints = new Set(joints.map((word) => this.lexicon.add(word)))
    this.byWord = new Lists(tables?.byWordCounts, tables?.byWord)
    this.bases = new Lists(tables?.basesCounts, tables?.bases)
    this.sourceOf = new Numbers(tables?.sourceOf)
    this.keysInTables = tables?.labels
    this.count = tables?.labelCount ?? 0
    if (tables) this.restore(tables)
    else this.presence.addGroup()
  }

  private restore({ names, vocabularies }: VocabularyTables): void {
    let at = 0
    const next = (): number => vocabularies[at++] as number
    for (const key of names.split('\n')) {
      const [name = '', form] = key.slice(1).split('+') as [string, Form]
      const label = next()
      this.labels.set(key, label)
      if (isBuiltIn(name)) {
        this.addBuiltIn(name, label)
        continue
      }
      const vocabulary: Vocabulary = {
        ...{ name, form, whole: [] },
        ...{ likelihood: next() / million, alarm: next() / million, isLong: next() === 1, count: next() },
      }
      this.vocabularies[label] = vocabulary
      for (let count = next(); count > 0; count--) vocabulary.whole.push(next())
    }
  }

  /** What the constructor takes. */
  toTables(): VocabularyTables {
    const vocabularies = new Numbers()
    for (const label of this.labels.values()) {
      vocabularies.push(label)
      const known = this.vocabularies[label]
      if (!known) continue
      vocabularies.push(Math.round(known.likelihood * million))
      vocabularies.push(Math.round(known.alarm * million))
      vocabularies.push(known.isLong ? 1 : 0)
      vocabularies.push(known.count)
      vocabularies.push(known.whole.length)
      for (const number of known.whole) vocabularies.push(number)
    }
    const byWord = this.byWord.toArrays()
    const bases = this.bases.toArrays()
    return {
      presence: this.presence.toTables(),
      labels: new TextEncoder().encode(this.keysOfLabels().join('\n')),
      labelCount: this.count,
      names: [...this.labels.keys()].join('\n'),
      vocabularies: vocabularies.toArray(),
      byWordCounts: byWord.counts,
      byWord: byWord.numbers,
      basesCounts: bases.counts,
      bases: bases.numbers,
      sourceOf: this.sourceOf.toArray(),
    }
  }

  /**
   * Adds a phrase to a group of the presence, or to none: its number there.
   *
   * @param source what `soughtOf` knows it by
   */
  add(group: number | undefined, pattern: Pattern, source: number): number {
    return this.addTo(group, pattern, source, -1)
  }

  /** The numbers of all phrases that were added, each with what `add` was told. */
  *added(): Iterable<readonly [number: number, source: number]> {
    for (let number = 0; number < this.sourceOf.length; number++)
      if (!this.presence.isEntry(number)) yield [number, this.sourceAt(number)]
  }

  /** What `add` was told of the phrase with a number in the presence. */
  sourceAt(number: number): number {
    return this.sourceOf.data[number] as number
  }

  private addTo(group: number | undefined, pattern: Pattern, source: number, entryOf: number): number {
    // entries of vocabularies that were not known yet are added meanwhile, and have their numbers before it
    this.learn(pattern)
    const number = this.presence.add(group, pattern, entryOf)
    this.sourceOf.push(source)
    return number
  }

  /** Has a vocabulary know the entries that it has got since, in all forms that phrases ask for. */
  extend(name: string): void {
    for (const [label, vocabulary] of [...this.vocabularies.entries()])
      if (vocabulary?.name === name) this.addEntries(label, vocabulary)
  }

  private addEntries(label: number, vocabulary: Vocabulary): void {
    const entries = this.patterns.get(vocabulary.name) ?? []
    while (vocabulary.count < entries.length) {
      const index = vocabulary.count++
      this.addEntry(label, vocabulary, (entries[index] as { pattern: Pattern }).pattern, index)
    }
  }

  private keysOfLabels(): string[] {
    this.keys ??= this.keysInTables ? new TextDecoder().decode(this.keysInTables).split('\n') : []
    return this.keys
  }

  private knownLabels(): Map<string, number> {
    this.known ??= new Map(this.keysOfLabels().map((key, label) => [key, label]))
    return this.known
  }

  private newLabel(key: string): number {
    const label = this.count++
    this.knownLabels().set(key, label)
    this.keysOfLabels().push(key)
    return label
  }

  labelOf(pattern: Pattern & { type: 'word' | 'vocabulary' | 'punctuation' }): number {
    if (pattern.type === 'word') return this.labelOfWord(pattern)
    return pattern.type === 'vocabulary' ? this.numberOf(pattern.name, pattern.form) : this.labelOfMark(pattern.mark)
  }

  likelihoodOf(label: number): number {
    const known = this.vocabularies[label]?.likelihood ?? this.likelihoods[label]
    if (known !== undefined) return known
    // one of the tables
    const [word = '', form] = (this.keysOfLabels()[label] as string).split('+') as [string, Form | undefined]
    const likelihood = form ? likelihoodOfWord(word, form) : likelihoodOfMark
    this.likelihoods[label] = likelihood
    return likelihood
  }

  alarmOf(label: number): number {
    return this.vocabularies[label]?.alarm ?? this.likelihoodOf(label)
  }

  isLong(label: number): boolean {
    return this.vocabularies[label]?.isLong ?? false
  }

  isFixed(label: number): boolean {
    return this.vocabularies[label] === undefined
  }

  private labelOfWord({ word, form }: { word: string; form: Form }): number {
    const key = `${word}+${form}`
    const known = this.knownLabels().get(key)
    if (known !== undefined) return known
    const label = this.newLabel(key)
    this.likelihoods[label] = likelihoodOfWord(word, form)
    for (const one of inflect(word, form)) this.byWord.add(this.lexicon.add(one), label)
    return label
  }

  private labelOfMark(mark: ',' | ';' | ':' | '–'): number {
    const known = this.knownLabels().get(mark)
    if (known !== undefined) return known
    const label = this.newLabel(mark)
    this.likelihoods[label] = likelihoodOfMark
    this.byWord.add({ ',': token.comma, ';': token.semicolon, ':': token.colon, '–': token.dash }[mark], label)
    return label
  }

  numberOf(name: string, form: Form): number {
    const key = `$${name}+${form}`
    const known = this.labels.get(key)
    if (known !== undefined) return known
    const label = this.newLabel(key)
    this.labels.set(key, label)
    if (isBuiltIn(name)) this.addBuiltIn(name, label)
    else {
      const vocabulary = { name, form, likelihood: 0, alarm: 0, whole: [], isLong: false, count: 0 }
      this.vocabularies[label] = vocabulary
      this.addEntries(label, vocabulary)
    }
    return label
  }

  private addBuiltIn(name: BuiltIn, label: number): void {
    this.likelihoods[label] = name === 'word' ? 1 : 0.2
    if (name === 'word' || name === 'number' || name === 'participle')
      this.lookLabels.push({ look: byLook[name], label })
    else this.chartLabels.push({ name, label })
  }

  private addEntry(label: number, vocabulary: Vocabulary, entry: Pattern, index: number): void {
    const pattern = vocabulary.form === 'any' ? entry : withForm(entry, vocabulary.form)
    const words = wordsOf(pattern)
    if (words) {
      for (const { word, form } of words)
        for (const one of inflect(word, form)) {
          this.addWord(this.lexicon.add(one), label, word)
          vocabulary.likelihood = either(vocabulary.likelihood, frequencyOf(one) / 1000)
          vocabulary.alarm = either(vocabulary.alarm, frequencyOf(one) / 1000)
        }
      return
    }
    const number = this.addTo(0, pattern, index, label)
    vocabulary.isLong = true
    if (pattern.type === 'vocabulary') vocabulary.whole.push(number)
    const { likelihood, alarm } = this.presence.likelihoodOfPhrase(pattern)
    vocabulary.likelihood = either(vocabulary.likelihood, likelihood)
    vocabulary.alarm = either(vocabulary.alarm, alarm)
  }

  /** Has a word belong to a vocabulary, as a form of a word of its entries. */
  private addWord(id: number, label: number, base: string): void {
    if (this.byWord.has(id, label)) return
    this.byWord.add(id, label)
    this.bases.addPair(id, label, this.lexicon.add(base))
  }

  /** Has the lexicon know all words of a phrase, also of what must not follow, before the first document is read. */
  private learn(pattern: Pattern): void {
    switch (pattern.type) {
      case 'word':
      case 'vocabulary':
      case 'punctuation':
        this.labelOf(pattern)
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
    for (let one = this.kinds[id]; one; one = one.next) if (one.look === (look & telling)) return one.kind
    const lower = this.lexicon.lowerOf(id)
    const labels = new Set<number>()
    const { begins, numbers } = this.byWord.all
    for (const one of lower === undefined ? [id] : [id, lower]) {
      const end = begins[one + 1] as number
      for (let at = begins[one] as number; at < end; at++) labels.add(numbers[at] as number)
    }
    for (const one of this.lookLabels) if (one.look & look) labels.add(one.label)
    const fillsGap = (look & (looks.word | looks.subordinator)) === looks.word
    const parts = !(look & looks.word) || !!(look & looks.subordinator) || this.joints.has(id)
    const kind = { id, lower, fillsGap, parts, labels: [...labels], set: labels }
    this.kinds[id] = { look: look & telling, kind, next: this.kinds[id] }
    return kind
  }

  baseOf(vocabulary: number, { id, lower }: Kind): string | undefined {
    const { begins, numbers } = this.bases.all
    for (const one of lower === undefined ? [id] : [id, lower]) {
      const end = begins[one + 1] as number
      for (let at = begins[one] as number; at < end; at += 2)
        if (numbers[at] === vocabulary) return this.lexicon.wordOf(numbers[at + 1] as number)
    }
    return undefined
  }

  /** The vocabularies that a pattern steps over and in which more than single words stand. */
  neededBy(pattern: Pattern): number[] {
    switch (pattern.type) {
      case 'not':
        return this.neededBy(pattern.item)
      case 'vocabulary': {
        const label = this.numberOf(pattern.name, pattern.form)
        return this.isLong(label) ? [label] : []
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
    if (this.network.size > mostStates) this.forget()
    const chart = new SentenceChart(place, this)
    this.charts.set(place, chart)
    const stretches: Stretch[] = []
    const builtIns = builtInsIn(chart, place)
    for (const { name, label } of this.chartLabels)
      if (builtIns[name])
        findBuiltIn(name, chart, place, (from, to) => {
          chart.add(label, from, to)
          stretches.push({ label, from: from - chart.from, to: to - chart.from })
        })
    chart.windows = this.presence.windowsOf(chart.kinds.length, stretches, longestMatch)
    return chart
  }

  /** Forgets how phrases are walked; those that are met again are made anew, and hardly any is met in each document. */
  private forget(): void {
    this.network = new Network(this)
    this.walkable.length = 0
    for (const negative of this.walkableNegatives) negative.walkable = undefined
  }

  /** The phrases of a group that may stand in a window of a sentence: their numbers in the presence. */
  phrasesIn(chart: SentenceChart, window: number, group: number): number[] {
    return this.presence.phrasesIn(chart.windows[window] as Window, chart.kinds, group)
  }

  /** Of some phrases those that may stand in a sentence: in each window their numbers. */
  standingAt(chart: SentenceChart, numbers: readonly number[]): number[][] {
    return chart.windows.map((window) => this.presence.standingIn(window, chart.kinds, numbers))
  }

  /** Where a phrase stands in a window of a sentence, by its number in the presence. */
  matches(number: number, window: Window, chart: SentenceChart): readonly Found[] {
    this.walkable[number] ??= this.walkableOf(this.soughtOf(this.sourceAt(number)))
    return this.walk(this.walkable[number], window, chart, false)
  }

  private walk(
    { root, needs }: Walkable,
    { from, to }: Window,
    chart: SentenceChart,
    every: boolean,
  ): readonly Found[] {
    this.seek(needs, chart)
    return this.network.matches(root, chart, chart.from + from, chart.from + to, every)
  }

  private walkableOf({ pattern, wanted }: Sought): Walkable {
    return { root: this.network.add(pattern, wanted), needs: [...new Set(this.neededBy(pattern))] }
  }

  /** An entry of a vocabulary as it is walked. */
  private entryOf({ name, form }: Vocabulary, number: number): Walkable {
    const known = this.walkable[number]
    if (known) return known
    const entries = this.patterns.get(name) ?? []
    const { pattern } = entries[this.sourceAt(number)] as { pattern: Pattern }
    const walkable = this.walkableOf({ pattern: form === 'any' ? pattern : withForm(pattern, form) })
    this.walkable[number] = walkable
    return walkable
  }

  /** Finds where the needed vocabularies stand. */
  private seek(needed: readonly number[], chart: SentenceChart): void {
    for (const label of needed) {
      if (chart.sought.includes(label)) continue
      chart.sought.push(label)
      const vocabulary = this.vocabularies[label] as Vocabulary
      for (const window of chart.windows) {
        const standing = this.presence.entriesIn(window, chart.kinds, label)
        if (vocabulary.whole.length + standing.length === 0) continue
        // a copy, since other windows are looked at meanwhile
        for (const number of [...vocabulary.whole, ...standing].sort((a, b) => a - b))
          for (const { from, last } of this.walk(this.entryOf(vocabulary, number), window, chart, true))
            chart.add(label, from, last.at, firstBase(last))
      }
    }
  }

  /** Whether something that must not follow begins at a token. */
  isBarred(negative: number, position: number, chart: SentenceChart): boolean {
    const known = this.walkableNegatives[negative] as { pattern: Pattern; walkable?: Walkable | undefined }
    known.walkable ??= this.walkableOf(known)
    return this.network.matchesAt(known.walkable.root, position, chart, true).length > 0
  }
}

/** Of likelihoods in tables. */
const million = 1_000_000
const likelihoodOfMark = 0.3
const likelihoodOfWord = (word: string, form: Form): number => {
  let likelihood = 0
  for (const one of inflect(word, form)) likelihood = either(likelihood, frequencyOf(one) / 1000)
  return likelihood
}

/** Which classes stand somewhere in a sentence, of those that more than the looks of a token decide. */
function builtInsIn({ tokens, from, to }: SentenceChart, { isLink }: Place): Record<'name' | 'link' | 'code', boolean> {
  let all = 0
  let code = false
  for (let at = from; at < to; at++) {
    all |= tokens.looks[at] as number
    if (tokens.ids[at] === token.hole) code = true
  }
  return { name: (all & looks.capital) !== 0, link: isLink !== undefined || (all & looks.address) !== 0, code }
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
