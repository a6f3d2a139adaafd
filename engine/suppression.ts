import { VFileMessage } from 'vfile-message'
import type { Block, Document, TablePlace } from './block.ts'
import type { Comment } from './comment.ts'
import type { Range } from './finding.ts'
import type { Levels, Lines } from './lint.ts'
import { nearest } from './nearest.ts'
import { patternId, type RuleFile } from './rulefile.ts'
import { fatalOf, type Severity } from './severity.ts'

/** What a comment asks for. */
export const suppressionKinds = ['disable', 'enable', 'disable-line', 'disable-next-line', 'disable-file'] as const
export type SuppressionKind = (typeof suppressionKinds)[number]

/** A comment that hides findings, or shows them again, and what came of it. */
export interface Suppression {
  kind: SuppressionKind
  /** Ids of rules, or of a rule and one of its patterns (`turf:whose-job`), as written; none for all rules. */
  rules: string[]
  /** What stands behind ` -- `; empty where nobody said why. */
  reason: string
  /** The last day it holds, YYYY-MM-DD; without one it holds for ever. */
  until?: string
  /** Where the comment stands. */
  place: Range
  /** How many findings it hides; of one that has expired, how many it would. */
  hides: number
  /** `until` is over: it hides nothing any more. */
  isExpired: boolean
  /** Of its rules those that hide nothing, although they are on; all of them where the comment could go. */
  unused: string[]
  /** Nothing of the comment has an effect. */
  isUnused: boolean
  /** Of its rules those that do not exist. */
  unknown: string[]
  /** It cannot be understood, such as for a day that is none: it hides nothing. */
  isFaulty: boolean
}

declare module 'vfile-message' {
  interface VFileMessage {
    /** The comment that hides this finding. */
    suppression?: Suppression
  }
}
declare module 'vfile' {
  interface DataMap {
    /** Findings that comments hide, sorted by place; each names its comment in `suppression`. */
    suppressed?: readonly VFileMessage[]
    /** The comments that hide findings, in source order. */
    suppressions?: readonly Suppression[]
  }
}

/** A rule about comments. Its findings cannot be hidden by comments; it is switched like any other. */
export interface SuppressionRule {
  id: string
  severity: Severity
  title: string
  /** What it is about, in one paragraph. */
  note: string
  /** In Markdown. */
  page: string
  url: string
}

const pageUrl = 'https://github.com/silolint/silolint/blob/main/docs/suppressing.md'
const rule = (name: string, title: string, text: string): SuppressionRule => ({
  id: `silolint/${name}`,
  severity: 'warning',
  title,
  note: text,
  page: `# ${title}\n\n${text}`,
  url: `${pageUrl}#what-is-said-about-comments`,
})
const unknownRule = rule(
  'unknown-suppression',
  'Unknown suppression',
  'The comment names a rule, a pattern, a day or a word that does not exist. That part of it hides nothing.',
)
const unusedRule = rule(
  'unused-suppression',
  'Unused suppression',
  'The comment hides nothing any more. Left in place it would hide what somebody writes there next.',
)
const expiredRule = rule(
  'expired-suppression',
  'Expired suppression',
  'The day until which the comment was to hold is over. What it hid is reported again.',
)
/** The rules about comments themselves, by id. */
export const suppressionRules: readonly SuppressionRule[] = [expiredRule, unknownRule, unusedRule]

/** One of the rules that a comment names, or all of them. */
interface Entry {
  /** Empty for all rules. */
  id: string
  /** Where the id stands. */
  start: number
  end: number
  /** The rule it is of; undefined where there is none, and for all rules. */
  rule: RuleFile | undefined
  isKnown: boolean
  /** The source range it is about; nothing where it is never in force. */
  from: number
  to: number
  /** Ids that were enabled again within the range, each from an offset on. */
  except: Array<{ id: string; from: number }>
  hides: number
}

/** A comment, read. */
interface Directive {
  comment: Comment
  suppression: Suppression
  entries: Entry[]
}

