import { VFile } from 'vfile'
import { VFileMessage } from 'vfile-message'
import type { Match } from './automaton.ts'
import {
  type Block,
  type Change,
  type Document,
  type Fact,
  fact,
  factOf,
  type Reread,
  type Role,
  type Section,
  spanOf,
} from './block.ts'
import { type Catalogue, familyOf, familyOfCondition } from './catalogue.ts'
import type {} from './finding.ts'
import { token } from './lexicon.ts'
import { lastUpTo } from './numbers.ts'
import { type Likely, noMatches, type Phrases } from './phrases.ts'
import type { Remark } from './plugin.ts'
import type { Plugged } from './plugins.ts'
import { applyRewrite } from './rewrite.ts'
import { assignRoles, labelOf, namedRole, tokensOf } from './roles.ts'
import type { SourceText } from './rope.ts'
import type { Chapter, CodeRule, Reading, Report, Sentence, Unit } from './rule.ts'
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
import { balanceOf, respell, type Variety, varietyOf } from './spelling.ts'
import { looks, type Tokens } from './tokens.ts'
import { findUnits, makesUnit, type Opener, type UnitReader } from './units.ts'
import type { Place } from './vocabularies.ts'

/** Line and column from 1 for offsets of one source; lines end at \n, \r\n or a lone \r, as in LSP. */
export class Lines {
  private readonly starts = [0]

  constructor(source: SourceText) {
    for (let at = 1; at <= source.length; at++) if (startsLine(source, at)) this.starts.push(at)
  }

  /** Follows a change: `[from, to)` of the text before became `length` characters of `source`, the whole text after. */
  edit(source: SourceText, { from, to, length }: Change): void {
    const { starts } = this
    const difference = length - (to - from)
    // whether a line starts at `from` may hang on the character there: \r or \r\n
    const first = Math.max(1, this.lineAt(from - 1) + 1)
    let next = first
    while (next < starts.length && (starts[next] as number) <= to) next++
    const news: number[] = []
    for (let at = Math.max(from, 1); at <= from + length; at++) if (startsLine(source, at)) news.push(at)
    if (difference)
      for (let line = next; line < starts.length; line++) starts[line] = (starts[line] as number) + difference
    replace(starts, first, next - first, news)
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
    const line = this.lineAt(offset)
    return { line: line + 1, column: offset - (this.starts[line] as number) + 1, offset }
  }

  /** The line of an offset, counted from 0. */
  private lineAt(offset: number): number {
    return lastUpTo(offset, this.starts.length, (index) => this.starts[index] as number)
  }
}

/** Whether a line starts at an offset above 0, which may be the end. */
function startsLine(source: SourceText, at: number): boolean {
  const before = source.charCodeAt(at - 1)
  return before === 10 || (before === 13 && source.charCodeAt(at) !== 10)
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
  return new Check(document, catalogue, levels, path).run(remarks)
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
  const check = new Check(document, catalogue, levels, path)
  return { found: check.trace(remarks), reading: check.reading }
}

/** A finding with the message that says so, to be used again after an edit elsewhere. */
interface Made extends Traced {
  finding: Finding
  variety: Variety | undefined
  /** Where it begins and ends, from the beginning of its block on. */
  from: number
  to: number
}

/** The rules on one document, while it is edited: what an edit leaves as it was is not looked for again. */
export class Check {
  readonly reading: DocumentReading
  readonly lines: Lines
  private readonly document: Document
  private readonly catalogue: Catalogue
  private readonly levels: Levels
  private readonly path: string | undefined
  private readonly rules: readonly RuleFile[]
  private made: ReadonlyMap<Site, readonly Made[]> = new Map()

  constructor(document: Document, catalogue: Catalogue, levels: Levels, path?: string) {
    assignRoles(document, catalogue)
    this.document = document
    this.catalogue = catalogue
    this.levels = levels
    this.path = path
    this.rules = catalogue.rules.filter(({ id }) => levels.has(id))
    this.reading = new DocumentReading(document, catalogue, levels)
    this.lines = new Lines(document.text)
  }

