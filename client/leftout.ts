import { type Disposable, EventEmitter, type TextDocument, Uri } from 'vscode'
import { CloseAction, ErrorAction, type ErrorHandler, type Middleware } from 'vscode-languageclient'

/** How often the server may end while it looks through one document before it gets on without it. */
const enough = 2
/** It is started again so many times within so many ms, then no more: something else must be wrong. */
const [mostRestarts, within] = [4, 3 * 60 * 1000]

/**
 * Sees the server through its ends. It is started again each time, up to a point; and a document that it has ended on more
 * than once is left out, since nobody should lose all the others to one that asks for more memory than there is.
 */
export class LeftOut implements Disposable {
  private readonly changed = new EventEmitter<void>()
  /** Fires when a document is left out, or is so no more. */
  readonly onDidChange = this.changed.event
  private readonly documents = new Set<string>()
  /** How often the server ended on a document. */
  private readonly ends = new Map<string, number>()
  /** The document that it looks through for the first time. */
  private reads: string | undefined
  private times: number[] = []
  private readonly isInstalled: () => Promise<boolean>

  /** @param isInstalled whether there is still a server to start: an update may have taken it away */
  constructor(isInstalled: () => Promise<boolean>) {
    this.isInstalled = isInstalled
  }

  get uris(): Uri[] {
    return [...this.documents].map((uri) => Uri.parse(uri))
  }

  /** What the server says before it looks through a document, and without one when it is done. */
  read(uri: string | undefined): void {
    this.reads = uri
  }

  /** Starts over: somebody wants to try again. */
  clear(): void {
    const had = this.documents.size > 0
    for (const kept of [this.documents, this.ends]) kept.clear()
    this.times = []
    this.reads = undefined
    if (had) this.changed.fire()
  }

  dispose(): void {
    this.changed.dispose()
  }

  /** What a client has to do for it. */
  readonly middleware: Middleware = {
    didOpen: (document, next) => (this.has(document) ? Promise.resolve() : next(document)),
  }

  readonly errorHandler: ErrorHandler = {
    error: () => ({ action: ErrorAction.Continue, handled: true }),
    closed: async () => {
      this.blame()
      const now = Date.now()
      this.times = [...this.times.filter((time) => now - time < within), now]
      const action =
        this.times.length > mostRestarts || !(await this.isInstalled()) ? CloseAction.DoNotRestart : CloseAction.Restart
      return { action, handled: true }
    },
  }

  private has({ uri }: TextDocument): boolean {
    return this.documents.has(`${uri}`)
  }

  /** Notes on which document the server ended. */
  private blame(): void {
    if (this.reads === undefined) return
    const uri = `${Uri.parse(this.reads)}`
    this.reads = undefined
    const count = (this.ends.get(uri) ?? 0) + 1
    this.ends.set(uri, count)
    if (count < enough || this.documents.has(uri)) return
    this.documents.add(uri)
    this.changed.fire()
  }
}
