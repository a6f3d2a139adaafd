import { type Form, inflect } from './english.ts'
import { type Pattern, vocabulariesOf, withForm } from './phrase.ts'
import { type Place, type Presence, Presences, wordsAt } from './presence.ts'
import { type Lexicon, looks, type Tokens, token } from './tokens.ts'

/** A stretch of a match that a rewrite can carry over: token positions, the end exclusive. */
export interface Capture {
  /** The vocabulary's name, or `…` for a gap. */
  name: string
  from: number
  to: number
  /** The base form of a vocabulary entry's first word: "send" for "sent off". */
  base?: string
}

/** One place where a phrase stands: token positions, the end exclusive. */
export interface Match {
  /** The number under which the phrase was added. */
  phrase: number
  from: number
  to: number
  captures: Capture[]
  /** The base words of the pattern at the matched tokens, by token position. */
  bases: Map<number, string>
}

/** Classes of tokens that need no file because their looks decide. */
const builtIn = ['name', 'link', 'number', 'participle', 'word', 'code'] as const
type BuiltIn = (typeof builtIn)[number]
export const isBuiltIn = (name: string): name is BuiltIn => (builtIn as readonly string[]).includes(name)
export const builtInVocabularies: readonly string[] = builtIn

/** More capitals in a row than this are a title or shouting. */
const longestName = 8

/** A match longer than this is no phrase any more; it also bounds the work at one token. */
const longestMatch = 48

interface State {
  words: Map<number, Array<{ to: number; base: string }>>
  /** Jumps over a span of a vocabulary or built-in class that begins here. */
  spans: Array<{ chart: number; name: string; to: number }>
  /** One word of a gap. */
  gap: number[]
  free: Array<{ to: number; capture?: string; unless?: number; at?: 'clauseStart' | 'clauseEnd' }>
  punctuation: Array<{ id: number; to: number }>
  accepts: number[]
  /** Where an equal next step already leads, so that phrases share their beginnings. */
  known: Map<string, number>
}

/** What must hold at a token for a step to be allowed. */
type Demand = { unless: number } | { at: 'clauseStart' | 'clauseEnd' }

/** A step to another state, with what lies on the way there without a token: demands, and gaps that begin. */
interface Route {
  to: number
  base?: string
  /** The vocabulary stepped over. */
  name?: string
  gaps: number
  demands: readonly Demand[]
}

/** A state with all that can be reached from it without a token, indexed by the next token. */
interface Junction {
  words: Map<number, Route[]>
  spans: Map<number, Route[]>
  /** Where in the phrases a vocabulary is named, compared with the others. */
  rank(chart: number): number
  punctuation: Map<number, Route[]>
  gap: Route[]
  accepts: Array<{ phrase: number; demands: readonly Demand[] }>
}

/** A step that was taken; following `before` back gives the captures. */
interface Step {
  state: number
  at: number
  before?: Step
  route?: Route
  /** The base form of the vocabulary's first word. */
  base?: string
}

/** A phrase that stands at a place, with the last of the steps that lead through it. */
interface Found {
  phrase: number
  from: number
  last: Step
}

const newState = (): State => ({
  words: new Map(),
  spans: [],
  gap: [],
  free: [],
  punctuation: [],
  accepts: [],
  known: new Map(),
})

/** Where one vocabulary stands: its chart number, the token position behind it, its first word's base form. */
interface Span {
  chart: number
  to: number
  base?: string
}

/** The vocabularies found in a sentence, by the token position where they begin. */
class Chart {
  private readonly spans: Span[][] = []

  add(chart: number, from: number, to: number, base?: string): void {
    const here = this.spans[from]
    if (!here) this.spans[from] = [{ chart, to, base }]
    else if (!here.some((span) => span.chart === chart && span.to === to)) here.push({ chart, to, base })
  }

  at(from: number): readonly Span[] {
    return this.spans[from] ?? nothing
  }

  has(chart: number, from: number): boolean {
    return this.at(from).some((span) => span.chart === chart)
  }
}
const nothing: readonly never[] = []

/** One set of phrases merged at their common beginnings, matched from every token in one walk. */
class Network {
  private readonly states: State[] = [newState()]
  private readonly lexicon: Lexicon
  private readonly vocabularies: Vocabularies
  private readonly joints: Set<number>
  /** Made when a state is first reached; few of them ever are. */
  private readonly junctions: Junction[] = []

  constructor(vocabularies: Vocabularies) {
    this.lexicon = vocabularies.lexicon
    this.vocabularies = vocabularies
    this.joints = new Set(joints.map((word) => this.lexicon.add(word)))
  }

