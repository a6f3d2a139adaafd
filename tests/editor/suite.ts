import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from 'node:assert'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, it } from 'mocha'
import {
  type CompletionList,
  ConfigurationTarget,
  commands,
  DiagnosticSeverity,
  type Hover,
  type Position,
  Uri,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode'
import {
  allRules,
  extension,
  inWorkspace,
  onCommandLine,
  open,
  patience,
  reported,
  ruleOf,
  textOf,
  type,
  waitFor,
  waitForDiagnostics,
  waitForLens,
  waitForQuickFix,
  waitForRules,
  without,
  write,
} from './editor.ts'

const disowning = 'Password resets are not our responsibility.'

afterEach('close the documents and drop what the test wrote into them', async () => {
  while (window.activeTextEditor) await commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
})

describe('a writer opens a procedure', () => {
  it('and every silo sentence is marked where it stands', async () => {
    const document = await open('loan-laptops.md')
    const findings = await waitForRules(document, allRules)
    deepStrictEqual(
      findings.map((finding) => [
        ruleOf(finding),
        document.getText(finding.range),
        DiagnosticSeverity[finding.severity],
      ]),
      [
        [
          'customer-absent-objective',
          'The purpose of this procedure is to control the issue of loan laptops',
          'Warning',
        ],
        ['disowning', 'are not our responsibility', 'Warning'],
        ['unowned-step', 'Approval must be obtained', 'Warning'],
        ['over-the-wall', 'throws the build over the wall to Support', 'Warning'],
        ['good-versus-bad', 'get everyone on board', 'Warning'],
      ],
    )
  })

  it('and finds what the command line finds', async () => {
    const document = await open('loan-laptops.md')
    const findings = await waitForRules(document, allRules)
    deepStrictEqual(
      findings.map((finding) => reported(document, finding)),
      onCommandLine(document),
    )
  })

  it('and reads over a finding how it could read instead', async () => {
    const document = await open('loan-laptops.md')
    const finding = (await waitForRules(document, allRules)).find((finding) => ruleOf(finding) === 'over-the-wall')
    ok(finding)
    const hovers = await commands.executeCommand<Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      finding.range.start,
    )
    match(hovers.map(textOf).join('\n'), /\n\+ .*Engineering goes through the build with Support/)
  })

  it('and takes a rewrite, after which the finding is gone', async () => {
    const document = await open('loan-laptops.md')
    const finding = (await waitForRules(document, allRules)).find((finding) => ruleOf(finding) === 'over-the-wall')
    ok(finding)
    const fix = await waitForQuickFix(document, finding, /^Rewrite as “goes through the build with Support/)
    ok(fix.edit)
    ok(await workspace.applyEdit(fix.edit))
    match(
      document.lineAt(finding.range.start).text,
      /^3\. 💻 When the image is ready, Engineering goes through the build with Support.*\.$/,
    )
    await waitForRules(document, without('over-the-wall'))
  })
})

describe('a writer types', () => {
  it('and a finding comes with the sentence and goes with it', async () => {
    const document = await write('markdown', '')
    await type(disowning)
    await waitForRules(document, ['disowning'])
    await commands.executeCommand('deleteAllLeft')
    strictEqual(document.getText(), '')
    await waitForRules(document, [])
  })

  it('in plain text too', async () => {
    const document = await open('minutes.txt')
    strictEqual(document.languageId, 'plaintext')
    const [finding] = await waitForRules(document, ['disowning'])
    strictEqual(finding && document.lineAt(finding.range.start).text, disowning)
  })

  it('and Enter continues the list of a process document', async () => {
    const step = '- The service desk calls the colleague the next morning.'
    const document = await write('silolint-process', step)
    // VS Code reads a language's configuration when it first meets the language and tells nobody when it is done.
    const end = Date.now() + patience
    for (;;) {
      await type('\n')
      if (document.getText() !== `${step}\n` || Date.now() > end) break
      await commands.executeCommand('undo')
      await delay(100)
    }
    strictEqual(document.getText(), `${step}\n- `)
  })
})

describe('a document in a virtual folder', () => {
  it('is read without a disk', async () => {
    const uri = Uri.parse('vscode-vfs://github/acme/handbook/refunds.md')
    const provider = workspace.registerTextDocumentContentProvider(uri.scheme, {
      provideTextDocumentContent: () => `# Refunds\n\n${disowning}\n`,
    })
    try {
      const { document } = await window.showTextDocument(uri)
      const [finding] = await waitForRules(document, ['disowning'])
      strictEqual(finding && document.getText(finding.range), 'are not our responsibility')
    } finally {
      provider.dispose()
    }
  })
})

describe('a team sets its rules', () => {
  const configuration = inWorkspace('.silolintrc.json')
  const setRules = (rules?: Record<string, string>) =>
    workspace.getConfiguration('silolint').update('rules', rules, ConfigurationTarget.Workspace)

  afterEach('leave neither settings nor configuration behind', async () => {
    await setRules(undefined)
    await workspace.fs.delete(configuration).then(undefined, () => {})
  })

  it('in the settings, and a rule goes silent and comes back without a restart', async () => {
    const document = await open('loan-laptops.md')
    await waitForRules(document, allRules)
    await setRules({ disowning: 'off' })
    await waitForRules(document, without('disowning'))
    await setRules(undefined)
    await waitForRules(document, allRules)
  })

  it('in a configuration file, and the open document follows', async () => {
    const document = await open('loan-laptops.md')
    await waitForRules(document, allRules)
    await workspace.fs.writeFile(configuration, new TextEncoder().encode('{ "rules": { "disowning": "off" } }\n'))
    await waitForRules(document, without('disowning'))
    await workspace.fs.delete(configuration)
    await waitForRules(document, allRules)
  })
})

