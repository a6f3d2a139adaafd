import type { Match } from './automaton.ts'
import { type Block, type Document, type Fact, fact } from './block.ts'
import type { Severity } from './severity.ts'

export type { Match } from './automaton.ts'
export { type Block, type Document, type Fact, fact, type Role, type Section } from './block.ts'
export type { SourceText } from './rope.ts'
export type { Severity } from './severity.ts'

/** One sentence of a block, with the phrases found in it. Positions are tokens of the block. */
export interface Sentence {
  block: Block
  from: number
  to: number
  /** The phrases of a family that stand in it, matched when first asked for. */
  matches(family: string): readonly Match[]
}

/** A section, sentence, list, table or label that states what something is for, or by what it is measured. */
export interface Unit {
  kind: 'objective' | 'measure'
  statements: Sentence[]
  /** What stands beside it and may hold what it lacks, but is never reported. */
  context: Sentence[]
  /** The rule whose phrase opened it, which alone judges it; headings, labels and tables open units for all rules. */
  opener?: string
}

/** What a rule found: a range of a block's prose in UTF-16 units, and how it could read instead. */
export interface Report {
  block: Block
  start: number
  end: number
  /** What `$name` stands for in the rule's message. */
  words?: Record<string, string>
  /** Texts that could each replace the range. */
  rewrites?: string[]
  /** In place of the rule's own. */
  severity?: Severity
  /** The first rewrite may be put in without anybody looking. */
  safe?: boolean
  /** The name of the group of phrases that it is of. */
  pattern?: string
  /** In place of what the rule's page says. */
  note?: string
  url?: string
  /** What it was made of, where phrases made it: for those who test rules. */
  match?: Match
}

/** A document as a code rule reads it. */
export interface Reading {
  document: Document
  units: Unit[]
  /** The sentences of a block, in order. */
  sentences(block: Block): readonly Sentence[]
  /** Where the phrases of this rule's group `name` stand in a sentence; guards are not applied. */
  found(sentence: Sentence, name: string): Match[]
  /** Where a guard's phrases stand in a sentence. */
  guarded(sentence: Sentence, guard: string): Match[]
  /** The words of a token range as they stand in the prose, blanks single. */
  words(block: Block, from: number, to: number): string
  /** What a fact finds out about a block: asked once, as long as the block is not edited. */
  of<T>(block: Block, fact: Fact<T, Reading>): T
  /** The sum of a fact over all blocks, kept up while the document is edited. */
  total(fact: Fact<number, Reading>): number
  /**
   * How often a pattern stands in the source of the document, kept up while that is edited. No match may go over the end
   * of a line, and each must hold the word, in whatever capitals.
   */
  count(pattern: RegExp, word: string): number
  /** How many lines of the document begin or end a piece of code. */
  fences: number
  /** The document in parts that have nothing to do with each other but for what the headings above them say. */
  chapters: readonly Chapter[]
}

/**
 * Sections with all of their lists and tables. It is the same object as long as no block of it is edited, and their roles
 * and the headings above them are as they were.
 */
export interface Chapter {
  readonly blocks: readonly Block[]
}

/** How many pieces of code stand in a block. */
export const codeIn = fact(({ marks }) => marks.filter(({ kind }) => kind === 'code').length)

/** A rule that phrases cannot say: the plugin beside a rule file. It may read, it may not touch disk. */
export interface CodeRule {
  (reading: Reading): Iterable<Report>
  /**
   * All of a block that reports elsewhere hang on. Where a block is written anew and these stay the same, the rule is not
   * asked again; a rule without it is asked after each edit. The block is no heading, and stands at its place among others.
   * Where the number of fences changes, or the length of the text by a thousand characters at once, all rules are asked.
   */
  hangsOn?(reading: Reading, block: Block): readonly unknown[]
}

/** Where a sentence stands in its block's prose, and its words, blanks single, with a full stop that another can follow. */
export function spanOfSentence({ block, from, to }: Sentence): { start: number; end: number; text: string } {
  const start = block.tokens?.start[from] ?? 0
  const end = block.tokens?.end[to - 1] ?? 0
  const text = block.prose.slice(start, end).replace(/\s+/g, ' ')
  return { start, end, text: /[.!?]$/.test(text) ? text : `${text}.` }
}