  add(pattern: Pattern, phrase: number): void {
    ;(this.states[this.extend(0, pattern)] as State).accepts.push(phrase)
  }

  /** Adds the pattern behind a state; gives the state in which it has been matched. */
  private extend(from: number, pattern: Pattern): number {
    if (pattern.type === 'sequence') return pattern.items.reduce((state, item) => this.extend(state, item), from)
    const state = this.states[from] as State
    const key = JSON.stringify(pattern)
    const known = state.known.get(key)
    if (known !== undefined) return known
    const to = this.states.push(newState()) - 1
    state.known.set(key, to)
    switch (pattern.type) {
      case 'word':
        for (const form of inflect(pattern.word, pattern.form)) this.addWord(state, form, to, pattern.word)
        break
      case 'vocabulary':
        state.spans.push({ chart: this.vocabularies.numberOf(pattern.name, pattern.form), name: pattern.name, to })
        break
      case 'either':
        for (const item of pattern.items) {
          if (item.type === 'word')
            for (const form of inflect(item.word, item.form)) this.addWord(state, form, to, item.word)
          else (this.states[this.extend(from, item)] as State).free.push({ to })
        }
        break
      case 'optional':
        state.free.push({ to })
        ;(this.states[this.extend(from, pattern.item)] as State).free.push({ to })
        break
      case 'gap': {
        let inner = this.states.push(newState()) - 1
        state.free.push({ to: inner, capture: '…' })
        for (let count = 0; count < pattern.most; count++) {
          const here = this.states[inner] as State
          here.free.push({ to })
          inner = this.states.push(newState()) - 1
          here.gap.push(inner)
        }
        ;(this.states[inner] as State).free.push({ to })
        break
      }
      case 'not':
        state.free.push({ to, unless: this.vocabularies.numberOfNegative(pattern.item) })
        break
      case 'clauseStart':
      case 'clauseEnd':
        state.free.push({ to, at: pattern.type })
        break
      case 'punctuation':
        state.punctuation.push({
          id: { ',': token.comma, ';': token.semicolon, ':': token.colon, '–': token.dash }[pattern.mark],
          to,
        })
        break
    }
    return to
  }

  private addWord(state: State, form: string, to: number, base: string): void {
    const id = this.lexicon.add(form)
    const edges = state.words.get(id)
    if (edges) edges.push({ to, base })
    else state.words.set(id, [{ to, base }])
  }

  private junction(index: number): Junction {
    const made = this.junctions[index]
    if (made) return made
    const spans = new Map<number, Route[]>()
    let ranks: Map<number, number> | undefined
    const junction: Junction = {
      words: new Map(),
      spans,
      rank(chart) {
        ranks ??= new Map([...spans.keys()].map((one, index) => [one, index]))
        return ranks.get(chart) ?? 0
      },
      punctuation: new Map(),
      gap: [],
      accepts: [],
    }
    const seen = new Set<string>()
    const put = (routes: Map<number, Route[]>, id: number, route: Route): void => {
      const list = routes.get(id)
      if (list) list.push(route)
      else routes.set(id, [route])
    }
    const visit = (at: number, gaps: number, demands: readonly Demand[]): void => {
      const key = `${at} ${gaps} ${JSON.stringify(demands)}`
      if (seen.has(key)) return
      seen.add(key)
      const state = this.states[at] as State
      for (const phrase of state.accepts) junction.accepts.push({ phrase, demands })
      for (const [id, edges] of state.words) {
        for (const { to, base } of edges) put(junction.words, id, { to, base, gaps, demands })
      }
      for (const { chart, name, to } of state.spans) put(junction.spans, chart, { to, name, gaps, demands })
      for (const { id, to } of state.punctuation) put(junction.punctuation, id, { to, gaps, demands })
      for (const to of state.gap) junction.gap.push({ to, gaps, demands })
      for (const { to, capture, unless, at: place } of state.free) {
        const demand: Demand | undefined = unless !== undefined ? { unless } : place ? { at: place } : undefined
        visit(to, capture ? gaps + 1 : gaps, demand ? [...demands, demand] : demands)
      }
    }
    visit(index, 0, [])
    this.junctions[index] = junction
    return junction
  }

