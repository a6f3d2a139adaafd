import { getLocation, getNodeValue, parseTree } from 'jsonc-parser'
import { getDescription } from 'valibot'
import {
  type ClientCapabilities,
  type CompletionItem,
  CompletionItemKind,
  type Hover,
  MarkupKind,
  type Position,
} from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { isMap, isPair, isScalar, isSeq, parseDocument, type Scalar, visit } from 'yaml'
import { builtIn } from '../engine/builtin.ts'
import type { Linter } from '../engine/index.ts'
import { type Keys, overrideSchema, settingsSchema } from '../engine/settings.ts'
import { severities } from '../engine/severity.ts'
import { escapeMarkdown, plain } from './hover.ts'

/** How a configuration file of a name is written; undefined for any other file. */
export function configurationSyntax(uri: string): 'json' | 'yaml' | undefined {
  const [, ending] = /\/(?:\.silolintrc|silolint\.config(?=\.))(\.jsonc?|\.ya?ml|)$/.exec(uri) ?? []
  if (ending === undefined) return undefined
  return ending.startsWith('.json') ? 'json' : 'yaml'
}

const levelsSaid: Record<string, string> = {
  off: 'Not looked for.',
  info: 'Told, and never a reason to fail.',
  warning: 'Told; fails where warnings are counted.',
  error: 'Told; the command line fails.',
}

/**
 * What can be written at a place of a configuration file: its keys, ids of rules, names of vocabularies and sectors, and
 * what a rule can be set to.
 *
 * @param hasSchema the editor offers what the schema of configuration files says: what comes with Silolint
 */
export function completeConfiguration(
  document: TextDocument,
  position: Position,
  linter: Linter,
  hasSchema: boolean,
): CompletionItem[] {
  const isJson = configurationSyntax(document.uri) === 'json'
  const spot = isJson ? jsonSpot(document, position) : yamlSpot(document, position)
  if (!spot) return []
  const range = { start: document.positionAt(spot.start), end: document.positionAt(spot.end) }
  const item = (label: string, kind: CompletionItemKind, detail?: string): CompletionItem => {
    const written = isJson && !/^(?:true|false)$/.test(label) ? JSON.stringify(label) : label
    const newText = spot.isKey && !spot.hasValue ? `${written}: ` : written
    return { label, kind, ...(detail && { detail }), filterText: written, textEdit: { range, newText } }
  }
  /** Of what can be named, what the schema does not offer already. */
  const news = (names: readonly string[], known: ReadonlyArray<{ id: string }>): string[] =>
    names.filter((name) => !spot.siblings.includes(name) && !(hasSchema && known.some(({ id }) => id === name)))
  const { path, isKey } = spot
  const inOverride = path[0] === 'overrides' && typeof path[1] === 'number'
  const [setting, ...below] = inOverride ? path.slice(2) : path
  if (isKey) {
    if (!below.length && hasSchema) return []
    if (!below.length)
      return Object.entries((inOverride ? overrideSchema : settingsSchema).entries)
        .filter(([key]) => !spot.siblings.includes(key))
        .map(([key, schema]) =>
          item(key, CompletionItemKind.Property, getDescription('wrapped' in schema ? schema.wrapped : schema)),
        )
    if (below.length > 1) return []
    if (setting === 'rules')
      return news(
        linter.rules.map(({ id }) => id),
        builtIn.rules,
      ).map((id) => item(id, CompletionItemKind.Reference, linter.rules.find((rule) => rule.id === id)?.title))
    if (setting === 'vocabularies')
      return news([...linter.catalogue.vocabularies.keys()], builtIn.vocabularies).map((name) =>
        item(name, CompletionItemKind.Variable, builtIn.vocabularies.find(({ id }) => id === name)?.title),
      )
    return []
  }
  if (hasSchema) return []
  if ((setting === 'rules' && below.length === 1) || (setting === 'plugins' && (below.length === 1 || below[1] === 0)))
    return ['off', ...severities.toReversed()].map((level) =>
      item(level, CompletionItemKind.EnumMember, levelsSaid[level]),
    )
  if (setting === 'sector') return builtIn.sectors.map(({ id }) => item(id, CompletionItemKind.EnumMember))
  return setting === 'root' ? ['true', 'false'].map((one) => item(one, CompletionItemKind.EnumMember)) : []
}

/** So many examples show what a rule flags. */
const mostShown = 3

