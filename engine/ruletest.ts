import { VFileMessage } from 'vfile-message'
import type { Document } from './block.ts'
import type { Catalogue } from './catalogue.ts'
import { type Form, inflect, isInflected } from './english.ts'
import type { Fault } from './fault.ts'
import { applyEdits, editOf } from './fix.ts'
import { type Candidate, type DocumentReading, Lines, type Traced, trace } from './lint.ts'
import type { Linter, RuleInfo } from './linter.ts'
import { readMarkdown } from './markdown.ts'
import type { Pattern } from './phrase.ts'
import type { Plugged, Plugins } from './plugins.ts'
import { applyRewrite } from './rewrite.ts'
import {
  type Condition,
  type Example,
  type GuardFile,
  type Phrase,
  type Placed,
  type RuleFile,
  type RuleSource,
  rewritesIn,
} from './rulefile.ts'
import { fatalOf, type Severity } from './severity.ts'
import { respell } from './spelling.ts'
import { looks } from './tokens.ts'

const checks = {
  'example-not-found': 'A text marked with - must give exactly one finding of its rule.',
  'example-found': 'A text without a mark must be left alone.',
  'example-rewritten-otherwise': 'A text marked with + must be what the first rewrite makes of the one above it.',
  'example-varied':
    'What is found in a sentence must be found in a list, a table and a heading too, in the plural, in the past and in the other spelling; what is quoted must be left alone.',
  'rewrite-found': 'A rewrite must be free of findings.',
  'phrase-without-example': 'Each phrase must be what finds an example, or nobody knows whether it finds anything.',
  'rewrite-without-example':
    'Each rewrite must be offered in an example, or nobody has read the sentence that it makes.',
  'message-incomplete': 'Each $name in a message must stand for words.',
  'rules-overlap': 'Two rules must not find the same words: the writer would be told twice.',
  'guard-without-effect': 'A text on the page of a guard must be one that the guard clears, and no other.',
} as const
type Check = keyof typeof checks

/**
 * What is asked of a team's rules and not of Silolint's own: that no phrase be without an example and no words be found
 * twice. Their thousands of phrases were measured on documents (docs/accuracy.md), where a sentence may be two faults at once.
 */
export const measured: ReadonlySet<string> = new Set<Check>([
  'phrase-without-example',
  'rewrite-without-example',
  'rules-overlap',
])

/** Where the checks are described for people. */
const page = 'https://github.com/silolint/silolint/blob/main/docs/writing-a-rule.md'

/** What a test of rules looks for, in the shape of rules, since reports want to know it of their findings. */
export const ruleChecks: readonly RuleInfo[] = Object.entries(checks).map(([id, note]) => ({
  id,
  title: id.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase()),
  severity: 'error',
  note,
  page: note,
  url: page,
}))

/** A word of a sentence in another form, as a dictionary has it: offsets in UTF-16 units. */
export interface OtherForm {
  start: number
  end: number
  form: 'plural' | 'past'
  text: string
}

/** What a rule file is tested with. */
export interface RuleTest {
  /** All rules that are in force beside it, and its own. */
  linter: Linter
  /** What the rules find that are in force beside it, where `linter` knows this one alone. */
  others?: (text: string) => readonly Traced[]
  /** Gives words of a sentence in the plural or in the past; without it these are not tried. */
  otherForms?: (sentence: string) => OtherForm[]
  /** Runs the plugins beside rule files; without it, and where it cannot run a rule's own, that rule is not tested. */
  plug?: Plugins['run'] | undefined
}

/** How much a test looked at. */
export interface RuleTested {
  /** What does not hold, sorted by place. The messages name their check as `ruleId`. */
  failures: VFileMessage[]
  /** What went wrong with plugins. Where it was the plugin of the rule itself there are no failures. */
  faults: readonly Fault[]
  examples: number
  phrases: number
  rewrites: number
}

/** Collects what does not hold, each with its place in the rule file. */
class Failures {
  readonly messages: VFileMessage[] = []
  private readonly path: string
  private readonly text: string
  private readonly lines: Lines
  private readonly said = new Set<string>()

  constructor({ path, text }: RuleSource) {
    this.path = path
    this.text = text
    this.lines = new Lines(text)
  }