  /** Follows one change of the source. */
  editSource(last: SourceText, source: SourceText, change: Change): void {
    this.lines.edit(source, change)
    const { from, to, length } = change
    this.reading.editLines(linesAround(last, from, to), linesAround(source, from, from + length))
  }

  /** Takes note of what all changes of the source since the last time have made of the blocks. */
  edit(changed: Reread): void {
    this.reading.turnCounts()
    if (this.reading.rewrite(changed)) return
    assignRoles(this.document, this.catalogue)
    this.reading.edit(changed)
  }

  /** The findings as the document stands, sorted by place. Those that an earlier run gave are moved, not made anew. */
  run(remarks?: Plugged['remarks']): VFileMessage[] {
    return this.trace(remarks).map(({ message }) => message)
  }

  trace(remarks?: Plugged['remarks']): Traced[] {
    const { reading, levels, made: last } = this
    const made = new Map<Site, Made[]>()
    const traced: Array<Traced & { start: number }> = []
    for (const [rule, found] of reportsOf(this.rules, reading, this.catalogue, remarks)) {
      const level = levels.get(rule.id) as Severity
      for (const finding of found) {
        // a level of one's own caps what the rule itself says of some of its phrases
        const own = finding.report.severity ?? level
        const severity = level === rule.severity || weightOf(own) < weightOf(level) ? own : level
        const site = reading.siteOf(finding.report.block)
        const one = this.kept(last.get(site), rule, finding) ?? this.make(rule, finding, severity)
        const others = made.get(site)
        if (others) others.push(one)
        else made.set(site, [one])
        const start = finding.report.block.start + one.from
        traced.push({ rule, report: finding.report, message: one.message, start })
      }
    }
    this.made = made
    return traced.sort((a, b) => a.start - b.start)
  }

  /** The same finding of an earlier run, where it stands now. Above its block stand the same headings as then. */
  private kept(made: readonly Made[] | undefined, rule: RuleFile, finding: Finding): Made | undefined {
    const one = made?.find((one) => one.rule === rule && isSameFinding(one.finding, finding))
    if (!one || one.variety !== this.varietyFor(finding.report)) return undefined
    if (one.message.suppression) delete one.message.suppression
    this.place(one.message, finding.report.block.start + one.from, finding.report.block.start + one.to)
    return one
  }

  private make(rule: RuleFile, finding: Finding, severity: Severity): Made {
    const { report, message: template } = finding
    const { block, start, end } = report
    const span = spanOf(block, start, end)
    const words: Record<string, string> = { match: block.prose.slice(start, end).replace(/\s+/g, ' '), ...report.words }
    const reason = template.replace(/\$([a-z][a-z0-9-]*)/g, (whole, name: string) =>
      Object.hasOwn(words, name) ? (words[name] as string) : whole,
    )
    const message = new VFileMessage(reason, { ruleId: rule.id, source: 'silolint' })
    this.place(message, span.start, span.end)
    message.fatal = fatalOf(severity)
    message.actual = ownText(this.document.text.slice(span.start, span.end))
    const { actual } = message
    const variety = this.varietyFor(report)
    const rewrites = (report.rewrites ?? []).map((rewrite) => (variety ? respell(rewrite, variety, actual) : rewrite))
    message.expected = span.editable ? [...new Set(rewrites)].filter((rewrite) => rewrite !== actual) : []
    message.safe = report.safe === true && message.expected.length > 0
    if (report.pattern) message.pattern = patternId(report.pattern)
    message.note = report.note ?? rule.note
    message.url = report.url ?? rule.url
    message.headings = headingsOf(block.section)
    message.sentence = sentenceAt(block, start)
    return { rule, report, finding, message, variety, from: span.start - block.start, to: span.end - block.start }
  }

  /** How the document spells, found out only where something is to be rewritten. */
  private varietyFor({ rewrites }: Report): Variety | undefined {
    return rewrites?.length ? varietyOf(this.reading.total(balanceIn, undefined)) : undefined
  }

