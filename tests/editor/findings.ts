// In a window with two folders: all process documents are linted, and the side bar shows what was found in them.
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, before, describe, it } from 'mocha'
import {
  ConfigurationTarget,
  commands,
  type Diagnostic,
  languages,
  Position,
  Uri,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode'
import type { Shown } from '../../client/findings.ts'
import { extension, patience, picture, ruleOf, waitForRules } from './editor.ts'

const wall = 'Engineering throws the build over the wall to Support.\n'
const disowning = 'Password resets are not our responsibility.\n'

/** Documents of two organisations, of which one has switched a rule off and the other has accepted nothing. */
const files: Record<string, Record<string, string>> = {
  handbook: {
    '.silolintrc.json': '{ "rules": { "disowning": "error" }, "ignores": ["archive/"] }\n',
    '.git/HEAD': '',
    '.github/CODEOWNERS': '* @acme/quality\n',
    'refunds.md': `---\nowner: Head of Finance\n---\n\n# Refunds\n\n${disowning}`,
    'it/passwords.md': `# Passwords\n\n${disowning}\n${wall}`,
    'it/handover (draft).sop': `HANDOVER\n\n${wall}`,
    'archive/old.md': wall,
  },
  clinic: {
    'silolint.config.json': '{ "rules": { "over-the-wall": "off" } }\n',
    'chairs.policy': `CHAIRS\n\nOwner: Ward sister\n\n${disowning}\n${wall}`,
    'quiet.md': 'The ward lends a chair within ten minutes.\n',
  },
}

const folder = (name: string): string => {
  const found = workspace.workspaceFolders?.find((one) => one.name === name)
  ok(found)
  return found.uri.fsPath
}
const fileIn = (name: string, path: string): string => join(folder(name), path)

/** Of closed and open documents alike: what Problems shows of Silolint, as `folder/path:line:column rule`. */
function problems(): string[] {
  const placed = (uri: Uri, { range, severity, ...finding }: Diagnostic): string =>
    `${workspace.asRelativePath(uri, true)}:${range.start.line + 1}:${range.start.character + 1} ${ruleOf(finding)} ${severity}`
  return languages
    .getDiagnostics()
    .flatMap(([uri, found]) => found.filter(({ source }) => source === 'silolint').map((one) => placed(uri, one)))
    .sort()
}

/** The same by the command line, in each folder by itself. */
function onCommandLine(): string[] {
  const cli = join(extension().extensionPath, 'dist', 'cli.js')
  return (workspace.workspaceFolders ?? [])
    .flatMap(({ name, uri }) => {
      const args = [cli, '--format', 'json', '.']
      const { stdout } = spawnSync(process.env.SILOLINT_NODE ?? 'node', args, { cwd: uri.fsPath, encoding: 'utf8' })
      type Report = {
        path: string
        findings: Array<{ rule: string; severity: string; start: { line: number; column: number } }>
      }
      return (JSON.parse(stdout) as Report[]).flatMap(({ path, findings }) =>
        findings.map(
          ({ rule, severity, start }) =>
            `${name}/${path}:${start.line}:${start.column} ${rule} ${['error', 'warning', 'info'].indexOf(severity)}`,
        ),
      )
    })
    .sort()
}

async function waitForProblems(expected: readonly string[]): Promise<void> {
  for (const end = Date.now() + patience; Date.now() < end; await delay(100))
    if (problems().join('\n') === expected.join('\n')) return
  deepStrictEqual(problems(), expected)
}

/** The view as its reader sees it: each group with its lines. */
async function view(): Promise<string[]> {
  const written = ({ label, description, children }: Shown, depth = 0): string[] => [
    `${'  '.repeat(depth)}${label} | ${description}`,
    ...children.flatMap((child) => written(child, depth + 1)),
  ]
  return (await extension().exports.findings.shown()).flatMap((one) => written(one))
}
/** Waits until the groups of the view are these. */
async function waitForGroups(expected: readonly string[]): Promise<void> {
  let last: string[] = []
  for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
    last = (await extension().exports.findings.shown()).map(({ label, description }) => `${label} | ${description}`)
    if (last.join('\n') === expected.join('\n')) return
  }
  deepStrictEqual(last, expected)
}

const bar = '.part.sidebar'
const row = `${bar} .monaco-list-row`
const window1 = { width: 1100, height: 640 }

afterEach('close the documents', async () => {
  while (window.activeTextEditor) await commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
})