  /** Says once what is wrong at a place; `length` is that of the words there, to the end of the line without it. */
  add(check: Check, line: number, column: number, reason: string, length?: number): void {
    // one rewrite that is found is found in every example
    const key = `${check} ${line} ${column} ${check === 'rewrite-found' ? '' : reason}`
    if (this.said.has(key)) return
    this.said.add(key)
    const from = this.lines.start(line)
    const blanks = /^[ \t]*/.exec(this.text.slice(from + column - 1))?.[0].length ?? 0
    const start = Math.min(from + column - 1 + blanks, this.text.length)
    const rest = /^[^\r\n]*/.exec(this.text.slice(start))?.[0].trimEnd().length ?? 0
    const end = start + (length === undefined ? rest : Math.min(length, rest))
    const place = { start: this.lines.point(start), end: this.lines.point(end) }
    const message = new VFileMessage(reason, { place, ruleId: check, source: 'silolint' })
    message.file = this.path
    message.name = `${this.path}:${line}:${place.start.column}`
    message.fatal = fatalOf('error')
    message.actual = this.text.slice(start, end)
    message.expected = []
    message.note = checks[check]
    message.url = page
    this.messages.push(message)
  }

  example(check: Check, { line, text }: Example, reason: string): void {
    // a document of several lines begins below its @@
    this.add(check, line, text.endsWith('\n') ? 1 : 2, reason)
  }

  phrase(check: Check, { line, column, text }: Phrase, reason: string): void {
    this.add(check, line, column, reason, text.length)
  }

  sorted(): VFileMessage[] {
    const at = ({ place }: VFileMessage): number => (place && 'start' in place ? (place.start.offset ?? 0) : 0)
    return this.messages.sort((a, b) => at(a) - at(b))
  }
}

/** A text as the rules read it. */
interface Seen {
  /** What all rules find; of most texts only what the rule itself finds is asked. */
  readonly found: readonly Traced[]
  own: Traced[]
  reading: DocumentReading
}

/** Reads texts with all rules that are in force, of which one is tested. */
class Reader {
  /** What went wrong with plugins. */
  readonly faults = new Set<Fault>()
  /** Whether the plugin of the rule could not be run, so that nothing can be said of it. */
  isUnrun = false
  /** The line of the example that is tried, for faults. */
  line = 1
  private readonly options: RuleTest
  private readonly rule: RuleFile | undefined
  private readonly levels: ReadonlyMap<string, Severity>

  constructor(options: RuleTest, rule?: RuleFile) {
    this.options = options
    this.rule = rule
    const { levels } = options.linter
    // a rule is tested also where the configuration switches it off
    this.levels = rule ? new Map([...levels, [rule.id, rule.severity]]) : levels
  }

  async see(text: string): Promise<Seen> {
    const { linter, plug } = this.options
    const { rule, levels } = this
    const document = readMarkdown(text)
    // a published plugin that a configuration names is no part of what the rules of a team are
    const uses = linter.catalogue.rules.flatMap(({ id, path, plugin }) =>
      plugin && levels.has(id) && path.endsWith('.md') ? [plugin] : [],
    )
    if (!plug || !uses.length) {
      this.isUnrun ||= rule?.plugin !== undefined
      return this.seen(text, document)
    }
    const texts = document.blocks.map(({ prose }) => prose)
    const { remarks, faults } = await plug(uses, texts, `the example in line ${this.line}`)
    for (const fault of faults) this.faults.add(fault)
    this.isUnrun ||= rule?.plugin !== undefined && !remarks.has(rule.id)
    return this.seen(text, document, remarks)
  }

  /** The same without plugins: what phrases find, and what there is to be cleared by a guard. */
  seeWithoutPlugins(text: string): Seen {
    return this.seen(text, readMarkdown(text))
  }

  private seen(text: string, document: Document, remarks?: Plugged['remarks']): Seen {
    const { options, rule, levels } = this
    const { found, reading } = trace(document, options.linter.catalogue, levels, undefined, remarks)
    const { others } = options
    return {
      own: found.filter((one) => one.rule === rule),
      reading,
      get found() {
        return others && rule ? [...found, ...others(text).filter((one) => one.rule.id !== rule.id)] : found
      },
    }
  }
}
type See = (text: string) => Promise<Seen>

/** So many texts are kept. */
const mostKept = 2000