  private place(message: VFileMessage, start: number, end: number): void {
    const place = { start: this.lines.point(start), end: this.lines.point(end) }
    const { line, column } = place.start
    message.place = place
    message.line = line
    message.column = column
    message.name = `${line}:${column}-${place.end.line}:${place.end.column}`
    if (this.path === undefined) return
    message.file = this.path
    message.name = `${this.path}:${line}:${column}`
  }
}

const balanceIn = fact(({ prose }) => balanceOf(prose))

/** Whether two findings in one block say the same. */
function isSameFinding(one: Finding, other: Finding): boolean {
  if (one === other) return true
  const [a, b] = [one.report, other.report]
  return (
    one.message === other.message &&
    a.start === b.start &&
    a.end === b.end &&
    a.severity === b.severity &&
    a.safe === b.safe &&
    a.pattern === b.pattern &&
    a.note === b.note &&
    a.url === b.url &&
    isSameList(a.rewrites ?? [], b.rewrites ?? []) &&
    isSameList(Object.entries(a.words ?? {}).flat(), Object.entries(b.words ?? {}).flat())
  )
}

const isSameList = <T>(one: readonly T[], other: readonly T[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index])

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
    if (rule.kind === 'code' && code) found.set(rule, reading.reports(rule, code).map(plain))
    else if (rule.kind === 'absence') found.set(rule, reading.reports(rule).map(plain))
    else phraseRules.set(familyOf(rule), rule)
    for (const remark of remarks.get(rule.id) ?? []) {
      const block = reading.document.blocks[remark.text]
      if (rule.kind !== 'plugin' || !block || (rule.roles.length && !rule.roles.includes(block.role))) continue
      found.get(rule)?.push(plain(remarkReport(remark, block, rule)))
    }
  }
  for (const [rule, finding] of reading.phraseFindings(phraseRules)) found.get(rule)?.push(finding)
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
  likely?: Likely[] | undefined
  absent?: string[] | undefined
  /** By the family of phrases; of most sentences nobody asks any that could be there. */
  private found?: Map<string, readonly Match[]> | undefined
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
    const linked = this.links
    return linked.size ? (at) => linked.has(at) : undefined
  }

  private get links(): ReadonlySet<number> {
    this.linked ??= linkedTokens(this)
    return this.linked
  }

  /** Takes over what was found in a sentence of an earlier version of its block, where no token of it is another. */
  adopt(last: LazySentence): boolean {
    const { tokens, from, to } = this
    const old = last.tokens
    if (last.from !== from || last.to !== to) return false
    for (let at = from; at < to; at++)
      if (
        tokens.ids[at] !== old.ids[at] ||
        tokens.looks[at] !== old.looks[at] ||
        tokens.start[at] !== old.start[at] ||
        tokens.end[at] !== old.end[at]
      )
        return false
    if (this.links.size !== last.links.size) return false
    for (const at of this.links) if (!last.links.has(at)) return false
    this.likely = last.likely
    this.absent = last.absent
    this.found = last.found
    return true
  }
}

const sentencesIn = (block: Block, catalogue: Catalogue): readonly LazySentence[] =>
  factOf(block, findSentences, catalogue)

const findSentences = fact((block, catalogue: Catalogue): readonly LazySentence[] => {
  const { sentences } = tokensOf(block, catalogue)
  const found: LazySentence[] = []
  for (let index = 0; index + 1 < sentences.length; index++)
    found.push(new LazySentence(block, sentences[index] as number, sentences[index + 1] as number, catalogue))
  return found
})

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

/** The headings above a block with their roles: another one as soon as anything of them is another. */
interface Chain {
  heading: Block | undefined
  title: string
  role: Role
  parent: Chain | undefined
}

/** Where a block stands as far as phrases look: another one as soon as anything of it is another. */
interface Site {
  block: Block
  role: Role
  chain: Chain | undefined
  lead: Block | undefined
  chapter?: Chapter
  /** What phrases found in the block, and what else that hung on. */
  judged?: Judged
}

