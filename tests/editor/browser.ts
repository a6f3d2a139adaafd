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
import {
  extension,
  inWorkspace,
  open,
  ruleOf,
  textOf,
  waitFor,
  waitForQuickFix,
  waitForRules,
  write,
} from './editor.ts'

const allRules = ['customer-absent-objective', 'disowning', 'good-versus-bad', 'over-the-wall', 'unowned-step']

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

  it('reads the page of the rule, and takes a rewrite', async () => {
    const document = await open('loan-laptops.md')
    const finding = (await waitForRules(document, allRules)).find((finding) => ruleOf(finding) === 'over-the-wall')
    ok(finding)
    const said = await waitFor(async () => {
      const at = finding.range.start
      const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', document.uri, at)
      return hovers.map(textOf).filter(Boolean)
    })
    match(said.join('\n'), /# Over the wall/)
    const fix = await waitForQuickFix(document, finding, /^Rewrite as “goes through the build with Support/)
    ok(fix.edit && (await workspace.applyEdit(fix.edit)))
    await waitForRules(
      document,
      allRules.filter((rule) => rule !== 'over-the-wall'),
    )
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
    await waitForRules(
      document,
      allRules.filter((rule) => rule !== 'disowning'),
    )
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
    await waitForRules(
      document,
      allRules.filter((rule) => rule !== 'disowning'),
    )
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
})
