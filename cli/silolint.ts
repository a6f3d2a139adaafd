import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { VFileMessage } from 'vfile-message'
import type { BaselineEntry } from '../engine/baseline.ts'
import type { Explanation } from '../engine/configuration.ts'
import { type Ignored, openProject, type Project, type Resolved, readDocument } from '../engine/disk.ts'
import { fixSafely } from '../engine/fix.ts'
import { type Fault, formatOf, type RuleInfo, type Severity, type Suppression } from '../engine/index.ts'
import { type Measure, measure } from '../engine/measure.ts'
import { Cache, cacheFolder, keyOf, type Linted, pack, unpack } from './cache.ts'
import { fromHere } from './console.ts'
import { type Document, findDocuments, readStdin, slashed } from './documents.ts'
import { pluginThreads } from './rulepages.ts'
import { Changes } from './since.ts'
import { type ProjectOptions, Workers } from './workers.ts'

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
  /** Keep findings for later runs: in this folder, or with true where the command line keeps them. Off unless said. */
  cache?: boolean | string
  /** How many threads may lint at once where that saves time; 1 unless said otherwise. */
  concurrency?: number
  /** Whether a glob that matches nothing is told as a note, not as a fault. */
  passOnNoFiles?: boolean
  /** Ends linting: the generators throw the signal's reason, and what was linted so far is in the cache. */
  signal?: AbortSignal
  /** Told of each document that is done, in order. */
  onProgress?(progress: Progress): void
  /** Told of what cannot be used: a missing path, a faulty configuration or rule file, an unreadable document. */
  onFault?(fault: Fault): void
  /** Told of a bug of Silolint's own, which costs one document its findings; thrown where nobody wants to know. */
  onBug?(error: unknown, path: string): void
  /** Told of what is worth a word and no fault: a folder without documents, a file that configuration leaves out. */
  onNote?(note: string): void
}

/** How far a run has come. */
export interface Progress {
  /** Documents that are done, whatever came of them. */
  done: number
  /** All documents of the run. */
  total: number
  /** Findings so far. */
  findings: number
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
  /** Entries of the baseline for documents that are gone by which some of the known findings are known. */
  moved: readonly BaselineEntry[]
  /** Findings that comments hide, sorted by place; each names its comment in `suppression`. */
  suppressed: readonly VFileMessage[]
  /** The comments that hide findings, in source order. */
  suppressions: readonly Suppression[]
}

/** A document that has been looked at, before it is linted. */
interface Prepared {
  document: Document
  resolved: Resolved
  /** What is linted; missing where configuration leaves the document out or it cannot be read. */
  source?: string
  ignored?: Ignored
  fault?: Fault
  key?: string
  /** Its findings, where they are known or a thread is at them. A failure is a value: nobody may be waiting yet. */
  linted?: Linted | { error: unknown } | Promise<Linted | { error: unknown }>
}

/** Below so many characters that have to be linted, threads cost more than they save: each compiles the rules. */
const worthThreads = 200_000
/** Documents are read ahead up to so many characters. */
const mostAhead = 16 * 2 ** 20

/**
 * Lints files, folders, globs and texts with the configuration that is in force for each of them, as the
 * command line does. What cannot be used is told to `onFault`, and the rest is linted.
 */
export class Silolint {
  private readonly options: SilolintOptions
  private readonly projectOptions: ProjectOptions
  private readonly project: Project
  private readonly changes: Changes | undefined
  private cache: Cache | undefined
  /** The rules that were in force, by id. */
  private readonly seen = new Map<string, RuleInfo>()
  private readonly configured = new Set<string>()
  /** Faults without a file: the rules that were asked for and no configuration so far knows. */
  private unknown: Map<string, Fault> | undefined
  private readonly faulty = new Set<string>()

