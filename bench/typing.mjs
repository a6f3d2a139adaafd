// Somebody types into a document that is open in the language server: what a keystroke costs the server, and what stays in
// its memory. CPU time is that of all its threads, as the scheduler of Linux counts it, in nanoseconds.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import {
  CodeActionRequest,
  CodeActionTriggerKind,
  CodeLensRequest,
  CodeLensResolveRequest,
  CompletionRequest,
  createProtocolConnection,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  DocumentSymbolRequest,
  ExitNotification,
  FoldingRangeRequest,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node'

const uri = 'file:///typed.md'

/** A server process with one document, which stands in `text`. */
class Typist {
  version = 1
  resultId = undefined

  constructor(server, heap) {
    this.process = spawn(process.execPath, ['--expose-gc', '--require', heap, server, '--stdio'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.heard = ''
    this.process.stderr.on('data', (data) => {
      this.heard += data
      this.hears?.()
    })
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.process.stdout),
      new StreamMessageWriter(this.process.stdin),
    )
    this.connection.listen()
  }

  async open(text, languageId = 'markdown') {
    const codeAction = { resolveSupport: { properties: ['edit'] } }
    const capabilities = { textDocument: { diagnostic: {}, documentSymbol: {}, foldingRange: {}, codeAction } }
    await this.connection.sendRequest(InitializeRequest.type, { processId: null, rootUri: null, capabilities })
    await this.connection.sendNotification(InitializedNotification.type, {})
    const textDocument = { uri, languageId, version: this.version, text }
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument })
    return await this.pull()
  }

  async pull() {
    const report = await this.connection.sendRequest(DocumentDiagnosticRequest.type, {
      textDocument: { uri },
      previousResultId: this.resultId,
    })
    this.resultId = report.resultId
    if (report.kind === 'full') this.found = report.items.length
    return this.found
  }

  /** Puts a text in the place of some characters of a line and waits for the findings. */
  async change(line, character, gone, text) {
    const range = { start: { line, character }, end: { line, character: character + gone } }
    this.version++
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: this.version },
      contentChanges: [{ range, text }],
    })
    await this.pull()
  }

  /** What the server has spent so far, in ms. */
  spent() {
    const tasks = `/proc/${this.process.pid}/task`
    let sum = 0
    for (const task of readdirSync(tasks)) {
      try {
        sum += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0])
      } catch {
        // a thread that has ended meanwhile
      }
    }
    return sum / 1e6
  }

  /** What something costs: CPU of the server and time on the clock, in ms. */
  async cost(act) {
    const [before, started] = [this.spent(), performance.now()]
    await act()
    const wall = performance.now() - started
    // what is left to do behind the answer belongs to it
    await new Promise((resolve) => setTimeout(resolve, 2))
    return { cpu: this.spent() - before, wall }
  }

  /** The memory in use after it has been cleared, and the resident set, in MB. */
  async memory() {
    this.heard = ''
    this.process.kill('SIGUSR2')
    await new Promise((resolve) => {
      this.hears = () => this.heard.endsWith('}\n') && resolve()
    })
    const { heapUsed, rss } = JSON.parse(/heap (.*)\n$/.exec(this.heard)[1])
    return { heap: heapUsed / 2 ** 20, resident: rss / 2 ** 20 }
  }

  async close() {
    await this.connection.sendRequest(ShutdownRequest.type)
    await this.connection.sendNotification(ExitNotification.type)
    this.process.kill()
  }
}

const typed =
  'The request is passed on to Finance, who are in charge of it, and waits there for the next desk. Nobody tells the customer what happens. It is checked and then sent to Legal, since refunds are not our job. '

/** A line of running text near the middle of a document, and the place behind its first sentence or its end. */
function middle(text) {
  const lines = text.split('\n')
  const at = lines.findIndex(
    (line, index) =>
      index > lines.length / 2 && /^[A-Z][\w, ]{60,}/.test(line) && !lines[index - 1] && !lines[index + 1],
  )
  const stop = lines[at].indexOf('. ')
  return { line: at, character: stop < 0 ? lines[at].length : stop + 2 }
}

