import type { Colors } from 'picocolors/types'
import type { RuleInfo } from '../engine/linter.ts'
import type { LintResult } from './silolint.ts'

/** One way to print findings. Text is asked for document by document, so that large runs need not be held in memory. */
export interface Report {
  /** What to print for a linted document; it may have no findings. */
  document(result: Shown): string
  /** What to print when all documents are done. */
  end(summary: Summary): string | Promise<string>
}

/** Numbers of findings that are not shown: in the baseline, suppressed by comments, on lines that did not change, or by --quiet. */
export type Hidden = Record<'baseline' | 'suppressed' | 'unchanged' | 'quiet', number>

/** A linted document with the findings to show. */
export interface Shown extends LintResult {
  hidden: Readonly<Hidden>
}

/** The document with these of its findings shown. @param before what was hidden already when it was linted elsewhere */
export function shown(result: LintResult, findings: LintResult['findings'], before?: Partial<Hidden>): Shown {
  const { path, file, known, unchanged, unmatched, moved, suppressed, suppressions } = result
  const hidden = {
    baseline: known.length + (before?.baseline ?? 0),
    suppressed: suppressed.length + (before?.suppressed ?? 0),
    unchanged: unchanged.length + (before?.unchanged ?? 0),
    quiet: result.findings.length - findings.length + (before?.quiet ?? 0),
  }
  return {
    ...{ path, file, findings, known, unchanged, unmatched, moved, suppressed, suppressions, hidden },
    // only what is shown of it needs a document's text
    get source() {
      return result.source
    },
  }
}

/** What a run amounts to, for the end of a report. */
export interface Summary {
  /** The rules that were in force for at least one document, with what is known of them, sorted by id; they may have to be loaded. */
  rules(): Promise<readonly RuleInfo[]>
  /** Of all documents. */
  hidden: Readonly<Hidden>
  /** The rules that were asked for and that no configuration knows: nothing was looked for in their name. */
  unknown: readonly string[]
  /** Paths, from here, of files of the configuration that could not be used as they are, so that rules may be missing. */
  faulty: readonly string[]
}

/** What a report may want to know of the place it is printed to. */
export interface Destination {
  colors: Colors
  /** Columns to keep within; none for a file or a pipe. */
  width?: number
  /** What tells the alerts of this run from those of others in a service that takes several. */
  category?: string | undefined
}

/** The formats by name, each loaded when it is wanted: most runs use one. */
export const formats = {
  stylish: async ({ colors, width }: Destination): Promise<Report> =>
    (await import('./report/stylish.ts')).stylish(colors, width),
  compact: async (): Promise<Report> => (await import('./report/compact.ts')).compact(),
  json: async (): Promise<Report> => (await import('./report/json.ts')).json(),
  jsonl: async (): Promise<Report> => (await import('./report/jsonl.ts')).jsonl(),
  sarif: async ({ category }: Destination): Promise<Report> => (await import('./report/sarif.ts')).sarif(category),
  github: async (): Promise<Report> => (await import('./report/github.ts')).github(process.env.GITHUB_STEP_SUMMARY),
  gitlab: async (): Promise<Report> => (await import('./report/gitlab.ts')).gitlab(),
  junit: async (): Promise<Report> => (await import('./report/junit.ts')).junit(),
  checkstyle: async (): Promise<Report> => (await import('./report/checkstyle.ts')).checkstyle(),
  rdjson: async (): Promise<Report> => (await import('./report/rdjson.ts')).rdjson(),
  rdjsonl: async (): Promise<Report> => (await import('./report/rdjson.ts')).rdjsonl(),
  html: async (): Promise<Report> => (await import('./report/html.ts')).html(),
} as const satisfies Record<string, (destination: Destination) => Promise<Report>>

/** The name of a format. */
export type FormatName = keyof typeof formats
/** The names of all formats, as the command line takes them. */
export const formatNames = Object.keys(formats) as FormatName[]
