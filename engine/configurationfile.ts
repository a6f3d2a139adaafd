import { findNodeAtLocation, getNodeValue, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { LineCounter, parseDocument } from 'yaml'
import type { Fault } from './fault.ts'
import { Lines } from './lint.ts'
import type { Locate } from './settings.ts'

/** A configuration as it was read: its value, where its parts stand, and what is wrong with its syntax. */
export interface Loaded {
  value: unknown
  locate: Locate
  fault?: Omit<Fault, 'path'>
  /** It is of an earlier text of the file, the last one that could be read. */
  isEarlier?: true
}

const placeOf = (lines: Lines, offset: number): { line: number; column: number } => {
  const { line, column } = lines.point(offset)
  return { line, column }
}

/** For a configuration that is no text. */
export const nowhere: Locate = () => ({})

/** Reads JSON with comments; of a package.json its key `silolint`, undefined where it has none. */
export function readJson(text: string, inPackage = false): Loaded | undefined {
  const errors: ParseError[] = []
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true, disallowComments: false })
  const lines = new Lines(text)
  const [error] = errors
  const broken = error && breakOf(text, error)
  if (error && inPackage) return undefined // npm says more of it than we could
  const prefix = inPackage ? ['silolint'] : []
  const locate: Locate = (keys, part) => {
    const node = tree && findNodeAtLocation(tree, [...prefix, ...keys])
    const shown = part === 'key' ? node?.parent?.children?.[0] : node
    // the quotation mark is not part of the value that is told
    return shown ? placeOf(lines, shown.offset + (text[shown.offset] === '"' ? 1 : 0)) : {}
  }
  const value: unknown = tree ? getNodeValue(tree) : {}
  const loaded: Loaded = {
    value: inPackage ? (value as { silolint?: unknown } | null)?.silolint : value,
    locate,
    fault: error &&
      broken && {
        ...placeOf(lines, broken.offset),
        value: broken.value,
        problem: `the file is not valid JSON: ${printParseErrorCode(error.error)
          .replace(/([a-z])([A-Z])/g, '$1 $2')
          .toLowerCase()}`,
        cure: 'Mend it here; until then its settings before this place hold.',
      },
  }
  return inPackage && loaded.value === undefined ? undefined : loaded
}

/** Where JSON breaks and what was read there: the word, else the line; of a file that breaks off, its end. */
function breakOf(text: string, { offset, length }: ParseError): { offset: number; value: string } {
  const at = text.slice(offset).trim() ? offset : text.trimEnd().length
  const word = text.slice(at, at + length).trim()
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1).split(/[\r\n]/)[0] ?? ''
  return { offset: at, value: (word || line.trim()).slice(0, 60) }
}

/** Reads YAML. */
export function readYaml(text: string): Loaded {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const place = (offset: number) => {
    const { line, col } = counter.linePos(offset)
    return { line, column: col }
  }
  const [error] = document.errors
  const locate: Locate = (keys, part) => {
    const parent = part === 'key' ? (document.getIn(keys.slice(0, -1), true) ?? document.contents) : undefined
    const items = (
      parent as { items?: Array<{ key?: { value?: unknown; range?: [number, number, number] } }> } | undefined
    )?.items
    const key = items?.find((item) => String(item.key?.value) === String(keys.at(-1)))?.key
    const node = key ?? (document.getIn(keys, true) as { range?: [number, number, number] } | undefined)
    return node?.range ? place(node.range[0]) : {}
  }
  let value: unknown
  try {
    value = error ? {} : document.toJS({ maxAliasCount: 100 })
  } catch {
    return {
      value: {},
      locate,
      fault: {
        line: 1,
        column: 1,
        problem: 'the file refers to itself too often',
        cure: 'Write the values out instead of & and *.',
      },
    }
  }
  return {
    value,
    locate,
    fault: error && {
      ...place(error.pos[0]),
      value: text.slice(error.pos[0], error.pos[1]).split('\n')[0]?.slice(0, 60),
      problem: `the file is not valid YAML: ${error.message.split('\n')[0]?.replace(/\.$/, '')}`,
      cure: 'Mend it here; until then none of its settings hold.',
    },
  }
}
