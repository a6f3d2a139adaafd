import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { parseTar } from 'nanotar'
import type { VFileMessage } from 'vfile-message'
import { Accepted, type Baseline, type Parted, readBaseline } from './baseline.ts'
import { builtIn, builtInLinter } from './builtin.ts'
import { type Catalogue, type Layer, readLayer, type Sources } from './catalogue.ts'
import { runModule } from './code.ts'
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
import {
  baselinePlace,
  codePlaces,
  dataPlaces,
  decode,
  ignorePlace,
  isOwnFile,
  nearestAbove,
  repositoryRoot,
  rulesPlace,
} from './files.ts'
import { createLinter, type Format, type Linter, linterOf, rulesOf } from './linter.ts'
import { nearest } from './nearest.ts'
import { type Plugged, type PluginOptions, Plugins, type PluginUse } from './plugins.ts'
import type { SourceText } from './rope.ts'
import type { CodeRule } from './rule.ts'
import { idOf, type RuleFile, type RuleSource } from './rulefile.ts'
import { itemOf, type Keys, type Known, readSettings } from './settings.ts'
import type { Severity } from './severity.ts'
import { suppressionRules } from './suppression.ts'

/** What is in force for a document. */
export interface Resolved {
  /** Compiled when it is first asked for, unless a team has rules or words of its own. */
  readonly linter: Linter
  /** Configuration and rule files that cannot be used as written, and unknown ids. Whatever can be used is in force. */
  faults: Fault[]
  /**
   * Changes with everything here that decides what is found in a text: levels, words, a team's own rules. Missing where
   * that cannot be known, because code of the team's own decides.
   */
  key: string | undefined
  /** What plugins say of a document, for `linter.lint`; nothing where none is in force. Never rejects. */
  plug(source: SourceText, options: { path?: string | undefined; format?: Format | undefined }): Promise<Plugged>
  /**
   * What is worth a word and no fault: that a rule file (absolute path) takes the place of another rule, and, with
   * `isUnrun`, that a file or what it names is code and not run, since the workspace is not trusted.
   */
  notes: Array<{ path: string; text: string; isUnrun?: true }>
  /** Absolute paths of the configuration and rule files that were read, to be watched. */
  files: string[]
  /** Absolute paths of folders of rule files that configurations name, where new ones count too. */
  ruleFolders: string[]
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
  /**
   * The configuration files above a document, the nearest first, and the parts of these and of those they extend that hold
   * for it, a stronger one behind a weaker one. Never rejects.
   */
  configuredBy(path: string): Promise<{ above: string[]; parts: readonly Part[] }>
  /** What a file is among the rules in force where it lies, saved or not; undefined where it is no rule file. Never rejects. */
  ruleFile(path: string): Promise<RuleFileAt | undefined>
  /** Runs plugins as over a document: for those who test rules. Nothing is said where plugins are not run. Never rejects. */
  plug: Plugins['run']
  /** Forgets what was read, since a configuration or rule file has changed. */
  clear(): void
  /** Ends what runs for it; when next needed it starts again. */
  close(): Promise<void>
}

/** A file in a folder of rules. */
export interface RuleFileAt extends Beside {
  kind: RuleFileKind
  id: string
  /** Absolute path of the plugin beside it. */
  plugin?: string
  /** Absolute paths of the rule files beside it, and of itself where it was saved. */
  files: readonly string[]
  /** It is part of a package that is written here, and in force where that is installed. */
  isPack: boolean
}

/** Rules as a command line or an editor sets them, over what files say. */
export interface Overrides {
  rules?: Record<string, Severity | 'off'>
  /** When given, all other rules are off. */
  only?: string[]
  /** Take no finding for known. */
  noBaseline?: boolean
}

/** A configuration file that was read. */
interface Found {
  path: string
  loaded: Loaded
  /** Others beside it, which do not count. */
  unread: string[]
}

/** Rule files that lie together: a team's own, those of a folder that a configuration names, or of a pack. */
interface RuleHome {
  /** Absolute path of the folder, or of the tarball. */
  path: string
  /** How the ids of its rules begin. */
  prefix?: string
  sources: Sources
  faults: Fault[]
  /** Absolute paths. */
  files: string[]
  /** What the rules are, for the key of all that is found: by id or name, without where they lie. */
  texts: Array<[name: string, text: string]>
  /** Whether the files lie in a folder of their own, where others may come to be. */
  isFolder: boolean
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
  return readConfiguration(name, text)
}

