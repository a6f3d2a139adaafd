import {
  type DecorationOptions,
  DecorationRangeBehavior,
  type Disposable,
  type DocumentSelector,
  Hover,
  l10n,
  languages,
  MarkdownString,
  OverviewRulerLane,
  Range,
  type TextDocument,
  type TextEditor,
  type TextEditorDecorationType,
  ThemeColor,
  window,
} from 'vscode'
import type { Overview, Overviews } from './overviews.ts'

/** A number for each mention: its offset, its length, its name. */
const [offset, length, name, step] = [0, 1, 2, 3]

/**
 * Tints who is served and which departments act, in all editors on screen, until it is disposed of. Between two answers of
 * the server the editor moves the tints along with the words.
 */
export class Tint implements Disposable {
  private readonly served = tintOf('served', 'solid')
  private readonly functions = tintOf('function', 'dashed')
  private readonly overviews: Overviews
  private readonly subscriptions: Disposable[]
  /** What was shown last, by the editor: it is shown again only where it is another. */
  private readonly shown = new WeakMap<TextEditor, Overview>()

  constructor(overviews: Overviews, selector: DocumentSelector) {
    this.overviews = overviews
    this.subscriptions = [
      this.served,
      this.functions,
      overviews.onDidChange((document) => {
        for (const editor of window.visibleTextEditors) if (editor.document === document) this.show(editor)
      }),
      window.onDidChangeVisibleTextEditors(() => this.showAll()),
      languages.registerHoverProvider(selector, {
        provideHover: (document, position) => this.hover(document, document.offsetAt(position)),
      }),
    ]
    overviews.showPlaces(true)
    this.showAll()
  }

  dispose(): void {
    this.overviews.showPlaces(false)
    for (const one of this.subscriptions) one.dispose()
  }

  private showAll(): void {
    for (const editor of window.visibleTextEditors) this.show(editor)
  }

  private show(editor: TextEditor): void {
    const { document } = editor
    const overview = this.overviews.of(document)
    if (!overview && this.overviews.last(document)) return // the text has changed: the next answer is on its way
    if (overview && this.shown.get(editor) === overview) return
    if (overview) this.shown.set(editor, overview)
    else this.shown.delete(editor)
    const served: Range[] = []
    const functions: Range[] = []
    const places = overview?.places ?? []
    for (let at = 0; at < places.length; at += step) {
      const start = places[at + offset] as number
      const range = new Range(document.positionAt(start), document.positionAt(start + (places[at + length] as number)))
      ;((places[at + name] as number) >= 0 ? served : functions).push(range)
    }
    editor.setDecorations(this.served, served satisfies readonly Range[] | readonly DecorationOptions[])
    editor.setDecorations(this.functions, functions)
  }

  /** Says what the colour of a word means. */
  private hover(document: TextDocument, at: number): Hover | undefined {
    const overview = this.overviews.of(document)
    const places = overview?.places
    if (!overview || !places) return undefined
    // the last mention that begins no later
    let [low, high] = [0, places.length / step]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((places[middle * step + offset] as number) <= at) low = middle + 1
      else high = middle
    }
    const found = (low - 1) * step
    const start = places[found + offset]
    const end = (start ?? 0) + (places[found + length] ?? 0)
    if (start === undefined || at >= end) return undefined
    const number = places[found + name] as number
    const isServed = number >= 0
    const [who] = (isServed ? overview.served[number] : overview.functions[-1 - number]) ?? ['']
    const text = new MarkdownString('', true)
    text.supportHtml = true
    text.appendMarkdown(`${swatch(isServed ? 'served' : 'function')} `)
    text.appendMarkdown(plain(isServed ? l10n.t('Served: {0}', who) : l10n.t('Department: {0}', who)))
    return new Hover(text, new Range(document.positionAt(start), document.positionAt(end)))
  }
}

/** A dot in the colour of a tint, for texts that allow HTML and icons. */
export const swatch = (party: 'served' | 'function'): string =>
  `<span style="color:var(--vscode-silolint-${party}Border);">$(circle-filled)</span>`

/** Text whose characters must not turn into markup; unlike `appendText` it leaves blanks where a line may break. */
export const plain = (text: string): string => text.replace(/[\\`*_{}[\]()#+.!<>|~&$-]/g, '\\$&')

/** One colour, and one kind of line for whoever cannot tell colours apart. */
const tintOf = (party: 'served' | 'function', line: 'solid' | 'dashed'): TextEditorDecorationType =>
  window.createTextEditorDecorationType({
    backgroundColor: new ThemeColor(`silolint.${party}Background`),
    borderColor: new ThemeColor(`silolint.${party}Border`),
    borderStyle: line,
    borderWidth: '0 0 2px 0',
    borderRadius: '2px',
    overviewRulerColor: new ThemeColor(`silolint.${party}Border`),
    overviewRulerLane: party === 'served' ? OverviewRulerLane.Left : OverviewRulerLane.Center,
    rangeBehavior: DecorationRangeBehavior.ClosedClosed,
  })
