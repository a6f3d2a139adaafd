import {
  CancellationTokenSource,
  type Disposable,
  type DocumentSelector,
  EventEmitter,
  languages,
  type TextDocument,
  window,
  workspace,
} from 'vscode'
import type { BaseLanguageClient } from 'vscode-languageclient'

/** What the server counts in a document: see server/overview.ts. */
export interface Overview {
  version: number
  /** From 0 to 100; none where there are no words. */
  index: number | null
  words: number
  handoffs: number
  owned: number
  served: Array<[name: string, count: number]>
  functions: Array<[name: string, count: number]>
  /** Of each mention its offset, its length, and its name's place: in `served`, or below 0 in `functions`. */
  places?: number[]
}

/** How long a document must rest before it is counted anew, in ms: findings come first. */
const rest = 250

/**
 * What is counted in the documents on screen. Nobody waits for it: it is asked for where a document rests, and an answer that
 * comes when the text is another by then is thrown away.
 */
export class Overviews implements Disposable {
  private readonly known = new Map<TextDocument, Overview>()
  private readonly resting = new Map<TextDocument, ReturnType<typeof setTimeout>>()
  private readonly asked = new Map<TextDocument, CancellationTokenSource>()
  private readonly changed = new EventEmitter<TextDocument>()
  /** Fires when there is something new to be known of a document. */
  readonly onDidChange = this.changed.event
  private readonly client: BaseLanguageClient
  private readonly selector: DocumentSelector
  private readonly subscriptions: Disposable[]
  private places = false

  constructor(client: BaseLanguageClient, selector: DocumentSelector) {
    this.client = client
    this.selector = selector
    this.subscriptions = [
      this.changed,
      client.onNotification('silolint/overviewsChanged', () => this.refresh()),
      client.onDidChangeState(() => (client.isRunning() ? this.refresh() : this.forget())),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (this.isShown(document)) this.askSoon(document, rest)
      }),
      workspace.onDidCloseTextDocument((document) => this.drop(document)),
      window.onDidChangeActiveTextEditor(() => this.look()),
      window.onDidChangeVisibleTextEditors(() => this.look()),
    ]
    if (client.isRunning()) this.look()
  }

  /** What is known of a document as it stands. */
  of(document: TextDocument): Overview | undefined {
    const overview = this.known.get(document)
    return overview?.version === document.version ? overview : undefined
  }

  /** What was known of a document when it rested last. */
  last(document: TextDocument): Overview | undefined {
    return this.known.get(document)
  }

  /** Whether it is to be known where each mention stands, of every document on screen. */
  showPlaces(places: boolean): void {
    this.places = places
    if (this.client.isRunning()) this.look()
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose()
    for (const document of [...this.known.keys(), ...this.resting.keys(), ...this.asked.keys()]) this.drop(document)
  }

  private isShown(document: TextDocument): boolean {
    const editors = this.places ? window.visibleTextEditors : [window.activeTextEditor]
    return editors.some((editor) => editor?.document === document) && languages.match(this.selector, document) > 0
  }

  /** Asks for what has come into sight. */
  private look(): void {
    for (const document of new Set([window.activeTextEditor, ...window.visibleTextEditors].map((one) => one?.document)))
      if (document && this.isShown(document)) {
        const overview = this.of(document)
        if (!overview || (this.places && !overview.places)) this.askSoon(document, 0)
        else this.changed.fire(document)
      }
  }

  /** Asks anew for all that is in sight; what is out of sight is asked for when it comes back. */
  private refresh(): void {
    for (const document of [...this.known.keys()]) if (!this.isShown(document)) this.known.delete(document)
    for (const document of new Set([window.activeTextEditor, ...window.visibleTextEditors].map((one) => one?.document)))
      if (document && this.isShown(document)) this.askSoon(document, rest)
  }

  private forget(): void {
    for (const document of [...this.known.keys()]) {
      this.drop(document)
      this.changed.fire(document)
    }
  }

  private drop(document: TextDocument): void {
    clearTimeout(this.resting.get(document))
    this.resting.delete(document)
    this.asked.get(document)?.cancel()
    this.asked.delete(document)
    this.known.delete(document)
  }

  private askSoon(document: TextDocument, delay: number): void {
    clearTimeout(this.resting.get(document))
    this.asked.get(document)?.cancel()
    this.resting.set(
      document,
      setTimeout(() => void this.ask(document), delay),
    )
  }

  private async ask(document: TextDocument): Promise<void> {
    this.resting.delete(document)
    if (!this.client.isRunning() || document.isClosed) return
    const asked = new CancellationTokenSource()
    this.asked.set(document, asked)
    try {
      const textDocument = { uri: this.client.code2ProtocolConverter.asUri(document.uri) }
      const overview = await this.client.sendRequest<Overview | null>(
        'silolint/overview',
        { textDocument, places: this.places },
        asked.token,
      )
      // of another text: the change that made it so asks anew
      if (asked.token.isCancellationRequested || document.isClosed) return
      if (overview && overview.version !== document.version) return
      if (overview) this.known.set(document, overview)
      else this.known.delete(document)
      this.changed.fire(document)
    } catch (error) {
      // nobody waits for it, and what ended the server is told elsewhere
      if (!asked.token.isCancellationRequested && this.client.isRunning()) this.client.warn(`No overview: ${error}`)
    } finally {
      if (this.asked.get(document) === asked) this.asked.delete(document)
      asked.dispose()
    }
  }
}