  constructor(options: SilolintOptions = {}) {
    this.options = options
    const { rules, only, baseline, since, configuration, cache } = options
    this.changes = since === undefined ? undefined : new Changes(since)
    this.projectOptions = {
      trusted: true,
      overrides: { ...(only && { only }), ...(rules && { rules }), noBaseline: baseline === false },
      configuration,
    }
    this.project = openProject({ ...this.projectOptions, plugins: pluginThreads })
    const folder = cache === true ? cacheFolder(resolve('')) : cache || undefined
    if (folder) this.cache = new Cache(resolve(folder))
  }

  /** The rules that were in force for at least one document so far, sorted by id. */
  get rules(): readonly RuleInfo[] {
    return [...this.seen.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** Of the rules asked for by `only` those that no configuration so far knows. */
  get unknownRules(): readonly string[] {
    return (this.options.only ?? []).filter((id) => this.unknown?.has(id))
  }

  /** Absolute paths of configuration files, rule files and plugins that could not be used as they are for the documents so far. */
  get faultyFiles(): ReadonlySet<string> {
    return this.faulty
  }

  /** Absolute paths of the configuration and rule files that were read for the documents so far. */
  get configuration(): ReadonlySet<string> {
    return this.configured
  }

  /** Forgets configuration and rules, since a file of theirs has changed; they are read again when next needed. */
  forget(): void {
    this.project.clear()
    this.seen.clear()
    this.configured.clear()
    this.unknown = undefined
    this.faulty.clear()
  }

  /** The rules that are in force for a document, which need not exist, with their severity there; sorted by id. */
  async rulesFor(path: string): Promise<readonly RuleInfo[]> {
    return (await this.project.resolve(resolve(path))).linter.rules
  }

  /** Lints what paths stand for, sorted by path; without one the current folder. */
  async *lintFiles(paths: readonly string[] = ['.']): AsyncGenerator<LintResult> {
    yield* this.lint(await this.find(paths))
  }

  /** Lints a text as if it stood in a file at `path`, which need not exist. */
  async lintText(source: string, path = 'document.md'): Promise<LintResult> {
    const document = { path: slashed(path), file: resolve(path), named: true, source }
    let result: LintResult | undefined
    // to the end, where faults of the options are told
    for await (result of this.lint([document]));
    if (result) return result
    const { path: shown, file } = document
    const nothing = {
      findings: [],
      unchanged: [],
      known: [],
      unmatched: [],
      moved: [],
      suppressed: [],
      suppressions: [],
    }
    return { path: shown, file, source, ...nothing }
  }

  /** The documents that paths stand for, sorted by path. @throws the reason of the signal when it is aborted */
  async find(paths: readonly string[]): Promise<Document[]> {
    const { documents, faults, notes } = await this.unlessAborted(findDocuments(paths, this.options.passOnNoFiles))
    for (const fault of faults) this.options.onFault?.(fault)
    for (const note of notes) this.options.onNote?.(note)
    return documents
  }

  /** What is in force for a document, and which file says so. @throws the reason of the signal when it is aborted */
  async explain(path: string): Promise<Explanation> {
    const { faults } = await this.unlessAborted(this.project.resolve(path))
    for (const fault of faults) this.options.onFault?.(fault)
    return this.project.explain(path)
  }

  /**
   * Lints documents in the order of their paths.
   *
   * @throws the reason of the signal when it is aborted
   */
  async *lint(documents: readonly Document[]): AsyncGenerator<LintResult> {
    // Compared by code unit: the order must not change with the machine's language.
    const sorted = [...documents].sort((a, b) => (a.path < b.path ? -1 : 1))
    // Without a document nobody would hear of a misspelt rule, and a script would go on thinking that all is well.
    if (!sorted.length) this.noteConfiguration((await this.project.resolve(resolve('document.md'))).faults)
    if (this.cache?.note) this.options.onNote?.(this.cache.note)
    let findings = 0
    let done = 0
    try {
      for await (const prepared of this.prepared(sorted)) {
        const result = await this.result(prepared)
        findings += result?.findings.length ?? 0
        this.options.onProgress?.({ done: ++done, total: sorted.length, findings })
        if (result) yield result
      }
    } finally {
      await this.project.close()
      const problem = await this.cache?.save()
      if (problem) this.options.onNote?.(problem)
    }
    for (const fault of this.unknown?.values() ?? []) this.options.onFault?.(fault)
  }

  /** The text of a document; nothing where it cannot be read, which is told. */
  async read(document: Document): Promise<string | undefined> {
    const read = await readSource(document)
    if (!('fault' in read)) return read.source
    this.options.onFault?.(read.fault)
    return undefined
  }

  /** What work gives, unless the signal is aborted before. */
  private async unlessAborted<T>(work: T | Promise<T>): Promise<T> {
    const { signal } = this.options
    if (!signal) return work
    signal.throwIfAborted()
    // made anew each time: one promise that outlives all work would hold on to what each gave
    let abort = (): void => {}
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason)
      signal.addEventListener('abort', abort)
    })
    try {
      return await Promise.race([aborted, work])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Documents in their order, read ahead where threads can be at work on them meanwhile. */
  private async *prepared(documents: readonly Document[]): AsyncGenerator<Prepared> {
    const { concurrency = 1, signal } = this.options
    const waiting: Prepared[] = []
    let workers: Workers | undefined
    let at = 0
    const isOpen = ({ source, linted }: Prepared): boolean => source !== undefined && !linted
    const length = (all: readonly Prepared[]): number => all.reduce((sum, { source = '' }) => sum + source.length, 0)
    // one document at least; more as long as it is open whether threads are worth while, then what keeps them busy
    const wantsMore = (): boolean => {
      const [first] = waiting
      if (at === documents.length) return false
      if (!first) return true
      if (concurrency < 2 || length(waiting) > mostAhead) return false
      return workers ? waiting.length < 8 * concurrency : isOpen(first)
    }
    try {
      for (;;) {
        signal?.throwIfAborted()
        while (wantsMore()) {
          const prepared = await this.unlessAborted(this.prepare(documents[at++] as Document))
          waiting.push(prepared)
          const open = waiting.filter(isOpen)
          // a long one goes to a thread even alone: there it can be given up, and Ctrl-C is heard meanwhile
          if (!workers && length(open) > worthThreads) workers = new Workers(this.projectOptions, concurrency)
          if (workers) for (const one of open) one.linted = this.lintElsewhere(one, workers)
        }
        const prepared = waiting.shift()
        if (!prepared) break
        await this.unlessAborted(prepared.linted)
        // linting here leaves no time to hear of signals
        await nextTurn()
        signal?.throwIfAborted()
        yield prepared
      }
    } finally {
      await workers?.close()
    }
  }

  /** Reads a document and looks its findings up. */
  private async prepare(document: Document): Promise<Prepared> {
    const { path, file } = document
    const resolved = await this.project.resolve(file)
    const prepared: Prepared = { document, resolved }
    try {
      const ignored = resolved.ignores(file)
      if (ignored) return { ...prepared, ignored }
      const read = await readSource(document)
      if ('fault' in read) return { ...prepared, fault: read.fault }
      prepared.source = read.source
      if (this.cache) {
        if (resolved.key !== undefined) prepared.key = keyOf(read.source, formatOf(path), resolved.key)
        const known = prepared.key && this.cache.get(prepared.key)
        if (known !== undefined) prepared.linted = unpack(known, path, resolved.linter.rules)
      }
      return prepared
    } catch (error) {
      return { ...prepared, source: prepared.source ?? '', linted: { error } }
    }
  }

  private async lintElsewhere(prepared: Prepared, workers: Workers): Promise<Linted | { error: unknown }> {
    const { document, resolved, source = '', key } = prepared
    const { path, file } = document
    try {
      const { remarks, faults } = await resolved.plug(source, { path })
      for (const fault of faults) this.noteFault(fault)
      const text = await workers.lint({ path, file, source, remarks })
      // what a plugin could not say must be told again
      if (key && !faults.length) this.cache?.set(key, text)
      return unpack(text, path, resolved.linter.rules)
    } catch (error) {
      return { error }
    }
  }

  /** What there is to say of a document; nothing where it was not linted, and then it is told why. */
  private async result(prepared: Prepared): Promise<LintResult | undefined> {
    const { document, resolved, source, ignored, fault, key } = prepared
    const { path, file } = document
    this.noteConfiguration(resolved.faults)
    for (const path of [...resolved.files, ...resolved.ruleFolders]) this.configured.add(path)
    for (const { path, text } of resolved.notes) this.options.onNote?.(`${fromHere(path)}: ${text}`)
    if (fault) this.options.onFault?.(fault)
    if (ignored && document.named) this.options.onNote?.(`${path}: not linted, because ${whyIgnored(ignored)}.`)
    if (source === undefined) return undefined
    try {
      let linted = await prepared.linted
      if (linted && 'error' in linted) throw linted.error
      if (!linted) {
        const { remarks, faults } = await this.unlessAborted(resolved.plug(source, { path }))
        for (const fault of faults) this.noteFault(fault)
        linted = resolved.linter.lint(source, { path, remarks })
        if (key && !faults.length) this.cache?.set(key, pack(linted, resolved.linter.rules))
      }
      for (const rule of resolved.linter.rules) if (!this.seen.has(rule.id)) this.seen.set(rule.id, rule)
      const { suppressed = [], suppressions = [] } = linted.data
      const { fresh, known, unmatched, moved } = resolved.part(file, linted.messages)
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
        moved,
        suppressed,
        suppressions,
      }
    } catch (error) {
      if (!this.options.onBug) throw error
      this.options.onBug(error, path)
      return undefined
    }
  }

