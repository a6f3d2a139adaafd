import { inflect } from './english.ts'
import type { Pattern } from './phrase.ts'
import type { Lexicon, Tokens } from './tokens.ts'

/** A row of words that stands at a place: the number it was added with, the token behind it, the first word's base form. */
export interface Row {
  number: number
  to: number
  base?: string
}

/** A place within the rows: the words that lead on, and what has been read in full. */
interface Node {
  words: Map<number, Array<{ to: Node; base: string }>>
  free: Node[]
  accepts: number[]
}

/** A node, with the base form of the word by which its row began. */
interface Reach {
  node: Node
  base: string | undefined
}

/** All nodes reached by the same words. */
interface State {
  /** By the word, the nodes behind it. */
  words: Map<number, Reach[]>
  /** What has been read in full, with the base form of its first word. */
  accepts: ReadonlyArray<{ number: number; base: string | undefined }>
  /** The states behind words that have occurred. */
  next: Map<number, State>
}

/** Whether a pattern is words in a row and nothing else, with choices and words that may be left out. */
export function isSeries(pattern: Pattern): boolean {
  switch (pattern.type) {
    case 'word':
      return true
    case 'sequence':
    case 'either':
      return pattern.items.every(isSeries)
    case 'optional':
      return isSeries(pattern.item)
    default:
      return false
  }
}

/**
 * Rows of words, read along all at once: each token costs one look-up, however many rows there are. What the words
 * lead to is made into one state when they first occur (a lazy subset construction).
 */
export class Series {
  private readonly lexicon: Lexicon
  private readonly root: Node = { words: new Map(), free: [], accepts: [] }
  private start: State | undefined

  constructor(lexicon: Lexicon) {
    this.lexicon = lexicon
  }

  /** Adds a pattern for which `isSeries` holds. */
  add(pattern: Pattern, number: number): void {
    this.extend(this.root, pattern).accepts.push(number)
    this.start = undefined
  }

  /** Adds the pattern behind a node; gives the node in which it has been read. */
  private extend(from: Node, pattern: Pattern): Node {
    const to: Node = { words: new Map(), free: [], accepts: [] }
    switch (pattern.type) {
      case 'sequence':
        return pattern.items.reduce((node, item) => this.extend(node, item), from)
      case 'word':
        for (const form of inflect(pattern.word, pattern.form)) {
          const id = this.lexicon.add(form)
          const edges = from.words.get(id)
          if (edges) edges.push({ to, base: pattern.word })
          else from.words.set(id, [{ to, base: pattern.word }])
        }
        break
      case 'either':
        for (const item of pattern.items) this.extend(from, item).free.push(to)
        break
      case 'optional':
        from.free.push(to)
        this.extend(from, pattern.item).free.push(to)
        break
    }
    return to
  }

  /** Gives the rows that begin at a token to `found`. */
  readAt(tokens: Tokens, at: number, end: number, found: (row: Row) => void): void {
    this.start ??= stateOf([{ node: this.root, base: undefined }])
    let here: State | undefined = this.start
    for (let to = at; to < end; to++) {
      here = this.step(here, tokens.ids[to] as number)
      if (!here) return
      for (const { number, base } of here.accepts) found({ number, to: to + 1, base })
    }
  }

  private step(here: State, id: number): State | undefined {
    const known = here.next.get(id)
    if (known) return known
    const reached = here.words.get(id)
    const lower = this.lexicon.lowerOf(id)
    const reachedLower = lower === undefined ? undefined : here.words.get(lower)
    if (!reached && !reachedLower) return undefined
    const next = stateOf([...(reached ?? []), ...(reachedLower ?? [])])
    here.next.set(id, next)
    return next
  }
}

/** The state of some nodes and of all that lie behind them without a word. */
function stateOf(from: readonly Reach[]): State {
  const state: State = { words: new Map(), accepts: [], next: new Map() }
  const seen = new Set<Node>()
  const accepts = new Map<number, string | undefined>()
  const visit = (node: Node, base: string | undefined): void => {
    if (seen.has(node)) return
    seen.add(node)
    for (const number of node.accepts) if (!accepts.has(number)) accepts.set(number, base)
    for (const [word, edges] of node.words) {
      const reached = edges.map((edge) => ({ node: edge.to, base: base ?? edge.base }))
      const known = state.words.get(word)
      if (known) known.push(...reached)
      else state.words.set(word, reached)
    }
    for (const next of node.free) visit(next, base)
  }
  for (const { node, base } of from) visit(node, base)
  state.accepts = [...accepts].map(([number, base]) => ({ number, base }))
  return state
}
