import { type Form, inflect } from './english.ts'
import { type Lexicon, token } from './lexicon.ts'
import type { Pattern } from './phrase.ts'

/** A match longer than this is no phrase any more; it also bounds the work at one token. */
export const longestMatch = 48

/**
 * A walk from one token looks at no more steps than these. Each phrase is walked by itself, so only one of many gaps and
 * choices could come to more, and it must not keep anybody waiting for minutes.
 */
const mostSteps = 20_000

/** Where a vocabulary stands: its number, the token position behind it, the base form of its first word. */
export interface Span {
  vocabulary: number
  to: number
  base?: string
}

/** What a token is by itself: all tokens of one word and alike looks share it. */
export interface Kind {
  /** The word's id. */
  readonly id: number
  /** The id of the same word in small letters, where a word in capitals counts as both. */
  readonly lower: number | undefined
  /** Whether a gap may pass over it. */
  readonly fillsGap: boolean
  /** The classes that it belongs to: words in some form, and vocabularies. */
  readonly labels: readonly number[]
  /** The same, to ask for one. */
  readonly set: ReadonlySet<number>
  /** Whether it parts clauses: punctuation, or a word that joins them. */
  readonly parts: boolean
}

/** A sentence with the vocabularies found in it that are not seen from one token alone. */
export interface Chart {
  readonly from: number
  readonly to: number
  kindAt(position: number): Kind
  /** The vocabularies that begin at a token. */
  at(position: number): readonly Span[]
  /** Whether something that must not follow, by its number, begins at a token. */
  isBarred(negative: number, position: number): boolean
}

/** What a network must know of the vocabularies that its phrases step over. */
export interface Numbering {
  readonly lexicon: Lexicon
  /** The number of a vocabulary, its words all in one form unless that is `any`. */
  numberOf(name: string, form: Form): number
  /** The number of a pattern that must not follow. */
  numberOfNegative(pattern: Pattern): number
  /** The base form of the entry of a vocabulary that a token is; none where its looks decide. */
  baseOf(vocabulary: number, kind: Kind): string | undefined
}

/** A word on the way to a state, by its base form. */
interface Edge {
  to: number
  base: string
}

/** Where a phrase has got to, and how it goes on. There are tens of thousands, and most go on in one way. */
interface State {
  /** Forms of one word lead the same way, and share it. */
  words?: Map<number, readonly Edge[]>
  /** Jumps over a span of a vocabulary or built-in class that begins here. */
  spans?: Array<{ vocabulary: number; name: string; to: number; isWanted: boolean | undefined }>
  /** One word of a gap. */
  gap?: number
  free?: Array<{ to: number; beginsGap?: true; unless?: number; at?: 'clauseStart' | 'clauseEnd' }>
  punctuation?: Array<{ id: number; to: number }>
  /** Whether the phrase ends here. */
  isEnd?: true
  /** Where an equal next step already leads, so that alternatives share their beginnings. */
  known?: Map<string, number> | undefined
}

/** What must hold at a token for a step to be allowed. */
type Demand = { unless: number } | { at: 'clauseStart' | 'clauseEnd' }

/** A step to another state, with what lies on the way there without a token. */
interface Route {
  to: number
  /** The base form of the word, or of the first word of the vocabulary. */
  base?: string
  /** The vocabulary stepped over. */
  name?: string
  /** Whether it is one word of a gap. */
  isGap?: true
  /** How many gaps begin on the way. */
  gaps: number
  demands: readonly Demand[]
}

/** The steps over one vocabulary. */
interface Leap {
  vocabulary: number
  /** In which order the phrase names the vocabularies; before all those whose captures are asked for. */
  rank: number
  routes: Route[]
}

/** A state with all that can be reached from it without a token. */
interface Junction {
  words: ReadonlyMap<number, readonly Route[]>
  spans: ReadonlyMap<number, Leap>
  /** The same, the vocabulary that the phrase names last first, and those whose captures are asked for at the end. */
  leaps: readonly Leap[]
  punctuation: ReadonlyMap<number, readonly Route[]>
  gap: readonly Route[]
  /** What must hold for the phrase to end here: one of the lists, each of which may be empty. */
  ends: ReadonlyArray<readonly Demand[]>
}
/** Of tens of thousands of junctions most have nothing of most of these, and none needs an empty one of its own. */
const noRoutes: ReadonlyMap<number, readonly Route[]> = new Map()
const noLeaps: ReadonlyMap<number, Leap> = new Map()
const nothing: readonly never[] = []