  /** The text of a linted document with every safe rewrite made, and what is found in it then. */
  async fix(result: LintResult): Promise<{ source: string; fixed: number; result: LintResult }> {
    const { path, file } = result
    const all = [...result.findings, ...result.known, ...result.unchanged]
    // most documents have nothing to fix, and their findings may come from the cache
    if (!all.some(({ safe }) => safe)) return { source: result.source, fixed: 0, result }
    const { linter } = await this.project.resolve(file)
    const { source, fixed } = fixSafely(result.source, (text) => linter.lint(text, { path }).messages)
    const after = fixed ? await this.result(await this.prepare({ path, file, named: true, source })) : result
    return { source, fixed, result: after ?? result }
  }

  /** Counts words, mentions and hand-offs in a linted document, with the vocabularies of its configuration. */
  async measure({ path, file, source }: LintResult): Promise<Measure> {
    const { linter } = await this.project.resolve(file)
    return measure(source, linter, { path })
  }

  private noteFault(fault: Fault): void {
    if (fault.path) this.faulty.add(fault.path)
    this.options.onFault?.(fault)
  }

  /** A rule that is asked for may belong to one project of several; it is unknown if no configuration knows it. */
  private noteConfiguration(faults: readonly Fault[]): void {
    const unknownHere = new Map<string, Fault>()
    for (const fault of faults) {
      if (fault.path) this.noteFault(fault)
      else unknownHere.set(fault.value ?? fault.problem, fault)
    }
    this.unknown ??= unknownHere
    for (const id of this.unknown.keys()) if (!unknownHere.has(id)) this.unknown.delete(id)
  }
}

/** The text of a document; a fault has its path as it was asked for. */
async function readSource(document: Document): Promise<{ source: string } | { fault: Fault }> {
  const { path, file } = document
  if (document.source !== undefined) return { source: document.source }
  const read = await (document.stdin ? readStdin(path) : readDocument(file))
  if (!('fault' in read)) return read
  const fault = { ...read.fault, path }
  // found in a folder, and gone by now
  if (!document.named && !path.includes('\uFFFD') && !existsSync(file))
    fault.cure = 'It went away while silolint ran; run it again.'
  return { fault }
}

function whyIgnored({ path, line, pattern }: Ignored): string {
  if (pattern === undefined) return "it is one of Silolint's own files"
  const place = [fromHere(path), ...(line === undefined ? [] : [line])].join(':')
  return `${place} ignores it (${JSON.stringify(pattern)})`
}
