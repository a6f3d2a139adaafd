// What goes wrong around a writer, and what they see of it: a word in the status, and never a message.
import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert'
import { setTimeout as delay } from 'node:timers/promises'
import { after, afterEach, before, describe, it } from 'mocha'
import { commands, languages, type TextDocument, Uri, WorkspaceEdit, window, workspace } from 'vscode'
import { type LanguageClient, State } from 'vscode-languageclient/node'
import { extension, inWorkspace, open, patience, picture, ruleOf, type, waitForRules, write } from './editor.ts'

const disowning = 'Password resets are not our responsibility.'
const statusButton = '[id="status.languageStatus"]'
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const client = (): LanguageClient => {
  const { client } = extension().exports
  ok(client)
  return client as LanguageClient
}

/** The process of the server, once there is one. */
async function serverProcess(other?: number): Promise<number> {
  for (const end = Date.now() + patience; Date.now() < end; await delay(50)) {
    const pid = client().state === State.Running ? client().serverProcess?.pid : undefined
    if (pid !== undefined && pid !== other) return pid
  }
  throw new Error('there is no server')
}

/** Ends the server as the machine does when memory runs out, and waits for what comes of it. */
async function kill(): Promise<void> {
  const pid = await serverProcess()
  const changed = new Promise<void>((resolve) => {
    const listener = client().onDidChangeState(({ newState }) => {
      if (newState === State.Running) return
      listener.dispose()
      resolve()
    })
  })
  process.kill(pid, 'SIGKILL')
  await changed
}

const findingsIn = ({ uri }: TextDocument): string[] =>
  languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'silolint')
    .map(ruleOf)

afterEach('close the documents and drop what the test wrote into them', async () => {
  while (window.activeTextEditor) await commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
})

describe('a server that ends', () => {
  before('begin with one that has not', async () => {
    const document = await write('markdown', disowning)
    await waitForRules(document, ['disowning'])
    await commands.executeCommand('silolint.restart')
  })

  it('is started again, with the open documents as they are now', async () => {
    const document = await write('markdown', disowning)
    await waitForRules(document, ['disowning'])
    const pid = await serverProcess()
    await kill()
    await type('\n\nWe need to get everyone on board.')
    await waitForRules(document, ['disowning', 'good-versus-bad'])
    notStrictEqual(await serverProcess(), pid)
    const shown = await picture('crashed-once', '.statusbar-item:has-text("2 findings")')
    deepStrictEqual(shown?.toasts ?? [], [])
  })

  it('again and again is left alone, the status says so, and a writer starts it', async () => {
    const document = await write('markdown', disowning)
    await waitForRules(document, ['disowning'])
    for (let count = 0; count < 4; count++) await kill()
    for (const end = Date.now() + patience; client().state !== State.Stopped && Date.now() < end; ) await delay(50)
    await delay(500)
    strictEqual(client().state, State.Stopped)
    const shown = await picture('crashed', ':text("Silolint has stopped")', { click: statusButton })
    deepStrictEqual(shown?.toasts ?? [], [])
    // what was found is not true for ever
    deepStrictEqual(findingsIn(document), [])
    await commands.executeCommand('silolint.restart')
    await waitForRules(document, ['disowning'])
  })
})

