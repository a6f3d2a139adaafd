// From a window without documents over the first steps to a writer's own procedure.
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert'
import { setTimeout as delay } from 'node:timers/promises'
import { after, afterEach, before, describe, it } from 'mocha'
import {
  ConfigurationTarget,
  commands,
  type DocumentSymbol,
  type FoldingRange,
  type Hover,
  languages,
  Position,
  Selection,
  SymbolKind,
  type TextDocument,
  window,
  workspace,
} from 'vscode'
import { State } from 'vscode-languageclient/node'
import {
  extension,
  inWorkspace,
  open,
  patience,
  picture,
  textOf,
  type,
  waitFor,
  waitForRules,
  write,
} from './editor.ts'

const plain = { 'editor.fontSize': 15, 'editor.minimap.enabled': false }
const rulesOfExample = ['customer-absent-objective', 'disowning', 'over-the-wall', 'unowned-step']
const editorPart = '.part.editor'

afterEach('close the documents and drop what the test wrote into them', async () => {
  while (window.activeTextEditor) await commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
})

describe('a window without process documents', () => {
  it('has not heard of Silolint, which is there within moments and starts no server', async () => {
    strictEqual(extension().isActive, false)
    await quiet()
    const [begun, used] = [performance.now(), process.cpuUsage()]
    const { client } = await extension().activate()
    const { user, system } = process.cpuUsage(used)
    const took = `${(performance.now() - begun).toFixed(0)} ms, ${((user + system) / 1000).toFixed(0)} ms of CPU`
    console.log(`Activation in the extension host: ${took}.`)
    strictEqual(client, undefined)
    await workspace.fs.writeFile(inWorkspace('data.json'), new TextEncoder().encode('{}\n'))
    await open('data.json')
    strictEqual(extension().exports.client, undefined)
    await workspace.fs.delete(inWorkspace('data.json'))
  })
})

describe('whoever has switched Silolint off', () => {
  const enable = (value?: boolean) =>
    workspace.getConfiguration('silolint').update('enable', value, ConfigurationTarget.Workspace)

  after('leave it on', () => enable(undefined))

  it('gets no server, and one as soon as it is switched on', async () => {
    await enable(false)
    const document = await open('minutes.txt')
    strictEqual(extension().exports.client, undefined)
    await enable(undefined)
    await waitForRules(document, ['disowning'])
  })
})

