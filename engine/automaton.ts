import { type Form, inflect, isCommon } from './english.ts'
import { type Pattern, vocabulariesOf, withForm } from './phrase.ts'
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
const isBuiltIn = (name: string): name is BuiltIn => (builtIn as readonly string[]).includes(name)
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

/** A step on the way to a state; following `before` back gives the captures. */
interface Step {
  state: number
  at: number
  before?: Step
  capture?: Capture
  base?: string
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

/** Spans of vocabularies in one sentence: chart number and token position to the positions where they end. */
class Chart {
  private readonly ends = new Map<number, number[]>()
  private readonly bases = new Map<number, string>()
  private readonly width: number
  constructor(width: number) {
    this.width = width
  }
  add(chart: number, from: number, to: number, base?: string): void {
    const key = chart * this.width + from
    if (base !== undefined) this.bases.set(key, base)
    const list = this.ends.get(key)
    if (!list) this.ends.set(key, [to])
    else if (!list.includes(to)) list.push(to)
  }
  /** The base form of the word at `from`, where a vocabulary entry begins with it. */
  base(chart: number, from: number): string | undefined {
    return this.bases.get(chart * this.width + from)
  }
  at(chart: number, from: number): readonly number[] {
    return this.ends.get(chart * this.width + from) ?? []
  }
}

/** One set of phrases merged at their common beginnings, matched from every token in one walk. */
class Network {
  private readonly states: State[] = [newState()]
  private readonly lexicon: Lexicon
  private readonly chartOf: (name: string, form: Form) => number
  private readonly negative: (pattern: Pattern) => number
  private readonly joints: Set<number>
  /** What can begin a phrase; a token that is none of it costs one look-up. */
  private rootWords = new Set<number>()
  private rootCharts: number[] = []
  private rootPunctuation = new Set<number>()

  constructor(lexicon: Lexicon, chartOf: (name: string, form: Form) => number, negative: (pattern: Pattern) => number) {
    this.lexicon = lexicon
    this.chartOf = chartOf
    this.negative = negative
    this.joints = new Set(joints.map((word) => lexicon.add(word)))
  }

