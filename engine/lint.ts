import { VFile } from 'vfile'
import { VFileMessage } from 'vfile-message'
import type { Match } from './automaton.ts'
import { type Block, type Document, type Section, spanOf } from './block.ts'
import { type Catalogue, familyOf, familyOfCondition } from './catalogue.ts'
import type {} from './finding.ts'
import { type Likely, noMatches, type Phrases } from './phrases.ts'
import type { Remark } from './plugin.ts'
import type { Plugged } from './plugins.ts'
import { applyRewrite } from './rewrite.ts'
import { assignRoles, tokensOf } from './roles.ts'
import type { Reading, Report, Sentence, Unit } from './rule.ts'
import {
  type Condition,
  type GuardFile,
  type GuardPlace,
  type Phrase,
  type PhraseGroup,
  patternId,
  type RuleFile,
} from './rulefile.ts'
import { fatalOf, type Severity, weightOf } from './severity.ts'
import { respell, type Variety, varietyOf } from './spelling.ts'
import { looks, type Tokens, token } from './tokens.ts'
import { findUnits } from './units.ts'
import type { Place } from './vocabularies.ts'

/** Line and column from 1 for offsets of one source; lines end at \n, \r\n or a lone \r, as in LSP. */
export class Lines {
  private readonly starts = [0]

  constructor(source: string) {
    for (let at = 0; at < source.length; at++) {
      const code = source.charCodeAt(at)
      if (code === 10 || (code === 13 && source.charCodeAt(at + 1) !== 10)) this.starts.push(at + 1)
    }
  }

  /** How many lines there are; an empty last one counts. */
  get count(): number {
    return this.starts.length
  }

  /** The offset at which a line begins, counted from 1; Infinity for one behind the last. */
  start(line: number): number {
    return this.starts[line - 1] ?? Number.POSITIVE_INFINITY
  }

  /** The point of an offset in UTF-16 units. */
  point(offset: number): { line: number; column: number; offset: number } {
    let low = 0
    let high = this.starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.starts[low] as number) + 1, offset }
  }
}

/** Which rules run, and how their findings weigh: the severity of each rule that is on. */
export type Levels = ReadonlyMap<string, Severity>

/**
 * Applies the rules to a document that has been read. Findings are messages, sorted by place.
 * Positions refer to `document.source`.
 *
 * @param remarks what plugins said of the prose of the blocks, by rule
 */
export function check(
  document: Document,
  catalogue: Catalogue,
  levels: Levels,
  path?: string,
  remarks?: Plugged['remarks'],
): VFileMessage[] {
  return trace(document, catalogue, levels, path, remarks).found.map(({ message }) => message)
}

/** A finding with what it was made of. */
export interface Traced {
  rule: RuleFile
  report: Report
  message: VFileMessage
}

/** The same with what each finding was made of and with the document as it was read: for those who test rules. */
export function trace(
  document: Document,
  catalogue: Catalogue,
  levels: Levels,
  path?: string,
  remarks?: Plugged['remarks'],
): { found: Traced[]; reading: DocumentReading } {
  assignRoles(document, catalogue)
  const reading = new DocumentReading(document, catalogue, levels)
  const lines = new Lines(document.source)
  const traced: Traced[] = []
  const rules = catalogue.rules.filter(({ id }) => levels.has(id))
  for (const [rule, found] of reportsOf(rules, reading, catalogue, remarks)) {
    const level = levels.get(rule.id) as Severity
    for (const { report, message } of found) {
      // a level of one's own caps what the rule itself says of some of its phrases
      const own = report.severity ?? level
      const severity = level === rule.severity || weightOf(own) < weightOf(level) ? own : level
      traced.push({ rule, report, message: toMessage(rule, report, message, severity, document, lines, path) })
    }
  }
  return { found: traced.sort((a, b) => startOf(a.message) - startOf(b.message)), reading }
}

const varieties = new WeakMap<Document, Variety | undefined>()
/** How the document spells, found out once and only where something is to be rewritten. */
function spellingOf(document: Document): Variety | undefined {
  if (!varieties.has(document)) varieties.set(document, varietyOf(document.blocks.map(({ prose }) => prose)))
  return varieties.get(document)
}

