// What the suites do in the editor and wait for.
import { ok, strictEqual } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type CodeAction,
  type CodeLens,
  commands,
  type Diagnostic,
  extensions,
  type Hover,
  languages,
  MarkdownString,
  Selection,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode'
import type { Silolint } from '../../client/extension.ts'

/** How long the editor may take for what it does by itself, in ms. */
export const patience = 15_000

interface CliFinding {
  rule: string
  severity: string
  message: string
  start: { offset: number }
  end: { offset: number }
}

/** A finding as the command line reports it. */
export function reported(document: TextDocument, { range, severity, message, ...finding }: Diagnostic) {
  return {
    rule: ruleOf(finding),
    severity: { 0: 'error', 1: 'warning', 2: 'info', 3: 'hint' }[severity],
    message,
    start: document.offsetAt(range.start),
    end: document.offsetAt(range.end),
  }
}

/** What the command line finds in a document, where it lies. */
export function onCommandLine({ uri }: TextDocument) {
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

export function extension() {
  const found = extensions.getExtension<Silolint>('silolint.silolint')
  ok(found, 'the extension is not installed')
  return found
}

export function inWorkspace(file: string): Uri {
  const [folder] = workspace.workspaceFolders ?? []
  ok(folder, 'no folder is open')
  return Uri.joinPath(folder.uri, file)
}

export async function open(file: string): Promise<TextDocument> {
  return (await window.showTextDocument(inWorkspace(file))).document
}

/** Shows a new document with the cursor at its end. */
export async function write(language: string, content: string): Promise<TextDocument> {
  const document = await workspace.openTextDocument({ language, content })
  const editor = await window.showTextDocument(document)
  const end = document.positionAt(content.length)
  editor.selection = new Selection(end, end)
  return document
}

export async function type(text: string): Promise<void> {
  await commands.executeCommand('type', { text })
}

export function ruleOf({ code }: Pick<Diagnostic, 'code'>): string {
  return String(typeof code === 'object' ? code.value : code)
}

/** The rules of which a finding each stands in the document loan-laptops.md of the workspace, sorted. */
export const allRules = ['customer-absent-objective', 'disowning', 'good-versus-bad', 'over-the-wall', 'unowned-step']

/** The others of them. */
export const without = (...rules: string[]): string[] => allRules.filter((rule) => !rules.includes(rule))

/** The findings of a document, in its order, once they are of just these rules (sorted by id). */
export function waitForRules(document: TextDocument, rules: readonly string[]): Promise<Diagnostic[]> {
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
export async function waitForDiagnostics(document: TextDocument, expected?: RegExp): Promise<Diagnostic[]> {
  let said: Diagnostic[] = []
  for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
    said = languages.getDiagnostics(document.uri).filter(({ source }) => source === 'silolint')
    if (expected ? said.length && said.every(({ message }) => expected.test(message)) : !said.length) return said
  }
  throw new Error(`${document.fileName}: ${said.map(({ message }) => message).join('\n')}`)
}

export const textOf = ({ contents }: Hover): string =>
  contents.map((content) => (content instanceof MarkdownString ? content.value : '')).join('\n')

/** Asks until there is an answer. */
export async function waitFor<T>(ask: () => Promise<T[]>): Promise<T[]> {
  for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
    const found = await ask()
    if (found.length) return found
  }
  throw new Error('no answer')
}

/** Asks for code lenses until the one with this title is among them. */
export async function waitForLens(document: TextDocument, title: string): Promise<CodeLens> {
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
export async function waitForQuickFix(document: TextDocument, finding: Diagnostic, title: RegExp): Promise<CodeAction> {
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

/** What the window shows, as far as it is asked about here. */
export interface Shown {
  /** Messages in the corner, which nobody asked for. */
  toasts: string[]
}

/**
 * Has a picture of the window taken once the element shows, after a click on `click` or with the mouse over `hover`, and cut
 * to `clip` if these are given, and tells what else shows.
 * Undefined in desktop VS Code, whose window this suite cannot see.
 */
export async function picture(
  name: string,
  element: string,
  view: { width?: number; height?: number; clip?: string; click?: string; hover?: string } = {},
): Promise<Shown | undefined> {
  const folder = process.env.SILOLINT_EDITOR_PICTURES
  if (!folder) return undefined
  await writeFile(join(folder, `${name}.json`), JSON.stringify({ name, element, ...view }))
  for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
    const answer = await readFile(join(folder, `${name}.answer.json`), 'utf8').catch(() => '')
    if (!answer) continue
    const { error, ...shown } = JSON.parse(answer)
    if (error) throw new Error(error)
    return shown
  }
  throw new Error(`no picture of ${element}`)
}
