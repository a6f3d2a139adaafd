// The built language server as a browser runs it, in a realm that has what a web worker has and nothing of Node.
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { expect, test } from 'vitest'

type Message = { id?: number; method?: string; result?: unknown; params?: unknown }

/** A worker whose rules have come, and what it says. */
function startWorker() {
  const said: Message[] = []
  const scope: Record<string, unknown> & { onmessage?: (event: { data: unknown }) => void } = {
    ...{ console, performance, setTimeout, clearTimeout, TextDecoder, TextEncoder, URL },
    ...{ Uint8Array, ArrayBuffer, DataView },
    postMessage: (message: Message) => said.push(structuredClone(message)),
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
      await expect.poll(() => said.find((message) => message.id === id && !message.method)).toBeDefined()
      return said.find((message) => message.id === id && !message.method)?.result as T
    },
  }
}

/** The same, of which an editor has begun to ask: what it asks next has the id 2. */
async function initialised() {
  const worker = startWorker()
  // what follows the rules comes in turns of its own
  await new Promise((resolve) => setTimeout(resolve))
  await worker.ask(1, 'initialize', {
    processId: null,
    rootUri: null,
    capabilities: { textDocument: { diagnostic: {} } },
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