interface Judged {
  found: ReadonlyArray<[RuleFile, Finding]>
  /** The sentences beside the block that were asked for; undefined where there were none. */
  beside: Map<1 | -1, Sentence | undefined>
  /** The guards that were looked for in the whole document. */
  somewhere: Map<string, boolean>
}
/** A text that grows or shrinks by more characters than this may be of another kind than before. */
const longestStep = 1000
/** Patterns are asked for by the words of a text, which whoever writes it for hours makes thousands of. */
const mostCounts = 1000
/** More blocks than this are not compared one by one with what stood in their places. */
const mostCompared = 50
/** Most blocks have nothing. */
const nothing: Judged = { found: [], beside: new Map(), somewhere: new Map() }

/**
 * A document with its sentences and what stands in them, read once for all rules. While it is edited, what is known of a
 * block is kept as long as the block is, and what is known of its place as long as that is the same.
 */
export class DocumentReading {
  readonly document: Document
  units: readonly Unit[] = []
  chapters: Chapter[] = []
  private readonly catalogue: Catalogue
  private readonly somewhere = new Map<string, boolean>()
  private readonly always: GuardFile[]
  /** The blocks as they were when they were looked at last, and their places. */
  private blocks: Block[] = []
  private readonly sites: Site[] = []
  /** The sections as they were then. */
  private sections: readonly Section[] = []
  /** The places of the sites in which phrases were found, or that hang on something beside them. */
  private notable: number[] | undefined
  /** What rules found in the whole document, as long as nothing has changed on which that hangs. */
  private readonly kept = new Map<RuleFile, readonly Report[]>()
  /** The source as it was: how many fences it had, once they were counted, and its length. */
  private last: { fences: number | undefined; length: number } = { fences: undefined, length: 0 }
  /** How many columns the header of each table has, once that is asked for. */
  private readonly columns = new Map<number, number>()
  /** The blocks that are part of units. */
  private readonly inUnits = new Set<Block>()
  private chains = new Map<Section, Chain>()
  private readonly totals = new Map<unknown, { sum: number; of: (block: Block) => number }>()
  private readonly sentencesIn: (block: Block) => readonly LazySentence[]
  /** The rules whose phrases open units. */
  private readonly openers: readonly RuleFile[]
  /** Where what is found in the block at hand hangs on something beside it. */
  private judging: Judged | undefined
  /** Patterns that were counted in the source, a word that each of their matches holds, and when they were last asked for. */
  private readonly counts = new Map<string, { pattern: RegExp; word: string; count: number; turn: number }>()
  /** How often what had changed was taken note of. */
  private turn = 0

  constructor(document: Document, catalogue: Catalogue, levels: Levels) {
    this.document = document
    this.catalogue = catalogue
    this.always = [...catalogue.guards.values()].filter((guard) => guard.always)
    this.sentencesIn = (block) => sentencesIn(block, catalogue)
    this.openers = catalogue.rules.filter((rule) => rule.kind === 'absence' && levels.has(rule.id))
    this.edit({ from: 0, removed: 0, added: document.blocks.length })
  }

  /** Takes note of an edit of the document, whose blocks have their roles. */
  edit({ from, removed, added }: Reread): void {
    const { document, blocks: last, sites, chains: known } = this
    const { blocks } = document
    const news = blocks.slice(from, from + added)
    // facts may look at tokens, which are made with the sentences
    for (const block of news) this.sentences(block)
    for (const total of this.totals.values()) {
      for (const block of last.slice(from, from + removed)) total.sum -= total.of(block)
      for (const block of news) total.sum += total.of(block)
    }
    this.blocks = blocks.slice()
    this.sections = document.sections.slice()
    this.somewhere.clear()
    this.notable = undefined
    this.kept.clear()
    this.columns.clear()
    this.last = { fences: this.counts.get(`${fence}`)?.count, length: document.text.length }

    this.chains = new Map()
    for (const section of document.sections) {
      const { heading, title, role } = section
      const parent = section.parent && this.chains.get(section.parent)
      const old = known.get(section)
      const isSame = old?.heading === heading && old?.title === title && old.role === role && old.parent === parent
      this.chains.set(section, isSame ? (old as Chain) : { heading, title, role, parent })
    }
    replace(
      sites,
      from,
      removed,
      news.map((block) => ({ block, role: block.role, chain: undefined, lead: undefined })),
    )
    let section: Section | undefined
    let chain: Chain | undefined
    for (let index = 0; index < blocks.length; index++) {
      const block = blocks[index] as Block
      if (block.section !== section) {
        section = block.section
        chain = this.chains.get(section)
      }
      const site = sites[index] as Site
      const lead = block.list?.lead
      if (site.chain !== chain || site.role !== block.role || site.lead !== lead)
        sites[index] = { block, role: block.role, chain, lead }
    }
    this.chapters = this.findChapters()
    this.findUnits()
  }

