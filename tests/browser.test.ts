// The built language server as a browser runs it, in a realm that has what a web worker has and nothing of Node.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { expect, test } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { folderWith, silolint } from './command.ts'

type Message = { id?: number; method?: string; result?: unknown; params?: unknown }

/** A worker whose rules have come, and what it says. It is told of these files, by their path, when it asks. */
function startWorker(files: Record<string, string> = {}) {
  const said: Message[] = []
  const scope: Record<string, unknown> & { onmessage?: (event: { data: unknown }) => void } = {
    ...{ console, performance, setTimeout, clearTimeout, TextDecoder, TextEncoder, URL },
    ...{ Uint8Array, ArrayBuffer, DataView, MessageChannel },
    postMessage(message: Message) {
      said.push(structuredClone(message))
      if (!message.method?.startsWith('silolint/') || message.id === undefined) return
      const path = decodeURIComponent(String(message.params).slice(virtual.length)).replace(/^\//, '')
      const answer = message.method === 'silolint/read' ? contentOf(files, path) : listOf(files, path)
      setTimeout(() => post({ jsonrpc: '2.0', id: message.id, result: answer }))
    },
    addEventListener() {},
  }
  createContext(scope)
  runInContext(readFileSync('dist/server.web.js', 'utf8'), scope)
  const post = (data: unknown): void => scope.onmessage?.({ data })
  post(new Uint8Array(readFileSync('dist/rules.bin')))
  return {
    said,
    notify: (method: string, params: unknown) => post({ jsonrpc: '2.0', method, params }),
    async ask<T>(id: number, method: string, params: unknown): Promise<T> {
      post({ jsonrpc: '2.0', id, method, params })
      await expect
        .poll(() => said.find((message) => message.id === id && !message.method), { timeout: 30_000 })
        .toBeDefined()
      return said.find((message) => message.id === id && !message.method)?.result as T
    },
  }
}

/** A folder that lies on no disk. */
const virtual = 'vscode-vfs://github/acme/handbook'

const contentOf = (files: Record<string, string>, path: string): Uint8Array | null =>
  files[path] === undefined ? null : new TextEncoder().encode(files[path])

function listOf(files: Record<string, string>, path: string): unknown[] | null {
  const below = Object.keys(files).flatMap((file) =>
    file.startsWith(path && `${path}/`) ? [file.slice(path ? path.length + 1 : 0)] : [],
  )
  const names = new Map(below.map((file) => [file.split('/')[0] as string, file.includes('/') ? 'folder' : 'file']))
  return names.size ? [...names].map(([name, kind]) => ({ name, kind, isLink: false })) : null
}

/** The same, of which an editor has begun to ask: what it asks next has the id 2. */
async function initialised(files?: Record<string, string>) {
  const worker = startWorker(files)
  // what follows the rules comes in turns of its own
  await new Promise((resolve) => setTimeout(resolve))
  await worker.ask(1, 'initialize', {
    processId: null,
    rootUri: null,
    capabilities: { textDocument: { diagnostic: {} } },
    ...(files && {
      workspaceFolders: [{ uri: virtual, name: 'handbook' }],
      initializationOptions: { files: true },
    }),
  })
  return worker
}

test('a worker that gets the rules as its first message finds, explains and rewrites', async () => {
  const worker = await initialised()
  worker.notify('initialized', {})
  const textDocument = { uri: 'vscode-vfs://github/acme/handbook/a%20b.md' }
  const text = '# Refunds\n\nRefunds are not our responsibility.\n'
  worker.notify('textDocument/didOpen', { textDocument: { ...textDocument, languageId: 'markdown', version: 1, text } })
  const { items } = await worker.ask<{ items: Array<{ code: string; range: object }> }>(2, 'textDocument/diagnostic', {
    textDocument,
  })
  const range = { start: { line: 2, character: 8 }, end: { line: 2, character: 34 } }
  expect(items).toMatchObject([{ code: 'disowning', range }])
  const hover = await worker.ask<{ contents: { value: string } }>(3, 'textDocument/hover', {
    textDocument,
    position: range.start,
  })
  expect(hover.contents.value).toContain('\n- Refunds are not our responsibility.\n+ Refunds are with [team]')
  const context = { diagnostics: [], only: ['quickfix'] }
  const fixes = await worker.ask<unknown[]>(4, 'textDocument/codeAction', { textDocument, range, context })
  expect(JSON.stringify(fixes)).toContain('are with')
  // what needs no file is offered, and nothing else
  expect(JSON.stringify(fixes)).toContain('Not here')
  expect(JSON.stringify(fixes)).not.toMatch(/baseline|quickfix\.configure/)
})

test('a rule file, which holds the phrases that it looks for, is left alone there', async () => {
  const worker = await initialised()
  const textDocument = { uri: 'vscode-vfs://github/acme/handbook/.silolint/rules/ours.md' }
  const text = 'Refunds are not our responsibility.\n'
  worker.notify('textDocument/didOpen', { textDocument: { ...textDocument, languageId: 'markdown', version: 1, text } })
  expect(await worker.ask(2, 'textDocument/diagnostic', { textDocument })).toMatchObject({ items: [] })
})

const wall = 'Engineering throws the build over the wall to Support.\n'
const disowning = 'Password resets are not our responsibility.\n'

test('in a folder on no disk all documents are linted, as the command line lints them where there is one', async () => {
  const files: Record<string, string> = {
    '.gitignore': 'build/\n',
    '.silolintrc.json':
      '{ "extends": "./shared/base.yaml", "rules": { "disowning": "error" }, "ignores": ["archive/"] }',
    'shared/base.yaml': 'rules: { over-the-wall: info }\n',
    'wall & more.md': wall,
    'build/out.md': wall,
    'archive/old.md': wall,
    'team/.silolintignore': 'left-out.md\n',
    'team/left-out.md': wall,
    'team/a (1).md': `# Ä 🏗️\n\n${disowning}\n${wall}`,
    'team/deep/er/.silolintrc.yml': 'rules: { disowning: off }\nvocabularies: { served: [lodger] }\n',
    'team/deep/er/b.sop': `${wall}\n${disowning}`,
    'zap/.silolint/rules/lobbing.md':
      '---\nseverity: warning\nmessage: "“$match” ends our part."\nphrases:\n  - zap … across\n---\n\n# Lobbing\n\nA handover.\n',
    'zap/zap.md': 'We zap the build across.\n',
    'accepted.md': disowning,
  }
  const folder = await folderWith({ '.git/HEAD': '', ...files })
  await silolint(['baseline', 'accepted.md'], { cwd: folder })
  files['.silolint/baseline.json'] = readFileSync(join(folder, '.silolint/baseline.json'), 'utf8')
  const { stdout } = await silolint(['--format', 'json', '.'], { cwd: folder })
  type Report = { path: string; findings: Array<{ rule: string; severity: string; start: { offset: number } }> }
  const expected = (JSON.parse(stdout) as Report[]).flatMap(({ path, findings }) =>
    findings.map(({ rule, severity, start }) => [path, rule, severity, start.offset]),
  )
  expect(expected).toHaveLength(5)

  const worker = await initialised(files)
  worker.notify('initialized', {})
  const summary = await worker.ask(2, 'workspace/executeCommand', { command: 'silolint.lintAllDocuments' })
  type Published = {
    uri: string
    diagnostics: Array<{ code: string; severity: number; range: { start: { line: number; character: number } } }>
  }
  const last = new Map(
    worker.said
      .filter(({ method }) => method === 'textDocument/publishDiagnostics')
      .map(({ params }) => params as Published)
      .map(({ uri, diagnostics }) => [uri, diagnostics]),
  )
  const found = [...last].flatMap(([uri, diagnostics]) => {
    expect(uri.startsWith(`${virtual}/`)).toBe(true)
    const path = decodeURIComponent(uri.slice(virtual.length + 1))
    const document = TextDocument.create(uri, '', 0, files[path] ?? '')
    return diagnostics.map(({ code, severity, range }) => [
      ...[path, code, ['error', 'warning', 'info'][severity - 1], document.offsetAt(range.start)],
    ])
  })
  expect(found.sort()).toEqual(expected.sort())
  expect(summary).toMatchObject({ findings: 5, left: 0 })
  // whatever is ignored is not even read
  expect(worker.said.filter(({ method }) => method === 'silolint/read').map(({ params }) => params)).not.toContain(
    `${virtual}/build/out.md`,
  )

  // and a document that is open is read with its own configuration, which may be written meanwhile
  const textDocument = { uri: `${virtual}/team/deep/er/c.md` }
  const text = `${disowning}\n${wall}`
  worker.notify('textDocument/didOpen', { textDocument: { ...textDocument, languageId: 'markdown', version: 1, text } })
  const codes = async (id: number): Promise<string[]> => {
    const answer = await worker.ask<{ items: Array<{ code: string }> }>(id, 'textDocument/diagnostic', { textDocument })
    return answer.items.map(({ code }) => code)
  }
  expect(await codes(3)).toEqual(['over-the-wall'])
  files['team/deep/er/.silolintrc.yml'] = 'rules: { over-the-wall: off }\n'
  worker.notify('workspace/didChangeWatchedFiles', {
    changes: [{ uri: `${virtual}/team/deep/er/.silolintrc.yml`, type: 2 }],
  })
  expect(await codes(4)).toEqual(['disowning'])
})

test('a document whose address is malformed is linted, counted and told as any other', async () => {
  const worker = await initialised()
  const textDocument = { uri: 'vscode-vfs://github/acme/50%-off%E0%A4.md' }
  const text = 'Refunds are not our responsibility, dear customer.\n'
  worker.notify('textDocument/didOpen', { textDocument: { ...textDocument, languageId: 'markdown', version: 1, text } })
  expect(await worker.ask(2, 'textDocument/diagnostic', { textDocument })).toMatchObject({
    items: [{ code: 'disowning' }],
  })
  expect(await worker.ask(3, 'silolint/overview', { textDocument })).toMatchObject({ served: [['customer', 1]] })
})