  /**
   * Every phrase that stands anywhere in `[from, to)`: for each phrase and start its longest match, or
   * with `every` each of its lengths. A vocabulary needs all: in "Support team" the phrase `$function
   * team` wants the shorter of two functions.
   */
  matches(tokens: Tokens, from: number, to: number, chart: Chart, every = false): Found[] {
    const found: Found[] = []
    const root = this.junction(0)
    for (let at = from; at < to; at++) {
      const id = tokens.ids[at] as number
      if (
        root.words.has(id) ||
        root.words.has(this.lexicon.lowerOf(id) ?? token.none) ||
        root.punctuation.has(id) ||
        root.gap.length ||
        chart.at(at).some((span) => root.spans.has(span.chart))
      )
        this.matchFrom(at, from, to, tokens, chart, every, found)
    }
    return found
  }

  private matchFrom(
    start: number,
    from: number,
    sentenceEnd: number,
    tokens: Tokens,
    chart: Chart,
    every: boolean,
    found: Found[],
  ): void {
    const to = Math.min(sentenceEnd, start + longestMatch)
    const width = to - start + 1
    let visited: Set<number> | undefined
    let best: Map<number, Step> | undefined
    const stack: Step[] = []
    const holds = (demands: readonly Demand[], at: number): boolean =>
      demands.every((demand) => {
        if ('unless' in demand) return !chart.has(demand.unless, at)
        if (demand.at === 'clauseStart') return at === from || this.partsClauses(tokens, at - 1)
        return at === sentenceEnd || this.partsClauses(tokens, at)
      })
    const take = (routes: readonly Route[] | undefined, before: Step, end: number, base?: string): void => {
      if (!routes) return
      visited ??= new Set()
      for (const route of routes) {
        if (route.demands.length && !holds(route.demands, before.at)) continue
        const key = route.to * width + (end - start)
        if (visited.has(key)) continue
        visited.add(key)
        stack.push({ state: route.to, at: end, before, route, base })
      }
    }
    let step: Step | undefined = { state: 0, at: start }
    for (; step; step = stack.pop()) {
      const { at } = step
      const junction = this.junction(step.state)
      if (at > start) {
        for (const { phrase, demands } of junction.accepts) {
          if (demands.length && !holds(demands, at)) continue
          if (every) {
            found.push({ phrase, from: start, last: step })
            continue
          }
          best ??= new Map()
          if ((best.get(phrase)?.at ?? 0) < at) best.set(phrase, step)
        }
      }
      if (at >= to) continue
      const id = tokens.ids[at] as number
      if (id !== token.unknown) {
        take(junction.words.get(id), step, at + 1)
        const lower = this.lexicon.lowerOf(id)
        if (lower !== undefined) take(junction.words.get(lower), step, at + 1)
        if (junction.punctuation.size) take(junction.punctuation.get(id), step, at + 1)
      }
      if (junction.spans.size) {
        // of two vocabularies that hold the same words the one named first is captured: what is pushed last is tried first
        const spans = chart.at(at).filter((span) => span.to <= to && junction.spans.has(span.chart))
        if (spans.length > 1) spans.sort((a, b) => junction.rank(b.chart) - junction.rank(a.chart))
        for (const span of spans) take(junction.spans.get(span.chart), step, span.to, span.base)
      }
      if (junction.gap.length && ((tokens.looks[at] as number) & (looks.word | looks.subordinator)) === looks.word) {
        take(junction.gap, step, at + 1)
      }
    }
    if (best) for (const [phrase, last] of best) found.push({ phrase, from: start, last })
  }

  /** Whether the token is punctuation or a word that joins clauses. */
  private partsClauses(tokens: Tokens, at: number): boolean {
    const look = tokens.looks[at] as number
    return (look & looks.word) === 0 || (look & looks.subordinator) !== 0 || this.joints.has(tokens.ids[at] as number)
  }
}

/** The base form of the first word on the way to a step, or of the vocabulary that begins there. */
function firstBase(last: Step): string | undefined {
  let base: string | undefined
  for (let step: Step | undefined = last; step?.before && step.route; step = step.before) {
    if (step.at > step.before.at) base = step.base ?? step.route.base
  }
  return base
}

/** The captures and base words on the way to a step, in order. */
function trace(last: Step): Pick<Match, 'captures' | 'bases'> {
  const steps: Step[] = []
  for (let step: Step | undefined = last; step; step = step.before) steps.push(step)
  const captures: Capture[] = []
  const bases = new Map<number, string>()
  let gap: Capture | undefined
  for (const { at, before, route, base } of steps.reverse()) {
    if (!before || !route) continue
    for (let count = 0; count < route.gaps; count++) {
      gap = { name: '…', from: before.at, to: before.at }
      captures.push(gap)
    }
    if (route.name !== undefined) captures.push({ name: route.name, from: before.at, to: at, base })
    else if (route.base !== undefined) bases.set(before.at, route.base)
    else if (gap?.to === before.at) gap.to = at
  }
  return { captures, bases }
}