/** A step that was taken; following `before` back gives the captures. */
export interface Step {
  state: number
  at: number
  before: Step | undefined
  route: Route | undefined
  /** The base form of the word, or of the first word of the vocabulary. */
  base: string | undefined
}

/**
 * The walk from one token. There are millions, and most end after a step or two: those at the same depth, one beginning
 * while another goes on to tell what must not follow, share one object.
 */
class Walk {
  chart: Chart | undefined
  start = 0
  /** The steps still to be tried: the first `height` ones. */
  readonly stack: Step[] = []
  height = 0
  /** How many steps have been looked at. */
  steps = 0
  /** States and positions that were reached: the first `places` ones. A short list is quicker than a set. */
  private readonly first = new Int32Array(fewPlaces)
  private places = 0
  /** All of them, once they are many. */
  private visited: Set<number> | undefined

  begin(chart: Chart, start: number): void {
    this.chart = chart
    this.start = start
    this.height = 0
    this.steps = 0
    this.places = 0
    this.visited = undefined
  }

  /** Whether the walk has been at a state and position before; it has been from now on. */
  hasBeen(place: number): boolean {
    const { first, visited, places } = this
    if (visited) {
      if (visited.has(place)) return true
      visited.add(place)
      return false
    }
    for (let index = 0; index < places; index++) if (first[index] === place) return true
    if (places < fewPlaces) first[this.places++] = place
    else this.visited = new Set(first).add(place)
    return false
  }
}
const fewPlaces = 16

/** Where the phrase of a root stands: the token at which it begins, and the last of the steps that lead through it. */
export interface Found {
  from: number
  last: Step
}

/** Lists are made when there is something to put in: of thousands of phrases that are looked for hardly any is there. */
function append(list: Found[] | undefined, found: Found): Found[] {
  if (!list) return [found]
  list.push(found)
  return list
}

/** Phrases as states and steps: each root is one phrase or entry, walked where it may stand. */
export class Network {
  private readonly states: State[] = []
  private readonly numbering: Numbering
  /** The vocabularies of the phrase being added whose captures somebody asks for. */
  private wanted: ReadonlySet<string> | undefined
  /** The states that remember, while a phrase is added, where they lead. */
  private readonly remembering: State[] = []
  /** Made when a state is first reached; few of them ever are. */
  private readonly junctions: Junction[] = []
  /** One for each walk that goes on; the first `depth` are under way. */
  private readonly walks: Walk[] = []
  private depth = 0
  constructor(numbering: Numbering) {
    this.numbering = numbering
  }

  /** How many states it has. */
  get size(): number {
    return this.states.length
  }

  /** Adds a phrase: its root. Of two vocabularies that hold the same words a `wanted` one is captured. */
  add(pattern: Pattern, wanted?: ReadonlySet<string>): number {
    this.wanted = wanted
    const root = this.states.push({}) - 1
    ;(this.states[this.extend(root, pattern)] as State).isEnd = true
    for (const state of this.remembering) state.known = undefined
    this.remembering.length = 0
    return root
  }

  /** Has a state lead to another without a token. */
  private lead(
    from: number,
    way: { to: number; beginsGap?: true; unless?: number; at?: 'clauseStart' | 'clauseEnd' },
  ): void {
    const state = this.states[from] as State
    state.free ??= []
    state.free.push(way)
  }

