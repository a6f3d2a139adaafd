import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { VFileMessage } from 'vfile-message'
import { Accepted, type Baseline, type Parted, readBaseline } from './baseline.ts'
import { builtIn, builtInLinter } from './builtin.ts'
import { type Catalogue, type Layer, readLayer, type Sources } from './catalogue.ts'
import {
  type Explanation,
  globMatcher,
  type Ignores,
  ignoresOf,
  type Merged,
  merge,
  type Part,
  readIgnoreFile,
  type Said,
  type Source,
  saidAt,
  sourceOf,
  wordsOf,
} from './configuration.ts'
import { type Loaded, nowhere, readJson, readYaml } from './configurationfile.ts'
import type { Beside, RuleFileKind } from './draft.ts'
import type { Fault } from './fault.ts'
import { createLinter, documentEndings, type Linter, linterOf, rulesOf } from './linter.ts'
import { nearest } from './nearest.ts'
import type { RuleSource } from './rulefile.ts'
import { itemOf, type Keys, type Known, readSettings } from './settings.ts'
import type { Severity } from './severity.ts'
import { suppressionRules } from './suppression.ts'

/** What is in force for a document. */
export interface Resolved {
  linter: Linter
  /** Configuration and rule files that cannot be used as written, and unknown ids. Whatever can be used is in force. */
  faults: Fault[]
  /** Changes with everything here that decides what is found in a text: levels, words, a team's own rules. */
  key: string
  /** Absolute paths of the configuration and rule files that were read, to be watched. */
  files: string[]
  /** What leaves a document (absolute path) out: a pattern and the file that has it; undefined where it is linted. */
  ignores(path: string): Ignored | undefined
  /** Parts the findings of a document (absolute path) by whether the nearest baseline has them. */
  part(path: string, findings: readonly VFileMessage[]): Parted
}

/** Why a document is not linted. */
export interface Ignored {
  /** The file that has the pattern. */
  path: string
  line?: number
  /** None where the document is one of Silolint's own files. */
  pattern?: string
}

/** Finds and keeps what is in force for documents; the command line and the language server share it. */
export interface Project {
  /** What is in force for a document: the configurations above it. The document need not exist. Never rejects. */
  resolve(path: string): Promise<Resolved>
  /** The same with where each value comes from, for people. Never rejects. */
  explain(path: string): Promise<Explanation>
  /** What a file is among the rules in force where it lies, saved or not; undefined where it is no rule file. Never rejects. */
  ruleFile(path: string): Promise<RuleFileAt | undefined>
  /** Forgets what was read, since a configuration or rule file has changed. */
  clear(): void
}

/** A file in a folder of rules. */
export interface RuleFileAt extends Beside {
  kind: RuleFileKind
  /** Absolute paths of the rule files beside it, and of itself where it was saved. */
  files: readonly string[]
  /** Whether it is one of Silolint's own, which hold everywhere. */
  isBuiltIn: boolean
}

/** Rules as a command line or an editor sets them, over what files say. */
export interface Overrides {
  rules?: Record<string, Severity | 'off'>
  /** When given, all other rules are off. */
  only?: string[]
  /** Take no finding for known. */
  noBaseline?: boolean
}

/** The names of configuration files, the first of which counts in a folder. Code is run only where it is trusted. */
const codePlaces = [
  'silolint.config.js',
  'silolint.config.mjs',
  'silolint.config.cjs',
  'silolint.config.ts',
  'silolint.config.mts',
]
const dataPlaces = [
  'package.json',
  '.silolintrc',
  '.silolintrc.json',
  '.silolintrc.jsonc',
  '.silolintrc.yaml',
  '.silolintrc.yml',
  'silolint.config.json',
  'silolint.config.yaml',
  'silolint.config.yml',
]
/** The names of configuration files, in any folder; a `package.json` is one where it has the key `silolint`. */
export const configurationPlaces: readonly string[] = [...codePlaces, ...dataPlaces]
const ignorePlace = '.silolintignore'
const ownFiles = new Set([...codePlaces, ...dataPlaces, ignorePlace].filter((name) => name !== 'package.json'))