const startOf = (message: VFileMessage): number =>
  message.place && 'start' in message.place ? (message.place.start.offset ?? 0) : 0

function toMessage(
  rule: RuleFile,
  report: Report,
  template: string,
  severity: Severity,
  document: Document,
  lines: Lines,
  path: string | undefined,
): VFileMessage {
  const { block, start, end } = report
  const span = spanOf(block, start, end)
  const words: Record<string, string> = { match: block.prose.slice(start, end).replace(/\s+/g, ' '), ...report.words }
  const reason = template.replace(/\$([a-z][a-z0-9-]*)/g, (whole, name: string) =>
    Object.hasOwn(words, name) ? (words[name] as string) : whole,
  )
  const place = { start: lines.point(span.start), end: lines.point(span.end) }
  const message = new VFileMessage(reason, { place, ruleId: rule.id, source: 'silolint' })
  if (path !== undefined) {
    message.file = path
    message.name = `${path}:${place.start.line}:${place.start.column}`
  }
  message.fatal = fatalOf(severity)
  message.actual = document.source.slice(span.start, span.end)
  const { actual } = message
  const variety = report.rewrites?.length ? spellingOf(document) : undefined
  const rewrites = (report.rewrites ?? []).map((rewrite) => (variety ? respell(rewrite, variety, actual) : rewrite))
  message.expected = span.editable ? [...new Set(rewrites)].filter((rewrite) => rewrite !== actual) : []
  message.safe = report.safe === true && message.expected.length > 0
  if (report.pattern) message.pattern = patternId(report.pattern)
  message.note = report.note ?? rule.note
  message.url = report.url ?? rule.url
  message.headings = headingsOf(block.section)
  message.sentence = sentenceAt(block, start)
  return message
}

const headingsOf = ({ title, parent }: Section): string[] => [
  ...(parent ? headingsOf(parent) : []),
  ...(title ? [title.replace(/\s+/g, ' ')] : []),
]

/** More of a sentence tells nobody anything, and where none ends, thousands of findings would each carry all of it. */
const longestSentence = 2000

/** The sentence that holds a place of a block's prose; of one beyond measure what stands around the place. */
function sentenceAt({ prose, tokens }: Block, at: number): string {
  const { sentences, start, end } = tokens ?? { sentences: [], start: [], end: [] }
  let index = 0
  while (index + 2 < sentences.length && (start[sentences[index + 1] as number] as number) <= at) index++
  const [first = 0, next = 0] = [sentences[index], sentences[index + 1]]
  let [from, to] = first < next ? [start[first] as number, end[next - 1] as number] : [0, prose.length]
  if (to - from > longestSentence) {
    from = Math.max(from, at - longestSentence / 4)
    to = Math.min(to, from + longestSentence)
  }
  const text = prose.slice(from, to)
  return first < next ? text.replace(/\s+/g, ' ') : text
}

/** A report with the message to use. */
type Finding = { report: Report; message: string }

/** What each rule finds. */
function reportsOf(
  rules: readonly RuleFile[],
  reading: DocumentReading,
  catalogue: Catalogue,
  remarks: Plugged['remarks'] = new Map(),
): Map<RuleFile, Finding[]> {
  const found = new Map<RuleFile, Finding[]>(rules.map((rule) => [rule, []]))
  const phraseRules = new Map<string, RuleFile>()
  for (const rule of rules) {
    const plain = (report: Report): Finding => ({ report, message: rule.message })
    const code = catalogue.code[rule.id]
    if (rule.kind === 'code' && code) found.set(rule, [...code(reading.for(rule))].map(plain))
    else if (rule.kind === 'absence') found.set(rule, reading.absences(rule).map(plain))
    else phraseRules.set(familyOf(rule), rule)
    for (const remark of remarks.get(rule.id) ?? []) {
      const block = reading.document.blocks[remark.text]
      if (rule.kind !== 'plugin' || !block || (rule.roles.length && !rule.roles.includes(block.role))) continue
      found.get(rule)?.push(plain(remarkReport(remark, block, rule)))
    }
  }
  // sentence by sentence and not rule by rule: what was found out about a sentence serves all, and can then be forgotten
  for (const block of reading.document.blocks)
    for (const [position, sentence] of reading.sentences(block).entries())
      for (const family of reading.families(sentence)) {
        const rule = phraseRules.get(family)
        if (rule) found.get(rule)?.push(...reading.phrases(rule, sentence, position))
      }
  return found
}