  /**
   * Takes note of an edit that leaves the document built as it was: as many blocks, each in the place and with the role of
   * one before, and no heading among them. Then what stands elsewhere is looked at only where it hangs on them. Gives
   * false, and does nothing, where the edit is another.
   */
  rewrite({ from, removed, added }: Reread): boolean {
    const { document, blocks: last, sites } = this
    const { blocks } = document
    const { length } = document.text
    const fences = this.counts.get(`${fence}`)?.count
    const isBuiltAlike =
      removed === added &&
      removed <= mostCompared &&
      fences === this.last.fences &&
      Math.abs(length - this.last.length) < longestStep &&
      document.sections.length === this.sections.length &&
      document.sections.every((section, index) => section === this.sections[index])
    if (!isBuiltAlike) return false
    const places = Array.from({ length: removed }, (_, index) => from + index)
    const chapter = sites[from]?.chapter
    for (const index of places) {
      const [old, now] = [last[index] as Block, blocks[index] as Block]
      if (sites[index]?.chapter !== chapter || !this.standsAlike(old, now, from)) return false
    }
    const news = blocks.slice(from, from + added)
    for (const [index, block] of news.entries()) {
      const old = last[from + index] as Block
      block.role = old.role
      // whoever writes on in a paragraph leaves the sentences before as they are
      const before = this.sentences(old)
      this.sentences(block).every((sentence, at) => before[at] && sentence.adopt(before[at]))
    }
    for (const total of this.totals.values())
      for (const index of places) total.sum += total.of(blocks[index] as Block) - total.of(last[index] as Block)
    this.somewhere.clear()
    const changes = places.map((index) => [last[index] as Block, blocks[index] as Block] as const)
    this.last = { fences, length }
    this.columns.clear()
    const hasNewUnits = changes.some(([old, now]) => this.isUnitAt(old, now))
    const hang = (which: 0 | 1): Map<RuleFile, readonly unknown[]> => {
      const found = new Map<RuleFile, readonly unknown[]>()
      for (const rule of this.kept.keys()) {
        const { hangsOn } = this.catalogue.code[rule.id] ?? {}
        const own = this.for(rule)
        if (hangsOn)
          found.set(
            rule,
            changes.flatMap((change) => hangsOn(own, change[which])),
          )
      }
      return found
    }
    const before = hang(0)
    if (hasNewUnits) this.findUnits()
    const after = hang(1)
    for (const [rule, reports] of this.kept) {
      const [one, other] = [before.get(rule), after.get(rule)]
      const holds =
        rule.kind === 'absence'
          ? !hasNewUnits
          : changes.length > 0 &&
            one &&
            other &&
            isSameList(one, other) &&
            !reports.some(({ block }) => changes.some(([old]) => old === block))
      if (!holds) this.kept.delete(rule)
    }
    for (const index of places) {
      const { role, chain } = sites[index] as Site
      const block = blocks[index] as Block
      sites[index] = { block, role, chain, lead: block.list?.lead }
      this.blocks[index] = block
    }
    if (chapter) this.renew(chapter, from)
    if (this.notable) {
      // beside what is new, sentences may be judged otherwise
      const beside = new Set([...places, from - 1, from + added])
      this.notable = [...this.notable.filter((index) => !beside.has(index)), ...beside]
        .filter((index) => index >= 0 && index < blocks.length)
        .sort((a, b) => a - b)
    }
    return true
  }