/** A configuration file that was read. */
interface Found {
  path: string
  loaded: Loaded
  /** Others beside it, which do not count. */
  unread: string[]
}

/** Reads a configuration file; undefined for a package.json that says nothing of Silolint. */
async function loadConfiguration(path: string, trusted: boolean): Promise<Loaded | undefined> {
  const failed = (problem: string, cure: string): Loaded => ({ value: {}, locate: nowhere, fault: { problem, cure } })
  const name = basename(path)
  if (/\.[cm]?[jt]s$/.test(name)) {
    if (!trusted)
      return failed(
        'this configuration is code, which is not run where the workspace is not trusted',
        'Trust the workspace, or write the settings as JSON or YAML.',
      )
    try {
      return { value: await runModule(path), locate: nowhere }
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
      return failed(`the file cannot be run: ${reason}`, 'Mend it, or write the settings as JSON or YAML.')
    }
  }
  let text: string
  try {
    text = decode(await readFile(path))
  } catch (error) {
    if (name === 'package.json') return undefined
    if (!(error instanceof Error && 'code' in error && 'syscall' in error))
      return failed('the configuration is not UTF-8 text', 'Save it as UTF-8.')
    return error.code === 'ENOENT'
      ? failed('there is no such configuration file', 'Check the path.')
      : failed(`the configuration cannot be read (${error.code})`, 'Make the file readable.')
  }
  if (name === 'package.json') return readJson(text, true)
  if (text.trim() === '') return { value: {}, locate: nowhere }
  return /\.jsonc?$/.test(name) ? readJson(text) : readYaml(text)
}

/** What a module exports as its default. A query makes a file that has changed load anew. */
async function runModule(path: string): Promise<unknown> {
  const url = pathToFileURL(path).href
  const native = (process.features as { typescript?: unknown }).typescript
  if (!/ts$/.test(extname(path)) || native) {
    return ((await import(`${url}?${statSync(path).mtimeMs}`)) as { default?: unknown }).default
  }
  // The extension does not carry jiti; a project that configures in TypeScript has it, by way of silolint.
  const { createJiti } = await import('jiti').catch(() => {
    const inProject = createRequire(path)
    const beside = createRequire(inProject.resolve('silolint/package.json'))
    return beside('jiti') as typeof import('jiti')
  })
  return createJiti(url, { fsCache: false, moduleCache: false }).import(path, { default: true })
}

/** The folder that holds `.git`, at or above a folder; the outermost folder where there is none. */
export function repositoryRoot(folder: string): string {
  for (let here = folder; ; here = dirname(here)) {
    if (existsSync(join(here, '.git')) || dirname(here) === here) return here
  }
}

/** Where a baseline lies, relative to the folder whose documents it speaks of. */
export const baselinePlace = join('.silolint', 'baseline.json')

/** The nearest file or folder of a name at or above a folder, up to the repository's root. */
export function nearestAbove(folder: string, name: string): string | undefined {
  const root = repositoryRoot(folder)
  for (let here = folder; ; here = dirname(here)) {
    const candidate = join(here, name)
    if (existsSync(candidate)) return candidate
    if (here === root || dirname(here) === here) return undefined
  }
}

/** The baseline at a path; of one that cannot be used nothing is taken for known. */
export function openBaseline(path: string, faults: Fault[]): Baseline {
  try {
    const { baseline, faults: found } = readBaseline(decode(readFileSync(path)), path)
    faults.push(...found)
    return baseline
  } catch (error) {
    faults.push({ path, problem: `the baseline cannot be read (${whyUnread(error)})`, cure: 'Check its permissions.' })
    return {}
  }
}

