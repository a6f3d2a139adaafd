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

/** Edits may make room for others, or for new findings; after so many rounds rules fight each other. */
const mostRounds = 10

/**
 * The text with every rewrite made that is safe without anybody looking, until none is left. Fixing what
 * has been fixed changes nothing.
 *
 * @param lint gives the findings of a text
 */
export function fixSafely(
  source: string,
  lint: (source: string) => readonly VFileMessage[],
): { source: string; fixed: number } {
  let fixed = 0
  let text = source
  for (let round = 0; round < mostRounds; round++) {
    const edits = lint(text).flatMap((finding) => {
      const [rewrite] = finding.expected ?? []
      return finding.safe && rewrite !== undefined ? [editOf(finding, rewrite, text)] : []
    })
    if (!edits.length) break
    const { source: next, applied } = applyEdits(text, edits)
    if (next === text) break
    text = next
    fixed += applied.length
  }
  return { source: text, fixed }
}
