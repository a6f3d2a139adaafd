import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { VFileMessage } from 'vfile-message'
import type { BaselineEntry } from '../engine/baseline.ts'
import type { Explanation } from '../engine/configuration.ts'
import type { Ignored, Project, Resolved } from '../engine/disk.ts'
import type { Fault } from '../engine/fault.ts'
import { Configured, decodeDocument, isOwnFile, readBytes, readFound, readOwn } from '../engine/files.ts'
import { formatOf } from '../engine/format.ts'
import type { RuleInfo } from '../engine/linter.ts'
import type { Measure } from '../engine/measure.ts'
import type { PluginOptions } from '../engine/plugins.ts'
import type { Severity } from '../engine/severity.ts'
import type { Suppression } from '../engine/suppression.ts'
import { Cache, cacheFolder, keyOf, type Linted, pack, unpack } from './cache.ts'
import { fromHere } from './console.ts'
import { type Document, type Documents, findDocuments, inOrder, readStdin, slashed } from './documents.ts'
import type { Changes } from './since.ts'
import type { ProjectOptions, Workers } from './workers.ts'

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
  /** All documents of the run; undefined while they are still being found. */
  total: number | undefined
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

/** How plugins are run by a program that ends: their threads keep it waiting for a second at most. */
export const pluginThreads: PluginOptions = {
  script: fileURLToPath(new URL('./plugin.js', import.meta.url)),
  idle: 1,
}

let onLinted: ((length: number) => void) | undefined
/** Has somebody told of each text that is linted in this thread: its length in UTF-16 units. */
export function tellLinted(tell: (length: number) => void): void {
  onLinted = tell
}

/** What is in force for a document, known before any rule is loaded. */
interface InForce extends Omit<Resolved, 'linter' | 'plug'> {
  /** The rules, where what is kept of their findings lacks what only they tell: where the page of a team's own rule lies. */
  readonly pages: readonly RuleInfo[]
  /** Loads the rules, and compiles them unless that has been done. */
  open(): Promise<Pick<Resolved, 'linter' | 'plug'>>
}

/** A document that has been looked at, before it is linted. */
interface Prepared {
  document: Document
  inForce: InForce
  /** What is linted; missing where configuration leaves the document out or it cannot be read. */
  text?: Text
  ignored?: Ignored
  fault?: Fault
  key?: string
  /** Its findings, where they are known or a thread is at them. A failure is a value: nobody may be waiting yet. */
  linted?: Linted | { error: unknown } | Promise<Linted | { error: unknown }>
}

/** What a document holds, as a string once somebody wants it: of most that are known nobody does. */
class Text {
  /** In bytes. */
  readonly size: number
  private from: { text: string } | { bytes: Buffer } | { file: string }

  /** @param from its text, its bytes, or the file to read it from again */
  constructor(size: number, from: Text['from']) {
    this.size = size
    this.from = from
  }

  get source(): string {
    const { from } = this
    if ('text' in from) return from.text
    const read = 'bytes' in from ? from : readFound(from.file)
    // it was text when it was linted
    const decoded = 'bytes' in read ? decodeDocument(read.bytes, '') : read
    const text = 'source' in decoded ? decoded.source : ''
    this.from = { text }
    return text
  }
}

/** Below so many bytes that have to be linted, threads cost more than they save: each loads the rules and warms up. */
const worthThreads = 2_000_000
/** A document of so many bytes goes to a thread even alone: there it can be given up, and Ctrl-C is heard meanwhile. */
const long = 200_000
/** Documents are read ahead up to so many bytes. */
const mostAhead = 16 * 2 ** 20
/** Others get their turn, such as Ctrl-C, after so many milliseconds. */
const turn = 20

/**
 * Lints files, folders, globs and texts with the configuration that is in force for each of them, as the
 * command line does. What cannot be used is told to `onFault`, and the rest is linted.
 */