  get isEmpty(): boolean {
    return this.states.length === 1
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
        state.spans.push({ chart: this.chartOf(pattern.name, pattern.form), name: pattern.name, to })
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
        state.free.push({ to, unless: this.negative(pattern.item) })
        break
      case 'clauseStart':
      case 'clauseEnd':
        state.free.push({ to, at: pattern.type })
        break
      case 'punctuation':
        state.punctuation.push({
          id: pattern.mark === ',' ? token.comma : pattern.mark === ';' ? token.semicolon : token.colon,
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

  /** Collects what the root needs, once all phrases are in. */
  seal(): void {
    const seen = new Set([0])
    for (const index of seen) {
      const state = this.states[index] as State
      for (const id of state.words.keys()) this.rootWords.add(id)
      for (const span of state.spans) if (!this.rootCharts.includes(span.chart)) this.rootCharts.push(span.chart)
      for (const { id } of state.punctuation) this.rootPunctuation.add(id)
      for (const { to } of state.free) seen.add(to)
    }
  }

  /** Every phrase that stands anywhere in `[from, to)`: for each phrase and start, its longest match. */
  matches(tokens: Tokens, from: number, to: number, chart: Chart): Match[] {
    const found: Match[] = []
    for (let at = from; at < to; at++) {
      const id = tokens.ids[at] as number
      if (
        this.rootWords.has(id) ||
        this.rootWords.has(this.lexicon.lowerOf(id) ?? -1) ||
        this.rootPunctuation.has(id) ||
        this.rootCharts.some((number) => chart.at(number, at).length > 0)
      ) {
        this.matchFrom(at, from, to, tokens, chart, found)
      }
    }
    return found
  }

  private matchFrom(
    start: number,
    from: number,
    sentenceEnd: number,
    tokens: Tokens,
    chart: Chart,
    found: Match[],
  ): void {
    const to = Math.min(sentenceEnd, start + longestMatch)
    const width = to - start + 1
    const visited = new Set<number>()
    const best = new Map<number, Step>()
    const stack: Step[] = [{ state: 0, at: start }]
    const push = (step: Step): void => {
      const key = step.state * width + (step.at - start)
      if (visited.has(key)) return
      visited.add(key)
      stack.push(step)
    }
    for (let step = stack.pop(); step; step = stack.pop()) {
      const state = this.states[step.state] as State
      const { at } = step
      if (state.accepts.length && at > start) {
        for (const phrase of state.accepts) if ((best.get(phrase)?.at ?? 0) < at) best.set(phrase, step)
      }
      for (const edge of state.free) {
        if (edge.unless !== undefined && chart.at(edge.unless, at).length > 0) continue
        if (edge.at === 'clauseStart' && at > from && !this.partsClauses(tokens, at - 1)) continue
        if (edge.at === 'clauseEnd' && at < sentenceEnd && !this.partsClauses(tokens, at)) continue
        push({
          state: edge.to,
          at,
          before: step,
          capture: edge.capture ? { name: edge.capture, from: at, to: at } : undefined,
        })
      }
      if (at >= to) continue
      const id = tokens.ids[at] as number
      for (const edge of state.words.get(id) ?? []) push({ state: edge.to, at: at + 1, before: step, base: edge.base })
      const lower = this.lexicon.lowerOf(id)
      for (const edge of (lower && state.words.get(lower)) || [])
        push({ state: edge.to, at: at + 1, before: step, base: edge.base })
      for (const edge of state.spans) {
        for (const end of chart.at(edge.chart, at)) {
          if (end > to) continue
          const capture = { name: edge.name, from: at, to: end, base: chart.base(edge.chart, at) }
          push({ state: edge.to, at: end, before: step, capture })
        }
      }
      for (const edge of state.punctuation) if (edge.id === id) push({ state: edge.to, at: at + 1, before: step })
      if (state.gap.length && ((tokens.looks[at] as number) & (looks.word | looks.subordinator)) === looks.word) {
        for (const next of state.gap) push({ state: next, at: at + 1, before: step })
      }
    }
    for (const [phrase, last] of best) found.push({ phrase, from: start, to: last.at, ...trace(last) })
  }

  /** Whether the token is punctuation or a word that joins clauses. */
  private partsClauses(tokens: Tokens, at: number): boolean {
    const look = tokens.looks[at] as number
    return (look & looks.word) === 0 || (look & looks.subordinator) !== 0 || this.joints.has(tokens.ids[at] as number)
  }
}

/** The captures and base words on the way to a step, in order. */
function trace(last: Step): Pick<Match, 'captures' | 'bases'> {
  const steps: Step[] = []
  for (let step: Step | undefined = last; step; step = step.before) steps.push(step)
  steps.reverse()
  const captures: Capture[] = []
  const bases = new Map<number, string>()
  let gap: Capture | undefined
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1]
    if (step.base !== undefined && before) bases.set(before.at, step.base)
    if (step.capture) {
      const capture = { ...step.capture }
      captures.push(capture)
      gap = capture.name === '…' ? capture : undefined
    } else if (step.base !== undefined) gap = undefined
    else if (gap) gap.to = step.at
  }
  return { captures, bases }
}

/** Words that join two clauses, so that one ends before and another begins after them. */
const joints = ['and', 'or', 'but', 'then', 'so', 'please']

/**
 * All phrases of all rules as one automaton over tokens. Vocabularies are found first, those that
 * use others after the ones they use; phrases then step over a vocabulary in one move. No phrase can
 * take more than linear time: a match is at most 48 tokens long and no place is visited twice.
 */
export class Automaton {
  private readonly lexicon: Lexicon
  private readonly charts = new Map<string, number>()
  private readonly builtIns: Array<[BuiltIn, number]> = []
  private readonly levels: Network[] = []
  private readonly phrases: Network
  /** The words of which each waking phrase needs one; `undefined` when some phrase needs none. */
  private wakeWords: Set<number> | undefined = new Set()

  /**
   * `vocabularies` must hold every name that the patterns use, without circles.
   * Phrases are numbered by their position in `phrases`; `wakes` says for which of them alone a
   * sentence is worth matching.
   */
  constructor(
    lexicon: Lexicon,
    vocabularies: ReadonlyMap<string, readonly Pattern[]>,
    phrases: readonly Pattern[],
    wakes: (phrase: number) => boolean = () => true,
  ) {
    this.lexicon = lexicon
    const depthOf = new Map<number, number>()
    const numbered: Array<{ chart: number; depth: number; patterns: Pattern[] }> = []

    const chartOf = (name: string, form: Form): number => {
      const key = `${name}+${form}`
      const known = this.charts.get(key)
      if (known !== undefined) return known
      const chart = this.charts.size
      this.charts.set(key, chart)
      if (isBuiltIn(name)) {
        this.builtIns.push([name, chart])
        depthOf.set(chart, -1)
        return chart
      }
      const patterns = (vocabularies.get(name) ?? []).map((pattern) =>
        form === 'any' ? pattern : withForm(pattern, form),
      )
      register(chart, patterns)
      return chart
    }
    const negative = (pattern: Pattern): number => {
      const key = `!${JSON.stringify(pattern)}`
      const known = this.charts.get(key)
      if (known !== undefined) return known
      const chart = this.charts.size
      this.charts.set(key, chart)
      register(chart, [pattern])
      return chart
    }
    const register = (chart: number, patterns: Pattern[]): void => {
      const needs = patterns.flatMap((pattern) => chartsNeeded(pattern, chartOf, negative))
      const depth = Math.max(0, ...needs.map((need) => (depthOf.get(need) ?? 0) + 1))
      depthOf.set(chart, depth)
      numbered.push({ chart, depth, patterns })
    }

    for (const pattern of phrases) chartsNeeded(pattern, chartOf, negative)
    this.phrases = new Network(lexicon, chartOf, negative)
    for (const [number, pattern] of phrases.entries()) this.phrases.add(pattern, number)
    this.phrases.seal()
    for (const { chart, depth, patterns } of numbered) {
      while (this.levels.length <= depth) this.levels.push(new Network(lexicon, chartOf, negative))
      for (const pattern of patterns) this.levels[depth]?.add(pattern, chart)
    }
    for (const level of this.levels) level.seal()

    const known = new Map<string, Needed | undefined>()
    for (const [number, pattern] of phrases.entries()) {
      if (!this.wakeWords || !wakes(number)) continue
      const needed = neededWords(pattern, vocabularies, known)
      if (!needed) this.wakeWords = undefined
      else for (const word of needed.words) this.wakeWords.add(lexicon.add(word))
    }
  }