function remarkReport({ start, end, reason, id, rewrites, note, url }: Remark, block: Block, rule: RuleFile): Report {
  return {
    block,
    start,
    end,
    words: { reason },
    // a page of a team's own offers its rewrites where the plugin has none
    rewrites: rewrites ?? rule.rewrites,
    ...(id !== undefined && id !== rule.id && { pattern: id }),
    ...(note !== undefined && { note }),
    ...(url !== undefined && { url }),
  }
}

/** A place where a phrase of a rule stands. */
export interface Candidate {
  match: Match
  group: PhraseGroup
  phrase: Phrase
}

/** The rewrites of a group that can be filled in from a match. */
const rewritesOf = ({ match, group }: Pick<Candidate, 'match' | 'group'>, block: Block): string[] =>
  group.rewrites
    .map((template) => applyRewrite(template, match, block))
    .filter((rewrite): rewrite is string => rewrite !== undefined)

/** Words that open a clause of their own behind "and"; behind a comma an article or "our" does so too. */
const pronouns = new Set(['we', 'i', 'you', 'he', 'she', 'they', 'it', 'there'])
const determiners = new Set(['the', 'our', 'this', 'these', 'that', 'those', 'all', 'every', 'each'])

/** A sentence whose phrases are matched only if somebody asks. */
class LazySentence implements Sentence, Place {
  readonly block: Block
  readonly from: number
  readonly to: number
  readonly tokens: Tokens
  private readonly phrases: Phrases
  likely?: Likely[]
  /** By the family of phrases; of most sentences nobody asks any that could be there. */
  private found?: Map<string, readonly Match[]>
  private linked?: ReadonlySet<number>

  constructor(block: Block, from: number, to: number, catalogue: Catalogue) {
    this.block = block
    this.from = from
    this.to = to
    this.tokens = tokensOf(block, catalogue)
    this.phrases = catalogue.phrases
  }

  matches(family: string): readonly Match[] {
    const known = this.found?.get(family)
    if (known) return known
    const found = this.phrases.match(family, this)
    if (found !== noMatches) {
      this.found ??= new Map()
      this.found.set(family, found)
    }
    return found
  }

  /** The tokens of its links are looked up once, since each may be asked for. */
  get isLink(): ((at: number) => boolean) | undefined {
    this.linked ??= linkedTokens(this)
    const { linked } = this
    return linked.size ? (at) => linked.has(at) : undefined
  }
}

/** The tokens of a sentence that are part of a link. Tokens and links are in order, so both are walked once. */
function linkedTokens({ block, tokens, from, to }: LazySentence): ReadonlySet<number> {
  const links = block.marks
    .filter((mark) => mark.kind === 'link' && mark.end > mark.start)
    .sort((a, b) => a.start - b.start)
  const linked = new Set<number>()
  let next = 0
  for (let at = from; at < to && next < links.length; at++) {
    while (next < links.length && (links[next] as { end: number }).end < (tokens.end[at] as number)) next++
    const link = links[next]
    if (link && (tokens.start[at] as number) >= link.start) linked.add(at)
  }
  return linked
}

/** A document with its sentences and what stands in them, read once for all rules. */
export class DocumentReading {
  readonly document: Document
  readonly units: Unit[]
  private readonly catalogue: Catalogue
  private readonly sentencesByBlock: LazySentence[][] = []
  private readonly somewhere = new Map<string, boolean>()
  private readonly always: GuardFile[]