/** A path from a folder with forward slashes; undefined where it does not lie below the folder. */
function inside(folder: string, path: string): string | undefined {
  const way = relative(folder, path).replaceAll('\\', '/')
  return way === '' || way === '..' || way.startsWith('../') || isAbsolute(way) ? undefined : way
}

/** Whether a name in `extends` is a path; else it names a package. */
const isPath = (name: string): boolean => isAbsolute(name) || /^\.\.?(?:[\\/]|$)/.test(name)

/** The paths that a name in `extends` may stand for; the first that exists counts. */
function extendedPlaces(name: string, from: string): string[] {
  if (isPath(name)) return [resolve(dirname(from), name)]
  const { groups } = /^(?<pack>@[^/]+\/[^/]+|[^/]+)(?:\/(?<rest>.+))?$/.exec(name) ?? {}
  const { pack = name, rest = '' } = groups ?? {}
  // where Node would look for the package
  return (createRequire(from).resolve.paths(pack) ?? []).map((folder) => join(folder, pack, rest))
}

/**
 * Opens the configuration and rule files of documents.
 *
 * @param options.trusted whether configuration may be code that is run
 * @param options.configuration the one configuration file in force, in place of those above a document; false for
 *   none at all, which leaves out a team's rules too
 */
export function openProject({
  trusted,
  overrides = {},
  configuration,
}: {
  trusted: boolean
  overrides?: Overrides
  configuration?: string | false | undefined
}): Project {
  /** By folder, file or what else makes the difference: each is read once. */
  const kept = new Map<string, unknown>()
  const once = <T>(key: string, make: () => T): T => {
    if (!kept.has(key)) kept.set(key, make())
    return kept.get(key) as T
  }

  const load = (path: string): Promise<Loaded | undefined> =>
    once(`file ${path}`, () => loadConfiguration(path, trusted))

  /** The configuration in a folder. */
  const configurationIn = (folder: string): Promise<Found | undefined> =>
    once(`in ${folder}`, async () => {
      let found: Found | undefined
      for (const place of [...(trusted ? codePlaces : []), ...dataPlaces]) {
        const path = join(folder, place)
        if (!existsSync(path)) continue
        if (found && place !== 'package.json') found.unread.push(path)
        const loaded = found ? undefined : await load(path)
        if (loaded) found = { path, loaded, unread: [] }
      }
      return found
    })

  /** The configurations above a document, the nearest first. */
  const configurationsAbove = async (folder: string): Promise<Found[]> => {
    if (configuration === false) return []
    if (configuration !== undefined) {
      const path = resolve(configuration)
      const loaded = await load(path)
      const fault = { problem: 'this package.json has no key "silolint"', cure: 'Add one, or name another file.' }
      return [{ path, loaded: loaded ?? { value: {}, locate: nowhere, fault }, unread: [] }]
    }
    const found: Found[] = []
    const root = repositoryRoot(folder)
    for (let here = folder; ; here = dirname(here)) {
      const one = await configurationIn(here)
      if (one) found.push(one)
      if (here === root || (one?.loaded.value as { root?: unknown } | null | undefined)?.root === true) return found
    }
  }

  interface Layers {
    layers: Layer[]
    /** Absolute paths. */
    files: string[]
    /** By their paths within the folder. */
    texts: Array<[path: string, text: string]>
    faults: Fault[]
  }

  /** A team's rules in a folder; those that come with Silolint stand below them. */
  const layersOf = (rulesFolder: string | undefined): Layers =>
    once(`layers ${rulesFolder}`, () => {
      if (!rulesFolder) return { layers: [builtIn], files: [], texts: [], faults: [] }
      const faults: Fault[] = []
      const isOwn = rulesFolder === ownRules(rulesFolder)
      const own = readSources(rulesFolder, faults, isOwn)
      const { layer, faults: found } = readLayer(own, builtIn.guardIds)
      const sources = [...own.rules, ...own.guards, ...own.vocabularies, ...own.roles, ...own.sectors]
      return {
        layers: isOwn ? [layer] : [builtIn, layer],
        files: sources.map(({ path }) => path),
        texts: sources.map(({ path, text }) => [relative(rulesFolder, path).replaceAll('\\', '/'), text]),
        faults: [...faults, ...found],
      }
    })

  const rulesAbove = (folder: string): string | undefined =>
    configuration === false ? undefined : nearestAbove(folder, join('.silolint', 'rules'))

  /** Rules compiled with words; they are shared, since compiling takes about a second. */
  const catalogueOf = (
    rulesFolder: string | undefined,
    words: Record<string, string[]>,
    sectors: string[],
  ): { catalogue: Catalogue; faults: Fault[] } =>
    once(`catalogue ${rulesFolder} ${JSON.stringify([words, sectors])}`, () => {
      const isPlain = !rulesFolder && !sectors.length && !Object.keys(words).length
      if (isPlain) return { catalogue: builtInLinter().catalogue, faults: [] }
      const { linter, faults } = createLinter(layersOf(rulesFolder).layers, { rules: {}, vocabularies: words, sectors })
      return { catalogue: linter.catalogue, faults }
    })

  /** What there is to be set in a configuration of a folder, for documents that have these rules. */
  const knownIn = (folder: string, rulesFolder: string | undefined): Known =>
    // a configuration high up may name rules that stand beside it, where others are nearer to the document
    knownOf([...layersOf(rulesAbove(folder)).layers, ...layersOf(rulesFolder).layers])

  /** Reads a configuration and those that it extends, which come first, since what comes later wins. */
  const read = async (
    { path, loaded, unread }: Found,
    base: string,
    known: Known,
    trail: readonly string[],
    to: { parts: Part[]; ignores: Ignores[]; faults: Fault[]; files: string[] },
  ): Promise<void> => {
    to.files.push(path, ...unread)
    if (loaded.fault) to.faults.push({ path, ...loaded.fault })
    for (const other of unread) {
      to.faults.push({
        path: other,
        problem: `this configuration does not count, because ${basename(path)} stands beside it`,
        cure: 'Keep one of the two.',
      })
    }
    const { settings, faults } = readSettings(loaded.value, path, known, loaded.locate)
    to.faults.push(...faults)
    for (const name of settings.extends) {
      const fault = (problem: string, cure: string): void => {
        to.faults.push({
          path,
          ...loaded.locate(itemOf(loaded.value, ['extends'], name), 'value'),
          value: name,
          problem,
          cure,
        })
      }
      const found = await extended(name, path, to.files)
      if ('problem' in found) fault(found.problem, found.cure)
      else if ([...trail, path].includes(found.path))
        fault('these configurations extend each other in a circle', 'Take this one out.')
      else await read(found, base, known, [...trail, path], to)
    }
    const part = (settings: Part['settings'], keys: Keys, files?: string[]): Part => ({
      ...{ path, loaded, keys, settings, base },
      ...(files && { files }),
      holds: files ? globMatcher(files) : () => true,
    })
    to.parts.push(part(settings, []))
    for (const one of settings.overrides) to.parts.push(part(one, ['overrides', one.index], one.files))
    const patterns = settings.ignores.map((pattern) => ({
      pattern,
      line: loaded.locate(itemOf(loaded.value, ['ignores'], pattern), 'value').line,
    }))
    if (patterns.length) to.ignores.push(ignoresOf(path, base, patterns))
  }

  /** The configuration that a name in `extends` stands for, or what is wrong with it. What might be there is watched. */
  const extended = async (
    name: string,
    from: string,
    files: string[],
  ): Promise<Found | Pick<Fault, 'problem' | 'cure'>> => {
    const places = extendedPlaces(name, from)
    const path = places.find((place) => existsSync(place))
    if (path === undefined) {
      files.push(...places.slice(0, 1))
      if (isPath(name)) {
        const meant = nearest(basename(name), names(dirname(places[0] as string)))
        return {
          problem: 'there is no such configuration file',
          cure: meant
            ? `Did you mean "${join(dirname(name), meant)
                .replace(/^(?!\.)/, './')
                .replaceAll('\\', '/')}"?`
            : 'Check the path; it is looked up from this file.',
        }
      }
      return {
        problem: 'there is no package of this name',
        cure: existsSync(join(dirname(from), name))
          ? `Write "./${name}" for the file beside this one, or install the package.`
          : 'Install it, or write ./ before the path of a file.',
      }
    }
    if (!statSync(path).isDirectory()) {
      const loaded = await load(path)
      if (loaded) return { path, loaded, unread: [] }
    } else {
      const found = await configurationIn(path)
      if (found) return found
      // a package may give its configuration as what it exports
      const main = mainOf(name, from)
      const loaded = main && (await load(main))
      if (loaded) return { path: main, loaded, unread: [] }
    }
    return {
      problem: 'there is no configuration in it',
      cure: `Put one there, such as ${dataPlaces[2]}, or name a file.`,
    }
  }

  const folderOf = (path: string): string => dirname(resolve(path))

  /** What the baseline at a path accepts; all folders below it share it, since a document may move between them. */
  const acceptedIn = (path: string): { path: string; folder: string; accepted: Accepted; faults: Fault[] } =>
    once(`baseline ${path}`, () => {
      const faults: Fault[] = []
      const folder = dirname(dirname(path))
      const accepted = new Accepted(openBaseline(path, faults), (document) => existsSync(join(folder, document)))
      return { path, folder, accepted, faults }
    })

  /** What is in force for the documents of a folder, but for what overrides make of it for some. */
  const openFolder = (folder: string): Promise<Folder> =>
    once(`folder ${folder}`, async () => {
      const found = await configurationsAbove(folder)
      const rulesFolder = rulesAbove(folder)
      const baseline = overrides.noBaseline ? undefined : nearestAbove(folder, baselinePlace)
      const ignoreFiles: string[] = []
      const root = repositoryRoot(folder)
      for (let here = folder; ; here = dirname(here)) {
        if (existsSync(join(here, ignorePlace))) ignoreFiles.unshift(join(here, ignorePlace))
        if (here === root) break
      }
      const key = [...found.map(({ path }) => path), rulesFolder, baseline, ...ignoreFiles].join('\n')
      return once(`configured ${key}`, () => build([...found].reverse(), rulesFolder, baseline, ignoreFiles))
    })

  interface Folder {
    parts: Part[]
    ignores: Ignores[]
    rulesFolder: string | undefined
    baselinePath: string | undefined
    known: Known
    resolve(document: string): Resolved
    ignored(document: string): Ignored | undefined
  }

  const build = async (
    found: readonly Found[],
    rulesFolder: string | undefined,
    baselinePath: string | undefined,
    ignoreFiles: readonly string[],
  ): Promise<Folder> => {
    const own = layersOf(rulesFolder)
    const parts: Part[] = []
    const ignores: Ignores[] = []
    const faults: Fault[] = [...own.faults]
    const files: string[] = []
    for (const one of found) {
      const base = dirname(one.path)
      await read(one, base, knownIn(base, rulesFolder), [], { parts, ignores, faults, files })
    }
    for (const path of ignoreFiles) {
      files.push(path)
      try {
        ignores.push(ignoresOf(path, dirname(path), readIgnoreFile(decode(readFileSync(path)))))
      } catch (error) {
        faults.push({
          path,
          problem: `the ignore file cannot be read (${whyUnread(error)})`,
          cure: 'Make it readable.',
        })
      }
    }
    // the nearest has the last word, as in git
    ignores.sort((a, b) => a.base.length - b.base.length)
    files.push(...own.files)
    const known = knownOf(own.layers)
    for (const id of [...Object.keys(overrides.rules ?? {}), ...(overrides.only ?? [])]) {
      if (known.rules.has(id)) continue
      const meant = nearest(id, known.rules.keys())
      faults.push({
        path: '',
        value: id,
        problem: 'there is no such rule',
        cure: meant ? `Did you mean "${meant}"?` : `The rules are ${[...known.rules.keys()].join(', ')}.`,
      })
    }
    const baseline = baselinePath && acceptedIn(baselinePath)
    if (baseline) {
      faults.push(...baseline.faults)
      files.push(baseline.path)
    }
    const ignored = (document: string): Ignored | undefined => {
      if (ownFiles.has(basename(document)) || document.split(/[\\/]/).includes('.silolint')) return { path: document }
      let last: Ignored | undefined
      for (const { path, base, test } of ignores) {
        const way = inside(base, document)
        const said = way === undefined ? undefined : test(way)
        if (said === 'not') last = undefined
        else if (said) last = { path, pattern: said.pattern, ...(said.line !== undefined && { line: said.line }) }
      }
      return last
    }
    const part: Resolved['part'] = (document, findings) => {
      if (!baseline) return { fresh: [...findings], known: [], unmatched: [], moved: [] }
      return baseline.accepted.part(relative(baseline.folder, document).replaceAll('\\', '/'), findings)
    }
    const variants = new Map<string, Resolved>()
    const resolveDocument = (document: string): Resolved => {
      // documents for which the same overrides hold have all in common
      const held = parts.filter(({ base, holds }) => holds(inside(base, document)))
      const key = parts.map((one) => (held.includes(one) ? 1 : 0)).join('')
      let resolved = variants.get(key)
      if (!resolved) {
        const merged = merge(held)
        const { vocabularies: words, sectors } = wordsIn(merged)
        const { catalogue, faults: ruleFaults } = catalogueOf(rulesFolder, words, sectors)
        const levels = new Map<string, Severity>()
        for (const { id, severity } of rulesOf(catalogue)) {
          const level = levelOf(id, severity, merged).severity
          if (level !== 'off') levels.set(id, level)
        }
        const linter = linterOf(catalogue, levels)
        const decisive = createHash('sha256').update(JSON.stringify([[...levels], words, sectors, own.texts]))
        resolved = {
          linter,
          key: decisive.digest('base64url'),
          faults: [...faults, ...ruleFaults],
          files,
          ignores: ignored,
          part,
        }
        variants.set(key, resolved)
      }
      return resolved
    }
    return { parts, ignores, rulesFolder, baselinePath, known, resolve: resolveDocument, ignored }
  }

  /** How much a rule weighs in the end, and whether the command line or a file says so. */
  const levelOf = (
    id: string,
    own: Severity,
    { rules }: Merged,
  ): { severity: Severity | 'off'; said?: Said<Severity | 'off'>; byCommand?: true } => {
    const said = rules.get(id)
    if (overrides.only && !overrides.only.includes(id)) return { severity: 'off', byCommand: true }
    const set = overrides.rules?.[id]
    if (set !== undefined) return { severity: set, byCommand: true }
    // who asks for a rule by name wants to see it, whatever is configured
    if (said?.value === 'off' && overrides.only) return { severity: own, byCommand: true }
    return said ? { severity: said.value, said } : { severity: own }
  }

  return {
    async resolve(path) {
      const folder = await openFolder(folderOf(path))
      return folder.resolve(resolve(path))
    },
    async explain(path) {
      const document = resolve(path)
      const { parts, ignores, rulesFolder, baselinePath, ...folder } = await openFolder(folderOf(path))
      const { linter } = folder.resolve(document)
      const held = parts.filter(({ base, holds }) => holds(inside(base, document)))
      const merged = merge(held)
      const ignored = folder.ignored(document)
      return {
        path: document,
        configurations: [...new Set([...parts].reverse().map(({ path }) => path))],
        ...(ignored && {
          ignored: {
            ...(ignored.pattern !== undefined && { pattern: ignored.pattern }),
            ...sourceOf(ignored.pattern === undefined ? 'built-in' : 'configuration', ignored.path, ignored.line),
          },
        }),
        rules: Object.fromEntries(
          rulesOf(linter.catalogue).map((rule) => {
            const { severity, said, byCommand } = levelOf(rule.id, rule.severity, merged)
            // a rule about comments has no file
            const isBuiltIn = !('path' in rule) || builtIn.rules.includes(rule)
            const own = (): Source => (isBuiltIn ? { by: 'built-in' } : sourceOf('rule file', rule.path))
            return [rule.id, { severity, ...(byCommand ? { by: 'command line' } : said ? saidAt(said) : own()) }]
          }),
        ),
        sectors: merged.sectors.map((said) => ({ sector: said.value, ...saidAt(said) })),
        ignores: ignores.flatMap(({ path, patterns }) =>
          patterns.map(({ pattern, line }) => ({ pattern, ...sourceOf('configuration', path, line) })),
        ),
        overrides: parts.flatMap((part) => {
          if (!part.files) return []
          const { line } = part.loaded.locate(part.keys, 'value')
          return [{ files: part.files, holds: held.includes(part), ...sourceOf('configuration', part.path, line) }]
        }),
        ...(baselinePath && { baseline: baselinePath }),
        vocabularies: Object.fromEntries(
          folder.known.vocabularies.map((name) => [name, wordsOf(name, layersOf(rulesFolder).layers, merged)]),
        ),
      }
    },
    async ruleFile(path) {
      const file = resolve(path)
      const { parts, rulesFolder } = await openFolder(dirname(file))
      for (const folder of [rulesFolder, ownRules(dirname(file))]) {
        const kind = folder && kindIn(folder, file)
        if (!kind) continue
        const { layers, files } = layersOf(folder)
        const words = wordsIn(merge(parts.filter(({ base, holds }) => holds(inside(base, file)))))
        return { kind, layers, words, files, isBuiltIn: folder !== rulesFolder }
      }
      return undefined
    },
    clear() {
      kept.clear()
    },
  }
}

