import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import ignore from 'ignore'
import { findNodeAtLocation, getNodeValue, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { type Loader, lilconfig } from 'lilconfig'
import type { VFileMessage } from 'vfile-message'
import { LineCounter, parseDocument } from 'yaml'
import { type Baseline, type Parted, partKnown, readBaseline } from './baseline.ts'
import { builtIn } from './builtin.ts'
import { type Layer, readLayer, type Sources } from './catalogue.ts'
import type { Fault } from './fault.ts'
import { Lines } from './lint.ts'
import { createLinter, type Linter, linterOf } from './linter.ts'
import { nearest } from './nearest.ts'
import type { RuleSource } from './rulefile.ts'
import { type Locate, readSettings } from './settings.ts'
import type { Severity } from './severity.ts'

/** What is in force for a document. */
export interface Resolved {
  linter: Linter
  /** Configuration and rule files that cannot be used as written, and unknown ids. Whatever can be used is in force. */
  faults: Fault[]
  /** Changes with everything here that decides what is found in a text: levels, words, a team's own rules. */
  key: string
  /** Absolute paths of the configuration and rule files that were read, to be watched. */
  files: string[]
  /** Whether the configuration's `ignores` cover a document (absolute path). */
  ignores(path: string): boolean
  /** Parts the findings of a document (absolute path) by whether the nearest baseline has them. */
  part(path: string, findings: readonly VFileMessage[]): Parted
}

/** Finds and keeps what is in force for documents; the command line and the language server share it. */
export interface Project {
  /** What is in force for a document: its nearest configuration. The document need not exist. Never rejects. */
  resolve(path: string): Promise<Resolved>
  /** Forgets what was read, since a configuration or rule file has changed. */
  clear(): void
}

/** Rules as a command line or an editor sets them, over what files say. */
export interface Overrides {
  rules?: Record<string, Severity | 'off'>
  /** When given, all other rules are off. */
  only?: string[]
  /** Take no finding for known. */
  noBaseline?: boolean
}

/** A configuration as it was loaded: its value, where its parts stand, and what is wrong with its syntax. */
interface Loaded {
  value: unknown
  locate: Locate
  fault?: Omit<Fault, 'path'>
}

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
const codePlaces = [
  'silolint.config.js',
  'silolint.config.mjs',
  'silolint.config.cjs',
  'silolint.config.ts',
  'silolint.config.mts',
]

const nowhere: Locate = () => ({})

const loadJson: Loader = (path, text): Loaded | Record<string, Loaded> => {
  const errors: ParseError[] = []
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true, disallowComments: false })
  const lines = new Lines(text)
  const [error] = errors
  const inPackage = basename(path) === 'package.json'
  if (error && inPackage) return {} // npm says more of it than we could
  const prefix = inPackage ? ['silolint'] : []
  const locate: Locate = (keys, part) => {
    const node = tree && findNodeAtLocation(tree, [...prefix, ...keys])
    const shown = part === 'key' ? node?.parent?.children?.[0] : node
    // the quotation mark is not part of the value that is told
    return shown ? placeOf(lines, shown.offset + (text[shown.offset] === '"' ? 1 : 0)) : {}
  }
  const value: unknown = tree ? getNodeValue(tree) : {}
  const loaded: Loaded = {
    value: inPackage ? (value as { silolint?: unknown } | null)?.silolint : value,
    locate,
    fault: error && {
      ...placeOf(lines, error.offset),
      value: text.slice(error.offset, error.offset + Math.max(1, error.length)),
      problem: `the file is not valid JSON: ${printParseErrorCode(error.error)
        .replace(/([a-z])([A-Z])/g, '$1 $2')
        .toLowerCase()}`,
      cure: 'Mend it here; until then its settings before this place hold.',
    },
  }
  if (!inPackage) return loaded
  return loaded.value === undefined ? {} : { silolint: loaded }
}