/** Reads the text of a configuration file of a name; undefined for a package.json that says nothing of Silolint. */
function readConfiguration(name: string, text: string): Loaded | undefined {
  if (name === 'package.json') return readJson(text, true)
  if (text.trim() === '') return { value: {}, locate: nowhere }
  return /\.jsonc?$/.test(name) ? readJson(text) : readYaml(text)
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
 * @param options.trusted whether configuration may be code that is run, and plugins
 * @param options.plugins how plugins are run; without it none is
 * @param options.configuration the one configuration file in force, in place of those above a document; false for
 *   none at all, which leaves out a team's rules too
 * @param options.sound configurations by their paths as they could last be read, kept from one project to the next: of a
 *   file that cannot be read, as happens while somebody types in it, the last one holds
 */
export function openProject({
  trusted,
  overrides = {},
  configuration,
  plugins: pluginOptions,
  sound,
}: {
  trusted: boolean
  plugins?: PluginOptions | undefined
  overrides?: Overrides
  configuration?: string | false | undefined
  sound?: Map<string, Loaded> | undefined
}): Project {
  const plugins = trusted && pluginOptions ? new Plugins(pluginOptions) : undefined
  /** By folder, file or what else makes the difference: each is read once. */
  const kept = new Map<string, unknown>()
  const once = <T>(key: string, make: () => T): T => {
    if (!kept.has(key)) kept.set(key, make())
    return kept.get(key) as T
  }

  const load = (path: string): Promise<Loaded | undefined> =>
    once(`file ${path}`, async (): Promise<Loaded | undefined> => {
      const loaded = await loadConfiguration(path, trusted)
      if (!sound || !loaded) return loaded
      if (!loaded.fault) sound.set(path, loaded)
      const last = sound.get(path)
      if (!loaded.fault || !last) return loaded
      const cure = 'Mend it here; until then its settings hold as they could last be read.'
      return { ...last, fault: { ...loaded.fault, cure }, isEarlier: true }
    })

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
    files: string[]
    texts: Array<[name: string, text: string]>
    faults: Fault[]
  }

  const homeIn = (folder: string, prefix?: string): RuleHome =>
    once(`rules ${prefix} ${folder}`, () => openRules(folder, prefix))

  /** Rules that lie in some places, the later over the earlier; those that come with Silolint stand below them. */
  const layersOf = (homes: readonly RuleHome[]): Layers =>
    once(`layers ${keyOf(homes)}`, () => {
      const layers = [builtIn]
      const faults: Fault[] = []
      for (const home of homes) {
        const { layer, faults: found } = readLayer(home.sources, layers.at(-1)?.guardIds)
        layers.push(layer)
        faults.push(...home.faults, ...found)
      }
      return {
        layers,
        files: homes.flatMap(({ files }) => files),
        texts: homes.flatMap(({ texts }) => texts),
        faults,
      }
    })
  const keyOf = (homes: readonly RuleHome[]): string => JSON.stringify(homes.map(({ path, prefix }) => [path, prefix]))

  /** A team's own rules above a folder. */
  const rulesAbove = (folder: string): RuleHome[] => {
    const rules = configuration === false ? undefined : nearestAbove(folder, rulesPlace)
    return rules === undefined ? [] : [homeIn(rules)]
  }

  /** Rules compiled with words; they are shared, since compiling takes about a second. */
  const catalogueOf = (
    homes: readonly RuleHome[],
    plugins: readonly RuleFile[],
    words: Record<string, string[]>,
    sectors: string[],
  ): { catalogue: Catalogue; faults: Fault[] } =>
    once(`catalogue ${keyOf(homes)} ${JSON.stringify([words, sectors, plugins])}`, () => {
      if (isPlain(homes, plugins, words, sectors)) return { catalogue: builtInLinter().catalogue, faults: [] }
      const { linter, faults } = createLinter([...layersOf(homes).layers, { ...nothingIn, rules: [...plugins] }], {
        ...{ rules: {}, vocabularies: words, sectors },
      })
      return { catalogue: linter.catalogue, faults }
    })

  /** Configurations in the order in which they count, the rules they bring, and what is wrong on the way. */
  interface Gathered {
    configurations: Array<{ found: Found; base: string }>
    homes: RuleHome[]
    /** Retext plugins as rules, by id. */
    plugins: Map<string, RuleFile>
    faults: Fault[]
    files: string[]
  }

  /** Follows a configuration to those that it extends, which come first, since what comes later wins. */
  const gather = async (found: Found, base: string, trail: readonly string[], to: Gathered): Promise<void> => {
    const { path, loaded, unread } = found
    to.files.push(path, ...unread)
    if (loaded.fault) to.faults.push({ path, ...loaded.fault })
    for (const other of unread) {
      to.faults.push({
        path: other,
        problem: `this configuration does not count, because ${basename(path)} stands beside it`,
        cure: 'Keep one of the two.',
      })
    }
    const fault = (key: string, name: string, { problem, cure }: Pick<Fault, 'problem' | 'cure'>): void => {
      to.faults.push({ path, ...loaded.locate(itemOf(loaded.value, [key], name), 'value'), value: name, problem, cure })
    }
    // the one place may be named by several configurations, and a pack may name its own rules for those who write it
    const add = (home: RuleHome): void => {
      if (!to.homes.some((other) => other.path === home.path)) to.homes.push(home)
    }
    // whoever writes a pack has its rules in force as its users do
    const rules = isForSilolint(dirname(path)) ? packRules(dirname(path)) : undefined
    if (rules !== undefined && !isSilolint(dirname(path))) add(homeIn(rules, prefixOf(packName(dirname(path)))))
    for (const name of textsAt(loaded.value, 'extends')) {
      const reached = await extended(name, path, to.files)
      if ('problem' in reached) {
        fault('extends', name, reached)
        continue
      }
      if (reached.home) add(reached.home)
      if (reached.found && [...trail, path].includes(reached.found.path))
        fault('extends', name, {
          problem: 'these configurations extend each other in a circle',
          cure: 'Take this one out.',
        })
      else if (reached.found) await gather(reached.found, base, [...trail, path], to)
    }
    for (const name of textsAt(loaded.value, 'ruleFolders')) {
      const folder = resolve(dirname(path), name)
      const problem = whyNoRules(folder, name)
      if (problem) fault('ruleFolders', name, problem)
      else add(homeIn(folder))
      if (problem) to.files.push(folder)
    }
    // only what is well formed: what is not is told where the settings are read
    for (const { name, severity, options } of readSettings(loaded.value, path, noneKnown, loaded.locate).settings
      .plugins) {
      const module = isPath(name) ? resolve(dirname(path), name) : packageEntry(name, path)
      if (module === undefined || !existsSync(module)) {
        const problem = module === undefined ? 'there is no package of this name' : 'there is no such file'
        const cure =
          module === undefined
            ? 'Install it, or write ./ before the path of a file.'
            : 'Check the path; it is looked up from this file.'
        to.faults.push({ path, ...loaded.locate(['plugins', name], 'key'), value: name, problem, cure })
        continue
      }
      // what a configuration above or a pack switches on, one nearer may switch off
      if (severity === 'off') to.plugins.delete(pluginId(name))
      if (severity === 'off') continue
      if (isPath(name)) to.files.push(module)
      const use = { id: pluginId(name), module, options, path, ...loaded.locate(['plugins', name], 'key') }
      to.plugins.set(use.id, pluginRule(use, name, severity))
    }
    to.configurations.push({ found, base })
  }

  /** Reads what a configuration itself says. */
  const read = (
    { path, loaded }: Found,
    base: string,
    known: Known,
    to: { parts: Part[]; ignores: Ignores[]; faults: Fault[] },
  ): void => {
    const { settings, faults } = readSettings(loaded.value, path, known, loaded.locate)
    // what was wrong with an earlier text stood in other places
    if (!loaded.isEarlier) to.faults.push(...faults)
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

  /** What a name in `extends` stands for: a configuration, a rule pack or both, or what is wrong with it. What might be there is watched. */
  const extended = async (
    name: string,
    from: string,
    files: string[],
  ): Promise<{ found?: Found; home?: RuleHome } | Pick<Fault, 'problem' | 'cure'>> => {
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
    if (/\.(?:tgz|tar\.gz)$/i.test(path) && !statSync(path).isDirectory())
      return once(`pack ${path}`, () => openTarball(path))
    if (!statSync(path).isDirectory()) {
      const loaded = await load(path)
      return loaded ? { found: { path, loaded, unread: [] } } : noneIn
    }
    const rules = join(path, 'rules')
    const home = ruleFilesIn(rules) ? homeIn(rules, prefixOf(packName(path))) : undefined
    let found = await configurationIn(path)
    if (!found) {
      // a package may give its configuration as what it exports
      const main = home ? undefined : mainOf(name, from)
      const loaded = main && (await load(main))
      if (loaded) found = { path: main, loaded, unread: [] }
    }
    if (found || home) return { ...(found && { found }), ...(home && { home }) }
    return ruleFilesIn(path) && isPath(name)
      ? { ...noneIn, cure: `To have the rule files in it, write "ruleFolders": ["${name}"].` }
      : noneIn
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
      const own = rulesAbove(folder)
      const baseline = overrides.noBaseline ? undefined : nearestAbove(folder, baselinePlace)
      const ignoreFiles: string[] = []
      const unrunFiles: string[] = []
      const root = repositoryRoot(folder)
      for (let here = folder; ; here = dirname(here)) {
        if (existsSync(join(here, ignorePlace))) ignoreFiles.unshift(join(here, ignorePlace))
        if (!trusted && configuration === undefined)
          unrunFiles.push(...codePlaces.map((name) => join(here, name)).filter(existsSync))
        if (here === root) break
      }
      const key = [...found.map(({ path }) => path), keyOf(own), baseline, ...ignoreFiles, ...unrunFiles].join('\n')
      return once(`configured ${key}`, () => build([...found].reverse(), own, baseline, ignoreFiles, unrunFiles))
    })

  interface Folder {
    parts: Part[]
    ignores: Ignores[]
    homes: RuleHome[]
    baselinePath: string | undefined
    known: Known
    resolve(document: string): Resolved
    ignored(document: string): Ignored | undefined
  }

  const build = async (
    found: readonly Found[],
    own: readonly RuleHome[],
    baselinePath: string | undefined,
    ignoreFiles: readonly string[],
    unrunFiles: readonly string[],
  ): Promise<Folder> => {
    const gathered: Gathered = { configurations: [], homes: [], plugins: new Map(), faults: [], files: [] }
    for (const one of found) await gather(one, dirname(one.path), [], gathered)
    const homes = [...gathered.homes, ...own]
    const rules = layersOf(homes)
    const pluginLayer: Layer = {
      ...nothingIn,
      guardIds: rules.layers.at(-1)?.guardIds ?? [],
      rules: [...gathered.plugins.values()],
    }
    const parts: Part[] = []
    const ignores: Ignores[] = []
    const { files } = gathered
    const faults: Fault[] = [...rules.faults, ...gathered.faults]
    for (const { found, base } of gathered.configurations) {
      // a configuration high up may name rules that stand beside it, where others are nearer to the document
      const known = knownOf([...layersOf(rulesAbove(base)).layers, ...rules.layers, pluginLayer])
      read(found, base, known, { parts, ignores, faults })
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
    files.push(...rules.files)
    const known = knownOf([...rules.layers, pluginLayer])
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
      if (isOwnFile(document)) return { path: document }
      if (homes.some(({ path }) => inside(path, document) !== undefined)) return { path: document }
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
        const common = {
          files,
          ruleFolders: gathered.homes.filter(({ isFolder }) => isFolder).map(({ path }) => path),
          ignores: ignored,
          part,
        }
        const levelsIn = (catalogue: Catalogue): Map<string, Severity> => {
          const levels = new Map<string, Severity>()
          for (const { id, severity } of rulesOf(catalogue)) {
            const level = levelOf(id, severity, merged).severity
            if (level !== 'off') levels.set(id, level)
          }
          return levels
        }
        if (isPlain(homes, pluginLayer.rules, words, sectors)) {
          let linter: Linter | undefined
          // what a document is kept by hangs on what is set alone, so whoever finds it kept need not compile
          const said = [...merged.rules].map(([id, { value }]) => [id, value]).sort()
          resolved = {
            ...common,
            get linter() {
              if (!linter) {
                const { catalogue } = builtInLinter()
                linter = linterOf(catalogue, levelsIn(catalogue))
              }
              return linter
            },
            key: createHash('sha256')
              .update(JSON.stringify([said, overrides.rules, overrides.only]))
              .digest('base64url'),
            plug: async () => ({ remarks: new Map(), faults: [] }),
            faults,
            notes: [],
          }
          variants.set(key, resolved)
          return resolved
        }
        const { catalogue, faults: ruleFaults } = catalogueOf(homes, pluginLayer.rules, words, sectors)
        const levels = levelsIn(catalogue)
        const linter = linterOf(catalogue, levels)
        const uses = catalogue.rules.flatMap(({ id, plugin }) => (plugin && levels.has(id) ? [plugin] : []))
        const versions = uses.map(({ module }) => versionOf(module))
        const decisive = createHash('sha256').update(
          JSON.stringify([[...levels], words, sectors, rules.texts, optionsOf(uses), versions]),
        )
        resolved = {
          ...common,
          linter,
          key: versions.includes(undefined) ? undefined : decisive.digest('base64url'),
          plug: async (source, options) =>
            plugins && uses.length
              ? plugins.run(uses, linter.prose(`${source}`, options), options.path ?? 'the document')
              : { remarks: new Map(), faults: [] },
          faults: [...faults, ...ruleFaults],
          notes: [
            ...[...catalogue.replaced.keys()].flatMap((id) => noteOf(id, catalogue)),
            ...(trusted ? [] : uses.map(unrunPlugin)),
            ...unrunFiles.map(unrunFile),
          ],
        }
        variants.set(key, resolved)
      }
      return resolved
    }
    return { parts, ignores, homes, baselinePath, known, resolve: resolveDocument, ignored }
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
      const { parts, ignores, homes, baselinePath, ...folder } = await openFolder(folderOf(path))
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
            const replaced = linter.catalogue.replaced.get(rule.id)
            return [
              rule.id,
              {
                severity,
                ...(byCommand ? { by: 'command line' as const } : said ? saidAt(said) : own()),
                ...(replaced && { replaces: isOurs(replaced) ? 'silolint' : replaced.path }),
              },
            ]
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
          folder.known.vocabularies.map((name) => [name, wordsOf(name, layersOf(homes).layers, merged)]),
        ),
      }
    },
    async configuredBy(path) {
      const document = resolve(path)
      const [found, { parts }] = await Promise.all([configurationsAbove(folderOf(path)), openFolder(folderOf(path))])
      return {
        above: found.map(({ path }) => path),
        parts: parts.filter(({ base, holds }) => holds(inside(base, document))),
      }
    },
    async ruleFile(path) {
      const file = resolve(path)
      const { parts, homes } = await openFolder(dirname(file))
      const words = wordsIn(merge(parts.filter(({ base, holds }) => holds(inside(base, file)))))
      for (const [index, home] of homes.entries()) {
        const what = home.isFolder && whatIs(home, file)
        if (!what) continue
        const { layers, files } = layersOf(homes)
        const plugin = what.kind === 'rule' ? pluginBeside(file) : undefined
        return { ...what, ...(plugin && { plugin }), layers, layer: index + 1, words, files, isPack: false }
      }
      // somebody writes a pack, which is in force where it is installed
      const pack = once(`pack ${dirname(file)}`, () => packAround(dirname(file)))
      const what = pack && whatIs(pack.home, file)
      if (!what) return undefined
      const { home, isBuiltIn } = pack
      const layers = isBuiltIn
        ? await once(`own ${home.path}`, async () => [await readInPieces(home.sources)])
        : layersOf([home]).layers
      const plugin = what.kind === 'rule' && !isBuiltIn ? pluginBeside(file) : undefined
      const beside = { layers, layer: layers.length - 1, words, files: home.files, isPack: true }
      return { ...what, ...(plugin && { plugin }), ...beside }
    },
    plug: async (uses, texts, name) => (plugins ? plugins.run(uses, texts, name) : { remarks: new Map(), faults: [] }),
    clear() {
      kept.clear()
      plugins?.close()
    },
    async close() {
      await plugins?.close()
    },
  }
}

