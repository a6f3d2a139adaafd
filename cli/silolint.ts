import { resolve } from 'node:path'
import type { VFileMessage } from 'vfile-message'
import type { BaselineEntry } from '../engine/baseline.ts'
import type { Explanation } from '../engine/configuration.ts'
import { type Ignored, openProject, type Project, readDocument } from '../engine/disk.ts'
import { fixSafely } from '../engine/fix.ts'
import type { Fault, RuleInfo, Severity, Suppression } from '../engine/index.ts'
import { type Measure, measure } from '../engine/measure.ts'
import { fromHere } from './console.ts'
import { type Document, findDocuments, readStdin, slashed } from './documents.ts'
import { Changes } from './since.ts'

/** How to lint; everything may be left out. */
export interface SilolintOptions {
  /** Rules as set here, over what configuration files say. */
  rules?: Record<string, Severity | 'off'>
  /** Use these rules only. */
  only?: string[]
  /** Whether findings in `.silolint/baseline.json` are left out; true unless said otherwise. */
  baseline?: boolean
  /** Only findings on lines that have changed since this commit, branch or tag, by git. */
  since?: string
  /** The one configuration file to use, in place of those above a document; false for none at all. */
  configuration?: string | false
  /** Told of what cannot be used: a missing path, a faulty configuration or rule file, an unreadable document. */
  onFault?(fault: Fault): void
  /** Told of a bug of Silolint's own, which costs one document its findings; thrown where nobody wants to know. */
  onBug?(error: unknown, path: string): void
  /** Told of what is worth a word and no fault: a folder without documents, a file that configuration leaves out. */
  onNote?(note: string): void
}

/** A linted document. */
export interface LintResult {
  /** The path as it was asked for, with forward slashes. */
  path: string
  /** The absolute path; for text without one where it would lie. */
  file: string
  source: string
  /** Sorted by place. */
  findings: readonly VFileMessage[]
  /** Findings that the baseline has. */
  known: readonly VFileMessage[]
  /** Findings on lines that have not changed. */
  unchanged: readonly VFileMessage[]
  /** Entries of the baseline for this document that no finding matched. */
  unmatched: readonly BaselineEntry[]
  /** Findings that comments hide, sorted by place; each names its comment in `suppression`. */
  suppressed: readonly VFileMessage[]
  /** The comments that hide findings, in source order. */
  suppressions: readonly Suppression[]
}

/**
 * Lints files, folders, globs and texts with the configuration that is in force for each of them, as the
 * command line does. What cannot be used is told to `onFault`, and the rest is linted.
 */
export class Silolint {
  private readonly options: SilolintOptions
  private readonly project: Project
  private readonly changes: Changes | undefined
  /** The rules that were in force, by id. */
  private readonly seen = new Map<string, RuleInfo>()
  /** Faults without a file: the rules that were asked for and no configuration so far knows. */
  private unknown: Map<string, Fault> | undefined

  constructor(options: SilolintOptions = {}) {
    this.options = options
    const { rules, only, baseline, since, configuration } = options
    this.changes = since === undefined ? undefined : new Changes(since)
    this.project = openProject({
      trusted: true,
      overrides: { ...(only && { only }), ...(rules && { rules }), noBaseline: baseline === false },
      configuration,
    })
  }

