import {
  commands,
  type Disposable,
  EventEmitter,
  l10n,
  type QuickPickItem,
  QuickPickItemKind,
  type TextDocument,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode'
import type { BaseLanguageClient } from 'vscode-languageclient'

type Converter = BaseLanguageClient['protocol2CodeConverter']
type ProtocolEdit = NonNullable<Parameters<Converter['asWorkspaceEdit']>[0]>
type ProtocolPosition = NonNullable<Parameters<Converter['asPosition']>[0]>

/** How much a rule can weigh. */
type Level = 'off' | 'info' | 'warning' | 'error'

/** What is to be done about a finding, as the server takes it. */
type Measure = { do: 'here' | 'accept' } | { do: 'weigh'; level: Level; scope: 'folder' | 'project' }

/** The edits that do it and the files among them to be saved, or why there are none. */
interface Answer {
  edit?: ProtocolEdit
  save?: string[]
  refusal?: string
}

interface RulePage {
  title: string
  page: string
  severity: Level
}

/** The scheme of documents that show the page of a rule. */
const pageScheme = 'silolint-rule'

/** The commands that a hover may link to. No other is run from one. */
export const linkedCommands = ['silolint.explain', 'silolint.notHere', 'silolint.neverInProject']

/** Registers what hovers and quick fixes do beside changing words: all of it where somebody asked for it, and nothing by itself. */
export function registerFixing(client: () => BaseLanguageClient | undefined): Disposable[] {
  const pageOf = (uri: string, rule: string): Promise<RulePage | null> =>
    client()?.sendRequest<RulePage | null>('silolint/page', { uri, rule }) ?? Promise.resolve(null)

  /** Has the server work out what to write, writes it and saves what is not for the writer to save. */
  const act = async (uri: string, rule: string, position: ProtocolPosition, measure: Measure): Promise<boolean> => {
    const running = client()
    const answer = await running?.sendRequest<Answer>('silolint/measure', { uri, rule, position, measure })
    if (!running || !answer) return false
    const { edit, save = [], refusal } = answer
    if (refusal !== undefined) window.showInformationMessage(refusal)
    if (!edit) return false
    const unsaved = unsavedIn(edit)
    if (unsaved) {
      window.showInformationMessage(l10n.t('Silolint: {0} has changes of yours. Save it.', nameOf(unsaved.uri.path)))
      return false
    }
    // a comment is filled in where it stands, so its document must be in front
    const own = running.protocol2CodeConverter.asUri(uri)
    if (measure.do === 'here') await window.showTextDocument(own, { preserveFocus: false })
    const converted = await running.protocol2CodeConverter.asWorkspaceEdit(edit)
    if (isStale(edit)) return false
    if (!(await workspace.applyEdit(converted))) return failed(converted.entries()[0]?.[0] ?? own)
    for (const file of save.map((one) => Uri.parse(one)))
      if (!(await (await workspace.openTextDocument(file)).save())) return failed(file)
    const left = converted
      .entries()
      .filter(([{ path }]) => measure.do !== 'here' && !save.some((one) => Uri.parse(one).path === path))
    for (const [{ path }] of left) say(l10n.t('Silolint: {0} has changes of yours. Save it.', nameOf(path)))
    return left.length === 0
  }

  const weigh = async (uri: string, rule: string, level: Level, scope: 'folder' | 'project'): Promise<void> => {
    const done = await act(uri, rule, { line: 0, character: 0 }, { do: 'weigh', level, scope })
    if (done) say(l10n.t('Silolint: {0} is set to “{1}”', rule, levelNames()[level]))
  }

  const choose = async (uri: string, rule: string): Promise<void> => {
    const page = await pageOf(uri, rule)
    const folder = Uri.joinPath(Uri.parse(uri), '..')
    const names = levelNames()
    const details: Record<Level, string> = {
      off: l10n.t('It is not looked for.'),
      info: l10n.t('It is underlined in blue.'),
      warning: l10n.t('It is underlined in yellow.'),
      error: l10n.t('It is underlined in red, and a check of the project fails.'),
    }
    const levels = (['off', 'info', 'warning', 'error'] as const).map(
      (level): Choice => ({
        label: names[level],
        detail: details[level],
        ...(level === page?.severity && { description: l10n.t('as it is now') }),
        level,
        scope: 'folder',
      }),
    )
    const project: Choice[] = [
      { label: '', kind: QuickPickItemKind.Separator },
      { label: l10n.t('Off in the whole project'), detail: details.off, level: 'off', scope: 'project' },
    ]
    const picked = await window.showQuickPick([...levels, ...project], {
      title: l10n.t('{0} in the folder {1}', page?.title ?? rule, folderName(folder)),
      placeHolder: l10n.t('How much is it to weigh? It is written into the configuration.'),
    })
    if (picked?.level && picked.scope) await weigh(uri, rule, picked.level, picked.scope)
  }

  const changed = new EventEmitter<Uri>()
  const provider = {
    onDidChange: changed.event,
    provideTextDocumentContent: async ({ path, query }: Uri): Promise<string> => {
      const rule = path.slice(1).replace(/\.md$/, '')
      return (await pageOf(query, rule))?.page ?? l10n.t('There is no page of {0} any more.', rule)
    },
  }
  /** Shows the page of a rule beside the document, as it reads and not as it is written. */
  const explain = async (uri: string, rule: string): Promise<void> => {
    const page = Uri.from({ scheme: pageScheme, path: `/${rule}.md`, query: uri })
    changed.fire(page)
    try {
      await commands.executeCommand('markdown.showPreviewToSide', page)
    } catch {
      // somebody has switched VS Code's own Markdown off
      await window.showTextDocument(page, { viewColumn: ViewColumn.Beside })
    }
  }

  return [
    changed,
    workspace.registerTextDocumentContentProvider(pageScheme, provider),
    commands.registerCommand('silolint.explain', explain),
    commands.registerCommand('silolint.notHere', (uri: string, rule: string, position: ProtocolPosition) =>
      act(uri, rule, position, { do: 'here' }),
    ),
    commands.registerCommand('silolint.neverInProject', (uri: string, rule: string) =>
      weigh(uri, rule, 'off', 'project'),
    ),
    commands.registerCommand('silolint.accept', async (uri: string, rule: string, position: ProtocolPosition) => {
      if (await act(uri, rule, position, { do: 'accept' })) say(l10n.t('Silolint: accepted in the baseline'))
    }),
    commands.registerCommand('silolint.weigh', choose),
  ]
}

interface Choice extends QuickPickItem {
  level?: Level
  scope?: 'folder' | 'project'
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Tells whoever has asked for it that a file could not be written. */
function failed({ path }: Uri): false {
  window.showWarningMessage(l10n.t('Silolint could not write {0}. Check whether it may be changed.', nameOf(path)))
  return false
}

/** A folder as the editor shows it. */
function folderName(folder: Uri): string {
  const root = workspace.getWorkspaceFolder(folder)
  return root?.uri.path === folder.path ? root.name : workspace.asRelativePath(folder)
}

const levelNames = (): Record<Level, string> => ({
  off: l10n.t('Off'),
  info: l10n.t('Information'),
  warning: l10n.t('Warning'),
  error: l10n.t('Error'),
})

/** Says in the status bar, for a while, what was done. */
const say = (text: string): void => void window.setStatusBarMessage(text, 8000)

/** A document with changes that the server was not told of: to it the places of an edit are those of the file. */
const unsavedIn = ({ documentChanges = [] }: ProtocolEdit): TextDocument | undefined => {
  const files = documentChanges.flatMap((change) =>
    'textDocument' in change && change.textDocument.version === null ? `${Uri.parse(change.textDocument.uri)}` : [],
  )
  return workspace.textDocuments.find(({ uri, isDirty }) => isDirty && files.includes(`${uri}`))
}

/** Whether an edit is for an earlier version of a document that is open. */
function isStale({ documentChanges = [] }: ProtocolEdit): boolean {
  const versions = new Map(workspace.textDocuments.map(({ uri, version }: TextDocument) => [uri.toString(), version]))
  return documentChanges.some((change) => {
    if (!('textDocument' in change)) return false
    const version = versions.get(Uri.parse(change.textDocument.uri).toString())
    return (
      version !== undefined &&
      typeof change.textDocument.version === 'number' &&
      change.textDocument.version !== version
    )
  })
}
