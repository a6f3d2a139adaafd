import { isMap, isScalar, isSeq, Parser, parseDocument, type Scalar } from 'yaml'
import { Prose } from './block.ts'
import { type Comment, lineComment } from './comment.ts'
import type { SourceText } from './rope.ts'

/** Keys whose values are prose about the document; all others (titles, dates, tags) are data. */
const spoken = /^(?:purpose|objectives?|goals?|aims?|mission|vision|intent|scope|measures?|metrics|kpis?|okrs?)$/i

/** Without such a key nothing in front matter is spoken, and YAML need not be parsed to find that out. */
const mayBeSpoken =
  /\b(?:purpose|objectives?|goals?|aims?|mission|vision|intent|scope|measures?|metrics|kpis?|okrs?)["']?\s*:/i

/** The parser of YAML calls itself for each level; what is nested deeper, or longer, is no front matter but an attack. */
const deepest = 100
const longest = 65_536

function isNestedDeeper(text: string, most: number): boolean {
  let depth = 0
  for (const character of text) {
    if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth--
    if (depth > most) return true
  }
  return false
}

/** What front matter says under one key: a line "purpose: …", or a line "objectives:" and its entries. */
export interface FrontMatterEntry {
  prose: Prose
  entries: Prose[]
}

/**
 * The prose of YAML front matter: the values of keys such as `purpose` and `objectives`, with the key
 * before them, so that it is their label. Front matter that is not valid YAML has none.
 *
 * @param from the offset of the opening fence in `source`, UTF-16 units as all offsets
 */
export function readFrontMatter(source: SourceText, from: number, to: number): FrontMatterEntry[] {
  const opening = /^\uFEFF?---[^\n]*\n/.exec(source.slice(from, to))
  if (!opening) return []
  const start = from + opening[0].length
  const text = source.slice(start, to).replace(/(?:---|\.\.\.)[ \t]*$/, '')
  if (!mayBeSpoken.test(text) || text.length > longest || isNestedDeeper(text, deepest)) return []
  const { contents, errors } = parseDocument(text, { logLevel: 'silent' })
  if (errors.length || !isMap(contents)) return []
  const found: FrontMatterEntry[] = []
  for (const { key, value } of contents.items) {
    if (!isScalar(key) || !key.range || !spoken.test(String(key.value))) continue
    const prose = new Prose(source)
    const [keyFrom, keyTo] = [start + key.range[0], start + key.range[1]]
    prose.add(keyFrom, keyTo)
    const colon = source.indexOf(':', keyTo)
    prose.add(colon, colon + 1)
    if (isScalar(value) && typeof value.value === 'string') {
      prose.addReference(colon + 1, colon + 1, ' ')
      addScalar(prose, value, start)
      found.push({ prose, entries: [] })
    } else if (isSeq(value)) {
      const entries = value.items.flatMap((item) => {
        if (!isScalar(item) || typeof item.value !== 'string') return []
        const entry = new Prose(source)
        addScalar(entry, item, start)
        return entry
      })
      if (entries.length) found.push({ prose, entries })
    }
  }
  return found
}

/** The comments in YAML or TOML front matter that speak to Silolint; `#` within a text is none. */
export function readFrontMatterComments(source: SourceText, from: number, to: number): Comment[] {
  const comments: Comment[] = []
  const add = (text: string, offset: number): void => {
    const comment = lineComment(text, offset)
    if (comment) comments.push(comment)
  }
  const opening = /^\uFEFF?(---|\+\+\+)[^\n]*\n/.exec(source.slice(from, to))
  if (!opening) return comments
  const start = from + opening[0].length
  const text = source.slice(start, to)
  if (opening[1] === '+++') {
    for (const { index, 0: line } of text.matchAll(/^.+$/gm)) add(line, start + index)
    return comments
  }
  // not by recursion: a value nested thousands deep must not make it throw
  const left: unknown[] = [...new Parser().parse(text.replace(/(?:---|\.\.\.)[ \t]*$/, ''))]
  while (left.length) {
    const token = left.pop()
    if (typeof token !== 'object' || token === null) continue
    const { type, offset, source: own } = token as { type?: string; offset?: number; source?: string }
    if (type === 'comment' && offset !== undefined && own !== undefined) add(own, start + offset)
    else for (const part of Object.values(token)) left.push(part)
  }
  return comments.sort((a, b) => a.start - b.start)
}

/** The words of a scalar as they stand in the source, without quotation marks and block indicators. */
function addScalar(prose: Prose, { type, range, value }: Scalar, start: number): void {
  if (!range) return
  const [from, to] = [start + range[0], start + range[1]]
  if (type === 'BLOCK_FOLDED' || type === 'BLOCK_LITERAL') {
    prose.add(prose.source.indexOf('\n', from) + 1, to)
    return
  }
  const isQuoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE'
  const [first, last] = isQuoted ? [from + 1, to - 1] : [from, to]
  // an escape would make the source differ from what it says
  if (isQuoted && prose.source.slice(first, last).replace(/\s+/g, ' ') !== String(value).replace(/\s+/g, ' ')) return
  prose.add(first, last)
}
