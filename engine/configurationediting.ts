import {
  applyEdits as applyJsonEdits,
  findNodeAtLocation,
  getNodeValue,
  type Node as JsonNode,
  modify,
  type ParseError,
  parseTree,
} from 'jsonc-parser'
import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  stringify,
  Document as YamlDocument,
  type Node as YamlNode,
} from 'yaml'
import type { Keys } from './settings.ts'

/** The place behind the last item of a list, as the last key of a path. */
export const atEnd = -1

type Plain = Record<string | number, unknown>

/**
 * The text of a configuration file with one value set: its comments, its order and the way it is written stay. The last key
 * may be `atEnd` for a new item of a list; what is missing on the way there is put in.
 *
 * @param name of the file, which says how it is written; of a `package.json` its key `silolint` is meant
 * @returns undefined where the file is not well formed as it stands, is code, or says it in a way that cannot be changed
 */
export function withSetting(name: string, text: string, path: Keys, value: unknown): string | undefined {
  if (/\.[cm]?[jt]s$/.test(name)) return undefined
  try {
    if (name === 'package.json') return withJson(text, ['silolint', ...path], value)
    return /\.jsonc?$/.test(name) ? withJson(text, path, value) : withYaml(text, path, value)
  } catch {
    // something else stands on the way there: null, a text, a list, an alias
    return undefined
  }
}

/** A value with another put in at a path. */
function set(into: unknown, path: Keys, value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (typeof key === 'number') {
    const list: unknown[] = Array.isArray(into) ? [...into] : []
    const index = key === atEnd ? list.length : key
    list[index] = set(list[index], rest, value)
    return list
  }
  const map: Plain = typeof into === 'object' && into !== null ? { ...(into as Plain) } : {}
  map[key] = set(map[key], rest, value)
  return map
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
const eolOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')
const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1
/** Where the line ends, before its break. */
const lineEnd = (text: string, offset: number): number => {
  const at = text.indexOf('\n', offset)
  if (at < 0) return text.length
  return text[at - 1] === '\r' && at > offset ? at - 1 : at
}
const put = (text: string, at: number, news: string, to = at): string => text.slice(0, at) + news + text.slice(to)

function withJson(text: string, path: Keys, value: unknown): string | undefined {
  const source = text.trim() === '' ? '{}\n' : text
  const errors: ParseError[] = []
  const tree = parseTree(source.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true })
  if (errors.length || tree?.type !== 'object') return undefined
  const wanted = set(getNodeValue(tree), path, value)
  const made = placedInJson(source, tree, path, value)
  if (made !== undefined && isSame(valueOfJson(made), wanted)) return made
  // written in some other way: what is around it may be written anew
  const formattingOptions = { insertSpaces: !/^\t/m.test(source), tabSize: 2, eol: eolOf(source) }
  const edits = modify(source, [...path], value, { formattingOptions, isArrayInsertion: path.at(-1) === atEnd })
  const anew = applyJsonEdits(source, edits)
  // of a key that stands twice the second counts
  return isSame(valueOfJson(anew), wanted) ? anew : undefined
}

const valueOfJson = (text: string): unknown => {
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), [], { allowTrailingComma: true })
  return tree && getNodeValue(tree)
}

