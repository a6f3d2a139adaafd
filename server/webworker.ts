/** Serves in a web worker, where no disk can be read: the rules that come with Silolint, and the editor's settings. */
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  createConnection,
  ProposedFeatures,
} from 'vscode-languageserver/browser'
import { builtIn, builtInLinter } from '../engine/builtin.ts'
import type { Overrides, Project, Resolved } from '../engine/disk.ts'
import { levelsOf, linterOf, rulesOf } from '../engine/linter.ts'
import { readSettings } from '../engine/settings.ts'
import { type Machine, serve } from './server.ts'

const machine: Machine = {
  openProject: ({ overrides }) => openSettings(overrides),
  documentsIn: async () => [],
  readDocument: async (path) => ({ fault: unread(path) }),
  stampOf: async () => undefined,
  codeOwnersAbove: () => undefined,
  pathOf(uri) {
    // never saved ones have none, whatever the scheme of the others is
    const path = /^[\w+.-]+:(?:\/\/[^/]*)?(?<path>\/.*)$/.exec(uri)?.groups?.path
    if (path === undefined) return undefined
    try {
      return decodeURIComponent(path)
    } catch {
      // a % that begins no character: the path as it stands is as good a name as any
      return path
    }
  },
  uriOf: (path) => path,
  startThread() {
    throw new Error('Rule files are not tested in a browser.')
  },
}

const unread = (path: string) => ({ path, problem: 'files are not read in a browser', cure: 'Open it in the editor.' })

/** What the settings of an editor put in force, everywhere alike. */
function openSettings({ rules = {} }: Overrides = {}): Project {
  let resolved: Resolved | undefined
  const resolve = (): Resolved => {
    const { catalogue } = builtInLinter()
    const known = {
      rules: new Map(rulesOf(catalogue).map(({ id, severity }) => [id, severity])),
      vocabularies: builtIn.vocabularies.map(({ id }) => id),
      sectors: builtIn.sectors.map(({ id }) => id),
    }
    const { settings, faults } = readSettings({ rules }, '', known, () => ({}))
    return {
      linter: linterOf(catalogue, levelsOf(catalogue, settings.rules)),
      faults,
      key: undefined,
      plug: async () => ({ remarks: new Map(), faults: [] }),
      ...{ notes: [], files: [], ruleFolders: [] },
      // rule files hold the very phrases that they look for
      ignores: (path) => (path.includes('/.silolint/') ? { path } : undefined),
      part: (_, findings) => ({ fresh: [...findings], known: [], unmatched: [], moved: [] }),
    }
  }
  return {
    resolve: async () => (resolved ??= resolve()),
    explain: () => Promise.reject(new Error('There is no configuration to explain in a browser.')),
    configuredBy: async () => ({ above: [], parts: [] }),
    ruleFile: async () => undefined,
    plug: async () => ({ remarks: new Map(), faults: [] }),
    clear() {},
    async close() {},
  }
}

const scope = globalThis as unknown as ConstructorParameters<typeof BrowserMessageReader>[0]
serve(createConnection(ProposedFeatures.all, new BrowserMessageReader(scope), new BrowserMessageWriter(scope)), machine)