  /** Whether a phrase that wakes can stand in `[from, to)` at all: one word of each is looked for, and no more. */
  canMatch(tokens: Tokens, from: number, to: number): boolean {
    if (!this.wakeWords) return from < to
    for (let at = from; at < to; at++) {
      const id = tokens.ids[at] as number
      if (this.wakeWords.has(id) || this.wakeWords.has(this.lexicon.lowerOf(id) ?? -1)) return true
    }
    return false
  }

  /** Every phrase in the sentence `[from, to)` of the tokens; `links` says whether a token is part of a link. */
  match(tokens: Tokens, from: number, to: number, links: (at: number) => boolean): Match[] {
    const chart = new Chart(tokens.ids.length + 1)
    for (const [name, number] of this.builtIns) addBuiltIn(name, number, tokens, from, to, links, chart)
    for (const level of this.levels) {
      if (level.isEmpty) continue
      for (const match of level.matches(tokens, from, to, chart)) {
        const base = match.bases.get(match.from) ?? match.captures.find((one) => one.from === match.from)?.base
        chart.add(match.phrase, match.from, match.to, base)
      }
    }
    return this.phrases.matches(tokens, from, to, chart)
  }
}

/** Words of which one must occur wherever a pattern matches, and how common they are together. */
interface Needed {
  words: Set<string>
  common: number
}

/** The rarest words a pattern cannot do without, `undefined` where it has none. */
function neededWords(
  pattern: Pattern,
  vocabularies: ReadonlyMap<string, readonly Pattern[]>,
  known: Map<string, Needed | undefined>,
): Needed | undefined {
  const anyOf = (patterns: readonly Pattern[]): Needed | undefined => {
    const all: Needed = { words: new Set(), common: 0 }
    for (const one of patterns) {
      const needed = neededWords(one, vocabularies, known)
      if (!needed) return undefined
      for (const word of needed.words) all.words.add(word)
      all.common += needed.common
    }
    return all
  }
  switch (pattern.type) {
    case 'word':
      return { words: new Set(inflect(pattern.word, pattern.form)), common: isCommon(pattern.word) ? 1000 : 1 }
    case 'either':
      return anyOf(pattern.items)
    case 'sequence': {
      let best: Needed | undefined
      for (const item of pattern.items) {
        const needed = neededWords(item, vocabularies, known)
        if (needed && (!best || needed.common < best.common)) best = needed
      }
      return best
    }
    case 'vocabulary': {
      if (isBuiltIn(pattern.name)) return undefined
      if (!known.has(pattern.name)) known.set(pattern.name, anyOf(vocabularies.get(pattern.name) ?? []))
      return known.get(pattern.name)
    }
    default:
      return undefined
  }
}

/** The charts a pattern looks at; asking for them registers them. */
function chartsNeeded(
  pattern: Pattern,
  chartOf: (name: string, form: Form) => number,
  negative: (pattern: Pattern) => number,
): number[] {
  switch (pattern.type) {
    case 'not':
      return [negative(pattern.item)]
    case 'sequence':
    case 'either':
      return pattern.items.flatMap((item) => chartsNeeded(item, chartOf, negative))
    case 'optional':
      return chartsNeeded(pattern.item, chartOf, negative)
    default:
      return vocabulariesOf(pattern).map(({ name, form }) => chartOf(name, form))
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
        if (tokens.ids[at] === token.hole && !(look & looks.address)) chart.add(number, at, at + 1)
        break
      case 'link':
        if (look & looks.address || links(at)) chart.add(number, at, at + 1)
        break
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