/** What rule files give to be set; of rules with one name the last one counts. */
const knownOf = (layers: readonly Layer[]): Known => ({
  rules: new Map(
    [...layers.flatMap(({ rules }) => rules), ...suppressionRules].map(({ id, severity }) => [id, severity]),
  ),
  vocabularies: [...new Set(layers.flatMap(({ vocabularies }) => vocabularies.map(({ id }) => id)))],
  sectors: [...new Set(layers.flatMap(({ sectors }) => sectors.map(({ id }) => id)))],
})

/** The names in a folder; none where it cannot be listed. */
function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** The file that a package or folder exports to a file. */
function mainOf(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name)
  } catch {
    return undefined
  }
}

/** What a configuration adds to vocabularies. */
const wordsIn = ({ words, sectors }: Merged): { vocabularies: Record<string, string[]>; sectors: string[] } => ({
  vocabularies: Object.fromEntries(
    // in one order, so that folders with the same words share what is compiled
    [...words]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, said]) => [name, said.map(({ value }) => value).sort()]),
  ),
  sectors: sectors.map(({ value }) => value),
})

/** What a file in a folder of rules is, by where it lies. */
function kindIn(folder: string, file: string): RuleFileKind | undefined {
  const [, inside, name = ''] = /^(?:([^/]+)\/)?([^/]+\.md)$/.exec(relative(folder, file).replaceAll('\\', '/')) ?? []
  if (name === '' || name === 'README.md') return undefined
  if (inside === undefined) return 'rule'
  return (['guard', 'vocabulary', 'role', 'sector'] as const).find((kind) => kind === inside)
}