/** What the rules of a linter find in a text, kept for when it comes again: examples do, at every change of their page. */
export function finder({ catalogue, levels }: Linter): (text: string) => readonly Traced[] {
  const kept = new Map<string, readonly Traced[]>()
  return (text) => {
    const found = kept.get(text) ?? trace(readMarkdown(text), catalogue, levels).found
    if (kept.size >= mostKept) kept.clear()
    kept.set(text, found)
    return found
  }
}

/**
 * Tests a rule by what its page shows: that each example is found or left alone as it says, also in other places and forms;
 * that each phrase and each rewrite is used by one; that no rewrite is found itself, and no words by two rules.
 *
 * @param source the file that the rule was read from
 */
export async function testRule(rule: RuleFile, source: RuleSource, options: RuleTest): Promise<RuleTested> {
  const steps = stepThrough(rule, source, options)
  for (;;) {
    const { done, value } = await steps.next()
    if (done) return value
  }
}

/** The same, an example at a time, so that an editor can do something else between. */
export async function* stepThrough(
  rule: RuleFile,
  source: RuleSource,
  options: RuleTest,
): AsyncGenerator<undefined, RuleTested> {
  const { linter, otherForms } = options
  const { catalogue } = linter
  const failures = new Failures(source)
  const reader = new Reader(options, rule)
  const see: See = (text) => reader.see(text)
  const seePhrases = (text: string): Seen => reader.seeWithoutPlugins(text)
  const rewrites = rewritesIn(source)
  const phrases = rule.groups.flatMap((group) => group.phrases)
  const finds = new Set<Phrase>()
  const stands = new Set<Phrase>()
  const offered = new Set<string>()

  for (const example of rule.examples) {
    yield
    if (reader.isUnrun) break
    reader.line = example.line
    const seen = await see(example.text)
    if (example.flagged || rule.kind === 'code') for (const { phrase } of candidatesIn(rule, seen)) stands.add(phrase)
    if (!example.flagged) {
      for (const traced of seen.own) {
        const phrase = originOf(traced, catalogue)?.phrase
        const by = phrase ? `by “${phrase.text}” in line ${phrase.line}, ` : ''
        const cure =
          rule.plugin && !phrase
            ? 'Have the plugin beside this page leave it alone.'
            : 'Narrow the phrase, or add what tells such texts apart to "unless".'
        failures.example(
          'example-found',
          example,
          `“${traced.message.actual}” is found here, ${by}and should be left alone. ${cure}`,
        )
      }
      if (!seen.own.length) await tryElsewhere(rule, example, undefined, see, catalogue, failures)
      continue
    }
    const [traced, ...others] = seen.own
    if (!traced) {
      failures.example(
        'example-not-found',
        example,
        `This should be found, and is not: ${whyNot(rule, example, seen, catalogue)}`,
      )
      continue
    }
    const origin = originOf(traced, catalogue)
    if (origin) finds.add(origin.phrase)
    for (const template of templatesOf(traced, origin)) offered.add(template)
    tryMessage(example, traced, failures)
    tryOverlaps(example, traced, seen, failures)
    if (others.length) {
      const places = seen.own.map(({ message }) => `“${message.actual}”`).join(', ')
      failures.example(
        'example-not-found',
        example,
        `This is found ${seen.own.length} times: ${places}. Show one place at a time, or mark the lines of one text with @@.`,
      )
      continue
    }
    await tryRewrites(example, traced, { templates: templatesOf(traced, origin), rewrites }, see, failures)
    await tryElsewhere(rule, example, traced, see, catalogue, failures)
    if (origin) tryQuoted(example, seePhrases, catalogue, failures)
    if (origin) tryFirst(rule, example, traced, origin, seePhrases, failures)
    if (origin && otherForms) tryForms(rule, example, traced, origin, otherForms, seePhrases, failures)
  }

  if (!rule.examples.some(({ flagged }) => flagged)) {
    failures.add(
      'phrase-without-example',
      1,
      1,
      'The page has no example that should be found, so nobody knows whether the rule finds anything. Add a block that begins with ```diff, and in it a line that begins with - and holds such a sentence.',
    )
  } else {
    for (const phrase of phrases) {
      const isStanding = stands.has(phrase)
      if (finds.has(phrase) || (isStanding && (rule.kind === 'code' || rule.kind === 'absence'))) continue
      failures.phrase(
        'phrase-without-example',
        phrase,
        isStanding
          ? `No example is found by “${phrase.text}” itself: where it stands, another phrase finds the words first. Add an example that only this one finds, or take it out.`
          : `No example is found by “${phrase.text}”. Add a line with - that it finds, or take it out.`,
      )
    }
    // a rule with code makes its rewrites itself
    for (const { text, line, column } of rule.kind === 'code' ? [] : rewrites) {
      if (!offered.has(text))
        failures.add(
          'rewrite-without-example',
          line,
          column,
          `No example is offered “${text}”. Add a line with - that is, or take it out.`,
          text.length,
        )
    }
  }
  return {
    // without its plugin nothing on the page can be told right or wrong
    failures: reader.isUnrun ? [] : failures.sorted(),
    faults: [...reader.faults],
    examples: reader.isUnrun ? 0 : rule.examples.length,
    phrases: phrases.length,
    rewrites: rewrites.length,
  }
}

