import {
  type Disposable,
  l10n,
  languages,
  MarkdownString,
  StatusBarAlignment,
  type StatusBarItem,
  type TextDocument,
  window,
} from 'vscode'
import type { Overview, Overviews } from './overviews.ts'
import { plain, swatch } from './tint.ts'

/** More names than this are counted and no longer told. */
const mostNames = 6

/** Shows the silo index of the document at hand and its findings in the status bar, until it is disposed of. */
export class Score implements Disposable {
  private readonly item: StatusBarItem
  private readonly overviews: Overviews
  private readonly subscriptions: Disposable[]
  private isTinted = false

  constructor(overviews: Overviews) {
    this.overviews = overviews
    // beside what the editor says of the file: its language, its indentation
    this.item = window.createStatusBarItem('silolint.score', StatusBarAlignment.Right, 98)
    this.item.name = l10n.t('Silo Index')
    this.item.command = 'workbench.actions.view.problems'
    this.subscriptions = [
      this.item,
      overviews.onDidChange((document) => {
        if (document === window.activeTextEditor?.document) this.show()
      }),
      languages.onDidChangeDiagnostics(({ uris }) => {
        const shown = `${window.activeTextEditor?.document.uri}`
        if (uris.some((uri) => `${uri}` === shown)) this.show()
      }),
      window.onDidChangeActiveTextEditor(() => this.show()),
    ]
    this.show()
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose()
  }

  /** Shows what is known by now. */
  show(isTinted = this.isTinted): void {
    this.isTinted = isTinted
    const document = window.activeTextEditor?.document
    const overview = document && this.overviews.last(document)
    if (!document || !overview || overview.index === null) {
      this.item.hide()
      return
    }
    const count = countFindings(document)
    const found = count === 0 ? '' : count === 1 ? l10n.t('1 finding') : l10n.t('{0} findings', count)
    this.item.text = [l10n.t('Silo index {0}', overview.index), found].filter(Boolean).join(' · ')
    this.item.tooltip = explain(overview, found || l10n.t('no findings'), this.isTinted)
    this.item.accessibilityInformation = { label: `${l10n.t('Silo index {0} of 100', overview.index)}, ${found}` }
    this.item.show()
  }
}

/** How many findings are shown in a document. */
export const countFindings = ({ uri }: TextDocument): number =>
  languages.getDiagnostics(uri).filter(({ source }) => source === 'silolint').length

function explain(
  { index, words, served, functions, handoffs, owned }: Overview,
  found: string,
  isTinted: boolean,
): MarkdownString {
  const text = new MarkdownString('', true)
  text.supportHtml = true
  text.isTrusted = { enabledCommands: ['silolint.tint', 'silolint.untint'] }
  const line = (value: string, before = ''): void => {
    text.appendMarkdown(before)
    text.appendMarkdown(plain(value))
    text.appendMarkdown('\n\n')
  }
  text.appendMarkdown('**')
  text.appendMarkdown(plain(l10n.t('Silo index {0} of 100', index ?? 0)))
  text.appendMarkdown('**\n\n')
  line(l10n.t('The higher, the more it speaks for those it serves.'))
  line(`${found}, ${l10n.t('{0} words', words)}`)
  line(
    served.length ? l10n.t('Served: {0}', told(served)) : l10n.t('Nobody who is served is named.'),
    `${swatch('served')} `,
  )
  line(
    functions.length ? l10n.t('Departments: {0}', told(functions)) : l10n.t('No department is named.'),
    `${swatch('function')} `,
  )
  if (handoffs) line(l10n.t('Hand-offs: {0}, of which {1} with an owner', handoffs, owned))
  const [title, command] = isTinted
    ? [l10n.t('Hide them in the text'), 'silolint.untint']
    : [l10n.t('Show them in the text'), 'silolint.tint']
  text.appendMarkdown(`[${plain(title)}](command:${command})`)
  return text
}

/** Names with how often each is mentioned. */
function told(names: Array<[name: string, count: number]>): string {
  const shown = names.slice(0, mostNames).map(([name, count]) => (count > 1 ? `${name} ×${count}` : name))
  const more = names.length - shown.length
  return [...shown, ...(more > 0 ? [l10n.t('{0} more', more)] : [])].join(', ')
}
