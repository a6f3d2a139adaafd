import type { VFile } from 'vfile'
import type { VFileMessage } from 'vfile-message'
import type { Block, Change, Document, OpenDocument, Reread } from './block.ts'
import { type Catalogue, compileCatalogue, type Layer, type Sources } from './catalogue.ts'
import type { Fault } from './fault.ts'
import { difference } from './fix.ts'
import { documentEndings, type Format, formatOf } from './format.ts'
import { Check, type DocumentReading, ownText, toFile } from './lint.ts'
import { openMarkdown, readMarkdown } from './markdown.ts'
import type { Plugged } from './plugins.ts'
import type { SourceText } from './rope.ts'
import type { RuleFile } from './rulefile.ts'
import type { Settings } from './settings.ts'
import type { Severity } from './severity.ts'
import { type SuppressionRule, suppress, suppressionRules, todayHere } from './suppression.ts'
import { openText, readText } from './text.ts'

export { documentEndings, type Format, formatOf }

/** What is known of a rule from its page. */
export interface RuleInfo {
  id: string
  title: string
  severity: Severity | 'off'
  /** What is wrong and what to do, in a few sentences: the first paragraph of its page. */
  note: string
  /** The page of the rule, in Markdown. */
  page: string
  url: string
}

/** How a document is read, and where it lies: its path says its format, unless that is given. */
export interface ReadingOptions {
  path?: string | undefined
  format?: Format | undefined
}

/** What changes from one linting of a document to the next, beside its text. */
export interface LintOptions {
  /** What plugins said of the prose of the document, by rule. */
  remarks?: Plugged['remarks'] | undefined
  /** The day that `until=` in comments is held against, YYYY-MM-DD; the machine's own if left out. */
  today?: string | undefined
}

/**
 * A document that is linted again and again while it is edited, with the same findings as if it were read anew each time.
 * An edit costs what it changes: what is known of the rest is kept.
 */
export interface Session {
  readonly source: string
  /** The document as it is read now. */
  readonly document: Document
  /** Takes over one change: `[from, to)` of the text so far became `length` characters of `text`, the whole text now. */
  edit(text: SourceText, change: Change): void
  /** The file as `Linter.lint` gives it. Messages of an earlier file may be among its own, moved to where they stand now. */
  lint(options?: LintOptions): VFile
  /** The findings alone, for whom nothing has to be made of the whole text. */
  findings(options?: LintOptions): VFileMessage[]
  /** The document as it stands with its sentences, for who asks more of it; it follows the edits. */
  readonly reading: DocumentReading
}

/** Lints with one resolved configuration. It keeps the last few hundred sentences that it has read, for who asks again. */
export interface Linter {
  /**
   * Findings are the file's messages, sorted by place; no text makes it throw. What comments hide stands in
   * `data.suppressed`, the comments in `data.suppressions`; both are missing where there are no comments.
   */
  lint(source: string, options?: ReadingOptions & LintOptions): VFile
  /** Opens a document that will be edited. */
  open(source: string, options?: ReadingOptions): Session
  /** The prose of the blocks of a document, which plugins read. */
  prose(source: string, options?: ReadingOptions): string[]
  rules: readonly RuleInfo[]
  catalogue: Catalogue
  levels: ReadonlyMap<string, Severity>
}

/** Puts together the built-in rules, a team's own and what a configuration says of them. */
export function createLinter(
  layers: ReadonlyArray<Sources | Layer>,
  settings: Pick<Settings, 'rules'> & Partial<Settings>,
): { linter: Linter; faults: Fault[] } {
  const { catalogue, faults } = compileCatalogue(layers, settings)
  const levels = levelsOf(catalogue, settings.rules)
  return { linter: linterOf(catalogue, levels), faults }
}

/** All rules that can be switched: those of the catalogue, sorted by id, and those about comments. */
export const rulesOf = (catalogue: Catalogue): ReadonlyArray<RuleFile | SuppressionRule> => [
  ...catalogue.rules,
  ...suppressionRules,
]

/** The severity of each rule that is on: as set, or its own. */
export function levelsOf(catalogue: Catalogue, rules: Settings['rules']): Map<string, Severity> {
  const levels = new Map<string, Severity>()
  for (const rule of rulesOf(catalogue)) {
    const level = rules[rule.id] ?? rule.severity
    if (level !== 'off') levels.set(rule.id, level)
  }
  return levels
}

const read = (source: string, format: Format): Document => (format === 'text' ? readText(source) : readMarkdown(source))

/** A linter of the same rules with other levels, without compiling them again. */
export function linterOf(catalogue: Catalogue, levels: ReadonlyMap<string, Severity>): Linter {
  const open: Linter['open'] = (source, { path, format = formatOf(path) } = {}) =>
    new Opened(source, format, catalogue, levels, path)
  let rules: RuleInfo[] | undefined
  return {
    catalogue,
    levels,
    get rules() {
      // a run that finds nothing needs none of their pages
      rules ??= rulesOf(catalogue).map(({ id, title, note, page, url }) => ({
        id,
        title,
        note,
        page,
        severity: levels.get(id) ?? 'off',
        url,
      }))
      return rules
    },
    prose(source, { path, format = formatOf(path) } = {}) {
      return read(source, format).blocks.map(({ prose }) => prose)
    },
    open,
    lint: (source, { today, remarks, ...options } = {}) => open(source, options).lint({ today, remarks }),
  }
}