/** What a comment means that cannot be understood in full: the range, and what to say of it. */
interface Doubt {
  start: number
  end: number
  reason: string
  rewrites: string[]
}

/**
 * Takes the findings away that comments hide, and judges the comments. A comment hides what it names and nothing
 * else; one that cannot be understood hides nothing.
 *
 * @param today the day that `until=` is held against, YYYY-MM-DD
 */
export function suppress(
  document: Document,
  findings: readonly VFileMessage[],
  { rules, levels, lines, today, path }: Context,
): { findings: VFileMessage[]; suppressed: VFileMessage[]; suppressions: Suppression[] } {
  const doubts: Doubt[] = []
  const directives = document.comments
    .map((comment) => readDirective(document, comment, rules, lines, today, doubts))
    .filter((directive) => directive !== undefined)
  setRanges(directives, document, lines)

  const shown: VFileMessage[] = []
  const suppressed: VFileMessage[] = []
  for (const finding of findings) {
    const hiding = directives.filter((directive) => hides(directive, finding))
    const holding = hiding.find(({ suppression }) => !suppression.isExpired)
    for (const { suppression } of hiding) suppression.hides++
    if (holding) {
      finding.suppression = holding.suppression
      suppressed.push(finding)
    } else shown.push(finding)
  }

  const messages = new Messages(document, lines, levels, path)
  for (const { start, end, reason, rewrites } of doubts) messages.add(unknownRule, start, end, reason, rewrites)
  for (const directive of directives) judge(directive, document, rules, lines, levels, messages)
  return {
    findings: [...shown, ...messages.all].sort((a, b) => offsetsOf(a).start - offsetsOf(b).start),
    suppressed,
    suppressions: directives.map(({ suppression }) => suppression),
  }
}

/** What is needed beside the document. */
export interface Context {
  rules: readonly RuleFile[]
  levels: Levels
  lines: Lines
  today: string
  path?: string | undefined
}

/** Today where this program runs, as `until=` writes it. */
export function todayHere(): string {
  const now = new Date()
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}

/** Whether a text is a day of the calendar as `until=` writes it. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** The reason is parted by ` -- `, which some editors turn into a dash. */
const parting = /\s(?:--+|–|—)(?:\s|$)/

function readDirective(
  { source }: Document,
  comment: Comment,
  rules: readonly RuleFile[],
  lines: Lines,
  today: string,
  doubts: Doubt[],
): Directive | undefined {
  const text = source.slice(comment.textStart, comment.textEnd)
  const part = parting.exec(text)
  const said = part ? text.slice(0, part.index) : text
  const words = [...said.matchAll(/[^\s,]+/g)]
    .map(({ 0: word, index }) => ({
      word,
      start: comment.textStart + index,
      end: comment.textStart + index + word.length,
    }))
    // the marks of a quotation that a comment of several lines stands in
    .filter(({ word }) => !/^>+$/.test(word))
  const [first, ...others] = words
  if (!first) return undefined
  const kind = suppressionKinds.find((one) => first.word === `silolint-${one}`)
  if (!kind) {
    const known = suppressionKinds.map((one) => `silolint-${one}`)
    const meant = nearest(first.word, known)
    doubts.push({
      ...first,
      reason: `“${first.word}” is no comment that Silolint knows, so it does nothing. ${meant ? `Did you mean “${meant}”?` : `There are ${known.join(', ')}.`}`,
      rewrites: meant ? [meant] : [],
    })
    return undefined
  }
  const reason = (part ? text.slice(part.index + part[0].length) : '').replace(/\s*\n[\s>]*/g, ' ').trim()
  const suppression: Suppression = {
    kind,
    rules: [],
    reason: reason.replace(/(?:^|\s)until=\S+/, '').trim(),
    place: { start: lines.point(comment.start), end: lines.point(comment.end) },
    hides: 0,
    isExpired: false,
    unused: [],
    isUnused: false,
    unknown: [],
    isFaulty: false,
  }
  const entries: Entry[] = []
  const nothing = { from: Number.POSITIVE_INFINITY, to: 0, except: [], hides: 0 }
  // a day that stands in the reason is meant all the same
  const inReason = /(?:^|\s)until=(\S+)/.exec(reason)?.[1]
  let until = inReason
  for (const { word, start, end } of others) {
    if (word.startsWith('until=')) {
      until = word.slice('until='.length)
      continue
    }
    suppression.rules.push(word)
    const found = ruleOf(word, rules)
    entries.push({ id: word, start, end, rule: found, isKnown: found !== undefined, ...nothing, except: [] })
  }
  if (!entries.length)
    entries.push({
      id: '',
      start: comment.start,
      end: comment.end,
      rule: undefined,
      isKnown: true,
      ...nothing,
      except: [],
    })
  if (until !== undefined) {
    suppression.until = until
    if (!isDay(until)) {
      const start = source.indexOf(`until=${until}`, comment.textStart)
      doubts.push({
        start,
        end: start + `until=${until}`.length,
        reason: `“${until}” is no day, so this comment does nothing. Write until=YYYY-MM-DD, as in until=${today}.`,
        rewrites: [],
      })
      suppression.isFaulty = true
    } else suppression.isExpired = until < today
  }
  doubts.push(...unknownIds(entries, rules, suppression))
  return { comment, suppression, entries }
}

