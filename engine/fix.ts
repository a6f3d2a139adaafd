import type { VFileMessage } from 'vfile-message'
import { rangeOf } from './finding.ts'
import { articleOf } from './rewrite.ts'

/** A change of a text: what stands between two offsets (UTF-16 units, the end exclusive) becomes `text`. */
export interface Edit {
  start: number
  end: number
  text: string
}

/**
 * The edit that puts a rewrite in the place of a finding. Words that are left out take one blank beside them along, and
 * "a" or "an" right before them changes where the next word begins with another sound.
 */
export function editOf(finding: VFileMessage, rewrite: string, source: string): Edit {
  const { start, end } = rangeOf(finding)
  let [from, to] = [start.offset, end.offset]
  if (rewrite === '') {
    const isBlank = (at: number): boolean => source[at] === ' ' || source[at] === '\t'
    if (isBlank(to) && (isBlank(from - 1) || from === 0 || source[from - 1] === '\n')) to++
    else if (isBlank(from - 1) && /[\s.,;:!?)\]]/.test(source[to] ?? '\n')) from--
  }
  // the text of a rewrite has plain line breaks
  const text = source.includes('\r\n') ? rewrite.replace(/\r?\n/g, '\r\n') : rewrite
  const article = articleBefore(source, from)
  const wordAt = (text: string): string => /^\s*(\p{L}[\p{L}-]*)/u.exec(text)?.[1] ?? ''
  const [was, is] = [wordAt(source.slice(start.offset, end.offset)), wordAt(text || source.slice(to, to + 100))]
  // a letter ("Plan A"), or an article that the writer chose for a sound of their own, stays
  if (!article || !was || !is || articleOf(was) !== article.toLowerCase() || articleOf(is) === articleOf(was))
    return { start: from, end: to, text }
  const at = source.lastIndexOf(article, from - 1)
  const other = article[0] + articleOf(is).slice(1)
  return { start: at, end: to, text: other + source.slice(at + article.length, from) + text }
}

/** "a" or "an" right before an offset; a capital one where a sentence begins. */
function articleBefore(source: string, offset: number): string | undefined {
  const before = source.slice(Math.max(0, offset - 40), offset)
  return /(?:^|[^\p{L}\p{N}'’.-])(an?)\s+$/u.exec(before)?.[1] ?? /(?:^|[.!?:"“(|*#>\n-]\s*)(An?)\s+$/.exec(before)?.[1]
}

/** The text with edits made; of edits that overlap the first is made and the others are left for another time. */
export function applyEdits(source: string, edits: readonly Edit[]): { source: string; applied: Edit[] } {
  const applied: Edit[] = []
  let made = ''
  let at = 0
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at || (applied.length && edit.start === at && edit.end === at)) continue
    made += source.slice(at, edit.start) + edit.text
    at = edit.end
    applied.push(edit)
  }
  return { source: made + source.slice(at), applied }
}

/** Edits of a text and edits of what these made of it, as edits of the text; none of them overlaps or touches another. */
function composed(first: readonly Edit[], middle: string, next: readonly Edit[]): Edit[] {
  let grown = 0
  const made = first.map(({ start, end, text }) => {
    const from = start + grown
    grown += text.length - (end - start)
    return { from, to: from + text.length, growth: text.length - (end - start), edit: undefined }
  })
  const ranges = [...made, ...next.map((edit) => ({ from: edit.start, to: edit.end, growth: 0, edit }))]
  ranges.sort((a, b) => a.from - b.from || a.to - b.to)
  const groups: Array<{ from: number; to: number; growth: number; edits: Edit[] }> = []
  for (const { from, to, growth, edit } of ranges) {
    const last = groups.at(-1)
    const group = last && from <= last.to ? last : { from, to, growth: 0, edits: [] }
    if (group !== last) groups.push(group)
    group.to = Math.max(group.to, to)
    group.growth += growth
    if (edit) group.edits.push(edit)
  }
  let before = 0
  return groups.map(({ from, to, growth, edits }) => {
    const within = edits.map(({ start, end, text }) => ({ start: start - from, end: end - from, text }))
    const start = from - before
    before += growth
    return { start, end: to - before, text: applyEdits(middle.slice(from, to), within).source }
  })
}

/** The part of a text that is another in a later one, as one edit. */
export function difference(before: string, after: string): Edit {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++
  // a line break of two characters is not parted
  if (after[start - 1] === '\r') start--
  return { start, end: before.length - end, text: after.slice(start, after.length - end) }
}

/** Edits may make room for others, or for new findings; after so many rounds rules fight each other. */
const mostRounds = 10

/**
 * The text with every rewrite made that is safe without anybody looking, until none is left, and the edits of the text
 * that make it so. Fixing what has been fixed changes nothing.
 *
 * @param lint gives the findings of a text
 */
export function fixSafely(
  source: string,
  lint: (source: string) => readonly VFileMessage[],
): { source: string; fixed: number; edits: Edit[] } {
  let fixed = 0
  let text = source
  let all: Edit[] = []
  for (let round = 0; round < mostRounds; round++) {
    const edits = lint(text).flatMap((finding) => {
      const [rewrite] = finding.expected ?? []
      return finding.safe && rewrite !== undefined ? [editOf(finding, rewrite, text)] : []
    })
    if (!edits.length) break
    const { source: next, applied } = applyEdits(text, edits)
    if (next === text) break
    all = composed(all, text, applied)
    text = next
    fixed += applied.length
  }
  return { source: text, fixed, edits: all }
}