/** Tests a guard by what its page shows: that it clears the texts without a mark, and reaches none with one. */
export function testGuard(guard: GuardFile, source: RuleSource, options: RuleTest): RuleTested {
  const steps = stepThroughGuard(guard, source, options)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The same, an example at a time. */
export function* stepThroughGuard(
  guard: GuardFile,
  source: RuleSource,
  options: RuleTest,
): Generator<undefined, RuleTested> {
  const failures = new Failures(source)
  const reader = new Reader(options)
  // guards clear what phrases find, and nothing of what plugins say
  const see = (text: string): Seen => reader.seeWithoutPlugins(text)
  const guards = options.linter.catalogue.guards
  const weighing = (text: string): Traced[] => see(text).found.filter(({ message }) => message.fatal !== undefined)
  for (const example of guard.examples) {
    yield
    if (example.flagged) {
      if (!see(example.text).found.length)
        failures.example('guard-without-effect', example, 'This should still be found, and is not: no rule finds it.')
      continue
    }
    const [left] = weighing(example.text)
    if (left) {
      failures.example(
        'guard-without-effect',
        example,
        `${left.rule.id} finds “${left.message.actual}” here, and the guard does not clear it.`,
      )
      continue
    }
    guards.delete(guard.id)
    try {
      const without = guard.weakens ? weighing(example.text) : see(example.text).found
      if (!without.length)
        failures.example(
          'guard-without-effect',
          example,
          'Without this guard nothing is found here either. Show a text that needs it.',
        )
    } finally {
      guards.set(guard.id, guard)
    }
  }
  return {
    failures: failures.sorted(),
    faults: [],
    examples: guard.examples.length,
    phrases: guard.phrases.length,
    rewrites: 0,
  }
}

/** The phrase that made a finding, with its group; none where a rule without phrases did. */
function originOf({ report: { match } }: Traced, { uses }: Catalogue): Candidate | undefined {
  const use = match && uses[match.phrase]
  return use && 'rule' in use ? { match, group: use.group, phrase: use.phrase } : undefined
}

const candidatesIn = (rule: RuleFile, { reading }: Seen) =>
  reading.document.blocks.flatMap((block) =>
    reading
      .sentences(block)
      .flatMap((sentence, position) =>
        reading.candidates(rule, sentence).map((candidate) => ({ ...candidate, sentence, position })),
      ),
  )

function overlaps(a: VFileMessage, b: VFileMessage): boolean {
  const [one, other] = [a.place, b.place]
  if (!one || !other || !('start' in one) || !('start' in other)) return false
  return (one.start.offset ?? 0) < (other.end.offset ?? 0) && (other.start.offset ?? 0) < (one.end.offset ?? 0)
}

const isSamePlace = (a: VFileMessage, b: VFileMessage): boolean =>
  overlaps(a, b) && JSON.stringify(a.place) === JSON.stringify(b.place)

/** The text with one rewrite of a finding put in. */
function replaced(text: string, finding: VFileMessage, which: number): string | undefined {
  const put = finding.expected?.[which]
  return put === undefined ? undefined : applyEdits(text, [editOf(finding, put, text)]).source
}

/** The rewrites of the rule file that a finding offers. */
function templatesOf({ rule, report, message }: Traced, origin: Candidate | undefined): string[] {
  if (origin) return origin.group.rewrites.filter((one) => applyRewrite(one, origin.match, report.block) !== undefined)
  // one that is a line of its own is offered in a list or a table only
  return rule.rewrites.filter(
    (one) => one.includes('$statement') || message.expected?.some((text) => text.includes(one)),
  )
}

/** A message must say words, not the names of what phrases take over. */
function tryMessage(example: Example, { message }: Traced, failures: Failures): void {
  const name = /\$[a-z][a-z0-9-]*/.exec(message.reason)?.[0]
  if (name)
    failures.example(
      'message-incomplete',
      example,
      `The message says “${name}” as it stands here, since the phrase has no words for it. Give the phrase a message of its own, in a group.`,
    )
}

function tryOverlaps(example: Example, { rule, message }: Traced, { found }: Seen, failures: Failures): void {
  for (const other of found) {
    // what a plugin says of a whole sentence is another matter than words in it
    const both = other.rule.kind === 'plugin' || rule.kind === 'plugin' ? isSamePlace : overlaps
    if (other.rule !== rule && both(other.message, message))
      failures.example(
        'rules-overlap',
        example,
        `The rule ${other.rule.id} finds “${other.message.actual}” here too. Take the phrase out, switch one of the two off, or give this file the name of the other rule, which it then replaces.`,
      )
  }
}

/** Puts in each rewrite: it must be free of findings, and the first one what the page says. */
async function tryRewrites(
  example: Example,
  { message }: Traced,
  { templates, rewrites }: { templates: string[]; rewrites: Placed[] },
  see: See,
  failures: Failures,
): Promise<void> {
  const { text, rewritten, line } = example
  const first = replaced(text, message, 0)
  if (rewritten !== undefined && first !== rewritten) {
    const reason =
      first === undefined
        ? 'The rule offers no rewrite here. Add one to "rewrites", or take the line with + out.'
        : `The first rewrite makes another text: “${first.trim()}”. Write that here, or change the rewrite.`
    if (text.endsWith('\n')) failures.example('example-rewritten-otherwise', example, reason)
    else failures.add('example-rewritten-otherwise', line + 1, 2, reason)
  }
  const { expected = [] } = message
  const at = message.place && 'start' in message.place ? (message.place.start.offset ?? 0) : 0
  for (const [index, rewrite] of expected.entries()) {
    const [found] = (await see(replaced(text, message, index) as string)).found
    if (!found) continue
    const { start, end } = found.message.place as { start: { offset: number }; end: { offset: number } }
    const words = `“${found.message.actual}”`
    if (end.offset <= at || start.offset >= at + rewrite.length) {
      const reason = `With a rewrite put in, ${found.rule.id} finds ${words} in it. Show one thing at a time.`
      failures.example('rewrite-found', example, reason)
      continue
    }
    const template = expected.length === templates.length ? templates[index] : undefined
    const place = rewrites.find((one) => one.text === template)
    const reason = `The rewrite “${rewrite}” is found itself, by ${found.rule.id}: ${words}. Find other words for it.`
    if (!place) failures.example('rewrite-found', example, reason)
    else
      failures.add('rewrite-found', place.line, place.column, `${reason} So it is in line ${line}.`, place.text.length)
  }
}

/** Why an example is not found, in words for its author. */
function whyNot(rule: RuleFile, example: Example, seen: Seen, catalogue: Catalogue): string {
  const candidates = candidatesIn(rule, seen)
  if (rule.kind === 'absence')
    return `no ${rule.unit === 'measure' ? 'set of measures' : 'purpose or objective'} is seen in it that lacks what it should have. Give it a heading or a label such as "Purpose:".`
  const [first] = candidates
  const block = first?.sentence.block ?? (rule.plugin && seen.reading.document.blocks[0])
  if (block && rule.roles.length && !rule.roles.includes(block.role))
    return `“in” asks for a text of the role ${rule.roles.join(' or ')}, and this ${block.role === 'none' ? 'has none' : `is of the role ${block.role}`}. Add the heading or label above it, in a part that begins with @@.`
  if (!first && rule.plugin) return 'the plugin beside this page says nothing of it.'
  if (!first) return nearestPhrase(rule, example)
  for (const { match, group, sentence, position, phrase } of candidates) {
    const { verdict, by } = seen.reading.judge(match, group, sentence, position)
    if (verdict !== 'cleared') continue
    const stands = `“${phrase.text}” stands in it, but`
    if (!by) return `${stands} nothing of what “needs” names does.`
    if ('phrase' in by) return `${stands} so does “${by.phrase.text}”, which "unless" names.`
    const isAlways = catalogue.guards.get(by.guard)?.always && !names(group.unless, by.guard)
    return `${stands} the guard ${by.guard} clears it. ${isAlways ? `It holds for every rule, unless one says "despite: [${by.guard}]".` : 'Take the guard out of "unless", or change the example.'}`
  }
  return 'its words are found by another phrase already.'
}

const names = (conditions: readonly Condition[], guard: string): boolean =>
  conditions.some((condition) => 'guard' in condition && condition.guard === guard)

/** Which phrase comes nearest to an example, and what of it the example has not. */
function nearestPhrase(rule: RuleFile, { text }: Example): string {
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu))
  let best: { phrase: Phrase; missing: string[] } | undefined
  for (const phrase of rule.groups.flatMap((group) => group.phrases)) {
    const missing = missingIn(phrase.pattern, words)
    if (!best || missing.length < best.missing.length) best = { phrase, missing }
  }
  if (!best) return 'the rule has no phrases.'
  const { phrase, missing } = best
  return missing.length
    ? `the nearest phrase is “${phrase.text}”, and ${missing.map((word) => `“${word}”`).join(' and ')} of it ${missing.length === 1 ? 'is' : 'are'} missing.`
    : `the words of “${phrase.text}” may all be there, but not in this order or form, or not next to each other; write … for words between.`
}