  /** Adds the pattern behind a state; gives the state in which it has been matched. */
  private extend(from: number, pattern: Pattern): number {
    if (pattern.type === 'sequence') return pattern.items.reduce((state, item) => this.extend(state, item), from)
    const state = this.states[from] as State
    const key = JSON.stringify(pattern)
    const known = state.known?.get(key)
    if (known !== undefined) return known
    const to = this.states.push({}) - 1
    if (!state.known) {
      state.known = new Map()
      this.remembering.push(state)
    }
    state.known.set(key, to)
    switch (pattern.type) {
      case 'word':
        this.addWord(state, pattern, to)
        break
      case 'vocabulary':
        state.spans ??= []
        state.spans.push({
          vocabulary: this.numbering.numberOf(pattern.name, pattern.form),
          name: pattern.name,
          to,
          isWanted: this.wanted?.has(pattern.name),
        })
        break
      case 'either':
        for (const item of pattern.items) {
          if (item.type === 'word') this.addWord(state, item, to)
          else this.lead(this.extend(from, item), { to })
        }
        break
      case 'optional':
        this.lead(from, { to })
        this.lead(this.extend(from, pattern.item), { to })
        break
      case 'gap': {
        let inner = this.states.push({}) - 1
        this.lead(from, { to: inner, beginsGap: true })
        for (let count = 0; count < pattern.most; count++) {
          this.lead(inner, { to })
          const here = this.states[inner] as State
          inner = this.states.push({}) - 1
          here.gap = inner
        }
        this.lead(inner, { to })
        break
      }
      case 'not':
        this.lead(from, { to, unless: this.numbering.numberOfNegative(pattern.item) })
        break
      case 'clauseStart':
      case 'clauseEnd':
        this.lead(from, { to, at: pattern.type })
        break
      case 'punctuation':
        state.punctuation ??= []
        state.punctuation.push({
          id: { ',': token.comma, ';': token.semicolon, ':': token.colon, '–': token.dash }[pattern.mark],
          to,
        })
        break
    }
    return to
  }

  private addWord(state: State, { word, form }: { word: string; form: Form }, to: number): void {
    const way: readonly Edge[] = [{ to, base: word }]
    state.words ??= new Map()
    for (const one of inflect(word, form)) {
      const id = this.numbering.lexicon.add(one)
      const known = state.words.get(id)
      state.words.set(id, known ? [...known, ...way] : way)
    }
  }

  private junction(index: number): Junction {
    return this.junctions[index] ?? this.makeJunction(index)
  }

  private makeJunction(index: number): Junction {
    const words = new Map<number, readonly Route[]>()
    const spans = new Map<number, Leap>()
    const punctuation = new Map<number, readonly Route[]>()
    const gap: Route[] = []
    const ends: Array<readonly Demand[]> = []
    const seen = new Set<string>()
    const put = (all: Map<number, readonly Route[]>, id: number, routes: readonly Route[]): void => {
      const known = all.get(id)
      all.set(id, known ? [...known, ...routes] : routes)
    }
    const visit = (at: number, gaps: number, demands: readonly Demand[]): void => {
      const key = `${at} ${gaps} ${demands.length ? JSON.stringify(demands) : ''}`
      if (seen.has(key)) return
      seen.add(key)
      const state = this.states[at] as State
      if (state.isEnd) ends.push(demands)
      const ways = new Map<readonly Edge[], readonly Route[]>()
      for (const [id, edges] of state.words ?? nothing) {
        let routes = ways.get(edges)
        if (!routes) {
          routes = edges.map(({ to, base }) => ({ to, base, gaps, demands }))
          ways.set(edges, routes)
        }
        put(words, id, routes)
      }
      for (const { vocabulary, name, to, isWanted } of state.spans ?? nothing) {
        const route = { to, name, gaps, demands }
        const known = spans.get(vocabulary)
        if (known) known.routes.push(route)
        else spans.set(vocabulary, { vocabulary, rank: isWanted ? -1 : spans.size, routes: [route] })
      }
      for (const { id, to } of state.punctuation ?? nothing) put(punctuation, id, [{ to, gaps, demands }])
      if (state.gap !== undefined) gap.push({ to: state.gap, isGap: true, gaps, demands })
      for (const { to, beginsGap, unless, at: place } of state.free ?? nothing) {
        const demand: Demand | undefined = unless !== undefined ? { unless } : place ? { at: place } : undefined
        visit(to, beginsGap ? gaps + 1 : gaps, demand ? [...demands, demand] : demands)
      }
    }
    visit(index, 0, nothing)
    const leaps = [...spans.values()].sort((a, b) => b.rank - a.rank)
    const junction: Junction = {
      words: words.size ? words : noRoutes,
      spans: spans.size ? spans : noLeaps,
      leaps: leaps.length ? leaps : nothing,
      punctuation: punctuation.size ? punctuation : noRoutes,
      gap: gap.length ? gap : nothing,
      ends: ends.length ? ends : nothing,
    }
    this.junctions[index] = junction
    return junction
  }

  /**
   * Where the phrase of a root stands that begins at a token of a sentence: its longest match, or with `every` each of
   * its lengths. A vocabulary needs all: in "Support team" the phrase `$function team` wants
   * the shorter of two functions.
   */
  matchesAt(root: number, position: number, chart: Chart, every = false): readonly Found[] {
    return this.matchFrom(root, position, chart, every, undefined) ?? nothing
  }

