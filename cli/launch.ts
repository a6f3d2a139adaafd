#!/usr/bin/env node
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { isMainThread } from 'node:worker_threads'
import { crc32 } from 'node:zlib'

// What is built from this file starts the program: dist/cli.js and, in threads, dist/worker.js. It keeps beside it what
// V8 compiled in a first run. A run over one document is mostly code that runs for the first time, and takes a third less
// when it need not be compiled. Node does the same by itself from version 22 on, for modules, but not in 20.

/** The content of dist/program.js as a hash, put in by the build: what was compiled of another program is not this one's. */
declare const programHash: string

/** What dist/program.js gives: cli/program.ts. */
type Program = typeof import('./program.ts')

// V8 compiles a function once it has run for so many bytes of bytecode, 67,584 if left alone, lets as much garbage lie as a
// machine has room for, and doubles the room for what is new up to 48 MB. Most of what a run of seconds calls never earns back
// what compiling it costs, in threads of V8's own, and a third of its memory is garbage: docs/decisions.md has the figures.
// What is new needs no more than the megabyte that it begins with. Later versions may not know the flags.
// They come first, since V8 takes nothing that was compiled under others.
if (isMainThread && Number.parseInt(process.versions.node, 10) <= 24) {
  setFlagsFromString('--interrupt-budget=500000')
  setFlagsFromString('--heap-growing-percent=45')
  setFlagsFromString('--semi-space-growth-factor=1')
}

const folder = import.meta.dirname
const filename = join(folder, 'program.js')
const kept = join(folder, `program-${process.version}-${process.arch}-${programHash}.cache`)
// every character of the program is ASCII, and read as such takes half the memory
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: readIfSound(kept) })
const program: { exports?: Program } = {}
const require = createRequire(filename)
/** What takes Node milliseconds to load, and a run over a few documents hardly asks for: loaded once something of it is used. */
const seldom = ['node:child_process', 'node:crypto']
const requireLate = (id: string): unknown =>
  seldom.includes(id) ? new Proxy({}, { get: (_, name) => Reflect.get(require(id), name) }) : require(id)
script.runInThisContext()(program, requireLate, (url: string) => import(url), filename, folder)
const { run, runThread } = program.exports as Program
const isKept = script.cachedDataRejected === false
await (isMainThread ? run(isKept ? undefined : keepInTime()) : runThread())

/**
 * Keeps what is compiled once enough was linted that most of what runs need is among it, and before V8 drops what it
 * has not used for long, such as all that starts a run.
 *
 * @returns what to tell of each text that was linted in this thread: its length in UTF-16 units
 */
function keepInTime(): (length: number) => void {
  let linted = 0
  let isDone = false
  const keepOnce = (): void => {
    if (!isDone) keep(script.createCachedData())
    isDone = true
  }
  // a run over less, or another command, would leave out too much
  process.on('exit', () => (linted > 3000 ? keepOnce() : undefined))
  return (length) => {
    linted += length
    if (linted > 50_000) keepOnce()
  }
}

/** What `keep` has written. V8 takes what it is given at its word, and a disk that was full or lost power may hold less. */
function readIfSound(path: string): Buffer | undefined {
  try {
    const written = readFileSync(path)
    const compiled = written.subarray(0, -4)
    return written.readUInt32LE(compiled.length) === crc32(compiled) ? compiled : undefined
  } catch {
    return undefined
  }
}

/** Writes it all or not at all, since another run may be reading; where it cannot be written, each run compiles anew. */
function keep(compiled: Buffer): void {
  const unfinished = `${kept}.${process.pid}`
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(compiled))
  try {
    writeFileSync(unfinished, Buffer.concat([compiled, sum]))
    renameSync(unfinished, kept)
  } catch {
    rmSync(unfinished, { force: true })
  }
}