describe('a document that takes more memory than there is', () => {
  const options = process.env.NODE_OPTIONS
  const huge = inWorkspace('huge.md')

  before('let the server have little', async () => {
    process.env.NODE_OPTIONS = '--max-old-space-size=160'
    const document = await write('markdown', disowning)
    await waitForRules(document, ['disowning'])
    await commands.executeCommand('silolint.restart')
    const sentences = Array.from(
      { length: 60_000 },
      (_, at) => `Desk ${at} passes request ${at} to the team ${at}.\n\n`,
    )
    await workspace.fs.writeFile(huge, encode(sentences.join('')))
  })
  after('and much again', async () => {
    if (options === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = options
    await workspace.fs.delete(huge)
    await commands.executeCommand('silolint.restart')
  })

  it('is left out, its status says so, and the others go on', async () => {
    const document = await write('markdown', disowning)
    await waitForRules(document, ['disowning'])
    let ends = 0
    const listener = client().onDidChangeState(({ oldState }) => {
      if (oldState === State.Running) ends++
    })
    const large = await open('huge.md')
    for (const end = Date.now() + 4 * patience; ends < 2 && Date.now() < end; ) await delay(100)
    await serverProcess()
    const shown = await picture('left-out', ':text("Silolint leaves this document out")', { click: statusButton })
    deepStrictEqual(shown?.toasts ?? [], [])
    await window.showTextDocument(document)
    await type('\n\nWe need to get everyone on board.')
    await waitForRules(document, ['disowning', 'good-versus-bad'])
    deepStrictEqual(findingsIn(large), [])
    strictEqual(ends, 2)
    listener.dispose()
  })
})

describe('an extension that is updated under an open window', () => {
  const server = (): Uri => Uri.joinPath(extension().extensionUri, 'dist', 'server.cjs')
  const away = (): Uri => Uri.joinPath(extension().extensionUri, 'dist', 'server.away')

  after('put it back', async () => {
    await workspace.fs.rename(away(), server())
    await commands.executeCommand('silolint.restart')
  })

  it('goes on, and once its server has ended the status asks to reload the window', async () => {
    const document = await write('markdown', disowning)
    await waitForRules(document, ['disowning'])
    await workspace.fs.rename(server(), away())
    await type('\n\nWe need to get everyone on board.')
    await waitForRules(document, ['disowning', 'good-versus-bad'])
    await kill()
    const shown = await picture('updated', ':text("Silolint was updated")', { click: statusButton })
    deepStrictEqual(shown?.toasts ?? [], [])
    await commands.executeCommand('silolint.restart')
    const again = await picture('updated-still', ':text("Silolint was updated")', { click: statusButton })
    deepStrictEqual(again?.toasts ?? [], [])
  })
})

describe('an extension of which half is gone', () => {
  const rules = (): Uri => Uri.joinPath(extension().extensionUri, 'dist', 'rules.bin')
  const away = (): Uri => Uri.joinPath(extension().extensionUri, 'dist', 'rules.away')

  after('put it back', async () => {
    await workspace.fs.rename(away(), rules())
    await commands.executeCommand('silolint.restart')
  })

  it('does not begin over and over, and says in the status that it has stopped', async () => {
    const document = await write('markdown', disowning)
    await waitForRules(document, ['disowning'])
    await workspace.fs.rename(rules(), away())
    await commands.executeCommand('silolint.restart')
    let begun = 0
    const listener = client().onDidChangeState(({ newState }) => {
      if (newState === State.Starting) begun++
    })
    for (const end = Date.now() + patience; client().state !== State.StartFailed && Date.now() < end; ) await delay(100)
    await delay(1000)
    strictEqual(client().state, State.StartFailed)
    ok(begun < 5, `${begun} times`)
    listener.dispose()
    const shown = await picture('half-gone', ':text("Silolint has stopped")', { click: statusButton })
    deepStrictEqual(shown?.toasts ?? [], [])
  })
})

describe('a configuration', () => {
  const file = inWorkspace('.silolintrc.json')

  after('take it away', () => workspace.fs.delete(file))

  it('that is saved half written holds as it was, with one fault in it and no finding that comes and goes', async () => {
    await workspace.fs.writeFile(file, encode('{ "rules": { "disowning": "off" } }'))
    const document = await open('loan-laptops.md')
    const rules = ['customer-absent-objective', 'good-versus-bad', 'over-the-wall', 'unowned-step']
    await waitForRules(document, rules)
    const seen = new Set<number>()
    const listener = languages.onDidChangeDiagnostics(() => seen.add(findingsIn(document).length))
    await workspace.fs.writeFile(file, encode('{ "rules": { "disowning": "o'))
    const faults = async (count: number): Promise<void> => {
      const ours = () => languages.getDiagnostics(file).filter(({ source }) => source === 'silolint')
      for (const end = Date.now() + patience; Date.now() < end; await delay(100)) if (ours().length === count) return
      throw new Error(`there are ${ours().length} faults: ${JSON.stringify(ours())}`)
    }
    await faults(1)
    await workspace.fs.writeFile(file, encode('{ "rules": { "disowning": "off" } }\n'))
    await faults(0)
    await delay(500)
    ok(!seen.size || (seen.size === 1 && seen.has(rules.length)), `${[...seen]} findings`)
    listener.dispose()
    const shown = await picture('half-written', '.part.editor')
    deepStrictEqual(shown?.toasts ?? [], [])
  })
})

describe('a document that is open', () => {
  it('takes its findings along when it is renamed, and away when it is deleted', async () => {
    const [from, to] = [inWorkspace('one.md'), inWorkspace('two.md')]
    await workspace.fs.writeFile(from, encode(`${disowning}\n`))
    const document = await open('one.md')
    await waitForRules(document, ['disowning'])
    const edit = new WorkspaceEdit()
    edit.renameFile(from, to)
    ok(await workspace.applyEdit(edit))
    const renamed = await open('two.md')
    await waitForRules(renamed, ['disowning'])
    deepStrictEqual(languages.getDiagnostics(from), [])
    const removal = new WorkspaceEdit()
    removal.deleteFile(to)
    ok(await workspace.applyEdit(removal))
    for (const end = Date.now() + patience; languages.getDiagnostics(to).length && Date.now() < end; ) await delay(100)
    deepStrictEqual(languages.getDiagnostics(to), [])
  })
})