/** Whether the rules in force are those that come with Silolint, with no words but their own. */
const isPlain = (
  homes: readonly RuleHome[],
  plugins: readonly RuleFile[],
  words: Record<string, string[]>,
  sectors: readonly string[],
): boolean => !homes.length && !plugins.length && !sectors.length && !Object.keys(words).length

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
    return readdirSync(folder).sort()
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

const noneKnown: Known = { rules: new Map(), vocabularies: [], sectors: [] }
const noFiles: Sources = { rules: [], guards: [], vocabularies: [], roles: [], sectors: [], code: {} }
const nothingIn: Layer = {
  ...{ rules: [], guardIds: [], guards: [], vocabularies: [], roles: [], sectors: [], code: {}, faulty: [] },
}

/** The id of a plugin's findings: the name of its package, or of its file. */
const pluginId = (name: string): string =>
  isPath(name) ? basename(name).replace(/\.[cm]?[jt]s$/, '') : name.replace(/^@/, '')

/** A plugin that a configuration names, as a rule. */
function pluginRule(plugin: PluginUse, name: string, severity: Severity): RuleFile {
  const { id, path } = plugin
  const isPackage = !isPath(name)
  const note = `What the retext plugin ${name} says.`
  return {
    ...{ id, path, title: name, note, page: `# ${name}\n\n${note}`, kind: 'plugin', plugin, message: '$reason' },
    url: isPackage ? `https://www.npmjs.com/package/${name}` : pathToFileURL(plugin.module).href,
    severity,
    ...{ groups: [], roles: [], lacks: [], needs: [], unless: [], rewrites: [], examples: [] },
  }
}