  constructor(document: Document, catalogue: Catalogue, levels: Levels) {
    this.document = document
    this.catalogue = catalogue
    this.always = [...catalogue.guards.values()].filter((guard) => guard.always)
    for (const block of document.blocks) {
      const tokens = tokensOf(block, catalogue)
      const sentences: LazySentence[] = []
      for (let index = 0; index + 1 < tokens.sentences.length; index++) {
        sentences.push(
          new LazySentence(block, tokens.sentences[index] as number, tokens.sentences[index + 1] as number, catalogue),
        )
      }
      this.sentencesByBlock.push(sentences)
    }
    const openers = catalogue.rules.filter((rule) => rule.kind === 'absence' && levels.has(rule.id))
    this.units = findUnits({
      document,
      catalogue,
      sentences: (block) => this.sentences(block),
      opens: (sentence, kind) =>
        openers.filter((rule) => rule.unit === kind && this.states(sentence, rule)).map(({ id }) => id),
    })
  }

  sentences(block: Block): readonly LazySentence[] {
    return this.sentencesByBlock[block.index] ?? []
  }

  /** The families of the rules of which a phrase may stand in a sentence. */
  families(sentence: LazySentence): Iterable<string> {
    return this.catalogue.phrases.familiesAt('rules', sentence)
  }

  guarded(sentence: Sentence, guard: string): Match[] {
    const condition = { guard }
    return sentence.matches(familyOfCondition(condition)).filter((match) => this.isUse(match, condition))
  }

  words(block: Block, from: number, to: number): string {
    const tokens = tokensOf(block, this.catalogue)
    return from < to ? block.prose.slice(tokens.start[from], tokens.end[to - 1]).replace(/\s+/g, ' ') : ''
  }

  /** The reading as a code rule sees it. */
  for(rule: RuleFile): Reading {
    return {
      document: this.document,
      units: this.units,
      sentences: (block) => this.sentences(block),
      guarded: (sentence, guard) => this.guarded(sentence, guard),
      words: (block, from, to) => this.words(block, from, to),
      found: (sentence, name) =>
        sentence.matches(familyOf(rule)).filter(({ phrase }) => {
          const use = this.catalogue.uses[phrase]
          return use !== undefined && 'rule' in use && use.rule === rule && use.group.name === name
        }),
    }
  }

  /** Findings of a phrase rule in a sentence: the matches that no guard clears, none over another. */
  phrases(rule: RuleFile, sentence: Sentence, position: number): Finding[] {
    const { block } = sentence
    if (rule.roles.length && !rule.roles.includes(block.role)) return []
    const candidates = this.candidates(rule, sentence)
    if (!candidates.length) return []
    const found: Finding[] = []
    const kept: Match[] = []
    candidates.sort(
      (a, b) =>
        weightOf(b.group.severity ?? rule.severity) - weightOf(a.group.severity ?? rule.severity) ||
        a.match.from - b.match.from ||
        b.match.to - a.match.to ||
        // of phrases that hold the same words the one that can say best how to put it better
        rewritesOf(b, block).length - rewritesOf(a, block).length,
    )
    for (const { match, group } of candidates) {
      if (kept.some((other) => other.from < match.to && match.from < other.to)) continue
      const { verdict } = this.judge(match, group, sentence, position)
      if (verdict === 'cleared') continue
      kept.push(match)
      found.push(this.reportOf(match, group, rule, block, verdict === 'weakened'))
    }
    return found
  }

  /** Every match of a rule's phrases in a sentence, whatever clears it. */
  candidates(rule: RuleFile, sentence: Sentence): Candidate[] {
    return sentence.matches(familyOf(rule)).flatMap((match) => {
      const use = this.catalogue.uses[match.phrase]
      return use && 'rule' in use && use.rule === rule ? [{ match, group: use.group, phrase: use.phrase }] : []
    })
  }

  private reportOf(match: Match, group: PhraseGroup, rule: RuleFile, block: Block, weakened: boolean): Finding {
    const tokens = tokensOf(block, this.catalogue)
    const words = Object.fromEntries(match.captures.map(({ name, from, to }) => [name, this.words(block, from, to)]))
    return {
      message: group.message ?? rule.message,
      report: {
        match,
        block,
        start: tokens.start[match.from] as number,
        end: tokens.end[match.to - 1] as number,
        words,
        severity: weakened ? 'info' : group.severity,
        safe: group.safe,
        pattern: group.name,
        rewrites: rewritesOf({ match, group }, block),
      },
    }
  }