const loadYaml: Loader = (_, text): Loaded => {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const place = (offset: number) => {
    const { line, col } = counter.linePos(offset)
    return { line, column: col }
  }
  const [error] = document.errors
  const locate: Locate = (keys, part) => {
    const parent = part === 'key' ? (document.getIn(keys.slice(0, -1), true) ?? document.contents) : undefined
    const items = (
      parent as { items?: Array<{ key?: { value?: unknown; range?: [number, number, number] } }> } | undefined
    )?.items
    const key = items?.find((item) => String(item.key?.value) === String(keys.at(-1)))?.key
    const node = key ?? (document.getIn(keys, true) as { range?: [number, number, number] } | undefined)
    return node?.range ? place(node.range[0]) : {}
  }
  let value: unknown
  try {
    value = error ? {} : document.toJS({ maxAliasCount: 100 })
  } catch {
    return {
      value: {},
      locate,
      fault: {
        line: 1,
        column: 1,
        problem: 'the file refers to itself too often',
        cure: 'Write the values out instead of & and *.',
      },
    }
  }
  return {
    value,
    locate,
    fault: error && {
      ...place(error.pos[0]),
      value: text.slice(error.pos[0], error.pos[1]).split('\n')[0]?.slice(0, 60),
      problem: `the file is not valid YAML: ${error.message.split('\n')[0]?.replace(/\.$/, '')}`,
      cure: 'Mend it here; until then none of its settings hold.',
    },
  }
}

const loadCode: Loader = async (path): Promise<Loaded> => {
  try {
    return { value: await runModule(path), locate: nowhere }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return {
      value: {},
      locate: nowhere,
      fault: { problem: `the file cannot be run: ${reason}`, cure: 'Mend it, or write the settings as JSON or YAML.' },
    }
  }
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

const placeOf = (lines: Lines, offset: number): { line: number; column: number } => {
  const { line, column } = lines.point(offset)
  return { line, column }
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
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it is not UTF-8 text'
    faults.push({ path, problem: `the baseline cannot be read (${reason})`, cure: 'Check its permissions.' })
    return {}
  }
}