describe('whoever takes the first steps', () => {
  const settings = workspace.getConfiguration()
  const hide = [
    'workbench.action.closeSidebar',
    'workbench.action.closePanel',
    'workbench.action.closeAuxiliaryBar',
    'notifications.clearAll',
  ]

  before('show the window as it is in pictures', async () => {
    for (const [key, value] of Object.entries(plain)) await settings.update(key, value, ConfigurationTarget.Workspace)
    await commands.executeCommand('workbench.action.closeAllEditors')
    for (const command of hide) await commands.executeCommand(command)
  })
  after('leave it as it was', async () => {
    for (const key of Object.keys(plain)) await settings.update(key, undefined, ConfigurationTarget.Workspace)
  })

  it('finds them by a command, with pictures', async () => {
    await commands.executeCommand('silolint.openWalkthrough')
    const shown = await picture('first-steps', '.gettingStartedContainer .gettingStartedSlideDetails')
    deepStrictEqual(shown?.toasts ?? [], [])
    await commands.executeCommand('workbench.action.closeActiveEditor')
  })

  it('sees four sentences marked in an example that is saved nowhere', async () => {
    const document = await openExample()
    strictEqual(document.languageId, 'silolint-process')
    ok(document.isUntitled)
    const shown = await picture('mark', '.squiggly-warning', { width: 960, height: 560, clip: editorPart })
    deepStrictEqual(shown?.toasts ?? [], [])
  })

  it('reads why', async () => {
    const document = await openExample()
    select(document, 'throws the file')
    await commands.executeCommand('editor.action.showHover')
    await picture('why', '.monaco-hover:not(.hidden) .hover-contents', { width: 960, height: 560, clip: editorPart })
    await commands.executeCommand('editor.action.hideHover')
  })

  it('chooses a better sentence, and the mark is gone', async () => {
    const document = await openExample()
    select(document, 'throws the file')
    await commands.executeCommand('editor.action.quickFix')
    await picture('rewrite', '.action-widget', { width: 960, height: 560, clip: editorPart })
    await commands.executeCommand('acceptSelectedCodeAction')
    await waitForRules(
      document,
      rulesOfExample.filter((rule) => rule !== 'over-the-wall'),
    )
    match(document.getText(), /^4\. When the patient has left, the ward .*\[?customer\]?/m)
  })

  it('sees who is in it, and who is missing', async () => {
    const { uri } = await openExample()
    await commands.executeCommand('silolint.tint')
    const at = new Position(8, 8)
    await waitFor(async () => {
      const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', uri, at)
      return hovers.map(textOf).filter((text) => text.includes('Served: patient'))
    })
    await picture('served', '.squiggly-warning', { width: 960, height: 560, clip: editorPart })
    await commands.executeCommand('silolint.untint')
  })

  it('goes on with a procedure of their own, in colour and with texts to start from', async () => {
    const document = await write(
      'silolint-process',
      [
        ...['LENDING WHEELCHAIRS', '', 'PURPOSE', '', 'Patients get home safely and without a long wait.', ''],
        ...['DEFINITIONS', '', '“Chair” means a wheelchair of the hospital.', '', 'STEPS', ''],
        ...['1. The ward nurse rings the porter.', '2. The porter brings the chair within ten minutes.', ''],
        ...['WHO DOES WHAT', '', '| Task | Patient | Porter | Ward |', '| --- | --- | --- | --- |'],
        ...['| Bring the chair | I | A/R | C |', '', ''],
      ].join('\n'),
    )
    await waitForRules(document, [])
    await commands.executeCommand('outline.focus')
    await waitForSymbols(document)
    await commands.executeCommand('workbench.action.focusActiveEditorGroup')
    await commands.executeCommand('editor.action.triggerSuggest')
    await picture('own', '.suggest-widget.visible .monaco-list-row', { width: 1100, height: 800 })
    await commands.executeCommand('hideSuggestWidget')
    await commands.executeCommand('workbench.action.closeSidebar')
  })
})

describe('a writer of a procedure in plain text', () => {
  const file = 'lending.sop'

  after('leave no procedure behind', async () => {
    await workspace.fs.delete(inWorkspace(file))
  })

  it('has an outline of it, and folds', async () => {
    const text = 'LENDING\n\nSTEPS\n\n1. Ring the porter.\n2. Bring the chair.\n\nQUESTIONS\n\nAsk Ana.\n'
    await workspace.fs.writeFile(inWorkspace(file), new TextEncoder().encode(text))
    const document = await open(file)
    strictEqual(document.languageId, 'silolint-process')
    const symbols = await waitForSymbols(document)
    const named = ({ name, kind, children }: DocumentSymbol): unknown[] => [
      name,
      SymbolKind[kind],
      ...children.map(named),
    ]
    deepStrictEqual(symbols.map(named), [
      [
        ...['LENDING', 'String'],
        ['STEPS', 'String', ['1. Ring the porter.', 'Event'], ['2. Bring the chair.', 'Event']],
        ['QUESTIONS', 'String'],
      ],
    ])
    const folds = await commands.executeCommand<FoldingRange[]>('vscode.executeFoldingRangeProvider', document.uri)
    deepStrictEqual(
      folds.map(({ start, end }) => [start, end]),
      [
        [0, 9],
        [2, 5],
        [7, 9],
      ],
    )
  })

  it('parts a list with Enter, and all steps are numbered anew', async () => {
    const document = await write('silolint-process', '1. Ring.\n2. Bring.\n3. Go.')
    await waitForSymbols(document)
    at(document, '1. Ring.')
    await type('\n')
    await waitForText(document, '1. Ring.\n2. \n3. Bring.\n4. Go.')
    await type('Ask.')
    strictEqual(document.getText(), '1. Ring.\n2. Ask.\n3. Bring.\n4. Go.')
  })

  it('goes on behind the last step that VS Code can count, and ends a list with Enter', async () => {
    const document = await write('silolint-process', '31. Ring.')
    await waitForSymbols(document)
    await type('\n')
    await waitForText(document, '31. Ring.\n32. ')
    await type('Go.')
    strictEqual(document.getText(), '31. Ring.\n32. Go.')
    await type('\n')
    await waitForText(document, '31. Ring.\n32. Go.\n33. ')
    await type('\n')
    await waitForText(document, '31. Ring.\n32. Go.\n')
    await type('Thank you.')
    strictEqual(document.getText(), '31. Ring.\n32. Go.\nThank you.')
  })

  it('puts in a hand-off to fill in, about which nothing is to be said', async () => {
    const document = await write('silolint-process', '')
    await commands.executeCommand('editor.action.insertSnippet', { langId: 'silolint-process', name: 'Hand-off' })
    match(document.getText(), /^\[Function\] hands \[the work\] over to \[name\].*has \[the outcome\]\.$/)
    await type('The ward')
    match(document.getText(), /^The ward hands/)
    await waitForRules(document, [])
  })
})