  /** The same wherever they begin in a range of tokens. */
  matches(root: number, chart: Chart, from: number, to: number, every = false): readonly Found[] {
    let found: Found[] | undefined
    const junction = this.junction(root)
    for (let at = from; at < to; at++)
      if (mayLeave(junction, at, chart)) found = this.matchFrom(root, at, chart, every, found)
    return found ?? nothing
  }

  /** What was found before, with what begins at a token. */
  private matchFrom(
    root: number,
    start: number,
    chart: Chart,
    every: boolean,
    before: Found[] | undefined,
  ): Found[] | undefined {
    const to = Math.min(chart.to, start + longestMatch)
    this.walks[this.depth] ??= new Walk()
    const walk = this.walks[this.depth++] as Walk
    walk.begin(chart, start)
    let found = before
    let best: Step | undefined
    let step: Step | undefined = { state: root, at: start, before: undefined, route: undefined, base: undefined }
    for (; step && walk.steps < mostSteps; step = walk.height ? walk.stack[--walk.height] : undefined) {
      const { at } = step
      const junction = this.junction(step.state)
      if (at > start) {
        for (const demands of junction.ends) {
          if (demands.length && !this.holds(demands, at, chart)) continue
          if (every) found = append(found, { from: start, last: step })
          else if (!best || best.at < at) best = step
        }
      }
      if (at >= to) continue
      const kind = chart.kindAt(at)
      if (kind.id !== token.unknown) {
        if (junction.words.size) {
          this.take(walk, junction.words.get(kind.id), step, at + 1)
          if (kind.lower !== undefined) this.take(walk, junction.words.get(kind.lower), step, at + 1)
        }
        if (junction.punctuation.size) this.take(walk, junction.punctuation.get(kind.id), step, at + 1)
      }
      if (junction.leaps.length) {
        const spans = chart.at(at)
        for (const { vocabulary, routes } of junction.leaps) {
          if (kind.set.has(vocabulary)) this.take(walk, routes, step, at + 1, this.numbering.baseOf(vocabulary, kind))
          for (const span of spans)
            if (span.vocabulary === vocabulary && span.to <= to) this.take(walk, routes, step, span.to, span.base)
        }
      }
      if (kind.fillsGap && junction.gap.length) this.take(walk, junction.gap, step, at + 1)
    }
    this.depth--
    return best ? append(found, { from: start, last: best }) : found
  }

  /** Lays aside the steps that may be taken and lead where the walk has not been; `base` is a vocabulary's. */
  private take(walk: Walk, routes: readonly Route[] | undefined, before: Step, end: number, base?: string): void {
    if (!routes) return
    walk.steps += routes.length
    for (const route of routes) {
      if (route.demands.length && !this.holds(route.demands, before.at, walk.chart as Chart)) continue
      if (walk.hasBeen(route.to * (longestMatch + 1) + (end - walk.start))) continue
      walk.stack[walk.height++] = { state: route.to, at: end, before, route, base: base ?? route.base }
    }
  }

  private holds(demands: readonly Demand[], at: number, chart: Chart): boolean {
    return demands.every((demand) => {
      if ('unless' in demand) return at === chart.to || !chart.isBarred(demand.unless, at)
      if (demand.at === 'clauseStart') return at === chart.from || chart.kindAt(at - 1).parts
      return at === chart.to || chart.kindAt(at).parts
    })
  }
}

/** Whether a first step leads from a junction at a token. */
function mayLeave({ words, punctuation, gap, leaps, spans }: Junction, at: number, chart: Chart): boolean {
  const { id, lower, set } = chart.kindAt(at)
  if (gap.length || words.has(id) || (lower !== undefined && words.has(lower)) || punctuation.has(id)) return true
  if (!leaps.length) return false
  for (const { vocabulary } of leaps) if (set.has(vocabulary)) return true
  for (const { vocabulary } of chart.at(at)) if (spans.has(vocabulary)) return true
  return false
}

/** The base form of the first word on the way to a step, or of the vocabulary that begins there. */
export function firstBase(last: Step): string | undefined {
  let base: string | undefined
  for (let step: Step | undefined = last; step?.before && step.route; step = step.before) {
    if (step.at > step.before.at) base = step.base
  }
  return base
}