/** JSON on one line. */
function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${onOneLine(one)}`)
  return members.length ? `{ ${members.join(', ')} }` : '{}'
}

function placedInJson(text: string, tree: JsonNode, path: Keys, value: unknown): string | undefined {
  let depth = 0
  let parent = tree
  for (; depth < path.length; depth++) {
    const next = path[depth] === atEnd ? undefined : findNodeAtLocation(parent, [path[depth] as string | number])
    if (!next) break
    parent = next
  }
  if (depth === path.length) return put(text, parent.offset, onOneLine(value), parent.offset + parent.length)
  const key = path[depth] as string | number
  if (parent.type !== (typeof key === 'number' ? 'array' : 'object')) return undefined
  const inner = onOneLine(set(undefined, path.slice(depth + 1), value))
  const member = typeof key === 'number' ? inner : `${JSON.stringify(key)}: ${inner}`
  const close = parent.offset + parent.length - 1
  const newline = eolOf(text)
  const indentOf = (offset: number): string => /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? ''
  const last = parent.children?.at(-1)
  if (!last) {
    if (text.slice(parent.offset + 1, close).trim()) return undefined
    const outer = indentOf(parent.offset)
    const unit = /^\t/m.test(text) ? '\t' : '  '
    const within = parent === tree ? `${newline}${outer}${unit}${member}${newline}${outer}` : ` ${member} `
    return put(text, parent.offset + 1, within, close)
  }
  const end = last.offset + last.length
  const rest = text.slice(end, close)
  const hasComma = /^(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*)*,/.test(rest)
  const isBroken = text.slice(parent.offset, last.offset).includes('\n') && rest.includes('\n')
  if (!isBroken) return hasComma ? undefined : put(text, end, `, ${member}`)
  // behind the comment that belongs to the last member
  const at = lineEnd(text, end)
  const line = `${newline}${indentOf(last.offset)}${member}${hasComma ? ',' : ''}`
  return hasComma ? put(text, at, line) : put(put(text, at, line), end, ',')
}

function withYaml(text: string, path: Keys, value: unknown): string | undefined {
  const document = parseDocument(text, { logLevel: 'silent' })
  if (document.errors.length) return undefined
  const before: unknown = document.toJS({ maxAliasCount: 100 })
  if (before !== null && before !== undefined && (typeof before !== 'object' || Array.isArray(before))) return undefined
  const wanted = set(before, path, value)
  const made = placedInYaml(text, document.contents as YamlNode | null, path, value)
  if (made !== undefined && isSame(valueOfYaml(made), wanted)) return made
  // written in some other way: the library writes it anew, with its comments
  const written = document.contents ? document : new YamlDocument({})
  if (path.at(-1) === atEnd) written.addIn(path.slice(0, -1), written.createNode(value))
  else written.setIn(path, value)
  const anew = written.toString()
  return isSame(valueOfYaml(anew), wanted) ? anew : undefined
}

const valueOfYaml = (text: string): unknown => {
  const document = parseDocument(text, { logLevel: 'silent' })
  return document.errors.length ? undefined : document.toJS({ maxAliasCount: 100 })
}

const inBlocks = (value: unknown): string => stringify(value, { lineWidth: 0 }).trimEnd()
const inFlow = (value: unknown): string =>
  stringify(value, { lineWidth: 0, collectionStyle: 'flow', flowCollectionPadding: true }).trim()

function placedInYaml(text: string, contents: YamlNode | null, path: Keys, value: unknown): string | undefined {
  const newline = eolOf(text)
  /** A text of several lines, those behind the first as far in as told. */
  const indented = (block: string, width: number): string =>
    block.replace(/\n(?!\n|$)/g, `${newline}${' '.repeat(width)}`)
  const columnOf = (offset: number): number => offset - lineStart(text, offset)
  const entry = (depth: number): unknown => {
    const key = path[depth] as string | number
    const inner = set(undefined, path.slice(depth + 1), value)
    return typeof key === 'number' ? [inner] : { [key]: inner }
  }
  /** Puts lines below the line on which something ends. */
  const below = (end: number, block: string, width: number): string => {
    const line = `${' '.repeat(width)}${indented(block, width)}`
    // a text in lines takes its last break along
    if (end > 0 && text[end - 1] === '\n') return put(text, end, `${line}${newline}`)
    const at = lineEnd(text, end)
    return put(text, at, `${newline}${line}`)
  }
  const atTheEnd = (block: string): string => {
    const isEnded = text === '' || text.endsWith('\n')
    return `${text}${isEnded ? '' : newline}${indented(block, 0)}${newline}`
  }

  let node: YamlNode | null = contents
  for (let depth = 0; depth < path.length; depth++) {
    const key = path[depth] as string | number
    if (isEmpty(node) && depth === 0) return atTheEnd(inBlocks(entry(0)))
    if (!isCollection(node) || !node.range || isMap(node) === (typeof key === 'number')) return undefined
    const pair = isMap(node) ? node.items.find((one) => isScalar(one.key) && String(one.key.value) === key) : undefined
    const item = isSeq(node) && key !== atEnd ? node.items[Number(key)] : undefined
    const next = (pair ? pair.value : item) as YamlNode | null | undefined
    if (pair && isEmpty(next)) {
      if (depth === path.length - 1) return undefined
      const keyNode = pair.key as YamlNode
      const start = keyNode.range?.[0]
      if (start === undefined || node.flow) return undefined
      const inner = set(undefined, path.slice(depth + 1), value)
      return below(keyNode.range?.[1] as number, inBlocks(inner), columnOf(start) + 2)
    }
    if (next) {
      node = next
      continue
    }
    const last = node.items.at(-1)
    if (node.flow) {
      const own = isMap(node)
        ? inFlow(entry(depth)).replace(/^\{\s*|\s*\}$/g, '')
        : inFlow((entry(depth) as unknown[])[0])
      const end = last === undefined ? undefined : endOf(last)
      if (end !== undefined) return put(text, end, `, ${own}`)
      const [from, to] = node.range
      return text.slice(from + 1, to - 1).trim() ? undefined : put(text, from + 1, ` ${own} `, to - 1)
    }
    const first = node.items[0]
    const start = isPair(first) ? (first.key as YamlNode).range?.[0] : (first as YamlNode | undefined)?.range?.[0]
    const end = last === undefined ? undefined : endOf(last)
    if (start === undefined || end === undefined) return undefined
    if (node === contents && columnOf(start) === 0) return atTheEnd(inBlocks(entry(depth)))
    const width = isMap(node) ? columnOf(start) : text.slice(lineStart(text, start), start).indexOf('-')
    return below(end, inBlocks(entry(depth)), width)
  }
  if (!isScalar(node) || !node.range) return undefined
  return put(text, node.range[0], inFlow(value), node.range[1])
}

/** Whether nothing is written for a value. */
const isEmpty = (node: YamlNode | null | undefined): boolean =>
  node === null || (isScalar(node) && node.value === null && (node.source ?? '') === '')

/** Where something ends, without the comments and blank lines behind it. */
function endOf(item: unknown): number | undefined {
  if (isPair(item)) return endOf(item.value) ?? (item.key as YamlNode).range?.[1]
  const node = item as YamlNode | null
  if (isEmpty(node)) return undefined
  if (isCollection(node) && !node.flow && node.items.length) return endOf(node.items.at(-1))
  return node?.range?.[1]
}