export class Silolint {
  private readonly options: SilolintOptions
  private readonly projectOptions: ProjectOptions
  private opened: Promise<Project> | undefined
  private changes: Promise<Changes> | undefined
  private cache: Cache | undefined
  /** Why the cache had to be made anew, until that is told. */
  private cacheNote: string | undefined
  /** The folders for whose documents anything is configured; undefined where options configure something for all. */
  private folders: Configured | undefined
  /** What is in force where nothing is configured. */
  private plain: InForce | undefined
  private readonly opening = new WeakMap<Resolved, InForce>()
  /** What was in force for the documents so far. */
  private readonly seen = new Set<InForce>()
  private readonly configured = new Set<string>()
  /** Faults without a file: the rules that were asked for and no configuration so far knows. */
  private unknown: Map<string, Fault> | undefined
  private readonly faulty = new Set<string>()

  constructor(options: SilolintOptions = {}) {
    this.options = options
    const { rules, only, baseline, since, configuration, cache } = options
    if (since !== undefined) this.changes = import('./since.ts').then(({ Changes }) => new Changes(since))
    this.projectOptions = {
      trusted: true,
      overrides: { ...(only && { only }), ...(rules && { rules }), noBaseline: baseline === false },
      configuration,
    }
    if (!only && !rules && typeof configuration !== 'string') this.folders = new Configured()
    const folder = cache === true ? cacheFolder(resolve('')) : cache || undefined
    if (folder) this.cache = new Cache(resolve(folder))
    this.cacheNote = this.cache?.note
  }