/** The rule of an id, or of an id with one of the rule's patterns behind a colon. */
function ruleOf(id: string, rules: readonly RuleFile[]): RuleFile | undefined {
  const [ruleId, pattern] = id.split(':')
  const found = rules.find((one) => one.id === ruleId)
  return !found || pattern === undefined || patternsOf(found).includes(pattern) ? found : undefined
}

/** The patterns of a rule that can be named: what code or the lack of something finds is of none. */
export function patternsOf({ kind, groups }: RuleFile): string[] {
  return kind === 'phrase' ? groups.map(({ name }) => patternId(name)).filter(Boolean) : []
}

/** What to say of ids that there are not. Words that resemble none are most likely a reason without its dashes. */
function unknownIds(entries: readonly Entry[], rules: readonly RuleFile[], suppression: Suppression): Doubt[] {
  const doubts: Doubt[] = []
  const far: Entry[] = []
  for (const entry of entries) {
    if (entry.id === '' || entry.rule) continue
    suppression.unknown.push(entry.id)
    const { id, start, end } = entry
    if (suppressionRules.some((one) => one.id === id)) {
      const reason = `Comments cannot hide “${id}”, which is about comments. Switch it off in the configuration.`
      doubts.push({ start, end, reason, rewrites: [] })
      continue
    }
    const [ruleId = ''] = id.split(':')
    const own = id.includes(':') ? rules.find((one) => one.id === ruleId) : undefined
    const patterns = own && patternsOf(own).map((pattern) => `${ruleId}:${pattern}`)
    const meant = nearest(id, patterns ?? rules.map((one) => one.id))
    if (meant) {
      const what = own ? `“${ruleId}” has no such pattern as “${id}”` : `There is no rule “${id}”`
      doubts.push({ start, end, reason: `${what}, so this hides nothing. Did you mean “${meant}”?`, rewrites: [meant] })
    } else if (own) {
      const reason = `“${ruleId}” has no such pattern as “${id}”, so this hides nothing. Name the rule alone.`
      doubts.push({ start, end, reason, rewrites: [ruleId] })
    } else far.push(entry)
  }
  const [first] = far
  const last = far.at(-1)
  if (first && last) {
    const said = far.map(({ id }) => id).join(' ')
    const reason =
      far.length === 1
        ? `There is no rule “${said}”, so this hides nothing. Check the id; a reason goes behind “ -- ”.`
        : `“${said}” names no rules, so this hides nothing. A reason goes behind “ -- ”.`
    doubts.push({ start: first.start, end: last.end, reason, rewrites: [] })
  }
  return doubts
}

