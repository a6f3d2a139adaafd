import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, it } from 'mocha'
import {
  type CodeAction,
  type CodeLens,
  type CompletionList,
  ConfigurationTarget,
  commands,
  type Diagnostic,
  DiagnosticSeverity,
  extensions,
  type Hover,
  languages,
  MarkdownString,
  type Position,
  Selection,
  type TextDocument,
  Uri,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode'
import type { Silolint } from '../../client/extension.ts'

const patience = 15_000 // ms for what the editor does by itself
const disowning = 'Password resets are not our responsibility.'
const allRules = ['customer-absent-objective', 'disowning', 'good-versus-bad', 'over-the-wall', 'unowned-step']

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

  it('and reads the page of the rule over a finding', async () => {
    const document = await open('loan-laptops.md')
    const finding = (await waitForRules(document, allRules)).find((finding) => ruleOf(finding) === 'over-the-wall')
    ok(finding)
    const hovers = await commands.executeCommand<Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      finding.range.start,
    )
    match(hovers.map(textOf).join('\n'), /# Over the wall/)
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
    await waitForRules(
      document,
      allRules.filter((rule) => rule !== 'over-the-wall'),
    )
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
    await waitForRules(
      document,
      allRules.filter((rule) => rule !== 'disowning'),
    )
    await setRules(undefined)
    await waitForRules(document, allRules)
  })

  it('in a configuration file, and the open document follows', async () => {
    const document = await open('loan-laptops.md')
    await waitForRules(document, allRules)
    await workspace.fs.writeFile(configuration, new TextEncoder().encode('{ "rules": { "disowning": "off" } }\n'))
    await waitForRules(
      document,
      allRules.filter((rule) => rule !== 'disowning'),
    )
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

interface CliFinding {
  rule: string
  severity: string
  message: string
  start: { offset: number }
  end: { offset: number }
}

/** A finding as the command line reports it. */
function reported(document: TextDocument, { range, severity, message, ...finding }: Diagnostic) {
  return {
    rule: ruleOf(finding),
    severity: { 0: 'error', 1: 'warning', 2: 'info', 3: 'hint' }[severity],
    message,
    start: document.offsetAt(range.start),
    end: document.offsetAt(range.end),
  }
}

/** What the command line finds in a document, where it lies. */
function onCommandLine({ uri }: TextDocument) {
  const cli = join(extension().extensionPath, 'dist', 'cli.js')
  const node = process.env.SILOLINT_NODE ?? 'node'
  const { stdout, stderr } = spawnSync(node, [cli, '--format', 'json', uri.fsPath], {
    cwd: dirname(uri.fsPath),
    encoding: 'utf8',
  })
  strictEqual(stderr, '')
  const [report] = JSON.parse(stdout) as [{ findings: CliFinding[] }]
  return report.findings.map(({ rule, severity, message, start, end }) => ({
    rule,
    severity,
    message,
    start: start.offset,
    end: end.offset,
  }))
}

function extension() {
  const found = extensions.getExtension<Silolint>('silolint.silolint')
  ok(found, 'the extension is not installed')
  return found
}

function inWorkspace(file: string): Uri {
  const [folder] = workspace.workspaceFolders ?? []
  ok(folder, 'no folder is open')
  return Uri.joinPath(folder.uri, file)
}

async function open(file: string): Promise<TextDocument> {
  return (await window.showTextDocument(inWorkspace(file))).document
}

/** Shows a new document with the cursor at its end. */
async function write(language: string, content: string): Promise<TextDocument> {
  const document = await workspace.openTextDocument({ language, content })
  const editor = await window.showTextDocument(document)
  const end = document.positionAt(content.length)
  editor.selection = new Selection(end, end)
  return document
}

async function type(text: string): Promise<void> {
  await commands.executeCommand('type', { text })
}

function ruleOf({ code }: Pick<Diagnostic, 'code'>): string {
  return String(typeof code === 'object' ? code.value : code)
}

/** The findings of a document, in its order, once they are of just these rules (sorted by id). */
function waitForRules(document: TextDocument, rules: readonly string[]): Promise<Diagnostic[]> {
  const findings = () =>
    languages
      .getDiagnostics(document.uri)
      .filter(({ source }) => source === 'silolint')
      .sort((a, b) => a.range.start.compareTo(b.range.start))
  const ids = () => findings().map(ruleOf).sort()
  return new Promise((resolve, reject) => {
    const look = () => {
      if (ids().join() !== rules.join()) return
      end()
      resolve(findings())
    }
    const listener = languages.onDidChangeDiagnostics(look)
    const timer = setTimeout(() => {
      end()
      reject(new Error(`${document.fileName} has findings of [${ids()}] and not of [${rules}]`))
    }, patience)
    const end = () => {
      listener.dispose()
      clearTimeout(timer)
    }
    look()
  })
}

/** What is said of a document, once all of it says what is expected; nothing where nothing is. */
async function waitForDiagnostics(document: TextDocument, expected?: RegExp): Promise<Diagnostic[]> {
  let said: Diagnostic[] = []
  for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
    said = languages.getDiagnostics(document.uri).filter(({ source }) => source === 'silolint')
    if (expected ? said.length && said.every(({ message }) => expected.test(message)) : !said.length) return said
  }
  throw new Error(`${document.fileName}: ${said.map(({ message }) => message).join('\n')}`)
}

const textOf = ({ contents }: Hover): string =>
  contents.map((content) => (content instanceof MarkdownString ? content.value : '')).join('\n')

/** Asks until there is an answer. */
async function waitFor<T>(ask: () => Promise<T[]>): Promise<T[]> {
  for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
    const found = await ask()
    if (found.length) return found
  }
  throw new Error('no answer')
}

/** Asks for code lenses until the one with this title is among them. */
async function waitForLens(document: TextDocument, title: string): Promise<CodeLens> {
  let last: Array<string | undefined> = []
  for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
    const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 10)
    const lens = lenses.find(({ command }) => command?.title === title)
    if (lens) return lens
    last = lenses.map(({ command }) => command?.title)
  }
  throw new Error(`no code lens ${title}; the last answer was: ${last}`)
}

/**
 * Asks for quick fixes until the one with this title is among them: an editor that has just opened answers with
 * nothing or "Canceled" whenever another extension registers its code actions meanwhile, and no event tells the end.
 */
async function waitForQuickFix(document: TextDocument, finding: Diagnostic, title: RegExp): Promise<CodeAction> {
  let last: unknown
  for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
    try {
      const fixes = await commands.executeCommand<CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        finding.range,
        'quickfix',
      )
      const fix = fixes.find((fix) => title.test(fix.title))
      if (fix) return fix
      last = fixes.map(({ title }) => title).join('\n')
    } catch (error) {
      last = error
    }
  }
  throw new Error(`no quick fix ${title}; the last answer was: ${last}`)
}