  /** Whether a match is a finding; where it is cleared, by which condition, or else for want of what it needs. */
  judge(
    match: Match,
    group: PhraseGroup,
    sentence: Sentence,
    position: number,
  ): { verdict: 'cleared' | 'weakened' | 'stands'; by?: Condition } {
    if (group.needs.length && !group.needs.some((condition) => this.holds(condition, match, sentence, position, true)))
      return { verdict: 'cleared' }
    let weakened = false
    const always = this.always.filter(({ id }) => !group.despite.includes(id)).map(({ id }) => ({ guard: id }))
    for (const condition of [...always, ...group.unless]) {
      if (!this.holds(condition, match, sentence, position)) continue
      if ('guard' in condition && this.catalogue.guards.get(condition.guard)?.weakens) weakened = true
      else return { verdict: 'cleared', by: condition }
    }
    return { verdict: weakened ? 'weakened' : 'stands' }
  }

  /** Whether a condition holds; the words found themselves count only where they are wanted, not where they would clear. */
  private holds(condition: Condition, match: Match, sentence: Sentence, position: number, inMatch = false): boolean {
    if ('phrase' in condition) {
      return sentence
        .matches(familyOfCondition(condition))
        .some(
          (other) => this.isUse(other, condition) && (inMatch || !(other.from >= match.from && other.to <= match.to)),
        )
    }
    const guard = this.catalogue.guards.get(condition.guard)
    if (!guard) return false
    const { block } = sentence
    if (guard.roles.length && (guard.roles.includes(block.role) || guard.roles.includes(block.section.role)))
      return true
    if (guard.quoted && isQuoted(match, sentence)) return true
    return guard.where.some(
      (place) =>
        this.standsAt(place, guard, match, sentence, position) ||
        (inMatch && place === 'sentence' && this.standsAt('within', guard, match, sentence, position)),
    )
  }

  private standsAt(place: GuardPlace, guard: GuardFile, match: Match, sentence: Sentence, position: number): boolean {
    const { block } = sentence
    const anyIn = (other: Sentence | undefined): boolean =>
      other !== undefined && this.guarded(other, guard.id).length > 0
    switch (place) {
      case 'sentence':
        return this.guarded(sentence, guard.id).some((one) => one.from < match.from || one.to > match.to)
      case 'before':
        return this.guarded(sentence, guard.id).some((one) => one.to <= match.from)
      case 'clause':
        return this.guarded(sentence, guard.id).some(
          (one) => one.to <= match.from && !this.isParted(block, one.to, match.from),
        )
      case 'after':
        return this.guarded(sentence, guard.id).some((one) => one.from >= match.to)
      case 'within':
        return this.guarded(sentence, guard.id).some((one) => one.from >= match.from && one.to <= match.to)
      case 'next':
        return anyIn(this.sentences(block)[position + 1] ?? this.neighbour(block, 1))
      case 'previous':
        return anyIn(position > 0 ? this.sentences(block)[position - 1] : this.neighbour(block, -1))
      case 'around':
        return this.isWithin(match, sentence, guard.id)
      case 'heading':
        return this.headed(block, guard.id)
      case 'document':
        return this.isSomewhere(guard.id)
    }
  }

  /** Whether a clause with a subject of its own begins within the tokens: "never late, we pass it on". */
  private isParted(block: Block, from: number, to: number): boolean {
    const tokens = tokensOf(block, this.catalogue)
    for (let at = from; at < to; at++) {
      const id = tokens.ids[at] as number
      if (id === token.semicolon) return true
      const here = this.words(block, at, at + 1).toLowerCase()
      if (here === 'but') return true
      const next = at + 1 < to ? this.words(block, at + 1, at + 2).toLowerCase() : ''
      if ((id === token.comma || id === token.dash) && (pronouns.has(next) || determiners.has(next))) return true
      if ((here === 'and' || here === 'so') && pronouns.has(next)) return true
    }
    return false
  }

