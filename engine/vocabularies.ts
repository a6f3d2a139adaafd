import { type Form, inflect } from './english.ts'
import { type Chart, firstBase, type Kind, Network, type Numbering, type Span } from './network.ts'
import { type Pattern, withForm } from './phrase.ts'
import type { Place, Presence, Presences } from './presence.ts'
import { isSeries, Series } from './series.ts'
import { type Lexicon, looks, type Tokens, token } from './tokens.ts'

/** Classes of tokens that need no file because their looks decide. */
const builtIn = ['name', 'link', 'number', 'participle', 'word', 'code'] as const
type BuiltIn = (typeof builtIn)[number]
const isBuiltIn = (name: string): name is BuiltIn => (builtIn as readonly string[]).includes(name)
export const builtInVocabularies: readonly string[] = builtIn

/** More capitals in a row than this are a title or shouting. */
const longestName = 8

/** A vocabulary, or what must not follow: what it takes to find where it stands in a sentence. */
interface Findable {
  /** A class that is not seen from one token alone. */
  builtIn?: BuiltIn
  /** The entries that are more than words in a row: those are looked for in all vocabularies at once. */
  composed: Pattern[]
  /** What these step over, which must be found before. */
  needs: number[]
  /** What must not follow is tried only where it matters. */
  isNegative: boolean
  /** Made when first looked for. */
  network?: Network
  presence?: Presence
}

/** The looks from which it follows, together with its word, where a token may lead. */
const telling = looks.word | looks.number | looks.participle | looks.subordinator

/** What has been found in a sentence so far. */
class SentenceChart implements Chart {
  readonly tokens: Tokens
  readonly from: number
  readonly to: number
  /** Which numbers were sought. */
  readonly sought: Uint8Array
  private readonly vocabularies: Vocabularies
  private readonly kinds: Kind[] = []
  private readonly spans: Span[][] = []
  /** By number and position, for what was asked. */
  private readonly barred = new Map<number, boolean>()

  constructor({ tokens, from, to }: Place, vocabularies: Vocabularies, count: number) {
    this.tokens = tokens
    this.from = from
    this.to = to
    this.vocabularies = vocabularies
    this.sought = new Uint8Array(count)
    for (let at = from; at < to; at++)
      this.kinds.push(vocabularies.kindOf(tokens.ids[at] as number, tokens.looks[at] as number))
  }

  kindAt(position: number): Kind {
    return this.kinds[position - this.from] as Kind
  }

  add(vocabulary: number, from: number, to: number, base?: string): void {
    const here = this.spans[from - this.from]
    if (!here) this.spans[from - this.from] = [{ vocabulary, to, base }]
    else if (!here.some((span) => span.vocabulary === vocabulary && span.to === to)) here.push({ vocabulary, to, base })
  }

  at(position: number): readonly Span[] {
    return this.spans[position - this.from] ?? nothing
  }

  isBarred(negative: number, position: number): boolean {
    const key = negative * (this.to - this.from) + position - this.from
    let isBarred = this.barred.get(key)
    if (isBarred === undefined) {
      isBarred = this.vocabularies.beginsAt(negative, position, this)
      this.barred.set(key, isBarred)
    }
    return isBarred
  }
}
const nothing: readonly never[] = []

/** Sentences whose charts are kept, so that the rules that follow need not look again; a long document starts over. */
const chartsKept = 500

/**
 * The vocabularies that phrases step over in one move. What one word is, is known without looking; entries of
 * several words are looked for once a sentence in all vocabularies together; what is composed of other
 * vocabularies, gaps and the like, only for those who ask, and only where a word of it stands.
 */
export class Vocabularies implements Numbering {
  readonly lexicon: Lexicon
  private readonly patterns: ReadonlyMap<string, readonly Pattern[]>
  private readonly presences: Presences
  private readonly numbers = new Map<string, number>()
  private readonly findables: Findable[] = []
  private readonly learnt = new Set<string>()
  /** By the word, the vocabularies that have it as an entry. */
  private readonly byWord = new Map<number, Map<number, string>>()
  /** The numbers of the classes that one token's looks decide. */
  private readonly byLook: Array<{ look: number; vocabulary: number }> = []
  private readonly kinds = new Map<number, Kind>()
  private readonly series: Series
  private readonly charts = new Map<Place, SentenceChart>()