/** Whether an id covers another: all rules, the same, or the rule of a pattern. */
const covers = (id: string, other: string): boolean => id === '' || id === other || other.startsWith(`${id}:`)

/** Says for each entry what it is about. */
function setRanges(directives: readonly Directive[], document: Document, lines: Lines): void {
  const { source } = document
  /** What is disabled from a place on, and not yet enabled again. */
  let open: Entry[] = []
  let layout: Layout | undefined
  for (const { comment, suppression, entries } of directives) {
    const { kind } = suppression
    for (const entry of entries) {
      if (!entry.isKnown) continue
      if (kind === 'disable') {
        entry.from = comment.end
        entry.to = Number.POSITIVE_INFINITY
        open.push(entry)
      } else if (kind === 'enable') {
        const [ended, others] = [
          open.filter(({ id }) => covers(entry.id, id)),
          open.filter(({ id }) => !covers(entry.id, id)),
        ]
        const narrowed = others.filter(({ id }) => covers(id, entry.id))
        for (const one of ended) one.to = comment.start
        for (const one of narrowed) one.except.push({ id: entry.id, from: comment.start })
        open = others
        // what it ends counts as its use
        entry.hides = ended.length + narrowed.length
      } else if (kind === 'disable-file') {
        entry.from = 0
        entry.to = Number.POSITIVE_INFINITY
      } else {
        layout ??= new Layout(document, lines)
        const range = kind === 'disable-line' ? layout.linesOf(comment) : layout.nextBlock(comment)
        entry.from = range.from
        entry.to = Math.min(range.to, source.length + 1)
      }
      if (suppression.isFaulty) entry.from = Number.POSITIVE_INFINITY
    }
  }
}

const offsetsOf = ({ place }: VFileMessage): { start: number; end: number } =>
  place && 'start' in place
    ? { start: place.start.offset ?? 0, end: place.end.offset ?? 0 }
    : { start: place?.offset ?? 0, end: place?.offset ?? 0 }

/** Whether a comment is about a finding; each of its entries that is counts it. */
function hides({ suppression: { kind }, entries }: Directive, finding: VFileMessage): boolean {
  if (kind === 'enable') return false
  const { start, end } = offsetsOf(finding)
  const isLine = kind === 'disable-line' || kind === 'disable-next-line'
  const id = `${finding.ruleId}${finding.pattern ? `:${finding.pattern}` : ''}`
  let any = false
  for (const entry of entries) {
    // what begins above a line reaches into it; what begins before a comment was written before it
    const isWithin = start < entry.to && (start >= entry.from || (isLine && end > entry.from))
    if (!isWithin || !covers(entry.id, id)) continue
    if (entry.except.some((one) => covers(one.id, id) && start >= one.from)) continue
    entry.hides++
    any = true
  }
  return any
}