  /** Whether the match is part of a guard's words: the "users" of "system users". */
  private isWithin(match: Match, sentence: Sentence, guard: string): boolean {
    return this.guarded(sentence, guard).some((one) => one.from <= match.from && one.to >= match.to)
  }

  /** Whether a guard's words stand anywhere in the document; each guard is looked for once. */
  private isSomewhere(guard: string): boolean {
    let known = this.somewhere.get(guard)
    if (known === undefined) {
      known = this.sentencesByBlock.some((all) => all?.some((one) => this.guarded(one, guard).length > 0))
      this.somewhere.set(guard, known)
    }
    return known
  }

  /** Whether a guard's words stand in a heading above the block. */
  private headed(block: Block, guard: string): boolean {
    for (let section: Block['section'] | undefined = block.section; section; section = section.parent) {
      const { heading } = section
      if (heading && heading !== block && this.sentences(heading).some((one) => this.guarded(one, guard).length > 0))
        return true
    }
    return false
  }

  /** The sentence before or after a block that a reader takes together with it: same section, or same table row. */
  private neighbour(block: Block, step: 1 | -1): Sentence | undefined {
    const other = this.document.blocks[block.index + step]
    if (!other || other.section !== block.section || other.kind === 'heading' || other.quoted !== block.quoted)
      return undefined
    if (block.table && (other.table?.table !== block.table.table || other.table.row !== block.table.row))
      return undefined
    if (!block.table && other.table) return undefined
    const sentences = this.sentences(other)
    return step === 1 ? sentences[0] : sentences.at(-1)
  }

  /**
   * Units that lack all of what a rule wants them to have. An answer within the words of an `around`
   * guard is none; a statement that another guard clears states nothing, and takes along what only follows it.
   */
  absences(rule: RuleFile): Report[] {
    const reports: Report[] = []
    const ids = rule.unless.flatMap((condition) => ('guard' in condition ? [condition.guard] : []))
    const isAround = (id: string): boolean => this.catalogue.guards.get(id)?.where.includes('around') === true
    const around = ids.filter(isAround)
    const clearing = rule.unless.filter((condition) => !('guard' in condition && isAround(condition.guard)))
    const stands = (sentence: Sentence, condition: Condition, isEmpty = (_: Match): boolean => false): boolean =>
      sentence
        .matches(familyOfCondition(condition))
        .some((match) => match.from >= sentence.from && this.isUse(match, condition) && !isEmpty(match))
    const has = (sentence: Sentence, condition: Condition): boolean => {
      if (
        'guard' in condition &&
        this.catalogue.guards.get(condition.guard)?.where.includes('heading') &&
        this.headed(sentence.block, condition.guard)
      )
        return true
      if (
        'guard' in condition &&
        !this.catalogue.guards.get(condition.guard)?.where.some((place) => place !== 'heading')
      )
        return false
      return stands(sentence, condition)
    }
    const answers = (sentence: Sentence): boolean =>
      rule.lacks.some((condition) =>
        stands(sentence, condition, (match) => around.some((guard) => this.isWithin(match, sentence, guard))),
      )
    const isNeeded = (sentence: Sentence): boolean =>
      rule.needs.length === 0 || rule.needs.some((condition) => stands(sentence, condition))
    for (const unit of this.units) {
      if (unit.kind !== rule.unit || (unit.opener !== undefined && unit.opener !== rule.id)) continue
      const clears = (sentence: Sentence): boolean =>
        clearing.some((condition) => !this.weakens(condition) && has(sentence, condition))
      if (!unit.statements.some(isNeeded)) continue
      if ([...unit.statements, ...unit.context].some((sentence) => !clears(sentence) && answers(sentence))) continue
      const stating: Sentence[] = []
      let weak = true
      let cleared = false
      for (const sentence of unit.statements) {
        const verdicts = clearing.filter((condition) => has(sentence, condition))
        const opens = this.states(sentence, rule)
        if (verdicts.some((condition) => !this.weakens(condition))) cleared = true
        else if (!cleared || opens) {
          if (!verdicts.length && (stating.length === 0 || opens)) weak = false
          stating.push(sentence)
        }
      }
      const reportable = stating.filter(isNeeded)
      const sentence =
        reportable.find((one) => one.to - one.from > 1 && one.block.tokens?.ids[one.to - 1] !== token.colon) ??
        reportable[0]
      if (!sentence) continue
      const report = this.statementReport(sentence, rule.rewrites)
      reports.push(weak ? { ...report, severity: 'info' } : report)
    }
    return reports
  }