  /** `patterns` must hold every name that they and the phrases use, without circles. */
  constructor(lexicon: Lexicon, patterns: ReadonlyMap<string, readonly Pattern[]>, presences: Presences) {
    this.lexicon = lexicon
    this.patterns = patterns
    this.presences = presences
    this.series = new Series(lexicon)
  }

  /**
   * Has the lexicon know all words of a phrase, and numbers the vocabularies it steps over. All phrases must have
   * been learnt before the first document is read: a word that came later would be unknown in it.
   */
  learn(pattern: Pattern): void {
    switch (pattern.type) {
      case 'word': {
        const form = pattern.form === 'exact' ? 'exact' : 'any'
        const key = `${pattern.word}+${form}`
        if (this.learnt.has(key)) return
        this.learnt.add(key)
        for (const word of inflect(pattern.word, form)) this.lexicon.add(word)
        return
      }
      case 'vocabulary':
        this.numberOf(pattern.name, pattern.form)
        return
      case 'sequence':
      case 'either':
        for (const item of pattern.items) this.learn(item)
        return
      case 'not':
        this.numberOfNegative(pattern.item)
        return
      case 'optional':
        this.learn(pattern.item)
    }
  }

  numberOf(name: string, form: Form): number {
    const key = `${name}+${form}`
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    if (isBuiltIn(name)) return this.registerBuiltIn(key, name)
    const patterns = this.patterns.get(name) ?? []
    return this.register(key, form === 'any' ? patterns : patterns.map((pattern) => withForm(pattern, form)), false)
  }

  numberOfNegative(pattern: Pattern): number {
    // where in its phrase a vocabulary was written makes no difference
    const key = `!${JSON.stringify(pattern, (name, value) => (name === 'at' ? undefined : value))}`
    return this.numbers.get(key) ?? this.register(key, [pattern], true)
  }

  get kindCount(): number {
    return this.kinds.size
  }

  /** The kind of a token. */
  kindOf(id: number, look: number): Kind {
    const key = (id << 8) | (look & telling)
    const known = this.kinds.get(key)
    if (known) return known
    const lower = this.lexicon.lowerOf(id)
    const singles = new Map(this.byWord.get(id))
    if (lower !== undefined)
      for (const [vocabulary, base] of this.byWord.get(lower) ?? [])
        if (!singles.has(vocabulary)) singles.set(vocabulary, base)
    for (const one of this.byLook) if (one.look & look) singles.set(one.vocabulary, '')
    const fillsGap = (look & (looks.word | looks.subordinator)) === looks.word
    const kind = { index: this.kinds.size, id, lower, fillsGap, singles }
    this.kinds.set(key, kind)
    return kind
  }

  private registerBuiltIn(key: string, name: BuiltIn): number {
    const look = { word: looks.word, number: looks.number, participle: looks.participle, name: 0, link: 0, code: 0 }[
      name
    ]
    const number =
      this.findables.push({ builtIn: look ? undefined : name, composed: [], needs: [], isNegative: false }) - 1
    this.numbers.set(key, number)
    if (look) this.byLook.push({ look, vocabulary: number })
    return number
  }

  private register(key: string, patterns: readonly Pattern[], isNegative: boolean): number {
    const findable: Findable = { composed: [], needs: [], isNegative }
    const number = this.findables.push(findable) - 1
    this.numbers.set(key, number)
    for (const pattern of patterns) {
      this.learn(pattern)
      if (pattern.type === 'word') this.addSingle(pattern.word, pattern.form, number)
      else if (isSeries(pattern)) this.series.add(pattern, number)
      else {
        findable.composed.push(pattern)
        findable.needs.push(...this.neededBy(pattern))
      }
    }
    findable.needs = [...new Set(findable.needs)]
    return number
  }