describe('a policy owner writes a rule', () => {
  const folder = inWorkspace('.silolint')
  const file = '.silolint/rules/on-the-shelf.md'
  const rule = [
    ...[
      '---',
      'severity: warning',
      'message: Said of nothing.',
      'phrases:',
      '  - laptop in $shelff',
      '  - charge the laptops',
      '---',
    ],
    ...['', '# On the shelf', '', '```diff', '- The laptops in the cupboard are charged.', '```', ''],
  ].join('\n')

  afterEach('leave no rule behind', async () => {
    await workspace.fs.delete(folder, { recursive: true }).then(undefined, () => {})
  })

  it('and sees what is wrong as it is typed, and then what the rule finds here', async () => {
    await workspace.fs.writeFile(inWorkspace(file), new TextEncoder().encode(rule))
    await workspace.fs.writeFile(inWorkspace('shelf.md'), new TextEncoder().encode('Laptops in the cupboard.\n'))
    const document = await open(file)
    const [fault] = await waitForDiagnostics(document, /there is no such vocabulary/)
    strictEqual(fault && document.getText(fault.range), '$shelff')
    const { items } = await commands.executeCommand<CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      fault?.range.end,
    )
    ok(items.some(({ label }) => label === '$function'))
    const edit = new WorkspaceEdit()
    edit.replace(document.uri, fault?.range ?? document.lineAt(4).range, 'the (cupboard/shelf)')
    ok(await workspace.applyEdit(edit))
    // nobody shows an example that only one of the two finds
    const [dead] = await waitForDiagnostics(document, /No example is found by “charge the laptops”/)
    strictEqual(dead && document.getText(dead.range), 'charge the laptops')
    const mended = new WorkspaceEdit()
    mended.delete(document.uri, document.lineAt(5).rangeIncludingLineBreak)
    ok(await workspace.applyEdit(mended))
    await waitForDiagnostics(document)
    const lens = await waitForLens(document, '1 finding in this workspace')
    ok(lens.command)
    await commands.executeCommand(lens.command.command, ...(lens.command.arguments ?? []))
    for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
      await commands.executeCommand('goToNextReference')
      if (window.activeTextEditor?.document.uri.path.endsWith('/shelf.md')) break
    }
    const shown = window.activeTextEditor
    ok(shown?.document.uri.path.endsWith('/shelf.md'))
    await commands.executeCommand('closeReferenceSearch')
    await workspace.fs.delete(inWorkspace('shelf.md'))
  })
})

describe('a team installs a rule pack and names a retext plugin', () => {
  const calls = 'contact-centre/calls.md'
  const rules = ['acme/nameless-referral', 'acme/relevant-department', 'retext-equality']

  it('and finds of both what the command line finds', async () => {
    const document = await open(calls)
    const findings = await waitForRules(document, rules)
    deepStrictEqual(
      findings.map((finding) => [ruleOf(finding), document.getText(finding.range)]),
      [
        ['acme/nameless-referral', 'refer the caller to second line'],
        ['acme/relevant-department', 'the competent office'],
        ['retext-equality', 'chairman'],
      ],
    )
    deepStrictEqual(
      findings.map((finding) => reported(document, finding)),
      onCommandLine(document),
    )
  })

  it('and takes a rewrite of each', async () => {
    const document = await open(calls)
    const findings = await waitForRules(document, rules)
    const [ofPack, , ofPlugin] = findings
    ok(ofPack && ofPlugin)
    const rewrite = await waitForQuickFix(document, ofPack, /^Rewrite as “introduce the caller to \[name\], who will/)
    ok(rewrite.edit && (await workspace.applyEdit(rewrite.edit)))
    await waitForRules(document, rules.slice(1))
    const other = await waitForQuickFix(document, ofPlugin, /^Rewrite as “chair”/)
    ok(other.edit && (await workspace.applyEdit(other.edit)))
    await waitForRules(document, rules.slice(1, 2))
    match(document.getText(), /Ask the chair about it/)
  })

  it('and is offered its rules in the configuration, once each, and reads what they flag', async () => {
    const document = await open('contact-centre/.silolintrc.json')
    const at = (text: string): Position => document.positionAt(document.getText().indexOf(text) + text.length)
    const [hover] = await waitFor(async () => {
      const hovers = await commands.executeCommand<Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        at('"acme/nameless'),
      )
      return hovers.map(textOf).filter((text) => text.includes('Callers who are sent on without a name'))
    })
    ok(hover)
    const edit = new WorkspaceEdit()
    edit.insert(document.uri, at('"rules": {'), ' "acme/",')
    ok(await workspace.applyEdit(edit))
    const offered = await waitFor(async () => {
      const { items } = await commands.executeCommand<CompletionList>(
        'vscode.executeCompletionItemProvider',
        document.uri,
        at('"rules": { "acme/'),
      )
      const labels = items.map(({ label }) => (typeof label === 'string' ? label : label.label))
      return labels.includes('acme/relevant-department') ? labels : []
    })
    for (const id of ['acme/relevant-department', 'over-the-wall'])
      strictEqual(offered.filter((label) => label.replaceAll('"', '') === id).length, 1)
  })
})

describe('the language server', () => {
  it('is another one after a restart and goes on with the open documents', async () => {
    const document = await write('markdown', disowning)
    await waitForRules(document, ['disowning'])
    const { client } = extension().exports
    await commands.executeCommand('silolint.restart')
    notStrictEqual(extension().exports.client, client)
    await type('\n\nWe need to get everyone on board.')
    await waitForRules(document, ['disowning', 'good-versus-bad'])
  })
})