  /** The rules that were in force for at least one document so far, sorted by id. */
  async rules(): Promise<readonly RuleInfo[]> {
    const rules = new Map<string, RuleInfo>()
    for (const inForce of this.seen)
      for (const rule of (await inForce.open()).linter.rules) if (!rules.has(rule.id)) rules.set(rule.id, rule)
    return [...rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
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
  async forget(): Promise<void> {
    ;(await this.opened)?.clear()
    this.plain = undefined
    if (this.folders) this.folders = new Configured()
    this.seen.clear()
    this.configured.clear()
    this.unknown = undefined
    this.faulty.clear()
  }

  /** The rules that are in force for a document, which need not exist, with their severity there; sorted by id. */
  async rulesFor(path: string): Promise<readonly RuleInfo[]> {
    return (await this.resolve(path)).linter.rules
  }

  /** Lints what paths stand for, sorted by path; without one the current folder. */
  async *lintFiles(paths: readonly string[] = ['.']): AsyncGenerator<LintResult> {
    yield* this.lint(await this.documents(paths))
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
    const documents: Document[] = []
    for (const document of await this.documents(paths)) {
      if (document) documents.push(document)
      else await this.turn()
    }
    return documents
  }

  /** The same one by one, as they are found. */
  async documents(paths: readonly string[]): Promise<Documents> {
    const { passOnNoFiles, onFault, onNote } = this.options
    // what is listed for documents need not be listed again for configurations
    const onListed = (folder: string, names: readonly string[]): void => this.folders?.saw(folder, names)
    return findDocuments(paths, { passOnNoFiles, onFault, onNote, onListed })
  }

  /** What is in force for a document, and which file says so. @throws the reason of the signal when it is aborted */
  async explain(path: string): Promise<Explanation> {
    const { faults } = await this.unlessAborted(this.resolve(path))
    for (const fault of faults) this.options.onFault?.(fault)
    return (await this.project()).explain(path)
  }

  /**
   * Lints documents in the order of their paths, in which documents that come one by one must be.
   *
   * @throws the reason of the signal when it is aborted
   */
  async *lint(documents: readonly Document[] | Documents): AsyncGenerator<LintResult> {
    const total = isList(documents) ? documents.length : undefined
    if (this.cacheNote) this.options.onNote?.(this.cacheNote)
    this.cacheNote = undefined
    let findings = 0
    let done = 0
    try {
      for await (const prepared of this.prepared(isList(documents) ? inOrder(documents) : documents)) {
        const known = prepared.linted
        const linted = known instanceof Promise ? await known : (known ?? (await this.lintHere(prepared)))
        const result = this.changes ? await this.since(prepared, linted) : this.result(prepared, linted)
        findings += result?.findings.length ?? 0
        this.options.onProgress?.({ done: ++done, total, findings })
        if (result) yield result
      }
      // without a document nobody would hear of a misspelt rule, and a script would go on thinking that all is well
      if (!done) this.noteConfiguration((await this.inForce(resolve('document.md'))).faults)
    } finally {
      await (await this.opened)?.close()
      const problem = this.cache?.save()
      if (problem) this.options.onNote?.(problem)
    }
    for (const fault of this.unknown?.values() ?? []) this.options.onFault?.(fault)
  }

  /** The text of a document; nothing where it cannot be read, which is told. */
  async read(document: Document): Promise<string | undefined> {
    const read = await readText(document)
    const text = 'fault' in read ? { fault: faultOf(document, read.fault) } : decodeDocument(read.bytes, document.path)
    if (!('fault' in text)) return text.source
    this.options.onFault?.(text.fault)
    return undefined
  }

  /** Configuration and rules, which take a while to load. */
  private project(): Promise<Project> {
    this.opened ??= import('../engine/disk.ts').then(({ openProject }) =>
      openProject({ ...this.projectOptions, plugins: pluginThreads }),
    )
    return this.opened
  }

  private async resolve(path: string): Promise<Resolved> {
    return (await this.project()).resolve(resolve(path))
  }

  /** Gives others their turn, such as Ctrl-C. */
  private async turn(): Promise<void> {
    await nextTurn()
    this.options.signal?.throwIfAborted()
  }

  /** What is in force for a document (absolute path) for which nothing is configured. */
  private plainly(file: string): InForce | undefined {
    if (!this.plain && this.folders) {
      this.plain = {
        key: 'plain',
        pages: [],
        faults: [],
        notes: [],
        files: [],
        ruleFolders: [],
        ignores: (path) => (isOwnFile(path) ? { path } : undefined),
        part: (_, findings) => ({ fresh: [...findings], known: [], unmatched: [], moved: [] }),
        // what reads configurations and rule files is not needed for it
        open: async () => ({
          linter: (await import('../engine/builtin.ts')).builtInLinter(),
          plug: async () => nothingPlugged,
        }),
      }
    }
    return this.folders?.in(dirname(file)) === false ? this.plain : undefined
  }

  /** What is in force for a document (absolute path). */
  private async inForce(file: string): Promise<InForce> {
    const plain = this.plainly(file)
    if (plain) return plain
    const resolved = await this.resolve(file)
    let known = this.opening.get(resolved)
    if (!known) {
      const { key, faults, notes, files, ruleFolders, ignores, part } = resolved
      known = {
        ...{ key, faults, notes, files, ruleFolders, ignores, part },
        get pages() {
          return resolved.linter.rules
        },
        open: async () => resolved,
      }
      this.opening.set(resolved, known)
    }
    return known
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
  private async *prepared(documents: Documents): AsyncGenerator<Prepared> {
    const { concurrency = 1, signal } = this.options
    const waiting: Prepared[] = []
    let workers: Workers | undefined
    let isAll = false
    // `performance` would load a module of Node for that, and `Date` may be set back
    let lastTurn = process.uptime()
    const run = documents[Symbol.iterator]()
    const isOpen = ({ text, linted }: Prepared): boolean => text !== undefined && !linted
    const size = (all: readonly Prepared[]): number => all.reduce((sum, { text }) => sum + (text?.size ?? 0), 0)
    // one document at least; more as long as it is open whether threads are worth while, then what keeps them busy
    const wantsMore = (): boolean => {
      const [first] = waiting
      if (isAll) return false
      if (!first) return true
      if (concurrency < 2 || size(waiting) > mostAhead) return false
      return workers ? waiting.length < 8 * concurrency : isOpen(first)
    }
    try {
      for (;;) {
        signal?.throwIfAborted()
        while (wantsMore()) {
          const next = run.next()
          isAll = next.done === true
          if (next.done) break
          if (!next.value) {
            await this.turn()
            continue
          }
          const looked = this.prepare(next.value)
          const prepared = looked instanceof Promise ? await looked : looked
          waiting.push(prepared)
          if (!isOpen(prepared)) continue
          const open = waiting.filter(isOpen)
          if (!workers && (size([prepared]) > long || size(open) > worthThreads)) {
            const { Workers } = await import('./workers.ts')
            workers = new Workers(this.projectOptions, concurrency)
          }
          if (workers) for (const one of open) one.linted = this.lintElsewhere(one, workers)
        }
        const prepared = waiting.shift()
        if (!prepared) break
        if (prepared.linted instanceof Promise) await this.unlessAborted(prepared.linted)
        // looking up and linting here leave no time to hear of signals
        if ((process.uptime() - lastTurn) * 1000 > turn) {
          await this.turn()
          lastTurn = process.uptime()
        }
        yield prepared
      }
    } finally {
      await workers?.close()
      run.return?.()
    }
  }

  /** Reads a document and looks its findings up; at once, where it lies in a folder for which nothing is configured. */
  private prepare(document: Document): Prepared | Promise<Prepared> {
    const { file, named } = document
    const plain = named ? undefined : this.plainly(file)
    return plain ? this.look(document, plain, readFound(file)) : this.prepareSlowly(document)
  }

  private async prepareSlowly(document: Document): Promise<Prepared> {
    const inForce = await this.inForce(document.file)
    // what is left out need not be there
    if (inForce.ignores(document.file)) return this.look(document, inForce, { bytes: Buffer.alloc(0) })
    const reading = readText(document)
    return this.look(document, inForce, await (document.stdin ? this.unlessAborted(reading) : reading))
  }

  private look(document: Document, inForce: InForce, read: Awaited<ReturnType<typeof readText>>): Prepared {
    const { path, file } = document
    const prepared: Prepared = { document, inForce }
    try {
      prepared.ignored = inForce.ignores(file)
      if (prepared.ignored) return prepared
      if ('fault' in read) {
        prepared.fault = faultOf(document, read.fault)
        return prepared
      }
      const { bytes } = read
      if (this.cache && inForce.key !== undefined) {
        prepared.key = keyOf(bytes, formatOf(path), inForce.key)
        const known = this.cache.get(prepared.key)
        if (known !== undefined) {
          const linted = unpack(known, path, () => inForce.pages)
          prepared.linted = linted
          // where nothing was found hardly anybody asks for the text, and a copy of each would be most of the work
          const isFile = document.source === undefined && !document.stdin
          const from = isFile && !linted.messages.length ? { file } : { bytes: Buffer.from(bytes) }
          prepared.text = new Text(bytes.length, from)
          return prepared
        }
      }
      const decoded = document.source === undefined ? decodeDocument(bytes, path) : { source: document.source }
      if ('fault' in decoded) prepared.fault = decoded.fault
      else prepared.text = new Text(bytes.length, { text: decoded.source })
    } catch (error) {
      prepared.text ??= new Text(0, { text: '' })
      prepared.linted = { error }
    }
    return prepared
  }

  private async lintElsewhere(
    { document, inForce, text, key }: Prepared,
    workers: Workers,
  ): Promise<Linted | { error: unknown }> {
    const { path, file } = document
    try {
      const source = text?.source ?? ''
      // where nothing is configured no plugin is, and the rules are needed in the threads alone
      const { remarks, faults } =
        inForce === this.plain ? nothingPlugged : await (await inForce.open()).plug(source, { path })
      for (const fault of faults) this.noteFault(fault)
      const found = await workers.lint({ path, file, source, remarks })
      // what a plugin could not say must be told again
      if (key && !faults.length) this.cache?.set(key, found)
      return unpack(found, path, () => inForce.pages)
    } catch (error) {
      return { error }
    }
  }

  /** What is found in a document; nothing where there is none to lint. A failure is a value. */
  private async lintHere({ document, inForce, text, key }: Prepared): Promise<Linted | { error: unknown } | undefined> {
    if (!text) return undefined
    const { path } = document
    try {
      const { source } = text
      const { linter, plug } = await inForce.open()
      const { remarks, faults } = await this.unlessAborted(plug(source, { path }))
      for (const fault of faults) this.noteFault(fault)
      const linted = linter.lint(source, { path, remarks })
      onLinted?.(source.length)
      if (key && !faults.length) this.cache?.set(key, pack(linted))
      return linted
    } catch (error) {
      this.options.signal?.throwIfAborted()
      return { error }
    }
  }

  /** `result` with the findings on lines that have not changed apart. */
  private async since(
    prepared: Prepared,
    linted: Linted | { error: unknown } | undefined,
  ): Promise<LintResult | undefined> {
    const result = this.result(prepared, linted)
    const touches = result && (await (await this.changes)?.touching(result.file))
    if (!touches) return result
    // what git cannot tell is told, and shown
    if (typeof touches !== 'function') {
      this.options.onFault?.(touches)
      return result
    }
    result.unchanged = result.findings.filter((finding) => !touches(finding))
    result.findings = result.findings.filter(touches)
    return result
  }

  /** What there is to say of a document; nothing where it was not linted, and then it is told why. */
  private result(
    { document, inForce, text, ignored, fault }: Prepared,
    linted: Linted | { error: unknown } | undefined,
  ): LintResult | undefined {
    const { path, file } = document
    if (inForce !== this.plain || !this.seen.has(inForce)) {
      this.noteConfiguration(inForce.faults)
      for (const path of [...inForce.files, ...inForce.ruleFolders]) this.configured.add(path)
      for (const { path, text } of inForce.notes) this.options.onNote?.(`${fromHere(path)}: ${text}`)
    }
    if (fault) this.options.onFault?.(fault)
    if (ignored && document.named) this.options.onNote?.(`${path}: not linted, because ${whyIgnored(ignored)}.`)
    if (!text || !linted) return undefined
    try {
      if ('error' in linted) throw linted.error
      this.seen.add(inForce)
      const { suppressed = [], suppressions = [] } = linted.data
      const { fresh: findings, known, unmatched, moved } = inForce.part(file, linted.messages)
      return {
        path,
        file,
        get source() {
          return text.source
        },
        ...{ findings, unchanged: [], known, unmatched, moved, suppressed, suppressions },
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
    const { linter } = await this.resolve(file)
    const { fixSafely } = await import('../engine/fix.ts')
    const { source, fixed } = fixSafely(result.source, (text) => linter.lint(text, { path }).messages)
    if (!fixed) return { source, fixed, result }
    const prepared = await this.prepare({ path, file, named: true, source })
    const linted = (await prepared.linted) ?? (await this.lintHere(prepared))
    const after = this.changes ? await this.since(prepared, linted) : this.result(prepared, linted)
    return { source, fixed, result: after ?? result }
  }

  /** Counts words, mentions and hand-offs in a linted document, with the vocabularies of its configuration. */
  async measure({ path, file, source }: LintResult): Promise<Measure> {
    const { linter } = await this.resolve(file)
    const { measure } = await import('../engine/measure.ts')
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

const nothingPlugged = { remarks: new Map(), faults: [] }

const isList = (documents: readonly Document[] | Documents): documents is readonly Document[] =>
  Array.isArray(documents)

/** What a document holds. */
async function readText(document: Document): Promise<{ bytes: Buffer } | { fault: Fault }> {
  const { file, source, named } = document
  if (source !== undefined) return { bytes: Buffer.from(source) }
  if (document.stdin) return { bytes: await readStdin() }
  return named ? readBytes(file) : readOwn(file)
}

/** The fault of a document that cannot be read, with its path as it was asked for. */
function faultOf({ path, file, named }: Document, fault: Fault): Fault {
  // found in a folder, and gone by now
  const isGone = !named && !path.includes('\uFFFD') && !existsSync(file)
  return { ...fault, path, ...(isGone && { cure: 'It went away while silolint ran; run it again.' }) }
}

function whyIgnored({ path, line, pattern }: Ignored): string {
  if (pattern === undefined) return "it is one of Silolint's own files"
  const place = [fromHere(path), ...(line === undefined ? [] : [line])].join(':')
  return `${place} ignores it (${JSON.stringify(pattern)})`
}