/**
 * What each of 200 keystrokes in a page costs, after 400 to warm up, and an empty request beside them. The page may stand
 * between two others: the letters are the same, and stand in the same paragraph, however long the document is.
 */
export async function keystrokes(server, heap, page, around = '') {
  const typist = new Typist(server, heap)
  const [before, behind] = around ? [`${around}\n`, `\n${around}`] : ['', '']
  const opened = await typist.cost(() => typist.open(before + page + behind))
  const place = middle(page)
  const line = place.line + before.split('\n').length - 1
  const { character } = place
  const type = async (act) => {
    for (let at = 0; at < 200; at++) await act(() => typist.change(line, character + at, 0, typed[at]))
    // and takes it back, so that each round is alike
    await typist.change(line, character, 200, '')
  }
  for (let round = 0; round < 2; round++) await type((act) => act())
  const costs = []
  await type(async (act) => costs.push(await typist.cost(act)))
  const empty = []
  for (let count = 0; count < 50; count++)
    empty.push(
      await typist.cost(() =>
        typist.connection.sendRequest(HoverRequest.type, {
          textDocument: { uri: 'file:///none.md' },
          position: { line: 0, character: 0 },
        }),
      ),
    )
  const { found } = typist
  await typist.close()
  return { opened, costs, empty, found }
}

/** The memory of a server after so many edits all over a document, of which nothing is left. */
export async function remembered(server, heap, text, after = [0, 1000, 10_000]) {
  const typist = new Typist(server, heap)
  await typist.open(text)
  const lines = text.split('\n')
  const memory = []
  for (let edit = 0; edit <= after.at(-1); edit++) {
    if (after.includes(edit)) memory.push({ edits: edit, ...(await typist.memory()) })
    // the same hundred places again and again: what is kept of each is there after the first thousand edits
    const line = ((Math.floor(edit / 10) % 100) * 37) % lines.length
    // five letters, and away again
    const at = edit % 10
    if (at < 5) await typist.change(line, lines[line].length + at, 0, ' who,'[at])
    else await typist.change(line, lines[line].length + 9 - at, 1, '')
  }
  await typist.close()
  return memory
}

/**
 * Everything that an editor may ask while somebody types, after each of 200 letters: by the request, what it costs the server
 * and how long the editor waits for it, in ms. Lenses over headings are on, and it is shown who is in the document.
 */
export async function requests(server, heap, text, languageId) {
  const typist = new Typist(server, heap)
  await typist.open(text, languageId)
  await typist.connection.sendNotification(DidChangeConfigurationNotification.type, {
    settings: { silolint: { headings: true } },
  })
  const { line, character } = middle(text)
  const textDocument = { uri }
  const ask = (type, params = {}) => typist.connection.sendRequest(type, { textDocument, ...params })
  const position = (at) => ({ line, character: character + at })
  const asked = {
    diagnostics: (at) => typist.change(line, character + at, 0, typed[at]),
    overview: () => typist.connection.sendRequest('silolint/overview', { textDocument, places: true }),
    'lenses, 20 of them filled in': async () => {
      const lenses = (await ask(CodeLensRequest.type)) ?? []
      for (const lens of lenses.slice(0, 20)) await typist.connection.sendRequest(CodeLensResolveRequest.type, lens)
    },
    hover: (at) => ask(HoverRequest.type, { position: position(at) }),
    'quick fixes': (at) =>
      ask(CodeActionRequest.type, {
        range: { start: position(0), end: position(at) },
        // as at each move of the cursor: what it would take to hide a finding is worked out when it is chosen
        context: { diagnostics: [], only: ['quickfix'], triggerKind: CodeActionTriggerKind.Automatic },
      }),
    completion: (at) => ask(CompletionRequest.type, { position: position(at) }),
    ...(languageId === 'silolint-process' && {
      outline: () => ask(DocumentSymbolRequest.type),
      folding: () => ask(FoldingRangeRequest.type),
    }),
  }
  const costs = Object.fromEntries(Object.keys(asked).map((name) => [name, []]))
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at < 200; at++)
      for (const [name, act] of Object.entries(asked)) {
        const cost = await typist.cost(() => act(at))
        if (round) costs[name].push(cost)
      }
    await typist.change(line, character, 200, '')
  }
  await typist.close()
  return costs
}