class Opened implements Session {
  private readonly opened: OpenDocument
  private readonly catalogue: Catalogue
  private readonly levels: ReadonlyMap<string, Severity>
  private readonly path: string | undefined
  private readonly check: Check
  /** Changes that nobody has looked at yet, as one: of letters typed in a row each is read with the others. */
  private pending: { text: SourceText; change: Change } | undefined
  /** What edits have made of the blocks since they were looked at. */
  private changed: Reread | undefined
  /** How many edits have been read since then. */
  private edits = 0

  constructor(
    source: string,
    format: Format,
    catalogue: Catalogue,
    levels: ReadonlyMap<string, Severity>,
    path: string | undefined,
  ) {
    this.catalogue = catalogue
    this.levels = levels
    this.path = path
    this.opened = format === 'text' ? openText(source) : openMarkdown(source)
    this.check = new Check(this.opened.document, catalogue, levels, path)
  }

  get source(): string {
    return this.pending ? `${this.pending.text}` : this.opened.document.source
  }

  get document(): Document {
    this.read()
    return this.opened.document
  }

  edit(text: SourceText, change: Change): void {
    const last = this.pending?.change
    const isApart = last && (change.from > last.from + last.length + near || change.to < last.from - near)
    // whoever writes in hundreds of places at once changes it all
    if (isApart && this.edits < most) this.read()
    this.pending = { text, change: this.pending ? joinedChange(this.pending.change, change) : change }
  }

  /** Reads what has been changed. */
  private read(): void {
    const { pending, opened, check } = this
    if (!pending) return
    const { text, change } = pending
    this.pending = undefined
    this.edits++
    check.editSource(opened.document.text, text, change)
    const changed = opened.edit(text, change)
    for (const block of opened.document.blocks.slice(changed.from, changed.from + changed.added)) keepAlone(block)
    this.changed = this.changed ? joined(this.changed, changed) : changed
  }

  get reading(): DocumentReading {
    this.read()
    if (this.changed) this.check.edit(this.changed)
    this.changed = undefined
    this.edits = 0
    return this.check.reading
  }

  lint(options?: LintOptions): VFile {
    const { findings, data } = this.found(options)
    const file = toFile(this.opened.document.source, findings, this.path)
    if (data) file.data = data
    return file
  }

  findings(options?: LintOptions): VFileMessage[] {
    return this.found(options).findings
  }

  private found({ today, remarks }: LintOptions = {}): { findings: VFileMessage[]; data?: VFile['data'] } {
    const { catalogue, levels, path, check } = this
    const { document } = this.reading
    const found = check.run(remarks)
    if (!document.comments.length) return { findings: found }
    const { findings, ...data } = suppress(document, found, {
      rules: catalogue.rules,
      levels,
      lines: check.lines,
      today: today ?? todayHere(),
      path,
    })
    return { findings, data }
  }
}

/**
 * Lints other texts in an open document and leaves it as it was, its findings too: each costs what it changes and not the
 * whole document.
 */
export function tryOut<T>(
  session: Session,
  options: LintOptions,
  use: (lint: (text: string) => readonly VFileMessage[]) => T,
): T {
  const { source } = session
  const lint = (text: string): readonly VFileMessage[] => {
    const { start, end, text: news } = difference(session.source, text)
    if (start !== end || news) session.edit(text, { from: start, to: end, length: news.length })
    return session.lint(options).messages
  }
  // what stays is moved with the texts, and whoever has asked before still holds it
  const held = session.lint(options).messages.map((message) => ({
    message,
    ...{ place: message.place, line: message.line, column: message.column, name: message.name },
  }))
  try {
    return use(lint)
  } finally {
    lint(source)
    for (const { message, ...places } of held) Object.assign(message, places)
  }
}

/** Copies the texts of a block, which as pieces of the source would hold all of it in memory, version by version. */
function keepAlone(block: Block): void {
  block.prose = ownText(block.prose)
  if (block.kind === 'heading') block.section.title = ownText(block.section.title)
  if (block.table) block.table.header = ownText(block.table.header)
}

/** Changes that lie no further apart than this, in characters, are read as one. */
const near = 1000
/** So many changes that lie apart are each read by themselves. */
const most = 20

/** Two changes of a text, one after the other, as one. */
export function joinedChange(one: Change, next: Change): Change {
  const { from, removed, added } = joined(
    { from: one.from, removed: one.to - one.from, added: one.length },
    { from: next.from, removed: next.to - next.from, added: next.length },
  )
  return { from, to: from + removed, length: added }
}

/** Two edits of the blocks, one after the other, as one. */
function joined(one: Reread, next: Reread): Reread {
  const from = Math.min(one.from, next.from)
  // up to here the blocks between the two edits are touched by one or the other
  const end = Math.max(one.from + one.added, next.from + next.removed)
  return { from, removed: end - one.added + one.removed - from, added: end - next.removed + next.added - from }
}
