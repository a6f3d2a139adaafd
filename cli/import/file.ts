import { isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml'
import type { Fault } from '../../engine/fault.ts'

/** A piece of text in a file, with its place from 1. */
export interface Text {
  text: string
  line: number
  column: number
}

/** A YAML or JSON file of another linter, each value with its place. */
export class YamlFile {
  readonly path: string
  readonly faults: Fault[] = []
  private readonly lines = new LineCounter()
  private readonly root: ParsedNode | null
  private readonly firstLine: number

  /** @param firstLine where the text begins in its file */
  constructor(path: string, source: string, firstLine = 1) {
    this.path = path
    this.firstLine = firstLine
    // a few aliases can stand for millions of values, so they are never followed
    const yaml = parseDocument(source, { lineCounter: this.lines, prettyErrors: false, uniqueKeys: false })
    for (const { pos, message } of yaml.errors.slice(0, 1)) {
      const { line, col } = this.lines.linePos(pos[0])
      const problem = `the file is not valid YAML: ${message.split(/[.\n]/)[0]}`
      this.faults.push({ path, line, column: col, problem, cure: 'Mend it first.' })
    }
    this.root = yaml.errors.length ? null : yaml.contents
  }

  /** The keys of a map, the file's own if none is given, with the place of each and the node of its value. */
  entries(of: unknown = this.root): Array<{ key: Text; value: unknown }> {
    if (!isMap(of)) return []
    return of.items.flatMap(({ key, value }) => (isScalar(key) ? [{ key: this.textOf(key), value }] : []))
  }

  /** The value of a key, in whatever case it is written. */
  get(key: string, of: unknown = this.root): unknown {
    if (!isMap(of)) return undefined
    return of.get(key, true) ?? this.entries(of).find((one) => one.key.text.toLowerCase() === key.toLowerCase())?.value
  }

  /** The items of a list; a text by itself is a list of one. */
  items(of: unknown): unknown[] {
    return isSeq(of) ? of.items : isScalar(of) && of.value !== null ? [of] : []
  }

  /** The list that the file is as a whole. */
  get list(): unknown[] {
    return isSeq(this.root) ? this.root.items : []
  }

  /** A value as text, `undefined` where it is none. */
  text(node: unknown): Text | undefined {
    return isScalar(node) && node.value !== null ? this.textOf(node) : undefined
  }

  /** Where a value stands. */
  place(node: unknown): { line: number; column: number } {
    const { line, col } = this.lines.linePos((node as Node | undefined)?.range?.[0] ?? 0)
    return { line: Math.max(1, line) + this.firstLine - 1, column: Math.max(1, col) }
  }

  private textOf(node: Node & { value?: unknown; source?: string }): Text {
    // a number or a date is what was written
    const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
    return { text, ...this.place(node) }
  }
}

/** The id that a name gives a rule: `GenderBias` is `gender-bias`. */
export const idFrom = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** The name of an id as a title: `gender-bias` is “Gender bias”. */
export const titleFrom = (id: string): string => {
  const words = id.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