/** The rules that come with Silolint, for a folder among its sources: who writes one sees them as they are, not as built. */
function ownRules(folder: string): string | undefined {
  const root = nearestAbove(folder, 'package.json')
  if (!root || !existsSync(join(dirname(root), 'rulesplugin.mjs'))) return undefined
  return join(dirname(root), 'rules')
}

/**
 * The rule files of a folder: rules in the folder itself; guards, vocabularies and sectors in folders of these names.
 *
 * @param isOwn whether they are Silolint's own, which alone say what headings mean and have programs beside them
 */
function readSources(folder: string, faults: Fault[], isOwn: boolean): Sources {
  const read = (inside: string): RuleSource[] => {
    const here = join(folder, inside)
    if (!existsSync(here)) return []
    return readdirSync(here, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.md') && entry.name !== 'README.md')
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = join(here, entry.name)
        try {
          return [{ path, text: decode(readFileSync(path)), url: pathToFileURL(path).href }]
        } catch {
          faults.push({ path, problem: 'the rule file is not UTF-8 text', cure: 'Save it as UTF-8.' })
          return []
        }
      })
  }
  return {
    rules: read(''),
    guards: read('guard'),
    vocabularies: read('vocabulary'),
    roles: isOwn ? read('role') : [],
    sectors: read('sector'),
    code: isOwn ? builtIn.code : {},
  }
}