  /** Whether a block stands where another stood, and gives to those around it what that one gave. */
  private standsAlike(old: Block, now: Block, from: number): boolean {
    if (old.kind !== now.kind || old.kind === 'heading' || old.quoted !== now.quoted || old.section !== now.section)
      return false
    const [label, other] = [labelOf(old, this.catalogue), labelOf(now, this.catalogue)]
    if (label.role !== other.role || label.isWhole !== other.isWhole || label.end > 0 !== other.end > 0) return false
    if (old.prose.endsWith(':') !== now.prose.endsWith(':')) return false
    if (!old.list !== !now.list || !old.table !== !now.table) return false
    if (old.list && now.list) {
      const [{ lead }, { lead: newLead }] = [old.list, now.list]
      const isLedAlike = lead === newLead || (lead && lead.index >= from && lead.index === newLead?.index)
      if (
        !isLedAlike ||
        old.list.list !== now.list.list ||
        old.list.index !== now.list.index ||
        old.list.depth !== now.list.depth ||
        old.list.ordered !== now.list.ordered
      )
        return false
    }
    if (old.table && now.table) {
      const { table, row, column, header } = old.table
      if (row === 0 || table !== now.table.table || row !== now.table.row || column !== now.table.column) return false
      if (header !== now.table.header) return false
    }
    return true
  }

  /** Whether a block that is written anew is or was part of a unit, or makes one. */
  private isUnitAt(old: Block, now: Block): boolean {
    const isUnitRole = (role: Role): boolean => role === 'purpose' || role === 'objective' || role === 'measure'
    if (isUnitRole(old.role) || isUnitRole(old.section.role) || this.inUnits.has(old)) return true
    if ((this.sentences(old).length === 0) !== (this.sentences(now).length === 0)) return true
    if (now.table) {
      const { blocks } = this.document
      for (let index = now.index; blocks[index]?.table?.table === now.table.table; index--)
        if (blocks[index]?.table?.row === 0 && isUnitRole(namedRole(blocks[index] as Block, this.catalogue)))
          return true
    }
    const reader = this.unitReader
    return makesUnit(old, reader) || makesUnit(now, reader)
  }

  private get unitReader(): UnitReader {
    return {
      document: this.document,
      catalogue: this.catalogue,
      sentences: this.sentencesIn,
      openers: (block, kind) => factOf(block, openersIn[kind], this),
    }
  }

  private findUnits(): void {
    this.units = findUnits(this.unitReader)
    this.inUnits.clear()
    for (const { statements, context } of this.units) {
      for (const { block } of statements) this.inUnits.add(block)
      for (const { block } of context) this.inUnits.add(block)
    }
  }

  /** Puts another chapter in the place of one of which a block is new. */
  private renew(chapter: Chapter, from: number): void {
    const { blocks } = this.document
    const [first] = chapter.blocks
    // a block that has given way has no place any more
    const start = first && blocks[first.index] === first ? first.index : from
    const own: Chapter = { blocks: blocks.slice(start, start + chapter.blocks.length) }
    for (let index = start; index < start + own.blocks.length; index++) (this.sites[index] as Site).chapter = own
    this.chapters[this.chapters.indexOf(chapter)] = own
  }

  /** What a rule finds in the whole document. */
  reports(rule: RuleFile, code?: CodeRule): readonly Report[] {
    let known = this.kept.get(rule)
    if (!known) {
      known = code ? [...code(this.for(rule))] : this.absences(rule)
      this.kept.set(rule, known)
    }
    return known
  }