/** Says what is to be said of a comment that is expired or has no effect. */
function judge(
  { comment, suppression, entries }: Directive,
  document: Document,
  rules: readonly RuleFile[],
  lines: Lines,
  levels: Levels,
  messages: Messages,
): void {
  const { kind } = suppression
  if (suppression.isFaulty) return
  const isOn = ({ id, rule }: Entry): boolean =>
    kind === 'enable' ||
    (id === '' ? rules.some((one) => levels.has(one.id)) : rule !== undefined && levels.has(rule.id))
  const whole = removal(comment, document, lines)
  // what is off may still be hidden by it, so that nobody but its writer knows whether it can go
  const isSure = entries.every(
    ({ id, rule }) => kind === 'enable' || (id === '' ? rules : [rule]).every((one) => one && levels.has(one.id)),
  )
  if (suppression.isExpired && kind !== 'enable') {
    const { until, hides } = suppression
    const reason =
      hides === 0
        ? `This comment held until ${until} and there is nothing left for it to hide. Remove it.`
        : `This comment held until ${until}. Mend what it hid (${hides === 1 ? '1 finding' : `${hides} findings`}), or give it another day.`
    messages.add(expiredRule, whole.start, whole.end, reason, [''], hides === 0 && whole.isSafe && isSure)
    return
  }
  const idle = entries.filter((entry) => entry.isKnown && entry.hides === 0 && isOn(entry))
  suppression.unused = idle.map(({ id }) => id).filter(Boolean)
  suppression.isUnused = idle.length === entries.length
  if (suppression.isUnused) {
    const named = list(suppression.unused)
    const reason =
      kind === 'enable'
        ? `Nothing${named && ` of ${named}`} is disabled here that this comment could enable. Remove it.`
        : `This comment hides nothing${named && ` of ${named}`}. Remove it.`
    messages.add(unusedRule, whole.start, whole.end, reason, [''], whole.isSafe && isSure)
    return
  }
  for (const entry of idle) {
    const position = entries.indexOf(entry)
    const before = entries[position - 1]
    const after = entries[position + 1]
    const start = before ? before.end : entry.start
    const end = before || !after ? entry.end : after.start
    // between two ids a day may stand, which is not to go with one of them
    const isBetween = !/until=/.test(document.source.slice(start, end))
    const reason = `This comment ${kind === 'enable' ? 'enables' : 'hides'} nothing of ${list([entry.id])}. Take the id out.`
    if (isBetween) messages.add(unusedRule, start, end, reason, [''], true)
    else messages.add(unusedRule, entry.start, entry.end, reason, [])
  }
}

const list = (ids: readonly string[]): string => {
  const quoted = ids.map((id) => `“${id}”`)
  return quoted.length > 1 ? `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}` : (quoted[0] ?? '')
}

/** Whether before the words of a line there are only the marks of quotations, list items and rows. */
const isMarks = (text: string): boolean => /^(?:[-*+]|\d{1,9}[.)])?$/.test(text.replace(/[\s>|]+/g, ''))

/**
 * The range to take out with a comment, one blank beside it included. Safe where nothing around it changes: a comment
 * alone on its line leaves a blank line, which parts what stands above from what stands below.
 */
function removal(
  { start, end }: Comment,
  { source }: Document,
  lines: Lines,
): { start: number; end: number; isSafe: boolean } {
  const first = lines.point(start).line
  const last = lines.point(end).line
  const lineStart = lines.start(first)
  const textOf = (line: number): string =>
    line < 1 || line > lines.count ? '' : source.slice(lines.start(line), lines.start(line + 1))
  const before = source.slice(lineStart, start)
  const after = source.slice(end, Math.min(lines.start(last + 1), source.length)).replace(/[\r\n]+$/, '')
  const isBlank = (text: string): boolean => /^[\s>]*$/.test(text)
  if (!before.trim() && !after.trim()) {
    return { start: lineStart, end, isSafe: isBlank(textOf(first - 1)) || isBlank(textOf(last + 1)) }
  }
  if (isMarks(before)) {
    const isCell = before.includes('|')
    return { start, end: end + (/^[ \t]+/.exec(after)?.[0].length ?? 0), isSafe: isCell }
  }
  const takesBlank = /^(?:$|[\s|.,;:!?)])/.test(after)
  const blanks = takesBlank ? before.length - before.trimEnd().length : 0
  return { start: start - blanks, end, isSafe: true }
}

/** The lines of a document and the blocks on them. */
class Layout {
  private readonly document: Document
  private readonly lines: Lines
  private readonly extents: Array<{ block: Block; start: number; end: number }>
  /** The source with its comments blank. */
  private readonly bare: string

