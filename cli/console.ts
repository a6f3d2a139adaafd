import { once } from 'node:events'
import { isAbsolute, relative } from 'node:path'
import { type Fault, faultToString } from '../engine/fault.ts'
import manifest from '../package.json' with { type: 'json' }
import { slashed } from './documents.ts'

/** The exit code only ever rises: a finding after a fault does not hide the fault. */
export function exitWith(code: number): void {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code)
}

const said = new Set<string>()
/** Prints what is not a finding, and each text once: all documents share most faults of their configuration. */
export function say(text: string): void {
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
  if (text && !process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** For what cannot happen: a bug is told with its stack, and never taken for a clean run. */
export function complain(error: unknown, place = ''): void {
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