  /** Parts the document where no list or table goes on and nothing leads in to what follows. */
  private findChapters(): Chapter[] {
    const { sites } = this
    const { blocks } = this.document
    /** By the position of a block, the last that belongs together with it. */
    const ends = new Int32Array(blocks.length)
    const lists: number[] = []
    const tables: number[] = []
    for (const [index, { list, table }] of blocks.entries()) {
      if (list) {
        lists[list.list] ??= index
        ends[lists[list.list] as number] = index
        if (list.lead) ends[list.lead.index] = index
      }
      if (table) {
        tables[table.table] ??= index
        ends[tables[table.table] as number] = index
      }
    }
    const found: Chapter[] = []
    let from = 0
    let end = 0
    for (let index = 0; index < blocks.length; index++) {
      end = Math.max(end, ends[index] as number)
      const next = blocks[index + 1]
      if (end > index || (next && next.kind !== 'heading')) continue
      const own = sites.slice(from, index + 1)
      const known = own[0]?.chapter
      const isSame = known?.blocks.length === own.length && own.every(({ chapter }) => chapter === known)
      const chapter = isSame ? (known as Chapter) : { blocks: blocks.slice(from, index + 1) }
      if (!isSame) for (const site of own) site.chapter = chapter
      found.push(chapter)
      from = index + 1
    }
    return found
  }

  /** Another turn begins: of many patterns those are forgotten that nobody asked for in the last one. */
  turnCounts(): void {
    if (this.counts.size > mostCounts)
      for (const [key, { turn }] of this.counts) if (turn < this.turn) this.counts.delete(key)
    this.turn++
  }

  /** Follows a change of the source by what it makes of the lines that it touches. */
  editLines(before: string, after: string): void {
    const [old, now] = [before.toLowerCase(), after.toLowerCase()]
    for (const one of this.counts.values()) {
      if (one.word && !old.includes(one.word) && !now.includes(one.word)) continue
      one.count += countIn(after, one.pattern) - countIn(before, one.pattern)
    }
  }

  /** How often a pattern stands in the source: see `Reading`. */
  count(pattern: RegExp, word: string): number {
    const key = `${pattern}`
    let known = this.counts.get(key)
    if (!known) {
      known = { pattern, word: word.toLowerCase(), count: countIn(this.document.source, pattern), turn: 0 }
      this.counts.set(key, known)
    }
    known.turn = this.turn
    return known.count
  }

  siteOf(block: Block): Site {
    return this.sites[block.index] as Site
  }

  sentences(block: Block): readonly LazySentence[] {
    return this.sentencesIn(block)
  }

  /** The sum of a fact over all blocks. */
  total<Context>(fact: Fact<number, Context>, context: Context): number {
    let total = this.totals.get(fact)
    if (!total) {
      const of = (block: Block): number => factOf(block, fact, context)
      total = { sum: this.document.blocks.reduce((sum, block) => sum + of(block), 0), of }
      this.totals.set(fact, total)
    }
    return total.sum
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
    const own: Reading = {
      document: this.document,
      units: this.units as Unit[],
      count: (pattern, word) => this.count(pattern, word),
      fences: this.count(fence, ''),
      chapters: this.chapters,
      of: (block, fact) => factOf(block, fact, own),
      total: (fact) => this.total(fact, own),
      sentences: this.sentencesIn,
      guarded: (sentence, guard) => this.guarded(sentence, guard),
      words: (block, from, to) => this.words(block, from, to),
      found: (sentence, name) =>
        sentence.matches(familyOf(rule)).filter(({ phrase }) => {
          const use = this.catalogue.uses[phrase]
          return use !== undefined && 'rule' in use && use.rule === rule && use.group.name === name
        }),
    }
    return own
  }

  /**
   * What the phrases of rules find, in document order; `rules` are the rules by their families. Looked for sentence by
   * sentence and not rule by rule: what was found out about a sentence serves all, and can then be forgotten.
   */
  *phraseFindings(rules: ReadonlyMap<string, RuleFile>): Iterable<[RuleFile, Finding]> {
    const { sites } = this
    const notable: number[] = []
    for (const index of this.notable ?? sites.keys()) {
      const site = sites[index] as Site
      if (site.judged === nothing) continue
      if (!site.judged || !this.stillHolds(site.judged, site.block)) site.judged = this.judgeBlock(site.block, rules)
      if (site.judged === nothing) continue
      notable.push(index)
      yield* site.judged.found
    }
    this.notable = notable
  }