  constructor(document: Document, lines: Lines) {
    this.document = document
    this.lines = lines
    // code or an image at either end of a block is no prose of it, and belongs to it all the same
    this.extents = document.blocks.map((block) => {
      let { start, end } = block
      for (const { from, to } of block.marks) {
        start = Math.min(start, block.start + from)
        end = Math.max(end, block.start + to)
      }
      return { block, start, end }
    })
    const blank = (text: string): string => text.replace(/[^\r\n]/g, ' ')
    let bare = ''
    let at = 0
    for (const { start, end } of document.comments) {
      bare += document.source.slice(at, start) + blank(document.source.slice(start, end))
      at = end
    }
    this.bare = (bare + document.source.slice(at)).replace(/<!--.*?(?:-->|$)/gm, blank)
  }

  /** The lines that a comment stands on. */
  linesOf({ start, end }: Comment): { from: number; to: number } {
    const first = this.lines.point(start).line
    const last = this.lines.point(end).line
    return { from: this.lines.start(first), to: this.lines.start(last + 1) }
  }

  /**
   * What stands next below a comment: the rest of the paragraph that the comment interrupts, the next row where it
   * stands in a table, or else the whole of the next heading, paragraph, item or table.
   */
  nextBlock(comment: Comment): { from: number; to: number } {
    const own = this.linesOf(comment)
    const isAlone = this.isBlank(own.from, own.to)
    let line = this.lines.point(comment.end).line + 1
    while (line <= this.lines.count && this.isBlank(this.lines.start(line), this.lines.start(line + 1))) line++
    if (line > this.lines.count) return { from: 0, to: 0 }
    const from = this.lines.start(line)
    let to = this.lines.start(line + 1)
    const here = this.extents.filter(({ start, end }) => start < to && end > from)
    const isInterrupted = here.some(({ start, end }) => start < comment.start && end > comment.end)
    if (isInterrupted && !isAlone) return { from, to }
    for (const { end } of here) to = Math.max(to, end)
    // no comment can stand between the rows of a table, so one above it is about all of them
    const header = here.find(({ block, start }) => block.table?.row === 0 && start > comment.end)?.block.table
    if (header && !this.extents.some(({ block, start }) => isOf(block, header) && start < comment.start)) {
      for (const { block, end } of this.extents) if (isOf(block, header)) to = Math.max(to, end)
    }
    return { from, to }
  }

  /** Whether lines hold nothing that is a block: blanks, marks, comments, tags, rules and the line below a header. */
  private isBlank(from: number, to: number): boolean {
    const text = this.bare
      .slice(from, Math.min(to, this.document.source.length))
      .replace(/^[\s>]+/, '')
      .trimEnd()
    return (
      text === '' || /^(?:[*+]|\d{1,9}[.)]|#{1,6}|=+|[\s:|-]*)$/.test(text) || /^(?:<\/?[a-z][^<>]*>\s*)+$/i.test(text)
    )
  }
}

const isOf = (block: Block, { table }: TablePlace): boolean => block.table?.table === table

/** Collects findings about comments, those whose rule is on. */
class Messages {
  readonly all: VFileMessage[] = []
  private readonly document: Document
  private readonly lines: Lines
  private readonly levels: Levels
  private readonly path: string | undefined

  constructor(document: Document, lines: Lines, levels: Levels, path: string | undefined) {
    this.document = document
    this.lines = lines
    this.levels = levels
    this.path = path
  }

  add(rule: SuppressionRule, start: number, end: number, reason: string, rewrites: string[], isSafe = false): void {
    const severity = this.levels.get(rule.id)
    if (!severity) return
    const place = { start: this.lines.point(start), end: this.lines.point(end) }
    const message = new VFileMessage(reason, { place, ruleId: rule.id, source: 'silolint' })
    if (this.path !== undefined) {
      message.file = this.path
      message.name = `${this.path}:${place.start.line}:${place.start.column}`
    }
    message.fatal = fatalOf(severity)
    message.actual = this.document.source.slice(start, end)
    message.expected = rewrites
    message.note = rule.page.split('\n\n')[1] ?? ''
    message.url = rule.url
    if (isSafe) message.safe = true
    this.all.push(message)
  }
}