/** The words that a pattern cannot do without and that are not there. */
function missingIn(pattern: Pattern, words: ReadonlySet<string>): string[] {
  switch (pattern.type) {
    case 'word': {
      const own = pattern.word.replace(/^=/, '').toLowerCase()
      const forms = pattern.form === 'exact' ? [own] : inflect(own, pattern.form)
      return own === 'not' || forms.some((form) => words.has(form.replace(/^'/, ''))) ? [] : [own]
    }
    case 'sequence':
      return pattern.items.flatMap((item) => missingIn(item, words))
    case 'either': {
      const missing = pattern.items.map((item) => missingIn(item, words))
      const [least = []] = [...missing].sort((a, b) => a.length - b.length)
      return least.length === 1 ? [missing.flatMap((one) => (one.length === 1 ? one : [])).join('/')] : least
    }
    default:
      return []
  }
}

/** What makes a line more than a sentence: it is tried where it stands only. */
const isSentence = (text: string): boolean => !text.includes('\n') && !/^(?:[#>|]|[-*+]\s|\d+[.)]\s)/.test(text)

/** Tries an example in other places of a document, and in the other spelling. */
async function tryElsewhere(
  rule: RuleFile,
  example: Example,
  traced: Traced | undefined,
  see: See,
  catalogue: Catalogue,
  failures: Failures,
): Promise<void> {
  const { text } = example
  const role = rolesIn(await see(text))
  const attempt = async (where: string, variant: string, cure: string): Promise<void> => {
    const seen = await see(variant)
    const [found] = seen.own
    // as a heading "Examples of …" begins a section of examples: another text, not another place
    if (!traced === !found || rolesIn(seen) !== role) return
    const byPlugin = rule.plugin && !originOf((found ?? traced) as Traced, catalogue)
    const either = byPlugin
      ? 'Have the plugin beside this page take both alike, or show the text as a document of its own, below a line with @@.'
      : undefined
    failures.example(
      'example-varied',
      example,
      found
        ? `This is left alone as it stands, but “${found.message.actual}” is found in it ${where}. ${either ?? 'Let "unless" know both.'}`
        : `This is found as it stands, but not ${where}. ${either ?? cure}`,
    )
  }
  for (const [variety, name] of [
    ['british', 'British'],
    ['american', 'American'],
  ] as const) {
    const variant = respell(text, variety, '')
    if (variant === text) continue
    const [by] = traced ? [traced] : (await see(variant)).own
    const origin = by && originOf(by, catalogue)
    // a phrase about spelling itself has the word between quotation marks
    if (origin && text.match(/\p{L}+/gu)?.some((word) => isRespelt(word, variety) && asksExactly(origin.phrase, word)))
      continue
    // and a plugin about spelling points at it
    if (by && rule.plugin && !origin && isSpelt(by.message.actual)) continue
    await attempt(`in ${name} spelling, “${variant.trim()}”`, variant, 'Write both spellings, one/other.')
  }
  // a rule about texts of a role, or about what is missing, depends on the place
  if (!(rule.kind === 'phrase' || rule.kind === 'plugin') || rule.roles.length || !isSentence(text)) return
  const cure = 'Leave out of the phrase, or of "needs", what ties it to running text, such as a full stop.'
  await attempt('as a list item', `- ${text}`, cure)
  if (!text.includes('|')) await attempt('in the cell of a table', `| Text |\n| --- |\n| ${text} |`, cure)
  await attempt('in a heading', `## ${text.replace(/[.:]$/, '')}`, cure)
}

const rolesIn = ({ reading }: Seen): string =>
  [...new Set(reading.document.blocks.flatMap((block) => [block.role, block.section.role]))].sort().join()

const isRespelt = (word: string, variety: 'british' | 'american'): boolean => respell(word, variety, '') !== word
/** Whether a word in a text is spelt otherwise across the ocean. */
const isSpelt = (text: string | undefined): boolean =>
  (text ?? '').match(/\p{L}+/gu)?.some((word) => isRespelt(word, 'british') || isRespelt(word, 'american')) === true
/** Whether a phrase asks for a word, or for its other spelling, exactly as it is. */
const asksExactly = ({ pattern }: Phrase, word: string): boolean =>
  (['british', 'american'] as const).some((variety) =>
    formsAsked(pattern, respell(word.toLowerCase(), variety, '')).includes('exact'),
  )

/** Words between quotation marks are somebody else's, unless the rule sets the guard aside that says so. */
function tryQuoted(
  { text, ...example }: Example,
  see: (text: string) => Seen,
  catalogue: Catalogue,
  failures: Failures,
): void {
  if (!isSentence(text) || /["“”«»'‘’]/.test(text)) return
  const found = see(`“${text}”`).own.find((one) => !originOf(one, catalogue)?.group.despite.length)
  if (found)
    failures.example(
      'example-varied',
      { text, ...example },
      `Between quotation marks “${found.message.actual}” is still found. Who quotes it does not say it.`,
    )
}

/** The words found must be found at the start of a sentence too, where they have a capital. */
function tryFirst(
  rule: RuleFile,
  { text }: Example,
  { report: { block, start } }: Traced,
  { match, phrase, group }: Candidate,
  see: (text: string) => Seen,
  failures: Failures,
): void {
  const isFirst = ((block.tokens?.looks[match.from] ?? 0) & looks.first) !== 0
  // what the rule needs may stand before, and it is by its capital that a name is known
  if (isFirst || group.needs.length || /[[\]*_`|<>]/.test(text)) return
  if (match.captures.some(({ name, from }) => from === match.from && name !== '…')) return
  const variant = block.prose.slice(start).replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
  if (!candidatesIn(rule, see(variant)).length)
    failures.phrase(
      'example-varied',
      phrase,
      `At the start of a sentence this is not found: “${variant.trim()}”. Leave out of the phrase what ties it to the middle.`,
    )
}

/** The words found must be found in the plural and in the past too, where the phrase does not ask for one form. */
function tryForms(
  rule: RuleFile,
  { text, line }: Example,
  { report: { block } }: Traced,
  { match, phrase }: Candidate,
  otherForms: (sentence: string) => OtherForm[],
  see: (text: string) => Seen,
  failures: Failures,
): void {
  // offsets into the prose are offsets into the example only where it has no markup
  if (!block.tokens || block.prose !== text) return
  for (const { start, end, form, text: other } of otherForms(text)) {
    for (const [at, base] of match.bases) {
      if (block.tokens.start[at] !== start || block.tokens.end[at] !== end || !isInflected(base)) continue
      const asked = formsAsked(phrase.pattern, base)
      if (!asked.length || asked.some((one) => one !== 'any')) continue
      if (candidatesIn(rule, see(text.slice(0, start) + other + text.slice(end))).length) continue
      const written = text.slice(start, end)
      failures.phrase(
        'example-varied',
        phrase,
        `“${written}” is found and “${other}” is not (line ${line}, ${form === 'past' ? 'in the past' : 'in the plural'}). Write the word in its base form, or both, (${base}/${other}). If only this form is meant, put it between quotation marks.`,
      )
    }
  }
}

/** In which forms a pattern asks for a word. */
function formsAsked(pattern: Pattern, word: string): Form[] {
  switch (pattern.type) {
    case 'word':
      return pattern.word === word ? [pattern.form] : []
    case 'sequence':
    case 'either':
      return pattern.items.flatMap((item) => formsAsked(item, word))
    case 'optional':
    case 'not':
      return formsAsked(pattern.item, word)
    default:
      return []
  }
}
