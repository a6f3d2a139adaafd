import * as v from 'valibot'
import type { VFileMessage } from 'vfile-message'
import type { Fault } from './fault.ts'
import type {} from './finding.ts'

/** A finding that a team has accepted, known by what it says rather than by where it stands. */
export interface BaselineEntry {
  rule: string
  /** The headings above it, outermost first. */
  headings: string[]
  /** The sentence around it, as `normalise` gives it. */
  sentence: string
}

/** Accepted findings by document: paths relative to the folder that holds `.silolint`, with forward slashes. */
export type Baseline = Record<string, BaselineEntry[]>

const entrySchema = v.strictObject({
  rule: v.string(),
  headings: v.optional(v.array(v.string()), []),
  sentence: v.string(),
})
const fileSchema = v.object({ version: v.literal(1), findings: v.record(v.string(), v.array(entrySchema)) })

/** The sentence as it stays the same when a paragraph is reflowed or an editor curls its quotation marks. */
export const normalise = (sentence: string): string =>
  sentence
    .normalize('NFC')
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[‐‑–—]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()

/** What makes a finding the same one after edits elsewhere, reflowing and moved sections. */
export const entryOf = ({ ruleId = '', headings = [], sentence = '', actual = '' }: VFileMessage): BaselineEntry => ({
  rule: ruleId,
  headings: headings.map(normalise),
  sentence: normalise(sentence || actual),
})

/** Reads a baseline file. One that cannot be used is a fault, and nothing is taken for known. */
export function readBaseline(text: string, path: string): { baseline: Baseline; faults: Fault[] } {
  const fault = (problem: string): { baseline: Baseline; faults: Fault[] } => ({
    baseline: {},
    faults: [
      {
        path,
        problem,
        cure: 'Mend it, or write it anew with "silolint baseline"; until then no finding counts as known.',
      },
    ],
  })
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    return fault(`the baseline is not valid JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  const result = v.safeParse(fileSchema, value)
  if (!result.success) {
    const [issue] = result.issues
    const place = (issue.path ?? []).map(({ key }) => String(key)).join('.')
    return fault(`the baseline does not have the form that silolint writes${place ? `, at ${place}` : ''}`)
  }
  return { baseline: result.output.findings, faults: [] }
}

/** The text of a baseline file: sorted, one finding a line, so that a change of it can be reviewed. */
export function baselineToString(baseline: Baseline): string {
  const documents = Object.entries(baseline)
    .filter(([, entries]) => entries.length)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, entries]) => {
      const lines = entries.map((entry) => `      ${JSON.stringify(entry)}`).sort()
      return `    ${JSON.stringify(path)}: [\n${lines.join(',\n')}\n    ]`
    })
  return `{\n  "version": 1,\n  "findings": {${documents.length ? `\n${documents.join(',\n')}\n  ` : ''}}\n}\n`
}

/** Findings of a document, parted by whether the baseline has them, with its entries that nothing matched. */
export interface Parted {
  fresh: VFileMessage[]
  known: VFileMessage[]
  unmatched: BaselineEntry[]
  /** The entries of documents that are gone by which findings of this one are known. */
  moved: BaselineEntry[]
}

/** What a baseline accepts, document by document; the entries of one that is gone go with its sentences. */
export class Accepted {
  private readonly baseline: Baseline
  private readonly exists: (document: string) => boolean
  /** All entries by rule and sentence, made when a document first has something new. */
  private bySentence: Map<string, Array<{ entry: BaselineEntry; document: string }>> | undefined
  /** The document that has taken an entry over: each accepts one finding, or a copy would be known too. */
  private readonly takers = new Map<BaselineEntry, string>()

  /** @param exists whether there is a document that the baseline calls so */
  constructor(baseline: Baseline, exists: (document: string) => boolean) {
    this.baseline = baseline
    this.exists = exists
  }

  /** Parts the findings of a document. Asked again for one document, it gives the same. */
  part(document: string, findings: readonly VFileMessage[]): Parted {
    const parted = partKnown(findings, this.baseline[document] ?? [])
    for (const [entry, taker] of this.takers) if (taker === document) this.takers.delete(entry)
    if (!parted.fresh.length || !Object.keys(this.baseline).length) return parted
    const free = new Set<BaselineEntry>()
    for (const finding of parted.fresh) {
      for (const { entry, document: old } of this.alike(entryOf(finding))) {
        const taker = this.takers.get(entry)
        if (old !== document && !this.exists(old) && (taker === undefined || !this.exists(taker))) free.add(entry)
      }
    }
    if (!free.size) return parted
    const more = partKnown(parted.fresh, [...free])
    const moved = [...free].filter((entry) => !more.unmatched.includes(entry))
    for (const entry of moved) this.takers.set(entry, document)
    const known = new Set([...parted.known, ...more.known])
    return {
      fresh: more.fresh,
      known: findings.filter((finding) => known.has(finding)),
      unmatched: parted.unmatched,
      moved,
    }
  }

  private alike({ rule, sentence }: BaselineEntry): ReadonlyArray<{ entry: BaselineEntry; document: string }> {
    const keyOf = (rule: string, sentence: string): string => `${rule}\n${normalise(sentence)}`
    if (!this.bySentence) {
      this.bySentence = new Map()
      for (const [document, entries] of Object.entries(this.baseline)) {
        for (const entry of entries) {
          const key = keyOf(entry.rule, entry.sentence)
          this.bySentence.set(key, [...(this.bySentence.get(key) ?? []), { entry, document }])
        }
      }
    }
    return this.bySentence.get(keyOf(rule, sentence)) ?? []
  }
}

/**
 * Parts findings by whether a document's entries have them. Each entry accepts one finding: first under the
 * same headings, then wherever the sentence has been moved to.
 */
export function partKnown(findings: readonly VFileMessage[], entries: readonly BaselineEntry[]): Parted {
  const left = new Set(entries)
  const known = new Set<VFileMessage>()
  for (const isStrict of [true, false]) {
    for (const finding of findings) {
      if (known.has(finding)) continue
      const own = entryOf(finding)
      for (const entry of left) {
        if (entry.rule !== own.rule || normalise(entry.sentence) !== own.sentence) continue
        if (isStrict && entry.headings.join('\n') !== own.headings.join('\n')) continue
        left.delete(entry)
        known.add(finding)
        break
      }
    }
  }
  return {
    fresh: findings.filter((finding) => !known.has(finding)),
    known: [...known],
    unmatched: [...left],
    moved: [],
  }
}