/** What a rule flags, over its id in a configuration file, and how much it weighs there. */
export function hoverConfiguration(
  document: TextDocument,
  position: Position,
  { rules, catalogue }: Linter,
  client: ClientCapabilities,
): Hover | null {
  const isJson = configurationSyntax(document.uri) === 'json'
  const spot = isJson ? jsonSpot(document, position) : yamlSpot(document, position)
  if (!spot?.isKey) return null
  const path = spot.path[0] === 'overrides' ? spot.path.slice(2) : spot.path
  const [setting, id] = path
  const rule = path.length === 2 && setting === 'rules' ? rules.find((rule) => rule.id === id) : undefined
  if (!rule) return null
  const isMarkdown = client.textDocument?.hover?.contentFormat?.includes(MarkupKind.Markdown)
  const text = isMarkdown ? escapeMarkdown : (words: string): string => words
  const shown = (catalogue.rules.find((one) => one.id === id)?.examples ?? [])
    .filter(({ flagged, text }) => flagged && !text.includes('\n'))
    .slice(0, mostShown)
  const value = [
    isMarkdown ? `**${text(rule.title)}** (${rule.severity})` : `${rule.title} (${rule.severity})`,
    text(plain(rule.note)),
    ...(shown.length ? [`Flags, for example:\n\n${shown.map((one) => `- ${text(one.text.trim())}`).join('\n')}`] : []),
    isMarkdown ? `[${rule.id}](${rule.url})` : rule.url,
  ].join('\n\n')
  return {
    contents: { kind: isMarkdown ? MarkupKind.Markdown : MarkupKind.PlainText, value },
    range: { start: document.positionAt(spot.start), end: document.positionAt(spot.end) },
  }
}

/** What a place in a configuration is for. */
interface Spot {
  /** The keys and indices down to it, the key itself where it is one. */
  path: Keys
  isKey: boolean
  /** A key that is followed by its colon. */
  hasValue: boolean
  /** Other keys of the same map. */
  siblings: string[]
  /** Where the key or value stands, with its quotation marks. */
  start: number
  end: number
}

function jsonSpot(document: TextDocument, position: Position): Spot | undefined {
  const source = document.getText()
  const offset = document.offsetAt(position)
  const { path, isAtPropertyKey: isKey, previousNode } = getLocation(source, offset)
  const node =
    previousNode && previousNode.offset <= offset && offset <= previousNode.offset + previousNode.length
      ? previousNode
      : undefined
  const [start, end] = node ? [node.offset, node.offset + node.length] : [offset, offset]
  const above = path.slice(0, -1)
  const tree = parseTree(source, [], { allowTrailingComma: true })
  let map: unknown = tree && getNodeValue(tree)
  for (const key of above) map = (map as Record<string | number, unknown> | null | undefined)?.[key]
  return {
    ...{ path, isKey, start, end },
    hasValue: /^\s*:/.test(source.slice(end)),
    siblings: isKey && typeof map === 'object' && map ? Object.keys(map).filter((key) => key !== path.at(-1)) : [],
  }
}

/** What stands for the place while the file is read; no text has it. */
const mark = '\uE000'

function yamlSpot(document: TextDocument, position: Position): Spot | undefined {
  const source = document.getText()
  const offset = document.offsetAt(position)
  const [line] = /[^\n]*$/.exec(source.slice(0, offset)) ?? ['']
  const [rest] = /^[^\r\n]*/.exec(source.slice(offset)) ?? ['']
  // a key that is being written has no colon yet, without which it is none
  const [, quote] = /^\s*(?:-\s+)?(["']?)[\w/.-]*$/.exec(line) ?? []
  const opens = quote !== undefined && rest.trim() === quote
  const marked = `${source.slice(0, offset)}${mark}${opens ? `${quote}:` : ''}${source.slice(offset + (opens ? quote.length : 0))}`
  let found: Spot | undefined
  visit(parseDocument(marked, { logLevel: 'silent' }), {
    Scalar(key, node: Scalar, ancestors) {
      if (!node.range || !String(node.value).includes(mark)) return undefined
      const path: Array<string | number> = []
      for (const [index, one] of ancestors.entries()) {
        const next = ancestors[index + 1] ?? node
        if (isSeq(one)) path.push(one.items.indexOf(next as never))
        if (isPair(one) && one.value === next && isScalar(one.key)) path.push(String(one.key.value))
      }
      const map = ancestors.at(-2)
      const name = String(node.value).replace(mark, '')
      const [start, end] = node.range
      // the mark is of no length in the file, and the quotation mark behind it is as it was
      found = {
        path: key === 'key' ? [...path, name] : path,
        isKey: key === 'key',
        hasValue: !opens && /^\s*:/.test(marked.slice(end)),
        siblings: isMap(map)
          ? map.items.flatMap((pair) => (isScalar(pair.key) && pair.key !== node ? [String(pair.key.value)] : []))
          : [],
        start,
        end: end - mark.length,
      }
      // an item of a list that is being written is no map
      if (opens && typeof path.at(-1) === 'number' && path[0] !== 'overrides') found = { ...found, path, isKey: false }
      return visit.BREAK
    },
  })
  return found
}