  /** Whether a sentence by itself opens a unit for a rule, by one of the rule's phrases. */
  private states(sentence: Sentence, rule: RuleFile): boolean {
    return sentence.matches(familyOf(rule)).length > 0
  }

  /** Whether a match is one of a condition's. */
  private isUse(match: Match, condition: Condition): boolean {
    const use = this.catalogue.uses[match.phrase]
    if (!use) return false
    return 'phrase' in condition
      ? 'condition' in use && use.condition === condition
      : 'guard' in use && use.guard.id === condition.guard
  }

  private weakens(condition: Condition): boolean {
    return 'guard' in condition && this.catalogue.guards.get(condition.guard)?.weakens === true
  }

  /** A report on a whole statement, its full stop left out, so that a clause can follow. */
  private statementReport(sentence: Sentence, templates: readonly string[]): Report {
    const { block } = sentence
    const tokens = tokensOf(block, this.catalogue)
    let last = sentence.to - 1
    while (
      last > sentence.from &&
      ((tokens.looks[last] as number) & looks.word) === 0 &&
      tokens.ids[last] !== token.close
    )
      last--
    const start = tokens.start[sentence.from] as number
    const end = tokens.end[last] as number
    const span = spanOf(block, start, end)
    const statement = this.document.source.slice(span.start, span.end)
    const rewrites = templates.map((template) =>
      template.includes('$statement')
        ? template.replace('$statement', () => statement)
        : this.lineBefore(template, statement, block, span.start),
    )
    return { block, start, end, rewrites: rewrites.filter((one) => one !== undefined) }
  }

  /**
   * A statement with a line of its own put before it, which takes the list's marker or fills the table's
   * row. Nothing in prose, nor where the statement does not open its line.
   */
  private lineBefore(line: string, statement: string, block: Block, start: number): string | undefined {
    const { source, blocks } = this.document
    const opening = source.slice(
      Math.max(source.lastIndexOf('\n', start - 1), source.lastIndexOf('\r', start - 1)) + 1,
      start,
    )
    // a row of HTML has no bars
    const isBarred = /^[^\r\n]*\|/.test(source.slice(start))
    if (block.table && isBarred && /^[\s>]*\|?\s*$/.test(opening)) {
      const { table } = block.table
      const columns = blocks.filter((cell) => cell.table?.table === table && cell.table.row === 0).length
      return `${line} |${' |'.repeat(columns - 1)}\n${opening}${statement}`
    }
    if (block.list && /^[\s>]*(?:[-*+]|\d{1,9}[.)])\s+$/.test(opening)) return `${line}\n${opening}${statement}`
    return undefined
  }
}

/** Whether the match stands between quotation marks: single ones of its sentence, or double ones of its block. */
function isQuoted(match: Match, { block, from, to }: Sentence): boolean {
  const { tokens, prose } = block
  if (!tokens) return false
  const isMark = (at: number, marks: string): boolean =>
    tokens.ids[at] === token.quote && marks.includes(prose[tokens.start[at] as number] as string)
  const within = (marks: string, first: number, end: number): boolean => {
    let before = 0
    for (let at = first; at < match.from; at++) if (isMark(at, marks)) before++
    if (before % 2 === 0) return false
    for (let at = match.to; at < end; at++) if (isMark(at, marks)) return true
    return false
  }
  return within('"“”«»', 0, tokens.ids.length) || within('"“”«»\'‘’', from, to)
}

/** A VFile that holds a source and what was found in it. */
export function toFile(source: string, messages: VFileMessage[], path: string | undefined): VFile {
  const file = new VFile(path === undefined ? { value: source } : { value: source, path })
  file.messages = messages
  return file
}