/** Opens the configuration and rule files of documents. `trusted` lets configuration be code that is run. */
export function openProject({ trusted, overrides = {} }: { trusted: boolean; overrides?: Overrides }): Project {
  const searchers = new Map<string, ReturnType<typeof lilconfig>>()
  const folders = new Map<string, Promise<Resolved>>()
  const configured = new Map<string, Promise<Resolved>>()

  const search = (folder: string) => {
    const root = repositoryRoot(folder)
    let searcher = searchers.get(root)
    if (!searcher) {
      searcher = lilconfig('silolint', {
        searchPlaces: [...(trusted ? codePlaces : []), ...dataPlaces],
        stopDir: root,
        packageProp: 'silolint',
        ignoreEmptySearchPlaces: false,
        loaders: {
          '.json': loadJson,
          '.jsonc': loadJson,
          noExt: loadYaml,
          '.yaml': loadYaml,
          '.yml': loadYaml,
          '.js': loadCode,
          '.mjs': loadCode,
          '.cjs': loadCode,
          '.ts': loadCode,
          '.mts': loadCode,
        },
      })
      searchers.set(root, searcher)
    }
    return searcher.search(folder)
  }

  const resolveFolder = async (folder: string): Promise<Resolved> => {
    const faults: Fault[] = []
    let found: Awaited<ReturnType<typeof search>> = null
    try {
      found = await search(folder)
    } catch (error) {
      faults.push({
        path: folder,
        problem: `the configuration cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        cure: 'Make the file readable.',
      })
    }
    const rulesFolder = nearestAbove(folder, join('.silolint', 'rules'))
    const baseline = overrides.noBaseline ? undefined : nearestAbove(folder, baselinePlace)
    // what could not be read is told for each folder it concerns
    const key = [found?.filepath, rulesFolder, baseline, ...faults.map(({ problem }) => problem)].join('\n')
    let resolved = configured.get(key)
    if (!resolved) {
      resolved = Promise.resolve(
        build(found?.filepath, found?.config as Loaded | undefined, rulesFolder, baseline, faults),
      )
      configured.set(key, resolved)
    }
    return resolved
  }

  const build = (
    path: string | undefined,
    loaded: Loaded | undefined,
    rulesFolder: string | undefined,
    baselinePath: string | undefined,
    faults: Fault[],
  ): Resolved => {
    const layers: Layer[] = [builtIn]
    const files: string[] = path ? [path] : []
    const ownRules: Array<[path: string, text: string]> = []
    if (rulesFolder) {
      const own = readSources(rulesFolder, faults)
      const { layer, faults: found } = readLayer(own, builtIn.guardIds)
      faults.push(...found)
      layers.push(layer)
      for (const source of [...own.rules, ...own.guards, ...own.vocabularies, ...own.sectors]) {
        files.push(source.path)
        ownRules.push([relative(rulesFolder, source.path).replaceAll('\\', '/'), source.text])
      }
    }
    const { linter: plain, faults: ruleFaults } = createLinter(layers, { rules: {} })
    faults.push(...ruleFaults)
    if (loaded?.fault && path) faults.push({ path, ...loaded.fault })
    const known = {
      rules: new Map(plain.catalogue.rules.map(({ id, severity }) => [id, severity])),
      vocabularies: layers.flatMap((layer) => layer.vocabularies.map(({ id }) => id)),
      sectors: layers.flatMap((layer) => layer.sectors.map(({ id }) => id)),
    }
    const { settings, faults: settingFaults } = readSettings(
      loaded?.value,
      path ?? '',
      known,
      loaded?.locate ?? nowhere,
    )
    faults.push(...settingFaults)
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
    const hasWords = Object.keys(settings.vocabularies).length > 0 || settings.sectors.length > 0
    const { catalogue } = hasWords ? createLinter(layers, settings).linter : plain
    const levels = new Map<string, Severity>()
    for (const rule of catalogue.rules) {
      const wanted = !overrides.only || overrides.only.includes(rule.id)
      const level =
        overrides.rules?.[rule.id] ??
        (overrides.only?.includes(rule.id) && settings.rules[rule.id] === 'off'
          ? rule.severity
          : settings.rules[rule.id]) ??
        rule.severity
      if (wanted && level !== 'off') levels.set(rule.id, level)
    }
    const baseline = baselinePath ? openBaseline(baselinePath, faults) : {}
    if (baselinePath) files.push(baselinePath)
    const matcher = settings.ignores.length && path ? ignore().add(settings.ignores) : undefined
    return {
      linter: linterOf(catalogue, levels),
      key: createHash('sha256')
        .update(JSON.stringify([[...levels], settings.vocabularies, settings.sectors, ownRules]))
        .digest('base64url'),
      faults,
      files,
      ignores(document) {
        if (!matcher || !path) return false
        const inside = relative(dirname(path), document).replaceAll('\\', '/')
        return inside !== '' && !inside.startsWith('..') && matcher.ignores(inside)
      },
      part(document, findings) {
        if (!baselinePath) return { fresh: [...findings], known: [], unmatched: [] }
        const root = dirname(dirname(baselinePath))
        return partKnown(findings, baseline[relative(root, document).replaceAll('\\', '/')] ?? [])
      },
    }
  }

  return {
    resolve(path) {
      const folder = dirname(resolve(path))
      let resolved = folders.get(folder)
      if (!resolved) {
        resolved = resolveFolder(folder)
        folders.set(folder, resolved)
      }
      return resolved
    },
    clear() {
      searchers.clear()
      folders.clear()
      configured.clear()
    },
  }
}

/** A team's own rule files: rules in the folder itself; guards, vocabularies and sectors in folders of these names. */
function readSources(folder: string, faults: Fault[]): Sources {
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
    roles: [],
    sectors: read('sector'),
    code: {},
  }
}

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