/** Words that join two clauses, so that one ends before and another begins after them. */
const joints = ['and', 'or', 'but', 'then', 'so', 'please']

/** A vocabulary, or what must not follow: where it stands is found sentence by sentence. */
interface Findable {
  builtIn?: BuiltIn
  patterns: readonly Pattern[]
  /** What its patterns step over, which must be found before; looked up together with the network. */
  needs: number[]
  network?: Network
  presence?: Presence
}

/** What has been looked for in a sentence so far. */
interface Lookup {
  chart: Chart
  sought: Set<number>
  /** Vocabularies of which a word is there, of the first `asked` ones. */
  likely: ReadonlySet<number>
  asked: number
}

/** Sentences whose charts are kept, so that the rules that follow need not look again; a long document starts over. */
const chartsKept = 500

/**
 * The vocabularies that phrases step over in one move. Each is looked for in a sentence once, however many
 * phrases of however many rules want it, and only where a word of it stands.
 */
export class Vocabularies {
  readonly lexicon: Lexicon
  private readonly patterns: ReadonlyMap<string, readonly Pattern[]>
  private readonly presences: Presences
  private readonly numbers = new Map<string, number>()
  private readonly findables: Findable[] = []
  private readonly learnt = new Set<string>()
  private readonly charts = new Map<Place, Lookup>()
  /** The vocabularies that a word may begin, by the word: most sentences hold no word of most vocabularies. */
  private readonly byWord = new Map<number, number[]>()

  /** `patterns` must hold every name that they and the phrases use, without circles. */
  constructor(lexicon: Lexicon, patterns: ReadonlyMap<string, readonly Pattern[]>, presences: Presences) {
    this.lexicon = lexicon
    this.patterns = patterns
    this.presences = presences
  }

  /**
   * Has the lexicon know all words of a phrase and of the vocabularies it uses. A word that only a network
   * of later knew would be unknown in what has been read by then.
   */
  learn(pattern: Pattern): void {
    switch (pattern.type) {
      case 'word': {
        const form = pattern.form === 'exact' ? 'exact' : 'any'
        if (this.isNew(`${pattern.word}+${form}`))
          for (const word of inflect(pattern.word, form)) this.lexicon.add(word)
        return
      }
      case 'vocabulary':
        if (this.isNew(`$${pattern.name}`)) for (const entry of this.patterns.get(pattern.name) ?? []) this.learn(entry)
        return
      case 'sequence':
      case 'either':
        for (const item of pattern.items) this.learn(item)
        return
      case 'optional':
      case 'not':
        this.learn(pattern.item)
    }
  }

  /** Whether this is the first time that the words of a pattern or vocabulary come up. */
  private isNew(key: string): boolean {
    if (this.learnt.has(key)) return false
    this.learnt.add(key)
    return true
  }

  /** The number of a vocabulary in charts, its words all in one form unless that is `any`. */
  numberOf(name: string, form: Form): number {
    return this.register(`${name}+${form}`, () => {
      if (isBuiltIn(name)) return { builtIn: name, patterns: [], needs: [] }
      const patterns = this.patterns.get(name) ?? []
      return {
        patterns: form === 'any' ? patterns : patterns.map((pattern) => withForm(pattern, form)),
        needs: [],
        presence: this.presences.ofVocabulary(name),
      }
    })
  }

  /** The number in charts of a pattern that must not follow. */
  numberOfNegative(pattern: Pattern): number {
    return this.register(`!${JSON.stringify(pattern)}`, () => ({
      patterns: [pattern],
      needs: [],
      presence: this.presences.anyOf([pattern]),
    }))
  }

  private register(key: string, make: () => Findable): number {
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    const findable = make()
    const number = this.findables.push(findable) - 1
    this.numbers.set(key, number)
    if (findable.presence && !findable.presence.anywhere) {
      for (const word of findable.presence.words()) {
        const list = this.byWord.get(word)
        if (list) list.push(number)
        else this.byWord.set(word, [number])
      }
    }
    return number
  }

