import { NotificationType0, RequestType, type TextDocumentIdentifier } from 'vscode-languageserver'
import type { Catalogue } from '../engine/catalogue.ts'
import type { DocumentReading } from '../engine/lint.ts'
import { type Overview, overviewOf, type Score, siloIndex } from '../engine/measure.ts'

/** What is asked: with places only where they are to be shown, since there may be thousands. */
interface OverviewParams {
  textDocument: TextDocumentIdentifier
  places?: boolean
}

/** Who is in a document, and how well it does. */
export interface OverviewReport extends Omit<Score, 'served' | 'functions'> {
  /** Of the text that this is about. */
  version: number
  /** From 0 to 100; none where there are no words. */
  index: number | null
  /** Who is mentioned, and how often: those first who are mentioned most. */
  served: Array<[name: string, count: number]>
  functions: Array<[name: string, count: number]>
  /** Of each mention in the order of the document: its offset and length in UTF-16 units, and its name's place in `served`, or below 0 in `functions` (-1 is the first). */
  places?: number[]
}

/** Asks for what is counted in a document; null where it is no document that Silolint reads. */
export const overviewRequest = new RequestType<OverviewParams, OverviewReport | null, void>('silolint/overview')

/** Tells the client that what it was told of documents may be otherwise by now, though they have not changed. */
export const overviewsChanged = new NotificationType0('silolint/overviewsChanged')

/** How long it is counted before others get their turn, in ms. */
const slice = 8

/**
 * Counts in a document while others can be served.
 *
 * @param pause resolves when others have had their turn
 * @param isStale whether the text has changed since; then the answer is undefined
 */
export async function countIn(
  reading: DocumentReading,
  catalogue: Catalogue,
  pause: () => Promise<void>,
  isStale: () => boolean,
): Promise<Overview | undefined> {
  const steps = overviewOf(reading, catalogue)
  for (let begun = performance.now(); ; ) {
    const { done, value } = steps.next()
    if (done) return value
    if (performance.now() - begun < slice) continue
    await pause()
    if (isStale()) return undefined
    begun = performance.now()
  }
}

/** What a client is told of a document. */
export function reportOf(
  { mentions, ...counts }: Overview,
  version: number,
  findings: number,
  places: boolean,
): OverviewReport {
  const counted = { served: new Map<string, number>(), function: new Map<string, number>() }
  for (const { party, name } of mentions) counted[party].set(name, (counted[party].get(name) ?? 0) + 1)
  const byCount = (names: Map<string, number>) => [...names].sort(([, a], [, b]) => b - a)
  const [served, functions] = [byCount(counted.served), byCount(counted.function)]
  const placeOf = {
    served: new Map(served.map(([name], at) => [name, at])),
    function: new Map(functions.map(([name], at) => [name, -1 - at])),
  }
  const index = siloIndex({ ...counts, findings })
  return {
    ...counts,
    version,
    index,
    findings,
    served,
    functions,
    ...(places && {
      places: mentions.flatMap(({ party, name, start, end }) => [
        start,
        end - start,
        placeOf[party].get(name) as number,
      ]),
    }),
  }
}
