import type { Position, Range, TextDocumentContentChangeEvent } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { Lines } from '../engine/lint.ts'
import { Rope } from '../engine/rope.ts'

/**
 * A document that is open in the editor. The protocol's own keeps its text as one string, of which each letter that is typed
 * makes another copy: in a megabyte more work than all that is done with it.
 */
export class TypedDocument implements TextDocument {
  readonly uri: string
  readonly languageId: string
  version: number
  /** The text at this version. */
  text: Rope
  private lines: Lines

  constructor(uri: string, languageId: string, version: number, content: string) {
    this.uri = uri
    this.languageId = languageId
    this.version = version
    this.text = Rope.of(content)
    this.lines = new Lines(content)
  }

  get lineCount(): number {
    return this.lines.count
  }

  getText(range?: Range): string {
    if (!range) return `${this.text}`
    const [one, other] = [this.offsetAt(range.start), this.offsetAt(range.end)]
    return this.text.slice(Math.min(one, other), Math.max(one, other))
  }

  positionAt(offset: number): Position {
    const at = Math.max(0, Math.min(offset, this.text.length))
    const { line, column } = this.lines.point(at)
    // no position lies between the two characters that end a line
    const start = at - (column - 1)
    return { line: line - 1, character: this.beforeLineEnd(at, start) - start }
  }

  offsetAt({ line, character }: Position): number {
    if (line >= this.lines.count) return this.text.length
    if (line < 0) return 0
    const start = this.lines.start(line + 1)
    return this.beforeLineEnd(Math.min(start + Math.max(0, character), this.lineEnd(line)), start)
  }

  getLineRange(line: number): Range {
    const at = Math.max(0, Math.min(line, this.lineCount - 1))
    const start = this.lines.start(at + 1)
    const character = line < 0 ? 0 : this.beforeLineEnd(this.lineEnd(at), start) - start
    return { start: { line: at, character: 0 }, end: { line: at, character } }
  }

  getEOLCharacters(line: number): string {
    if (line < 0 || line >= this.lineCount) return ''
    const end = this.lineEnd(line)
    return this.text.slice(this.beforeLineEnd(end, this.lines.start(line + 1)), end)
  }

  /** Where a line ends, with the characters that end it. */
  private lineEnd(line: number): number {
    return Math.min(this.lines.start(line + 2), this.text.length)
  }

  /** Takes over a change; gives its range in the text before, and how long the text is that came in its place. */
  change(change: TextDocumentContentChangeEvent): { from: number; to: number; length: number } {
    const { text } = change
    const { length } = text
    if (!('range' in change)) {
      const to = this.text.length
      this.text = Rope.of(text)
      this.lines = new Lines(text)
      return { from: 0, to, length }
    }
    const [one, other] = [this.offsetAt(change.range.start), this.offsetAt(change.range.end)]
    const [from, to] = [Math.min(one, other), Math.max(one, other)]
    this.text = this.text.replace(from, to, text)
    this.lines.edit(this.text, { from, to, length })
    return { from, to, length }
  }

  private beforeLineEnd(offset: number, start: number): number {
    let at = offset
    while (at > start && (this.text.charCodeAt(at - 1) === 10 || this.text.charCodeAt(at - 1) === 13)) at--
    return at
  }
}