/** Why a file gave no text: what the disk said, or `decode`. */
const whyUnread = (error: unknown): string =>
  error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : 'it is not UTF-8 text'

/** The text of a file, a byte order mark kept so that offsets hold. @throws {TypeError} when it is no valid text */
function decode(bytes: Uint8Array): string {
  const utf16 =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined
  return new TextDecoder(utf16 ?? 'utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

/**
 * Files below a folder that match a glob, relative to it and with forward slashes: not what git ignores, nor a team's own
 * rule files, which contain the very phrases they look for.
 *
 * @param glob every document, if left out
 * @param suppressErrors pass over folders that cannot be read
 * @throws {Error} with its `path` where a folder cannot be read
 */
export async function documentsIn(
  folder: string,
  glob = `**/*{${documentEndings.join()}}`,
  suppressErrors = false,
): Promise<string[]> {
  const { globby } = await import('globby')
  return globby(glob, {
    cwd: resolve(folder),
    gitignore: true,
    ignore: ['**/.git/**', '**/node_modules/**', '**/.silolint/**'],
    // Policies live in .github/ too.
    dot: true,
    caseSensitiveMatch: false,
    expandDirectories: false,
    // A link to a folder above would be walked until the path is too long, and its documents linted dozens of times.
    followSymbolicLinks: false,
    suppressErrors,
  })
}

/** Reads a document. A file that is missing, binary or not valid text is a fault. */
export async function readDocument(path: string): Promise<{ source: string } | { fault: Fault }> {
  let bytes: Uint8Array
  try {
    if ((await stat(path)).isDirectory())
      return { fault: { path, problem: 'this is a folder', cure: 'Name a document in it.' } }
    bytes = await readFile(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // Node puts this character where a name is no text, and then the name is another one
    if (code === 'ENOENT' && path.includes('\uFFFD'))
      return { fault: { path, problem: 'the name of this file is not valid UTF-8', cure: 'Rename it.' } }
    return {
      fault: {
        path,
        problem: code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`,
        cure: code === 'ENOENT' ? 'Check the path.' : 'Check its permissions.',
      },
    }
  }
  return decodeDocument(bytes, path)
}

/** The text of a document's bytes: UTF-8, or UTF-16 with its mark, which is kept so that offsets hold. */
export function decodeDocument(bytes: Uint8Array, path: string): { source: string } | { fault: Fault } {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (!wide && bytes.subarray(0, 8192).includes(0)) {
    return {
      fault: {
        path,
        problem: 'this is a binary file',
        cure: 'Name a text document, or leave the file out with "ignores".',
      },
    }
  }
  try {
    return { source: decode(bytes) }
  } catch {
    return { fault: { path, problem: 'the file is not valid UTF-8', cure: 'Save it as UTF-8.' } }
  }
}