const unrunPlugin = ({ id, path }: PluginUse): Resolved['notes'][number] => ({
  path,
  text: `the plugin ${id} is not run, because plugins are code and the workspace is not trusted.`,
  isUnrun: true,
})

const unrunFile = (path: string): Resolved['notes'][number] => ({
  path,
  text: 'this configuration is not in force, because it is code and the workspace is not trusted.',
  isUnrun: true,
})

const optionsOf = (uses: readonly PluginUse[]): unknown[] => uses.map(({ id, options }) => [id, options])

/** What a published plugin is by name and version; undefined for code that lies elsewhere and may change at any time. */
function versionOf(module: string): string | undefined {
  const parts = module.split(/[\\/]node_modules[\\/]/)
  const [pack] = /^(?:@[^\\/]+[\\/])?[^\\/]+/.exec(parts.at(-1) ?? '') ?? []
  if (parts.length < 2 || !pack) return undefined
  try {
    const folder = module.slice(0, module.length - (parts.at(-1) as string).length)
    const { version } = JSON.parse(readFileSync(join(folder, pack, 'package.json'), 'utf8')) as { version?: unknown }
    return typeof version === 'string' ? `${pack} ${version}` : undefined
  } catch {
    return undefined
  }
}

/** The file that a package gives to an import; of packages for imports alone `require` knows nothing. */
function packageEntry(name: string, from: string): string | undefined {
  const main = mainOf(name, from)
  if (main !== undefined && isAbsolute(main)) return main
  const [folder] = extendedPlaces(name, from).filter((place) => existsSync(join(place, 'package.json')))
  if (folder === undefined) return undefined
  try {
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { exports?: unknown }
    const entry = importOf(exports)
    return entry === undefined ? undefined : join(folder, entry)
  } catch {
    return undefined
  }
}