  /** The rules that were in force for at least one document so far, sorted by id. */
  get rules(): readonly RuleInfo[] {
    return [...this.seen.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** Lints what paths stand for, sorted by path; without one the current folder. */
  async *lintFiles(paths: readonly string[] = ['.']): AsyncGenerator<LintResult> {
    yield* this.lint(await this.find(paths))
  }

  /** Lints a text as if it stood in a file at `path`, which need not exist. */
  async lintText(source: string, path = 'document.md'): Promise<LintResult> {
    const document = { path: slashed(path), file: resolve(path), named: true, source }
    for await (const result of this.lint([document])) return result
    const { path: shown, file } = document
    const nothing = { findings: [], unchanged: [], known: [], unmatched: [], suppressed: [], suppressions: [] }
    return { path: shown, file, source, ...nothing }
  }

  /** The documents that paths stand for, sorted by path. */
  async find(paths: readonly string[]): Promise<Document[]> {
    const { documents, faults, notes } = await findDocuments(paths)
    for (const fault of faults) this.options.onFault?.(fault)
    for (const note of notes) this.options.onNote?.(note)
    return documents
  }

  /** What is in force for a document, and which file says so. */
  async explain(path: string): Promise<Explanation> {
    const { faults } = await this.project.resolve(path)
    for (const fault of faults) this.options.onFault?.(fault)
    return this.project.explain(path)
  }

  /** Lints documents in the order of their paths. */
  async *lint(documents: readonly Document[]): AsyncGenerator<LintResult> {
    // Compared by code unit: the order must not change with the machine's language.
    const sorted = [...documents].sort((a, b) => (a.path < b.path ? -1 : 1))
    // Without a document nobody would hear of a misspelt rule, and a script would go on thinking that all is well.
    if (!sorted.length) this.noteConfiguration((await this.project.resolve(resolve('document.md'))).faults)
    for (const document of sorted) {
      try {
        const result = await this.lintDocument(document)
        if (result) yield result
      } catch (error) {
        if (!this.options.onBug) throw error
        this.options.onBug(error, document.path)
      }
    }
    for (const fault of this.unknown?.values() ?? []) this.options.onFault?.(fault)
  }

  /** The text of a document; nothing where it cannot be read, which is told. */
  async read(document: Document): Promise<string | undefined> {
    const { path, file } = document
    if (document.source !== undefined) return document.source
    const read = await (document.stdin ? readStdin(path) : readDocument(file))
    if (!('fault' in read)) return read.source
    this.options.onFault?.({ ...read.fault, path })
    return undefined
  }

  private async lintDocument(document: Document): Promise<LintResult | undefined> {
    const { path, file } = document
    const resolved = await this.project.resolve(file)
    this.noteConfiguration(resolved.faults)
    const ignored = resolved.ignores(file)
    if (ignored) {
      if (document.named) this.options.onNote?.(`${path}: not linted, because ${whyIgnored(ignored)}.`)
      return undefined
    }
    const source = await this.read(document)
    if (source === undefined) return undefined
    for (const rule of resolved.linter.rules) if (!this.seen.has(rule.id)) this.seen.set(rule.id, rule)
    const { messages, data } = resolved.linter.lint(source, { path })
    const { suppressed = [], suppressions = [] } = data
    const { fresh, known, unmatched } = resolved.part(file, messages)
    const touches = await this.changes?.touching(file)
    // what git cannot tell is told, and shown
    if (touches && typeof touches !== 'function') this.options.onFault?.(touches)
    const isShown = typeof touches === 'function' ? touches : () => true
    return {
      path,
      file,
      source,
      findings: fresh.filter(isShown),
      unchanged: fresh.filter((finding) => !isShown(finding)),
      known,
      unmatched,
      suppressed,
      suppressions,
    }
  }

  /** The text of a linted document with every safe rewrite made, and what is found in it then. */
  async fix(result: LintResult): Promise<{ source: string; fixed: number; result: LintResult }> {
    const { path, file } = result
    const { linter } = await this.project.resolve(file)
    const { source, fixed } = fixSafely(result.source, (text) => linter.lint(text, { path }).messages)
    const after = fixed ? await this.lintDocument({ path, file, named: true, source }) : result
    return { source, fixed, result: after ?? result }
  }

  /** Counts words, mentions and hand-offs in a linted document, with the vocabularies of its configuration. */
  async measure({ path, file, source }: LintResult): Promise<Measure> {
    const { linter } = await this.project.resolve(file)
    return measure(source, linter, { path })
  }

  /** A rule that is asked for may belong to one project of several; it is unknown if no configuration knows it. */
  private noteConfiguration(faults: readonly Fault[]): void {
    const unknownHere = new Map<string, Fault>()
    for (const fault of faults) {
      if (fault.path) this.options.onFault?.(fault)
      else unknownHere.set(fault.value ?? fault.problem, fault)
    }
    this.unknown ??= unknownHere
    for (const id of this.unknown.keys()) if (!unknownHere.has(id)) this.unknown.delete(id)
  }
}

function whyIgnored({ path, line, pattern }: Ignored): string {
  if (pattern === undefined) return "it is one of Silolint's own files"
  const place = [fromHere(path), ...(line === undefined ? [] : [line])].join(':')
  return `${place} ignores it (${JSON.stringify(pattern)})`
}
