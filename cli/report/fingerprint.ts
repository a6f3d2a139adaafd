import { createHash } from 'node:crypto'
import type { VFileMessage } from 'vfile-message'
import { entryOf } from '../../engine/baseline.ts'

/**
 * A name for each finding of a document by which a service knows it again on the next run: made from its rule and its
 * sentence as the baseline has them, so that reflow, moved sections and edits elsewhere leave it alone. No two findings
 * of the document share one; with its path given, no two of a report do.
 */
export function fingerprintsOf(findings: readonly VFileMessage[], path = ''): string[] {
  const seen = new Map<string, number>()
  return findings.map((finding) => {
    // Headings are left out: renaming one would close all alerts below it and open them anew.
    const { rule, sentence } = entryOf(finding)
    const key = JSON.stringify([path, rule, sentence])
    const occurrence = (seen.get(key) ?? 0) + 1
    seen.set(key, occurrence)
    return createHash('sha256').update(`${key}${occurrence}`).digest('hex').slice(0, 32)
  })
}
