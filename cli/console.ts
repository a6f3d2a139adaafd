import { once } from 'node:events'
import { isAbsolute, relative } from 'node:path'
import picocolors from 'picocolors'
import { type Fault, faultToString } from '../engine/fault.ts'
import manifest from '../package.json' with { type: 'json' }
import { count, slashed } from './documents.ts'
import type { Destination } from './report.ts'
import type { Progress } from './silolint.ts'

/** The exit code only ever rises: a finding after a fault does not hide the fault. */
export function exitWith(code: number): void {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code)
}

let interrupting: AbortController | undefined
/**
 * Aborted when somebody presses Ctrl-C, or the process is asked to end: what is at work stops where nothing is left
 * half-written. Asked a second time, the process ends at once.
 */
export function interruption(): AbortSignal {
  if (interrupting) return interrupting.signal
  const controller = new AbortController()
  interrupting = controller
  for (const [name, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 })) {
    process.once(name, () => controller.abort(new Interruption(128 + number)))
  }
  return controller.signal
}

/** Why a run ended before it was done, with the exit code that shells expect of it. */
export class Interruption extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('interrupted')
    this.exitCode = exitCode
  }
}

const showAfter = 1000
const showEvery = 200
/** When the run began: with the process, or anew with a further pass. */
let began = Date.now() - process.uptime() * 1000
/** When the first document was done; before it the rules are compiled. */
let firstDone: number | undefined
let shown = 0
let isShown = false
let endsLine = true
let lastProgress: Progress | undefined
/** How many documents there are, where they are linted as they are found: whoever wants to know has them counted. */
let counted: { ask(): Promise<number>; asked?: Promise<void>; total?: number } | undefined

/** Says how the documents of a run are counted, should somebody want to know how many are left. */
export function countBy(ask: () => Promise<number>): void {
  counted = { ask }
}

async function countDocuments(): Promise<void> {
  if (!counted) return
  const counting = counted
  counting.asked ??= counting.ask().then(
    (total) => {
      counting.total = total
    },
    // the run itself meets the same fault, and tells it
    () => {},
  )
  await counting.asked
}

/** Shows how far a run has come, where it takes long and stderr is a terminal; any other output takes it away. */
export function showProgress(progress: Progress): void {
  lastProgress = progress
  const { done, findings, total = counted?.total } = progress
  if (!process.stderr.isTTY) return
  const now = Date.now()
  firstDone ??= now
  if (done === total) {
    clearProgress()
    return
  }
  // a line of output that has not ended must stay whole
  if (done < 2 || now - began < showAfter || now - shown < showEvery || (process.stdout.isTTY && !endsLine)) return
  void countDocuments()
  if (total === undefined) return
  shown = now
  const seconds = Math.ceil((((now - firstDone) / Math.max(1, done - 1)) * Math.max(0, total - done)) / 1000)
  const left = seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
  clearProgress()
  isShown = true
  const text = `${done.toLocaleString('en')} of ${count(total, 'document')}, ${count(findings, 'finding')}, about ${left} left`
  process.stderr.write(text.slice(0, (process.stderr.columns || 80) - 1))
}

function clearProgress(): void {
  if (isShown) process.stderr.write('\r\x1B[K')
  isShown = false
}

/** Says that the run ended early, and how much of it was done. */
export async function tellInterruption(): Promise<void> {
  if (lastProgress && lastProgress.total === undefined) await countDocuments()
  const { done, total = counted?.total ?? done } = lastProgress ?? { done: 0, total: 0 }
  say(
    total
      ? `Interrupted after ${done.toLocaleString('en')} of ${count(total, 'document')}: what was printed is not all, and no report file was written.`
      : 'Interrupted before anything was linted.',
  )
}

/** For a further pass of the same process, which says again what still holds. */
export function sayAnew(): void {
  said.clear()
  began = Date.now()
  firstDone = undefined
}

const said = new Set<string>()
/** Prints what is not a finding, and each text once: all documents share most faults of their configuration. */
export function say(text: string): void {
  clearProgress()
  if (!said.has(text)) process.stderr.write(`${printable(text)}\n`)
  said.add(text)
}

/** A path as seen from the current folder, with forward slashes; absolute where it lies outside. */
export function fromHere(path: string): string {
  const near = isAbsolute(path) ? relative('', path) : path
  return slashed(near.startsWith('..') ? path : near)
}

/** Tells a fault with its place as seen from the current folder; the run ends with 2. */
export function reportFault(fault: Fault): void {
  say(faultToString({ ...fault, path: fromHere(fault.path) }))
  exitWith(2)
}

/** Waits until stdout took the text: a pipe that is read slowly must not make the whole output pile up in memory. */
export async function print(text: string): Promise<void> {
  if (!text) return
  clearProgress()
  endsLine = text.endsWith('\n')
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** How stdout takes colours and how wide it is. */
export function terminal(): Destination {
  const { isTTY, columns } = process.stdout
  // picocolors alone colours every output on Windows and in CI, also one that goes into a file.
  const { FORCE_COLOR } = process.env
  const colored = picocolors.isColorSupported && FORCE_COLOR !== '0' && (isTTY || Boolean(FORCE_COLOR))
  return { colors: picocolors.createColors(colored), width: columns || Number(process.env.COLUMNS) || undefined }
}

/** For what cannot happen: a bug is told with its stack, and never taken for a clean run. */
export function complain(error: unknown, place = ''): void {
  clearProgress()
  const stack = error instanceof Error ? error.stack : String(error)
  process.stderr.write(`${place}This is a bug in silolint ${manifest.version}; please report it.\n${stack}\n`)
  exitWith(2)
}

/**
 * Text that is safe on a terminal. A document is not trusted: escape sequences in it could rewrite what was printed
 * before, and bidirectional controls could make a line read differently from what it says.
 */
export function printable(text: string): string {
  return text.replace(/[\t\r\n]/g, ' ').replace(/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD')
}