/** What `exports` of a package gives to an import of the package itself. */
function importOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (typeof exports !== 'object' || exports === null) return undefined
  const map = exports as Record<string, unknown>
  for (const key of ['.', 'node', 'import', 'default']) {
    const entry = importOf(map[key])
    if (entry !== undefined) return entry
  }
  return undefined
}

const isOurs = (rule: RuleFile): boolean => builtIn.rules.includes(rule)

/** That a rule has taken the place of another of the same id. */
function noteOf(id: string, { rules, replaced }: Catalogue): Resolved['notes'] {
  const rule = rules.find((one) => one.id === id)
  const before = replaced.get(id)
  if (!rule || !before) return []
  return [
    { path: rule.path, text: `takes the place of ${isOurs(before) ? `Silolint's own rule ${id}` : before.path}.` },
  ]
}

/** The texts of a key of a configuration that takes one or several. */
function textsAt(written: unknown, key: string): string[] {
  const value = (written as Record<string, unknown> | null | undefined)?.[key]
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string')
}

const noneIn = {
  problem: 'there are no rules and no configuration in it',
  cure: `A rule pack has its rule files in a folder "rules"; a configuration has a name such as ${dataPlaces[2]}.`,
}

/** What a file is among rules, and the id that it has there, by where it lies. */
function whatIs(home: RuleHome, file: string): { kind: RuleFileKind; id: string } | undefined {
  const way = inside(home.path, file)?.split('/') ?? []
  const name = way.at(-1) ?? ''
  if (!isRuleFile(name) || way.length > 3) return undefined
  const id = idOf(name)
  const [folder, within] = way
  if (way.length === 1 || folder === undefined)
    return { kind: 'rule', id: home.prefix === undefined ? id : `${home.prefix}/${id}` }
  if (way.length === 3)
    return within === kinds.guards && home.prefix === undefined && isPrefix(folder)
      ? { kind: 'guard', id: guardId(name, folder) }
      : undefined
  const kind = [...Object.values(kinds), 'role' as const].find((kind) => kind === folder)
  if (kind === 'guard') return { kind, id: guardId(name, home.prefix) }
  if (kind) return { kind, id }
  return home.prefix === undefined && isPrefix(folder) ? { kind: 'rule', id: `${folder}/${id}` } : undefined
}

/**
 * The rules of the package that a folder is part of: of a rule pack, or of Silolint itself, which alone say what headings
 * mean and have programs beside them. Who writes one sees them as they are, not as they were built.
 */
function packAround(folder: string): { home: RuleHome; isBuiltIn: boolean } | undefined {
  const manifest = nearestAbove(folder, 'package.json')
  if (manifest === undefined) return undefined
  const root = dirname(manifest)
  const rules = join(root, 'rules')
  if (folder !== rules && inside(rules, folder) === undefined) return undefined
  if (isSilolint(root)) return { home: openOwnRules(rules, builtIn.code), isBuiltIn: true }
  try {
    if (!readFileSync(manifest, 'utf8').includes('"silolint"')) return undefined
  } catch {
    return undefined
  }
  return { home: openRules(rules, prefixOf(packName(root))), isBuiltIn: false }
}

/** Whether a folder is that of Silolint's own repository, whose rules have programs beside them and not plugins. */
const isSilolint = (root: string): boolean => existsSync(join(root, 'rulesplugin.mjs'))

/** Silolint's own rule files as they stand in its repository, with these programs. */
function openOwnRules(folder: string, code: Layer['code']): RuleHome {
  const home = openRules(folder, undefined)
  home.sources.roles = openRules(join(folder, 'role'), undefined).sources.rules
  home.sources.rules = home.sources.rules.map(({ plugin: _, ...file }) => file)
  home.sources.code = code
  return home
}

/** The layer of many files that stand above no others. What else a program has to do is done between two of them. */
async function readInPieces(sources: Sources): Promise<Layer> {
  const whole: Layer = { ...nothingIn, guardIds: sources.guards.map(({ path }) => idOf(path)), code: sources.code }
  const add = <K extends 'rules' | 'guards' | 'vocabularies' | 'roles' | 'sectors' | 'faulty'>(
    key: K,
    more: Layer[K],
  ): void => {
    whole[key] = [...whole[key], ...more] as Layer[K]
  }
  for (const kind of ['guards', 'vocabularies', 'roles', 'sectors', 'rules'] as const)
    for (const source of sources[kind]) {
      await new Promise((resolve) => setImmediate(resolve))
      // a guard must not take itself for one below it
      const guardIds = kind === 'rules' ? whole.guardIds : []
      const { layer } = readLayer({ ...noFiles, code: sources.code, [kind]: [source] }, guardIds)
      add(kind, layer[kind])
      add('faulty', layer.faulty)
    }
  return whole
}

/** What stands beside the rules themselves, in folders of these names. */
const kinds = { guards: 'guard', vocabularies: 'vocabulary', sectors: 'sector' } as const
const isRuleFile = (name: string): boolean => name.endsWith('.md') && name !== 'README.md'
const ruleFilesIn = (folder: string): boolean =>
  ['', ...Object.values(kinds)].some((inside) => names(join(folder, inside)).some(isRuleFile))

/** Why a folder that a configuration names gives no rules. */
function whyNoRules(folder: string, name: string): Pick<Fault, 'problem' | 'cure'> | undefined {
  if (!existsSync(folder)) {
    const meant = nearest(basename(folder), names(dirname(folder)))
    const cure = meant ? `Did you mean "${join(dirname(name), meant).replaceAll('\\', '/')}"?` : undefined
    return { problem: 'there is no such folder', cure: cure ?? 'Check the path; it is looked up from this file.' }
  }
  if (!statSync(folder).isDirectory())
    return { problem: 'this is no folder', cure: 'Name the folder in which the rule files lie.' }
  if (!ruleFilesIn(folder) && !names(folder).some((one) => names(join(folder, one)).some(isRuleFile)))
    return {
      problem: 'there are no rule files in this folder',
      cure: 'A rule is a Markdown file, such as our-rule.md.',
    }
  return undefined
}

/**
 * The rule files of a folder: rules in the folder itself; guards, vocabularies and sectors in folders of these names. Any
 * other folder in it, or the prefix of a pack, comes before the ids of its rules: `acme/over-the-wall`.
 */
function openRules(folder: string, prefix: string | undefined): RuleHome {
  const faults: Fault[] = []
  const within = prefix === undefined ? names(folder).filter((name) => isPrefix(name)) : []
  const read = (inside: string): RuleSource[] =>
    names(join(folder, inside))
      .filter(isRuleFile)
      .flatMap((name) => {
        const path = join(folder, inside, name)
        try {
          // nobody writes so much, and reading it could take all memory
          if (statSync(path).size > largestRuleFile) {
            faults.push({ path, line: 1, column: 1, problem: 'the rule file is larger than 8 MB', cure: 'Part it.' })
            return []
          }
          const bytes = readFileSync(path)
          try {
            const plugin = inside === '' || within.includes(inside) ? pluginBeside(path) : undefined
            return [{ path, text: decode(bytes), url: pathToFileURL(path).href, ...(plugin && { plugin }) }]
          } catch {
            const line = invalidLine(bytes)
            faults.push({ path, line, problem: 'the rule file is not UTF-8 text', cure: 'Save it as UTF-8.' })
            return []
          }
        } catch (error) {
          if (error instanceof Error && 'code' in error && error.code === 'EISDIR') return []
          const problem = `the rule file cannot be read (${whyUnread(error)})`
          faults.push({ path, problem, cure: 'Check its permissions.' })
          return []
        }
      })
  return homeOf(folder, true, faults, read, prefix, within)
}

/** The rule files of a folder that need not be in force anywhere. */
export interface RuleFolder {
  /** What they stand on, and they last. */
  layers: Layer[]
  layer: Layer
  /** They are Silolint's own. */
  isBuiltIn: boolean
  /** Absolute paths of programs beside which there is no rule. */
  strays: string[]
  faults: Fault[]
}

/**
 * Reads the rule files of a folder, over the rules that come with Silolint or in their place. In a pack, where a
 * package.json stands beside the folder `rules`, the ids begin as they do for its users.
 *
 * @param code the programs beside Silolint's own rules, as `readOwnCode` gives them; as built if left out
 */
export function readRuleFolder(folder: string, code: Layer['code'] = builtIn.code): RuleFolder {
  const here = resolve(folder)
  const root = dirname(here)
  const isBuiltIn = isOwnFolder(here)
  const isPack = !isBuiltIn && basename(here) === 'rules' && existsSync(join(root, 'package.json'))
  const home = isBuiltIn ? openOwnRules(here, code) : openRules(here, isPack ? prefixOf(packName(root)) : undefined)
  const { layer, faults } = readLayer(home.sources, isBuiltIn ? [] : builtIn.guardIds)
  const files = names(here)
  const strays = files.filter((name) => /\.[cm]?[jt]s$/.test(name) && !files.includes(`${codeIdOf(name)}.md`))
  return {
    layers: isBuiltIn ? [layer] : [builtIn, layer],
    layer,
    isBuiltIn,
    strays: strays.map((name) => join(here, name)),
    faults: [...home.faults, ...faults],
  }
}

const isOwnFolder = (folder: string): boolean => basename(folder) === 'rules' && isSilolint(dirname(folder))
const codeIdOf = (name: string): string => name.replace(/\.[cm]?[jt]s$/, '')

/**
 * Runs the programs beside Silolint's own rules, as its build does, so that they are tested as they stand. One that cannot
 * be run is a fault; other folders have none.
 */
export async function readOwnCode(folder: string): Promise<{ code: Layer['code']; faults: Fault[] } | undefined> {
  const here = resolve(folder)
  if (!isOwnFolder(here)) return undefined
  const code: Layer['code'] = {}
  const faults: Fault[] = []
  for (const name of names(here).filter((name) => name.endsWith('.ts'))) {
    const path = join(here, name)
    // the page is still that of a rule with a program
    code[codeIdOf(name)] = () => []
    try {
      const run = await runModule(path)
      if (typeof run !== 'function') throw new TypeError('its default export is no function')
      code[codeIdOf(name)] = run as CodeRule
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
      faults.push({
        path,
        problem: `this program cannot be run: ${reason}`,
        cure: 'Mend it. Its rule is not tested; the others are.',
      })
    }
  }
  return { code, faults }
}

/** The folder of rule files that a folder stands for: its own `rules` where it is a package that is a rule pack. */
export function packRules(folder: string): string | undefined {
  const rules = join(resolve(folder), 'rules')
  return existsSync(join(resolve(folder), 'package.json')) && ruleFilesIn(rules) ? rules : undefined
}

/** Whether a package says that it is for Silolint: what a rule pack does, or Silolint itself. */
export function isForSilolint(folder: string): boolean {
  try {
    const { peerDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      peerDependencies?: Record<string, unknown>
    }
    return isSilolint(folder) || peerDependencies?.silolint !== undefined
  } catch {
    return false
  }
}

/** The retext plugin beside a rule file. */
const pluginBeside = (path: string): string | undefined =>
  ['.ts', '.mts', '.js', '.mjs', '.cjs'].map((ending) => path.replace(/\.md$/, ending)).find((one) => existsSync(one))

/** A folder among rules that says how the ids of those in it begin. */
const isPrefix = (name: string): boolean =>
  /^[a-z0-9][a-z0-9-]*$/.test(name) && name !== 'role' && !(Object.values(kinds) as string[]).includes(name)

function homeOf(
  path: string,
  isFolder: boolean,
  faults: Fault[],
  read: (inside: string) => RuleSource[],
  prefix: string | undefined,
  within: readonly string[] = [],
): RuleHome {
  const named = (files: RuleSource[], prefix: string | undefined): RuleSource[] =>
    prefix === undefined ? files : files.map((file) => ({ ...file, id: `${prefix}/${idOf(file.path)}` }))
  const guards = (inside: string, prefix: string | undefined): RuleSource[] =>
    read(inside).map((file) => ({ ...file, id: guardId(file.path, prefix) }))
  const sources: Sources = {
    rules: [...named(read(''), prefix), ...within.flatMap((folder) => named(read(folder), folder))],
    guards: [
      ...guards(kinds.guards, prefix),
      ...within.flatMap((folder) => guards(`${folder}/${kinds.guards}`, folder)),
    ],
    vocabularies: read(kinds.vocabularies),
    roles: [],
    sectors: read(kinds.sectors),
    code: {},
  }
  const all = (Object.keys(kinds) as Array<keyof typeof kinds>).flatMap((key) =>
    sources[key].map((file) => ({ file, kind: kinds[key] })),
  )
  return {
    path,
    ...(prefix !== undefined && { prefix }),
    isFolder,
    sources,
    faults,
    files: isFolder
      ? [...sources.rules, ...all.map(({ file }) => file)].flatMap(({ path, plugin }) =>
          plugin ? [path, plugin] : [path],
        )
      : [path],
    texts: [
      ...sources.rules.map(({ id, path, text }): [string, string] => [id ?? idOf(path), text]),
      ...all.map(({ file, kind }): [string, string] => [`${kind}/${file.id ?? idOf(file.path)}`, file.text]),
    ],
  }
}

/**
 * The id of a guard by its file. A pack's own carry its prefix, so that two packs which know one name do not get in each
 * other's way; a file of the name of one of Silolint's guards adds to that.
 */
function guardId(path: string, prefix: string | undefined): string {
  const id = idOf(path)
  return prefix === undefined || builtIn.guardIds.includes(id) ? id : `${prefix}/${id}`
}

/** The name of the package in a folder; that of the folder where it is none. */
function packName(folder: string): string {
  try {
    return nameIn(readFileSync(join(folder, 'package.json'), 'utf8')) ?? basename(folder)
  } catch {
    return basename(folder)
  }
}

function nameIn(manifest: string): string | undefined {
  try {
    const { name } = JSON.parse(manifest) as { name?: unknown }
    return typeof name === 'string' && name ? name : undefined
  } catch {
    return undefined
  }
}

/** How the ids of a pack's rules begin: `@acme/silolint-rules` and `silolint-rules-acme` are both acme. */
function prefixOf(name: string): string {
  const words = name
    .toLowerCase()
    .replace(/^@/, '')
    .split('/')
    .map((part) => part.replace(/^silolint(?:-rules?)?(?:-|$)/, '').replace(/[^a-z0-9]+/g, '-'))
  return (
    words
      .filter(Boolean)
      .join('-')
      .replace(/^-+|-+$/g, '') || 'pack'
  )
}

/** No pack of rules is larger than this unpacked; a tarball that is was not made in good faith. */
const mostUnpacked = 64 * 2 ** 20

/** Reads a rule pack as `npm pack` makes it, without unpacking it anywhere. */
function openTarball(path: string): { found?: Found; home?: RuleHome } | Pick<Fault, 'problem' | 'cure'> {
  const files = new Map<string, string>()
  const code = new Set<string>()
  const faults: Fault[] = []
  try {
    const bytes = gunzipSync(readFileSync(path), { maxOutputLength: mostUnpacked })
    for (const { name, data } of parseTar(bytes)) {
      // npm puts all in a folder, most often "package"
      const within = name.replace(/^\.?\//, '').replace(/^[^/]+\//, '')
      if (/^rules\/.+\.[cm]?[jt]s$/.test(within)) code.add(within.replace(/\.[cm]?[jt]s$/, '.md'))
      if (!data || !/^(?:rules\/(?:[^/]+\/)?[^/]+\.md|[^/]+)$/.test(within)) continue
      try {
        files.set(within, decode(data))
      } catch {
        if (within.startsWith('rules/'))
          faults.push({
            path: join(path, within),
            problem: 'the rule file is not UTF-8 text',
            cure: 'Save it as UTF-8.',
          })
      }
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_BUFFER_TOO_LARGE')
      return { problem: 'the package is larger than 64 MB', cure: 'Leave other files out of it.' }
    return { problem: 'this is not a package', cure: 'Make it with "npm pack".' }
  }
  for (const name of code) {
    if (!files.delete(name)) continue
    const cure = 'Install the package with npm, and name it instead.'
    faults.push({
      path: join(path, name),
      problem: 'a plugin belongs to this rule, and code in a tarball is not run',
      cure,
    })
  }
  const read = (inside: string): RuleSource[] => {
    const folder = inside ? `rules/${inside}/` : 'rules/'
    return [...files]
      .filter(
        ([name]) => name.startsWith(folder) && !name.slice(folder.length).includes('/') && isRuleFile(basename(name)),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, text]) => ({ path: join(path, name), text, url: pathToFileURL(path).href }))
  }
  const name = nameIn(files.get('package.json') ?? '') ?? basename(path).replace(/(?:-\d[^/]*)?\.(?:tgz|tar\.gz)$/i, '')
  const home = homeOf(path, false, faults, read, prefixOf(name))
  const configuration = dataPlaces
    .map((place) => ({ place, text: files.get(place) }))
    .map(({ place, text }) => ({ place, loaded: text === undefined ? undefined : readConfiguration(place, text) }))
    .find(({ loaded }) => loaded)
  const found = configuration?.loaded && {
    path: join(path, configuration.place),
    loaded: configuration.loaded,
    unread: [],
  }
  if (!home.texts.length && !found) return noneIn
  return { ...(found && { found }), ...(home.texts.length && { home }) }
}

const largestRuleFile = 8_000_000

/** The first line, from 1, whose bytes are no UTF-8. */
function invalidLine(bytes: Uint8Array): number {
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(10, from)
    const to = end < 0 ? bytes.length : end + 1
    try {
      decode(bytes.subarray(from, to))
    } catch {
      return line
    }
    from = to
  }
  return line
}

/** Why a file gave no text: what the disk said, or `decode`. */
const whyUnread = (error: unknown): string =>
  error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : 'it is not UTF-8 text'