describe('a language server that dies again and again', () => {
  it('is left alone after some attempts without a message, and comes back when it is asked for', async () => {
    const document = await openExample()
    const { client } = extension().exports
    ok(client)
    for (let deaths = 0; client.state !== State.Stopped; deaths++) {
      ok(deaths < 20)
      const { pid } = (client as unknown as { _serverProcess: { pid: number } })._serverProcess
      process.kill(pid, 'SIGKILL')
      await waitFor(async () => {
        const next = (client as unknown as { _serverProcess?: { pid: number } })._serverProcess
        return client.state === State.Stopped || (client.state === State.Running && next && next.pid !== pid)
          ? [true]
          : []
      })
    }
    const shown = await picture('stopped', '.squiggly-warning, .view-lines')
    deepStrictEqual(shown?.toasts ?? [], [])
    await commands.executeCommand('silolint.restart')
    await waitForRules(document, rulesOfExample)
  })
})

describe('whoever writes the configuration', () => {
  const file = inWorkspace('.silolintrc.json')

  after('leave no configuration behind', async () => {
    await workspace.fs.delete(file)
  })

  it('is told of a value that cannot be', async () => {
    await workspace.fs.writeFile(file, new TextEncoder().encode('{ "rules": { "over-the-wall": "loud" } }\n'))
    const document = await window.showTextDocument(file).then(({ document }) => document)
    strictEqual(document.languageId, 'jsonc')
    const marked = await waitFor(async () =>
      languages
        .getDiagnostics(file)
        .filter(({ source }) => source !== 'silolint')
        .map(({ range }) => document.getText(range)),
    )
    ok(marked.includes('"loud"'))
  })
})

/** Waits until the extension host, which other extensions start in too, has been idle for a second, or for a while. */
async function quiet(): Promise<void> {
  let idle = 0
  for (const end = performance.now() + 10_000; idle < 20 && performance.now() < end; ) {
    const before = performance.now()
    await delay(50)
    idle = performance.now() - before < 60 ? idle + 1 : 0
  }
}

async function openExample(): Promise<TextDocument> {
  await commands.executeCommand('silolint.openExample')
  const document = window.activeTextEditor?.document
  ok(document)
  await waitForRules(document, rulesOfExample)
  return document
}

function select(document: TextDocument, text: string): void {
  const position = document.positionAt(document.getText().indexOf(text))
  ok(window.activeTextEditor)
  window.activeTextEditor.selection = new Selection(position, position)
}

/** Puts the cursor behind a text. */
function at(document: TextDocument, text: string): void {
  const position = document.positionAt(document.getText().indexOf(text) + text.length)
  ok(window.activeTextEditor)
  window.activeTextEditor.selection = new Selection(position, position)
}

/** The outline, once the server offers it, which it does with the first document. */
const waitForSymbols = (document: TextDocument): Promise<DocumentSymbol[]> =>
  waitFor(
    async () =>
      (await commands.executeCommand<DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', document.uri)) ?? [],
  )

async function waitForText(document: TextDocument, text: string): Promise<void> {
  for (const end = Date.now() + patience; Date.now() < end; await delay(50)) if (document.getText() === text) return
  strictEqual(document.getText(), text)
}
