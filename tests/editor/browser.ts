// In the web extension host, where there is no Node: what needs no file system works all the same.
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from 'node:assert'
import { afterEach, describe, it } from 'mocha'
import {
  type CompletionItem,
  type CompletionList,
  ConfigurationTarget,
  commands,
  type DocumentSymbol,
  env,
  type Hover,
  languages,
  type TextDocument,
  UIKind,
  window,
  workspace,
} from 'vscode'
import { State } from 'vscode-languageclient/browser'
import {
  allRules,
  extension,
  inWorkspace,
  open,
  ruleOf,
  textOf,
  type,
  waitFor,
  waitForQuickFix,
  waitForRules,
  without,
  write,
} from './editor.ts'

afterEach('close the documents and drop what the test wrote into them', async () => {
  while (window.activeTextEditor) await commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
})

const complete = (document: TextDocument): Promise<CompletionItem[]> =>
  waitFor(async () => {
    const end = document.lineAt(document.lineCount - 1).range.end
    const list = await commands.executeCommand<CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      end,
    )
    return list.items.filter(({ detail }) => detail !== undefined)
  })

describe('a writer in a browser', () => {
  it('opens a document of the folder, and every silo sentence is marked', async () => {
    strictEqual(env.uiKind, UIKind.Web)
    const document = await open('loan-laptops.md')
    strictEqual(document.uri.scheme, 'vscode-remote')
    const findings = await waitForRules(document, allRules)
    deepStrictEqual(
      findings.map((finding) => document.getText(finding.range)),
      [
        'The purpose of this procedure is to control the issue of loan laptops',
        'are not our responsibility',
        'Approval must be obtained',
        'throws the build over the wall to Support',
        'get everyone on board',
      ],
    )
  })

  it('reads why, and takes a rewrite', async () => {
    const document = await open('loan-laptops.md')
    const finding = (await waitForRules(document, allRules)).find((finding) => ruleOf(finding) === 'over-the-wall')
    ok(finding)
    const said = await waitFor(async () => {
      const at = finding.range.start
      const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', document.uri, at)
      return hovers.map(textOf).filter(Boolean)
    })
    match(said.join('\n'), /\n\+ .*Engineering goes through the build with Support/)
    const fix = await waitForQuickFix(document, finding, /^Rewrite as “goes through the build with Support/)
    ok(fix.edit && (await workspace.applyEdit(fix.edit)))
    await waitForRules(document, without('over-the-wall'))
  })

  it('hides a finding by the link of the box, and opens the page of its rule beside', async () => {
    const document = await open('loan-laptops.md')
    const finding = (await waitForRules(document, allRules)).find((finding) => ruleOf(finding) === 'disowning')
    ok(finding)
    const [hover] = await waitFor(async () => {
      const at = finding.range.start
      const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', document.uri, at)
      return hovers.map(textOf).filter((text) => text.includes('[Explain]'))
    })
    const click = async (title: string) => {
      const [, command, args] = new RegExp(`\\[${title}\\]\\(command:([\\w.]+)\\?(\\S+) "`).exec(hover ?? '') ?? []
      ok(command && args)
      await commands.executeCommand(command, ...JSON.parse(decodeURIComponent(args)))
    }
    ok(!hover?.includes('Never in this project')) // its files are not to be had here
    await click('Not here')
    await waitForRules(document, without('disowning'))
    ok(window.activeTextEditor)
    strictEqual(document.getText(window.activeTextEditor.selection), '[reason]')
    await commands.executeCommand('undo')
    await waitForRules(document, allRules)
    await click('Explain')
    await waitFor(async () =>
      window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(({ label }) => label.includes('disowning.md')),
    )
    await commands.executeCommand('workbench.action.closeAllEditors')
  })

  it('writes a comment that hides a finding, and is offered the ids of rules', async () => {
    const document = await write('markdown', '<!-- silolint-disable-next-line ')
    const offered = (await complete(document)).map(({ label }) => label)
    ok(offered.includes('over-the-wall'))
  })

  it('tries the example, with an outline', async () => {
    await commands.executeCommand('silolint.openExample')
    const { document } = window.activeTextEditor ?? {}
    ok(document)
    await waitForRules(document, ['customer-absent-objective', 'disowning', 'over-the-wall', 'unowned-step'])
    const symbols = await waitFor(() =>
      Promise.resolve(
        commands.executeCommand<DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', document.uri),
      ).then((found) => found ?? []),
    )
    ok(symbols.length)
  })

  it('switches a rule off in the settings', async () => {
    const settings = workspace.getConfiguration('silolint')
    const document = await open('loan-laptops.md')
    await waitForRules(document, allRules)
    await settings.update('rules', { disowning: 'off' }, ConfigurationTarget.Global)
    await waitForRules(document, without('disowning'))
    await settings.update('rules', undefined, ConfigurationTarget.Global)
    await waitForRules(document, allRules)
  })

  it('lints all documents of the folder, with the configuration and the rules that lie there', async () => {
    await commands.executeCommand('silolint.lintWorkspace')
    const found = (file: string): string[] =>
      languages
        .getDiagnostics(inWorkspace(file))
        .filter(({ source }) => source === 'silolint')
        .map(ruleOf)
        .sort()
    const until = (file: string, rules: string[]): Promise<unknown> =>
      waitFor(async () => (found(file).join() === rules.join() ? [true] : []))
    await until('minutes.txt', ['disowning'])
    await until('loan-laptops.md', allRules)
    // of a pack in node_modules the rules count, and its plugin, which is code, does not
    await until('contact-centre/calls.md', ['acme/nameless-referral', 'acme/relevant-department'])
    const configuration = inWorkspace('.silolintrc.json')
    await workspace.fs.writeFile(configuration, new TextEncoder().encode('{ "rules": { "disowning": "off" } }'))
    await until('minutes.txt', [])
    const document = await open('loan-laptops.md')
    await waitForRules(document, without('disowning'))
    await workspace.fs.delete(configuration)
    await until('minutes.txt', ['disowning'])
    await waitFor(async () => {
      const labels = (await extension().exports.findings.shown()).map(({ label }) => label)
      return labels.join() === 'calls.md,loan-laptops.md,minutes.txt' ? [true] : []
    })
  })

  it('restarts the server, which goes on with the open documents', async () => {
    const document = await write('markdown', 'Password resets are not our responsibility.')
    await waitForRules(document, ['disowning'])
    const { client } = extension().exports
    await commands.executeCommand('silolint.restart')
    notStrictEqual(extension().exports.client, client)
    await waitForRules(document, ['disowning'])
  })

  it('whose worker fails gets another one, and no message', async () => {
    const page = globalThis as unknown as { Worker: new (url: string) => EventTarget }
    const workers: EventTarget[] = []
    const { Worker: Real } = page
    page.Worker = class extends Real {
      constructor(url: string) {
        super(url)
        workers.push(this)
      }
    }
    const document = await write('markdown', 'Password resets are not our responsibility.')
    await commands.executeCommand('silolint.restart')
    page.Worker = Real
    await waitForRules(document, ['disowning'])
    const [worker] = workers
    ok(worker)
    const states: State[] = []
    const listener = extension().exports.client?.onDidChangeState(({ newState }) => states.push(newState))
    // as a fault in it would
    worker.dispatchEvent(new Event('error'))
    await type('\n\nWe need to get everyone on board.')
    await waitForRules(document, ['disowning', 'good-versus-bad'])
    deepStrictEqual(states, [State.Stopped, State.Starting, State.Running])
    listener?.dispose()
  })

  it('sees who is in a document, with a silo index', async () => {
    await commands.executeCommand('silolint.tint')
    const document = await write('markdown', 'The patient is sent to Finance.')
    const said = await waitFor(async () => {
      const hovers = await commands.executeCommand<Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        document.positionAt(5),
      )
      return hovers.map(textOf).filter((text) => text.includes('Served: patient'))
    })
    strictEqual(said.length, 1)
    await commands.executeCommand('silolint.untint')
  })
})