before('write the documents of both folders', async () => {
  for (const [name, all] of Object.entries(files))
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(fileIn(name, path)), { recursive: true })
      await writeFile(fileIn(name, path), text)
    }
})

describe('whoever looks after the policies of two folders', () => {
  it('hears nothing before they ask, and reads in the side bar what it is for', async () => {
    deepStrictEqual(problems(), [])
    const document = await workspace.openTextDocument(fileIn('clinic', 'quiet.md'))
    await window.showTextDocument(document)
    await delay(1000)
    deepStrictEqual(problems(), [])
    // Markdown may be anything; a process document is one
    const process = await workspace.openTextDocument({ language: 'silolint-process', content: 'STEPS\n' })
    await window.showTextDocument(process)
    await commands.executeCommand('silolint.findings.focus')
    const shown = await picture('findings-welcome', `${bar} .welcome-view-content`, window1)
    deepStrictEqual(shown?.toasts ?? [], [])
  })

  it('lints all documents and sees what the command line finds in each folder, by its own configuration', async () => {
    await commands.executeCommand('silolint.lintWorkspace')
    const expected = onCommandLine()
    strictEqual(expected.length, 5)
    await waitForProblems(expected)
    await waitForGroups([
      ...['chairs.policy | 1 · clinic', 'handover (draft).sop | 1 · handbook/it'],
      ...['passwords.md | 2 · handbook/it', 'refunds.md | 1 · handbook'],
    ])
    deepStrictEqual(await view(), [
      'chairs.policy | 1 · clinic',
      '  “are not our responsibility” says whose concern this is not, so whoever needs it goes away without a next step. | disowning · line 5',
      'handover (draft).sop | 1 · handbook/it',
      '  “throws the build over the wall to Support” ends our part while the customer still waits. | over-the-wall · line 3',
      'passwords.md | 2 · handbook/it',
      '  “are not our responsibility” says whose concern this is not, so whoever needs it goes away without a next step. | disowning · line 3',
      '  “throws the build over the wall to Support” ends our part while the customer still waits. | over-the-wall · line 5',
      'refunds.md | 1 · handbook',
      '  “are not our responsibility” says whose concern this is not, so whoever needs it goes away without a next step. | disowning · line 7',
    ])
    const [first] = await extension().exports.findings.shown()
    strictEqual(first?.spoken, 'chairs.policy, 1 finding, clinic')
    match(first?.children[0]?.spoken ?? '', /^Warning, .*, disowning, chairs\.policy, line 5$/)
    const shown = await picture('findings', row, window1)
    deepStrictEqual(shown?.toasts ?? [], [])
    const theme = workspace.getConfiguration('workbench')
    await theme.update('colorTheme', 'Default Dark Modern', ConfigurationTarget.Global)
    await picture('findings-dark', row, window1)
    await theme.update('colorTheme', undefined, ConfigurationTarget.Global)
    const document = await workspace.openTextDocument(fileIn('handbook', 'it/passwords.md'))
    await window.showTextDocument(document)
    await waitForRules(document, ['disowning', 'over-the-wall'])
    await picture('all', '.squiggly-warning', { width: 1100, height: 400, clip: bar })
  })

  it('sorts them by rule and by owner', async () => {
    await commands.executeCommand('silolint.groupByRule')
    await waitForGroups(['disowning | 3', 'over-the-wall | 2'])
    const [disowned] = await extension().exports.findings.shown()
    deepStrictEqual(
      disowned?.children.map(({ label }) => label),
      ['chairs.policy · line 5', 'passwords.md · line 3', 'refunds.md · line 7'],
    )
    await picture('findings-by-rule', row, window1)
    await commands.executeCommand('silolint.groupByOwner')
    await waitForGroups(['@acme/quality | 3', 'Head of Finance | 1', 'Ward sister | 1'])
    await picture('findings-by-owner', row, window1)
    await commands.executeCommand('silolint.groupByDocument')
    await waitForGroups([
      ...['chairs.policy | 1 · clinic', 'handover (draft).sop | 1 · handbook/it'],
      ...['passwords.md | 2 · handbook/it', 'refunds.md | 1 · handbook'],
    ])
  })

  it('filters them by words, and shows all again', async () => {
    await commands.executeCommand('silolint.filterByText')
    await picture('findings-filter', '.quick-input-widget', window1)
    await commands.executeCommand('workbench.action.closeQuickOpen')
    await commands.executeCommand('silolint.filterByText', 'WALL')
    await waitForGroups(['handover (draft).sop | 1 · handbook/it', 'passwords.md | 1 · handbook/it'])
    await picture('findings-filtered', `${bar} .message:has-text("Filtered: 2 of 5 findings.")`, window1)
    await commands.executeCommand('silolint.filterByKind', ['disowning'])
    await waitForGroups([])
    await picture('findings-none', `${bar} .welcome-view-content`, window1)
    await commands.executeCommand('silolint.clearFilter')
    strictEqual((await extension().exports.findings.shown()).length, 4)
    // and by severity or rule, where all are ticked until somebody unticks one
    commands.executeCommand('silolint.filterByKind')
    await picture('findings-kinds', '.quick-input-widget .monaco-list-row', window1)
    await commands.executeCommand('workbench.action.closeQuickOpen')
    strictEqual((await extension().exports.findings.shown()).length, 4)
  })

  it('opens a finding at its place, which counts once, and loses it when the sentence is better', async () => {
    const file = Uri.file(fileIn('handbook', 'it/handover (draft).sop'))
    const before = problems()
    const document = await workspace.openTextDocument(file)
    await window.showTextDocument(document)
    await waitForRules(document, ['over-the-wall'])
    await delay(500)
    deepStrictEqual(problems(), before)
    const edit = new WorkspaceEdit()
    edit.insert(file, new Position(0, 0), 'A WORD FIRST\n\n')
    ok(await workspace.applyEdit(edit))
    const moved = before.map((one) => one.replace('(draft).sop:3:', '(draft).sop:5:'))
    notStrictEqual(moved.join(), before.join())
    await waitForProblems(moved)
    // what was not saved is not in the file, and the file counts again when its document is closed
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
    await waitForProblems(before)
    ok(await workspace.applyEdit(replacing(file, 2, 'Engineering and Support go through the build together.')))
    ok(await (await workspace.openTextDocument(file)).save())
    await commands.executeCommand('workbench.action.closeAllEditors')
    await waitForProblems(onCommandLine())
    ok(!problems().some((one) => one.includes('(draft)')))
  })

  it('sees files that others write, rename and delete, and another configuration', async () => {
    await writeFile(fileIn('clinic', 'quiet.md'), disowning)
    await writeFile(fileIn('clinic', 'new.sop'), disowning)
    await rename(fileIn('handbook', 'refunds.md'), fileIn('handbook', 'money.md'))
    await rm(fileIn('handbook', 'it'), { recursive: true })
    const expected = onCommandLine()
    strictEqual(expected.length, 4)
    await waitForProblems(expected)
    await writeFile(fileIn('clinic', 'silolint.config.json'), '{ "rules": { "disowning": "off" } }\n')
    await waitForProblems(onCommandLine())
    await waitForGroups(['chairs.policy | 1 · clinic', 'money.md | 1 · handbook'])
  })

  it('stops when asked to, says what was left out, and never kept a writer waiting', async () => {
    const many = fileIn('clinic', 'many')
    await mkdir(many)
    const text = `${wall}\n`.repeat(20)
    await Promise.all(
      Array.from({ length: 3000 }, (_, index) =>
        writeFile(join(many, `chair-${index}.md`), `# ${index}\n\n${disowning}${text}`),
      ),
    )
    await writeFile(fileIn('clinic', 'silolint.config.json'), '{}\n')
    const linted = commands.executeCommand('silolint.lintWorkspace')
    for (const end = Date.now() + patience; Date.now() < end && problems().length < 200; ) await delay(50)
    await picture('findings-linting', '.statusbar-item:has-text("Silolint is linting all process documents")', window1)
    const document = await workspace.openTextDocument({ language: 'markdown', content: disowning })
    await window.showTextDocument(document)
    await waitForRules(document, ['disowning'])
    await commands.executeCommand('silolint.stopLinting')
    await linted
    const shown = await picture('findings-stopped', `${bar} .message:has-text("documents were not looked at")`, window1)
    deepStrictEqual(shown?.toasts ?? [], [])
    await rm(many, { recursive: true })
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
    await waitForProblems(onCommandLine())
  })

  it('has the findings again after the server was started anew', async () => {
    const before = problems()
    await commands.executeCommand('silolint.restart')
    await waitForProblems(before)
  })
})

/** An edit of one whole line. */
function replacing(file: Uri, line: number, text: string): WorkspaceEdit {
  const edit = new WorkspaceEdit()
  const open = workspace.textDocuments.find(({ uri }) => uri.toString() === file.toString())
  ok(open)
  edit.replace(file, open.lineAt(line).range, text)
  return edit
}