  private judgeBlock(block: Block, rules: ReadonlyMap<string, RuleFile>): Judged {
    let judged: (Judged & { found: Array<[RuleFile, Finding]> }) | undefined
    for (const [position, sentence] of this.sentences(block).entries())
      for (const family of this.families(sentence)) {
        const rule = rules.get(family)
        if (!rule) continue
        judged ??= { found: [], beside: new Map(), somewhere: new Map() }
        this.judging = judged
        for (const finding of this.phrases(rule, sentence, position)) judged.found.push([rule, finding])
      }
    this.judging = undefined
    return judged && judged.found.length + judged.beside.size + judged.somewhere.size ? judged : nothing
  }

  private stillHolds({ beside, somewhere }: Judged, block: Block): boolean {
    for (const [step, sentence] of beside) if (this.neighbour(block, step) !== sentence) return false
    for (const [guard, known] of somewhere) if (this.isSomewhere(guard) !== known) return false
    return true
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
      known = this.document.blocks.some((block) =>
        this.sentences(block).some((one) => this.guarded(one, guard).length > 0),
      )
      this.somewhere.set(guard, known)
    }
    this.judging?.somewhere.set(guard, known)
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
    const sentence = this.sentenceBeside(block, step)
    this.judging?.beside.set(step, sentence)
    return sentence
  }

  private sentenceBeside(block: Block, step: 1 | -1): Sentence | undefined {
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

  /** The sentences of a block that by themselves open units of a kind. */
  openersOf(block: Block, kind: Unit['kind']): readonly Opener[] {
    const rules = this.openers.filter((rule) => rule.unit === kind)
    return this.sentences(block).flatMap((sentence, position) => {
      const own = rules.filter((rule) => this.states(sentence, rule)).map(({ id }) => id)
      return own.length ? { sentence, position, rules: own } : []
    })
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
    const statement = this.document.text.slice(span.start, span.end)
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
      if (!this.columns.size)
        for (const { table } of blocks)
          if (table?.row === 0) this.columns.set(table.table, (this.columns.get(table.table) ?? 0) + 1)
      const columns = this.columns.get(block.table.table) ?? 0
      return `${line} |${' |'.repeat(Math.max(0, columns - 1))}\n${opening}${statement}`
    }
    if (block.list && /^[\s>]*(?:[-*+]|\d{1,9}[.)])\s+$/.test(opening)) return `${line}\n${opening}${statement}`
    return undefined
  }
}

const openersIn: Record<Unit['kind'], Fact<readonly Opener[], DocumentReading>> = {
  objective: fact((block, reading) => reading.openersOf(block, 'objective')),
  measure: fact((block, reading) => reading.openersOf(block, 'measure')),
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

/** Puts others in the place of some items of a list, however many. */
function replace<T>(list: T[], from: number, removed: number, added: readonly T[]): void {
  const rest = removed === added.length ? [] : list.splice(from).slice(removed)
  for (const [at, one] of added.entries()) list[from + at] = one
  for (const one of rest) list.push(one)
}

/** The whole lines that a range of a text touches. */
function linesAround(text: SourceText, from: number, to: number): string {
  const end = text.indexOf('\n', to)
  return text.slice(text.lastIndexOf('\n', from - 1) + 1, end < 0 ? undefined : end)
}

/** A copy of a text: a piece of a longer text holds all of that in memory. */
export const ownText = (text: string): string => ` ${text}`.slice(1)

/** What begins or ends a piece of code. */
const fence = /^\s*(?:```|~~~)/gm

const countIn = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

/** A VFile that holds a source and what was found in it. */
export function toFile(source: string, messages: VFileMessage[], path: string | undefined): VFile {
  const file = new VFile(path === undefined ? { value: source } : { value: source, path })
  file.messages = messages
  return file
}