  private addSingle(base: string, form: Form, vocabulary: number): void {
    for (const word of inflect(base, form)) {
      const id = this.lexicon.add(word)
      const known = this.byWord.get(id)
      if (!known) this.byWord.set(id, new Map([[vocabulary, base]]))
      else if (!known.has(vocabulary)) known.set(vocabulary, base)
    }
  }

  /** What a pattern steps over or must not be followed by, of what has to be looked for. */
  neededBy(pattern: Pattern): number[] {
    switch (pattern.type) {
      case 'not':
        return [this.numberOfNegative(pattern.item)].filter((number) => this.isSought(number))
      case 'vocabulary':
        return [this.numberOf(pattern.name, pattern.form)].filter((number) => this.isSought(number))
      case 'sequence':
      case 'either':
        return pattern.items.flatMap((item) => this.neededBy(item))
      case 'optional':
        return this.neededBy(pattern.item)
      default:
        return []
    }
  }

  private isSought(number: number): boolean {
    const findable = this.findables[number] as Findable
    return findable.builtIn !== undefined || findable.composed.length > 0
  }

  /** Where vocabularies stand in a sentence, the needed ones among them; `links` says whether a token is part of a link. */
  find(needed: readonly number[], place: Place, links: (at: number) => boolean): Chart {
    let chart = this.charts.get(place)
    if (!chart) {
      if (this.charts.size >= chartsKept) this.charts.clear()
      chart = new SentenceChart(place, this, this.findables.length)
      this.charts.set(place, chart)
      const { tokens, from, to } = place
      const found = chart
      for (let at = from; at < to; at++)
        this.series.readAt(tokens, at, to, (row) => found.add(row.number, at, row.to, row.base))
    }
    for (const number of needed) this.seek(number, place, chart, links)
    return chart
  }

  private seek(number: number, place: Place, chart: SentenceChart, links: (at: number) => boolean): void {
    if (chart.sought[number]) return
    chart.sought[number] = absent
    const findable = this.findables[number] as Findable
    if (findable.builtIn) {
      addBuiltIn(findable.builtIn, number, chart, links)
      return
    }
    findable.presence ??= this.presences.anyOf(findable.composed)
    if (!this.presences.isAt(findable.presence, place)) return
    chart.sought[number] = likely
    for (const need of findable.needs) this.seek(need, place, chart, links)
    if (findable.isNegative) return
    for (const { from: start, last } of this.networkOf(findable, number).matches(chart, true))
      chart.add(number, start, last.at, firstBase(last))
  }

  private networkOf(findable: Findable, number: number): Network {
    if (!findable.network) {
      findable.network = new Network(this)
      for (const pattern of findable.composed) findable.network.add(pattern, number)
    }
    return findable.network
  }

  /** Whether a vocabulary, or something that must not follow, begins at a token of a sentence in which it was sought. */
  beginsAt(number: number, position: number, chart: SentenceChart): boolean {
    return (
      chart.kindAt(position).singles.has(number) ||
      chart.at(position).some(({ vocabulary }) => vocabulary === number) ||
      (chart.sought[number] === likely &&
        this.networkOf(this.findables[number] as Findable, number).beginsAt(position, chart))
    )
  }
}

/** What a search for a vocabulary in a sentence has come to: none of it is there, or its words are. */
const absent = 1
const likely = 2

function addBuiltIn(name: BuiltIn, number: number, chart: SentenceChart, links: (at: number) => boolean): void {
  const { tokens, from, to } = chart
  for (let at = from; at < to; at++) {
    const look = tokens.looks[at] as number
    switch (name) {
      case 'code':
        if (tokens.ids[at] === token.hole && !(look & (looks.address | looks.picture))) chart.add(number, at, at + 1)
        break
      case 'link': {
        // the whole of it: a word inside is no place where a link stands
        if (look & looks.address) chart.add(number, at, at + 1)
        if (!links(at) || (at > from && links(at - 1))) break
        let end = at + 1
        while (end < to && links(end)) end++
        chart.add(number, at, end)
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
        chart.add(number, at, end)
        break
      }
    }
  }
}