  /** Where the wanted vocabularies stand in a sentence; `links` says whether a token is part of a link. */
  find(wanted: readonly number[], place: Place, links: (at: number) => boolean): Chart {
    let known = this.charts.get(place)
    if (!known) {
      if (this.charts.size >= chartsKept) this.charts.clear()
      const likely = new Set<number>()
      for (const word of place.words) for (const number of this.byWord.get(word) ?? []) likely.add(number)
      known = { chart: new Chart(), sought: new Set(), likely, asked: this.findables.length }
      this.charts.set(place, known)
    }
    for (const number of wanted) this.seek(number, place, known, links)
    return known.chart
  }

  private seek(number: number, place: Place, lookup: Lookup, links: (at: number) => boolean): void {
    const { chart, sought, likely, asked } = lookup
    if (sought.has(number)) return
    sought.add(number)
    const findable = this.findables[number] as Findable
    const { tokens, from, to } = place
    if (findable.builtIn) {
      addBuiltIn(findable.builtIn, number, tokens, from, to, links, chart)
      return
    }
    const { presence } = findable
    // one that came up later is not among the likely ones
    if (presence && !presence.anywhere && ((number < asked && !likely.has(number)) || !presence.isAt(place))) return
    if (!findable.network) {
      findable.network = new Network(this)
      for (const pattern of findable.patterns) findable.network.add(pattern, number)
      findable.needs = [...new Set(findable.patterns.flatMap((pattern) => numbersNeeded(pattern, this)))]
    }
    for (const need of findable.needs) this.seek(need, place, lookup, links)
    for (const { from: start, last } of findable.network.matches(tokens, from, to, chart, true))
      chart.add(number, start, last.at, firstBase(last))
  }
}

/**
 * Phrases as one automaton over tokens, merged at their common beginnings; they step over a vocabulary in
 * one move. No phrase can take more than linear time: a match is at most 48 tokens long and no place is
 * visited twice.
 */
export class Automaton {
  private readonly vocabularies: Vocabularies
  private readonly network: Network
  private readonly needs: number[]

  /** A match has the number that came with its phrase. */
  constructor(vocabularies: Vocabularies, phrases: Iterable<readonly [number, Pattern]>) {
    this.vocabularies = vocabularies
    this.network = new Network(vocabularies)
    const needs = new Set<number>()
    for (const [number, pattern] of phrases) {
      this.network.add(pattern, number)
      for (const need of numbersNeeded(pattern, vocabularies)) needs.add(need)
    }
    this.needs = [...needs]
  }

  /** Every phrase at the place; `links` says whether a token is part of a link. */
  match(place: Place, links: (at: number) => boolean): Match[] {
    const chart = this.vocabularies.find(this.needs, place, links)
    const { tokens, from, to } = place
    return this.network
      .matches(tokens, from, to, chart)
      .map(({ phrase, from: start, last }) => ({ phrase, from: start, to: last.at, ...trace(last) }))
  }
}

/** An automaton of its own for a few phrases that no rule shares. `vocabularies` must hold every name they use. */
export function automatonOf(
  lexicon: Lexicon,
  vocabularies: ReadonlyMap<string, readonly Pattern[]>,
  phrases: Iterable<readonly [number, Pattern]>,
): (tokens: Tokens, from: number, to: number) => Match[] {
  const shared = new Vocabularies(lexicon, vocabularies, new Presences(lexicon, vocabularies))
  const list = [...phrases]
  for (const [, pattern] of list) shared.learn(pattern)
  const automaton = new Automaton(shared, list)
  return (tokens, from, to) =>
    automaton.match({ tokens, from, to, words: wordsAt(tokens, from, to, lexicon) }, () => false)
}

/** What a pattern itself steps over or must not be followed by. */
function numbersNeeded(pattern: Pattern, vocabularies: Vocabularies): number[] {
  switch (pattern.type) {
    case 'not':
      return [vocabularies.numberOfNegative(pattern.item)]
    case 'sequence':
    case 'either':
      return pattern.items.flatMap((item) => numbersNeeded(item, vocabularies))
    case 'optional':
      return numbersNeeded(pattern.item, vocabularies)
    default:
      return vocabulariesOf(pattern).map(({ name, form }) => vocabularies.numberOf(name, form))
  }
}

function addBuiltIn(
  name: BuiltIn,
  number: number,
  tokens: Tokens,
  from: number,
  to: number,
  links: (at: number) => boolean,
  chart: Chart,
): void {
  for (let at = from; at < to; at++) {
    const look = tokens.looks[at] as number
    switch (name) {
      case 'word':
        if (look & looks.word) chart.add(number, at, at + 1)
        break
      case 'number':
        if (look & looks.number) chart.add(number, at, at + 1)
        break
      case 'participle':
        if (look & looks.participle) chart.add(number, at, at + 1)
        break
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
